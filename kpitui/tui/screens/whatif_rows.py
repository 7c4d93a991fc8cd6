"""The lines of the what-if page: the result, its drivers with what each would need alone, what lies above, remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.charts.glyphs import Glyphs
from kpitui.domain.named import NamedTuple
from kpitui.reports import whatif_words as words
from kpitui.text import wrapped
from kpitui.tui.widgets.columns import BoardRow, Column, Layout, blank, heading
from kpitui.tui.widgets.styled import Line, Span

if TYPE_CHECKING:
    from kpitui.services.whatif import Above, Driver, WhatIf

LAYOUT = Layout(
    (
        Column("name", 0, "driver", least=14, most=40),
        Column("now", 9, "now", "right"),
        Column("would", 9, "would be", "right"),
        Column("per", 8, "per 1%", "right"),
        Column("alone", 10, "alone", "right"),
        Column("by", 8, "", "right"),
        Column("past", 18, "there before", gap=2),
    ),
    (("by", 0), ("past", 14), ("past", 0), ("per", 0), ("alone", 8), ("now", 8), ("would", 8), ("now", 0)),
)
"""`alone` is what the driver must be with all others held."""


class Seen(NamedTuple):
    """How the page is looked at."""

    cells: int
    glyphs: Glyphs
    typed: frozenset[int]
    """The metrics that something is supposed of."""


def top_line(view: WhatIf, seen: Seen) -> Line:
    met = None if view.wanted is None else view.wanted.met(view.would_be)
    style = "" if met is None else "on" if met else "off"
    return [(" What if  ", "dim"), (view.title, "heading"), (f"  {view.label}  ", "dim"), (words.verdict(view), style)]


def whatif_rows(view: WhatIf, seen: Seen) -> list[BoardRow]:
    """The item first, so that its own target, or it itself where it is made of nothing, can be typed."""
    own = view.metric
    supposed = own.id in seen.typed
    first: list[str | Span] = [
        own.name,
        words.amount(own, view.currency, view.value),
        _would(words.amount(own, view.currency, view.would_be), supposed, view.would_be != view.value),
        "",
        "" if view.wanted is None else words.amount(own, view.currency, view.wanted.value),
        "",
        "" if view.wanted is None else (view.wanted.words, "dim"),
    ]
    rows = [BoardRow("item", tuple(first))]
    if view.drivers:
        rows += [blank(), heading("Drivers", _enough(view)), BoardRow("", (), "header")]
        rows += [_driver(one, view) for one in view.drivers]
    if view.above:
        rows += [blank(), heading("Above it", "what is worked out from it")]
        rows += [_above(one) for one in view.above]
    for text in words.remarks(view):
        rows.append(blank())
        rows += [BoardRow("", ([(f" {line}", "dim")],), "text") for line in wrapped(text, seen.cells - 3)]
    return rows


def _enough(view: WhatIf) -> str:
    if view.wanted is None:
        return ""
    return "alone: what would still be enough" if view.wanted.met(view.would_be) else "alone: what it must reach"


def _would(text: str, supposed: bool, moved: bool) -> str | Span:
    return (text, "flag") if supposed else (text, "bold") if moved else ("", "")


def _driver(one: Driver, view: WhatIf) -> BoardRow:
    metric = one.metric
    alone: str | Span = words.needed(one, view)
    if one.needed is not None and one.needed.value is None:
        alone = ("-", "dim")
    past: str | Span = words.briefly(one, view.grain)
    if one.needed is not None and one.needed.value is None:
        past = (one.needed.why, "dim")
    elif one.seen is not None and one.seen.word == "out of reach":
        past = (words.briefly(one, view.grain), "watch")
    cells = (
        metric.name,
        words.amount(metric, one.currency, one.value),
        _would(words.amount(metric, one.currency, one.would_be), one.supposed, one.would_be != one.value),
        words.strength(one),
        alone,
        words.by_how_much(one),
        past,
    )
    return BoardRow(f"metric:{metric.id}", cells, indent=2 * one.depth)


def _above(one: Above) -> BoardRow:
    metric = one.metric
    met = None if one.wanted is None else one.wanted.met(one.would_be)
    wanted: str | Span = "" if one.wanted is None else words.amount(metric, one.currency, one.wanted.value)
    if met is not None:
        wanted = (str(wanted), "on" if met else "off")
    cells = (
        metric.name,
        words.amount(metric, one.currency, one.value),
        _would(words.amount(metric, one.currency, one.would_be), False, one.would_be != one.value),
        "",
        wanted,
        "",
        "" if one.wanted is None else (one.wanted.words, "dim"),
    )
    return BoardRow(f"above:{metric.slug}", cells)


def as_text(view: WhatIf) -> str:
    """The page as plain text, for the clipboard."""
    lines = [f"{view.title}   {view.label}: {words.verdict(view)}"]
    for one in view.drivers:
        figures = [words.amount(one.metric, one.currency, value) for value in (one.value, one.would_be)]
        needs = (words.strength(one), words.needed(one, view), words.past(one, view.grain))
        lines.append("\t".join((f"{'  ' * one.depth}{one.metric.name}", *figures, *needs)))
    lines += [f"{one.metric.name}\t{words.raised(view, one)}" for one in view.above]
    return "\n".join([*lines, *words.remarks(view)])
