"""A metric that is fed on working days only, through everything that asks what is expected of it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.model import Metric
from kpitui.domain.periods import Span, span_of, to_day
from kpitui.domain.workdays import workdays
from kpitui.reports.wording import needed_text
from kpitui.services import due, entry, entry_grid, forms, model_file, signals, whatif
from kpitui.services.as_known import as_known
from kpitui.services.book import Book
from kpitui.services.data_audit import audit
from kpitui.services.detail import detail
from kpitui.services.doctor import examine
from kpitui.services.forecasting import foresee
from kpitui.services.judging import Row
from kpitui.services.overview import scorecard
from kpitui.services.trajectories import earlier
from kpitui.storage import definitions, reading
from kpitui.storage import settings as stored
from kpitui.storage.store import Store
from kpitui.storage.verify import verify
from tests.workspace import build, clock, join, person, record

MODEL = """
[[metric]]
slug = "calls"
name = "Calls"
cadence = "day"
days = "working"
owner = "bo"

[[metric]]
slug = "mails"
name = "Mails"
cadence = "day"
owner = "bo"

[[metric]]
slug = "demos"
name = "Demos"
cadence = "week"
days = "working"
owner = "bo"

[[metric]]
slug = "share"
name = "Share"
unit = "percent"
kind = "ratio"
numerator = "demos"
denominator = "calls"
cadence = "day"

[[goal]]
slug = "year"
title = "The year"
metric = "calls"
target_kind = "reach"
baseline = 0
target = 1000
start = 2026-10-26
deadline = 2026-12-31
owner = "bo"

[[kpi]]
metric = "calls"
goal = "year"
target_kind = "reach"
baseline = 0
target = 1000
start = 2026-10-26
deadline = 2026-12-31
owner = "bo"

[[kpi]]
metric = "demos"
target_kind = "at_least"
target = 20
owner = "bo"

[[holiday]]
day = 2026-11-18

