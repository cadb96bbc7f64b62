"""The one catalogue of sentences: code → Chinese. Holds those that are no feature's; features register theirs.

Use `sentence(code, **params)`; a code without a sentence is a fault of the house and the tests look for it. Knows no
feature and no logic.
"""

from collections.abc import Mapping
from typing import Any, Protocol

SENTENCES: dict[str, str] = {
    "not_signed_in": "请先登录。",
    "denied": "当前账号没有这项操作的权限。如需办理，请联系上一级工会。",
    "denied_card": "裁判卡登录只能评本人的评分表。办理其他事项，请退出后用用户名和密码登录。",
    "not_found": "没有找到这个页面或记录。它可能已被移走，或不在可查看的范围内。",
    "csrf": "页面已过期或不是从本系统提交的。请刷新页面后再试，已填写的内容请先复制保存。",
    "bad_request": "提交的内容无法识别。请返回上一页重新操作。",
    "method_not_allowed": "这个地址不支持该操作。请从页面上的按钮进入。",
    "invalid": "有内容需要修改，请查看标出的位置。",
    "idempotency_mismatch": "同一个提交编号已用于不同的内容。请刷新后重新提交。",
    "stale_revision": "这条记录刚被别人修改过。请对照最新内容后再保存。",
    "sheet_locked": "该评分表已签字，不能再改。这次提交已另存，交裁判长处理。",
    "sheet_confirmed": "该评分表已复核，不能再改。如需修改，请由裁判长申请重新开放。",
    "too_large": "提交的内容过大，没有保存。这里一次最多接收 {limit}，请减少内容，或分几次提交。",
    "file_too_large": "文件过大，没有上传。这里的文件不超过 {limit}，请压缩、删去图片，或拆成几个文件后再上传。",
    "too_many": "操作过于频繁。请等待几分钟后再试。",
    "too_many_here": "从这个网络地址登录失败的次数较多，登录已放慢到每 {seconds} 秒一次。请等 {seconds} 秒，返回后再试。",
    "busy": "系统正忙，这次操作没有保存。请稍等几秒再试。",
    "reading_busy": "正在读取其他文件，请稍后再试。",
    "schema_old": "系统正在维护（数据库版本较旧），请管理员运行升级。",
    "schema_differs": "数据库的表结构与程序不一致。请管理员运行 flask db upgrade，按提示找到不一致的表，从备份恢复或补正。",
    "triggers_missing": "缺少防改触发器，或触发器已被改动。请管理员运行 flask db upgrade 重新安装。",
    "ring_differs": "密钥文件与数据库不符，证件号等个人信息打不开。请管理员放回原来的 keyring.json 再启动，不要另造新的。",
    "database": "数据库现在不能写入。请管理员检查磁盘空间、数据库服务和账号权限。",
    "database_down": "数据库连不上，这次操作没有保存。请稍后再试，并告知管理员检查数据库服务。",
    "database_readonly": "数据库现在只能读、不能写，这次操作没有保存。请告知管理员（可能连到了备用库，或数据库账号没有写权限）。",
    "storage_unavailable": "存储空间暂不可用，这次操作没有保存。请稍后再试，并告知管理员。",
    "invalid.sign_in": "用户名或密码不正确。忘记密码请联系上一级工会重置。",
    "invalid.card_sign_in": "卡号或密码不正确，或者这张卡现在不能使用（已停用、未到或已过使用时间）。请找组委会。",
    "invalid.activation": "用户名或激活码不正确，或激活码已用过、已过期。请联系上一级工会重新发放。",
    "invalid.password_weak": "密码太短或太简单：至少 10 个字符，含大写字母、小写字母、数字、符号中的三种；或至少 16 个字符。",
    "invalid.password_guessable": "密码容易被猜到：不要包含用户名、“123456”一类的常见组合。",
    "invalid.reason": "请写明理由，至少 {least} 个字。",
    "invalid.reason_seen": "请写明原因，至少 {least} 个字，对方会看到。",
    "invalid.reason_blank": "请填写理由。",
    "invalid.reason_long": "最多写 {most} 个字，请精简。",
    "invalid.reason_scheme": "本阶段已锁定。修改评分细则须写明理由（至少 {least} 个字），并由第二人同意后生效。",
    "invalid.reason_seal": "请写明不予见证的原因，至少 {least} 个字，如“纸面登记表与屏幕不一致”。",
    "invalid.reason_recheck": "请写明哪一项不符、原始记录是多少，至少 {least} 个字。",
    "invalid.reason_incident": "请写明情况，至少 {least} 个字。",
    "invalid.code.record_needed": "请写监督记录，至少 {least} 个字，如“封条完好，当场拆封，核对无误”。",
    "state.deadline_passed": "已过截止时间（{until}）。如需补报，请联系{contact}，电话 {phone}。",
    "state.rows_refused": "{total} 条中有 {count} 条不能办理，没有作任何改动。",
    "state.shown_changed": "打开页面之后名单有变化，没有作任何改动。请核对后再办理。",
    "state.row_changed": "打开页面之后有变化，请看过最新内容再办理。",
    "shown.added": "新增 {count} 条：{names}",
    "shown.changed": "变化 {count} 条：{names}",
    "shown.gone": "不再在名单内的 {count} 条：{names}",
    "state.file_missing": "系统里找不到这个文件了，不能下载。请告知管理员：核对文件目录是否完整，并从备份恢复。",
    "state.file_changed": "保存的文件与上传时不一致，可能被改动，不能下载。请告知管理员和监督员核对审计记录，并重新上传原件。",
    "internal": "系统出了问题，这次操作没有保存。请记下编号并告知管理员。",
}
"""Code → sentence, of everything that is no feature's; features register theirs."""


