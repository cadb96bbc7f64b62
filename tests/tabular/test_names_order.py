"""Names in the order of a printed list: strokes of the surname, or pinyin."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from competitions.tabular.names_order import (
    pinyin_key,
    pinyin_words,
    sortable_text,
    stroke_key,
    strokes_of,
    surname_of,
    surname_pinyin,
)

STROKES = dict(
    zip(
        "丁马区王韦卢邓农孙何李阮周欧罗邹陆陈赵郑唐梁莫郭曾覃谢黄蒙潘",
        (2, 3, 4, 4, 4, 5, 4, 6, 6, 7, 7, 6, 8, 8, 8, 7, 7, 7, 9, 8, 10, 11, 10, 10, 12, 12, 12, 11, 13, 15),
        strict=True,
    )
)  # counts as they are taught in mainland schools


@pytest.mark.parametrize(("surname", "strokes"), STROKES.items())
def test_a_surname_has_its_mainland_stroke_count(surname: str, strokes: int) -> None:
    assert strokes_of(surname)[1] == strokes


def test_thirty_surnames_stand_in_the_order_of_their_strokes_and_first_strokes() -> None:
    shuffled = sorted(STROKES, key=lambda surname: hash((surname, "any order")))
    # within a count: 横 before 竖 before 撇 before 点 before 折; 李 123, 何 321, 邹 355, 陆 52112, 陈 52152
    assert "".join(sorted(shuffled, key=stroke_key)) == "丁马王韦区邓卢农阮孙李何邹陆陈欧罗周郑赵莫郭唐黄梁覃曾谢蒙潘"


def test_equal_counts_are_ordered_by_the_five_classes_of_strokes() -> None:
    # 王 1121, 韦 1152, 区 1345, 贝 2534, 毛 3115, 方 4153, 邓 5452
    assert "".join(sorted("邓方毛贝区韦王", key=stroke_key)) == "王韦区贝毛方邓"


def test_a_one_character_given_name_stands_before_a_longer_one() -> None:
    names = ["王小一", "王毅", "王一凡", "王一"]
    assert sorted(names, key=stroke_key) == ["王一", "王毅", "王一凡", "王小一"]


def test_a_compound_surname_stands_after_the_single_one_that_begins_it() -> None:
    assert sorted(["欧阳明", "欧明", "欧阳一"], key=stroke_key) == ["欧明", "欧阳一", "欧阳明"]
    assert (surname_of("欧阳明"), surname_of("欧阳")) == ("欧阳", "欧")


def test_spaces_and_the_middle_dot_do_not_change_the_place() -> None:
    assert stroke_key("张 三") == stroke_key("张三") == stroke_key("张\u3000三")
    assert stroke_key("阿卜杜热合曼·买买提") == stroke_key("阿卜杜热合曼买买提")


def test_rare_characters_have_their_strokes_and_never_crash() -> None:
    assert [strokes_of(char)[1] for char in "𠮷䶮㛃"] == [6, 9, 9]
    assert sorted(["李𠮷", "李一", "李龘"], key=stroke_key) == ["李一", "李𠮷", "李龘"]
    assert sorted(["\U000323aa明", "李明", "Alim", ""], key=stroke_key) == ["", "李明", "\U000323aa明", "Alim"]
    assert sorted(["\U000323aa明", "李明", "Alim", ""], key=pinyin_key)[:2] == ["", "李明"]


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("覃小燕", "Qín"),
        ("单明", "Shàn"),
        ("区明", "Ōu"),
        ("曾明", "Zēng"),
        ("仇明", "Qiú"),
        ("解明", "Xiè"),
        ("查明", "Zhā"),
        ("任明", "Rén"),
        ("华明", "Huà"),
        ("盖明", "Gě"),
        ("朴明", "Piáo"),
        ("尉迟明", "Yùchí"),
        ("万俟明", "Mòqí"),
        ("欧阳明", "Ōuyáng"),
        ("陈明", "Chén"),
        ("吕明", "Lǚ"),
        ("Alim", ""),
        ("", ""),
    ],
)
def test_a_surname_is_read_as_a_surname(name: str, reading: str) -> None:
    assert surname_pinyin(name) == reading


def test_pinyin_order_reads_surnames_as_surnames_and_then_tones() -> None:
    assert "".join(sorted("曾覃区单仇陈邓", key=pinyin_key)) == "陈邓区覃仇单曾"
    assert sorted(["马明", "麻明", "骂明"], key=pinyin_key) == ["麻明", "马明", "骂明"]
    assert sorted(["吕明", "鲁明", "罗明", "卢明"], key=pinyin_key) == ["卢明", "鲁明", "罗明", "吕明"]


def test_people_of_one_surname_stay_together_among_those_that_sound_alike() -> None:
    names = ["陈一", "谌二", "陈二", "谌一"]
    surnames = [name[0] for name in sorted(names, key=pinyin_key)]
    assert surnames == ["陈", "陈", "谌", "谌"]


def test_the_table_is_read_only_when_a_name_is_ordered() -> None:
    code = "from competitions.tabular import names_order as n; assert n.written_characters.cache_info().currsize == 0"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


ODD_NAMES = (
    "",
    "丁一",
    "丁",
    "黄莫农",
    "陈桂兰",
    "陈志强",
    "覃小燕",
    "欧阳修",
    "欧阳",
    "𠮷田",
    "䶮",
    "吕布",
    "单于婉儿",
    "O'Neil",
    "john",
    "阿卜杜拉·艾力",
    "王12",
    "王2",
)


@pytest.mark.parametrize("key_of", [stroke_key, pinyin_key])
def test_the_digits_of_a_key_sort_like_the_key(key_of: Callable[[str], object]) -> None:
    as_text = sorted(ODD_NAMES, key=lambda name: sortable_text(key_of(name)))
    assert as_text == sorted(ODD_NAMES, key=key_of)
    assert all(sortable_text(key_of(name)).isdecimal() for name in ODD_NAMES)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("王小明", "wangxiaoming wxm"),
        ("覃小燕", "qinxiaoyan qxy tanxiaoyan txy"),
        ("区明", "ouming om quming qm"),
        ("单雄信", "shanxiongxin sxx danxiongxin dxx"),
        ("缪荣", "miaorong mr miurong mourong"),
        ("尉迟恭", "yuchigong ycg"),
        ("吕布", "lvbu lubu lyubu lb"),
        ("阿迪力·买买提", "adilimaimaiti adlmmt edilimaimaiti edlmmt"),
        ("李乐", "lile ll liyue ly"),
        ("", ""),
    ],
)
def test_a_name_is_found_by_syllables_and_initials_of_every_reading_of_its_surname(name: str, words: str) -> None:
    assert pinyin_words(name) == words
