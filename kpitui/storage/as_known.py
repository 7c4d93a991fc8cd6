"""A workspace as it was known at an earlier moment: the same file behind views that end at one transaction.

Every table is shadowed by a TEMP view of the same name over the table and its history, so that whatever reads a `Store`
reads this one too. A version of a row counts when its transaction is not after the last one known and no later version
was known either; revisions go up by one, so that is a look at the next one. Transactions are never changed, so neither
is what such a view shows: no later write can.
"""

from __future__ import annotations

from kpitui.storage import schema, schema_2
from kpitui.storage.store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpitui.storage.driver import sqlite3


def last_before(store: Store, at: str) -> int:
    """The number of the last transaction before the first one committed at `at` (UTC, ISO 8601) or later; 0 when there
    is none. A clock that was set back later on changes nothing in what was known earlier."""
    found = store.one("SELECT min(id) FROM txn WHERE at >= ?", (at,))
    return int(store.one("SELECT coalesce(max(id), 0) FROM txn") if found is None else found - 1)


class PastStore(Store):
    """The workspace of `live` as it stood after transaction `last`. It has a connection of its own and saves nothing.

    `said` names the day, for the sentence that refuses a save.
    """

    def __init__(self, live: Store, last: int, said: str) -> None:
        self.last = last
        super().__init__(live.path, live.who, live.via, live.now, False, live._patience)
        self.refusal = f"This is the workspace as it was known on {said}: nothing can be changed there. NOT saved."

    def _connected(self) -> sqlite3.Connection:
        connection = super()._connected()
        try:
            shadow(connection, self.last)
        except BaseException:
            connection.close()
            raise
        return connection

    def version(self) -> tuple[int, int]:
        """Always the same: the past stays as it is."""
        return -1, self.last

    def changed(self) -> bool:
        super().changed()
        return False


def shadow(connection: sqlite3.Connection, last: int) -> None:
    """TEMP views over all tables with a history, the transactions and the log, up to transaction `last`."""
    for sql in _views(connection, int(last)):
        connection.execute(sql)


def _views(connection: sqlite3.Connection, last: int) -> Iterator[str]:
    # Ours alone: what somebody else has called a table is no part of our SQL, and needs no past.
    for name in sorted((*schema.DEFINITIONS_1, *schema_2.DEFINITIONS, "point")):
        found = connection.execute(f"PRAGMA main.table_info({name})").fetchall()
        columns = [row[1].replace('"', '""') for row in found]
        now, then = (", ".join(f'{place}."{column}"' for column in columns) for place in ("now", "past"))
        key = ("metric_id", "start", "end") if name == "point" else ("id",)
        same = " AND ".join(f'later."{column}" = past."{column}"' for column in key)
        unknown = " AND ".join(
            f"NOT EXISTS (SELECT 1 FROM main.{table} later WHERE {same} AND later.rev = past.rev + 1 "
            f"AND later.txn_id <= {last})"
            for table in (name, f"{name}_history")
        )
        yield (
            f"CREATE TEMP VIEW {name} AS SELECT {now} FROM main.{name} now WHERE now.txn_id <= {last} "
            f"UNION ALL SELECT {then} FROM main.{name}_history past WHERE past.txn_id <= {last} AND {unknown}"
        )
        yield (
            f"CREATE TEMP VIEW {name}_history AS SELECT {then} FROM main.{name}_history past "
            f"WHERE past.txn_id <= {last} AND NOT ({unknown})"
        )
    yield f"CREATE TEMP VIEW txn AS SELECT * FROM main.txn WHERE id <= {last}"
    yield f"""CREATE TEMP VIEW change AS SELECT id, txn_id, what, tbl, row_id, start, "end", item, before, after,
        CASE WHEN undone_by <= {last} THEN undone_by END AS undone_by FROM main.change WHERE txn_id <= {last}"""
