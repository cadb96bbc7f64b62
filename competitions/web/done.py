"""What each button of the desk has done once it is done: "名单已导入". Said in place of a refusal when the act has happened
already (accounts/pressed_again/already_done.py). Features say it of their buttons in `done.py`. Knows no feature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Done:
    """`words`: what is so then. How it is known beside the same form of the same person: `codes`, refusals that say just
    this; `actions`, one of which the newest record of the object is that the argument `of` names. `way`: the page to go on
    from where the form's own page is gone.
    """

    words: str
    codes: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    of: str = ""
    way: str = "home.desk"


_registered: dict[str, Done] = {}
DONE: Mapping[str, Done] = MappingProxyType(_registered)
"""Endpoint → what it has done then."""


def register(done: Mapping[str, Done]) -> None:
    """Add a feature's buttons."""
    _registered.update(done)
