"""Schema 2: what many people on one machine, bands of targets and the signals' phases need. See `schema.py`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

# New definition tables: columns between `id` and the closing ones, the same names as in domain/model.py.
DEFINITIONS: dict[str, str] = {
    # From `start` on a metric's limits are worked out anew; with `locked`, from the values before that day only.
    "phase": """metric_id INTEGER NOT NULL REFERENCES metric, start INTEGER NOT NULL, locked INTEGER,
        why TEXT NOT NULL, who TEXT NOT NULL, day INTEGER NOT NULL""",
    # A period that people cut by hand: all of a grain together are a table of the calendar.
    "period": """name TEXT NOT NULL, grain TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL""",
    # A day that is no working day, where the pace goes by working days.
    "holiday": "day INTEGER NOT NULL, name TEXT NOT NULL",
    # A finding of the data audit that somebody confirmed as real: it is not reported again.
    "acceptance": """metric_id INTEGER NOT NULL REFERENCES metric, rule TEXT NOT NULL, start INTEGER NOT NULL,
        "end" INTEGER NOT NULL, value REAL, why TEXT NOT NULL, who TEXT NOT NULL, day INTEGER NOT NULL""",
    # A span of days whose values are closed: a correction there asks why and is shown as a restatement.
    "closing": """start INTEGER NOT NULL, "end" INTEGER NOT NULL, why TEXT NOT NULL, who TEXT NOT NULL,
        day INTEGER NOT NULL""",
    # What an account (`ana`) or a group of the system (`@finance`) may do here.
    "member": "account TEXT NOT NULL, role TEXT NOT NULL",
    # A correction that somebody who may not make it himself has asked for.
    "proposal": """metric_id INTEGER NOT NULL REFERENCES metric, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        seen INTEGER NOT NULL, value REAL, entered TEXT NOT NULL, why TEXT NOT NULL, who TEXT NOT NULL,
        day INTEGER NOT NULL, state TEXT NOT NULL, answer TEXT NOT NULL, answered_by TEXT NOT NULL""",
}

COLUMNS: dict[str, tuple[str, ...]] = {
    "kpi": ("floor REAL", "stretch REAL"),
    "target": ("floor REAL", "stretch REAL"),
    "scope": ("kpi_notice INTEGER", "kpi_warn INTEGER", "kpi_strong INTEGER"),
}

INDEXES = (
    # The few values that wait to be checked, of all there are.
    "CREATE INDEX point_odd ON point(metric_id, start) WHERE odd = 1",
    "CREATE INDEX phase_metric ON phase(metric_id, start)",
    "CREATE INDEX acceptance_metric ON acceptance(metric_id, start)",
    "CREATE UNIQUE INDEX member_account ON member(account) WHERE archived = 0",
    "CREATE INDEX proposal_open ON proposal(metric_id) WHERE state = 'open' AND archived = 0",
)


def second(
    db: Connection, table: Callable[[Connection, str, str], None], guard: Callable[[Connection, str], None]
) -> None:
    """Adds the tables and columns. `table` makes a definition table with its history, `guard` its triggers anew."""
    for name, columns in DEFINITIONS.items():
        table(db, name, columns)
    for name, added in COLUMNS.items():
        for column in added:
            db.execute(f"ALTER TABLE {name} ADD COLUMN {column}")
            db.execute(f"ALTER TABLE {name}_history ADD COLUMN {column}")
        guard(db, name)
    for index in INDEXES:
        db.execute(index)
