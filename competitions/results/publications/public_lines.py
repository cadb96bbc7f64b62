"""The lines of a public page. They write their own HTML: in a template a hundred of them take longer than all the rest of
the first view together. Every text passes `escape` here. Knows the placings of a snapshot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from competitions.results.standings.page import readable
from competitions.web.names import name_html

Placing = Mapping[str, Any]
Columns = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PublicLines:
    """Some placings; `columns`: (id, name) of modules and groups with scores; whether prizes, honours and who goes on have
    a column of their own. A template prints them as they are (`__html__`).
    """

    placings: Sequence[Placing]
    columns: Columns
    awards: bool
    honours: bool
    advances: bool

    def __len__(self) -> int:
        return len(self.placings)

    def __html__(self) -> str:
        openings = [(id_, f'<td class="mark part" data-label="{escape(name)}">') for id_, name in self.columns]
        return "\n".join([self._line(placing, openings) for placing in self.placings])

    def _line(self, placing: Placing, openings: Columns) -> str:
        rank, award, unit, side = placing["rank"], placing["award"], placing["organisation"], placing["delegation"]
        medal = f"medal medal-{rank:d}" if rank < 4 else "rank"
        cells = [
            '<tr class="is-award">' if award else "<tr>",
            f'<td class="rank-cell"><span class="{medal}">{rank:d}</span></td><td class="lead">{name_html(placing["name"])}</td>',
            f'<td class="from">{escape(unit)}</td>' if unit else '<td class="from blank">—</td>',
            f'<td class="from">{escape(side)}</td>' if side else '<td class="from blank">—</td>',
            *[f"{opening}{escape(score(placing, id_) or '—')}</td>" for id_, opening in openings],
        ]
        if openings:
            cells.append(f'<td class="mark mark-total">{escape(placing["total"])}</td>')
        if self.awards:
            cells.append(_prize(f'<span class="award-name">{escape(award)}</span>' if award else ""))
        if self.honours:
            cells.append(_prize(escape("、".join(placing.get("honours", ())))))
        if self.advances:
            cells.append(_prize("晋级" if placing.get("advances") else ""))
        return "".join([*cells, "</tr>"])


def _prize(html: str) -> str:
    """A cell of what a placing earns, or a dash."""
    return f'<td class="prize">{html}</td>' if html else '<td class="prize blank">—</td>'


def columns(division: Mapping[str, Any]) -> Columns:
    """Ids and names of the modules and groups whose scores are shown; none when the notice keeps the marks back."""
    if not any("total" in placing for placing in division["placings"][:1]):
        return []
    return [(part["id"], part["name"]) for part in [*division["modules"], *division["groups"]]]


def score(placing: Placing, part: str) -> str | None:
    """The score of a module or group in a line, as people read it."""
    return readable(placing["modules"].get(part) or placing["groups"].get(part))
