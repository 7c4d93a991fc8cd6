"""One value asked for: what a typed text is read by, and doubted by, before and while it is saved.

An `Asked` holds everything that is needed, so that a screen can say what it understands at every key without the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.audit_checks import Doubt, bounds_check, entry_check
from kpitui.domain.named import NamedTuple
from kpitui.domain.problem import Problem
from kpitui.domain.typed import Typed, read_typed
from kpitui.domain.usual import is_unusual, usual

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.domain.model import Unit
    from kpitui.domain.periods import Span
    from kpitui.domain.target import Aim
    from kpitui.storage.reading import MetricRow

LATEST = 5
"""Values before it that tell a misread number."""


class Asked(NamedTuple):
    """A metric and a period, with the values before it. Shares and percent values are fractions."""

    metric_id: int
    slug: str
    name: str
    unit: Unit
    currency: str
    decimals: int | None
    period: Span
    label: str
    """For a person: `W47`."""
    hard_min: float | None = None
    hard_max: float | None = None
    before: tuple[float | None, ...] = ()
    """The periods before it, oldest first, None where there is no value."""
    last: float | None = None
    """The newest value before it, which steps like +5 count from."""
    aim: Aim | None = None
    enters: tuple[str, ...] = ()
    """Whose values they are: owner and updater, "" where nobody is named."""

    @property
    def usual(self) -> tuple[float, float] | None:
        return usual(self.before, floor=self.hard_min, ceiling=self.hard_max)

    @property
    def can_be_negative(self) -> bool:
        return self.hard_min is None or self.hard_min < 0

    def show(self, value: float | None) -> str:
        """A value written out in the metric's unit, as it is said in a sentence."""
        from kpitui.domain.figures import show

        return show(value, self.unit, currency=self.currency, decimals=self.decimals, compact=True, figures=4)


class Understood(NamedTuple):
    """What a text says, and what is odd about it."""

    typed: Typed
    doubt: Doubt | None = None
    """It may be right, but is saved with a ? until somebody accepts it; None with a note that explains it."""
    unusual: bool = False
    """Outside the band the value is usually in: worth a word, no more."""


def understand(cell: Asked, text: str, *, decimal: str | None = None, screen: bool = True) -> Understood:
    """Read what was typed for a cell. Raises Problem for what is no number or cannot be right.

    `screen` reads `+5`, `5%` and `"` relative to the last value; elsewhere only `+=5` and `-=5` are.
    """
    typed = read_typed(
        text,
        unit=cell.unit,
        currency=cell.currency,
        decimal=decimal,
        last=cell.last,
        can_be_negative=cell.can_be_negative,
        screen=screen,
        recent=latest(cell.before) or (() if cell.last is None else (cell.last,)),
    )
    return doubted(cell, typed)


def doubted(cell: Asked, typed: Typed) -> Understood:
    """The doubts about what was read. Raises Problem when it is outside the metric's hard bounds."""
    value = typed.value
    if value is None:
        return Understood(typed)
    wrong = bounds_check(value, cell.hard_min, cell.hard_max, cell.show)
    if wrong is not None:
        raise Problem(f"{wrong.sentence}: type another value, or change the bounds of {cell.name}.")
    before = cell.before if any(one is not None for one in cell.before) else (cell.last,)
    doubt = None if typed.note else entry_check(value, before, cell.show)
    return Understood(typed, doubt, is_unusual(value, cell.usual))


def latest(before: Sequence[float | None]) -> tuple[float, ...]:
    return tuple(value for value in before if value is not None)[-LATEST:]


def not_entered(metric: MetricRow, parts: Sequence[str] = ()) -> str:
    """Why nobody can enter a value of this metric; empty when it is entered. `parts` are those of a ratio."""
    if metric.archived:
        return f"{metric.name} is archived: bring it back before you enter values."
    if metric.formula:
        return f"{metric.name} is worked out as {metric.formula}: enter those instead."
    if metric.numerator_id and metric.denominator_id:
        named = " / ".join(parts) or "its two parts"
        return f"{metric.name} is worked out as {named}: enter those instead."
    return ""
