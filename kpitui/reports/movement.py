"""How a value moved, in words: against the period before, a year before, to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.figures import show_change, show_relative

if TYPE_CHECKING:
    from kpitui.domain.compare import Comparison
    from kpitui.services.judging import Row

NAMES = {"previous": "the period before", "yoy": "a year before"}


def change_text(row: Row, change: float | None, *, ascii: bool = False) -> str:
    """A difference in the metric's unit, signed; `pp` for percent values; empty when it is not known."""
    if change is None:
        return ""
    return show_change(change, row.unit, currency=row.currency, decimals=row.decimals, ascii=ascii)


def comparison_text(row: Row, one: Comparison, *, ascii: bool = False) -> str:
    """The change as people compare it: relative, and in points where the unit is percent."""
    if row.unit != "percent" and one.change.fraction is not None:
        return show_relative(one.change.fraction)
    return change_text(row, one.change.absolute, ascii=ascii)


def comparison_name(name: str) -> str:
    """`the period before`, `a year before`, `MTD a year before`."""
    return NAMES.get(name, f"{name.upper()} a year before")
