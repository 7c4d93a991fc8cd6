"""Is the workspace sound: its pages, its tables, and the log against what is stored?"""

from __future__ import annotations

from contextlib import closing
from functools import cache

from kpitui.errors import Damaged
from kpitui.storage import digest, schema
from kpitui.storage.driver import sqlite3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kpitui.storage.store import Store

    Shapes = dict[str, list[str]]
    Objects = dict[tuple[str, str], str | None]
    Steps = tuple[tuple[str, Callable[[sqlite3.Connection], None]], ...]

MANY = 20
KEYS = {"point": ("metric_id", "start", "end")}
# Tables of others that may live in the file: SQLite's own, the list of migrations, and what Litestream leaves.
FOREIGN = ("sqlite_", "_sqlite_migrations", "idx__sqlite_migrations", "_litestream")


def damage(store: Store) -> list[str]:
    """What SQLite itself finds wrong: pages, indexes, references. Empty when it is sound."""
    found = _asked(store, f"PRAGMA integrity_check({MANY})", lambda row: "" if row[0] == "ok" else str(row[0]))
    return found + _asked(
        store,
        "PRAGMA foreign_key_check",
        lambda row: f"row {row[1]} of {row[0]} refers to a {row[2]} that does not exist",
    )


def quick_damage(store: Store) -> list[str]:
    """The same without the contents of indexes and without references: a tenth of the time."""
    return _asked(store, f"PRAGMA quick_check({MANY})", lambda row: "" if row[0] == "ok" else str(row[0]))


def _asked(store: Store, sql: str, said: Callable[[tuple[object, ...]], str]) -> list[str]:
    try:
        return _some([text for row in store.rows(sql) if (text := said(row))])
    except Damaged as error:
        return [str(error)]


def altered_schema(store: Store) -> list[str]:
    """Tables, indexes and triggers that are missing, changed, or not ours."""
    have = _objects(store.rows("SELECT type, name, sql FROM sqlite_master"))
    want, _ = _fresh(schema.MIGRATIONS[: schema.SCHEMA])
    problems = [f"the {kind} {name} is missing" for kind, name in want.keys() - have.keys()]
    problems += [f"there is a {kind} {name} that is not kpitui's" for kind, name in have.keys() - want.keys()]
    problems += [
        f"the {k} {n} is not as kpitui made it" for k, n in want.keys() & have.keys() if want[k, n] != have[k, n]
    ]
    return _some(sorted(problems))


def verify(store: Store) -> list[str]:
    """Works out every digest and the chain of the log again from what is stored; sentences on what does not agree.

    Any value, row or log line that was changed, removed or added by something else than kpitui is found.
    """
    try:
        with store.snapshot():
            present = _shapes(schema.SCHEMA)
            return _some([*_log(store, present), *_structure(store, present), *_undone(store)])
    except Damaged as error:
        return [f"The log cannot be verified: {error}"]
    except sqlite3.OperationalError as error:
        if "no such" not in str(error):
            raise
        return [f"The log cannot be verified: {error}."]


def _log(store: Store, present: Shapes) -> Iterator[str]:
    sums: dict[int, int] = {}
    counts: dict[int, int] = {}
    number = digest.Digest().number
    for table, columns, schemas, alone in _sources(store, present):
        names = ", ".join(f'"{name}"' for name in columns)
        at = columns.index("txn_id")
        for batch in store.batches(f"SELECT {names} FROM {table} {schemas}"):
            for row in batch:
                txn = row[at]
                sums[txn] = sums.get(txn, 0) + number(row[:at] + row[at + 1 :] if alone else row)
                counts[txn] = counts.get(txn, 0) + (table != "change")
    before, last = digest.START, 0
    names = ", ".join(digest.TXN)
    for batch in store.batches(f"SELECT {names}, digest, hash FROM txn ORDER BY id"):
        for *fields, value, chained in batch:
            row = tuple(fields)
            txn, said = row[0], f"Transaction {row[0]} ({row[6]} by {row[3]}, {row[1]})"
            if txn != last + 1:
                yield f"The log has no transaction {last + 1}: it was removed."
            last = txn
            total = (sums.pop(txn, 0) % digest.MODULUS).to_bytes(32, "big")
            if value != total or row[-1] != counts.get(txn, 0):
                yield f"{said}: what it wrote is not what is stored; something else has changed it."
            if not isinstance(value, bytes) or chained != digest.link(before, row, value):
                yield f"{said}: the chain of the log is broken here; its line, or the one before, was changed."
            before = chained if isinstance(chained, bytes) else digest.START
    for txn in sorted(sums, key=str):
        yield f"There are rows of a transaction {txn} that is not in the log."


