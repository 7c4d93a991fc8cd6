"""The small company that the tests of the hierarchy start from."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from kpitui.domain.periods import to_day
from kpitui.services import hierarchy
from kpitui.services.book import Book
from kpitui.services.hierarchy import Node
from kpitui.storage.store import Store
from tests.workspace import build

MODEL = """
[[scope]]
slug = "sales"
kind = "team"
name = "Sales"
owner = "bo"

[[goal]]
slug = "arr_2026"
title = "$5.0M ARR by 31 Dec"
main = true
metric = "arr"
baseline = 3_200_000
target = 5_000_000
start = 2026-01-01
deadline = 2026-12-31
unit = "currency"
owner = "ana"

[[metric]]
slug = "arr"
name = "ARR"
unit = "currency"
kind = "level"
formula = "mrr * 12"

[[metric]]
slug = "mrr"
name = "MRR"
unit = "currency"
kind = "level"
owner = "ana"
timing = "lagging"

[[metric]]
slug = "demos"
name = "Demos booked"
owner = "bo"
timing = "leading"
good_low = 30
feeds = ["mrr", "trials"]

[[metric]]
slug = "calls"
name = "Calls made"
cadence = "day"
feeds = ["demos"]

[[metric]]
slug = "trials"
name = "Trials"
owner = "cy"
feeds = ["mrr"]

[[metric]]
slug = "nps"
name = "NPS"
unit = "score"
kind = "level"
cadence = "quarter"

[[metric]]
slug = "deals"
name = "Deals"
scope = "sales"
owner = "bo"

[[kpi]]
metric = "mrr"
goal = "arr_2026"
baseline = 310_000
target = 400_000
start = 2026-01-01
deadline = 2026-12-31

[[kpi]]
metric = "deals"
goal = "arr_2026"
scope = "sales"
target_kind = "at_least"
target = 5
deadline = 2026-12-31
"""
POINTS = """
mrr 2026-W40 330000 335000 340000 345000 350000 355000 359000
demos 2026-W40 31 33 30 29 28 25 26
"""
TODAY = to_day(date(2026, 11, 20))


def company(tmp_path: Path) -> Store:
    return build(tmp_path, MODEL, POINTS)


def lines(store: Store) -> list[Node]:
    return list(hierarchy.lines(Book(store, TODAY)))


def node(store: Store, name: str) -> Node:
    """The own line of what has this name."""
    return next(one for one in lines(store) if one.name == name and not one.again)


def outline(store: Store) -> list[str]:
    """The tree as text: two blanks a level, `=` for what is shown again, the kind in front of a KPI."""
    return [
        f"{'  ' * one.depth}{'= ' if one.again else ''}{'KPI ' if one.kind == 'kpi' else ''}{one.name}"
        for one in lines(store)
    ]


def undo(store: Store) -> Any:
    from kpitui.services import history

    return history.undo(store, today=TODAY)
