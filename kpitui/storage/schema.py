"""The tables of a workspace, as migrations. A released migration is never edited; a new one is added.

Columns are only ever added: `txn.schema` says which of them a row's digest covers (`storage/digest.py`), so that
transactions sealed under an older schema can still be verified.

Every table a person's work lands in has a twin `<table>_history` with the same columns. A row is its own first
revision; an UPDATE copies the old version to the twin, a DELETE is refused, and both need an open transaction row:
`open_txn` holds the number of the `txn` being written, so that a stray `sqlite3` cannot change a number quietly.
`storage/store.py` applies pending migrations with foreign keys off and checks them before it commits.
"""

from __future__ import annotations

from kpitui.storage import schema_2, schema_3, schema_4

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

APPLICATION_ID = 0x6B706974  # "kpit"

# Definition tables: columns between `id` and the closing ones, the same names as in domain/model.py.
DEFINITIONS_1: dict[str, str] = {
    "scope": """slug TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, parent_id INTEGER REFERENCES scope,
        owner TEXT NOT NULL, position REAL NOT NULL""",
    "metric": """slug TEXT NOT NULL, name TEXT NOT NULL, definition TEXT NOT NULL, unit TEXT NOT NULL,
        currency TEXT NOT NULL, decimals INTEGER, kind TEXT NOT NULL, aggregation TEXT, cadence TEXT NOT NULL,
        direction TEXT NOT NULL, hard_min REAL, hard_max REAL, good_low REAL, good_high REAL, watch_band REAL,
        timing TEXT, nature TEXT, counter INTEGER NOT NULL, level TEXT, influence INTEGER, owner TEXT NOT NULL,
        updater TEXT NOT NULL, scope_id INTEGER NOT NULL REFERENCES scope, audience TEXT NOT NULL,
        source TEXT NOT NULL, how TEXT NOT NULL, effort TEXT NOT NULL, benchmark TEXT NOT NULL,
        grace_days INTEGER NOT NULL, numerator_id INTEGER REFERENCES metric,
        denominator_id INTEGER REFERENCES metric, weight_id INTEGER REFERENCES metric, formula TEXT NOT NULL,
        kept_because TEXT NOT NULL, position REAL NOT NULL""",
    "goal": """slug TEXT NOT NULL, title TEXT NOT NULL, scope_id INTEGER NOT NULL REFERENCES scope,
        parent_id INTEGER REFERENCES goal, main INTEGER NOT NULL, metric_id INTEGER REFERENCES metric,
        target_kind TEXT NOT NULL, baseline REAL, target REAL, low REAL, high REAL, start INTEGER,
        deadline INTEGER, unit TEXT NOT NULL, currency TEXT NOT NULL, owner TEXT NOT NULL,
        description TEXT NOT NULL, why TEXT NOT NULL, weight REAL NOT NULL, position REAL NOT NULL""",
    "kpi": """metric_id INTEGER NOT NULL REFERENCES metric, scope_id INTEGER NOT NULL REFERENCES scope,
        goal_id INTEGER REFERENCES goal, state TEXT NOT NULL, target_kind TEXT NOT NULL, baseline REAL,
        target REAL, low REAL, high REAL, start INTEGER, deadline INTEGER, watch_band REAL, trajectory TEXT NOT NULL,
        counter_id INTEGER REFERENCES metric, owner TEXT NOT NULL, review TEXT NOT NULL, weight REAL NOT NULL,
        confidence INTEGER, objective TEXT NOT NULL, answer_impact TEXT NOT NULL, answer_results TEXT NOT NULL,
        answer_measured TEXT NOT NULL, answer_purpose TEXT NOT NULL, answer_success TEXT NOT NULL,
        answer_change TEXT NOT NULL, position REAL NOT NULL""",
    "target": """kpi_id INTEGER NOT NULL REFERENCES kpi, start INTEGER NOT NULL, value REAL, low REAL, high REAL,
        why TEXT NOT NULL""",
    "driver": """metric_id INTEGER NOT NULL REFERENCES metric, feeds_id INTEGER NOT NULL REFERENCES metric,
        position REAL NOT NULL""",
    "annotation": """metric_id INTEGER REFERENCES metric, goal_id INTEGER REFERENCES goal, day INTEGER NOT NULL,
        text TEXT NOT NULL, who TEXT NOT NULL""",
    "review": """rhythm TEXT NOT NULL, scope_id INTEGER NOT NULL REFERENCES scope, start INTEGER NOT NULL,
        "end" INTEGER NOT NULL, held INTEGER NOT NULL, state TEXT NOT NULL, leader TEXT NOT NULL,
        people TEXT NOT NULL, step INTEGER NOT NULL, item INTEGER NOT NULL, seconds TEXT NOT NULL,
        started_at TEXT NOT NULL, ended_at TEXT NOT NULL, rating INTEGER, minutes TEXT NOT NULL""",
    "action": """text TEXT NOT NULL, owner TEXT NOT NULL, due INTEGER NOT NULL, state TEXT NOT NULL,
        metric_id INTEGER REFERENCES metric, goal_id INTEGER REFERENCES goal,
        review_id INTEGER REFERENCES review, carried INTEGER NOT NULL, first_due INTEGER, closed INTEGER,
        cause TEXT NOT NULL""",
    "playbook": """kpi_id INTEGER REFERENCES kpi, scope_id INTEGER REFERENCES scope, causes TEXT NOT NULL,
        support TEXT NOT NULL, steps TEXT NOT NULL""",
    "waiver": """rule TEXT NOT NULL, kpi_id INTEGER REFERENCES kpi, metric_id INTEGER REFERENCES metric,
        goal_id INTEGER REFERENCES goal, scope_id INTEGER REFERENCES scope, place INTEGER NOT NULL,
        why TEXT NOT NULL, until INTEGER NOT NULL, who TEXT NOT NULL""",
    "override": """kpi_id INTEGER NOT NULL REFERENCES kpi, status TEXT NOT NULL, why TEXT NOT NULL,
        seen INTEGER NOT NULL, day INTEGER NOT NULL, who TEXT NOT NULL""",
    "review_line": """review_id INTEGER NOT NULL REFERENCES review, kind TEXT NOT NULL, text TEXT NOT NULL,
        metric_id INTEGER REFERENCES metric, goal_id INTEGER REFERENCES goal,
        action_id INTEGER REFERENCES action, who TEXT NOT NULL, at TEXT NOT NULL, state TEXT NOT NULL""",
    "review_figure": """review_id INTEGER NOT NULL REFERENCES review, metric_id INTEGER NOT NULL REFERENCES metric,
        kpi_id INTEGER REFERENCES kpi, value REAL, target REAL, gap REAL, progress REAL, status TEXT NOT NULL,
        why TEXT NOT NULL, signal TEXT NOT NULL""",
    "setting": "key TEXT NOT NULL, value TEXT NOT NULL",
}

