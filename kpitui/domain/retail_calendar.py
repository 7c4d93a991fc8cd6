"""52/53-week years as the calendar of a workspace: what `periods` asks of years that are not cut by months."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from kpitui.domain import retail_years as retail
from kpitui.domain.periods import Span
from kpitui.domain.retail_years import RetailYears

_LABEL = re.compile(r"FY([0-9]{4})(?:-(?:W([0-9]{2})|P([0-9]{2})|Q([1-4])))?")


class RetailCut(NamedTuple):
    """Months are the periods P01 to P12 of 4 or 5 weeks; weeks are numbered within their year."""

    years: RetailYears

    @property
    def fiscal(self) -> bool:
        """Years, quarters and weeks are written with `FY`."""
        return True

    @property
    def grains(self) -> tuple[str, ...]:
        return ("month", "quarter", "year")

    @property
    def spelling(self) -> str:
        return "2026-11-20, FY2026-W47, FY2026-P10, FY2026-Q4 or FY2026"

    def number(self, grain: str, day: int) -> int:
        return _number(grain, day, self.years)

    def span(self, grain: str, number: int) -> Span:
        return _span(grain, number, self.years)

    def label(self, grain: str, span: Span) -> str | None:
        """None for days, which are written as dates everywhere."""
        return None if grain == "day" else retail.label(grain, span, self.years)

    def short(self, grain: str, span: Span, today: int | None) -> str | None:
        """`P10`, `W47`, `Q4`; of another year than that of `today` `P10 FY25`."""
        if grain in ("day", "year"):
            return None
        text = retail.label(grain, span, self.years)
        year, name = text[2:6], text[7:]
        name = name[0] + name[1:].lstrip("0")
        now = None if today is None else retail.year_of(today, self.years)
        return name if now is None or now == int(year) else f"{name} FY{year[2:]}"

    def parse(self, text: str) -> tuple[str, Span] | None:
        """The grain and period of a label as `label` writes it; None for what is none of these."""
        found = _LABEL.fullmatch(text)
        if found is None:
            return None
        number = int(found[1])
        if not 2 <= number <= 9997:
            return None
        for grain, place in (("week", found[2]), ("month", found[3]), ("quarter", found[4])):
            if place:
                some = retail.spans_of_year(grain, number, self.years)
                return (grain, some[int(place) - 1]) if 1 <= int(place) <= len(some) else None
        return "year", retail.year_span(number, self.years)

    def week(self, span: Span) -> tuple[int, int] | None:
        """Year and number of a week."""
        year = retail.year_of(span.start, self.years)
        return year, (span.start - retail.year_span(year, self.years).start) // 7 + 1

    def year(self, day: int) -> int | None:
        return retail.year_of(day, self.years)

    def year_ago(self, grain: str, span: Span) -> Span:
        return retail.year_ago(grain, span, self.years)

    def same_week(self, span: Span) -> Span | None:
        return retail.same_week(span, self.years)

    def per_year(self, grain: str) -> int:
        """How many periods of a grain a year has as a rule."""
        return {"month": 12, "quarter": 4, "year": 1}[grain]


@lru_cache(maxsize=4096)
def _number(grain: str, day: int, years: RetailYears) -> int:
    return retail.boundaries(grain, day, years)


@lru_cache(maxsize=4096)
def _span(grain: str, number: int, years: RetailYears) -> Span:
    return retail.numbered(grain, number, years)
