"""The event of a row, one only, and the event that a sheet's name gives. Knows no competition: names come in."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from competitions.tabular.limits import TEXT_CHARACTERS
from competitions.tabular.reading import Cell
from competitions.tabular.values import Checked, Fault, Normaliser, as_text, clean

_IN_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_SEPARATORS = re.compile(r"[/／、,，;；&＆+＋|｜]")
_TRADE = re.compile("(?:(?<![职员民农])工|(?<![人成社组])员|师|司机|手|技术|赛项|项目|焊接|维修|加工|装调|驾驶|操作)$")
_NO_TRADE = re.compile(
    "工会|公司|集团|职工|员工|裁判|教练|领队|人员|教师|老师|联系|工作表|名单|附件|说明|填表|模板|样表|示例|汇总|统计|字典|选项"
)
_AROUND = re.compile(
    r"^(?:(?:附件|附表|表)?[0-9一二三四五六七八九十]{1,3}[、.．\-_ )）]+)"
    r"|(?:参赛)?(?:选手)?(?:报名|汇总|信息|登记)+表?$|名单$|组$|[\s_\-]+$|[0-9]+人$"
)


def event(known: Sequence[str] = ()) -> Normaliser:
    """A normaliser for the event column: a known event in the organiser's spelling, else the text; two are a fault."""
    by_plain = {_plain(each): each for each in known}

    def check(cell: Cell) -> Checked:
        text = as_text(cell)
        if _plain(text) in by_plain:
            return by_plain[_plain(text)], None
        several = _several(cell if isinstance(cell, str) else text)
        if len(several) > 1:
            return None, Fault("event.multiple", {"count": len(several), "value": "、".join(several)[:60]})
        if len(text) > TEXT_CHARACTERS:
            return None, Fault("text.too_long", {"length": len(text), "limit": TEXT_CHARACTERS})
        return text or None, None

    return check


def _several(text: str) -> list[str]:
    """The events in a cell. Marks between them always divide; line breaks and spaces only between trades."""
    outside = _IN_BRACKETS.sub("", text).strip()
    marked = [clean(part) for part in _SEPARATORS.split(outside) if part.strip()]
    if len(marked) > 1:
        return marked
    parts = outside.split()
    return parts if len(parts) > 1 and all(_TRADE.search(part) for part in parts) else [outside]


def event_of_sheet(name: str, known: Sequence[str] = ()) -> str | None:
    """The event that a sheet is named after: a known one, or what reads like a trade (焊工, 茶艺师, 焊工报名表)."""
    plain = clean(_IN_BRACKETS.sub("", name))
    while (shorter := _AROUND.sub("", plain).strip()) != plain:
        plain = shorter
    for each in known:
        if _plain(each) in (_plain(name), _plain(plain)):
            return each
    contained = [each for each in known if _plain(each) and _plain(each) in _plain(name)]
    if contained:
        return max(contained, key=len)
    return plain if _TRADE.search(plain) and not _NO_TRADE.search(plain) else None


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()
