"""A ruleset read back in Chinese sentences, for the people who set it up and for visitors. (Awards and teams:
reading_awards.)

Knows the document of scoring.md §2 in its right form; says what is there and nothing of marks.
"""

from collections.abc import Mapping
from typing import Any

from competitions.base.typed import duration_text
from competitions.programme.rulesets.key_words import key_words
from competitions.programme.rulesets.reading_awards import award_sentences, honour_sentences
from competitions.programme.rulesets.reading_teams import (
    advance_sentence,
    smallest_team_wins,
    standard_sentence,
    team_sentences,
)
from competitions.programme.rulesets.typing import percent_of
from competitions.scoring.ruleset_reading import read_key

Document = Mapping[str, Any]
MODES = {"half_up": "四舍五入", "half_even": "四舍六入五成双", "down": "多余的小数截去"}
COMBINE = {"mean": "取平均", "sum": "相加", "median": "取中位数"}
TIES = {
    "shared": "仍相同的并列，后面的名次空出（1、2、2、4）",
    "dense": "仍相同的并列，后面的名次不空（1、2、2、3）",
    "forbidden": "仍相同的不并列，由裁判长提出、监督仲裁组确认先后",
}


def sentences(document: Document) -> list[str]:
    """The whole rule, one thing a sentence, in the order in which it is applied."""
    said = [module_sentence(part, document) for part in document["modules"]]
    said += [group_sentence(part, document) for part in document.get("groups", ())]
    said += [total_sentence(document), order_sentence(document), absent_sentence(document)]
    said += award_sentences(document.get("awards"), "")
    said += honour_sentences(document)
    said += [advance_sentence(document["advance"])] if document.get("advance") else []
    said += team_sentences(document) if document.get("teams") else []
    said += [standard_sentence(document["standard_score"])] if document.get("standard_score") else []
    return said


def names(document: Document) -> dict[str, str]:
    """Id → name of modules and groups."""
    return {part["id"]: part.get("name") or part["id"] for part in (*document["modules"], *document.get("groups", ()))}


def rounding_words(rounding: Mapping[str, Any] | None) -> str:
    """ "保留 2 位小数，四舍五入"; empty when nothing is rounded."""
    if rounding is None:
        return ""
    places = f"保留 {rounding['places']} 位小数" if rounding["places"] else "取整数"
    return f"{places}，{MODES[rounding['mode']]}"


def module_sentence(part: Document, document: Document) -> str:
    """What a module counts and how its score comes about."""
    ascending = document["order"] == "ascending"
    full = "成绩越小越好，不设满分" if ascending else f"满分 {part['full_marks']} 分"
    grouped = any(part["id"] in group["modules"] for group in document.get("groups", ()))
    said = [f"{full}，{'在分组中' if grouped else ''}占 {percent_of(part['weight'])}%", panel_words(part)]
    if part.get("overtime"):
        said.append(overtime_words(part["overtime"], "加" if ascending else "扣"))
    caps = [f"扣分合计最多 {part['deduction_cap']} 分"] if part["deduction_cap"] is not None else []
    caps += [f"加分合计最多 {part['bonus_cap']} 分"] if part["bonus_cap"] is not None else []
    said += [*caps, rounding_words(part["round"])]
    if part.get("weighted_round"):
        said.append(f"折算后{rounding_words(part['weighted_round'])}")
    if part["pass_mark"] is not None:
        said.append(f"{part['pass_mark']} 分合格")
    return f"{part.get('name') or part['id']}：{'；'.join(each for each in said if each)}。"


def panel_words(part: Document) -> str:
    """How many judges, which marks are dropped, how the rest become one."""
    panel = part["panel"]
    if panel["judges"] == 1:
        return "1 名裁判评分"
    said = [f"{panel['judges']} 名裁判评分"]
    drops = [
        f"{panel[name]} 个{word}"
        for name, word in (("drop_highest", "最高分"), ("drop_lowest", "最低分"))
        if panel[name]
    ]
    what = "每个评分项" if part["combine_at"] == "aspect" else ""
    rest = panel["judges"] - panel["drop_highest"] - panel["drop_lowest"]
    if drops:
        said.append(f"{what}去掉 {'和 '.join(drops)}")
        said.append("取剩下的一个" if rest == 1 else f"其余{COMBINE[panel['combine']]}")
    else:
        said.append(f"{what}{COMBINE[panel['combine']]}")
    if panel.get("min_judges"):
        said.append(f"有裁判回避时不少于 {panel['min_judges']} 名")
    return "，".join(said)