CLOSING = "archived INTEGER NOT NULL DEFAULT 0, rev INTEGER NOT NULL DEFAULT 1, txn_id INTEGER NOT NULL"

# A point's state: a value, "none" given on purpose, or cleared again. `odd` marks a value outside the entry check
# until somebody accepts it.
POINT_1 = """metric_id INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, value REAL,
    entered TEXT, note TEXT, state INTEGER NOT NULL DEFAULT 0, odd INTEGER NOT NULL DEFAULT 0,
    rev INTEGER NOT NULL DEFAULT 1, txn_id INTEGER NOT NULL"""

UNIQUE_1 = (
    "CREATE UNIQUE INDEX scope_slug ON scope(slug)",
    "CREATE UNIQUE INDEX metric_slug ON metric(slug)",
    "CREATE UNIQUE INDEX goal_slug ON goal(slug)",
    "CREATE UNIQUE INDEX kpi_role ON kpi(metric_id, scope_id) WHERE archived = 0 AND state <> 'retired'",
    "CREATE UNIQUE INDEX driver_edge ON driver(metric_id, feeds_id) WHERE archived = 0",
    "CREATE UNIQUE INDEX setting_key ON setting(key)",
    "CREATE UNIQUE INDEX playbook_kpi ON playbook(kpi_id) WHERE archived = 0 AND kpi_id IS NOT NULL",
    "CREATE UNIQUE INDEX playbook_scope ON playbook(scope_id) WHERE archived = 0 AND scope_id IS NOT NULL",
    "CREATE INDEX driver_feeds ON driver(feeds_id)",
    "CREATE INDEX target_kpi ON target(kpi_id, start)",
    "CREATE INDEX annotation_metric ON annotation(metric_id, day)",
    "CREATE INDEX action_open ON action(due) WHERE state = 'open' AND archived = 0",
    "CREATE INDEX review_line_review ON review_line(review_id)",
    "CREATE INDEX review_figure_review ON review_figure(review_id)",
    "CREATE INDEX change_txn ON change(txn_id)",
    "CREATE INDEX change_item ON change(tbl, row_id)",
)

