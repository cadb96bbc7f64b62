"""The marks of a case as a table: entrant, module, aspect, judge, raw value.

Knows the shape of a mark (contract §1). Does not know which ids and values are good.
Marks are many (a million in a large stage), so they are not made objects: raw values lie in dictionaries that hold
nothing but strings, which the garbage collector does not walk through.
"""

from dataclasses import dataclass

from .shape import Fields, as_list, as_text, wrong_type

MarkColumns = dict[str | None, dict[str, str | int]]  # aspect (None in a module without aspects) → judge → raw value
MarkTable = dict[str, dict[str, MarkColumns]]  # entrant → module → columns
MarkPlace = tuple[str, str, str | None, str]  # entrant, module, aspect, judge


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks of a case."""

    table: MarkTable
    repeats: dict[MarkPlace, int]  # where several marks were given: how many beyond the first
    values: dict[str | int, str | int]  # each distinct value once; the table holds these very objects


def read_marks(document: object, where: str) -> Marks:
    """All marks in one pass. Raises Unreadable. What is unusual about one is left to `_take_unusual`."""
    marks = Marks({}, {}, {})
    table, same = marks.table, marks.values.setdefault
    for index, mark in enumerate(as_list(document, where)):
        try:
            size = len(mark)  # type: ignore[arg-type]
            aspect = mark["aspect"] if size == 5 else None  # type: ignore[index]
            judge, value = mark["judge"], mark["value"]  # type: ignore[index]
            columns = table[mark["entrant"]][mark["module"]]  # type: ignore[index]
            is_usual = (size == 4 or type(aspect) is str) and type(judge) is str and size < 6
            column = columns.get(aspect) if is_usual else None
        except (KeyError, TypeError):
            is_usual = False
        if is_usual and (type(value) is str or type(value) is int):
            if column is None:
                columns[aspect] = {judge: same(value, value)}
                continue
            if judge not in column:
                column[judge] = same(value, value)
                continue
        _take_unusual(mark, f"{where}[{index}]", marks)
    return marks


def _take_unusual(mark: object, where: str, marks: Marks) -> None:
    """The first mark of a module, one given before, or an unreadable one."""
    fields = Fields(mark, where)
    entrant, module, judge = fields.text("entrant"), fields.text("module"), fields.text("judge")
    aspect, value = fields.optional("aspect", as_text), fields.read("value", _value)
    fields.close()
    column = marks.table.setdefault(entrant, {}).setdefault(module, {}).setdefault(aspect, {})
    if judge in column:
        place = entrant, module, aspect, judge
        marks.repeats[place] = marks.repeats.get(place, 0) + 1
    column[judge] = marks.values.setdefault(value, value)


def _value(value: object, where: str) -> str | int:
    if type(value) is str or type(value) is int:
        return value
    raise wrong_type(where, value, "整数或字符串")
