"""Characters that came out wrong: radicals are mended with a note, self-made characters are named in the refusal."""

import pytest

from competitions.tabular import values
from competitions.tabular.characters import lookalikes, mended, mended_parts, private_parts
from competitions.tabular.columns import Column
from competitions.tabular.values import checked
from tests.searching_pairs import LONG


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("⻩⼩明", "黄小明"),  # CJK radicals supplement, Kangxi radicals
        ("⿈⾦", "黃金"),
        ("⻢⻓⻘", "马长青"),
        ("⻬⻋⻚", "齐车页"),
        ("王\uf90a", "王金"),  # compatibility ideograph
        ("\U0002f800", "丽"),
        ("王小明", "王小明"),
        ("\ufa0e\ufa11", "\ufa0e\ufa11"),  # these two are characters of their own
        ("Alim", "Alim"),
    ],
)
def test_a_character_that_only_looks_like_another_becomes_the_one_that_is_meant(typed: str, meant: str) -> None:
    assert mended(typed) == meant and mended(meant) == meant


def test_the_table_is_that_of_unicode() -> None:
    table = lookalikes()
    assert len(table) == 348 and table["⺠"] == "民" and table["⻳"] == "龟" and table["㇐"] == "一"
    assert all(len(each) == 1 for pair in table.items() for each in pair)


def test_what_was_mended_is_told_character_by_character() -> None:
    assert mended_parts("⻩⼩明") == ("⻩⼩", "黄小") and mended_parts("黄小明") == ("", "")


def test_a_name_in_a_cell_is_mended_with_a_note_and_a_remark_beside_it_is_still_kept() -> None:
    assert checked(values.name, "⻩⼩明") == ("黄小明", ("text.mended", {"was": "⻩⼩", "now": "黄小"}))
    assert checked(values.name, "黄小明") == ("黄小明", None)
    value, fault = checked(values.name, "⻩小明（替补）")
    assert value == "黄小明" and fault and (fault.code, fault.params["name"]) == ("name.remark", "黄小明")


def test_every_text_of_a_table_is_mended() -> None:
    value, fault = checked(Column("unit", "单位").normaliser, "柳州⾦属有限公司")
    assert value == "柳州金属有限公司" and fault and fault.params == {"was": "⾦", "now": "金"}


@pytest.mark.parametrize(
    ("name", "positions", "codes"),
    [
        ("覃\ue5e5明", "2", "U+E5E5"),
        ("\ue863小\U000f0001", "1、3", "U+E863、U+F0001"),
        ("王\U0010fffd", "2", "U+10FFFD"),
    ],
)
def test_a_self_made_character_is_refused_by_position_and_code(name: str, positions: str, codes: str) -> None:
    for normaliser in (values.name, values.title(120)):
        value, fault = checked(normaliser, name)
        assert value is None and fault is not None and fault.code == "text.private"
        assert (fault.params["positions"], fault.params["codes"]) == (positions, codes)
        assert not private_parts(fault.params["value"])


def test_a_picture_character_in_a_remark_is_no_fault() -> None:
    assert checked(values.text(), "\uf0fe 已体检") == ("\uf0fe 已体检", None)


def test_names_to_thirty_characters_are_taken_whole() -> None:
    long = "阿卜杜热合曼·阿卜杜热依木·买买提·阿迪力·艾合买提江·吐尔逊"
    assert len(long) == 30 + 1 and checked(values.name, long) == (long, None)
    assert checked(values.name, LONG.replace("·", "•")) == (LONG, None)
