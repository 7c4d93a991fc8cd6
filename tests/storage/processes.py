"""Workspaces for the tests of the store, and other processes that use them."""

from __future__ import annotations

import os
import stat
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kpitui.identity import Who
from kpitui.storage.driver import sqlite3
from kpitui.storage.store import Store
from tests.made_once import copied, kind

ANA = Who(1001, "ana", "mill")
NOBODY = 65534
TEAM, MEMBERS = 61000, (61001, 61002)
"""A group and two accounts in it that need not exist."""


def now() -> datetime:
    return datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def created(path: Path, **given: Any) -> Store:
    """A new workspace, made as a person makes one."""
    return Store.create(path, **{"who": ANA, "via": "test", "now": now, **given})


def made(path: Path, **given: Any) -> Store:
    """The same where its making is not what is tested: without anything `given`, a copy of one that was made before."""
    if given:
        return created(path, **given)
    copied(path, ("schema", *kind()), lambda kept: created(kept).close())
    return opened(path)


def opened(path: Path, **given: Any) -> Store:
    return Store.open(path, **{"who": ANA, "via": "test", "now": now, **given})


def add_scope(store: Store, slug: str = "org") -> int:
    """One more scope, written as the definitions are; gives its id."""
    with store.write("add", why="for the test") as tx:
        id = tx.execute(
            """INSERT INTO scope (id, slug, name, kind, parent_id, owner, position, archived, rev, txn_id)
            VALUES (NULL, ?, ?, 'org', NULL, '', 0, 0, 1, ?)""",
            (slug, slug, tx.id),
        ).lastrowid
        tx.saw(tx.execute("SELECT * FROM scope WHERE id = ?", (id,)).fetchone())
        tx.note("add", "scope", id, slug, None, {"slug": slug})
    return int(id or 0)


def rename(store: Store, name: str, *ids: int) -> int:
    """Gives scopes another name in one action; the transaction's number."""
    with store.write("change") as tx:
        for id in ids or (1,):
            before = tx.execute("SELECT name FROM scope WHERE id = ?", (id,)).fetchone()[0]
            tx.execute("UPDATE scope SET name = ?, rev = rev + 1, txn_id = ? WHERE id = ?", (name, tx.id, id))
            tx.saw(tx.execute("SELECT * FROM scope WHERE id = ?", (id,)).fetchone())
            tx.note("change", "scope", id, "org", {"name": before}, {"name": name})
        return tx.id


def raw(path: Path, *statements: str) -> None:
    """What somebody does to the file with another program."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for statement in statements:
            connection.execute(statement).fetchall()
    finally:
        connection.close()


def child(work: Callable[[], object]) -> int:
    """Does `work` in another process and gives its pid."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def ended(pid: int) -> bool:
    """Waits for a process; whether it went well."""
    return os.waitpid(pid, 0)[1] == 0


def become_nobody() -> None:
    """Gives up root's rights for good: permissions count again."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def become_member(uid: int) -> None:
    """Goes on for good as an account of the team; only root can."""
    os.setgroups([TEAM])
    os.setgid(uid)
    os.setuid(uid)


def said(work: Callable[[], object], *, as_nobody: bool = False, member: int | None = None) -> str:
    """What `work` gives in another process, as text; of an error, its class and sentence.

    With `as_nobody` without root's rights, with `member` as this account of the team.
    """
    reading, writing = os.pipe()

    def work_and_tell() -> None:
        if as_nobody:
            become_nobody()
        if member is not None:
            become_member(member)
        try:
            text = str(work())
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
        os.write(writing, text.encode())

    pid = child(work_and_tell)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read().decode()
    assert ended(pid)
    return text


def mode(path: Path | str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)
