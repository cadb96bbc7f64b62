"""Loading the demonstration into an empty database, step by step through the services of the features.

Names, numbers and marks come from the seed; ids and the password are random. Knows no command and no page.
"""

import random
import secrets
from datetime import timedelta
from pathlib import Path

from competitions.accounts.passwords import hashed
from competitions.audit.recording import record, transaction
from competitions.base import clock, planner
from competitions.base.permissions import SYSTEM
from competitions.base.settings import Setting
from competitions.demo.cast import Cast, make_office
from competitions.demo.crowd.filling import Crowd, Say
from competitions.demo.crowd.plans import OLDEST
from competitions.demo.crowd.sizes import Size
from competitions.demo.days import Days
from competitions.demo.mark import DEMO, LOADING, is_empty
from competitions.demo.people import people
from competitions.demo.story import Story
from competitions.demo.units import make_units
from competitions.programme.reference.services import load_reference

SEED = 1
"""The seed of the demonstration that `make run` loads."""
ALPHABET = "abcdefghjkmnpqrstuvwxyz"


class NotEmpty(Exception):
    """The demonstration only fills an empty database."""


def load(seed: int, size: Size | None = None, say: Say = lambda _: None) -> Story:
    """Fill the database and mark it, first as loading, at the end as done (`is_half_loaded`). With a size a whole
    installation of that size, of which the demonstration is the newest part; `say` is told how far it is.

    Raises NotEmpty when somebody has an account already.
    """
    if not is_empty():
        raise NotEmpty
    password = new_password()
    password_hash = hashed(password)
    rng = random.Random(seed)
    days = Days(clock.now() - timedelta(minutes=1))
    cast = Cast(password, password_hash, people(random.Random(seed + 1)))
    begun = days.at(OLDEST - 100 if size else -60)
    with transaction() as session:
        session.add(Setting(name=DEMO, value=LOADING))
        record(session, "demonstration.load", "setting", DEMO, by=SYSTEM, at=begun, after={"seed": seed})
        load_reference(session, by=SYSTEM, at=begun)
        units = make_units(session, rng, begun)
        make_office(session, cast, units, begun)
    if size:
        Crowd(seed, size, days, cast, begun, say).fill()
        planner.gather_now()
    story = Story(seed, days, cast, units)
    story.tell()
    with transaction() as session:
        session.get_one(Setting, DEMO).value = f"seed {seed}"
    planner.gather_now()
    return story


def new_password() -> str:
    """A password for everybody in the demonstration that can be typed from a screen: 16 letters and digits."""
    groups = ["".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3)]
    return f"{'-'.join(groups)}-{secrets.randbelow(900) + 100}Q"


def load_with_sign_ins(instance_path: Path) -> None:
    """Load the default demonstration and keep its sign-ins in a file that only its owner reads."""
    from competitions.demo.telling import write_sign_ins

    write_sign_ins(instance_path, load(SEED))
