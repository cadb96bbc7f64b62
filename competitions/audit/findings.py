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
    "TRIGGER_MISSING": "缺少防改触发器 {name}（或已被改动），表 {table} 可能被改动。请运行数据库升级命令重新安装。",
    "DB_SETTING_WEAK": "数据库设置 {name} 为 {value}，断电时可能丢失数据。应为 {wanted}。",
    "FILE_MISSING": "文件目录中缺少文件 {name}（属于 {owner}）。请核对 FILES_PATH，并从备份恢复。",
    "FILE_CHANGED": "文件目录中的文件 {name}（属于 {owner}）与保存时不符：被改动过，或密钥环不对。",
    "CHECK_FAILED": "检查“{name}”没有完成：{fault}。",
}
WARNINGS = {"DB_SETTING_WEAK", "FUTURE_TIME", "RESTORED"}
"""Codes that ask for attention without meaning that something was changed."""


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
        return self.code not in WARNINGS

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
            "severity": "error" if self.is_fault else "warning",
            "seq": self.seq,
            "object": list(self.place) if self.place else None,
            "message": self.sentence,
        }


def first_bad(findings: Iterable[Finding]) -> Finding | None:
    """The fault with the lowest record number; one without a number when there is no other."""
    faults = [finding for finding in findings if finding.is_fault]
    return min(faults, key=lambda finding: (finding.seq is None, finding.seq or 0), default=None)
