"""What keeps a backup from being made, read or restored, as sentences: on the command line with exit status 1, on the page
as a notice. Knows no archive.
"""

from click import ClickException

SENTENCES = {
    "foreign": "“{name}”不是本系统的备份。没有作任何改动。请核对文件名。",
    "damaged": "“{name}”不完整，或被改动过（{where}）。没有作任何改动。请换一份备份。",
    "wrong_key": "私钥或口令打不开“{name}”。没有作任何改动。请核对制作备份时用的是哪一份。",
    "newer": "“{name}”由更新的版本制作（数据库版本 {revision}）。没有作任何改动。请先把程序升级到同一版本。",
    "not_empty": "{what}不是空的。没有作任何改动。恢复只写入空的地方：请另设 {setting}，或先把原来的移走。",
    "keys_differ": "密钥文件与备份不符（{which}）。没有作任何改动。请用与这份备份同时期的密钥文件。",
    "keys_missing": "还缺密钥文件：{which}。没有作任何改动。请用 --keys 指明备份的密钥文件。",
    "keys_foreign": "“{name}”不是密钥文件的备份。没有作任何改动。请用 flask backup keys 制作的文件。",
    "no_recipient": "备份一律加密，还没有设定用什么加密。请设 BACKUP_RECIPIENT（公钥，用 flask backup new-key 生成）"
    "或 BACKUP_PASSPHRASE_FILE（口令文件）。",
    "bad_recipient": "BACKUP_RECIPIENT 不是公钥：公钥以 age1 开头。请用 flask backup new-key 生成。",
    "bad_identity": "“{name}”不是私钥文件。请用 flask backup new-key 生成的文件。",
    "pass_short": "口令太短：至少 {least} 个字符。",
    "pass_readable": "口令文件“{name}”可以被其他用户读取。请先运行 chmod 600。",
    "unreadable": "无法读取“{name}”：{why}。",
    "unwritable": "无法写入“{name}”：{why}。没有留下不完整的备份。",
    "there": "“{name}”已经存在，不会覆盖。请换一个文件名。",
    "busy": "另一份备份正在制作，请等它完成。",
    "database": "无法读取或写入数据库：{why}",
    "copy_differs": "抄写的数据与数据库不一致，这份备份没有保留。请再做一次；仍然如此请联系维护人员。",
}


class BackupFault(ClickException):
    """A sentence of this module, by its code."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        super().__init__(SENTENCES[code].format(**params))
