"""The order of Chinese names: by strokes of the surname (姓氏笔画) or by pinyin.

Works from a table of our own (`strokes.tsv`, see `strokes.LICENSE.txt`), so that every database and every machine
gives the same order. It knows no person and no database; it takes a name as text and gives a key for `sorted`, or the
same key as digits (`sortable_text`) for a column that a database sorts by.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple
from unicodedata import combining, normalize

TABLE = Path(__file__).with_name("strokes.tsv")
UNKNOWN_STROKES = 99
TONES = {"\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0300": 4}
NEUTRAL_TONE = 5

SURNAME_READINGS = {
    "卜": "bǔ",
    "区": "ōu",
    "仇": "qiú",
    "令": "líng",
    "乐": "yuè",
    "召": "shào",
    "朴": "piáo",
    "过": "guō",
    "华": "huà",
    "任": "rén",
    "会": "guì",
    "纪": "jǐ",
    "那": "nā",
    "阚": "kàn",
    "折": "shé",
    "员": "yùn",
    "单": "shàn",
    "郇": "xún",
    "查": "zhā",
    "盖": "gě",
    "种": "chóng",
    "祭": "zhài",
    "秘": "bì",
    "缪": "miào",
    "曾": "zēng",
    "覃": "qín",
    "黑": "hè",
    "解": "xiè",
    "葛": "gě",
    "燕": "yān",
    "翟": "zhái",
    "繁": "pó",
    "撒": "sǎ",
    "都": "dū",
    "哈": "hǎ",
    "能": "nài",
    "句": "gōu",
    "乜": "niè",
}  # the reading as a surname where a character has several; 覃 is Qín in Guangxi
OTHER_READINGS = {
    "车": "jū",
    "谌": "chén shèn",
    "盛": "chéng",
    "郗": "xī chī",
    "郄": "qiè xì",
    "隗": "wěi kuí",
    "牟": "móu mù",
    "缪": "miù móu",
    "宓": "mì fú",
    "柏": "bǎi bó",
    "薄": "bó",
    "尉": "yù",
    "洗": "xiǎn",
    "宁": "níng nìng",
    "俞": "yú shù",
    "相": "xiāng xiàng",
    "佴": "nài èr",
    "钭": "tǒu dǒu",
    "占": "zhān",
    "阿": "ā ē",
}  # other readings of a character as a surname: families differ, and pinyin finds all of them
COMPOUND_SURNAMES = {
    "欧阳": "ōu yáng",
    "尉迟": "yù chí",
    "万俟": "mò qí",
    "上官": "shàng guān",
    "司马": "sī mǎ",
    "司徒": "sī tú",
    "司空": "sī kōng",
    "诸葛": "zhū gě",
    "东方": "dōng fāng",
    "皇甫": "huáng fǔ",
    "慕容": "mù róng",
    "令狐": "líng hú",
    "长孙": "zhǎng sūn",
    "宇文": "yǔ wén",
    "轩辕": "xuān yuán",
    "夏侯": "xià hóu",
    "公孙": "gōng sūn",
    "端木": "duān mù",
    "百里": "bǎi lǐ",
    "呼延": "hū yán",
    "南宫": "nán gōng",
    "西门": "xī mén",
    "澹台": "tán tái",
    "淳于": "chún yú",
    "单于": "chán yú",
    "独孤": "dú gū",
    "赫连": "hè lián",
    "钟离": "zhōng lí",
    "公羊": "gōng yáng",
    "濮阳": "pú yáng",
    "太史": "tài shǐ",
    "申屠": "shēn tú",
    "鲜于": "xiān yú",
    "闻人": "wén rén",
    "拓跋": "tuò bá",
    "第五": "dì wǔ",
    "纳兰": "nà lán",
    "闾丘": "lǘ qiū",
    "梁丘": "liáng qiū",
    "左丘": "zuǒ qiū",
    "完颜": "wán yán",
    "欧陽": "ōu yáng",
}

StrokeOfChar = tuple[int, int, str, str]
PinyinOfChar = tuple[int, str, int, int, str, str]
StrokeKey = tuple[tuple[StrokeOfChar, ...], int, tuple[StrokeOfChar, ...]]
PinyinKey = tuple[tuple[PinyinOfChar, ...], tuple[PinyinOfChar, ...]]


class Written(NamedTuple):
    """How a character is written and read: strokes, classes 横1 竖2 撇3 点4 折5 (or a proven beginning), pinyin."""

    strokes: int
    classes: str
    reading: str


@cache
def written_characters() -> dict[str, Written]:
    """The whole table, read once, when the first name is ordered."""
    table: dict[str, Written] = {}
    for line in TABLE.read_text("utf-8").splitlines():
        char, strokes, classes, reading = line.split("\t")
        table[char] = Written(int(strokes), classes, reading)
    return table


def surname_of(name: str) -> str:
    """The surname: two characters for the compound ones (欧阳), otherwise the first; "" for an empty name."""
    plain = letters_of(name)
    return plain[:2] if plain[:2] in COMPOUND_SURNAMES and len(plain) > 2 else plain[:1]


def letters_of(name: str) -> str:
    """The name without spaces, dots and other marks, which have no place in the order."""
    return "".join(char for char in normalize("NFC", name) if char.isalnum())


@cache
def strokes_of(char: str) -> StrokeOfChar:
    """Han characters by strokes, then 横竖撇点折, then code point; anything else after all of them."""
    found = written_characters().get(char)
    if found is None:
        return (0 if is_han(char) else 1, UNKNOWN_STROKES, "", char)
    return (0, found.strokes, found.classes, char)


def is_han(char: str) -> bool:
    """Whether the character is a Chinese one, by its block (CJK, extensions A to I, compatibility)."""
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\U00020000" <= char <= "\U0003ffff"


def stroke_key(name: str) -> StrokeKey:
    """Key of the 姓氏笔画 order: surname, then shorter given names before longer ones, then character by character.

    Each character counts by its strokes, then by the sequence 横竖撇点折 (order of 通用规范汉字表, 2013).
    """
    surname = surname_of(name)
    given = letters_of(name)[len(surname) :]
    return tuple(map(strokes_of, surname)), len(given), tuple(map(strokes_of, given))


def split_tone(syllable: str) -> tuple[str, int]:
    """ "lǜ" → ("lv", 4): v sorts ü after u, as dictionaries do."""
    marks = normalize("NFD", syllable)
    letters = "".join(char for char in marks.replace("u\u0308", "v") if not combining(char))
    return letters, next((TONES[mark] for mark in marks if mark in TONES), NEUTRAL_TONE)


@cache
def pinyin_of(char: str, reading: str = "") -> PinyinOfChar:
    """One character by its reading, then its strokes; without a reading it stands after all that have one."""
    group, strokes, classes, _ = strokes_of(char)
    found = reading or (written_characters()[char].reading if char in written_characters() else "")
    if not found:
        return (1 + group, "" if is_han(char) else char.lower(), NEUTRAL_TONE, strokes, classes, char)
    return (0, *split_tone(found), strokes, classes, char)


def surname_readings(surname: str) -> list[str]:
    """The syllables of a surname with their tone marks; "" for a character without a known reading."""
    if surname in COMPOUND_SURNAMES:
        return COMPOUND_SURNAMES[surname].split()
    table = written_characters()
    return [SURNAME_READINGS.get(char) or (table[char].reading if char in table else "") for char in surname]


def pinyin_key(name: str) -> PinyinKey:
    """Key of the pinyin order: syllable by syllable, tone, strokes; a surname is read as one (覃 Qín, 单 Shàn)."""
    surname = surname_of(name)
    given = letters_of(name)[len(surname) :]
    read = tuple(pinyin_of(char, reading) for char, reading in zip(surname, surname_readings(surname), strict=True))
    return read, tuple(pinyin_of(char) for char in given)


def surname_pinyin(name: str) -> str:
    """The surname in pinyin with a capital and tone marks: "覃小燕" → "Qín", "尉迟明" → "Yùchí"; "" when unknown."""
    return "".join(surname_readings(surname_of(name))).capitalize()


def sortable_text(key: object) -> str:
    """A key (tuples, texts, numbers from 0) as digits only, whose order as text is the order of the key.

    Digits come in the same order in every collation of every database, which letters do not.
    """
    if isinstance(key, int):
        return f"{len(str(key))}{key}"
    if isinstance(key, str):
        return "".join(sortable_text(ord(char)) for char in key) + "0"
    if isinstance(key, tuple):
        return "".join(f"1{sortable_text(part)}" for part in key) + "0"
    raise TypeError(key)


def pinyin_words(name: str) -> str:
    """What a name is found by when pinyin is typed: syllables and initials without tones, for every reading of the
    surname ("覃小燕" → "qinxiaoyan qxy tanxiaoyan txy"); ü as v, u and yu.
    """
    surname = surname_of(name)
    firsts = [_syllables(surname, readings) for readings in surname_ways(surname)]
    words = []
    for given in _given_ways(letters_of(name)[len(surname) :]):
        for first in firsts:
            syllables = [*first, *given]
            words += ["".join(syllables), "".join(each[0] for each in syllables)]
    return " ".join(dict.fromkeys(way for word in words for way in _umlauts(word) if way))


def _syllables(text: str, readings: list[str]) -> list[str]:
    """The characters without tones, read so where a reading is given."""
    found = (pinyin_of(char, reading)[1] for char, reading in zip(text, readings, strict=True))
    return [syllable for syllable in found if syllable]


def _given_ways(given: str) -> list[list[str]]:
    """A given name by its usual readings, and by those that its characters have in names (阿卜杜 abudu, 常乐 changyue)."""
    ways = [[""] * len(given), [SURNAME_READINGS.get(char, "") for char in given]]
    return [_syllables(given, readings) for readings in (ways if any(ways[1]) else ways[:1])]


def surname_ways(surname: str) -> list[list[str]]:
    """Every way to read a surname, the usual one first: as a surname, by its other surname readings, as a word."""
    usual = surname_readings(surname)
    if len(surname) != 1:
        return [usual]
    table = written_characters()
    plain = [table[surname].reading] if surname in table else []
    return [[each] for each in dict.fromkeys([*usual, *OTHER_READINGS.get(surname, "").split(), *plain])]


def _umlauts(word: str) -> list[str]:
    """As dictionaries sort ü, as it looks, as passports write it."""
    return [word, word.replace("v", "u"), word.replace("v", "yu")] if "v" in word else [word]
