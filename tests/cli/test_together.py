"""Closed periods, roles and proposals as another program may have written them: sentences, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.services import closing, members, proposals
from kpitui.storage.store import Store
from tests.cli.test_hostile import SEEN, run, spoil
from tests.services.acme import MODEL, TODAY
from tests.services.test_members import W46
from tests.workspace import build

COMMANDS = (
    *("close", "close --json", "restatements", "restatements --json", "members", "members --json", "proposals --all"),
    *(
        "proposals --all --json",
        "proposals accept 1",
        "proposals decline 1",
        "history mrr",
        "log",
        "status",
        "show mrr",
    ),
    *("record mrr 1 --on 2026-W46", "record mrr 1 --on 2026-W46 --why x", "check", "export log", "close sep --why x"),
    *("status --as-of 2026-11-19", "show mrr --as-of 2026-11-19", "where"),
)
EVIL = "\x1b]52;c;x\x07[@click=quit]\u202e"


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    store = build(tmp_path, MODEL, "mrr 2026-W40 341000\nmrr 2026-W46 345000", today="2026-11-18")
    closing.close(store, "oct", "books", TODAY)
    closing.close(store, "2026-W46", "books", TODAY)
    members.add(store, "bo", "reader")
    proposals.propose(store, "mrr", W46, "350k", "late", today=TODAY)
    return close(store)


def close(store: Store) -> str:
    store.close()
    return store.path


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("UPDATE closing SET who = ?, why = ?", (EVIL, EVIL)),
        ('UPDATE closing SET start = ?, "end" = ?, day = ?', (-(10**12), 10**12, 10**15)),
        ("UPDATE member SET account = ?, role = ? WHERE account = 'bo'", (EVIL, EVIL)),
        ("UPDATE member SET account = '@root', role = ? WHERE account = 'bo'", (EVIL,)),
        ("UPDATE proposal SET entered = ?, why = ?, who = ?, state = 'open'", (EVIL, EVIL, EVIL)),
        ('UPDATE proposal SET start = ?, "end" = ?, day = ?', (10**12, -5, 10**15)),
        ("UPDATE proposal SET value = NULL, state = ?, answer = ?", (EVIL, EVIL)),
        ("UPDATE proposal SET value = 9e999, seen = ?", (2**62,)),
    ],
)
def test_what_another_program_wrote_is_a_sentence(
    db: str, capsys: pytest.CaptureFixture[str], sql: str, values: tuple[object, ...]
) -> None:
    spoil(db, sql, *values)
    for command in COMMANDS:
        code, out, err = run(capsys, *command.split(), "--db", db)
        assert "Something went wrong" not in err, (command, err)
        assert code in (0, 1, 3, 4), command
        assert not SEEN.search(out + err), command
