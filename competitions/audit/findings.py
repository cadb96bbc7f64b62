"""What verification can find, as code, place and severity, and the sentence for each. Knows no database."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

SENTENCES = {
    "GAP": "第 {seq} 条审计记录缺失（到第 {until} 条为止）。",
    "FORK": "第 {seq} 条审计记录接在第 {onto} 条之后，而不是上一条：链在这里分叉。",
    "PREV_MISMATCH": "第 {seq} 条审计记录与上一条接不上：记录被改动、调换或替换过。",
    "HASH_MISMATCH": "第 {seq} 条审计记录的内容与校验值不符：内容被改动过，或审计密钥不对。",
    "KEY_UNKNOWN": "第 {seq} 条审计记录使用了未知的密钥编号 {key}。",
    "FUTURE_TIME": "第 {seq} 条审计记录的时间在未来。请核对服务器时钟。",
    "COLUMN_MISMATCH": "第 {seq} 条审计记录的检索栏“{column}”与记录内容不符。",
    "TRUNCATED": "审计记录的末尾被截断：锚点文件记到第 {anchor} 条，库中只到第 {last} 条。",
    "ANCHOR_MISMATCH": "第 {seq} 条审计记录与锚点文件记下的校验值不同：记录被整体替换过。",
    "RESTORED": "第 {seq} 条记录是一次从备份恢复：锚点文件原来记到第 {anchor} 条，备份只到第 {last} 条，其间的 {count} 条记录"
    "没有恢复，这是已知的。请核对恢复是否确有其事、由谁批准。",
    "ANCHOR_UNREADABLE": "锚点文件第 {line} 行无法识别。",
    "ANCHOR_UNFINISHED": "锚点文件第 {line} 行没有写完：当时断电或磁盘写不进。审计记录本身不受影响，请运行 flask audit anchor 补记。",
    "ANCHOR_LACKING": "第 {seq} 条审计记录（封存、签字、审定或公布）之后没有锚点：锚点文件不在、被删过，或当时磁盘写不进。"
    "请核对锚点文件的备份，再运行 flask audit anchor。",
    "TRIGGER_MISSING": "缺少防改触发器 {name}（或已被改动），表 {table} 可能被改动。请运行数据库升级命令重新安装。",
    "DB_SETTING_WEAK": "数据库设置 {name} 为 {value}，断电时可能丢失数据。应为 {wanted}。",
    "FILE_MISSING": "文件目录中缺少文件 {name}（属于 {owner}）。请核对 FILES_PATH，并从备份恢复。",
    "FILE_CHANGED": "文件目录中的文件 {name}（属于 {owner}）与保存时不符：被改动过，或密钥环不对。",
    "ROW_CHANGED": "{what}的{columns}与第 {seq} 条审计记录所记的不同：被绕过系统改动过。",
    "ROW_UNKNOWN": "{what}没有审计记录：是绕过系统写入的。",
    "ROW_BACK": "{what}在第 {seq} 条审计记录中已经删除，现在又出现：是绕过系统写回的。",
    "ROW_GONE": "{what}已不存在，审计记录（第 {seq} 条）没有记过删除：是绕过系统删除的。",
    "ROWS_NOT_COVERED": "以下内容没有登记到审计记录，绕过系统的改动查不出来：{rows}。请运行数据库升级命令登记。",
    "RECORDS_OF_VERSION_1": "第 1 至 {until} 条是旧版审计记录，当时不登记各表内容。升级时（第 {first} 条）按当时的样子登记了 {rows} 行，"
    "此后的改动都能查出；此前的，以签字、摘要和备份为准。",
    "ROWS_TOLD_ANEW": "数据库结构曾退回旧版（第 {seq} 条审计记录），再升级时按当时的样子重新登记了各表内容。"
    "请确认这次退回是维护人员办理的；退回前的内容以备份为准。",
    "CHECK_FAILED": "检查“{name}”没有完成：{fault}。",
}
WARNINGS = {"DB_SETTING_WEAK", "FUTURE_TIME", "ANCHOR_LACKING", "ANCHOR_UNFINISHED", "RESTORED", "ROWS_TOLD_ANEW"}
"""Codes that ask for attention without meaning that something was changed."""
NOTES = {"ROWS_NOT_COVERED", "RECORDS_OF_VERSION_1", "SIGNATURES_OF_VERSION_1"}
"""Codes that only say what verification does not reach, once each; nobody has to do anything."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: `seq` of the audit record, or `place` (kind, id) of another object."""

    code: str
    seq: int | None = None
    place: tuple[str, str] | None = None
    params: dict[str, Any] = field(default_factory=dict)
    message: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether the house is not sound because of it."""
        return self.code not in WARNINGS and not self.is_note

    @property
    def is_note(self) -> bool:
        """Whether it only says what is not covered."""
        return self.code in NOTES

    @property
    def sentence(self) -> str:
        """What it means, in Chinese."""
        if self.message:
            return self.message
        return SENTENCES.get(self.code, self.code).format(**{"seq": self.seq, **self.params})

    def document(self) -> dict[str, Any]:
        """For --json."""
        return {
            "code": self.code,
            "severity": "error" if self.is_fault else "note" if self.is_note else "warning",
            "seq": self.seq,
            "object": list(self.place) if self.place else None,
            "message": self.sentence,
        }


def first_bad(findings: Iterable[Finding]) -> Finding | None:
    """The fault with the lowest record number; one without a number when there is no other."""
    faults = [finding for finding in findings if finding.is_fault]
    return min(faults, key=lambda finding: (finding.seq is None, finding.seq or 0), default=None)
