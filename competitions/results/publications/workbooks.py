"""成绩汇总表 for officials and 名次公示表 for the public as workbooks, to be signed. Knows no request."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from competitions.base.clock import beijing_text
from competitions.results.publications.public_lines import columns as score_columns
from competitions.results.publications.public_lines import score
from competitions.results.standings.computed import DivisionStandings
from competitions.results.standings.page import StandingRow, StandingsTable
from competitions.results.standings.turnout import turnout, turnout_words
from competitions.tabular.writing import Table, TableColumn, signature_line, write_workbook
from competitions.words.codes import WORDS

Row = dict[str, object]


def standings_workbook(
    heading: str, tables: Sequence[tuple[DivisionStandings, StandingsTable]], named: bool, at: datetime
) -> bytes:
    """成绩汇总表, a sheet for each division; by code, with names where `named`."""
    sheets = []
    for standing, table in tables:
        sheets.append(_summary(heading, standing, table, named, at))
        if table.teams:
            sheets.append(_teams_summary(heading, standing, table))
    return write_workbook(sheets, title=f"{heading}成绩汇总表", at=at)


def public_workbook(public: Mapping[str, Any], published_at: datetime | None) -> bytes:
    """名次公示表 of a publication, a sheet for each division, then the teams; from the snapshot only."""
    sheets = []
    for division in public["divisions"]:
        sheets.append(_public_placings(public, division, published_at))
        if division["teams"]:
            sheets.append(_public_teams(public, division, published_at))
    return write_workbook(sheets, title=public_title(public), at=published_at)


def public_title(public: Mapping[str, Any]) -> str:
    """桂有技能大赛焊工决赛成绩公布."""
    return f"{public['competition']}{public['event']}{public['stage']}成绩公布"


def exact_number(text: str | None) -> Decimal | str | None:
    """A score as a number for the cell; an exact fraction stays text."""
    return Decimal(text) if text and "/" not in text and "…" not in text else text


def _summary(heading: str, standing: DivisionStandings, table: StandingsTable, named: bool, at: datetime) -> Table:
    people = [TableColumn("name", "姓名"), TableColumn("organisation", "所在单位"), TableColumn("delegation", "代表队")]
    columns = [
        TableColumn("rank", "名次", "integer", 7),
        TableColumn("code", "参赛编号", width=11),
        *(people if named else ()),
        *(TableColumn(f"part:{id_}", name, "number") for id_, name in table.columns),
        TableColumn("total", "总成绩", "number"),
        *([TableColumn("award", "拟授奖项")] if table.has_awards else ()),
        *([TableColumn("advances", "晋级", width=7)] if table.advances else ()),
        *([TableColumn("standard_score", "标准分", "integer", 9)] if table.standard else ()),
        TableColumn("decided", "决定名次的依据"),
        TableColumn("status", "状态", width=11),
    ]
    counted = turnout_words(turnout(standing.document, standing.division.event.team_size))
    lines = [f"组别：{standing.division.name}　　截至：{beijing_text(at)}　　{counted}"]
    return Table(
        f"{heading}成绩汇总表",
        columns,
        [_summary_row(row, table) for row in table.rows],
        lines,
        [signature_line()],
        sheet_name=standing.division.name,
        autofilter=True,
    )


def _summary_row(row: StandingRow, table: StandingsTable) -> Row:
    who = row.entrant
    shown: Row = {f"part:{id_}": exact_number(score) for (id_, _), score in zip(table.columns, row.scores, strict=True)}
    return shown | {
        "rank": row.rank,
        "code": row.code,
        "total": exact_number(row.total),
        "award": row.award,
        "decided": row.decided,
        "advances": "晋级" if row.advances else "",
        "standard_score": row.standard_score,
        "status": "" if row.status == "ranked" else WORDS["placing_status"][row.status],
        "name": who and who.name,
        "organisation": who and who.organisation,
        "delegation": who and who.delegation,
    }


def _teams_summary(heading: str, standing: DivisionStandings, table: StandingsTable) -> Table:
    columns = [
        TableColumn("rank", "名次", "integer", 7),
        TableColumn("name", WORDS["teams_by"][table.teams_by]),
        TableColumn("members", "计分成员"),
        TableColumn("value", "团体成绩", "number"),
        TableColumn("award", "拟授奖项"),
        TableColumn("decided", "决定名次的依据"),
    ]
    rows: list[Row] = [
        {
            "rank": team.rank,
            "name": team.name,
            "members": "、".join(team.members),
            "award": team.award,
            "value": exact_number(team.value),
            "decided": team.decided,
        }
        for team in table.teams
    ]
    return Table(
        f"{heading}团体成绩汇总表",
        columns,
        rows,
        [f"组别：{standing.division.name}"],
        [signature_line()],
        sheet_name=f"{standing.division.name}团体",
    )


def _public_placings(public: Mapping[str, Any], division: Mapping[str, Any], published_at: datetime | None) -> Table:
    parts = score_columns(division)
    has_honours = any(placing.get("honours") for placing in division["placings"])
    columns = [
        TableColumn("rank", "名次", "integer", 7),
        TableColumn("name", "姓名"),
        TableColumn("organisation", "所在单位"),
        TableColumn("delegation", "代表队"),
        *(TableColumn(f"part:{id_}", name, "number") for id_, name in parts),
        *([TableColumn("total", "总成绩", "number")] if parts else ()),
        TableColumn("award", "拟授奖项"),
        *([TableColumn("honours", "拟授荣誉")] if has_honours else ()),
        *([TableColumn("advances", "晋级", width=7)] if division.get("advances") else ()),
    ]
    rows: list[Row] = [
        {
            **placing,
            **{f"part:{id_}": exact_number(score(placing, id_)) for id_, _ in parts},
            "total": exact_number(placing.get("total")),
            "honours": "、".join(placing.get("honours", ())),
            "advances": "晋级" if placing.get("advances") else "",
        }
        for placing in division["placings"]
    ]
    return Table(
        public_title(public),
        columns,
        rows,
        _public_lines(public, division, published_at),
        [signature_line()],
        sheet_name=division["name"],
    )


def _public_teams(public: Mapping[str, Any], division: Mapping[str, Any], published_at: datetime | None) -> Table:
    columns = [
        TableColumn("rank", "名次", "integer", 7),
        TableColumn("name", WORDS["teams_by"][division["teams_by"]]),
        TableColumn("members", "计分成员"),
        *([TableColumn("value", "团体成绩", "number")] if public["marks_public"] else ()),
        TableColumn("award", "拟授奖项"),
    ]
    rows: list[Row] = [
        {**team, "members": "、".join(team["members"]), "value": exact_number(team.get("value"))}
        for team in division["teams"]
    ]
    return Table(
        f"{public_title(public)}（团体）",
        columns,
        rows,
        _public_lines(public, division, published_at),
        [signature_line()],
        sheet_name=f"{division['name']}团体",
    )


def _public_lines(public: Mapping[str, Any], division: Mapping[str, Any], published_at: datetime | None) -> list[str]:
    day = beijing_text(published_at, "%Y年%m月%d日") or "（尚未公布）"
    return [
        f"第 {public['number']} 号公布　　组别：{division['name']}　　公布日期：{day}　　奖项为拟授",
        turnout_words(division["turnout"]) + "。表中列有名次者。",
    ]
