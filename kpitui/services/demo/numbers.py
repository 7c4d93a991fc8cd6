"""The made-up company's numbers: two years of them, with season, noise, a level shift and the troubles of its story.

Everything is worked out from the day and the seed, so that the same demo can be made again. The last ten weeks of what
the story is about are the same for every seed; what came before differs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from kpitui.domain.periods import Calendar, Span, last_spans, month_index, month_start, span_of, spans_between

CALENDAR = Calendar()
WEEKS = 110
"""A little over two years, so that a year ago can always be compared with."""
FRIDAY = 4

Series = list[tuple[int, int, float]]
"""(start, end, value), oldest first."""

YEAR_ENDS = (86_000.0, 122_000.0, 175_000.0, 266_700.0, 371_000.0)
"""MRR at the end of the years from four years ago to this one; the plan for this one was 416,700."""

STORY: dict[str, tuple[float, ...]] = {
    "demos_booked": (29, 31, 33, 30, 31, 29, 28, 27, 25, 26),
    "cac": (399, 390, 396, 401, 395, 404, 398, 402, 409, 412),
    "onboarded_24h": (0.72, 0.71, 0.73, 0.72, 0.74, 0.73, 0.72, 0.74, 0.75, 0.74),
    "first_reply": (3.2, 3.3, 3.4, 3.2, 3.1, 3.3, 3.2, 3.0, 3.2, 3.1),
    "nrr": (1.03, 1.03, 1.04, 1.03, 1.04, 1.04, 1.03, 1.04, 1.04, 1.04),
    "csat": (0.92, 0.92, 0.91, 0.93, 0.92, 0.92, 0.93, 0.92, 0.91, 0.92),
    "site_visits": (48_200, 52_400, 50_100, 51_300, 52_900, 52_200, 54_400, 53_100, 55_500, 54_800),
}
"""The last ten weeks, the newest last."""
RATES = (0.032, 0.031, 0.032, 0.031, 0.031, 0.030, 0.030, 0.0292, 0.0291, 0.029)
"""Trials that became paid in those weeks."""


def weekday(day: int) -> int:
    """Monday is 0."""
    return (day + 3) % 7


def weeks(today: int) -> list[Span]:
    """The weeks there are values for: from Friday on the running one is in."""
    last = today if weekday(today) >= FRIDAY else today - 7
    return last_spans("week", last, WEEKS, CALENDAR)


class Noise:
    """Random numbers of one metric."""

    def __init__(self, seed: int, slug: str) -> None:
        self.random = Random(f"kpitui demo {seed} {slug}")

    def bell(self, spread: float) -> float:
        """Around 0, never further than three times `spread`."""
        return max(-3.0, min(3.0, self.random.gauss(0.0, 1.0))) * spread


def season(day: int) -> float:
    """Demand over the year, 1 on average: quiet in August and around New Year, busy in March and October."""
    turn = math.tau * (day - month_start(month_index(day) // 12 * 12)) / 365.25
    return 1 + 0.05 * math.cos(2 * turn - 2.8) + 0.03 * math.cos(turn - 4.6)


def mrr_course(day: int, today: int) -> float:
    """MRR at the end of `day` without its noise: straight from one year's end to the next."""
    year = month_index(day) // 12
    first = month_start(year * 12)
    end = month_start(year * 12 + 12)
    behind = max(min(month_index(today) // 12 - year, 3), 0)
    begin, finish = YEAR_ENDS[3 - behind], YEAR_ENDS[4 - behind]
    return begin + (finish - begin) * (day + 1 - first) / (end - first)


def with_story(slug: str, before: Sequence[float]) -> list[float]:
    """The values worked out, their last ones those of the story."""
    told = STORY.get(slug, ())
    return [*before[: len(before) - len(told)], *told]


def revenue(seed: int, spans: Sequence[Span], today: int) -> dict[str, list[float]]:
    """MRR and its movements, which add up: MRR = MRR of the week before + new + expansion - churned."""
    noise = {slug: Noise(seed, slug) for slug in ("mrr", "new_mrr", "churned_mrr")}
    out: dict[str, list[float]] = {"mrr": [], "new_mrr": [], "churned_mrr": [], "expansion_mrr": []}
    standing = round(mrr_course(spans[0].start - 1, today), -2)
    for at, (_, end) in enumerate(spans):
        now = round(mrr_course(end - 1, today) + noise["mrr"].bell(220), -2)
        net = now - standing
        pace = mrr_course(end - 1, today) - mrr_course(end - 8, today)
        new = round(max(900.0, 0.9 * pace * (1 + noise["new_mrr"].bell(0.05))), -2)
        churned = round(2400 + 500 * (1 - at / len(spans)) + noise["churned_mrr"].bell(180), -2)
        expansion = net - new + churned
        if expansion < 300:
            churned += 300 - expansion
            expansion = 300.0
        for slug, value in zip(out, (now, new, churned, expansion), strict=True):
            out[slug].append(value)
        standing = now
    return out


def weekly(seed: int, spans: Sequence[Span]) -> dict[str, list[float]]:
    """The weekly metrics that are entered by hand."""
    n = len(spans)

    def made(slug: str, level: float, spread: float, digits: int, **more: float) -> list[float]:
        """Around a level that grows by `growth` in all, times the season's `pull`, shifted by `shift` 30 weeks ago."""
        noise = Noise(seed, slug)
        values = []
        for at, (start, _) in enumerate(spans):
            value = level + more.get("growth", 0.0) * (at / n - 1)
            value *= 1 + more.get("pull", 0.0) * (season(start + 3) - 1)
            value += more.get("shift", 0.0) if at < n - 30 else 0.0
            values.append(round(value + noise.bell(spread), digits))
        return with_story(slug, values)

    followers, noise = 11_800.0, Noise(seed, "followers")
    grown = []
    for _ in spans:
        followers += round(35 + abs(noise.bell(15)))
        grown.append(followers)
    calls = made("cold_calls", 98, 6.0, 0, pull=0.3)
    held = made("demos_held", 24, 0.9, 0, pull=0.6)
    # Four calls more are a demo more two weeks later: the one lead of the company that its numbers show.
    for at in range(2, n):
        held[at] += round((calls[at - 2] - 98 * (1 + 0.3 * (season(spans[at - 2].start + 3) - 1))) / 4)
    won = [min(held[at], value) for at, value in enumerate(made("deals_won", 4.6, 0.9, 0, growth=1.0))]
    return {
        "demos_booked": made("demos_booked", 31, 1.6, 0, growth=4.0, pull=0.5),
        "cac": made("cac", 390, 7.0, 0, growth=55.0),
        "onboarded_24h": made("onboarded_24h", 0.72, 0.01, 2, growth=0.12),
        # A new macro took more than an hour off.
        "first_reply": made("first_reply", 3.4, 0.14, 1, shift=1.3),
        "nrr": made("nrr", 1.03, 0.006, 2, growth=0.03),
        "csat": made("csat", 0.92, 0.01, 2, growth=0.03),
        "site_visits": made("site_visits", 52_000, 1_700, -2, growth=17_000, pull=1.0),
        "demos_held": held,
        "deals_won": won,
        "cold_calls": calls,
        "followers": grown,
        "articles": made("articles", 2.4, 0.6, 0),
    }


def daily(seed: int, days: range, spans: Sequence[Span]) -> dict[str, list[float]]:
    """The daily metrics that come from other programs at night."""
    n = len(days)
    first = len(spans) - len(RATES)

    def rate(at: int, day: int) -> float:
        week = (day - spans[0].start) // 7
        if week >= first:
            return RATES[min(week - first, len(RATES) - 1)]
        return 0.019 + 0.0135 * at / n

    def made(slug: str, level: float, spread: float, growth: float, weekend: float) -> list[float]:
        noise = Noise(seed, slug)
        values = []
        for at, day in enumerate(days):
            value = level * (1 + growth * (at / n - 1)) * season(day) * (weekend if weekday(day) > FRIDAY else 1.0)
            values.append(float(max(0, round(value * (1 + noise.bell(spread))))))
        return values

    def share(of: list[float], rates: list[float]) -> list[float]:
        """Whole numbers whose sum follows the shares: what is rounded off today counts tomorrow."""
        left, parts = 0.5, []
        for whole, part in zip(of, rates, strict=True):
            left += whole * part
            parts.append(float(math.floor(left)))
            left -= parts[-1]
        return parts

    trials = made("trials_started", 430, 0.05, 0.35, 0.55)
    spend = made("ad_spend", 215, 0.08, 0.3, 0.6)
    price = Noise(seed, "cost_per_lead")
    return {
        "organic_visits": made("organic_visits", 4_900, 0.05, 0.45, 0.7),
        "trials_started": trials,
        "trials_paid": share(trials, [rate(at, day) for at, day in enumerate(days)]),
        "ad_spend": spend,
        "ad_leads": share(spend, [1 / (36.5 + price.bell(1.2)) for _ in days]),
    }


def months(seed: int, first: int, today: int) -> Series:
    """Cash runway of every whole month."""
    spans = [span for span in spans_between("month", first, today + 1, CALENDAR) if span.end <= today]
    noise = Noise(seed, "cash_runway")
    values = [float(round(12 + noise.bell(0.9))) for _ in spans]
    values[-3:] = [12.0, 11.0, 11.0]
    return [(span.start, span.end, value) for span, value in zip(spans, values, strict=True)]


def quarters(first: int, today: int) -> Series:
    """NPS of every whole quarter; the same for all seeds, as a handful of values has no noise to speak of."""
    spans = [span for span in spans_between("quarter", first, today + 1, CALENDAR) if span.end <= today]
    course = (33, 35, 34, 37, 38, 40, 39, 42, 41, 43)
    return [(span.start, span.end, float(value)) for span, value in zip(spans, course[-len(spans) :], strict=True)]


def numbers(seed: int, today: int) -> dict[str, Series]:
    """Every entered value of the company up to today, by slug."""
    spans = weeks(today)
    first = spans[0].start
    days = range(first, today + 1)
    out: dict[str, Series] = {}
    for slug, values in {**revenue(seed, spans, today), **weekly(seed, spans)}.items():
        out[slug] = [(span.start, span.end, value) for span, value in zip(spans, values, strict=True)]
    for slug, values in daily(seed, days, spans).items():
        out[slug] = [(day, day + 1, value) for day, value in zip(days, values, strict=True)]
    out["cash_runway"] = months(seed, span_of("month", first, CALENDAR).start, today)
    out["nps"] = quarters(span_of("quarter", first, CALENDAR).start, today)
    return out