TXN_1 = """CREATE TABLE txn (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, uid INTEGER NOT NULL, who TEXT NOT NULL, host TEXT NOT NULL,
    via TEXT NOT NULL, what TEXT NOT NULL, summary TEXT NOT NULL DEFAULT '', why TEXT NOT NULL DEFAULT '',
    undoes INTEGER REFERENCES txn, program TEXT NOT NULL, schema INTEGER NOT NULL, rows INTEGER NOT NULL DEFAULT 0,
    digest BLOB, hash BLOB
) STRICT"""

# One line of the log. `tbl` and `row_id` (for a point: metric, start and end) say which row; before and after are
# JSON of the fields that changed, for people and for the log's own screens; exact values stand in the histories.
CHANGE_1 = """CREATE TABLE change (
    id INTEGER PRIMARY KEY, txn_id INTEGER NOT NULL REFERENCES txn, what TEXT NOT NULL, tbl TEXT NOT NULL,
    row_id INTEGER, start INTEGER, "end" INTEGER, item TEXT NOT NULL, before TEXT, after TEXT,
    undone_by INTEGER REFERENCES txn
) STRICT"""

NO_TXN = "write outside a kpitui transaction"


def columns_of(db: Connection, table: str) -> list[str]:
    return [name for _, name, *_ in db.execute(f"PRAGMA table_info({table})").fetchall()]


def guards(db: Connection, table: str, key: str) -> list[str]:
    """The triggers that keep a table honest: open transaction, revisions one by one, history, no deletion."""
    outside = f"SELECT RAISE(ABORT, '{NO_TXN}') WHERE NEW.txn_id IS NOT (SELECT txn_id FROM open_txn)"
    columns = [f'"{name}"' for name in columns_of(db, table)]
    old = ", ".join(f"OLD.{column}" for column in columns)
    past = f"INSERT INTO {table}_history ({', '.join(columns)}) VALUES ({old})"
    step = "SELECT RAISE(ABORT, 'a change must name the revision it follows') WHERE NEW.rev <> OLD.rev + 1"
    same = " OR ".join(f'NEW."{column}" IS NOT OLD."{column}"' for column in key.split())
    return [
        f"CREATE TRIGGER {table}_insert BEFORE INSERT ON {table} BEGIN {outside}; END",
        f"""CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} BEGIN {outside}; {step};
            SELECT RAISE(ABORT, 'a row keeps its key') WHERE {same}; {past}; END""",
        f"""CREATE TRIGGER {table}_delete BEFORE DELETE ON {table}
            BEGIN SELECT RAISE(ABORT, 'nothing is deleted: archive it'); END""",
        f"""CREATE TRIGGER {table}_history_insert BEFORE INSERT ON {table}_history
            BEGIN SELECT RAISE(ABORT, '{NO_TXN}') WHERE NOT EXISTS (SELECT 1 FROM open_txn); END""",
        f"""CREATE TRIGGER {table}_history_update BEFORE UPDATE ON {table}_history
            BEGIN SELECT RAISE(ABORT, 'history is never changed'); END""",
        f"""CREATE TRIGGER {table}_history_delete BEFORE DELETE ON {table}_history
            BEGIN SELECT RAISE(ABORT, 'history is never changed'); END""",
    ]


