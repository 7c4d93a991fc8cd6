"""The words and figures of a row, the same on a screen, in a command's lines and in a report."""

from __future__ import annotations

from kpitui.domain.expected import period_word
from kpitui.domain.figures import (
    MISSING,
    show,
    show_chance,
    show_change,
    show_relative,
    show_target,
    whole_percent,
)
from kpitui.domain.periods import to_date, week_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.model import TargetKind
    from kpitui.domain.periods import Calendar
    from kpitui.domain.review import Verdicts
    from kpitui.services.goal_standing import GoalView
    from kpitui.services.judging import Row

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHORT_GRAINS = {"day": "d", "week": "w", "month": "mo", "quarter": "q", "year": "y"}
ADVERBS = {"day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly"}


def per(cadence: str, working: bool) -> str:
    """`a week`, `a working day`: what is counted in one period of it."""
    return f"a {period_word(cadence, working) or 'period'}"


def every_words(cadence: str, days: str, grace: int) -> str:
    """`day, on working days, 2 days of grace`."""
    return f"{cadence}{', on working days' if days == 'working' else ''}{f', {grace} days of grace' if grace else ''}"


def status_word(status: str) -> str:
    """`off track` for off_track."""
    return status.replace("_", " ")


def value_text(row: Row, *, ascii: bool = False) -> str:
    """The judged value as a table shows it: `$359k`, `2.9%`, `26`, a dash where there is none."""
    return figure(row, row.value, ascii=ascii)


def period_text(row: Row) -> str:
    """The period that the judged value is of: `W46`, `4w to W46` over a window; empty where there is no value."""
    return f"{row.aim.window}{SHORT_GRAINS[row.cadence]} to {row.period_label}" if row.present else row.period_label


def figure(row: Row, value: float | None, *, ascii: bool = False) -> str:
    """Any value of the row's metric as a table shows it."""
    return show(value, row.unit, currency=row.currency, decimals=row.decimals, compact=True, ascii=ascii)


def has_target(row: Row) -> bool:
    return row.target is not None or row.low is not None or row.high is not None


def target_text(row: Row, *, ascii: bool = False) -> str:
    """`≥ 3%`, `$400k`, `25-35`; a milestone is `done`, no target a dash."""
    if row.target_kind == "milestone":
        return "done"
    if not has_target(row):
        return "-" if ascii else MISSING
    kind: TargetKind = row.target_kind  # type: ignore[assignment]
    return show_target(
        kind, row.target, row.low, row.high, row.unit, currency=row.currency, decimals=row.decimals, ascii=ascii
    )


def gap_text(row: Row, *, ascii: bool = False) -> str:
    """How far from the target, + is good: `-10.2%` of it, or in the metric's unit where the target is 0."""
    if row.gap_share is not None:
        return share_text(row.gap_share)
    if row.gap is None:
        return "-" if ascii else MISSING
    return show_change(row.gap, row.unit, currency=row.currency, decimals=row.decimals, ascii=ascii)


def share_text(share: float) -> str:
    """A signed share in at most six cells: `-10.2%`, `+120%`, `+12x`."""
    if abs(share) < 0.9995:
        return show_relative(share)
    if abs(share) < 9.995:
        return show_relative(share, decimals=0)
    return f"{show(share, compact=True, signed=True, figures=2)}x"


def needed_text(row: Row, *, ascii: bool = False) -> str:
    """What each period from now on has to bring: `2.1k a week`, `+0.1 pp a month`; a dash where nothing is asked."""
    if row.needed is None or row.target_kind in ("at_least", "at_most", "between", "milestone"):
        return "-" if ascii else MISSING
    if row.needed == 0:
        return "nothing more"
    if row.target_kind == "reach":
        return f"{figure(row, row.needed)} {per(row.cadence, row.working)}"
    return f"{show_change(row.needed, row.unit, currency=row.currency)} {per(row.cadence, row.working)}"


def chance_text(row: Row, *, ascii: bool = False) -> str:
    """The chance of making it in steps of 5 %: `<5%`, `40%`, `>95%`; a dash where nobody can say."""
    if row.chance is None:
        return "-" if ascii else MISSING
    return show_chance(row.chance)


def rates_text(row: Row) -> str:
    """What each period from now on has to bring, what the recent ones brought, and the chance of making it."""
    words = []
    needed = needed_text(row)
    if needed not in ("-", MISSING):
        words.append(f"needed {needed}")
        if row.rate is not None:
            recent = figure(row, row.rate)
            if row.target_kind != "reach":
                recent = show_change(row.rate, row.unit, currency=row.currency)
            words.append(f"recently {recent}")
    if row.chance is not None:
        words.append(f"chance {chance_text(row)}")
    return ", ".join(words)


def standing(row: Row) -> Verdicts:
    """Pace and signal as two verdicts, and the sentence on what the two ask for.

    A person's own verdict says why itself: beside it there is no sentence.
    """
    from kpitui.domain.review import Verdicts, verdicts
    from kpitui.domain.signals import PROVISIONAL

    if row.override is not None:
        return Verdicts("", row.signal is not None, "")
    known = sum(1 for cell in row.series if cell.value is not None)
    return verdicts(row.status, row.signal is not None, known >= PROVISIONAL)


def goal_figure(goal: GoalView, value: float | None, *, ascii: bool = False) -> str:
    return show(value, goal.unit, currency=goal.currency, compact=True, ascii=ascii)


def percent(share: float | None, *, ascii: bool = False) -> str:
    """A share as whole percent; 99 for what is not quite all of it, 0 only for what rounds to it."""
    if share is None:
        return "-" if ascii else MISSING
    return f"{whole_percent(share)}%"


def day_text(day: int, today: int | None = None, *, weekday: bool = False) -> str:
    """`20 Nov`, `Fri 20 Nov`, with the year when it is not that of `today`: `2 Jan 2027`."""
    date = to_date(day)
    text = f"{date.day} {MONTHS[date.month - 1]}"
    if weekday:
        text = f"{WEEKDAYS[date.weekday()]} {text}"
    return text if today is not None and date.year == to_date(today).year else f"{text} {date.year}"


def near_day(day: int, today: int) -> str:
    """`today`, `tomorrow`, `yesterday`, else `Fri 27 Nov`."""
    named = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(day - today)
    return named or day_text(day, today, weekday=True)


def week_text(day: int, calendar: Calendar) -> str:
    return f"W{week_of(day, calendar)[1]}"


def days_left_text(left: int | None) -> str:
    """`41d left`, `3d over`, `last day`."""
    if left is None:
        return ""
    return "last day" if left == 0 else f"{left}d left" if left > 0 else f"{-left}d over"
