"""What happened in the made-up company, day by day: who did what when, in the order of time.

Every event is saved as its person, at its time, through the same services as everybody's work, so that the log, the
history and "as of" tell the story. Days are epoch days; everything lies before today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from kpitui.domain.periods import Span, month_index, month_start, to_date
from kpitui.services.demo import numbers
from kpitui.services.demo.numbers import FRIDAY, Series, weekday
from kpitui.storage import definitions, points, reading
from kpitui.storage.store import Store

BEGAN = 60 * 7
"""Days ago when the company began to use kpitui, with the numbers of the time before brought along."""
ONE_BY_ONE = 6
"""Weeks whose values were typed one by one; those before were saved a person and week at a time."""

HAND = {
    "ana": ("mrr", "new_mrr", "cash_runway"),
    "bo": ("demos_booked", "cac", "onboarded_24h", "demos_held", "deals_won", "cold_calls"),
    "cy": ("churned_mrr", "expansion_mrr", "nrr"),
    "dee": ("first_reply", "csat", "site_visits", "followers", "articles", "nps"),
}
"""Who enters what by hand, in the order they do it."""
PERCENT = ("onboarded_24h", "nrr", "csat")
NIGHTLY = ("organic_visits", "trials_started", "trials_paid", "ad_spend", "ad_leads")
STILL_OPEN = ("first_reply", "csat", "site_visits")
"""What nobody has entered yet for the last week."""

VALUE_NOTES = {
    ("demos_booked", 2): "webinar week, 14 from it",
    ("demos_booked", 1): "SDR post open for two more months",
    ("churned_mrr", 7): "one customer went out of business",
    ("cac", 1): "second month of the trade fair in it",
}
"""Notes on values, by metric and weeks before the last one."""
MISTYPED = {("demos_booked", 3): (82, "typo"), ("cac", 20): (440, "the fair's deposit was counted twice")}
"""Values that were entered wrongly at first, and why they were corrected."""
ODD = {("site_visits", 1): 555_000}
"""Values outside the entry check that nobody has looked at yet."""


class Event(NamedTuple):
    at: datetime
    who: str
    via: str
    do: Callable[[Store], None]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    on = to_date(day)
    return datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(hours=hour, minutes=minute)


def metric_id(store: Store, slug: str) -> int:
    found = reading.metric(store, slug)
    assert found is not None, slug
    return found.id


class Days(NamedTuple):
    """The days the story hangs on."""

    today: int
    began: int
    year_start: int
    planned: int
    """When this year's aims were decided: in the middle of December before."""
    promoted: int
    """When the trial conversion became a KPI."""
    raised: int
    """When its target was raised."""
    quarter: Span
    before: Span
    """The quarter before."""


