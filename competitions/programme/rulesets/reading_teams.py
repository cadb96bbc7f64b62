"""Advancement, teams and the standard score of a ruleset, read back in Chinese sentences (scoring.md §2)."""

from collections.abc import Mapping
from typing import Any

from competitions.programme.rulesets.key_words import key_words
from competitions.programme.rulesets.reading_awards import ROUNDING, award_sentences, condition_words

VALUE = {"total": "总成绩", "rank_points": "名次得分", "award_points": "奖项积分"}
TEAM = {"team": "代表队", "organisation": "所在单位"}
"""What the cases that results makes put under `team` (the entry's delegation) and `organisation` (the employer)."""
TIES = {
    "shared": "仍相同的并列",
    "dense": "仍相同的并列，后面的名次不空",
    "forbidden": "仍相同的不并列，由裁判长提出、监督仲裁组确认",
}


def advance_sentence(rule: Mapping[str, Any]) -> str:
    """Who goes on."""
    said = [
        f"前 {rule['count']} 名晋级下一阶段"
        if "count" in rule
        else f"有名次者的前 {rule['percent']}% 晋级下一阶段，{ROUNDING[rule['rounding']]}"
    ]
    said.append("末位并列的都晋级" if rule["ties"] == "include" else "末位并列的都不晋级")
    if rule.get("per_organisation_max"):
        said.append(f"每个所在单位最多 {rule['per_organisation_max']} 人，超出的由后面的递补")
    return "，".join([*said, *condition_words(rule)]) + "。"


def team_sentences(document: Mapping[str, Any]) -> list[str]:
    """How teams are ranked, and their awards."""
    rule = document["teams"]
    named = {part["id"]: part.get("name") or part["id"] for part in (*document["modules"], *document.get("groups", ()))}
    who = TEAM[rule["by"]]
    best = f"最好 {rule['best']} 人的" if rule["best"] is not None else "全部有名次队员的"
    said = [f"团体名次：以{who}{best}{VALUE[rule['value']]}之和排定"]
    if rule["value"] != "total":
        said.append(point_words(document))
    if rule["best"] is not None:
        said.append("人数不够的按 0 分补足" if rule["incomplete"] == "zero" else "人数不够的不排团体名次")
    keys = [key_words(key, named, smallest_wins=smallest_team_wins(document)) for key in rule["tie_breaks"]]
    said.append(
        f"相同时依次比较：{'、'.join(keys)}，{TIES[rule['ties']]}"
        if keys
        else f"相同时{TIES[rule['ties']].removeprefix('仍相同的')}"
    )
    return ["；".join(said) + "。", *award_sentences(rule.get("awards"), "团体")]


def smallest_team_wins(document: Mapping[str, Any]) -> bool:
    """Whether the team with the smallest value is first: sums of totals where the smallest total wins, never points."""
    return bool(document["order"] == "ascending" and document["teams"]["value"] == "total")


def point_words(document: Mapping[str, Any]) -> str:
    """What ranks or awards are worth."""
    rule = document["teams"]
    if rule["value"] == "rank_points":
        return "、".join(f"第 {rank} 名 {points} 分" for rank, points in rule.get("rank_points", {}).items())
    names = {award["id"]: award.get("name") or award["id"] for award in document.get("awards", {}).get("list", ())}
    said = [f"{names.get(key, key)} {points} 分" for key, points in rule.get("award_points", {}).items()]
    if rule.get("pass_points"):
        said.append(f"未获奖但各项合格 {rule['pass_points']} 分")
    return "、".join(said)


def standard_sentence(rule: Mapping[str, Any]) -> str:
    """The scale on which different events are compared."""
    return (
        f"参考标准分：中位数记 {rule['centre']} 分，每高出一个标准差加 {rule['spread']} 分，"
        f"少于 {rule['min_field']} 人不计算；仅供比较，不决定名次。"
    )
