"""Schema 3: how many periods a level is judged over and has to hold for, and what a KPI may cost its counter metric.

See `schema.py`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

COLUMNS: dict[str, tuple[str, ...]] = {
    # Whole periods that the judged value is made of, periods in a row that a level has to be at its target, and the
    # worsening of the counter metric that is tolerated (a fraction; NULL is its natural limits). KPIs of before are
    # judged as they were: by the last whole period alone.
    "kpi": (
        '"window" INTEGER NOT NULL DEFAULT 1',
        "sustain INTEGER NOT NULL DEFAULT 1",
        "tolerance REAL",
    ),
}


def third(db: Connection, guard: Callable[[Connection, str], None]) -> None:
    """Adds the columns. `guard` makes the triggers of a table anew."""
    for name, added in COLUMNS.items():
        for column in added:
            db.execute(f"ALTER TABLE {name} ADD COLUMN {column}")
            db.execute(f"ALTER TABLE {name}_history ADD COLUMN {column}")
        guard(db, name)
