"""Which records concern what a supervisor supervises: objects lead by their parents to an event or a competition.

Knows the tables by name only, as triggers.py does: the features above are not imported here.
"""

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

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
    """Condition on AuditEvent: about a competition or event in scope, or something of it."""
    if scopes.system:
        return true()
    if not scopes:
        return false()
    kinds = [kind for kind, (parent, _) in PARENTS.items() if scopes.competitions or parent != "competition"]
    reached = [and_(AuditEvent.object_kind == kind, AuditEvent.object_id.in_(ids(kind, scopes))) for kind in kinds]
    own = (("competition", scopes.competitions), ("event", scopes.events))
    reached += [and_(AuditEvent.object_kind == kind, AuditEvent.object_id.in_(given)) for kind, given in own if given]
    return or_(*reached)


def ids(kind: str, scopes: Scopes) -> Select[str]:
    """Ids of the objects of a kind that are in scope; of events those of the competitions in scope."""
    table = Base.metadata.tables[kind]
    parent, column = PARENTS[kind]
    if parent == "competition":
        return select(table.c.id).where(table.c[column].in_(scopes.competitions))
    if parent != "event":
        return select(table.c.id).where(table.c[column].in_(ids(parent, scopes)))
    inside: list[ColumnElement[bool]] = [table.c[column].in_(scopes.events)] if scopes.events else []
    if scopes.competitions:
        inside.append(table.c[column].in_(ids("event", scopes)))
    return select(table.c.id).where(or_(*inside))