def definition_table(db: Connection, table: str, columns: str) -> None:
    """A table of definitions with its history and its guards."""
    db.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, {columns}, {CLOSING} REFERENCES txn) STRICT")
    db.execute(
        f"CREATE TABLE {table}_history (id INTEGER NOT NULL, {columns}, {CLOSING}, PRIMARY KEY (id, rev)) STRICT"
    )
    for trigger in guards(db, table, "id"):
        db.execute(trigger)


def guard_anew(db: Connection, table: str) -> None:
    """The triggers of a definition table again, after a column was added: they name every column."""
    for trigger in ("insert", "update", "delete", "history_insert", "history_update", "history_delete"):
        db.execute(f"DROP TRIGGER {table}_{trigger}")
    for sql in guards(db, table, "id"):
        db.execute(sql)


def first(db: Connection) -> None:
    """Schema 1: everything the first release stores."""
    run = db.execute
    run(TXN_1)
    run("CREATE TABLE open_txn (one INTEGER PRIMARY KEY CHECK (one = 1), txn_id INTEGER NOT NULL) STRICT")
    run(CHANGE_1)
    for table, columns in DEFINITIONS_1.items():
        definition_table(db, table, columns)
    run(
        f"""CREATE TABLE point ({POINT_1} REFERENCES txn, PRIMARY KEY (metric_id, start, "end"),
        FOREIGN KEY (metric_id) REFERENCES metric, CHECK ("end" > start),
        CHECK ((state = 0) = (value IS NOT NULL))) STRICT, WITHOUT ROWID"""
    )
    run(
        f"""CREATE TABLE point_history ({POINT_1}, PRIMARY KEY (metric_id, start, "end", rev))
        STRICT, WITHOUT ROWID"""
    )
    for trigger in guards(db, "point", "metric_id start end"):
        run(trigger)
    run(
        f"""CREATE TRIGGER txn_update BEFORE UPDATE ON txn BEGIN SELECT RAISE(ABORT, '{NO_TXN}')
            WHERE OLD.id IS NOT (SELECT txn_id FROM open_txn); END"""
    )
    run("CREATE TRIGGER txn_delete BEFORE DELETE ON txn BEGIN SELECT RAISE(ABORT, 'the log is never changed'); END")
    run(
        f"""CREATE TRIGGER change_insert BEFORE INSERT ON change BEGIN SELECT RAISE(ABORT, '{NO_TXN}')
            WHERE NEW.txn_id IS NOT (SELECT txn_id FROM open_txn); END"""
    )
    run(
        """CREATE TRIGGER change_update BEFORE UPDATE ON change BEGIN
            SELECT RAISE(ABORT, 'the log is never changed') WHERE OLD.undone_by IS NOT NULL
            OR NEW.undone_by IS NOT (SELECT txn_id FROM open_txn) OR NEW.id IS NOT OLD.id
            OR NEW.txn_id IS NOT OLD.txn_id OR NEW.what IS NOT OLD.what OR NEW.tbl IS NOT OLD.tbl
            OR NEW.row_id IS NOT OLD.row_id OR NEW.start IS NOT OLD.start OR NEW."end" IS NOT OLD."end"
            OR NEW.item IS NOT OLD.item OR NEW.before IS NOT OLD.before OR NEW.after IS NOT OLD.after; END"""
    )
    run(
        """CREATE TRIGGER change_delete BEFORE DELETE ON change BEGIN
            SELECT RAISE(ABORT, 'the log is never changed'); END"""
    )
    for index in UNIQUE_1:
        run(index)


def second(db: Connection) -> None:
    """Schema 2: see `schema_2.py`."""
    schema_2.second(db, definition_table, guard_anew)


def third(db: Connection) -> None:
    """Schema 3: see `schema_3.py`."""
    schema_3.third(db, guard_anew)


def fourth(db: Connection) -> None:
    """Schema 4: see `schema_4.py`."""
    schema_4.fourth(db, guard_anew)


MIGRATIONS: tuple[tuple[str, Callable[[Connection], None]], ...] = (
    ("0001_first", first),
    ("0002_together", second),
    ("0003_levels", third),
    ("0004_days", fourth),
)
"""Numbered steps, oldest first; `user_version` of a file is how many of them it has."""

SCHEMA = len(MIGRATIONS)
