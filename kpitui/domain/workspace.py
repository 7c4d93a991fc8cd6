"""The settings of a workspace: what the whole file goes by, one row a key of the table `setting`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from kpitui.domain.model import Name, Strict


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """The settings of the whole file (table `setting`, one row a key)."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    name: Name = "Workspace"
    currency: Annotated[str, MinLen(1)] = "USD"
    week_start: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    week_min_days: Annotated[int, Ge(1), Le(7)] = 4
    fiscal_year_start: Annotated[int, Ge(1), Le(12)] = 1
    """Month in which the fiscal year starts."""
    fiscal_year_name: Literal["first", "last"] = "last"
    """Whether a fiscal year is named after the calendar year of its first or its last day."""
    calendar: Literal["iso", "fiscal", "retail", "table"] = "fiscal"
    """How time is cut: ISO weeks and calendar years; years that begin in a month; years of 52 or 53 weeks; a table."""
    retail_month: Annotated[int, Ge(1), Le(12)] = 1
    """Of 52/53-week years: the month by whose end a year ends; the weekday it ends on; which of these weekdays."""
    retail_weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "saturday"
    retail_end: Literal["nearest", "last"] = "nearest"
    retail_pattern: Literal["445", "454", "544"] = "454"
    """Weeks of the three periods of a quarter."""
    retail_extra_quarter: Annotated[int, Ge(1), Le(4)] = 4
    """The quarter whose last period takes the 53rd week."""
    pace_by: Literal["days", "working_days"] = "days"
    """What the share of the time gone is counted in, for what adds up over time."""
    working_week: Annotated[str, MinLen(1), MaxLen(64)] = "mon,tue,wed,thu,fri"
    """The days of a week on which people work, as `workdays.week_text` writes them."""
    time_zone: str = "UTC"
    kpi_notice: Annotated[int, Ge(1)] = 3
    """KPIs per scope above which the program takes notice; `kpi_warn` and `kpi_strong` are the next steps."""
    kpi_warn: Annotated[int, Ge(1)] = 5
    kpi_strong: Annotated[int, Ge(1)] = 7
    kpi_refuse: bool = False
    """Refuse another live KPI above `kpi_strong`."""
    watch_band: Annotated[float, Ge(0), Le(1)] = 0.05
    """Share of the target within which a miss is at risk, not off track."""
    flat_band: Annotated[float, Gt(0), Le(1)] = 0.05
    """A KPI that changes by less over half a year and more stays where it is: what the vanity test calls flat."""
    review_weekly: Annotated[int, Gt(0)] = 30
    """Minutes a weekly review takes; the same for the other three."""
    review_monthly: Annotated[int, Gt(0)] = 60
    review_quarterly: Annotated[int, Gt(0)] = 120
    review_annual: Annotated[int, Gt(0)] = 240
    review_weekday: Annotated[int, Ge(0), Le(6)] = 4
    """Weekday of the weekly review, Monday is 0."""
    review_time: str = "14:00"
