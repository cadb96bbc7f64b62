"""Typing in one person: new, half-filled drafts, corrections, members of a team, replacement; personal data in full."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db, new_id
from competitions.base.errors import Invalid, NotFound, Refusal, Stale
from competitions.base.permissions import Permission
from competitions.base.problems import Problem
from competitions.organisations.models import Employer, Union
from competitions.organisations.queries import employers_in_scope, unions_in_scope
from competitions.programme.models import Competition
from competitions.programme.queries import competition_in_scope
from competitions.registration import services
from competitions.registration.blueprint import bp
from competitions.registration.forms import EntryForm, PersonForm
from competitions.registration.ground import index_of
from competitions.registration.known_elsewhere import count_told, is_foreign, require_left
from competitions.registration.lines import default_review_line, review_lines
from competitions.registration.member_values import draft_of, values_of
from competitions.registration.models import Entry, EntryMember
from competitions.registration.people import mended
from competitions.registration.problems import says
from competitions.registration.queries import entry_in_scope, events_of, member_in_entry
from competitions.tabular.person_fields import fields_kept, label_of
from competitions.web.declared import requires
from competitions.words.sentences import sentence

EDIT = Permission.EDIT_ENTRIES


def reporting_union(session: Session, name: str) -> Union:
    """The union of that name in the caller's scope. Raises Invalid at the field otherwise."""
    found = session.scalar(unions_in_scope(session, current_user, EDIT).where(Union.name == name.strip()))
    if found is None:
        raise Invalid([Problem("invalid.union_unknown", "union")])
    return found


def own_union(session: Session) -> Union | None:
    """The union that the caller most likely enters for."""
    scope = unions_in_scope(session, current_user, EDIT)
    own = session.scalar(scope.where(Union.id == current_user.union_id)) if current_user.union_id else None
    return own or session.scalar(scope.order_by(Union.path).limit(1))


def prepared(form: Any, competition: Competition) -> Any:
    """The form with its choices: events and divisions of the competition, review lines of the union."""
    session = db.session()
    union = session.scalar(
        unions_in_scope(session, current_user, EDIT).where(Union.name == (form.union.data or "").strip())
    )
    union = union or own_union(session)
    if not form.union.data and union:
        form.union.data = union.name
    if "place" in form:
        form.place.choices = [
            (f"{event.id}|{division.id}", f"{event.name}（{division.name}）")
            for event in events_of(session, competition.id)
            if event.called_off_at is None
            for division in event.divisions
        ]
    lines = review_lines(session, union) if union else []
    form.review_union_id.choices = [("", "按隶属关系"), *((line.id, line.name) for line in lines)]
    return form


def review_line(session: Session, union: Union, line_id: str | None) -> Union | None:
    """The line chosen, None where the default is wanted. Raises NotFound for one that is not offered."""
    if not line_id:
        return None
    line = next((each for each in review_lines(session, union) if each.id == line_id), None)
    if line is None:
        raise NotFound
    return None if line.id == default_review_line(session, union).id else line


def suggestions(session: Session) -> dict[str, list[str]]:
    """Names of units and unions to choose from while typing."""
    units = session.scalars(
        employers_in_scope(session, current_user, EDIT)
        .with_only_columns(Employer.name)
        .order_by(Employer.name)
        .limit(300)
    )
    unions = session.scalars(
        unions_in_scope(session, current_user, EDIT).with_only_columns(Union.name).order_by(Union.path).limit(300)
    )
    return {"units": list(units), "unions": list(unions)}


@bp.get("/desk/competitions/<competition_id>/entries/new")
@requires(EDIT)
def new(competition_id: str) -> str:
    """The form for one person."""
    competition = competition_in_scope(db.session(), current_user, competition_id, EDIT)
    return _new_page(competition, prepared(EntryForm(formdata=None), competition))


def _new_page(competition: Competition, form: EntryForm, fault: str = "") -> str:
    return render_template(
        "registration/entry_edit.html",
        competition=competition,
        form=form,
        fault=fault,
        entry=None,
        action=url_for("registration.create", competition_id=competition.id),
        **suggestions(db.session()),
    )


