"""`kpitui tell`: the goal, its pace and what I owe, in three lines, for the login message.

It runs at every login of everybody, so it takes the short way: no click, no dataclasses, no pydantic.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.charts.glyphs import Glyphs
    from kpitui.services.tell import Told

USAGE = """Usage: kpitui tell [--db PATH]

The goal, its pace and what you owe, in three lines; for the login message, put it into ~/.profile:

  kpitui tell 2>/dev/null

--db PATH, or the variable KPITUI_DB, chooses the workspace.
"""
NAMED = 2
"""Values that are named; the rest is counted."""


def run(argv: list[str], db: str | None) -> int:
    """Print the lines; 0. Raises NotFound with the `init` to type when there is no workspace."""
    if argv and argv[0] in ("--help", "-h"):
        sys.stdout.write(USAGE)
        return 0
    if argv:
        from kpitui.errors import WrongUsage
        from kpitui.text import cut

        raise WrongUsage(f"kpitui tell takes no “{cut(argv[0], 40)}”. See kpitui tell --help.")
    from kpitui.charts import glyphs
    from kpitui.cli.opening import open_store, today_of
    from kpitui.cli.output import emit
    from kpitui.services.tell import told

    with open_store(db) as store:
        today = today_of(store)
        found = told(store, today, store.who.name)
    chosen = glyphs.choose(os.environ)
    for line in lines(found, today, chosen):
        emit(line.replace("\n", " "))
    return 0


def lines(found: Told, today: int, glyphs: Glyphs) -> list[str]:
    """Three lines: goal, pace, what is owed."""
    return [goal_line(found, glyphs), pace_line(found, glyphs), due_line(found, today)]


def goal_line(found: Told, glyphs: Glyphs) -> str:
    goal = found.goal
    if goal is None:
        # Which key writes one the screens tell those who may: to ask that here would load more at every login.
        return f"{glyphs.goal} No goal yet: kpitui opens the screens."
    from kpitui.reports.wording import goal_figure, percent

    parts = [f"{glyphs.goal} {goal.title}"]
    if goal.value is not None:
        parts.append(f"now {goal_figure(goal, goal.value)}")
    if goal.progress is not None:
        parts.append(f"{percent(goal.progress)} done")
    if goal.time_gone is not None:
        parts.append(f"{percent(goal.time_gone)} of the time gone")
    if goal.days_left is not None:
        left = goal.days_left
        day = "1 day" if abs(left) == 1 else f"{abs(left)} days"
        parts.append("the last day" if left == 0 else f"{day} left" if left > 0 else f"{day} over")
    return f"{parts[0]}{': ' if parts[1:] else ''}{', '.join(parts[1:])}"


def pace_line(found: Told, glyphs: Glyphs) -> str:
    goal = found.goal
    if goal is None:
        return "  No pace without a goal."
    from kpitui.charts.glyphs import mark
    from kpitui.domain.figures import show, show_change
    from kpitui.reports.wording import per, status_word

    word = f"  {mark(goal.status, glyphs)} {status_word(goal.status).capitalize()}"
    if goal.value is None or goal.needed is None or found.kind not in ("from_to", "reach"):
        return f"{word}: {goal.why}"
    if goal.needed == 0:
        return f"{word}: the target is reached"

    def figure(value: float) -> str:
        if found.kind == "reach":
            return show(value, goal.unit, currency=goal.currency, compact=True)
        return show_change(value, goal.unit, currency=goal.currency)

    recent = "" if goal.rate is None else f", lately {figure(goal.rate)}"
    return f"{word}: needs {figure(goal.needed)} {per(found.cadence, goal.working)} from now on{recent}"


def due_line(found: Told, today: int) -> str:
    from kpitui.reports.wording import near_day

    count, others = len(found.mine), found.others
    if not count:
        rest = f" Others owe {others}." if others else ""
        return f"  You owe no value.{rest}"
    late = sum(1 for item in found.mine if item.late_days)
    named = [
        f"{item.name} {item.period_label}"
        f" ({f'{item.late_days}d late' if item.late_days else near_day(item.due, today)})"
        for item in found.mine[:NAMED]
    ]
    more = f" and {count - NAMED} more" if count > NAMED else ""
    values = "1 value" if count == 1 else f"{count} values"
    return f"  You owe {values}{f', {late} late' if late else ''}: {', '.join(named)}{more}"