[[holiday]]
day = 2026-12-25
"""
FIRST, LAST = to_day(date(2026, 9, 14)), to_day(date(2026, 11, 20))
HOLIDAY = to_day(date(2026, 11, 18))
SATURDAY, MONDAY = LAST + 1, LAST + 3


def works(day: int) -> bool:
    return (day + 3) % 7 < 5 and day != HOLIDAY


def values(slug: str, even: int, odd: int, without: tuple[int, ...] = ()) -> str:
    """Two values in turn on every working day from 14 September to 20 November."""
    found = [
        ("-" if not works(day) or day in without else str(odd if day % 2 else even)) for day in range(FIRST, LAST + 1)
    ]
    return f"{slug} 2026-09-14 {' '.join(found)}"


POINTS = "\n".join([values("calls", 10, 12), values("mails", 10, 12), values("demos", 4, 6)])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """To look at only."""
    return build(tmp_path_factory.mktemp("days"), MODEL, POINTS, today="2026-11-20")


@pytest.fixture
def own(store: Store, tmp_path: Path) -> Store:
    """A copy, to be changed."""
    store.one("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = Path(shutil.copy(store.path, tmp_path))
    return Store.open(str(copy), who=person("ana"), via="test", now=clock("2026-11-20", 11))


def test_what_is_needed_is_needed_a_working_day(store: Store) -> None:
    found = rows(store, LAST)
    assert needed_text(found["calls"]).endswith(" a working day") and not found["mails"].working
    view, _ = whatif.whatif(store, LAST, "calls")
    assert view.wanted is not None and view.wanted.words == "needed a working day for 1k"


def test_varying_steps_from_working_day_to_working_day(store: Store) -> None:
    calls, _ = whatif.whatif(store, LAST, "calls", on="2026-11-17")
    assert whatif.beside(calls, 1).start == HOLIDAY + 1
    assert whatif.beside(calls._replace(span=Span(MONDAY, MONDAY + 1)), -1).start == LAST
    mails, _ = whatif.whatif(store, LAST, "mails", on="2026-11-17")
    assert whatif.beside(mails, 1).start == HOLIDAY


def rows(store: Store, today: int) -> dict[str, Row]:
    card = scorecard(store, today)
    return {row.slug: row for row in (*card.kpis, *card.metrics)}


def numbered(store: Store, slug: str) -> reading.MetricRow:
    found = reading.metric(store, slug)
    assert found is not None
    return found


def owed(store: Store, today: int, slug: str) -> list[tuple[int, int]]:
    return [(one.period.start, one.late_days) for one in due.owed(Book(store, today)) if one.slug == slug]


def test_a_weekend_makes_no_gap_and_nothing_stale(store: Store) -> None:
    found = rows(store, MONDAY)
    calls, mails = found["calls"], found["mails"]
    # 25 working days and today, and none of the days between.
    assert [works(cell.span.start) for cell in calls.series] == [True] * 26
    assert [cell.value is None for cell in calls.series] == [False] * 25 + [True]
    assert any(cell.value is None for cell in mails.series[:-3])
    # From 26 October to 20 November 19 working days brought 10 or 12; 46 of them until the end of the year.
    total = sum(12 if day % 2 else 10 for day in range(LAST - 25, LAST + 1) if works(day))
    assert calls.value == total and "after 19 of 47 days" in calls.why and "counted in working days" in calls.why
    assert calls.status != "stale" and calls.needed == pytest.approx((1000 - total) / 28)
    assert calls.expected == pytest.approx(1000 * 19 / 47)
    goal = scorecard(store, MONDAY).goals[0]
    assert goal.status == calls.status and goal.needed == calls.needed
    # Two working days of silence are more than one and a half.
    assert rows(store, MONDAY + 1)["calls"].status != "stale" and rows(store, MONDAY + 2)["calls"].status == "stale"


def test_a_week_made_of_its_working_days_is_judged(store: Store) -> None:
    demos = rows(store, SATURDAY)["demos"]
    # Monday to Friday without Wednesday: 20773 and 20777 are odd days, as is Tuesday not.
    week = span_of("week", LAST, Book(store, LAST).calendar)
    brought = sum(6 if day % 2 else 4 for day in range(*week) if works(day))
    assert (demos.last, demos.partial, demos.period) == (brought, False, week)
    assert demos.series[-1][2:4] == (4, 4) and demos.series[-2][2:4] == (5, 5)
    assert rows(store, LAST)["demos"].last == brought
    share = Book(store, MONDAY).cells(numbered(store, "share").id, "week", [week])[0]
    assert share.value == pytest.approx(brought / sum(12 if day % 2 else 10 for day in range(*week) if works(day)))


def test_only_working_days_are_owed_and_late(store: Store) -> None:
    assert owed(store, SATURDAY, "calls") == owed(store, SATURDAY + 1, "calls") == []
    assert owed(store, MONDAY, "calls") == [(MONDAY, 0)]
    assert owed(store, MONDAY + 1, "calls") == [(MONDAY, 1), (MONDAY + 1, 0)]
    # The next Monday Friday is one day late, not three, and that Monday is five.
    assert owed(store, MONDAY + 7, "calls") == [(MONDAY + day, 5 - day) for day in range(5)] + [(MONDAY + 7, 0)]
    assert [day for day, _ in owed(store, MONDAY, "mails")] == [HOLIDAY, SATURDAY, SATURDAY + 1, MONDAY]
    book = Book(store, LAST)
    assert next(one.day for one in due.coming(book) if "Calls" in one.names) == MONDAY
    assert {one.day for one in due.coming(book) if "Mails" in one.names} == {SATURDAY}


def test_who_was_on_holiday_has_not_stopped(own: Store) -> None:
    record(own, "calls 2026-12-18 5")
    model_file.apply(own, model_file.read("".join(f"[[holiday]]\nday = 2026-12-{d}\n" for d in range(21, 32)), "m"))
    late = [one for one in due.owed(Book(own, to_day(date(2027, 1, 1)))) if one.slug == "calls"]
    assert [(one.period.start, one.stopped) for one in late] == [(to_day(date(2027, 1, 1)), None)]
    # The week of Christmas is no week of a weekly metric; of the next one New Year is all there is.
    book = Book(own, to_day(date(2027, 1, 10)))
    weeks = book.last_spans_of(numbered(own, "demos").id, "week", 4, book.today)
    assert [book.period_label("week", span) for span in weeks][-3:] == ["W51 '26", "W53 '26", "W1"]
    cell = book.cells(numbered(own, "demos").id, "week", [weeks[-2]])[0]
    assert (cell.value, cell.expected, cell.why) == (None, 1, "no value")
    # Where a year ago was a day off, its course has the shape of the working day before.
    off = to_day(date(2026, 12, 28))
    assert earlier("day", Span(off, off + 1), book.workdays).start == to_day(date(2026, 12, 18))


def test_a_value_without_a_day_is_for_the_last_working_day(own: Store) -> None:
    metric, values = numbered(own, "calls"), stored.load(own)
    assert entry.default_period(own, metric, SATURDAY, values).start == SATURDAY
    entry.clear(own, "calls", Span(LAST, LAST + 1), today=SATURDAY)
    assert entry.default_period(own, metric, SATURDAY, values).start == LAST
    # A Saturday value is accepted, counts and makes nothing due.
    saved = entry.record_value(own, "calls", Span(SATURDAY, SATURDAY + 1), "9", today=SATURDAY)
    assert saved.value == 9 and not saved.odd and saved.usual is not None
    assert owed(own, SATURDAY, "calls") == [(LAST, 0)]
    week = span_of("week", LAST, Book(own, SATURDAY).calendar)
    cell = Book(own, SATURDAY).cells(metric.id, "week", [week])[0]
    assert (cell.value, cell.present, cell.expected, cell.extra) == (None, 3, 4, 1)
    found = rows(own, MONDAY)["calls"]
    assert [one.span.start for one in found.series][-3:] == [LAST, SATURDAY, MONDAY]
    # However low it is: nothing but working days makes limits, and nothing else is a signal.
    assert found.signal is None
    entry.record_value(own, "calls", Span(SATURDAY, SATURDAY + 1), "900", today=MONDAY, accept=True)
    shown, plain = detail(own, MONDAY, "calls"), signals.signals(own, MONDAY, "calls")
    assert shown.values[-2].cell.value == 900 and not shown.values[-2].signal and shown.row.signal is None
    assert shown.phases[-1].end == 26 and shown.limits is not None and shown.limits.upper < 20
    assert plain.known == len([day for day in range(FIRST, LAST) if works(day)]) and max(plain.raw) == 12  # type: ignore[type-var]
    assert shown.usual is not None and shown.usual[1] < 20


def test_the_grid_shows_days_off(store: Store) -> None:
    found = entry_grid.grid(store, MONDAY, "day", count=7)
    line = {one.slug: one for one in found.lines}
    assert [cell.off for cell in line["calls"].cells] == [False, True, False, False, True, True, False]
    assert [cell.due for cell in line["calls"].cells] == [False] * 6 + [True]
    assert not any(cell.off for cell in line["mails"].cells)
    assert [cell.off for cell in line["share"].cells] == [False, True, False, False, True, True, False]
    asked = line["calls"].asked(Span(MONDAY, MONDAY + 1), "23 Nov")
    assert len(asked.before) == entry_grid.WINDOW and None not in asked.before


def test_limits_and_forecast_go_from_friday_to_monday(store: Store) -> None:
    chart = signals.signals(store, MONDAY, "calls")
    count = sum(map(works, range(FIRST, LAST + 1)))
    assert chart.known == len(chart.raw) == count and chart.limits is not None and chart.limits.state == "firm"
    locked = signals.signals(store, MONDAY, "calls", locks=["2026-10-05..2026-10-18"])
    assert locked.phases[0].made_of == (15, 25)
    ahead = foresee(store, to_day(date(2026, 12, 22)), "calls", horizon=5)
    assert [step.span.start - MONDAY for step in ahead.steps] == [0, 1, 2, 3, 4]
    ahead = foresee(store, MONDAY, "calls", horizon=26)
    assert len(ahead.steps) == 26 and all(works(step.span.start) for step in ahead.steps)
    assert to_day(date(2026, 12, 25)) not in {step.span.start for step in ahead.steps}
    # Ten weeks of five: the holiday keeps its place between two Wednesdays.
    assert ahead.n == 50


def test_a_holiday_does_not_put_the_season_of_the_week_off() -> None:
    work = workdays(range(5), [HOLIDAY])
    spans = [Span(day, day + 1) for day in range(LAST - 18, LAST + 2) if work.on(day) or day == SATURDAY]
    raw = [7.0 if span.start == SATURDAY else 10.0 * ((span.start + 3) % 7 + 1) for span in spans]
    places = [work.place(spans[0].start, span.start) for span in spans]
    # Monday brings 10 and Friday 50; the Saturday after them has no season. Mean of all without it: 420 / 14.
    found, _ = signals.transformed(raw, 5, signals.How(season=True), places)
    assert len(raw) == 15 and found == [pytest.approx(30.0)] * 14 + [7.0]


def test_comparisons_and_what_detail_lists(store: Store) -> None:
    found = detail(store, MONDAY, "calls", last=5)
    assert [value.full for value in found.values] == [
        "2026-11-16",
        "2026-11-17",
        "2026-11-19",
        "2026-11-20",
        "2026-11-23",
    ]
    assert found.compare["previous"].prior.span.start == LAST - 1
    week = detail(store, MONDAY, "calls", grain="week").compare["previous"]
    assert week.change.percent is not None and week.change.why == "4 working days against 5"


def test_the_audit_and_the_doctor(own: Store) -> None:
    def gaps(slug: str) -> list[str]:
        return [one.text for one in audit(own, MONDAY, slug).findings if one.rule == "gap"]

    assert gaps("calls") == []
    entry.clear(own, "calls", Span(LAST - 8, LAST - 7), today=MONDAY)
    assert gaps("calls") == ["nothing for 12 Nov"]
    found = {(one.finding.rule, one.finding.on) for one in examine(own, MONDAY).cases}
    assert ("M05", "Mails") in found and ("D02", "Mails") in found
    assert not {("M05", "Calls"), ("D02", "Calls"), ("M05", "Demos")} & found


def test_changing_it_is_a_change_of_the_definition(own: Store) -> None:
    later = join(own, "bo", "2026-11-23")
    mails = numbered(later, "mails")
    done = forms.set_field(later, "metric", mails.id, mails.rev, "days", "working", MONDAY)
    assert done.sentence == "Set days expected of Mails: working (was every)" and verify(later) == []
    week = span_of("week", LAST, Book(later, MONDAY).calendar)
    assert Book(later, MONDAY).cells(mails.id, "week", [week])[0].whole
    with as_known(later, LAST) as then:
        cell = Book(then, MONDAY).cells(mails.id, "week", [week])[0]
        assert (cell.value, cell.present, cell.expected) == (None, 4, 7)
    text = model_file.export(later)
    assert text.count('days = "working"') == 3
    assert model_file.diff(later, model_file.read(text, "model.toml")) == []
    assert definitions.get(later, Metric, mails.id).days == "working"