def days_of(today: int) -> Days:
    month = month_index(today)
    year_start = month_start(month // 12 * 12)
    first = month // 3 * 3
    planned = year_start - 17
    promoted = max(planned + 1, today - 140)
    return Days(
        today,
        today - BEGAN - weekday(today),
        year_start,
        planned,
        promoted,
        max(promoted + 1, today - 60),
        Span(month_start(first), month_start(first + 3)),
        Span(month_start(first - 3), month_start(first)),
    )


def values(seed: int, days: Days) -> Iterator[Event]:
    """Everything that was ever entered."""
    known = numbers.numbers(seed, days.today)
    before = {slug: [point for point in series if point[1] <= days.began] for slug, series in known.items()}
    yield Event(at(days.began, 10), "ana", "cli", partial(bring, series=before, name="history.csv"))
    yield from nightly(known, days)
    spans = numbers.weeks(days.today)
    for back, span in enumerate(reversed(spans)):
        if span.end <= days.began:
            break
        for who, slugs in HAND.items():
            yield from typed(known, who, slugs, span, back, days)


def bring(store: Store, series: dict[str, Series], name: str) -> None:
    """Saves whole series as one change, as an import does."""
    ids = {slug: metric_id(store, slug) for slug in series}
    with store.write("import", why="the numbers of the old sheet", summary=f"imported {name}") as tx:
        rows = [
            (ids[slug], start, end, value, None, None, points.VALUE, 0)
            for slug in sorted(series, key=ids.__getitem__)
            for start, end, value in series[slug]
        ]
        counts = points.save_many(tx, rows)
        tx.note("import", "point", None, name, None, {"new": counts.new})


def nightly(known: dict[str, Series], days: Days) -> Iterator[Event]:
    """The daily values, filed under the day whose night they arrive in: a week at a time until two months ago."""
    day = days.began
    while day <= days.today:
        end = day + 7 if days.today - day > 63 else day + 1
        rows = {slug: [point for point in known[slug] if day <= point[0] < end] for slug in NIGHTLY}
        yield Event(at(end - 1, 0), "dee", "cli", partial(fetched, series=rows))
        day = end


def fetched(store: Store, series: dict[str, Series]) -> None:
    ids = {slug: metric_id(store, slug) for slug in series}
    with store.write("import", summary="imported nightly.csv") as tx:
        rows = [
            (ids[slug], start, end, value, None, None, points.VALUE, 0)
            for slug in sorted(series, key=ids.__getitem__)
            for start, end, value in series[slug]
        ]
        counts = points.save_many(tx, rows)
        tx.note("import", "point", None, "nightly.csv", None, {"new": counts.new})


class Typed(NamedTuple):
    """One value as somebody typed it."""

    slug: str
    start: int
    end: int
    value: float | None
    entered: str
    note: str | None = None
    odd: bool = False
    why: str = ""


def typed(
    known: dict[str, Series], who: str, slugs: tuple[str, ...], span: Span, back: int, days: Days
) -> Iterator[Event]:
    """What one person entered on the Friday of a week, `back` weeks before the last one."""
    friday = min(span.start + FRIDAY, days.today - 1)
    # dee was on leave once, and bo forgot.
    day = friday + 4 if (who == "dee" and back == 9) or (who == "bo" and back == 14) else friday
    found: list[Typed] = []
    for slug in slugs:
        for start, end, value in known[slug]:
            if end - start == 7:
                if start != span.start or (back == 0 and slug in STILL_OPEN):
                    continue
            elif not friday - 7 < max(end, days.began) + 8 <= friday or owed(slug, end, days):
                continue
            found.append(one(slug, start, end, value, back))
    hour = {"ana": 9, "bo": 10, "cy": 11, "dee": 13}[who]
    if back >= ONE_BY_ONE and found:
        yield Event(at(day, hour), who, "tui", partial(save, found=found))
    elif back < ONE_BY_ONE:
        for minute, item in enumerate(found):
            yield Event(at(day, hour, minute), who, "tui", partial(save, found=[item]))
    for item in found:
        wrong = MISTYPED.get((item.slug, back))
        if wrong:
            right = next(point for point in known[item.slug] if point[0] == item.start)
            fixed = Typed(item.slug, *right, entered=plain(item.slug, right[2]), why=wrong[1])
            yield Event(at(day + 1, 9, 5), who, "tui", partial(save, found=[fixed]))


def owed(slug: str, end: int, days: Days) -> bool:
    """The last quarter's survey is late, and until the 25th the last month's balance is not there yet."""
    if slug == "nps":
        return end == days.quarter.start
    month = month_start(month_index(days.today))
    return end == month and days.today - month < 25


def one(slug: str, start: int, end: int, value: float, back: int) -> Typed:
    note = VALUE_NOTES.get((slug, back))
    if slug == "csat" and start <= month_start(month_index(start) // 12 * 12 + 12) - 7 < end:
        return Typed(slug, start, end, None, "x", "support was closed for the holidays")
    if (slug, back) in MISTYPED:
        value = float(MISTYPED[slug, back][0])
    odd = (slug, back) in ODD
    if odd:
        value = float(ODD[slug, back])
    return Typed(slug, start, end, value, plain(slug, value), note, odd)


def plain(slug: str, value: float) -> str:
    """As a person types it: percent points where the metric is a percent one."""
    return f"{value * 100:.6g}" if slug in PERCENT else f"{value:.12g}"


def save(store: Store, found: list[Typed]) -> None:
    with store.write("record", why=found[0].why) as tx:
        for item in found:
            points.save(
                tx,
                metric_id(store, item.slug),
                item.slug,
                item.start,
                item.end,
                value=item.value,
                entered=item.entered,
                note=item.note,
                state=points.VALUE if item.value is not None else points.NONE,
                odd=item.odd,
            )


def notes(days: Days) -> Iterator[Event]:
    """What people wrote at their metrics."""
    last = numbers.weeks(days.today)[-1].start
    written = (
        ("bo", "demos_booked", last - 3 * 7, 3, "SDR left"),
        ("ana", "demos_booked", last - 2 * 7, 1, "webinar week, 14 demos from it"),
        ("ana", "mrr", days.today - 7, 0, "Price test on the annual plan runs until the end of the month"),
        ("cy", "mrr", days.today - 1, 0, "two enterprise renewals moved to next month"),
        ("dee", "first_reply", last - 29 * 7, 2, "New macro live"),
        ("dee", "organic_visits", days.today - 95, 1, "Search update: two pages lost their places"),
        ("cy", "nrr", days.today - 33, 0, "Two customers moved to the larger plan"),
    )
    for who, slug, day, later, text in written:
        yield Event(at(day + later, 17, 5), who, "tui", partial(annotate, slug=slug, day=day, text=text, who=who))


def annotate(store: Store, slug: str, day: int, text: str, who: str) -> None:
    from kpitui.domain.model import Annotation

    with store.write("note.add") as tx:
        definitions.add(tx, Annotation(metric_id=metric_id(store, slug), day=day, text=text, who=who))


def decisions(days: Days) -> Iterator[Event]:
    """What was set up and changed on the way."""
    year = to_date(days.year_start).year
    quarter = f"Q{month_index(days.quarter.start) // 3 % 4 + 1}"
    words = {
        "this": str(year),
        "last": str(year - 1),
        "before_year": str(to_date(days.before.start).year),
        "before_start": to_date(days.before.start).isoformat(),
        "before_end": to_date(days.before.end - 1).isoformat(),
        "quarter": quarter,
        "quarter_year": str(to_date(days.quarter.start).year),
        "quarter_slug": f"{quarter.lower()}_{to_date(days.quarter.start).year}",
        "quarter_start": to_date(days.quarter.start).isoformat(),
        "quarter_end": to_date(days.quarter.end - 1).isoformat(),
    }

    def file(day: int, hour: int, who: str, name: str, why: str) -> Event:
        return Event(at(day, hour), who, "cli", partial(apply, name=name, words=words, why=why))

    yield file(days.began, 9, "ana", "company.toml", "")
    yield file(days.planned, 15, "ana", "year.toml", f"annual review: the aims of {year}")
    yield Event(at(days.planned, 15, 5), "ana", "tui", partial(put_first, slug=f"arr_{year}"))
    yield file(days.before.start - 3, 11, "bo", "last_quarter.toml", "")
    yield file(days.quarter.start - 3, 11, "dee", "quarter.toml", "")
    yield Event(at(days.promoted, 14, 30), "ana", "tui", partial(promote, days=days, year=year))
    yield Event(at(days.raised, 14, 40), "bo", "tui", partial(raise_target, day=days.raised))
    yield Event(at(days.today - 143, 14, 35), "ana", "tui", ease)
    yield Event(at(days.today - 10, 16), "dee", "tui", partial(add_partner_leads, today=days.today))


def apply(store: Store, name: str, words: dict[str, str], why: str) -> None:
    from importlib.resources import files

    from kpitui.services import model_file

    text = files("kpitui.services.demo").joinpath(name).read_text(encoding="utf-8")
    for word, said in words.items():
        text = text.replace("{{" + word + "}}", said)
    model_file.apply(store, model_file.read(text, name), why=why)


def put_first(store: Store, slug: str) -> None:
    """The goal of the year that comes stands above the one that ends."""
    from kpitui.domain.model import Goal

    goal = definitions.find(store, Goal, slug=slug)
    assert goal
    with store.write("goal.move") as tx:
        definitions.change(tx, goal, position=0.5)


def promote(store: Store, days: Days, year: int) -> None:
    """The trial conversion, a metric until then, becomes the third KPI."""
    from kpitui.domain.model import Goal, Kpi, Metric, Scope

    org = definitions.find(store, Scope, slug="org")
    goal = definitions.find(store, Goal, slug=f"arr_{year}")
    metric = definitions.find(store, Metric, slug="trial_conversion")
    assert org and goal and metric
    first, second = definitions.all_of(store, Kpi, scope_id=org.id)
    kpi = Kpi(
        metric_id=metric.id,
        scope_id=org.id,
        goal_id=goal.id,
        state="live",
        target_kind="at_least",
        target=0.027,
        baseline=0.026,
        start=max(days.promoted, days.year_start),
        deadline=goal.deadline,
        counter_id=metric_id(store, "first_reply"),
        owner="bo",
        confidence=2,
        position=(first.position + second.position) / 2,
        objective="Fewer trials that end without a customer.",
        answer_impact="A tenth more conversion is a tenth more new revenue from the same trials.",
        answer_results="New MRR about a month later.",
        answer_measured="Paid over started trials of the week, from the product database.",
        answer_purpose="To see whether onboarding works.",
        answer_success="Three of a hundred and more.",
        answer_change="Onboarding, first reply and the follow-up mails.",
    )
    with store.write("kpi.promote", why="it moves first, and we can move it") as tx:
        definitions.add(tx, kpi)


def raise_target(store: Store, day: int) -> None:
    from kpitui.domain.model import Kpi, Target

    kpi = definitions.find(store, Kpi, metric_id=metric_id(store, "trial_conversion"))
    assert kpi
    with store.write("target.add", why="reached for six weeks") as tx:
        definitions.add(
            tx, Target(kpi_id=kpi.id, start=day, value=0.03, floor=0.025, stretch=0.035, why="reached for six weeks")
        )


def ease(store: Store) -> None:
    from kpitui.domain.model import Metric

    metric = definitions.find(store, Metric, slug="demos_booked")
    assert metric
    with store.write("metric.change", why="quarterly review: one SDR less") as tx:
        definitions.change(tx, metric, good_low=30.0)


def add_partner_leads(store: Store, today: int) -> None:
    from kpitui.domain.model import Metric, Scope

    org = definitions.find(store, Scope, slug="org")
    assert org
    metric = Metric(
        slug="partner_leads", name="Partner leads", scope_id=org.id, cadence="month", timing="leading", position=99.0
    )
    with store.write("metric.add") as tx:
        stored = definitions.add(tx, metric)
    month = month_index(today)
    span = Span(month_start(month - 1), month_start(month))
    note = "counted from the month after on"
    with store.write("record") as tx:
        points.save(tx, stored.id, stored.slug, *span, value=None, entered="x", note=note, state=points.NONE)


def events(seed: int, today: int) -> list[Event]:
    """The whole story, oldest first."""
    from kpitui.services.demo import reviews

    days = days_of(today)
    found = [*decisions(days), *values(seed, days), *notes(days), *reviews.events(today)]
    return sorted((event for event in found if event.at <= at(today, 0)), key=lambda event: event.at)
