"""Reading dates and periods: the one place to import them from."""

from kpitui.domain.day_words import Ambiguous, NoSuchDay, Order, read_date
from kpitui.domain.period_words import (
    proven_orders,
    read_period,
    read_period_cell,
    read_period_column,
    seen_cadence,
)

__all__ = [
    "Ambiguous",
    "NoSuchDay",
    "Order",
    "proven_orders",
    "read_date",
    "read_period",
    "read_period_cell",
    "read_period_column",
    "seen_cadence",
]
