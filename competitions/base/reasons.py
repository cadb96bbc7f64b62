"""What a person must write to justify an act: one table of the least that is enough, by act, and one check.

Services call `reason_of`; forms and pages read the same table, so that they say beforehand what is asked. The sentences
stand in the catalogue (words/sentences.py) and name the least. Knows no act's service and no page.
"""

from dataclasses import dataclass

from competitions.base.errors import Invalid
from competitions.base.problems import Problem

LONGEST = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """How many characters are enough, and the code of the sentence for fewer."""

    least: int
    code: str = "invalid.reason"


SEEN = "invalid.reason_seen"
BLANK = "invalid.reason_blank"
REASONS: dict[str, Asked] = {
    "unit_application.refuse": Asked(1, BLANK),
    "deadline.extend": Asked(1, BLANK),
    "device.share": Asked(4),
    "ruleset.propose": Asked(1, BLANK),
    "ruleset.refuse": Asked(1, BLANK),
    "module.carried_missing": Asked(4),
    "event.call_off": Asked(4),
    "entry.return": Asked(2, SEEN),
    "entry.refuse": Asked(2, SEEN),
    "entry.withdraw": Asked(2, SEEN),
    "entry.replace": Asked(2, SEEN),
    "entry.correct": Asked(4, SEEN),
    "entry.refuse_correction": Asked(2, SEEN),
    "stage.add_reserve": Asked(4),
    "stage.leave_out": Asked(4),
    "stage.keep_entrants": Asked(4),
    "codes.refuse_seal": Asked(4, "invalid.reason_seal"),
    "codes.decode_witness": Asked(6, "invalid.code.record_needed"),
    "presence.change": Asked(4),
    "scheme.save": Asked(10, "invalid.reason_scheme"),
    "panel.recuse": Asked(4),
    "panel.take_back": Asked(4),
    "incident.record": Asked(2, "invalid.reason_incident"),
    "time.enter": Asked(2, "invalid.reason_incident"),
    "time.withdraw": Asked(2, SEEN),
    "module.recheck": Asked(4, "invalid.reason_recheck"),
    "module.sign": Asked(10),
    "sheet.reopen": Asked(10),
    "late_delivery.take": Asked(10),
    "late_delivery.dismiss": Asked(10),
    "scan.withdraw": Asked(4),
    "ruling.propose": Asked(10),
    "ruling.refuse": Asked(2, SEEN),
    "ruling.revoke": Asked(1, BLANK),
    "publication.refuse": Asked(2, SEEN),
    "factor.remove": Asked(4),
    "publication.ask_withdrawal": Asked(2, SEEN),
}
"""Act → what is asked, in the order of a competition's phases."""


def least_of(act: str) -> int:
    """How many characters are enough for this act."""
    return REASONS[act].least


def is_enough(text: str, act: str) -> bool:
    """Whether so much is written, white space around it aside."""
    return len(text.strip()) >= least_of(act)


def reason_of(text: str | None, act: str, *, where: str = "reason") -> str:
    """What was written, without white space around it. Raises Invalid at `where` when it is not enough, or too much."""
    written = (text or "").strip()
    if not is_enough(written, act):
        raise _not_taken(REASONS[act].code, where, least=least_of(act))
    if len(written) > LONGEST:
        raise _not_taken("invalid.reason_long", where, most=LONGEST)
    return written


def _not_taken(code: str, where: str, **params: int) -> Invalid:
    return Invalid([Problem(code, where, params)], code, **params)
