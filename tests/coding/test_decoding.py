"""Check-in and decoding: order, people, presence, and what others may ask before and after."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound, StateForbids
from competitions.base.permissions import Actor
from competitions.coding import queries, services
from competitions.coding.models import CheckIn, CodeRow, CodeSheet, Sitting
from competitions.programme.models import Module, Stage
from competitions.registration.models import Entry
from tests.audit.tampering import unguarded
from tests.coding.test_sealing import refusal
from tests.factories import actor, make_user
from tests.factories_coding import make_contest, make_entry, make_official, sealed, settle, with_lots


@pytest.fixture
def blind(app: Flask) -> tuple[Stage, list[Actor], Actor]:
    """A stage of two levels, all sealed: (stage, coders, supervisor)."""
    stage = make_contest(4, levels=2)
    coders = [make_official("coder", stage) for _ in range(2)]
    supervisor = make_official("supervisor", stage)
    with_lots(stage, coders[0])
    for level, coder in enumerate(coders, 1):
        sealed(stage, level, coder, supervisor)
    return db.session.get_one(Stage, stage.id), coders, supervisor


def sheet_of(stage: Stage, level: int) -> CodeSheet:
    return db.session.scalars(select(CodeSheet).where(CodeSheet.stage_id == stage.id, CodeSheet.level == level)).one()


def decode(stage: Stage, level: int, coder: Actor, supervisor: Actor) -> None:
    sheet_id = sheet_of(stage, level).id
    with transaction() as session:
        services.decode_coder(session, session.get_one(CodeSheet, sheet_id), by=coder, at=clock.now())
    with transaction() as session:
        services.decode_witness(
            session, session.get_one(CodeSheet, sheet_id), "密封完好，当场拆封核对。", by=supervisor, at=clock.now()
        )


def test_nothing_is_decoded_before_the_standings_are_settled(blind: tuple[Stage, list[Actor], Actor]) -> None:
    stage, coders, _ = blind
    fault = refusal(
        lambda s, st: services.decode_coder(
            s, s.get_one(CodeSheet, sheet_of(stage, 2).id), by=coders[1], at=clock.now()
        ),
        stage,
    )
    assert fault.code == "state.unsettled"
    with pytest.raises(StateForbids, match="state.undecoded"):
        queries.identities(db.session(), stage.id)


def test_levels_are_opened_from_the_last_to_the_first_and_then_everybody_has_a_name(
    blind: tuple[Stage, list[Actor], Actor],
) -> None:
    stage, coders, supervisor = blind
    settle(db.session(), stage)
    early = refusal(
        lambda s, st: services.decode_coder(
            s, s.get_one(CodeSheet, sheet_of(stage, 1).id), by=coders[0], at=clock.now()
        ),
        stage,
    )
    assert early.code == "state.decode_order" and early.params == {"level": 2}
    decode(stage, 2, coders[1], supervisor)
    assert not queries.is_decoded(db.session(), stage.id)
    decode(stage, 1, coders[0], supervisor)
    found = queries.identities(db.session(), stage.id)
    second = {
        row.code: row.source for row in db.session.scalars(select(CodeRow).join(CodeSheet).where(CodeSheet.level == 2))
    }
    first = {
        row.code: row.source for row in db.session.scalars(select(CodeRow).join(CodeSheet).where(CodeSheet.level == 1))
    }
    assert found == {code: first[number] for code, number in second.items()} and len(found) == 4


def test_the_supervisor_follows_the_coder_and_writes_a_record(blind: tuple[Stage, list[Actor], Actor]) -> None:
    stage, coders, supervisor = blind
    settle(db.session(), stage)
    sheet_id = sheet_of(stage, 2).id
    first = refusal(
        lambda s, st: services.decode_witness(
            s, s.get_one(CodeSheet, sheet_id), "密封完好，当场拆封。", by=supervisor, at=clock.now()
        ),
        stage,
    )
    assert first.code == "state.decode_coder_first"
    with transaction() as session:
        services.decode_coder(session, session.get_one(CodeSheet, sheet_id), by=coders[1], at=clock.now())
    bare = refusal(
        lambda s, st: services.decode_witness(s, s.get_one(CodeSheet, sheet_id), " 好 ", by=supervisor, at=clock.now()),
        stage,
    )
    assert bare.extra["problems"][0]["code"] == "invalid.code.record_needed"
    alone = refusal(
        lambda s, st: services.decode_witness(
            s, s.get_one(CodeSheet, sheet_id), "密封完好，当场拆封。", by=coders[1], at=clock.now()
        ),
        stage,
    )
    assert alone.code == "state.second_person"


@pytest.mark.parametrize("role", ["organiser_drafting", "organiser_approving", "chief_judge", "deputy_chief_judge"])
def test_who_organises_or_leads_the_event_never_decodes(blind: tuple[Stage, list[Actor], Actor], role: str) -> None:
    stage, _, _ = blind
    scope = ("competition", stage.event.competition_id) if role.startswith("organiser") else ("event", stage.event_id)
    both = actor(make_user((role, *scope), ("coder", "event", stage.event_id)))
    settle(db.session(), stage)
    fault = refusal(
        lambda s, st: services.decode_coder(s, s.get_one(CodeSheet, sheet_of(stage, 2).id), by=both, at=clock.now()),
        stage,
    )
    assert fault.code == "state.decode_barred"


def test_who_organises_the_event_does_not_witness_its_decoding(blind: tuple[Stage, list[Actor], Actor]) -> None:
    stage, coders, _ = blind
    roles = ("organiser_approving", "competition", stage.event.competition_id), ("supervisor", "event", stage.event_id)
    both = actor(make_user(*roles))
    settle(db.session(), stage)
    sheet_id = sheet_of(stage, 2).id
    with transaction() as session:
        services.decode_coder(session, session.get_one(CodeSheet, sheet_id), by=coders[1], at=clock.now())
    fault = refusal(
        lambda s, st: services.decode_witness(
            s, s.get_one(CodeSheet, sheet_id), "密封完好，当场拆封。", by=both, at=clock.now()
        ),
        stage,
    )
    assert fault.code == "state.decode_barred"


def test_the_holder_of_one_level_does_not_open_another(blind: tuple[Stage, list[Actor], Actor]) -> None:
    stage, coders, _ = blind
    settle(db.session(), stage)
    fault = refusal(
        lambda s, st: services.decode_coder(
            s, s.get_one(CodeSheet, sheet_of(stage, 2).id), by=coders[0], at=clock.now()
        ),
        stage,
    )
    assert fault.code == "state.level_of_another"


def test_a_mapping_changed_behind_the_seal_is_not_decoded(blind: tuple[Stage, list[Actor], Actor]) -> None:
    stage, coders, _ = blind
    settle(db.session(), stage)
    one, two = db.session.scalars(select(CodeRow).where(CodeRow.sheet_id == sheet_of(stage, 2).id).limit(2)).all()
    (a, b), (x, y) = (one.id, two.id), (one.source, two.source)
    with unguarded():
        for row, source in ((a, "…"), (b, x), (a, y)):
            db.session.execute(update(CodeRow).where(CodeRow.id == row).values(source=source))
    db.session.commit()
    fault = refusal(
        lambda s, st: services.decode_coder(
            s, s.get_one(CodeSheet, sheet_of(stage, 2).id), by=coders[1], at=clock.now()
        ),
        stage,
    )
    assert fault.code == "state.seal_broken"


def test_the_holder_of_a_level_does_not_witness_its_opening_by_another(blind: tuple[Stage, list[Actor], Actor]) -> None:
    stage, coders, supervisor = blind
    settle(db.session(), stage)
    sheet_id = sheet_of(stage, 2).id
    with transaction() as session:
        services.decode_coder(
            session, session.get_one(CodeSheet, sheet_id), by=make_official("coder", stage), at=clock.now()
        )
    own = refusal(
        lambda s, st: services.decode_witness(
            s, s.get_one(CodeSheet, sheet_id), "密封完好，当场拆封。", by=coders[1], at=clock.now()
        ),
        stage,
    )
    assert own.code == "state.second_person" and sheet_of(stage, 2).state == "sealed"
    with transaction() as session:
        services.decode_witness(
            session, session.get_one(CodeSheet, sheet_id), "密封完好，当场拆封。", by=supervisor, at=clock.now()
        )
    assert sheet_of(stage, 2).state == "decoded"


def test_a_mapping_changed_between_the_two_acts_is_not_decoded(blind: tuple[Stage, list[Actor], Actor]) -> None:
    stage, coders, supervisor = blind
    settle(db.session(), stage)
    sheet_id = sheet_of(stage, 2).id
    with transaction() as session:
        services.decode_coder(session, session.get_one(CodeSheet, sheet_id), by=coders[1], at=clock.now())
    row = db.session.scalars(select(CodeRow).where(CodeRow.sheet_id == sheet_id).limit(1)).one()
    with unguarded():
        db.session.execute(update(CodeRow).where(CodeRow.id == row.id).values(code="A99"))
    db.session.commit()
    fault = refusal(
        lambda s, st: services.decode_witness(
            s, s.get_one(CodeSheet, sheet_id), "密封完好，当场拆封。", by=supervisor, at=clock.now()
        ),
        stage,
    )
    assert fault.code == "state.seal_broken"


def test_a_level_is_opened_once(blind: tuple[Stage, list[Actor], Actor]) -> None:
    stage, coders, supervisor = blind
    settle(db.session(), stage)
    with transaction() as session:
        services.decode_coder(session, session.get_one(CodeSheet, sheet_of(stage, 2).id), by=coders[1], at=clock.now())
    twice = refusal(
        lambda s, st: services.decode_coder(
            s, s.get_one(CodeSheet, sheet_of(stage, 2).id), by=make_official("coder", stage), at=clock.now()
        ),
        stage,
    )
    assert twice.code == "state.decode_awaits_witness"


def test_opaque_groups_name_nobody_and_hold_for_one_stage(blind: tuple[Stage, list[Actor], Actor]) -> None:
    stage, _, _ = blind
    groups = queries.opaque_groups(db.session(), stage.id)
    assert set(groups) == {place.code for place in queries.coded_places(db.session(), stage.id)}
    assert len({group["team"] for group in groups.values()}) == 1
    delegation = db.session.scalars(select(Entry.delegation_id)).first()
    assert delegation not in str(groups)


def test_tickets_lead_to_codes_for_the_tabulators_service(blind: tuple[Stage, list[Actor], Actor]) -> None:
    stage, _, _ = blind
    found = queries.ticket_codes(db.session(), stage.id)
    assert set(found) == set(db.session.scalars(select(Entry.ticket)))
    assert set(found.values()) == {place.code for place in queries.coded_places(db.session(), stage.id)}


def test_the_first_check_in_locks_the_stage_and_presence_follows_the_code(
    blind: tuple[Stage, list[Actor], Actor],
) -> None:
    stage, _, _ = blind
    steward = make_official("steward", stage)
    entry = queries.contender_ids(db.session(), stage)[0]
    assert stage.locked_at is None
    with transaction() as session:
        services.check_in(session, session.get_one(Stage, stage.id), entry, "late", by=steward, at=clock.now())
    code = next(code for code, found in queries.final_codes(db.session(), stage.id).items() if found == entry)
    marked = {place.code: place.presence for place in queries.coded_places(db.session(), stage.id)}
    assert db.session.get_one(Stage, stage.id).locked_at is not None
    assert marked[code] == "late" and sorted(marked.values()) == ["late", "present", "present", "present"]


def test_a_check_in_is_corrected_by_a_new_value(blind: tuple[Stage, list[Actor], Actor]) -> None:
    stage, _, _ = blind
    steward = make_official("steward", stage)
    entry = queries.contender_ids(db.session(), stage)[0]
    for presence in ("absent", "present"):
        with transaction() as session:
            services.check_in(session, session.get_one(Stage, stage.id), entry, presence, by=steward, at=clock.now())
    assert db.session.scalars(select(CheckIn)).one().presence == "present"


def test_somebody_of_another_event_is_not_checked_in(blind: tuple[Stage, list[Actor], Actor]) -> None:
    stage, _, _ = blind
    steward = make_official("steward", stage)
    stranger = make_entry(make_contest(1).event)
    db.session.commit()
    fault = refusal(lambda s, st: services.check_in(s, st, stranger.id, "present", by=steward, at=clock.now()), stage)
    assert isinstance(fault, NotFound)


def test_the_rest_is_absent_only_when_the_time_for_coming_late_is_over(blind: tuple[Stage, list[Actor], Actor]) -> None:
    stage, _, _ = blind
    steward = make_official("steward", stage)
    db.session.execute(update(Module).where(Module.stage_id == stage.id).values(settings={"late_minutes": 20}))
    db.session.commit()
    sitting = db.session.scalars(select(Sitting).where(Sitting.stage_id == stage.id)).one()
    begins, sitting_id = sitting.starts_at, sitting.id
    here = queries.contender_ids(db.session(), stage)[0]
    with transaction() as session:
        services.check_in(session, session.get_one(Stage, stage.id), here, "present", by=steward, at=begins)
    early = refusal(
        lambda s, st: services.mark_rest_absent(
            s, st, s.get_one(Sitting, sitting_id), by=steward, at=begins + timedelta(minutes=19)
        ),
        stage,
    )
    assert early.code == "state.late_time_left"
    with transaction() as session:
        count = services.mark_rest_absent(
            session,
            session.get_one(Stage, stage.id),
            session.get_one(Sitting, sitting_id),
            by=steward,
            at=begins + timedelta(minutes=20),
        )
    assert count == 3
    assert sorted(row.presence for row in db.session.scalars(select(CheckIn))) == [
        "absent",
        "absent",
        "absent",
        "present",
    ]


def test_nobody_is_checked_in_after_the_standings_are_settled(blind: tuple[Stage, list[Actor], Actor]) -> None:
    stage, _, _ = blind
    steward = make_official("steward", stage)
    settle(db.session(), stage)
    entry = queries.contender_ids(db.session(), stage)[0]
    fault = refusal(lambda s, st: services.check_in(s, st, entry, "absent", by=steward, at=clock.now()), stage)
    assert fault.code == "state.settled"
