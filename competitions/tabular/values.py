"""What may stand in a cell: for each kind of value a normaliser, cell → (value, fault). Knows no rows and no sentences.

A value is text (None when blank); a fault is a code of the contract with what its sentence needs, error or warning.
A normaliser never raises and never guesses: what it cannot read it names.
"""

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from competitions.tabular import limits
from competitions.tabular.characters import mended, mended_parts, private_parts
from competitions.tabular.dates import read_date
from competitions.tabular.identity import BadId, area_codes, check_uscc, read_id_number
from competitions.tabular.reading import Cell


class Fault(NamedTuple):
    """Why a cell is not as it should be; with a `warning`'s code the value is still taken."""

    code: str
    params: dict[str, Any]


Checked = tuple[str | None, Fault | None]
Normaliser = Callable[[Cell], Checked]

LEVELS = ("五级/初级工", "四级/中级工", "三级/高级工", "二级/技师", "一级/高级技师", "特级技师", "首席技师", "学徒工")

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007\U00020000-\U0003ffff"
_CHINESE_NAME = re.compile(f"[{_HAN}]+(?:·[{_HAN}]+)*")
_PLAIN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}")
_LATIN_NAME = re.compile(r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f'’.\- ]*[A-Za-z\u00c0-\u024f.]")
_DOTS = re.compile(r"\s*[·•．.・‧∙⋅●﹒･]\s*")
_REMARK = re.compile(
    r"(.+?)\s*(?:[（(\[【〔](.+?)[）)\]】〕]|[-—－*＊/／ ]+\s*(替补|领队.*|队长|教练.*|候补))\s*[*＊]?"
)
_NOT_NAMES = frozenset({"合计", "小计", "总计", "待定", "空缺", "姓名", "同上", "无名", "暂无", "未定", "同前"})
_COMPOUND = frozenset(
    (
        "欧阳",
        "上官",
        "司马",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "令狐",
        "慕容",
        "夏侯",
        "司徒",
        "长孙",
        "宇文",
        "端木",
        "轩辕",
        "独孤",
        "南宫",
        "西门",
        "闻人",
        "澹台",
        "淳于",
    )
)
_MARKS = "，。、；：（）“”"
_BETWEEN_HAN = re.compile(f"(?<=[{_HAN}{_MARKS}])\\s*[\\r\\n]+\\s*(?=[{_HAN}{_MARKS}])")
_SPACE = re.compile(r"\s+")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    "\ufeff\U000e0100-\U000e01ef]"
)
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_PHONE_MARKS = re.compile(r"[\s\-‐‑‒–—()（）'‘’\u200b-\u200f\u202a-\u202e\ufeff]+")
_SEXES = {each: sex for sex, all_ in (("男", "男 男性 男士 M 1"), ("女", "女 女性 女士 F 2")) for each in all_.split()}
_YES = frozenset({"是", "√", "✓", "✔", "☑", "Y", "YES", "1", "TRUE", "有", "对"})
_NO = frozenset({"否", "×", "✗", "✘", "N", "NO", "0", "FALSE", "无", "不是", "非"})
_NOTHING = frozenset({"无", "/", "-", "—", "——", "\\", "暂无", "没有", "／", "无等级"})


def as_text(cell: Cell) -> str:
    """A cell as the user sees it, one line: numbers without needless fraction, ISO dates, nothing invisible."""
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, dt.date):
        return cell.isoformat() if not isinstance(cell, dt.datetime) else cell.isoformat(" ", "minutes")
    if isinstance(cell, float) and math.isfinite(cell):
        return str(int(cell)) if cell == int(cell) and abs(cell) < 1e15 else f"{cell:.15g}".replace("e", "E")
    return str(cell)


def clean(text: str) -> str:
    """NFC, nothing invisible; line breaks inside Chinese go, other white space becomes one space."""
    if text.isascii() and text.isalnum():
        return text
    if text.isprintable() and " " not in text and not _INVISIBLE.search(text):
        return unicodedata.normalize("NFC", text)
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).strip()
    return _SPACE.sub(" ", _BETWEEN_HAN.sub("", text))


