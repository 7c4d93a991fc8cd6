"""Schema 4: on which days a metric is expected to have a value.

See `schema.py`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

COLUMNS: dict[str, tuple[str, ...]] = {
    # "every" or "working". Metrics of before are expected on every day, as they were.
    "metric": ("days TEXT NOT NULL DEFAULT 'every'",),
}


def fourth(db: Connection, guard: Callable[[Connection, str], None]) -> None:
    """Adds the columns. `guard` makes the triggers of a table anew."""
    for name, added in COLUMNS.items():
        for column in added:
            db.execute(f"ALTER TABLE {name} ADD COLUMN {column}")
            db.execute(f"ALTER TABLE {name}_history ADD COLUMN {column}")
        guard(db, name)
