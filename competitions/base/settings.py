"""The table of settings: facts about this installation, by name; and the settings that a person may change.

What may be changed is said in code, by the feature that it is for, as a value that is also read with
(`TRIES.value(session)`). A row is there only where an installation wants something else. Marks such as `demonstration`
lie in the same table and are no settings. What must be known before the database is reached comes from the environment
(config.py). Knows no feature.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import ScalarSelect, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from competitions.base.database import Base
from competitions.base.permissions import Permission

DEMONSTRATION = "demonstration"
"""The name of the mark of a database that holds demonstration data."""


class Setting(Base):
    """A fact about this database, by name (e.g. that it holds demonstration data)."""

    __tablename__ = "setting"
    uuid_key = False

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class NumberSetting:
    """A whole number that an installation may want otherwise: `default`, from `least` to `most`.

    `label`, `unit` and `sentence` say in Chinese what it is and what it does; `permission`: who may change it. `words`:
    where the numbers stand for choices, what each is called, from `least` on.
    """

    name: str
    label: str
    unit: str
    sentence: str
    default: int
    least: int
    most: int
    permission: Permission = Permission.CONFIGURE_SYSTEM
    words: tuple[str, ...] = ()

    def said(self, number: int) -> str:
        """The number in words: "20 次", or what the choice is called."""
        return self.words[number - self.least] if self.words else f"{number} {self.unit}"

    def value(self, session: Session) -> int:
        """What holds in this installation."""
        return self.read(session.scalar(select(Setting.value).where(Setting.name == self.name)))

    def stored(self) -> ScalarSelect[str]:
        """What is stored, as a part of another question whose answer `read` understands."""
        return select(Setting.value).where(Setting.name == self.name).scalar_subquery()

    def read(self, stored: str | None) -> int:
        """The number of what is stored; the default for nothing and for what is no such number."""
        try:
            number = int(stored or "")
        except ValueError:
            return self.default
        return number if self.least <= number <= self.most else self.default


_registered: dict[str, NumberSetting] = {}
SETTINGS: Mapping[str, NumberSetting] = MappingProxyType(_registered)
"""Name → setting, in the order of the page."""


def register(settings: Iterable[NumberSetting]) -> None:
    """Add a feature's settings. Raises ValueError for a name that means something else already."""
    for setting in settings:
        if _registered.setdefault(setting.name, setting) != setting:
            raise ValueError(f"two settings are called {setting.name}")


def values(session: Session, settings: Iterable[NumberSetting]) -> dict[str, int]:
    """Name → what holds, of several in one question."""
    asked = {setting.name: setting for setting in settings}
    rows = session.execute(select(Setting.name, Setting.value).where(Setting.name.in_(asked)))
    stored = {name: value for name, value in rows}
    return {name: setting.read(stored.get(name)) for name, setting in asked.items()}
