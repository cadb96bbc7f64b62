"""Builders for results: a stage marked, confirmed and signed by the real services, with people behind the codes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import select

from competitions.accounts.models import User
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import StateForbids
from competitions.coding.models import CodeSheet, Sitting
from competitions.coding.queries import final_codes
from competitions.coding.services import decode_coder, decode_witness
from competitions.judging.models import PanelMember, ScoreSheet
from competitions.judging.panels.services import open_judging
from competitions.judging.schemes.marks import Submission
from competitions.judging.sheets.services import confirm_sheet, submit_revision
from competitions.judging.signing.services import sign_module
from competitions.programme.models import Division, Module, Ruleset, Stage
from competitions.results.models import Publication
from competitions.results.publications.services import approve_publication, draft_publication, settle
from tests.factories import actor, make_event, make_union, make_user
from tests.factories_coding import everybody_came, make_entry, sealed, with_lots
from tests.people import Client

ROLES = ("chief_judge", "deputy_chief_judge", "checker", "tabulator", "coder", "supervisor", "steward")
Marks = dict[str, Sequence[str]]
"""Module key → one mark for each judge."""


TWO = {"places": 2, "mode": "half_up"}


def module(key: str, name: str, weight: str = "1", *, judges: int = 1, drop: int = 0, **more: Any) -> dict[str, Any]:
    """A module of 100 marks without aspects; `drop` of the highest and of the lowest marks are left out."""
    panel = {"combine": "mean", "drop_highest": drop, "drop_lowest": drop, "judges": judges}
    return {"id": key, "name": name, "full_marks": "100", "weight": weight, "panel": panel, "combine_at": "sheet",
            "deduction_cap": None, "bonus_cap": None, "round": TWO, "pass_mark": None, **more}  # fmt: skip


def ruleset(modules: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Larger is better, shared ranks, absent unranked, totals of two places; `more` says what differs."""
    return {"modules": modules, "total": {"round": TWO, "deduction_cap": None, "floor": "0"}, "order": "descending",
            "tie_breaks": [], "ties": "shared", "absent": "unranked", **more}  # fmt: skip


def prizes(first: int, second: int, third: int) -> dict[str, Any]:
    """So many first, second and third prizes; a tie across the boundary gets the better one."""
    places = [("first", "一等奖", first), ("second", "二等奖", second), ("third", "三等奖", third)]
    return {"base": "ranked", "ties": "include", "rounding": "half_up", "min_total": None, "must_pass": False,
            "min_field": None, "list": [{"id": i, "name": n, "count": c} for i, n, c in places]}  # fmt: skip


def thirty_seventy(**more: Any) -> dict[str, Any]:
    """Theory 30 %, practice 70 % by one judge each; equal totals by practice; a first, second and third prize."""
    modules = [module("theory", "理论", "0.3"), module("practice", "实操", "0.7")]
    tie_breaks = [{"by": "module", "id": "practice"}]
    return ruleset(modules, **{"tie_breaks": tie_breaks, "awards": prizes(1, 1, 1), **more})


def practice_only(judges: int = 1, drop: int = 0, **more: Any) -> dict[str, Any]:
    """One module; `drop` of the highest and of the lowest marks left out."""
    return ruleset([module("practice", "实操", judges=judges, drop=drop)], **more)


@dataclass
class Contest:
    """A stage with its people; `codes` by the index of the competitor, as the draw gave them."""

    app: Flask
    stage_id: str
    division_id: str
    people: dict[str, User]
    judges: list[User]
    entries: list[str]
    codes: list[str]

    @property
    def stage(self) -> Stage:
        """The stage as it is now."""
        db.session.rollback()
        return db.session.get_one(Stage, self.stage_id)

    def actor(self, role: str) -> Any:
        """A person as the value that services take."""
        return actor(self.people[role])

    def client(self, role: str) -> Client:
        """A person, signed in."""
        client = Client(self.app)
        assert client.sign_in(self.people[role].username).status_code == 303
        return client

    def page(self, role: str, path: str = "standings") -> str:
        """A page of the stage as this person sees it."""
        return self.client(role).get(f"/desk/stages/{self.stage_id}/{path}").get_data(as_text=True)

    def settle(self) -> None:
        """The chief judge settles."""
        with transaction() as session:
            settle(session, session.get_one(Stage, self.stage_id), by=self.actor("chief_judge"), at=clock.now())

    def decode(self) -> None:
        """Coder and supervisor open the codes."""
        with transaction() as session:
            sheet = session.scalars(select(CodeSheet).where(CodeSheet.stage_id == self.stage_id)).one()
            decode_coder(session, sheet, by=self.actor("coder"), at=clock.now())
            decode_witness(session, sheet, "封条完好，逐号核对无误。", by=self.actor("supervisor"), at=clock.now())

    def draft(self) -> str:
        """A draft of the next publication; its id."""
        with transaction() as session:
            stage = session.get_one(Stage, self.stage_id)
            return draft_publication(session, stage, "现将成绩公布如下。", by=self.actor("drafting"), at=clock.now()).id

    def publish(self) -> str:
        """Settle, decode, draft and approve; the id of the publication."""
        if self.stage.settled_at is None:
            self.settle()
            self.decode()
        drafted = self.draft()
        with transaction() as session:
            approve_publication(
                session, session.get_one(Publication, drafted), by=self.actor("approving"), at=clock.now()
            )
        return drafted


