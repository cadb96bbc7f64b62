"""Which records concern what a supervisor supervises: objects lead by their parents to an event or a competition.

Knows the tables by name only, as triggers.py does: the features above are not imported here.
"""

from sqlalchemy import ColumnElement, CompoundSelect, Select, false, select, true, union_all

from competitions.audit.models import AuditEvent
from competitions.base.database import Base
from competitions.base.permissions import Scopes

PARENTS = {
    "event": ("competition", "competition_id"),
    "attachment": ("competition", "competition_id"),
    "reporting_list": ("competition", "competition_id"),
    "roster_upload": ("competition", "competition_id"),
    "stage": ("event", "event_id"),
    "entry": ("event", "event_id"),
    "entry_member": ("event", "event_id"),
    "module": ("stage", "stage_id"),
    "sitting": ("stage", "stage_id"),
    "code_sheet": ("stage", "stage_id"),
    "tie_ruling": ("stage", "stage_id"),
    "publication": ("stage", "stage_id"),
    "settlement": ("stage", "stage_id"),
    "score_sheet": ("module", "module_id"),
    "change_request": ("score_sheet", "sheet_id"),
}
"""Kind of object (and table) → the kind above it, and the column that leads there."""


def within(scopes: Scopes) -> ColumnElement[bool]:
    """Condition on AuditEvent: about a competition or event in scope, or something of it. All ids are of one kind each
    (UUIDs), so that one list of them finds the records by their index.
    """
    if scopes.system:
        return true()
    if not scopes.competitions and not scopes.events:
        return false()
    competition, event = Base.metadata.tables["competition"], Base.metadata.tables["event"]
    own = [
        select(competition.c.id).where(competition.c.id.in_(scopes.competitions)),
        select(event.c.id).where(event.c.id.in_(scopes.events)),
    ]
    kinds = [kind for kind, (parent, _) in PARENTS.items() if scopes.competitions or parent != "competition"]
    return AuditEvent.object_id.in_(union_all(*own, *(ids(kind, scopes) for kind in kinds)))


def ids(kind: str, scopes: Scopes) -> Select[str]:
    """Ids of the objects of a kind that are in scope; of events those of the competitions in scope."""
    table = Base.metadata.tables[kind]
    parent, column = PARENTS[kind]
    if parent == "competition":
        return select(table.c.id).where(table.c[column].in_(scopes.competitions))
    above = _events(scopes) if parent == "event" else ids(parent, scopes)
    return select(table.c.id).where(table.c[column].in_(above))


def _events(scopes: Scopes) -> CompoundSelect[str]:
    table = Base.metadata.tables["event"]
    return ids("event", scopes).union_all(select(table.c.id).where(table.c.id.in_(scopes.events)))
