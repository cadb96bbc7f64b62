"""Papers of the hall as tables: sittings and stations, sign-in sheets, code sheets for two signatures. Knows no request."""

from collections.abc import Mapping, Sequence

from competitions.base.clock import beijing_text
from competitions.coding.grids import delegation_name, employer_names, entry_names
from competitions.coding.models import CodeRow, CodeSheet, Lot, Sitting
from competitions.coding.queries import LEVEL_NAMES
from competitions.programme.models import Stage
from competitions.registration.models import Entry
from competitions.registration.workers import id_number_of
from competitions.tabular.writing import Table, TableColumn, signature_line

LEVEL_WORDS = {1: "一次", 2: "二次", 3: "三次"}
Seated = list[tuple[Lot | None, Entry]]


def title_of(stage: Stage, paper: str) -> str:
    """赛项 + 阶段 + what the paper is."""
    return f"{stage.event.name}{stage.name}{paper}"


def seated(entries: Sequence[Entry], lots: Mapping[str, Lot], sitting: Sitting | None) -> Seated:
    """Entries of a sitting by station (without a sitting: those without a lot, by ticket)."""
    wanted = sitting.id if sitting else None
    pairs = [(lots.get(entry.id), entry) for entry in entries]
    here = [pair for pair in pairs if (pair[0].sitting_id if pair[0] else None) == wanted]
    return sorted(here, key=lambda pair: (pair[0].station if pair[0] else 0, pair[1].ticket or ""))


def station_tables(
    stage: Stage, sittings: Sequence[Sitting], entries: Sequence[Entry], lots: Mapping[str, Lot]
) -> list[Table]:
    """场次工位表: a sheet for each sitting."""
    columns = [
        TableColumn("station", "工位", "integer"),
        TableColumn("ticket", "准考证号"),
        TableColumn("name", "姓名"),
        TableColumn("unit", "单位"),
        TableColumn("delegation", "代表队"),
    ]
    return [
        Table(
            title_of(stage, "场次工位表"),
            columns,
            _people(seated(entries, lots, sitting)),
            [_when(sitting)],
            [signature_line(("加密裁判", "监督员"))],
            sheet_name=sitting.name,
        )
        for sitting in sittings
    ]


def sign_in_tables(
    stage: Stage, sittings: Sequence[Sitting], entries: Sequence[Entry], lots: Mapping[str, Lot]
) -> list[Table]:
    """签到表: a sheet for each sitting (one for all where there are none), with room for signatures."""
    columns = [
        TableColumn("number", "序号", "integer"),
        TableColumn("station", "工位", "integer"),
        TableColumn("ticket", "准考证号"),
        TableColumn("name", "姓名"),
        TableColumn("last_four", "证件号后四位"),
        TableColumn("unit", "单位"),
        TableColumn("delegation", "代表队"),
        TableColumn("sign", "签名", width=16),
        TableColumn("note", "备注", width=12),
    ]
    groups: list[Sitting | None] = list(sittings) or [None]
    return [
        Table(
            title_of(stage, "签到表"),
            columns,
            _people(seated(entries, lots, sitting), identify=True),
            [_when(sitting)] if sitting else [],
            [signature_line(("检录裁判", "监督员"))],
            sheet_name=sitting.name if sitting else "签到表",
        )
        for sitting in groups
    ]


def code_table(stage: Stage, sheet: CodeSheet, rows: Sequence[CodeRow], sources: Mapping[str, str]) -> Table:
    """加密登记表 of one level: the two columns of the level and nothing else; by code, so that no order tells anything."""
    before = "准考证号　姓名" if sheet.level == 1 else LEVEL_NAMES[sheet.level - 1]
    columns = [
        TableColumn("code", LEVEL_NAMES[sheet.level]),
        TableColumn("source", before, width=36),
        TableColumn("note", "备注", width=20),
    ]
    lines = [{"code": row.code, "source": sources.get(row.source, "—"), "note": ""} for row in rows]
    digest = f"封存校验值：{grouped(sheet.sealed_digest)}" if sheet.sealed_digest else "尚未封存，仅供核对"
    return Table(
        title_of(stage, f"{LEVEL_WORDS[sheet.level]}加密登记表"),
        columns,
        lines,
        [stage.event.competition.name],
        [digest, signature_line(("加密裁判", "监督员"))],
        sheet_name=f"{LEVEL_WORDS[sheet.level]}加密登记表",
        orientation="portrait",
    )


def source_words(level: int, rows: Sequence[str], entries: Mapping[str, Entry]) -> dict[str, str]:
    """What stands for each source on paper and screen: ticket and names on the first level, the code itself after it."""
    if level > 1:
        return {source: source for source in rows}
    return {source: f"{entry.ticket or '—'}　{entry_names(entry)}" for source in rows if (entry := entries.get(source))}


def grouped(digest: str | None) -> str:
    """A digest in groups of eight, as people compare it."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8)) if digest else ""


def last_four(entry: Entry) -> str:
    """The last four characters of the members' ID numbers: all that check-in sees (security.md §2); none once deleted."""
    return "、".join(
        id_number_of(member.worker)[-4:] for member in entry.members if member.worker and not member.purged_at
    )


def _people(pairs: Seated, *, identify: bool = False) -> list[dict[str, object]]:
    return [
        {
            "number": number,
            "station": lot.station if lot else None,
            "ticket": entry.ticket or "",
            "name": entry_names(entry),
            "last_four": last_four(entry) if identify else "",
            "unit": employer_names(entry),
            "delegation": delegation_name(entry),
            "sign": "",
            "note": "",
        }
        for number, (lot, entry) in enumerate(pairs, 1)
    ]


def _when(sitting: Sitting) -> str:
    return f"{sitting.name}　{beijing_text(sitting.starts_at)}　{sitting.place}".rstrip("　")