def checked(normaliser: Normaliser, cell: Cell) -> Checked:
    """The cell as the normaliser has it, after characters that only look like others were made those; with a note where
    nothing else is to be said.
    """
    if not isinstance(cell, str) or cell.isascii() or (right := mended(cell)) == cell:
        return normaliser(cell)
    value, fault = normaliser(right)
    if fault is not None or value is None:
        return value, fault
    was, now = mended_parts(cell)
    return value, Fault("text.mended", {"was": was, "now": now})


def title(limit: int) -> Normaliser:
    """A text that is printed as the name of something: no character in it may be a self-made one."""
    plain = text(limit)

    def check(cell: Cell) -> Checked:
        private = private_parts(as_text(cell))
        return (None, Fault("text.private", {**private})) if private else plain(cell)

    return check


def text(limit: int = limits.TEXT_CHARACTERS) -> Normaliser:
    """Any text up to `limit` characters."""

    def check(cell: Cell) -> Checked:
        value = as_text(cell)
        if len(value) > limit:
            return None, Fault("text.too_long", {"length": len(value), "limit": limit})
        return value or None, None

    return check


def name(cell: Cell) -> Checked:
    """A person's name: Chinese, minority names with `·` (U+00B7), or Latin. A remark beside it is a `name.remark`."""
    value = as_text(cell)
    if _PLAIN_NAME.fullmatch(value) and value not in _NOT_NAMES:
        return value, None
    if private := private_parts(value):
        return None, Fault("text.private", {**private})
    beside = _REMARK.fullmatch(value)
    if beside and _name(beside[1]):
        return _name(beside[1]), Fault("name.remark", {"remark": beside[2] or beside[3], "name": _name(beside[1])})
    if len(value) > limits.NAME_CHARACTERS:
        return None, Fault("text.too_long", {"length": len(value), "limit": limits.NAME_CHARACTERS})
    found = _name(value)
    return (found, None) if found or not value else (None, Fault("name.format", {"value": value}))


def _name(value: str) -> str | None:
    value = value.strip(" '‘’")
    if _LATIN_NAME.fullmatch(value):
        return value
    value = _DOTS.sub("·", value)
    first, _, rest = value.partition(" ")
    if len(value.replace(" ", "")) <= 3 or first in _COMPOUND:
        value = value.replace(" ", "")
    if value in _NOT_NAMES or len(value) < 2:
        return None
    return value if _CHINESE_NAME.fullmatch(value) else None


