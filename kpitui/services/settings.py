"""The team's settings: read, checked, changed one at a time, and what a change of calendar does to the periods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kpitui.domain.figure_style import style
from kpitui.domain.problem import Problem
from kpitui.services.calendar import KINDS, WEEKDAYS

if TYPE_CHECKING:
    from kpitui.domain.workspace import Workspace
    from kpitui.services.calendar_change import Difference
    from kpitui.storage.store import Store


TEAM: dict[str, tuple[str, str]] = {
    "name": ("name", "what the workspace is called"),
    "currency": ("currency", "three letters, if none is said"),
    "time_zone": ("time zone", "such as Europe/Vienna"),
    "calendar": ("calendar", "iso, by month, 52/53 or table"),
    "week_start": ("week starts", "first day of a week"),
    "week_min_days": ("first week has", "days of the new year, at least"),
    "fiscal_year_start": ("fiscal year starts", "month, 1 to 12"),
    "fiscal_year_name": ("fiscal year named by", "year of its first or last day"),
    "retail_month": ("52/53 weeks: end of", "the month a year ends by"),
    "retail_weekday": ("52/53 weeks: last day", "of a year and of its weeks"),
    "retail_end": ("52/53 weeks: which one", "nearest month's end, or in it"),
    "retail_pattern": ("52/53 weeks: pattern", "weeks of a quarter's 3 periods"),
    "retail_extra_quarter": ("52/53 weeks: 53rd in", "quarter with the extra week"),
    "pace_by": ("pace goes by", "what adds up: all or workdays"),
    "working_week": ("working days", "holidays: kpitui calendar"),
    "kpi_notice": ("KPIs per scope, notice", "above this many it is said"),
    "kpi_warn": ("KPIs per scope, warn", "above this many it warns"),
    "kpi_strong": ("KPIs per scope, strong", "above this many, strongly"),
    "kpi_refuse": ("refuse above strong", "one KPI more is refused"),
    "watch_band": ("watch band", "a miss this near is at risk"),
    "flat_band": ("flat band", "a KPI that moves less is flat"),
    "review_weekday": ("review day", "and when weekly values are due"),
    "review_time": ("review time", "such as 14:00"),
    "review_weekly": ("weekly review", "minutes"),
    "review_monthly": ("monthly review", "minutes"),
    "review_quarterly": ("quarterly review", "minutes"),
    "review_annual": ("annual review", "minutes"),
}
"""Key, its words, and what it is for: in the 30 cells that 80 columns have for it."""

CHOICES: dict[str, tuple[Any, ...]] = {
    "calendar": KINDS,
    "week_start": WEEKDAYS,
    "week_min_days": tuple(range(1, 8)),
    "fiscal_year_start": tuple(range(1, 13)),
    "fiscal_year_name": ("last", "first"),
    "retail_month": tuple(range(1, 13)),
    "retail_weekday": WEEKDAYS,
    "retail_end": ("nearest", "last"),
    "retail_pattern": ("445", "454", "544"),
    "retail_extra_quarter": (1, 2, 3, 4),
    "pace_by": ("days", "working_days"),
    "kpi_refuse": (False, True),
    "review_weekday": tuple(range(7)),
}
"""The settings that are chosen, not typed."""

CALENDAR = (
    "calendar",
    "week_start",
    "week_min_days",
    "fiscal_year_start",
    "fiscal_year_name",
    *(key for key in TEAM if key.startswith("retail_")),
)


class Changed(NamedTuple):
    """A setting as it stands now."""

    sentence: str


def read(store: Store) -> Workspace:
    """All of the team's settings."""
    from kpitui.storage import settings

    return settings.workspace(store)


