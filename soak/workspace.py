"""Workspaces to try things on: small, real, and written by the services that the screens and commands use."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from kpitui.domain.periods import Span
from kpitui.errors import KpituiError
from kpitui.identity import Who
from kpitui.services import entry, model_file
from kpitui.services.setup import create_workspace
from kpitui.storage.store import Store
from kpitui.storage.verify import altered_schema, damage, verify

TODAY = 20777
"""2026-11-20 as an epoch day."""
FIRST_DAY = TODAY - 400

MODEL = """
[[metric]]
slug = "visits"
name = "Site visits"
cadence = "day"
kind = "flow"
{more}
[[goal]]
slug = "grow"
title = "Grow"
metric = "visits"
main = true
baseline = 0
target = 500000
start = 2026-01-01
deadline = 2026-12-31
"""
METRIC = """
[[metric]]
slug = "m{number}"
name = "Metric {number}"
cadence = "day"
kind = "level"
"""


def now() -> datetime:
    return datetime.now(UTC)


def person(number: int = 0) -> Who:
    return Who(20000 + number, f"person{number}", "soak")


def made(path: Path, metrics: int = 5) -> Store:
    """A new workspace with `metrics` metrics m1, m2, … beside visits."""
    store = create_workspace(str(path), person(), "soak", now, name="Soak")
    more = "".join(METRIC.format(number=number + 1) for number in range(metrics))
    model_file.apply(store, model_file.read(MODEL.format(more=more), "soak.toml"))
    return store


def opened(path: Path, number: int = 0, patience: float = 15.0) -> Store:
    return Store.open(path, who=person(number), via="soak", now=now, patience=patience)


def day(number: int) -> Span:
    start = FIRST_DAY + number
    return Span(start, start + 1)


def record(store: Store, metric: str, number: int, value: float) -> None:
    """One value for the metric's `number`-th day, as `kpitui record` saves it."""
    entry.record_value(store, metric, day(number), repr(value), today=TODAY, accept=True, judged=False)


def wrong(path: Path) -> list[str]:
    """Everything that `kpitui check` finds wrong with the workspace, and opening it."""
    try:
        with opened(path) as store:
            return damage(store) + altered_schema(store) + verify(store)
    except KpituiError as error:
        return [str(error)]


def size(path: Path) -> int:
    return os.stat(path).st_size


def iso(number: int) -> str:
    """The `number`-th day as it stands in a file."""
    from kpitui.domain.periods import to_date

    return to_date(FIRST_DAY + number).isoformat()


def in_delete_mode(path: Path) -> None:
    """As on a machine whose SQLite is not safe with a write-ahead log."""
    from kpitui.storage.driver import sqlite3

    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = DELETE").fetchall()
    connection.close()
