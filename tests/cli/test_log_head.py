"""`kpitui log --head` and `--verify --head`: a head that was written down is in the log, or the log says why not."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kpitui.storage import digest
from kpitui.storage.driver import sqlite3
from tests.conftest import Ran
from tests.storage.processes import add_scope, made, opened, rename

Run = Callable[..., Ran]
DAY = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three days, on each a change."""
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    monkeypatch.setenv("KPITUI_DB", str(tmp_path / "a.db"))
    with made(tmp_path / "a.db") as store:
        store.now = lambda: DAY
        add_scope(store)
        for number in (1, 2):
            store.now = lambda number=number: DAY + timedelta(days=number)  # type: ignore[misc]
            rename(store, f"Name {number}")
    return tmp_path / "a.db"


def test_the_head_of_any_day_is_one_line_that_stays_the_same(path: Path, kpitui: Run) -> None:
    ran = kpitui("log", "--head")
    assert ran.code == 0 and ran.err == "" and ran.out.count("\n") == 1
    assert " change 3 head " in ran.out and " at 2026-11-03T09:00:00Z " in ran.out
    then = kpitui("log", "--head", "--as-of", "2026-11-02").out
    assert " change 2 head " in then and " at 2026-11-02T09:00:00Z " in then
    with opened(path) as store:
        rename(store, "Later")
    assert kpitui("log", "--head", "--as-of", "2026-11-02").out == then
    assert kpitui("log", "--head", "--as-of", "2026-11-03").out == ran.out
    said = json.loads(kpitui("log", "--head", "--json").out)
    assert (said["change"], said["as_known"], len(said["head"]), said["line"].split()[:2]) == (
        4, None, 64, ["kpitui-head", "1"],
    )  # fmt: skip


def test_a_head_that_was_written_down_is_found(path: Path, kpitui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    line = kpitui("log", "--head", "--as-of", "2026-11-02").out
    monkeypatch.setattr("sys.stdin", io.StringIO(line))
    (path.parent / "signed").write_text(line + kpitui("log", "--head").out)
    backup = json.loads(kpitui("backup", "--json").out)["path"]
    for given, count in ((line, 1), ("-", 1), (path.parent / "signed", 2), (f"{backup}.sha256", 1)):
        ran = kpitui("log", "--verify", "--head", given)
        assert ran.code == 0 and ran.err == ""
        assert ran.out.count("is in this log, and so is everything before it.") == count
    ran = kpitui("log", "--verify", "--head", kpitui("log", "--head").out, "--as-of", "2026-11-02")
    assert ran.code == 4 and "it ends at change 2" in ran.out
    said = json.loads(kpitui("log", "--verify", "--json", "--head", line).out)
    assert (said["ok"], said["change"], said["heads"][0]["change"], said["heads"][0]["in_log"]) == (True, 3, 2, True)


def test_one_that_is_missing_is_a_sentence_and_exit_code_4(path: Path, tmp_path: Path, kpitui: Run) -> None:
    file = json.loads(kpitui("backup", "--json").out)["path"]
    with opened(path) as store:
        rename(store, "Signed")
    line = kpitui("log", "--head").out
    kpitui("restore", file, "--yes")
    ran = kpitui("log", "--verify", "--head", line)
    assert ran.code == 4 and "The log agrees with what is stored" in ran.out
    assert "Change 4 with the head " in ran.out and "is not in this log: change 4 has the head " in ran.out
    assert "restored a backup (a-" in ran.out and "-before-restore.db" in ran.out
    said = json.loads(kpitui("log", "--verify", "--json", "--head", line).out)
    assert (said["ok"], len(said["problems"]), said["heads"][0]["in_log"]) == (False, 1, False)
    # The first change differs: another workspace.
    with made(tmp_path / "b.db") as store:
        store.now = lambda: DAY + timedelta(hours=1)
        add_scope(store)
    ran = kpitui("log", "--verify", "--head", line, "--db", tmp_path / "b.db")
    assert ran.code == 4 and "it is of another log" in ran.out


def forge(path: Path, txn: int, *, whole: bool) -> None:
    """Changes the reason of a transaction past the guards; with `whole` the chain from there on is worked out anew."""
    connection = sqlite3.connect(path)
    guards = "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'txn' AND type = 'trigger'"
    guarded = connection.execute(guards).fetchall()
    for trigger, _ in guarded:
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute("UPDATE txn SET why = 'forged' WHERE id = ?", (txn,))
    before = digest.START
    for *row, value, chained in connection.execute(
        f"SELECT {', '.join(digest.TXN)}, digest, hash FROM txn ORDER BY id"
    ).fetchall():
        before = digest.link(before, tuple(row), value) if whole else chained
        connection.execute("UPDATE txn SET hash = ? WHERE id = ?", (before, row[0]))
    for _, sql in guarded:
        connection.execute(sql)
    connection.commit()
    connection.close()


def test_a_log_that_was_rewritten_as_a_whole_does_not_agree_with_the_head_that_was_signed(
    path: Path, kpitui: Run
) -> None:
    line = kpitui("log", "--head", "--as-of", "2026-11-02").out
    forge(path, 2, whole=True)
    assert kpitui("log", "--verify").code == 0
    assert kpitui("log", "--head", "--as-of", "2026-11-02").out != line
    ran = kpitui("log", "--verify", "--head", line)
    assert ran.code == 4 and "is not in this log: change 2 has the head " in ran.out


def test_the_chain_up_to_a_day_is_verified_by_itself(path: Path, kpitui: Run) -> None:
    line = kpitui("log", "--head", "--as-of", "2026-11-02").out
    forge(path, 3, whole=False)
    ran = kpitui("log", "--verify", "--as-of", "2026-11-02", "--head", line)
    assert ran.code == 0 and "Mon 2 Nov 2026, as known then\nThe log agrees with what is stored: change 2, " in ran.out
    ran = kpitui("log", "--verify", "--head", line)
    assert ran.code == 4 and "Transaction 3 " in ran.out and "Change 2, head " in ran.out
    assert "everything before it" not in ran.out


WRONG = {
    "--head x": (2, "with --verify it looks for one"),
    "--verify --head": (2, "Say which head"),
    "--verify --who ana": (2, "about the whole log"),
    "--head --as-known now": (2, "--as-of DATE and --json only"),
    "--verify --csv": (2, "--json only"),
    "--verify --head nothing.txt": (1, "no head and no file"),
    "--verify --head .": (1, "cannot be read"),
    "--verify --head /dev/null": (1, "There is no head in /dev/null"),
}


def test_what_is_off_is_said(path: Path, kpitui: Run) -> None:
    for words, (code, said) in WRONG.items():
        ran = kpitui("log", *words.split())
        assert (ran.code, ran.out) == (code, "") and said in ran.err, words
