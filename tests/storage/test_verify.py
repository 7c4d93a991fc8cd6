from __future__ import annotations

import os
import re
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.model import Metric
from kpitui.storage.definitions import add, archive, change
from kpitui.storage.digest import MODULUS, Digest
from kpitui.storage.driver import sqlite3
from kpitui.storage.store import Store
from kpitui.storage.undo import redo, undo
from kpitui.storage.verify import altered_schema, damage, verify
from tests.storage.processes import add_scope, made, opened, raw, rename


def fill(store: Store) -> None:
    """Definitions, values, corrections, an import, something archived, undone and redone."""
    org = add_scope(store)
    with store.write("add") as tx:
        visits = add(tx, Metric(slug="visits", name="Site visits", scope_id=org, owner="ana", hard_min=0.0))
        other = add(tx, Metric(slug="orders", name="Orders ★", scope_id=org))
    with store.write("change") as tx:
        visits = change(tx, visits, name="Visits", decimals=2, watch_band=0.1)
        archive(tx, other)
    with store.write("import", summary="3 new") as tx:
        rows = [(visits.id, day, day + 7, day / 3, f"{day / 3:.4f}", None, 0, 0, 1, tx.id) for day in (0, 7, 14)]
        tx.executemany("INSERT INTO point VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        tx.saw_points(row[:-1] for row in rows)
        tx.note("import", "point", None, "visits", None, {"new": 3})
    with store.write("record", why="typo") as tx:
        tx.execute("UPDATE point SET value = 5, note = 'n', rev = 2, txn_id = ? WHERE start = 7", (tx.id,))
        tx.saw_points([tx.execute("SELECT * FROM point WHERE start = 7").fetchone()[:-1]])
    rename(store, "new", org)
    undo(store)
    redo(store)
    undo(store)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "a.db"
    with made(path) as store:
        fill(store)
        assert verify(store) == damage(store) == altered_schema(store) == []
    return path


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    copyfile(filled, tmp_path / "a.db")
    os.chmod(tmp_path / "a.db", 0o600)
    return tmp_path / "a.db"


def forge(path: Path, *statements: str) -> None:
    """Changes the file as somebody would who takes the guards off and puts them back."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    named = set(re.findall(r"\w+", " ".join(statements)))
    every = connection.execute("SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    triggers = [(name, sql) for name, sql, table in every if table in named]
    connection.execute("BEGIN")
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        assert connection.execute(statement).rowcount != 0, statement
    for _, sql in triggers:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.close()


def found(path: Path) -> list[str]:
    with opened(path) as store:
        assert altered_schema(store) == []
        return verify(store)


TABLES = ("scope", "scope_history", "metric", "metric_history", "point", "point_history", "change", "txn")


@pytest.mark.parametrize("table", TABLES)
def test_one_value_changed_anywhere_is_found(path: Path, table: str) -> None:
    connection = sqlite3.connect(path)
    kinds = {row[1]: row[2] for row in connection.execute(f"PRAGMA table_info({table})").fetchall()}
    connection.close()
    sound = path.read_bytes()
    where = "start = 7" if table.startswith("point") else f"rowid = (SELECT max(rowid) FROM {table})"
    for column, kind in kinds.items():
        path.write_bytes(sound)
        other = {
            "TEXT": "coalesce({0}, '') || '!'",
            "INTEGER": "coalesce({0}, 0) + 1",
            "REAL": "coalesce({0}, 0) + 0.5",
            "BLOB": "zeroblob(32)",
        }[kind].format(f'"{column}"')
        if table == "point" and column == "state":
            # A value has state 0 and nothing else has: to forge one is to forge both.
            other = "1, value = NULL"
        forge(path, f'UPDATE {table} SET "{column}" = {other} WHERE {where}')
        with opened(path) as store:
            assert verify(store), column


@pytest.mark.parametrize(
    "statements",
    [
        ["DELETE FROM point WHERE start = 14"],
        ["DELETE FROM point_history"],
        ["DELETE FROM scope_history WHERE rev = 1"],
        ["DELETE FROM change WHERE id = 2"],
        ["DELETE FROM change WHERE id = (SELECT max(id) FROM change)"],
        ["DELETE FROM txn WHERE id = 3"],
        ["DELETE FROM txn WHERE id = (SELECT max(id) FROM txn)"],
        [
            "INSERT INTO point SELECT metric_id, start + 100, end + 100, value, entered, note, state, odd, rev, txn_id "
            "FROM point WHERE start = 14"
        ],
        [
            "INSERT INTO point SELECT metric_id, start + 100, end + 100, value, entered, note, state, odd, rev, 999 "
            "FROM point WHERE start = 14"
        ],
        [
            "INSERT INTO scope (id, slug, name, kind, owner, position, rev, txn_id) "
            "SELECT 50, 'z', name, kind, owner, position, 1, txn_id FROM scope"
        ],
        # A live row put away into the history, where its version counts as well.
        ["INSERT INTO point_history SELECT * FROM point WHERE start = 14", "DELETE FROM point WHERE start = 14"],
        # Two values exchanged.
        ["UPDATE point SET value = CASE start WHEN 0 THEN 14 / 3.0 ELSE 0.0 END WHERE start IN (0, 14)"],
        # Two values of transactions 4 and 5 exchanged: no line of theirs names its transaction.
        ["UPDATE point SET txn_id = 9 - txn_id WHERE start IN (0, 7)"],
        ["UPDATE change SET undone_by = NULL WHERE undone_by IS NOT NULL"],
        ["UPDATE change SET undone_by = 1 WHERE id = 1"],
        ["INSERT INTO open_txn VALUES (1, 4)"],
        ["UPDATE txn SET hash = NULL WHERE id = 2"],
        ["UPDATE txn SET digest = NULL WHERE id = 2"],
        ["UPDATE txn SET schema = 9 WHERE id = 2"],
        ["UPDATE txn SET undoes = NULL WHERE undoes IS NOT NULL"],
        ["UPDATE txn SET at = '2020-01-01T00:00:00Z' WHERE id = 1"],
    ],
    ids=lambda statements: statements[0][:60],
)
def test_rows_that_were_added_removed_or_moved_are_found(path: Path, statements: list[str]) -> None:
    forge(path, *statements)
    assert found(path)


def test_a_whole_transaction_cut_out_of_the_middle_is_found(path: Path) -> None:
    forge(
        path,
        "DELETE FROM change WHERE txn_id = 4",
        "DELETE FROM point WHERE txn_id = 4",
        "DELETE FROM point_history WHERE txn_id = 4",
        "DELETE FROM txn WHERE id = 4",
    )
    said = found(path)
    assert "The log has no transaction 4: it was removed." in said
    assert any("Transaction 5 " in text and "chain" in text for text in said)


def test_what_is_found_says_who_and_when(path: Path) -> None:
    forge(path, "UPDATE point SET value = 1e6 WHERE start = 14")
    assert found(path) == [
        "Transaction 4 (import by ana, 2026-11-20T09:30:00Z): what it wrote is not what is stored; "
        "something else has changed it."
    ]


def test_tables_and_guards_that_were_changed_are_found(path: Path) -> None:
    raw(
        path,
        "DROP TRIGGER point_update",
        "CREATE TABLE notes (a)",
        "DROP INDEX change_txn",
        "CREATE INDEX change_txn ON change(what)",
        "CREATE TABLE _litestream_seq (id)",
        "ANALYZE",
    )
    with opened(path) as store:
        assert altered_schema(store) == [
            "the index change_txn is not as kpitui made it",
            "the trigger point_update is missing",
            "there is a table notes that is not kpitui's",
        ]
        assert verify(store) == []


def test_a_log_that_is_gone_is_a_sentence(path: Path) -> None:
    raw(path, "ALTER TABLE change RENAME TO changed")
    with opened(path) as store:
        (said,) = verify(store)
        assert said.startswith("The log cannot be verified: ") and "lacks a part of every kpitui workspace" in said


def test_long_lists_are_cut(path: Path) -> None:
    raw(path, *(f"CREATE TABLE t{number} (a)" for number in range(30)))
    with opened(path) as store:
        problems = altered_schema(store)
    assert len(problems) == 21 and problems[-1] == "… and 10 more."


# The digest


def total(*rows: tuple[object, ...]) -> int:
    digest = Digest()
    for row in rows:
        digest.add(row)
    return digest.total % MODULUS


VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]))
)


@given(st.lists(st.tuples(st.integers(1, 9), VALUES, VALUES), max_size=6), st.randoms())
def test_the_order_of_rows_does_not_count_but_their_number_does(rows: list[tuple[object, ...]], chance: object) -> None:
    mixed = list(rows)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    digest = Digest()
    digest.add_all(mixed)
    assert digest.total % MODULUS == total(*rows) and digest.count == len(rows)
    if rows:
        assert total(*rows, rows[0]) != total(*rows)


@given(
    st.tuples(
        st.integers(),
        st.floats() | st.integers(-(2**53), 2**53) | st.booleans() | st.none(),
        st.text(st.characters(exclude_categories=["Cs"])) | st.none(),
    )
)
def test_a_row_counts_as_it_is_read_back(row: tuple[object, ...]) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE t (a INTEGER, b REAL, c TEXT) STRICT")
    if not -(2**63) <= int(str(row[0])) < 2**63:
        return
    db.execute("INSERT INTO t VALUES (?, ?, ?)", row)
    stored = db.execute("SELECT * FROM t").fetchone()
    db.close()
    assert total(row) == total(stored)


@given(st.tuples(VALUES, VALUES), st.tuples(VALUES, VALUES))
def test_different_rows_count_differently(one: tuple[object, ...], two: tuple[object, ...]) -> None:
    def stored(row: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(None if value != value else value for value in row)

    assert (total(one) == total(two)) is (stored(one) == stored(two))


def test_no_text_can_look_like_two_values() -> None:
    assert (
        len(
            {
                total(("a", "b")),
                total(("a' 'b",)),
                total(("a b", None)),
                total(("a b", "None")),
                total((1, "a")),
                total(("1", "a")),
                total(("a",)),
                total((b"a",)),
            }
        )
        == 8
    )


def test_what_cannot_be_stored_cannot_be_counted() -> None:
    with pytest.raises(TypeError, match="a list cannot be stored"):
        total(([1],))
