"""Names on a page break after their dots, between names, and nowhere else."""

import pytest

from competitions.web.names import name_html, whole_name


@pytest.mark.parametrize(
    ("name", "html"),
    [
        ("王小明", "王小明"),
        ("王<b>", "王&lt;b&gt;"),
        ("艾力·买买提", '<span class="person"><span>艾力·</span><wbr><span>买买提</span></span>'),
        (
            "一队（艾力·买买提、王一）",
            '<span class="person"><span>一队（</span><wbr><span>艾力·</span><wbr><span>买买提、</span><wbr>'
            "<span>王一）</span></span>",
        ),
        ("<i>·<b>", '<span class="person"><span>&lt;i&gt;·</span><wbr><span>&lt;b&gt;</span></span>'),
    ],
)
def test_a_name_breaks_after_its_dots(name: str, html: str) -> None:
    assert name_html(name) == html == str(whole_name(name))


def test_no_name_is_nothing() -> None:
    assert str(whole_name(None)) == ""
