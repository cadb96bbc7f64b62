"""Awards and honours of a ruleset, read back in Chinese sentences. Knows their documents only (scoring.md §2)."""

from collections.abc import Mapping
from typing import Any

BASE = {"ranked": "有名次的人数", "entered": "报名人数", "competed": "实际参赛人数"}
TIES = {
    "include": "并列跨奖项的都得高一等奖，占用下一等的名额",
    "include_keep": "并列跨奖项的都得高一等奖，下一等名额不变",
    "exclude": "并列跨奖项的都得低一等奖，空出的名额不补",
}
ROUNDING = {"half_up": "四舍五入", "floor": "舍去小数", "ceil": "有小数就进一", "cumulative": "按累计比例四舍五入"}


def award_sentences(rule: Mapping[str, Any] | None, what: str) -> list[str]:
    """Which awards there are, for how many, and when none. `what`: "团体" or nothing."""
    if not rule or not rule["list"]:
        return []
    said = [f"{what}奖项：{'、'.join(award_words(award) for award in rule['list'])}"]
    if any("count" not in award for award in rule["list"]):
        counted = f"比例按{BASE[rule['base']]}计算"
        shares = any("percent" in award for award in rule["list"])
        said.append(f"{counted}，{ROUNDING[rule['rounding']]}" if shares else counted)
    said.append(TIES[rule["ties"]])
    return ["；".join([*said, *condition_words(rule)]) + "。"]


def award_words(award: Mapping[str, Any]) -> str:
    """ "一等奖 3 名", "二等奖 20%", "优胜奖到前 1/2"."""
    name = award.get("name") or award["id"]
    if "count" in award:
        return f"{name} {award['count']} 名"
    return f"{name} {award['percent']}%" if "percent" in award else f"{name}到前 {award['rank_to_fraction']}"


def condition_words(rule: Mapping[str, Any]) -> list[str]:
    """What else is asked of those who get something."""
    said = []
    if rule.get("must_pass"):
        said.append("各项都须合格")
    if rule.get("min_total") is not None:
        said.append(f"总分不低于 {rule['min_total']} 分")
    if rule.get("min_field"):
        said.append(f"少于 {rule['min_field']} 人不设")
    return said


def honour_sentences(document: Mapping[str, Any]) -> list[str]:
    """What ranks and awards earn besides, as proposals."""
    names = {award["id"]: award.get("name") or award["id"] for award in document.get("awards", {}).get("list", ())}
    said = [honour_words(honour, names) for honour in document.get("honours", ())]
    return [f"建议授予或晋升（须按程序审批）：{'；'.join(said)}。"] if said else []


def honour_words(honour: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """ "第 1 名：技术状元"."""
    first = honour.get("rank_from", 1)
    if "awards" in honour:
        who = "、".join(names.get(key, key) for key in honour["awards"]) + "获得者"
    elif "rank_to_fraction" in honour:
        who = f"{'前' if first == 1 else f'第 {first} 名到前'} {honour['rank_to_fraction']}"
    elif honour["rank_to"] == first:
        who = f"第 {first} 名"
    else:
        who = f"前 {honour['rank_to']} 名" if first == 1 else f"第 {first} 至 {honour['rank_to']} 名"
    more = condition_words(honour)
    return f"{who}{'（' + '，'.join(more) + '）' if more else ''}：{honour.get('name') or honour['id']}"
