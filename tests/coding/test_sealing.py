"""Lots, code sheets, seals and levels: what holds, and what is refused."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from competitions.accounts.models import KnownDevice
from competitions.accounts.pairs.shared import name_device
from competitions.accounts.second_person import device_of
from competitions.audit.models import AuditEvent
from competitions.audit.recording import DIGESTS, transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, NotFound, Refusal, Stale, StateForbids
from competitions.base.permissions import Actor, Permission
from competitions.base.roles import ROLE_PERMISSIONS
from competitions.coding import queries, services
from competitions.coding.lots import lots_version
from competitions.coding.models import CodedPlace, CodeRow, CodeSheet, Lot
from competitions.programme.models import Stage
from competitions.registration.models import Entry
from tests.audit.tampering import unguarded
from tests.factories_coding import make_contest, make_entry, make_official, sealed, with_lots


def refusal(act: Callable[[Session, Stage], Any], stage: Stage) -> Refusal:
    """What the house says to an act inside a transaction."""
    with pytest.raises(Refusal) as fault, transaction() as session:
        act(session, session.get_one(Stage, stage.id))
    db.session.rollback()
    return fault.value


def test_the_same_seed_over_the_same_entries_draws_the_same_lots(app: Flask) -> None:
    stage = make_contest(6)
    coder = make_official("coder", stage)
    with_lots(stage, coder, "987654")
    first = {lot.entry_id: lot.station for lot in db.session.scalars(select(Lot))}
    with_lots(stage, coder, "123456")
    other = {lot.entry_id: lot.station for lot in db.session.scalars(select(Lot))}
    with_lots(stage, coder, "987654")
    again = {lot.entry_id: lot.station for lot in db.session.scalars(select(Lot))}
    assert first == again != other and sorted(first.values()) == [1, 2, 3, 4, 5, 6]


def test_the_audit_tells_of_a_draw_its_digest_and_not_its_seed_or_outcome(app: Flask) -> None:
    stage = with_lots(make_contest(3), coder := make_official("coder", make_contest(1)), "SEED-0815")
    records = [json.loads(payload) for payload in db.session.scalars(select(AuditEvent.payload))]
    payloads = json.dumps([{**each, DIGESTS: None} for each in records])  # which rows were written is no outcome
    entries = db.session.scalars(select(Lot.entry_id).where(Lot.stage_id == stage.id)).all()
    assert "lots.draw" in payloads and lots_version(db.session(), stage.id) in payloads
    assert "SEED-0815" not in payloads and not any(entry in payloads for entry in entries) and coder.id in payloads


def test_a_seed_of_five_characters_or_too_few_stations_are_refused(app: Flask) -> None:
    stage = make_contest(3, stations=2)
    coder = make_official("coder", stage)
    short = refusal(lambda s, st: services.draw_lots(s, st, "12345", by=coder, at=clock.now()), stage)
    assert short.extra["problems"][0]["code"] == "invalid.lot.seed_short"
    assert (
        refusal(lambda s, st: services.draw_lots(s, st, "123456", by=coder, at=clock.now()), stage).code
        == "invalid.lot.seats_short"
    )


def test_lots_from_the_hall_are_refused_with_every_fault_at_its_entry(app: Flask) -> None:
    stage = make_contest(3)
    coder = make_official("coder", stage)
    sitting = queries.sittings_of(db.session(), stage.id)[0].id
    one, two, three = queries.contender_ids(db.session(), stage)
    typed = {one: (sitting, 4), two: (sitting, 4), three: (sitting, 11)}
    fault = refusal(lambda s, st: services.record_lots(s, st, typed, by=coder, at=clock.now()), stage)
    assert isinstance(fault, Invalid)
    assert {problem["where"]: problem["code"] for problem in fault.problems} == {
        one: "invalid.lot.station_taken",
        two: "invalid.lot.station_taken",
        three: "invalid.lot.no_such_station",
    }
    assert not db.session.scalars(select(Lot)).all()


def test_two_people_who_type_lots_do_not_overwrite_each_other(app: Flask) -> None:
    stage = make_contest(2)
    coder = make_official("coder", stage)
    sitting = queries.sittings_of(db.session(), stage.id)[0].id
    one, two = queries.contender_ids(db.session(), stage)
    seen = lots_version(db.session(), stage.id)
    with transaction() as session:
        services.record_lots(
            session, session.get_one(Stage, stage.id), {one: (sitting, 1)}, by=coder, at=clock.now(), version=seen
        )
    fault = refusal(
        lambda s, st: services.record_lots(s, st, {two: (sitting, 1)}, by=coder, at=clock.now(), version=seen), stage
    )
    assert isinstance(fault, Stale)


def test_two_lots_may_be_exchanged_in_one_go(app: Flask) -> None:
    stage = make_contest(2)
    coder = make_official("coder", stage)
    sitting = queries.sittings_of(db.session(), stage.id)[0].id
    one, two = queries.contender_ids(db.session(), stage)
    for seats in ({one: (sitting, 1), two: (sitting, 2)}, {one: (sitting, 2), two: (sitting, 1)}):
        with transaction() as session:
            services.record_lots(session, session.get_one(Stage, stage.id), seats, by=coder, at=clock.now())
    assert {lot.entry_id: lot.station for lot in db.session.scalars(select(Lot))} == {one: 2, two: 1}


def test_a_sealed_stage_gives_judging_places_without_a_trace_of_people(app: Flask) -> None:
    stage = make_contest(5)
    coder, supervisor = make_official("coder", stage), make_official("supervisor", stage)
    with_lots(stage, coder)
    assert not queries.is_sealed(db.session(), stage.id)
    sealed(stage, 1, coder, supervisor)
    places = queries.coded_places(db.session(), stage.id)
    entries = set(db.session.scalars(select(Entry.id)))
    tickets = set(db.session.scalars(select(Entry.ticket)))
    assert len(places) == 5 and len({place.created_at for place in places}) == 1
    assert not {place.id for place in places} & entries and not {place.code for place in places} & tickets
    assert {place.presence for place in places} == {"present"} and sorted(p.station or 0 for p in places) == [
        1,
        2,
        3,
        4,
        5,
    ]


def test_code_rows_have_one_time_and_an_order_of_their_own(app: Flask) -> None:
    stage = with_lots(make_contest(40, stations=60), coder := make_official("coder", make_contest(1)))
    with transaction() as session:
        services.draw_codes(session, session.get_one(Stage, stage.id), 1, by=coder, at=clock.now())
    column = "rowid" if db.engine.dialect.name == "sqlite" else "ctid"
    rows = db.session.execute(db.text(f"SELECT source, code FROM code_row ORDER BY {column}")).all()
    tickets = dict(db.session.execute(select(Entry.id, Entry.ticket)).all())
    by_ticket = sorted(rows, key=lambda row: str(tickets[row.source]))
    assert len({row.created_at for row in db.session.scalars(select(CodeRow))}) == 1
    assert rows != by_ticket and rows != sorted(rows, key=lambda row: row.code) and rows != sorted(rows)
    assert [row.code for row in by_ticket] != sorted(row.code for row in rows)


def test_codes_are_not_drawn_while_lots_are_missing(app: Flask) -> None:
    stage = make_contest(2)
    coder = make_official("coder", stage)
    assert (
        refusal(lambda s, st: services.draw_codes(s, st, 1, by=coder, at=clock.now()), stage).code
        == "state.lots_missing"
    )


def test_typed_codes_are_refused_when_repeated_malformed_or_a_ticket(app: Flask) -> None:
    stage = with_lots(make_contest(3), coder := make_official("coder", make_contest(1)))
    one, two, three = queries.contender_ids(db.session(), stage)
    ticket = db.session.get_one(Entry, three).ticket
    typed = {one: "１２ 7", two: "127", three: str(ticket)}
    fault = refusal(lambda s, st: services.enter_codes(s, st, 1, typed, by=coder, at=clock.now()), stage)
    assert isinstance(fault, Invalid)
    assert {p["where"]: p["code"] for p in fault.problems} == {
        two: "invalid.code.repeated",
        three: "invalid.code.is_ticket",
    }
    bad = refusal(lambda s, st: services.enter_codes(s, st, 1, {one: "<b>"}, by=coder, at=clock.now()), stage)
    assert bad.extra["problems"][0]["code"] == "invalid.code.format"


def test_a_sheet_with_a_blank_is_not_sealed(app: Flask) -> None:
    stage = with_lots(make_contest(2), coder := make_official("coder", make_contest(1)))
    one, _ = queries.contender_ids(db.session(), stage)
    with transaction() as session:
        sheet = services.enter_codes(
            session, session.get_one(Stage, stage.id), 1, {one: "301"}, by=coder, at=clock.now()
        )
    fault = refusal(lambda s, st: services.seal(s, s.get_one(CodeSheet, sheet.id), by=coder, at=clock.now()), stage)
    assert fault.code == "state.codes_incomplete" and fault.params == {"count": 1}


def test_a_sealed_sheet_is_not_drawn_again_and_its_lots_stay(app: Flask) -> None:
    stage = make_contest(2)
    coder, supervisor = make_official("coder", stage), make_official("supervisor", stage)
    with_lots(stage, coder)
    sealed(stage, 1, coder, supervisor)
    assert (
        refusal(lambda s, st: services.draw_codes(s, st, 1, by=coder, at=clock.now()), stage).code
        == "state.sheet_sealed"
    )
    assert (
        refusal(lambda s, st: services.draw_lots(s, st, "123456", by=coder, at=clock.now()), stage).code
        == "state.codes_sealed"
    )


def test_the_supervisor_does_not_witness_a_mapping_that_was_changed_after_sealing(app: Flask) -> None:
    stage = make_contest(2)
    coder, supervisor = make_official("coder", stage), make_official("supervisor", stage)
    with_lots(stage, coder)
    with transaction() as session:
        sheet = services.draw_codes(session, session.get_one(Stage, stage.id), 1, by=coder, at=clock.now())
        services.seal(session, sheet, by=coder, at=clock.now())
    row = db.session.scalars(select(CodeRow)).first()
    assert row is not None
    with unguarded():
        db.session.execute(update(CodeRow).where(CodeRow.id == row.id).values(code="ZZZ"))
    db.session.commit()
    fault = refusal(
        lambda s, st: services.witness_seal(s, s.get_one(CodeSheet, sheet.id), by=supervisor, at=clock.now()), stage
    )
    assert fault.code == "state.seal_broken" and not db.session.scalars(select(CodedPlace)).all()


def test_a_refused_seal_opens_the_level_for_its_coder_again(app: Flask) -> None:
    stage = make_contest(2)
    coder, supervisor = make_official("coder", stage), make_official("supervisor", stage)
    with_lots(stage, coder)
    with transaction() as session:
        sheet = services.draw_codes(session, session.get_one(Stage, stage.id), 1, by=coder, at=clock.now())
        first = services.seal(session, sheet, by=coder, at=clock.now())
        services.refuse_seal(session, sheet, "纸面登记表与屏幕不一致", by=supervisor, at=clock.now())
    with transaction() as session:
        sheet = services.draw_codes(session, session.get_one(Stage, stage.id), 1, by=coder, at=clock.now())
        assert services.seal(session, sheet, by=coder, at=clock.now()) != first


def test_a_level_is_sealed_by_its_own_coder_and_once(app: Flask) -> None:
    stage = make_contest(2)
    coder, other = make_official("coder", stage), make_official("coder", stage)
    with_lots(stage, coder)
    with transaction() as session:
        sheet_id = services.draw_codes(session, session.get_one(Stage, stage.id), 1, by=coder, at=clock.now()).id

    def sealing(by: Actor) -> Callable[[Session, Stage], Any]:
        return lambda s, st: services.seal(s, s.get_one(CodeSheet, sheet_id), by=by, at=clock.now())

    assert refusal(sealing(other), stage).code == "state.level_of_another"
    with transaction() as session:
        sealing(coder)(session, stage)
    assert refusal(sealing(coder), stage).code == "state.sheet_sealed"


def test_a_seal_is_refused_with_a_reason_and_only_while_it_waits(app: Flask) -> None:
    stage = make_contest(2)
    coder, supervisor = make_official("coder", stage), make_official("supervisor", stage)
    with_lots(stage, coder)
    with transaction() as session:
        sheet = services.draw_codes(session, session.get_one(Stage, stage.id), 1, by=coder, at=clock.now())
        sheet_id = sheet.id

    def refusing(reason: str) -> Callable[[Session, Stage], Any]:
        return lambda s, st: services.refuse_seal(
            s, s.get_one(CodeSheet, sheet_id), reason, by=supervisor, at=clock.now()
        )

    assert refusal(refusing("纸面登记表与屏幕不一致"), stage).code == "state.not_awaiting_witness"
    with transaction() as session:
        services.seal(session, session.get_one(CodeSheet, sheet_id), by=coder, at=clock.now())
    assert refusal(refusing(" 不符 "), stage).code == "invalid.reason_seal"
    with transaction() as session:
        services.witness_seal(session, session.get_one(CodeSheet, sheet_id), by=supervisor, at=clock.now())
    assert refusal(refusing("纸面登记表与屏幕不一致"), stage).code == "state.not_awaiting_witness"
    assert queries.is_sealed(db.session(), stage.id)


def test_one_person_does_not_seal_and_witness(app: Flask) -> None:
    stage = make_contest(2)
    coder = make_official("coder", stage)
    with_lots(stage, coder)
    with transaction() as session:
        sheet = services.draw_codes(session, session.get_one(Stage, stage.id), 1, by=coder, at=clock.now())
        services.seal(session, sheet, by=coder, at=clock.now())
    fault = refusal(
        lambda s, st: services.witness_seal(s, s.get_one(CodeSheet, sheet.id), by=coder, at=clock.now()), stage
    )
    assert fault.code == "state.second_person"


def in_browser(who: Actor, token: str) -> Actor:
    """The same person, signed in from the browser that keeps this token."""
    device = KnownDevice(user_id=who.id, token_hash=token * 64, first_at=clock.now())
    db.session.add(device)
    db.session.commit()
    return Actor(who.id, who.username, who.display_name, None, None, who.assignments, device.id)


def sealed_from(stage: Stage, coder: Actor, supervisor: Actor, minutes: int) -> bool:
    at = clock.now()
    with transaction() as session:
        sheet = services.draw_codes(session, session.get_one(Stage, stage.id), 1, by=coder, at=at)
        services.seal(session, sheet, by=coder, at=at)
        services.witness_seal(session, sheet, by=supervisor, at=at + timedelta(minutes=minutes))
        return sheet.same_device


def share(stage: Stage, supervisor: Actor) -> None:
    """The supervisor says that the hall has only the device at which he sits."""
    with transaction() as session:
        device = device_of(session, supervisor)
        name_device(session, stage.event_id, device, "台式机", "赛场只有一台电脑", by=supervisor, at=clock.now())


@pytest.mark.parametrize("minutes", [3, 45])
def test_two_acts_from_one_browser_are_refused(app: Flask, minutes: int) -> None:
    stage = make_contest(2)
    coder, supervisor = make_official("coder", stage), make_official("supervisor", stage)
    with_lots(stage, coder)
    with pytest.raises(StateForbids) as fault:
        sealed_from(stage, in_browser(coder, "a"), in_browser(supervisor, "a"), minutes)
    assert fault.value.code == "state.second_device"


@pytest.mark.parametrize(
    ("first", "second", "minutes", "flagged"), [("a", "a", 3, True), ("a", "b", 3, False), ("a", "a", 45, False)]
)
def test_two_acts_from_the_device_of_the_hall_within_minutes_are_flagged(
    app: Flask, first: str, second: str, minutes: int, flagged: bool
) -> None:
    stage = make_contest(2)
    coder, supervisor = make_official("coder", stage), make_official("supervisor", stage)
    with_lots(stage, coder)
    coder, supervisor = in_browser(coder, first), in_browser(supervisor, second)
    share(stage, supervisor)
    assert sealed_from(stage, coder, supervisor, minutes) is flagged
    payloads = "".join(db.session.scalars(select(AuditEvent.payload)))
    assert ('"same_device":true' in payloads) is flagged


def test_three_levels_have_three_coders_and_nobody_holds_two(app: Flask) -> None:
    stage = make_contest(4, levels=3)
    coders = [make_official("coder", stage) for _ in range(3)]
    supervisor = make_official("supervisor", stage)
    with_lots(stage, coders[0])
    early = refusal(lambda s, st: services.draw_codes(s, st, 2, by=coders[1], at=clock.now()), stage)
    assert early.code == "state.level_before_open"
    sealed(stage, 1, coders[0], supervisor)
    twice = refusal(lambda s, st: services.draw_codes(s, st, 2, by=coders[0], at=clock.now()), stage)
    assert twice.code == "state.other_level_held"
    sealed(stage, 2, coders[1], supervisor)
    assert not queries.is_sealed(db.session(), stage.id)
    sealed(stage, 3, coders[2], supervisor)
    places = queries.coded_places(db.session(), stage.id)
    assert {place.code[0] for place in places} == {"Z"} and {place.station for place in places} == {None}
    benches = db.session.scalars(select(CodeRow.code).join(CodeSheet).where(CodeSheet.level == 2))
    assert sorted(benches) == ["A01", "A02", "A03", "A04"]


def test_with_two_levels_judging_sees_the_bench_and_not_the_lot(app: Flask) -> None:
    stage = make_contest(6, levels=2)
    coders = [make_official("coder", stage) for _ in range(2)]
    supervisor = make_official("supervisor", stage)
    with_lots(stage, coders[0])
    sealed(stage, 1, coders[0], supervisor)
    sealed(stage, 2, coders[1], supervisor)
    assert all(place.code == f"A{place.station:02d}" for place in queries.coded_places(db.session(), stage.id))


def test_there_is_no_fourth_level_and_no_level_beyond_the_event(app: Flask) -> None:
    stage = with_lots(make_contest(2), coder := make_official("coder", make_contest(1)))
    for level in (0, 2, 4):
        fault = refusal(lambda s, st, level=level: services.draw_codes(s, st, level, by=coder, at=clock.now()), stage)
        assert isinstance(fault, NotFound)


def test_somebody_elses_level_is_not_drawn_again(app: Flask) -> None:
    stage = make_contest(2)
    coder, other = make_official("coder", stage), make_official("coder", stage)
    with_lots(stage, coder)
    with transaction() as session:
        services.draw_codes(session, session.get_one(Stage, stage.id), 1, by=coder, at=clock.now())
    assert (
        refusal(lambda s, st: services.draw_codes(s, st, 1, by=other, at=clock.now()), stage).code
        == "state.level_of_another"
    )


def test_somebody_approved_after_the_draw_keeps_the_sheet_from_being_sealed(app: Flask) -> None:
    stage = with_lots(make_contest(2), coder := make_official("coder", make_contest(1)))
    with transaction() as session:
        sheet = services.draw_codes(session, session.get_one(Stage, stage.id), 1, by=coder, at=clock.now())
    make_entry(db.session.get_one(Stage, stage.id).event)
    db.session.commit()
    fault = refusal(lambda s, st: services.seal(s, s.get_one(CodeSheet, sheet.id), by=coder, at=clock.now()), stage)
    assert fault.code == "state.lots_missing"


def test_an_event_without_levels_is_coded_by_the_system_at_the_first_check_in(app: Flask) -> None:
    stage = make_contest(3, levels=0)
    steward = make_official("steward", stage)
    first, *_ = queries.contender_ids(db.session(), stage)
    with transaction() as session:
        services.check_in(session, session.get_one(Stage, stage.id), first, "absent", by=steward, at=clock.now())
    assert sorted(place.presence for place in queries.coded_places(db.session(), stage.id)) == [
        "absent",
        "present",
        "present",
    ]
    late = make_entry(db.session.get_one(Stage, stage.id).event)
    db.session.commit()
    with transaction() as session:
        services.check_in(session, session.get_one(Stage, stage.id), late.id, "late", by=steward, at=clock.now())
    assert len(queries.coded_places(db.session(), stage.id)) == 4


def test_neither_organisers_nor_chief_judges_draw_seal_decode_or_witness() -> None:
    acts = {Permission.DRAW_LOTS, Permission.SEAL_CODES, Permission.DECODE, Permission.WITNESS}
    for role in (
        "organiser_drafting",
        "organiser_approving",
        "chief_judge",
        "deputy_chief_judge",
        "judge",
        "administrator",
    ):
        assert not acts & ROLE_PERMISSIONS[role]