def overtime_words(rule: Document, verb: str) -> str:
    """What time over the limit costs."""
    said = [f"规定 {_time(rule['limit_seconds'])}"]
    if "steps" in rule:
        steps = [
            f"超过 {_time(step['over_seconds'])}{verb} {step['deduct']}"
            if step["over_seconds"]
            else f"一超时{verb} {step['deduct']}"
            for step in rule["steps"]
        ]
        said.append("、".join(steps))
        said.append("正好在分界上按低一档" if rule["at_boundary"] == "lower" else "正好在分界上按高一档")
    else:
        part = "不足的按一个单位算" if rule["partial"] == "up" else "不足的不算"
        said.append(f"每超 {_time(rule['per_seconds'])}{verb} {rule['deduct']}，{part}")
    if "cap" in rule:
        said.append(f"超时最多{verb} {rule['cap']}")
    if "stop_seconds" in rule:
        said.append(f"{_time(rule['stop_seconds'])}停止")
    return "，".join(said)


def _time(seconds: int) -> str:
    minutes, _, rest = duration_text(seconds).partition(":")
    return (
        f"{minutes} 分 {int(rest)} 秒" if rest and minutes != "0" else f"{int(rest)} 秒" if rest else f"{minutes} 分钟"
    )


def group_sentence(part: Document, document: Document) -> str:
    """What a group is made of and counts."""
    named = names(document)
    weights = {module["id"]: percent_of(module["weight"]) for module in document["modules"]}
    made = " + ".join(f"{named.get(key, key)}×{weights.get(key, '?')}%" for key in part["modules"])
    said = [f"{made}，占总成绩 {percent_of(part['weight'])}%", rounding_words(part["round"])]
    if part["pass_mark"] is not None:
        said.append(f"{part['pass_mark']} 分合格")
    return f"{part.get('name') or part['id']}成绩：{'；'.join(each for each in said if each)}。"


def total_sentence(document: Document) -> str:
    """The sum, its deductions and its rounding."""
    total, grouped = document["total"], {key for group in document.get("groups", ()) for key in group["modules"]}
    parts = [part for part in (*document.get("groups", ()), *document["modules"]) if part["id"] not in grouped]
    made = " + ".join(_term(part) for part in parts)
    said = [f"总成绩 = {made}"]
    if total["deduction_cap"] is not None:
        said.append(f"从总分扣分最多 {total['deduction_cap']} 分")
    if total["floor"] != "0" and document["order"] == "descending":
        said.append(f"不低于 {total['floor']} 分")
    return "；".join([*said, rounding_words(total["round"])]) + "。"


def _term(part: Document) -> str:
    name, share = part.get("name") or part["id"], percent_of(part["weight"])
    return name if share == "100" else f"{name}×{share}%"


def order_sentence(document: Document) -> str:
    """Who goes first, and what decides equal totals."""
    smallest, named = document["order"] == "ascending", names(document)
    first = "总成绩小者名次在前" if smallest else "总成绩高者名次在前"
    keys = [key_words(key, named, smallest_wins=smallest) for key in document["tie_breaks"]]
    then = f"总成绩相同时，依次比较：{'、'.join(keys)}；" if keys else "总成绩相同时，"
    return f"{first}。{then}{TIES[document['ties']] if keys else TIES[document['ties']].replace('仍相同的', '')}。"


def decided_words(line: Mapping[str, Any], document: Document) -> str:
    """Why an entrant stands behind the one above (scoring.md §3 `decided_by`); empty for the first and the unranked."""
    return _decided(line, document, ("total", "总成绩", "总分"), document["order"] == "ascending")


def team_decided_words(team: Mapping[str, Any], document: Document) -> str:
    """The same for a team."""
    return _decided(team, document, ("value", "团体成绩", "团体成绩"), smallest_team_wins(document))


def _decided(line: Mapping[str, Any], document: Document, ranked: tuple[str, str, str], smallest_wins: bool) -> str:
    """`ranked`: the label of what is ranked, its words, and its words where it is equal."""
    decided, (label, words, same) = line["decided_by"], ranked
    if line["rank"] is None:
        return ""
    if decided is None:
        return "并列：规则没有再分先后" if line["tied"] else ""
    if decided == label:
        return f"{words}{'小' if smallest_wins else '高'}者列前"
    if decided == "ruling":
        return f"{words}与各比较项相同，按裁判长裁定（监督员确认）"
    keys = [*document["tie_breaks"], *document.get("teams", {}).get("tie_breaks", ())]
    key = next(key for key in keys if read_key(key).label == decided)
    return f"{same}相同，{key_words(key, names(document), smallest_wins=smallest_wins)}"


def absent_sentence(document: Document) -> str:
    """What an absent module does."""
    return "缺考任何一个模块的不排名次。" if document["absent"] == "unranked" else "缺考的模块记 0 分，照常排名。"