def id_number(cell: Cell) -> Checked:
    """A resident ID number (GB 11643); an area code that is not in force is a warning."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell >= 1e15:
        return None, Fault("id_number.truncated", {})
    value = as_text(cell)
    if not value:
        return None, None
    try:
        found = read_id_number(value)
    except BadId as bad:
        return None, Fault(bad.code, bad.params)
    if found.area not in area_codes():
        return found.number, Fault("id_number.area", {"area": found.area})
    return found.number, None


def phone(cell: Cell) -> Checked:
    """One mainland mobile number, with or without +86, spaces and hyphens."""
    value = _PHONE_MARKS.sub("", unicodedata.normalize("NFKC", as_text(cell)))
    if not value:
        return None, None
    if not _MOBILE.fullmatch(value):
        for prefix in ("+86", "0086", "86"):
            if value.startswith(prefix) and _MOBILE.fullmatch(value[len(prefix) :]):
                return value[len(prefix) :], None
        return None, Fault("phone.format", {})
    return value, None


def sex(cell: Cell) -> Checked:
    """男 or 女. Anything else is given back as it is: only the ID number can tell that it is wrong."""
    value = as_text(cell)
    plain = unicodedata.normalize("NFKC", value).replace(" ", "").upper()
    return _SEXES.get(plain, value) or None, None


def date(cell: Cell) -> Checked:
    """A date as ISO text, as far as it is given (`1990-03-07`, `1990-03`, `1990`)."""
    if cell == "":
        return None, None
    found = [] if isinstance(cell, bool) else read_date(cell)
    if not found:
        value = as_text(cell)
        return None, Fault("date.format", {"value": value[:40]}) if value and value not in _NOTHING else None
    return found[0].text(), None


def level(cell: Cell) -> Checked:
    """A skill level in its full form (`三级/高级工`); anything else, a professional title too, is a warning."""
    value = as_text(cell)
    plain = unicodedata.normalize("NFKC", value).replace(" ", "").upper()
    if not plain or plain in _NOTHING:
        return None, None
    by_word, by_rank = _level_by_word(plain), _level_by_rank(plain)
    if by_word and by_rank and by_word != by_rank or not (by_word or by_rank):
        return None, Fault("level.unknown", {"value": value[:40]})
    return by_word or by_rank, None


def _level_by_word(plain: str) -> str | None:
    if re.search("师", plain.replace("技师", "")) or "职称" in plain or "专业技术" in plain:
        return None
    for word, found in (
        ("首席技师", 6),
        ("特级技师", 5),
        ("高级技师", 4),
        ("技师", 3),
        ("学徒", 7),
        ("高级", 2),
        ("中级", 1),
        ("初级", 0),
        ("高技", 4),
    ):
        if word in plain:
            return LEVELS[found]
    return None


def _level_by_rank(plain: str) -> str | None:
    match = re.search("([一二三四五1-5]|I{1,3}|IV|V)级", plain.replace("特级", "").replace("新八级", ""))
    if not match or "师" in plain.replace("技师", ""):
        return None
    rank = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5}.get(match[1])
    return LEVELS[5 - (rank or int(match[1]))]


def yes_no(cell: Cell) -> Checked:
    """是 or 否, as ticked, lettered or numbered."""
    value = as_text(cell)
    plain = unicodedata.normalize("NFKC", value).upper()
    if plain in _YES or plain in _NO:
        return ("是" if plain in _YES else "否"), None
    if not value or value in _NOTHING:
        return None, None
    return None, Fault("choice.unknown", {"value": value[:40], "choices": "是、否"})


def choice(choices: Sequence[str]) -> Normaliser:
    """One of the choices, white space aside."""
    known = {unicodedata.normalize("NFKC", each).replace(" ", ""): each for each in choices}

    def check(cell: Cell) -> Checked:
        value = as_text(cell)
        found = known.get(unicodedata.normalize("NFKC", value).replace(" ", ""))
        if found or not value:
            return found, None
        return None, Fault("choice.unknown", {"value": value[:40], "choices": "、".join(choices)})

    return check


def number(cell: Cell) -> Checked:
    """An exact decimal number as plain text (`85.35`). What a spreadsheet's binary arithmetic adds behind the third
    decimal (85.35000000000001) is taken off; exponents, NaN, commas and truth values are no numbers."""
    if cell == "":
        return None, None
    if isinstance(cell, float) and math.isfinite(cell):
        near = round(cell, 3)
        written = near if abs(near - cell) < 1e-6 else Decimal(f"{cell:.15g}")
        cell = f"{written:f}" if abs(cell) < 1e15 else str(cell)
    value = unicodedata.normalize("NFKC", as_text(cell)).strip()
    if not value:
        return None, None
    if isinstance(cell, (bool, dt.date)) or not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,10})?", value):
        return None, Fault("number.format", {"value": value[:40]})
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None, Fault("number.format", {"value": value[:40]})
    plain = f"{found:f}"
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain), None


def uscc(cell: Cell) -> Checked:
    """A unified social credit code (GB 32100)."""
    value = as_text(cell)
    if not value or value in _NOTHING:
        return None, None
    found = check_uscc(value)
    return (found, None) if found else (None, Fault("uscc.format", {"value": value[:40]}))
