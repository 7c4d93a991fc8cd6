"""The company that meets in `meeting.py`: five KPIs of four people, twelve weeks of values, one goal."""

from __future__ import annotations

_GOAL = """
[workspace]
name = "Acme"
time_zone = "UTC"
[[goal]]
slug = "arr"
title = "$400k MRR by 31 Dec"
main = true
metric = "mrr"
baseline = 300
target = 400
start = 2026-01-01
deadline = 2026-12-31
owner = "ana"
"""
_METRIC = """
[[metric]]
slug = "{}"
name = "{}"
kind = "{}"
cadence = "week"
direction = "{}"
owner = "{}"
"""
_KPI = """
[[kpi]]
metric = "{}"
goal = "arr"
target_kind = "{}"
target = {}
"""
KPIS = (
    ("mrr", "MRR", "level", "up", "ana", "at_least", 360),
    ("demos", "Demos booked", "flow", "up", "bo", "at_least", 30),
    ("cac", "CAC", "level", "down", "cy", "at_most", 400),
    ("calls", "Calls made", "flow", "up", "cy", "at_least", 50),
    ("nps", "NPS", "level", "up", "dee", "at_least", 40),
)
ROWS = tuple(one[0] for one in KPIS)
"""In the order of the rows of Entry."""
SCRIPTED = ("signups", "logins", "tickets")
"""What dee's script records while the others meet."""
VALUES = {
    "mrr": (340, 341, 342, 343, 344, 345, 346, 347, 348, 350, 352, 354),
    "demos": (31, 33, 32, 31, 30, 33, 32, 31, 29, 28, 27, 25),
    "cac": (390, 391, 392, 393, 394, 395, 396, 397, 398, 390, 395, 399),
    "calls": (52, 54, 51, 55, 53, 52, 56, 51, 52, 54, 53, 52),
    "nps": (41, 42, 41, 43, 42, 41, 42, 43, 41, 42, 43, 42),
}
FIRST_WEEK, THIS_WEEK = 35, 47
ROLES = {"bo": "editor", "cy": "contributor", "dee": "contributor"}
"""Ana owns the file, and is admin by that."""

MODEL = (
    _GOAL
    + "".join(_METRIC.format(*one[:5]) for one in KPIS)
    + "".join(_METRIC.format(slug, slug.capitalize(), "flow", "up", "dee") for slug in SCRIPTED)
    + "".join(_KPI.format(one[0], *one[5:]) for one in KPIS)
)


def week(number: int) -> str:
    return f"2026-W{number}"


def before() -> list[tuple[str, str, str]]:
    """Metric, week and value of what stands before the meeting."""
    return [
        (slug, week(FIRST_WEEK + number), str(value))
        for slug, values in VALUES.items()
        for number, value in enumerate(values)
    ]


def scripted() -> list[tuple[str, str, str]]:
    """What comes in from a script during it."""
    return [
        (slug, week(number), str(100 * place + number))
        for number in range(FIRST_WEEK, THIS_WEEK + 1)
        for place, slug in enumerate(SCRIPTED, 1)
    ]
