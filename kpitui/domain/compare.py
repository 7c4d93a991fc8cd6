"""Comparing periods (maths.md §1.3, §1.4): a percentage only where both sides are whole and alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite

from kpitui.domain.aggregate import Cell
from kpitui.domain.expected import before
from kpitui.domain.named import NamedTuple
from kpitui.domain.periods import (
    TO_DATE,
    Calendar,
    Span,
    grain_of,
    month_index,
    month_start,
    prior_to_date,
    to_date_span,
    year_ago,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.workdays import Workdays

NEARLY = 0.95
"""Share of an earlier to-date range that must have values for a percentage to be stated, its gaps said beside it."""
OWN_NAME = {"day": "dod", "week": "wow", "month": "mom", "quarter": "qoq"}


class Change(NamedTuple):
    """`absolute` in the metric's unit, `percent` in percent of the earlier value, `bps` in basis points.

    None is withheld or undefined, and `why` says so.
    """

    absolute: float | None
    percent: float | None
    bps: float | None
    why: str = ""

    @property
    def fraction(self) -> float | None:
        """The relative change as a share, as files and `--json` hold it."""
        return None if self.percent is None else self.percent / 100


class Comparison(NamedTuple):
    """`coverage` is present and expected units of the side that has less."""

    value: Cell
    prior: Cell
    change: Change
    coverage: tuple[int, int]


def change(cur: float | None, prev: float | None, unit: str = "number") -> Change:
    """Difference, percent `(cur/prev − 1)·100` and, for the unit "percent", basis points `(cur − prev)·10⁴`.

    maths.md §1.3. The percentage is undefined when the earlier value is 0 or the signs differ.
    """
    if cur is None or prev is None:
        return Change(None, None, None, "no value" if cur is None else "no earlier value")
    absolute = cur - prev
    bps = absolute * 1e4 if unit == "percent" else None
    if prev == 0:
        return Change(absolute, None, bps, "the earlier value is 0")
    if cur and (cur < 0) != (prev < 0):
        return Change(absolute, None, bps, "the signs differ")
    percent = (cur / prev - 1) * 100
    if not isfinite(percent):
        return Change(absolute, None, bps, "the earlier value is next to 0")
    return Change(absolute, percent, bps)


def compare(
    value: Cell,
    prior: Cell,
    unit: str,
    cal: Calendar,
    additive: bool = True,
    nearly: float = 1.0,
    work: Workdays | None = None,
) -> Comparison:
    """Compare two cells of one metric.

    Nothing is said of unlike things: with an incomplete side, or ranges of unequal length, the percentage is withheld,
    and for an `additive` metric the difference too, since it would only tell how much is missing. An earlier sum that
    covers at least the share `nearly` of its units is compared all the same, and `why` says what it lacks. With `work`
    values are expected on working days only: two months, or the same dates of two years, are alike with a day more or
    less of them, and `why` says how many each has.
    """
    coverage = min((value.present, value.expected), (prior.present, prior.expected), key=_covered)
    if nearly <= (prior.coverage or 0) < 1 and prior.value is None and prior.partial is not None and value.whole:
        prior = prior._replace(value=prior.partial)
        lacking = f"earlier: {prior.why or f'{prior.present} of {prior.expected}'}"
        return Comparison(value, prior, change(value.value, prior.value, unit)._replace(why=lacking), coverage)
    found = change(value.value, prior.value, unit)
    if found.absolute is None:
        side, cell = ("", value) if value.value is None else ("earlier: ", prior)
        return Comparison(value, prior, found._replace(why=f"{side}{cell.why or 'no value yet'}"), coverage)
    days = _workdays(value, prior, work)
    why = _unlike(value, prior, cal, additive, days is not None)
    if why:
        found = Change(None, None, None, why) if additive else found._replace(percent=None, why=why)
    elif days is not None and additive and days[0] != days[1] and not found.why:
        found = found._replace(why=f"{days[0]} working days against {days[1]}")
    return Comparison(value, prior, found, coverage)


def comparisons(
    cells: Callable[[str, Sequence[Span]], Sequence[Cell]],
    grain: str,
    span: Span,
    cal: Calendar,
    asof: int,
    unit: str = "number",
    additive: bool = True,
    work: Workdays | None = None,
) -> dict[str, Comparison]:
    """What `span` is compared with, by name.

    `previous` is the period before, also under the grain's own name (`dod`, `wow`, `mom`, `qoq`); `yoy` is 364 days
    back for days and weeks and the same dates otherwise; `mtd`, `qtd`, `ytd` run to the as-of day or the end of `span`,
    whichever is first, against the same dates one year earlier, of which a few may be missing (`NEARLY`).
    `cells(grain, spans)` gives the metric's values, `work` the days they are expected on, None for every one.
    """
    now, earlier, last_year = cells(grain, [span, before(grain, span, cal, work), year_ago(grain, span, cal)])
    found = {"previous": compare(now, earlier, unit, cal, additive, work=work)}
    if grain in OWN_NAME:
        found[OWN_NAME[grain]] = found["previous"]
    found["yoy"] = compare(now, last_year, unit, cal, additive, work=work)
    for which, whole in TO_DATE.items():
        so_far = to_date_span(which, min(asof, span.end - 1), cal)
        current, prior = cells(whole, [so_far, prior_to_date(so_far, whole, cal)])
        found[which] = compare(current, prior, unit, cal, additive, NEARLY, work)
    return found


def _covered(counts: tuple[int, int]) -> float:
    present, expected = counts
    return present / expected if expected else 1.0


def _workdays(value: Cell, prior: Cell, work: Workdays | None) -> tuple[int, int] | None:
    """How many working days each side has, where it is these that a value was expected on; else None."""
    if work is None:
        return None
    days = work.between(*value.span), work.between(*prior.span)
    return days if days == (value.expected, prior.expected) else None


def _unlike(value: Cell, prior: Cell, cal: Calendar, additive: bool, by_workdays: bool) -> str:
    for side, cell in (("", value), ("earlier: ", prior)):
        if not cell.whole:
            return side + (cell.why or f"the period is not over ({cell.present} so far)")
    if not additive:
        return ""
    days, prior_days = (cell.span.end - cell.span.start for cell in (value, prior))
    grain = grain_of(value.span, cal)
    alike = grain is not None and grain == grain_of(prior.span, cal)
    if alike and cal.cut is not None and days != prior_days:
        # Five weeks are a quarter more than four, whatever they are called.
        return f"{days} days against {prior_days}"
    if not by_workdays and (value.expected != days or prior.expected != prior_days):
        # Units longer than a day: a month may hold four weeks or five.
        unlike = value.expected != prior.expected
        return f"{value.expected} values against {prior.expected}" if unlike else ""
    if alike:
        return ""
    # Same dates of two years: only a 29 February may make the difference.
    if days - _leap_days(value.span) == prior_days - _leap_days(prior.span):
        return ""
    return f"{days} days against {prior_days}"


def _leap_days(span: Span) -> int:
    first, last = month_index(span.start) // 12, month_index(span.end - 1) // 12
    marches = (month_start(year * 12 + 2) for year in range(first, last + 1))
    return sum(month_start(month_index(day) - 1) == day - 29 and span.start < day <= span.end for day in marches)
