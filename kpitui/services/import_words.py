"""What is said of an import, before it is saved and after: counts, what it changes, and names it does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.figures import show
from kpitui.domain.periods import Calendar, Span, grain_of, iso, label
from kpitui.storage import points
from kpitui.text import clean, cut

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpitui.services.import_plan import Batch
    from kpitui.services.imports import Plan
    from kpitui.storage.reading import MetricRow

NAMED = 20
"""Changed values that a plan names; programs get all of these, people the first few."""
FEW = 3


class Change(NamedTuple):
    """A value of a metric that an import puts in the place of another, in words."""

    metric: str
    """Its slug."""
    name: str
    period: str
    was: str
    now: str
    values: tuple[float | None, float | None]
    """The same as numbers, percent as a fraction; None where there is none."""
    noted: bool
    """Only its note is another."""

    @property
    def text(self) -> str:
        after = "another note" if self.noted else f"{self.was} to {self.now}"
        return f"{clean(self.name)} {self.period}: {after}"


def changes_of(batches: Iterable[Batch], cal: Calendar, currency: str) -> tuple[Change, ...]:
    """The first changed values, metric by metric, the oldest first."""
    found: list[Change] = []
    for batch in batches:
        for start, end, *sides, noted in batch.changed[: NAMED - len(found)]:
            metric: MetricRow = batch.metric  # type: ignore[assignment]
            span = Span(start, end)
            grain = grain_of(span, cal)
            period = label(grain, span, cal) if grain else f"{iso(start)}/{iso(end)}"
            money = metric.currency or currency
            whole = metric.unit == "currency" and all(value is None or value.is_integer() for _, value in sides)
            was, now = (
                points.STATES[state]
                if value is None
                else show(value, metric.unit, currency=money, decimals=0 if whole else metric.decimals)
                for state, value in sides
            )
            values = (sides[0][1], sides[1][1])
            found.append(Change(metric.slug, metric.name, period, was, now, values, noted))
    return tuple(found)


def changes_text(plan: Plan, few: int = FEW) -> str:
    """`Visits 2026-11-02: 6 to 7, Visits 2026-11-03: 8 to 9 and 4 more`; empty where nothing is changed."""
    count, named = plan.said.changed, plan.changes[:few]
    more = f" and {count - len(named):,} more" if count > len(named) else ""
    return ", ".join(one.text for one in named) + more if named else ""


def nothing_new(plan: Plan) -> str:
    """What is said when all of a file is there already."""
    there = "the value is" if plan.counts.same == 1 else f"all {plan.counts.same:,} values are"
    return f"Nothing to save: {there} there already"


def saved_sentence(plan: Plan) -> str:
    made = f" · made {_count(len(plan.created), 'metric')}" if plan.created else ""
    odd = f" · {plan.odd:,} odd, marked with ?" if plan.odd else ""
    return f"Imported {plan.file}: {counts_text(plan.said)}{made}{odd}"


def counts_text(counts: points.Counts) -> str:
    """`80 new, 3 same`: what is not zero."""
    said = zip(counts, ("new", "changed", "same"), strict=True)
    return ", ".join(f"{count:,} {word}" for count, word in said if count) or "no values"


def unknown_sentence(plan: Plan) -> str:
    """Which metrics of the file do not exist, and what to do."""
    shown = ", ".join(f"“{cut(name, 40)}”" for name in plan.unknown[:5])
    more = f" and {len(plan.unknown) - 5:,} more" if len(plan.unknown) > 5 else ""
    them = "it" if len(plan.unknown) == 1 else "them"
    return (
        f"No metric is called {shown}{more}. Nothing was saved: add --create to make {them}, or say with --map "
        "which metric is meant."
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
