"""How a value moved, in words: against the period before, a year before, to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.figures import show_change, show_relative

if TYPE_CHECKING:
    from kpitui.domain.compare import Change, Comparison
    from kpitui.services.judging import Row

NAMES = {"previous": "the period before", "yoy": "a year before"}


def change_text(row: Row, change: float | None, *, ascii: bool = False) -> str:
    """A difference in the metric's unit, signed; `pp` for percent values; empty when it is not known."""
    if change is None:
        return ""
    return show_change(change, row.unit, currency=row.currency, decimals=row.decimals, ascii=ascii)


def comparison_text(row: Row, one: Comparison, *, ascii: bool = False) -> str:
    """The change as people compare it: relative, and in points where the unit is percent."""
    return moved_text(row, one.change, ascii=ascii)


def moved_text(row: Row, change: Change, *, ascii: bool = False) -> str:
    """As `comparison_text`; empty where nothing is said.

    Of a value below zero before no share is told: a loss that shrinks by nine tenths would read as -90 %.
    """
    share = None if row.unit == "percent" else change.fraction
    if share is not None and share * (change.absolute or 0.0) >= 0:
        return show_relative(share)
    return change_text(row, change.absolute, ascii=ascii)


def comparison_name(name: str, grain: str = "") -> str:
    """`the period before`, `a year before`, `MTD a year before`; of days and weeks `52 weeks before`, since it is the
    same weekday that they are held against, not the week of the same number."""
    if name == "yoy" and grain in ("day", "week"):
        return "52 weeks before"
    return NAMES.get(name, f"{name.upper()} a year before")