def make_contest(
    app: Flask,
    rules: dict[str, Any],
    marks: Sequence[Marks],
    *,
    names: Sequence[str] = (),
    units: Sequence[str] = (),
    delegations: Sequence[str] = (),
    signed: bool = True,
    publish_marks: bool = True,
    divisions: int = 1,
) -> Contest:
    """As many competitors as there are `marks`, drawn, coded, marked, confirmed and (unless told not to) signed; those
    of several divisions one after the other.
    """
    db.session.rollback()
    event = make_event(modules=tuple(part["id"] for part in rules["modules"]))
    event.competition.publish_marks = publish_marks
    stage, division = event.stages[0], event.divisions[0]
    sides = {
        name: make_union(name=f"{name}{event.id[:4]}总工会", short_name=name) for name in dict.fromkeys(delegations)
    }
    groups = [division, *(Division(event_id=event.id, name=f"第{n}组", position=n) for n in range(1, divisions))]
    db.session.add_all(groups)
    db.session.flush()
    entries = [
        make_entry(
            event,
            sides[delegations[place]] if delegations else None,
            division_id=groups[place % divisions].id,
        )
        for place in range(len(marks))
    ]
    for place, entry in enumerate(entries):
        db.session.refresh(entry)
        entry.members[0].name = names[place] if names else f"选手{chr(0x4E00 + place)}"
        entry.members[0].employer_name = units[place] if units else f"示例单位{chr(0x4E00 + place)}"
    people = {role: make_user((role, "event", event.id)) for role in ROLES}
    people |= {
        "drafting": make_user(("organiser_drafting", "competition", event.competition_id)),
        "approving": make_user(("organiser_approving", "competition", event.competition_id)),
    }
    judges = [
        make_user(("judge", "event", event.id)) for _ in range(max(int(p["panel"]["judges"]) for p in rules["modules"]))
    ]
    db.session.add(Sitting(stage_id=stage.id, name="第一场", starts_at=clock.now(), stations=len(marks)))
    db.session.add(
        Ruleset(stage_id=stage.id, number=1, document=json.dumps(rules), created_by="factory", created_at=clock.now())
    )
    _seat(stage, rules, people["tabulator"], judges)
    db.session.commit()
    contest = Contest(app, stage.id, division.id, people, judges, [entry.id for entry in entries], [])
    with_lots(stage, contest.actor("coder"))
    sealed(contest.stage, 1, contest.actor("coder"), contest.actor("supervisor"))
    everybody_came(stage.id, contest.actor("steward"))
    code_of = {entry: code for code, entry in final_codes(db.session(), contest.stage_id).items()}
    contest.codes = [code_of[entry_id] for entry_id in contest.entries]
    with transaction() as session:
        open_judging(session, session.get_one(Stage, stage.id), by=contest.actor("drafting"), at=clock.now())
    mark(contest, marks)
    if signed:
        sign(contest)
    return contest


def mark(contest: Contest, marks: Sequence[Marks]) -> None:
    """Deliver and confirm every mark that is given; the others stay open."""
    with transaction() as session:
        for sheet in session.scalars(select(ScoreSheet).join(Module).where(Module.stage_id == contest.stage_id)):
            given = marks[contest.codes.index(sheet.code)].get(sheet.module.key, ())
            place = 0 if sheet.module.kind == "theory" else [judge.id for judge in contest.judges].index(sheet.judge_id)
            if place < len(given):
                by = actor(session.get_one(User, sheet.judge_id))
                submit_revision(
                    session,
                    sheet,
                    Submission(0, {"score": given[place]}, {}, None, True, {}),
                    source="tablet",
                    by=by,
                    at=clock.now(),
                )
                confirm_sheet(session, sheet, sheet.head, by=contest.actor("checker"), at=clock.now())


def sign(contest: Contest) -> None:
    """The chief judge signs every module, division by division."""
    with transaction() as session:
        stage = session.get_one(Stage, contest.stage_id)
        for part in stage.modules:
            for division in stage.event.divisions:
                sign_module(session, part, division, by=contest.actor("chief_judge"), at=clock.now())


def blocking_codes(fault: StateForbids) -> set[str]:
    """The codes of what blocks."""
    return {problem["code"] for problem in fault.extra["problems"]}


def _seat(stage: Stage, rules: dict[str, Any], tabulator: User, judges: list[User]) -> None:
    parts = {part["id"]: part for part in rules["modules"]}
    for each in stage.modules:
        seated = (
            [(tabulator, "tabulator")]
            if each.kind == "theory"
            else [(judge, "marking") for judge in judges[: int(parts[each.key]["panel"]["judges"])]]
        )
        for position, (user, duty) in enumerate(seated, 1):
            db.session.add(
                PanelMember(
                    module_id=each.id,
                    user_id=user.id,
                    duty=duty,
                    position=position,
                    assigned_by="factory",
                    assigned_at=clock.now(),
                )
            )
