"""A review: its agenda, how its minutes are shared out, what is an exception, and what carrying an action over does."""

from __future__ import annotations

from collections.abc import Sequence

from kpitui.domain.named import NamedTuple
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

RHYTHMS = ("weekly", "monthly", "quarterly", "annual")
GRAIN = {"weekly": "week", "monthly": "month", "quarterly": "quarter", "annual": "year"}
"""The period a review of this rhythm looks at."""
STEPS = ("Actions", "Scorecard", "Exceptions", "Issues", "Commit", "Close")
ACTIONS, SCORECARD, EXCEPTIONS, ISSUES, COMMIT, CLOSE = range(1, 7)
SHARES = (5, 5, 12, 5, 2, 1)
"""Minutes of each step in a review of thirty; of a longer one each gets its share."""
WATCH_FROM = 0.8
"""Share of a timebox from which its clock is marked."""
GROUPS = ("off", "watch", "signal", "missing", "quiet")
"""Why a row is talked about, in the order it is talked about."""
OPEN_FOR = {"weekly": 7, "monthly": 14, "quarterly": 31, "annual": 62}
"""Days after the end of a period within which its review is still due."""
LEVERS = 5
"""Dead levers that an annual review asks about by name."""
BEHIND = frozenset({"off_track", "at_risk", "missed"})


def grain_of(rhythm: str) -> str:
    """The period of a stored review. Raises Problem for a rhythm that is none: only another program can have written
    it."""
    try:
        return GRAIN[rhythm]
    except KeyError:
        raise Problem(
            f"A review has the rhythm {quote(rhythm)}, which is none: another program wrote it. kpitui check says more."
        ) from None


def timeboxes(minutes: int) -> tuple[int, ...]:
    """Whole minutes for the six steps, in the proportions of `SHARES`; they add up to `minutes` (at least six).

    The largest remainders are rounded up, and no step gets less than a minute.
    """
    minutes = max(minutes, len(SHARES))
    whole = sum(SHARES)
    exact = [minutes * share / whole for share in SHARES]
    boxes = [max(int(share), 1) for share in exact]
    while sum(boxes) < minutes:
        place = max(range(len(boxes)), key=lambda step: exact[step] - boxes[step])
        boxes[place] += 1
    while sum(boxes) > minutes:
        place = max((step for step in range(len(boxes)) if boxes[step] > 1), key=lambda step: boxes[step] - exact[step])
        boxes[place] -= 1
    return tuple(boxes)


def clock_state(seconds: float, minutes: int) -> str:
    """Empty, `watch` from 80 % of the timebox on, `over` once it is used up."""
    share = seconds / (60 * minutes)
    return "over" if share >= 1 else "watch" if share >= WATCH_FROM else ""


def read_seconds(stored: str) -> tuple[int, ...]:
    """Seconds spent in each of the six steps, as `review.seconds` holds them; what is not there is 0."""
    parts = [int(part) if part.strip().isdigit() else 0 for part in stored.split(",")] if stored else []
    return tuple((parts + [0] * len(STEPS))[: len(STEPS)])


def with_seconds(stored: str, step: int, more: int) -> str:
    """`stored` with `more` seconds added to a step (1 to 6)."""
    seconds = list(read_seconds(stored))
    seconds[step - 1] += max(more, 0)
    return ",".join(map(str, seconds))


def group(status: str, signal: bool, missing: bool) -> str:
    """Why a row is talked about: off before watch, then a signal, then a value that is missing unexplained; of a stale
    one that it is missing, as its signal is old."""
    if status in ("off_track", "missed"):
        return "off"
    if status == "at_risk":
        return "watch"
    if signal and not (missing and status == "stale"):
        return "signal"
    return "missing" if missing else "quiet"


class Verdicts(NamedTuple):
    """The two verdicts on a KPI and what they mean together."""

    pace: str
    """`on pace`, `behind`, or empty where nothing can be held against it."""
    signal: bool
    sentence: str


def verdicts(status: str, signal: bool, judged: bool = True) -> Verdicts:
    """Pace and signal side by side: what the two together ask for. Not `judged`: too few values to know the process."""
    if status in BEHIND:
        if signal:
            return Verdicts("behind", True, "Something changed: act now.")
        if not judged:
            return Verdicts("behind", False, "Too few values yet to tell a bad week from a bad process.")
        return Verdicts(
            "behind",
            False,
            "The process as it is cannot reach this: change the process, do not ask about this week.",
        )
    pace = "on pace" if status in ("on_track", "achieved") else ""
    if signal:
        return Verdicts(pace, True, "Something changed: learn why.")
    return Verdicts(pace, False, "As expected: pass on." if pace else "")


def carried_text(carried: int) -> str:
    """`carried`, `carried twice`, `carried 3 times`; empty for one that is new."""
    if carried <= 0:
        return ""
    return {1: "carried", 2: "carried twice"}.get(carried, f"carried {carried} times")


def first_due(first: int | None, due: int) -> int:
    """The day an action was due at first, once its date moves or it is carried over."""
    return due if first is None else first


class Set(NamedTuple):
    """What a question about the set of KPIs needs to know of one of them."""

    name: str
    status: str
    has_counter: bool
    misses: int
    """Of the last periods, how many were off or at risk."""
    known: int
    band: str
    """The watch band as it reads."""


def questions(
    rhythm: str, kpis: Sequence[Set], promote: Sequence[str], goal: str, dead: Sequence[str] = ()
) -> tuple[str, ...]:
    """What a quarterly review asks of the set of KPIs, and an annual one of the goal, beside the issues.

    `dead` are drivers without a link shown for a year, each in a sentence: an annual review asks about the first five.
    """
    asked: list[str] = []
    if rhythm not in ("quarterly", "annual"):
        return ()
    if rhythm == "annual":
        asked += [
            f"Was {goal} the right goal, and what did the year teach?" if goal else "There was no goal this year: why?",
            "What is the one number of next year, and by which day?",
            "Which three KPIs, and no more, say whether we are winning it?",
            "What will we stop measuring?",
        ]
    for kpi in kpis:
        if not kpi.has_counter:
            asked.append(f"{kpi.name} has no counter metric: what gets worse when it is pushed?")
        if kpi.known >= 4 and kpi.misses == 0 and kpi.status in ("on_track", "achieved"):
            asked.append(f"{kpi.name} was never off or at risk: raise its target, or demote it?")
        elif kpi.known >= 4 and kpi.misses == kpi.known:
            asked.append(f"{kpi.name} was never on track: is its target, or its band of {kpi.band}, right?")
        if kpi.status in ("no_data", "stale", "no_target"):
            asked.append(f"{kpi.name} cannot be judged: keep, change or retire it?")
    asked += [f"{name} moved and feeds a KPI: promote it?" for name in promote]
    if rhythm == "annual":
        asked += [f"{sentence}: a dead lever?" for sentence in dead[:LEVERS]]
        if len(dead) > LEVERS:
            asked.append(
                f"{len(dead) - LEVERS} more drivers show no link: kpitui leading lists them. Which do we let go?"
            )
    return tuple(asked)
