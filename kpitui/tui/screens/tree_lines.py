"""What is said beside a line that is typed in the tree, and what its last word may become."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kpitui.services import creating
from kpitui.services.editing import ADVERBS
from kpitui.text import fold

if TYPE_CHECKING:
    from kpitui.services.creating import Line
    from kpitui.services.hierarchy import Tree

OPTIONS = (
    "daily", "weekly", "monthly", "quarterly", "yearly", "workdays",
    "lead", "lag", "counter", "percent", "currency", "down",
)  # fmt: skip
EXAMPLES = {
    "goal": "5m ARR by 31 dec",
    "kpi": "MRR, weekly @ana >=400k",
    "metric": "Demos booked, weekly @bo lead >=30",
    "scope": "team Sales @bo, or Calls, daily @bo",
}


def understood(line: Line) -> str:
    """What the tree's row does not show of a line."""
    if line.goal is not None:
        from kpitui.reports.wording import day_text

        return f"by {day_text(line.goal.deadline, weekday=True)}"
    if line.metric is None:
        return f"a {line.kind}"
    said = line.metric
    unit = creating.unit_of(said)
    kind = said.kind or creating.kind_of(line.name, unit)
    better = {"down": "lower is better", "range": "good in a range"}.get(said.direction or "up", "higher is better")
    feeds = f", feeds {', '.join(said.feeds)}" if said.feeds else ""
    days = " on working days" if said.days else ""
    adds = {"flow": "adds up", "level": "stands at a level"}.get(kind, kind)
    # A number without its sign went into the name.
    number = line.name.rpartition(" ")[2]
    hint = f"; for a target type >={number} or <={number}" if said.target is None and number[:1].isdigit() else ""
    return f"{line.name}: {unit}, {adds}, {ADVERBS[line.cadence]}{days}, {better}{feeds}{hint}"


def starts(start: str, name: str) -> bool:
    wanted = fold(start).split()
    words = fold(name).split()
    return all(any(word.startswith(one) for word in words) for one in wanted)


def completed(text: str, tree: Tree, kinds: Sequence[str]) -> list[str]:
    """The whole lines that the last word may become: people behind `@`, metrics behind `feeds`, words of the line."""
    low = text.casefold()
    at = low.rfind("feeds ")
    if at >= 0 and "@" not in text[at:]:
        head, last = text[: at + 6], text[at + 6 :]
        before, comma, last = last.rpartition(",")
        head += f"{before}{comma}{' ' if comma else ''}"
        return [f"{head}{name}" for kind, name in tree.names if kind in kinds and starts(last, name)]
    head, blank, last = text.rpartition(" ")
    head += blank
    if last.startswith("@"):
        return [f"{head}@{name}" for name in tree.people if name.casefold().startswith(last[1:].casefold())]
    if not blank:
        return []
    return [f"{head}{word}" for word in (*OPTIONS, "feeds ") if last and word.startswith(last.casefold())]
