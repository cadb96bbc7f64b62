"""The scoring case: entrants, marks, times, adjustments, rulings and the ruleset, read from one JSON document.

Knows the shape of the document (contract §1). Does not judge what is recorded: a mark out of range is a mark here.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from .collector import paused_collector
from .mark_table import Marks, read_marks
from .ruleset import Ruleset
from .ruleset_reading import read_ruleset
from .shape import Fields, Unreadable, as_number, as_text, each, refuse_twice


class EntrantStatus(StrEnum):
    """What became of an entrant (缺考, 弃权, 取消成绩)."""

    COMPETED = "competed"
    ABSENT = "absent"
    WITHDRAWN = "withdrawn"
    DISQUALIFIED = "disqualified"


class AdjustmentKind(StrEnum):
    """Whether an adjustment takes or gives."""

    DEDUCTION = "deduction"
    BONUS = "bonus"


class ModuleState(StrEnum):
    """What became of one module of one entrant."""

    ABSENT = "absent"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Entrant:
    """Who competes, by code."""

    id: str
    team: str | None
    organisation: str | None
    status: EntrantStatus


@dataclass(frozen=True, slots=True)
class TimeTaken:
    """Seconds an entrant took in a module."""

    entrant: str
    module: str
    seconds: Fraction


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A deduction or bonus on a module, or on the total without one."""

    entrant: str
    module: str | None
    kind: AdjustmentKind
    value: Fraction


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision by people on entrants that the rules leave tied."""

    order: tuple[str, ...]
    reason: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recusal:
    """This judge may not mark this entrant (回避)."""

    entrant: str
    module: str
    judge: str


@dataclass(frozen=True, slots=True)
class ModuleStatus:
    """A module that an entrant was absent from, or that is void."""

    entrant: str
    module: str
    state: ModuleState


@dataclass(frozen=True, slots=True)
class Case:
    """One division of one stage of one event, ready to be scored."""

    ruleset: Ruleset
    entrants: tuple[Entrant, ...]
    marks: Marks
    times: tuple[TimeTaken, ...]
    adjustments: tuple[Adjustment, ...]
    rulings: tuple[Ruling, ...]
    recusals: tuple[Recusal, ...]
    module_statuses: tuple[ModuleStatus, ...]


def read_case(text: str | bytes) -> Case:
    """A scoring case from JSON text. Raises Unreadable for what is not one."""
    try:
        document = json.loads(text, object_pairs_hook=_object)
    except UnicodeDecodeError:
        raise Unreadable("", "不是 UTF-8 文本，请另存为 UTF-8 编码的 JSON") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"第 {error.lineno} 行第 {error.colno} 列", "不是 JSON，请检查引号、逗号和括号") from None
    except RecursionError:
        raise Unreadable("", "嵌套太深，不是计分案例") from None
    except Unreadable:
        raise
    except ValueError:
        raise Unreadable("", "有一个整数长得无法读取，请改正") from None
    return case_from_document(document)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        refuse_twice((name for name, _ in pairs), "字段")
    return found


@paused_collector()
def case_from_document(document: object) -> Case:
    """A scoring case from a parsed JSON document, which is not changed. Raises Unreadable for what is not one."""
    fields = Fields(document, "")
    if fields.whole("version") != 1:
        raise Unreadable("version", "只认识版本 1")
    case = Case(
        ruleset=fields.read("ruleset", read_ruleset),
        entrants=fields.items("entrants", _entrant),
        marks=fields.read("marks", read_marks),
        times=fields.items("times", _time),
        adjustments=fields.items("adjustments", _adjustment),
        rulings=fields.items("rulings", _ruling),
        recusals=fields.optional_items("recused", _recusal),
        module_statuses=fields.optional_items("module_status", _module_status),
    )
    fields.close()
    refuse_twice((entrant.id for entrant in case.entrants), "entrants")
    return case


def _entrant(value: object, where: str) -> Entrant:
    fields = Fields(value, where)
    fields.optional("division", as_text)
    entrant = Entrant(
        id=fields.text("id"),
        team=fields.optional("team", as_text),
        organisation=fields.optional("organisation", as_text),
        status=fields.word("status", EntrantStatus) if "status" in fields else EntrantStatus.COMPETED,
    )
    fields.close()
    return entrant


def _time(value: object, where: str) -> TimeTaken:
    fields = Fields(value, where)
    time = TimeTaken(fields.text("entrant"), fields.text("module"), fields.number("seconds"))
    fields.close()
    return time


def _adjustment(value: object, where: str) -> Adjustment:
    fields = Fields(value, where)
    fields.optional("reason", as_text)
    adjustment = Adjustment(
        entrant=fields.text("entrant"),
        module=fields.optional("module", as_text),
        kind=fields.word("kind", AdjustmentKind),
        value=fields.read("value", as_number),
    )
    fields.close()
    return adjustment


def _ruling(value: object, where: str) -> Ruling:
    fields = Fields(value, where)
    by = fields.optional_items("by", as_text)
    ruling = Ruling(each(fields.take("order"), fields.place("order"), as_text), fields.text("reason"), by)
    fields.close()
    return ruling


def _recusal(value: object, where: str) -> Recusal:
    fields = Fields(value, where)
    recusal = Recusal(fields.text("entrant"), fields.text("module"), fields.text("judge"))
    fields.close()
    return recusal


def _module_status(value: object, where: str) -> ModuleStatus:
    fields = Fields(value, where)
    status = ModuleStatus(fields.text("entrant"), fields.text("module"), fields.word("status", ModuleState))
    fields.close()
    return status
