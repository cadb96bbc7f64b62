"""Reading awards, honours and advancement from their JSON objects.

Knows their fields and words (contract §2). Does not judge whether the values make sense: `award_faults` does.
"""

import re
from fractions import Fraction

from .ruleset import Advance, Award, AwardRule, Honour
from .shape import Fields, as_flag, as_number, as_text, as_whole, refuse_twice, wrong_type
from .words import AdvanceTies, AwardBase, AwardTies, ShareRounding

SHARE = re.compile(r"[0-9]{1,100}/[0-9]{1,100}")


def read_awards(value: object, where: str) -> AwardRule:
    """The list of awards at `where`. Raises Unreadable."""
    fields = Fields(value, where)
    rule = AwardRule(
        base=fields.word("base", AwardBase),
        ties=fields.word("ties", AwardTies),
        rounding=fields.word("rounding", ShareRounding),
        awards=fields.items("list", _award),
        min_total=fields.nullable("min_total", as_number),
        must_pass=fields.read("must_pass", as_flag),
        min_field=fields.nullable("min_field", as_whole),
    )
    fields.close()
    refuse_twice((award.id for award in rule.awards), fields.place("list"))
    return rule


def _award(value: object, where: str) -> Award:
    fields = Fields(value, where)
    fields.one_of("count", "percent", "rank_to_fraction")
    award = Award(
        id=fields.text("id"),
        name=fields.optional("name", as_text),
        count=fields.optional("count", as_whole),
        percent=fields.optional("percent", as_number),
        rank_to_fraction=fields.optional("rank_to_fraction", _share),
    )
    fields.close()
    return award


def _share(value: object, where: str) -> Fraction:
    if type(value) is not str or not SHARE.fullmatch(value) or int(value.partition("/")[2]) == 0:
        raise wrong_type(where, value, '分数字符串（例如 "1/2"）')
    return Fraction(value)


def read_honour(value: object, where: str) -> Honour:
    """One honour. Raises Unreadable."""
    fields = Fields(value, where)
    fields.one_of("rank_to", "rank_to_fraction", "awards")
    honour = Honour(
        id=fields.text("id"),
        name=fields.optional("name", as_text),
        rank_from=fields.whole("rank_from") if "rank_from" in fields else 1,
        rank_to=fields.optional("rank_to", as_whole),
        rank_to_fraction=fields.optional("rank_to_fraction", _share),
        awards=fields.items("awards", as_text) if "awards" in fields else None,
        must_pass=fields.read("must_pass", as_flag) if "must_pass" in fields else False,
        min_total=fields.optional_nullable("min_total", as_number),
        min_field=fields.optional_nullable("min_field", as_whole),
    )
    fields.close()
    refuse_twice(honour.awards or (), fields.place("awards"))
    return honour


def read_advance(value: object, where: str) -> Advance:
    """The advancement rule. Raises Unreadable."""
    fields = Fields(value, where)
    by_share = fields.one_of("count", "percent") == "percent"
    advance = Advance(
        count=fields.optional("count", as_whole),
        percent=fields.optional("percent", as_number),
        rounding=fields.word("rounding", ShareRounding) if by_share else ShareRounding.HALF_UP,
        ties=fields.word("ties", AdvanceTies),
        per_organisation_max=fields.optional("per_organisation_max", as_whole),
        min_total=fields.optional("min_total", as_number),
        must_pass=fields.read("must_pass", as_flag) if "must_pass" in fields else False,
    )
    fields.close()
    return advance
