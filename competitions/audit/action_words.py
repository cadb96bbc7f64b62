"""What records say, in words: actions, kinds of objects, what changed. Features register theirs. Knows no database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from competitions.words.codes import WORDS


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of what a feature records.

    `actions`: action → what was done. `objects`: kind of object → its word, in the order of the filter. `states`: kind of
    object → kinds of codes in which its states have words. `facts`: name of a short fact → its word; `asides`: those
    facts that stand beside before and after, not in them. `checks`: name of a check of verification → what is checked.
    `columns`: column of a table that is compared with the log ("table.column" where the name alone does not say it) → its
    word. `anchored`: actions after which the end of the chain is written down outside the database.
    """

    actions: Mapping[str, str] = field(default_factory=dict)
    objects: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    anchored: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()
    checks: Mapping[str, str] = field(default_factory=dict)


ACTIONS: dict[str, str] = {}
"""Action → what was done. An action that is not here is shown by its code."""
OBJECTS: dict[str, str] = {}
"""Kind of object → its word, in the order of the filter."""
CHECKS: dict[str, str] = {}
"""Check of verification → what is checked."""
COLUMNS: dict[str, str] = {}
"""Column of a compared table → its word."""
ANCHORED: set[str] = set()
"""Actions after which an anchor is written."""
_STATES: dict[str, tuple[str, ...]] = {}
_FACTS: dict[str, str] = {}
_ASIDES: dict[str, None] = {}


def register(vocabulary: Vocabulary) -> None:
    """Add a feature's words. Raises ValueError for a code that has another word already: one would hide the other."""
    known = (
        (ACTIONS, vocabulary.actions),
        (OBJECTS, vocabulary.objects),
        (_FACTS, vocabulary.facts),
        (CHECKS, vocabulary.checks),
        (COLUMNS, vocabulary.columns),
    )
    for there, more in known:
        taken = sorted(code for code, word in more.items() if there.get(code, word) != word)
        if taken:
            raise ValueError(f"codes with two words: {', '.join(taken)}")
        there.update(more)
    _STATES.update(vocabulary.states)
    ANCHORED.update(vocabulary.anchored)
    _ASIDES.update(dict.fromkeys(vocabulary.asides))


register(
    Vocabulary(
        actions={
            "audit.cover": "登记各表内容",
            "audit.export": "导出审计记录",
            "audit.restore": "从备份恢复",
            "audit.rows": "登记改动后的内容",
            "audit.verify": "核验审计记录",
        },
        objects={"audit": "审计记录"},
        facts={"digest": "校验值", "number": "第", "count": "数量", "state": "状态", "reason": "原因"},
        columns={
            "at": "时间",
            "by": "办理人",
            "state": "状态",
            "reason": "原因",
            "name": "名称",
            "number": "编号",
            "kind": "种类",
            "position": "顺序",
            "version": "修改次数",
            "text": "内容",
            "code": "编号",
            "created_at": "建立时间",
            "created_by": "建立人",
            "decided_at": "决定时间",
            "decided_by": "决定人",
            "answer": "答复",
            "revoked_at": "撤销时间",
            "revoked_by": "撤销人",
            "digest": "摘要",
            "sha256": "文件校验值",
            "filename": "文件名",
            "file_id": "文件",
            "size": "大小",
            "source": "来源",
            "key": "提交编号",
            "user_id": "用户",
            "value": "值",
            "media_type": "文件类型",
            "owner_kind": "所属种类",
            "owner_id": "所属对象",
            "keep_for": "保存原因",
            "keep_until": "保存期限",
            "linked_at": "保存时间",
            "sealed": "是否加密",
            "closed_at": "结束时间",
            "closed_by": "办结人",
            "count": "数量",
            "counts": "数量",
            "place": "地点",
            "level": "级别",
            "kept_file.digest": "内容",
        },
        asides=("reason",),
        checks={
            "chain": "记录链",
            "anchors": "锚点文件",
            "columns": "检索栏",
            "triggers": "防改触发器",
            "settings": "数据库设置",
            "files": "保存的文件",
            "rows": "各表内容",
        },
    )
)


def action_word(action: str) -> str:
    """What was done."""
    return ACTIONS.get(action, action)


def object_word(kind: str) -> str:
    """What it was done to."""
    return OBJECTS.get(kind, kind)


def check_word(name: str) -> str:
    """What a check of verification looks at."""
    return CHECKS.get(name, name)


def column_word(table: str, column: str) -> str:
    """What a column of a compared table holds."""
    return COLUMNS.get(f"{table}.{column}") or COLUMNS.get(column, column)


def change_words(payload: str) -> str:
    """What changed, as far as it can be said in a few words: states and short facts, digests by their first eight."""
    try:
        said = json.loads(payload)
        kind = said["object"][0]
    except (ValueError, KeyError, TypeError, IndexError):
        return "记录无法识别"
    before, after = (_word_of(kind, said.get(name)) for name in ("before", "after"))
    facts = [f"{_FACTS[name]} {_short(said[name])}" for name in _ASIDES if name in said]
    moved = f"{before} → {after}" if before and after else after or before
    return "；".join(part for part in (moved, *facts) if part)


def _word_of(kind: str, value: Any) -> str:
    if isinstance(value, str):
        return next(
            (WORDS[words][value] for words in _STATES.get(kind, ()) if value in WORDS.get(words, {})), _short(value)
        )
    if isinstance(value, dict):
        return "，".join(
            f"{_FACTS[name]} {_word(kind, name, each)}"
            for name, each in value.items()
            if name in _FACTS and not isinstance(each, dict | list)
        )
    return ""


def _word(kind: str, name: str, value: Any) -> str:
    return _word_of(kind, value) if name == "state" else _short(value)


def _short(value: Any) -> str:
    text = "是" if value is True else str(value)
    return f"{text[:8]}…" if len(text) == 64 else text[:60]
