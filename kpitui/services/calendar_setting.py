"""The calendar of a workspace as it stands and as it is set: several settings at once, with or without a table."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import GRAINS, Span, label, span_of
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.domain.workdays import Workdays
from kpitui.services import settings as team
from kpitui.services.calendar import calendar_in, calendar_of, workdays_in
from kpitui.services.calendar_change import Difference, difference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpitui.domain.period_table import Listed
    from kpitui.domain.periods import Calendar
    from kpitui.domain.workspace import Workspace
    from kpitui.storage.store import Store

KEYS = (*team.CALENDAR, "pace_by", "working_week")
"""The settings that are about the calendar."""


class Standing(NamedTuple):
    """The calendar as it stands on a day."""

    calendar: Calendar
    workspace: Workspace
    now: tuple[tuple[str, str, Span], ...]
    """Grain, label and days of the present periods, shortest first."""
    year: tuple[tuple[str, Span], ...]
    """Labels and days of the months (or periods) of the present year."""
    workdays: Workdays
    by_workdays: bool
    """Whether the pace goes by them."""
    holidays: tuple[tuple[int, str], ...]
    """Of the present year."""
    metrics: tuple[tuple[str, str], ...] = ()
    """Slug and name of those that are expected on working days only."""


def standing(store: Store, today: int) -> Standing:
    """What the calendar is, with today's periods."""
    from kpitui.domain.days_of_calendar import Holiday
    from kpitui.domain.periods import spans_between
    from kpitui.storage import definitions, reading, settings

    with store.snapshot():
        workspace = settings.workspace(store)
        cal = calendar_in(store)
        spans = [(grain, span_of(grain, today, cal)) for grain in GRAINS[1:]]
        year = spans[-1][1]
        months = [span for span in spans_between("month", year.start, year.end, cal) if span.end > year.start]
        holidays = sorted((one.day, one.name) for one in definitions.all_of(store, Holiday))
        return Standing(
            cal,
            workspace,
            tuple((grain, label(grain, span, cal), span) for grain, span in spans),
            tuple((label("month", span, cal), span) for span in months),
            workdays_in(store),
            workspace.pace_by == "working_days",
            tuple(one for one in holidays if year.start <= one[0] < year.end),
            tuple((one.slug, one.name) for one in reading.metrics(store) if one.days == "working"),
        )


def typed(workspace: Workspace, said: Mapping[str, str]) -> Workspace:
    """The settings with these of the calendar as they were typed. Raises Problem naming the key."""
    for key, text in said.items():
        if key not in KEYS:
            raise Problem(f"“{quote(key)}” is no setting of the calendar: there are {', '.join(KEYS)}.")
        workspace = team.typed(workspace, key, text)
    return workspace


def difference_to(store: Store, today: int, wanted: Workspace, listed: Sequence[Listed] | None = None) -> Difference:
    """What these settings, and this table in place of the stored one, would change."""
    values = {name: team.text(given) for name, given in asdict(wanted).items()}
    new = calendar_in(store, values) if listed is None else calendar_of(values, listed)
    return difference(store, today, new)


def set_calendar(
    store: Store, wanted: Workspace, seen: Workspace, listed: Sequence[Listed] | None = None, why: str = ""
) -> str:
    """Stores the settings, and the table where one is given, as one change; says what was done.

    Raises Refused for a table that is asked for and not there, Conflict when somebody changed a setting since `seen`.
    """
    from kpitui.errors import Refused
    from kpitui.services.calendar_table import store_periods
    from kpitui.storage import reading, settings

    with store.write("calendar", why=why) as tx:
        said = []
        if listed is not None:
            said.append(store_periods(store, listed).sentence)
        elif wanted.calendar == "table" and not reading.periods(store):
            raise Refused("There is no table of periods yet: kpitui calendar import FILE reads one. NOT saved.")
        changed = settings.save_workspace(tx, wanted, seen)
        for key in (key for key in KEYS if key in changed):
            now, was = (team.in_words(key, getattr(one, key)) for one in (wanted, seen))
            said.append(f"{team.TEAM[key][0]}: {now} (was {was})")
        tx.summary = "; ".join(said)[:200]
    return "; ".join(said) or "The calendar is that already"