@bp.post("/desk/competitions/<competition_id>/entries/new")
@requires(EDIT)
def create(competition_id: str) -> Any:
    """Save as a draft (unchecked), or check and save."""
    form, draft = EntryForm(), request.form.get("as") == "draft"
    try:
        if not form.validate():
            raise Invalid
        with transaction() as session:
            competition = competition_in_scope(session, current_user, competition_id, EDIT)
            union = reporting_union(session, form.union.data)
            event, division = _place(session, competition, form.place.data)
            if not draft:
                require_left(session, by=current_user, at=clock.now())
            if draft:
                entry = services.save_draft(
                    session, competition, event, division, union, form.typed(), by=current_user, at=clock.now()
                )
            else:
                entry = services.create_entry(
                    session,
                    competition,
                    event,
                    division,
                    union,
                    form.typed(),
                    by=current_user,
                    at=clock.now(),
                    review_union=review_line(session, union, form.review_union_id.data),
                )
            entry_id = entry.id
    except Invalid as fault:
        competition = competition_in_scope(db.session(), current_user, competition_id, EDIT)
        return _new_page(competition, prepared(form, competition), explain(form, fault)), 422
    flash("草稿已保存，可以随时继续填写。" if draft else "已保存。核对无误后请提交。", "success")
    if not draft:
        tell_mended(form)
    if request.form.get("as") == "next":
        return redirect(url_for("registration.new", competition_id=competition_id), 303)
    return redirect(url_for("registration.entry", entry_id=entry_id), 303)


def _place(session: Session, competition: Competition, choice: str | None) -> tuple[Any, Any]:
    """Event and division of the choice. Raises Invalid at the field."""
    for event in events_of(session, competition.id):
        for division in event.divisions:
            if choice == f"{event.id}|{division.id}":
                return event, division
    raise Invalid([Problem("required.missing", "place")])


def explain(form: PersonForm, fault: Invalid) -> str:
    """Problems beside their fields; what belongs to none, as one sentence. A person registered already is counted:
    the answer must not become a way to ask who takes part (security.md §5).
    """
    if any(is_foreign(problem.code, problem.params) for problem in fault.problems):
        with transaction(apart=True) as session:
            refused = count_told(session, [_asked_number(form)], by=current_user, at=clock.now())
        if refused:
            raise refused
    rest = form.mark([each.at("place") if each.where == "event" else each for each in fault.problems], says)
    return "；".join(rest) or (
        sentence(fault.code, **fault.params) if not fault.problems and fault.code != "invalid" else ""
    )


def _asked_number(form: PersonForm) -> str:
    """The number that was looked up; one that stands in a draft counts each time."""
    return index_of(str(form.id_number.data or new_id()))


def tell_mended(form: PersonForm) -> None:
    """Say which characters were changed on the way into the register."""
    for found in mended(form.typed()):
        flash(f"{label_of(found.where or '')}：{says(found.code, found.params)}", "warning")


@bp.get("/desk/entries/<entry_id>/members/<member_id>/edit")
@requires(EDIT)
def edit(entry_id: str, member_id: str) -> str:
    """The form of a member; what was kept as a draft is there again."""
    entry = entry_in_scope(db.session(), current_user, entry_id, EDIT)
    member = member_in_entry(entry, member_id)
    form = PersonForm(formdata=None, data=_values(member))
    form.version.data = entry.version
    return _edit_page(
        entry, form, url_for("registration.change", entry_id=entry_id, member_id=member_id), member=member
    )


def _values(member: EntryMember) -> dict[str, Any]:
    """The member's values for the form, over them what was typed as a draft. ID number and phone are left out unless a
    draft has them: blank means unchanged.
    """
    sealed = {each.name for each in fields_kept("sealed")}
    values = {name: value for name, value in values_of(member, full=False).items() if name not in sealed}
    return {**values, **draft_of(member)}


def _edit_page(
    entry: Entry, form: PersonForm, action: str, fault: str = "", current: Any = None, member: EntryMember | None = None
) -> str:
    if member is not None and member.worker is not None:
        masked = values_of(member, full=False)
        form.id_number.flags.required = False
        form.id_number.description = f"现为 {masked['id_number']}，不改请留空。"
        form.phone.description = f"现为 {masked['phone']}，不改请留空。" if masked["phone"] else form.phone.description
    return render_template(
        "registration/entry_edit.html",
        competition=entry.competition,
        form=form,
        fault=fault,
        entry=entry,
        action=action,
        current=current,
        **suggestions(db.session()),
    )


