"""What a person may do with a publication as it is now: the rules behind the buttons of its page. Changes nothing."""

from collections.abc import Collection
from dataclasses import dataclass

from competitions.base.permissions import Permission
from competitions.results.models import Publication


@dataclass(frozen=True, slots=True)
class PublicationActs:
    """`approve`: and send back; `take_back`: one's office's draft; `decide_withdrawal`: agree or keep it public;
    `ask_withdrawal`; `waits_for_another`: it is one's own draft.
    """

    approve: bool
    take_back: bool
    decide_withdrawal: bool
    ask_withdrawal: bool
    waits_for_another: bool


def acts_on(publication: Publication, held: Collection[Permission], user_id: str) -> PublicationActs:
    """What the person may do, who holds these permissions over the stage."""
    drafts, approves = Permission.DRAFT_PUBLICATION in held, Permission.APPROVE_PUBLICATION in held
    own = publication.drafted_by == user_id
    approve = publication.is_draft and approves and not own
    return PublicationActs(
        approve=approve,
        take_back=publication.is_draft and drafts and not approve,
        decide_withdrawal=publication.is_asked_back and approves and publication.withdrawal_by != user_id,
        ask_withdrawal=publication.is_public and not publication.is_asked_back and drafts,
        waits_for_another=publication.is_draft and own,
    )