def in_words(key: str, value: object) -> str:
    """A setting's value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key in ("watch_band", "flat_band") and isinstance(value, float):
        return f"{value * 100:g}%".replace(".", style().decimal)
    if key == "review_weekday" and isinstance(value, int):
        return WEEKDAYS[value].capitalize()
    if key in ("week_start", "retail_weekday"):
        return str(value).capitalize()
    if key == "pace_by":
        return str(value).replace("_", " ")
    if key == "retail_pattern":
        return "-".join(str(value))
    if key in ("fiscal_year_start", "retail_month") and isinstance(value, int):
        import calendar

        return calendar.month_name[value]
    return str(value)


def typed(workspace: Workspace, key: str, text: str) -> Workspace:
    """The settings with `key` as it was typed. Raises Problem when it cannot be."""
    text = text.strip()
    standing = getattr(workspace, key)
    value: object = text
    if key in ("watch_band", "flat_band"):
        from kpitui.domain.numbers import read_number

        value = read_number(text, "percent").value
    elif isinstance(standing, int) and not isinstance(standing, bool):
        if not text.isdecimal():
            raise Problem(f"“{text}” is not a whole number: type one, such as {standing}.")
        value = int(text)
    elif key == "currency":
        from kpitui.domain.currencies import code_of

        value = code_of(text, standing)
    elif key == "working_week":
        from kpitui.domain.workdays import read_week, week_text

        value = week_text(read_week(text))
    elif key == "retail_pattern":
        value = text.replace("-", "").replace(" ", "")
    elif key in CHOICES:
        value = text.casefold().replace(" ", "_")
    return checked(workspace, key, value)


def checked(workspace: Workspace, key: str, value: object) -> Workspace:
    """The settings with another value. Raises Problem when it cannot be."""
    import re
    from dataclasses import asdict

    from kpitui.domain.checking import whole
    from kpitui.domain.workspace import Workspace
    from kpitui.services.setup import check_settings

    if key == "review_time" and not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", str(value)):
        raise Problem(f"“{value}” is no time of day: type hours and minutes, such as 14:00.")
    if key == "currency" and not re.fullmatch(r"[A-Z]{3}", str(value)):
        raise Problem(f"“{value}” is no currency code: type three letters, such as EUR.")
    made = whole(Workspace, {**asdict(workspace), key: value}, "The settings")
    if not made.kpi_notice <= made.kpi_warn <= made.kpi_strong:
        raise Problem(
            f"Notice, warn and strong go up: {made.kpi_notice}, {made.kpi_warn}, {made.kpi_strong} do not. "
            "Change the other one first."
        )
    check_settings(made)
    return made


def consequence(store: Store, today: int, key: str, value: object) -> Difference | None:
    """What a change of calendar does to what is counted; None for other settings, and where nothing differs."""
    if key not in CALENDAR:
        return None
    from dataclasses import asdict

    from kpitui.services.calendar import calendar_in
    from kpitui.services.calendar_change import difference

    with store.snapshot():
        stands = {name: text(given) for name, given in asdict(read(store)).items()}
        found = difference(store, today, calendar_in(store, {**stands, key: str(value)}))
    return found if found.sentence else None


def text(value: object) -> str:
    """A setting's value as it is stored."""
    from kpitui.storage import settings

    return settings.text(value)


def change(store: Store, key: str, value: object, *, seen: Workspace | None = None, why: str = "") -> Changed:
    """Store one of the team's settings. Raises Problem when it cannot be, Conflict when somebody changed it."""
    from kpitui.storage import settings

    standing = seen or read(store)
    made = checked(standing, key, value)
    old = getattr(standing, key)
    if key == "calendar" and value == "table":
        from kpitui.errors import Refused
        from kpitui.storage import reading

        if not reading.periods(store):
            raise Refused("There is no table of periods yet: kpitui calendar import FILE reads one. NOT saved.")
    with store.write("settings", why=why, summary=f"{TEAM[key][0]}: {in_words(key, getattr(made, key))}") as tx:
        settings.save_workspace(tx, made, standing)
    now = in_words(key, getattr(made, key))
    if getattr(made, key) == old:
        return Changed(f"{TEAM[key][0][:1].upper()}{TEAM[key][0][1:]} is {now} for the team already")
    return Changed(f"Set {TEAM[key][0]} for the team: {now} (was {in_words(key, old)})")