def _sources(store: Store, present: Shapes) -> Iterator[tuple[str, list[str], str, bool]]:
    """The tables that are digested, with their columns as of each schema that transactions were written under, which
    rows those are, and whether the lines of these leave their transaction out."""
    # In a damaged file even what cannot be NULL may be.
    named = {row[0] for row in store.rows("SELECT DISTINCT schema FROM txn")}
    written = {known for known in named if isinstance(known, int)} | {schema.SCHEMA}
    for known in sorted(written):
        if not 1 <= known <= schema.SCHEMA:
            continue
        # Rows of transactions that do not exist go with the present schema.
        which = (
            f"WHERE txn_id IN (SELECT id FROM txn WHERE schema = {known})"
            if known < schema.SCHEMA
            else f"WHERE txn_id NOT IN (SELECT id FROM txn WHERE schema < {known})"
        )
        if len(written) == 1:
            which = ""
        yield "change", list(digest.CHANGE), which, False
        for table, columns in (present if known == schema.SCHEMA else _shapes(known)).items():
            for stored in (table, f"{table}_history"):
                yield stored, columns, which, table == "point" and known >= digest.POINTS_ALONE


def _shapes(known: int) -> Shapes:
    """The tables that have a history, as the schema `known` made them."""
    return _fresh(schema.MIGRATIONS[:known])[1]


@cache
def _fresh(steps: Steps) -> tuple[Objects, Shapes]:
    """What these steps make of an empty file. Making one takes longer than verifying a small workspace."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        for _, step in steps:
            step(fresh)
        objects = _objects(fresh.execute("SELECT type, name, sql FROM sqlite_master").fetchall())
        tables = sorted(name for kind, name in objects if kind == "table")
        names = [name.removesuffix("_history") for name in tables if name.endswith("_history")]
        return objects, {table: schema.columns_of(fresh, table) for table in names}


def _structure(store: Store, present: Shapes) -> Iterator[str]:
    """Every row's earlier revisions stand in the history, each once, and nothing else does."""
    for table in present:
        same = " AND ".join(f'h."{key}" = t."{key}"' for key in KEYS.get(table, ("id",)))
        parent = f"SELECT 1 FROM {table} t WHERE {same} AND h.rev < t.rev"
        stray = store.one(f"SELECT count(*) FROM {table}_history h WHERE NOT EXISTS ({parent})")
        revisions = store.one(f"SELECT coalesce(sum(rev), 0) - count(*) FROM {table}")
        past = store.one(f"SELECT count(*) FROM {table}_history")
        if stray or revisions != past:
            yield f"The revisions in {table} and its history do not follow each other."
    if store.one("SELECT count(*) FROM open_txn"):
        yield "A transaction is marked as open although none is: guards are off."


def _undone(store: Store) -> Iterator[str]:
    """What a transaction took back is marked so on every line of it, and nothing else is."""
    sql = """SELECT c.id FROM change c LEFT JOIN txn u ON u.id = c.undone_by
        WHERE (c.undone_by IS NOT NULL AND u.undoes IS NOT c.txn_id)
        OR (c.undone_by IS NULL AND c.txn_id IN (SELECT undoes FROM txn WHERE undoes IS NOT NULL)) ORDER BY c.id"""
    for (line,) in store.rows(sql):
        yield f"Line {line} of the log says something else about being undone than the transactions do."


def _objects(rows: list[tuple[str, str, str | None]]) -> Objects:
    return {(kind, name): sql for kind, name, sql in rows if not name.startswith(FOREIGN)}


def _some(problems: list[str]) -> list[str]:
    if len(problems) <= MANY:
        return problems
    return [*problems[:MANY], f"… and {len(problems) - MANY} more."]