TITLES = {
    400: "请求无法识别",
    401: "需要登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持的操作",
    409: "当前不能这样做",
    413: "内容过大",
    422: "内容需要修改",
    429: "操作过于频繁",
    500: "系统出了问题",
    503: "系统正忙",
}
"""HTTP status → title of the error page."""
ADVICE = {
    409: "请返回上一页，刷新后查看最新情况。",
    422: "请返回上一页，按提示修改后重新提交。",
    503: "请稍等片刻再试。已显示“已送达”的内容都已保存。",
}
"""HTTP status → what to do."""
CODE_TITLES = {
    "schema_old": "系统正在维护",
    "database_down": "数据库连不上",
    "database_readonly": "数据库不能写入",
    "storage_unavailable": "存储空间不可用",
    "too_many_known": "查询过多",
}
CODE_ADVICE = {
    "reading_busy": "文件没有问题，也没有保存任何内容。请稍等片刻，再上传一次。",
    "database_readonly": "管理员处理之前，再试也不能保存。已显示“已送达”的内容都已保存。",
    "storage_unavailable": "管理员腾出磁盘空间之前，再试也不能保存。已显示“已送达”的内容都已保存。",
    "schema_old": "管理员：请停止服务，运行 flask db upgrade 后重新启动（make serve 启动时会自动升级）。",
}
"""Error code → what differs from its status."""


class _Parameters(dict[str, Any]):
    """A parameter that is not given reads as a dash, so that no brace ever reaches a page."""

    def __missing__(self, name: str) -> str:
        return "—"


def register(sentences: Mapping[str, str]) -> None:
    """Add a feature's sentences to the catalogue.

    Raises ValueError for a code that has another sentence already: one would hide the other.
    """
    taken = sorted(code for code in sentences if SENTENCES.get(code, sentences[code]) != sentences[code])
    if taken:
        raise ValueError(f"codes with two sentences: {', '.join(taken)}")
    SENTENCES.update(sentences)


class Coded(Protocol):
    """Anything with a code and what its sentence needs: a problem, a refusal."""

    @property
    def code(self) -> str:
        """The code of the sentence."""

    @property
    def params(self) -> Mapping[str, Any]:
        """What the sentence is filled with."""


def worded(found: Coded) -> str:
    """The Chinese sentence of a problem or refusal."""
    return sentence(found.code, **found.params)


def sentence(code: str, **params: Any) -> str:
    """The Chinese sentence of a problem or error code, parameters filled in (a missing one reads as a dash)."""
    template = SENTENCES.get(code) or SENTENCES["invalid"]
    return template.format_map(_Parameters(params))
