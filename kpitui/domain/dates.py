"""Reading dates and periods: the one place to import them from."""

from kpitui.domain.day_words import Ambiguous, NoSuchDay, Order, read_date
from kpitui.domain.period_words import (
    last_week,
    proven_orders,
    read_period,
    read_period_cell,
    read_period_column,
    seen_cadence,
    week_number,
)

__all__ = [
    "Ambiguous",
    "NoSuchDay",
    "Order",
    "last_week",
    "proven_orders",
    "read_date",
    "read_period",
    "read_period_cell",
    "read_period_column",
    "seen_cadence",
    "week_number",
]