@bp.post("/desk/entries/<entry_id>/members/<member_id>/edit")
@requires(EDIT)
def change(entry_id: str, member_id: str) -> Any:
    """Save a member: as a draft, or checked. Somebody else was faster: 409 with both versions."""
    form, draft = PersonForm(), request.form.get("as") == "draft"
    action = url_for("registration.change", entry_id=entry_id, member_id=member_id)
    try:
        if not form.validate():
            raise Invalid
        with transaction() as session:
            entry = entry_in_scope(session, current_user, entry_id, EDIT, lock=True)
            member = member_in_entry(entry, member_id)
            if not draft and (form.id_number.data or member.draft):
                require_left(session, by=current_user, at=clock.now())
            verb = services.change_draft if draft else services.change_member
            verb(
                session,
                entry,
                member,
                form.typed(),
                version=form.version.data or 0,
                by=current_user,
                at=clock.now(),
            )
    except (Invalid, Stale) as fault:
        entry = entry_in_scope(db.session(), current_user, entry_id, EDIT)
        return _refused(entry, member_in_entry(entry, member_id), form, action, fault)
    flash("草稿已保存，可以随时继续填写。" if draft else "已保存。核对无误后请提交。", "success")
    if not draft:
        tell_mended(form)
    return redirect(url_for("registration.entry", entry_id=entry_id), 303)


def _refused(entry: Entry, member: EntryMember, form: PersonForm, action: str, fault: Refusal) -> Any:
    if isinstance(fault, Invalid):
        return _edit_page(entry, form, action, explain(form, fault), member=member), 422
    current = [
        (form[name].label.text, value)
        for name, value in _values(member).items()
        if name in form and value and name != "version" and str(form[name].data or "") != str(value)
    ]
    form.version.data = entry.version
    form.version.raw_data = None
    return _edit_page(entry, form, action, sentence(fault.code), current, member), 409


@bp.get("/desk/entries/<entry_id>/members/new")
@requires(EDIT)
def new_member(entry_id: str) -> str:
    """The form for one more member of a team."""
    entry = entry_in_scope(db.session(), current_user, entry_id, EDIT)
    return _edit_page(entry, PersonForm(formdata=None), url_for("registration.add_member", entry_id=entry_id))


@bp.post("/desk/entries/<entry_id>/members/new")
@requires(EDIT)
def add_member(entry_id: str) -> Any:
    """Add a member."""
    form = PersonForm()
    try:
        if not form.validate():
            raise Invalid
        with transaction() as session:
            entry = entry_in_scope(session, current_user, entry_id, EDIT, lock=True)
            require_left(session, by=current_user, at=clock.now())
            services.add_member(session, entry, form.typed(), by=current_user, at=clock.now())
    except Invalid as fault:
        entry = entry_in_scope(db.session(), current_user, entry_id, EDIT)
        return _edit_page(entry, form, url_for("registration.add_member", entry_id=entry_id), explain(form, fault)), 422
    flash("成员已添加。", "success")
    tell_mended(form)
    return redirect(url_for("registration.entry", entry_id=entry_id), 303)


@bp.post("/desk/entries/<entry_id>/members/<member_id>/remove")
@requires(EDIT)
def remove_member(entry_id: str, member_id: str) -> Any:
    """Take a member out of a team."""
    with transaction() as session:
        entry = entry_in_scope(session, current_user, entry_id, EDIT, lock=True)
        services.remove_member(session, entry, member_in_entry(entry, member_id), by=current_user, at=clock.now())
    flash("成员已移出。", "success")
    return redirect(url_for("registration.entry", entry_id=entry_id), 303)


@bp.post("/desk/entries/<entry_id>/delete")
@requires(EDIT)
def delete(entry_id: str) -> Any:
    """Delete a draft."""
    with transaction() as session:
        entry = entry_in_scope(session, current_user, entry_id, EDIT, lock=True)
        competition_id = entry.competition_id
        services.delete_draft(session, entry, by=current_user, at=clock.now())
    flash("草稿已删除，名额已释放。", "success")
    return redirect(url_for("registration.competition_entries", competition_id=competition_id), 303)
