"""A small workspace for the tests of reviews: one KPI off, one at risk, one with a signal only, one quiet, one late."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kpitui.domain.periods import to_day
from kpitui.storage.store import Store
from tests.workspace import build

TODAY = to_day(date(2026, 11, 20))
MODEL = """
[workspace]
name = "Acme"
time_zone = "Europe/Vienna"
[[scope]]
slug = "org"
kind = "org"
name = "Acme"
[[goal]]
slug = "arr"
title = "$5.0M ARR by 31 Dec"
scope = "org"
main = true
metric = "mrr"
baseline = 300
target = 400
start = 2026-01-01
deadline = 2026-12-31
owner = "ana"
""" + "".join(
    f"""
[[metric]]
slug = "{slug}"
name = "{name}"
kind = "{kind}"
cadence = "week"
direction = "{direction}"
owner = "{owner}"
{more}
[[kpi]]
metric = "{slug}"
goal = "arr"
scope = "org"
target_kind = "{target_kind}"
target = {target}
"""
    for slug, name, kind, direction, owner, more, target_kind, target in (
        ("quiet", "Quiet one", "level", "up", "cy", "", "at_least", 10),
        ("mrr", "MRR", "level", "up", "ana", "", "at_least", 360),
        ("late", "Late one", "level", "up", "dee", "", "at_least", 5),
        ("cac", "CAC", "level", "down", "dee", "", "at_most", 400),
        ("demos", "Demos booked", "flow", "up", "bo", 'feeds = ["mrr"]', "at_least", 30),
    )
)
POINTS = """
quiet 2026-W35 12 13 12 11 12 13 12 11 12 13 12 11 12
mrr 2026-W35 340 341 342 343 344 345 346 347 348 350 352 354 364
late 2026-W35 6 7 6 7 6 7 6 7 6 7 6 7
cac 2026-W35 390 391 392 393 394 395 396 397 398 390 395 399 402
demos 2026-W35 31 33 32 31 30 33 32 31 29 28 27 25 26
"""


def reviewed(tmp_path: Path, who: str = "ana", today: str = "2026-11-20") -> Store:
    return build(tmp_path, MODEL, POINTS, today=today, who=who)
