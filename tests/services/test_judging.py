"""Rows and goals where they stand: what is judged, at which period, by which target."""

from __future__ import annotations

from pathlib import Path

from kpitui.domain.periods import Calendar, parse_label
from kpitui.services.book import Book, book_of
from kpitui.services.goal_standing import goal_view
from kpitui.services.judging import Row, judge_rows, kpi_row, metric_row
from kpitui.storage import points
from tests.services.acme import MODEL, POINTS, TODAY
from tests.workspace import build


def rows(tmp_path: Path, model: str, points: str, today: int = TODAY) -> dict[str, Row]:
    book = Book(build(tmp_path, model, points), today)
    with_role = {kpi.metric_id for kpi in book.kpis.values()}
    kpis, metrics = judge_rows(book, book.kpis_of(), [m for m in book.metrics.values() if m.id not in with_role])
    return {row.slug: row for row in (*kpis, *metrics)}


def test_value_target_gap_and_status_agree(tmp_path: Path) -> None:
    found = rows(tmp_path, MODEL, POINTS)
    mrr, trial, nrr, demos, cac = (found[slug] for slug in ("mrr", "trial", "nrr", "demos", "cac"))
    assert (mrr.value, mrr.target, mrr.gap, mrr.status) == (345_000.0, 400_000.0, -55_000.0, "off_track")
    assert mrr.period_label == "W46" and not mrr.partial and mrr.trend == 1
    assert round(trial.gap_share or 0, 4) == -0.02 and trial.status == "at_risk"
    assert nrr.status == "on_track" and nrr.period_label == "W47"
    assert (demos.status, demos.target, demos.target_kind) == ("off_track", 30.0, "at_least")
    assert (cac.status, cac.gap) == ("at_risk", -12.0)
    assert found["arr"].status == "no_target"
    assert found["calls"].scope == "sales" and found["calls"].kpi_id


def test_the_sparkline_has_26_periods_and_a_gap_stays_a_gap(tmp_path: Path) -> None:
    mrr = rows(tmp_path, MODEL, POINTS)["mrr"]
    assert len(mrr.series) == 26
    assert [cell.value for cell in mrr.series[-3:]] == [343_000.0, 345_000.0, None]
    assert mrr.series[0].value is None


def test_one_row_is_the_same_as_among_others(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, POINTS)
    together = rows_of(Book(store, TODAY))
    book = Book(store, TODAY)
    for kpi in book.kpis_of():
        assert kpi_row(book, kpi) == together[f"kpi:{kpi.id}"]
    metric = book.named("demos")
    assert metric is not None and metric_row(book, metric) == together[f"metric:{metric.id}"]


def rows_of(book: Book) -> dict[str, Row]:
    kpis, metrics = judge_rows(book, book.kpis_of(), book.metrics.values())
    return {row.key: row for row in (*kpis, *metrics)}


def test_a_week_of_days_is_judged_when_it_is_whole(tmp_path: Path) -> None:
    model = """
[[metric]]
slug = "visits"
name = "Visits"
cadence = "week"
good_low = 60
"""
    visits = rows(tmp_path, model, "visits 2026-11-02 10 10 10 10 10 10 10 9 9 9 9 9 9 9 50 50 50 50 50")["visits"]
    assert (visits.value, visits.period_label, visits.status) == (63.0, "W46", "on_track")
    assert visits.series[-1].value == 250.0 and not visits.series[-1].whole


def test_a_total_counts_from_its_start(tmp_path: Path) -> None:
    model = """
[[metric]]
slug = "leads"
name = "Leads"
cadence = "week"

[[kpi]]
metric = "leads"
target_kind = "reach"
target = 500
start = 2026-01-05
deadline = 2026-12-27
state = "live"
"""
    points = "leads 2026-W02 " + " ".join(["10"] * 45)
    leads = rows(tmp_path, model, points)["leads"]
    assert (leads.value, leads.last, leads.progress) == (450.0, 10.0, 0.9)
    assert len(leads.series) == 26


def test_a_closed_target_is_judged_where_it_ended(tmp_path: Path) -> None:
    model = """
[[metric]]
slug = "conv"
name = "Conversion"
unit = "percent"
kind = "level"
cadence = "day"

[[kpi]]
metric = "conv"
target_kind = "from_to"
baseline = 0.02
target = 0.03
start = 2026-03-01
deadline = 2026-03-31
state = "live"
"""
    conv = rows(tmp_path, model, "conv 2026-03-29 0.028 0.029 0.031 0.01 0.01")["conv"]
    assert (conv.status, conv.value, conv.period_label) == ("achieved", 0.031, "31 Mar")


def test_each_period_is_held_against_the_target_of_its_time(tmp_path: Path) -> None:
    model = f"""{MODEL}
[[target]]
kpi = "nrr"
from = 2026-11-09
value = 1.035
"""
    nrr = rows(tmp_path, model, POINTS)["nrr"]
    assert nrr.target == 1.035
    assert [nrr.missed(cell) for cell in nrr.series[-8:]] == [False, False, False, False, False, False, True, False]


GUARDED = """
[[metric]]
slug = "leads"
name = "Leads"
cadence = "week"

[[metric]]
slug = "quality"
name = "Quality"
kind = "level"
cadence = "week"

[[kpi]]
metric = "leads"
target_kind = "at_least"
target = 5
start = 2026-01-05
deadline = 2026-12-27
counter = "quality"
state = "live"
"""


def test_a_gain_at_the_expense_of_the_counter_metric_is_at_risk(tmp_path: Path) -> None:
    up = " ".join(["10", "11"] * 6 + ["30"])
    down = " ".join(["90", "91"] * 6 + ["40"])
    leads = rows(tmp_path, GUARDED, f"leads 2026-W35 {up}\nquality 2026-W35 {down}")["leads"]
    assert leads.status == "at_risk" and "expense" in leads.why


def test_a_good_kpi_whose_counter_metric_has_no_value_is_unguarded(tmp_path: Path) -> None:
    points = f"leads 2026-W35 {' '.join(['10', '11'] * 6)}"
    for place, (more, unguarded) in enumerate(
        (("", True), ("\nquality 2026-W35 90", True), ("\nquality 2026-W45 90", False))
    ):
        where = tmp_path / str(place)
        where.mkdir()
        leads = rows(where, GUARDED, points + more)["leads"]
        assert leads.status == "on_track" and leads.why.startswith("Unguarded, its counter metric") is unguarded


def test_the_goal_stands_where_its_metric_does(tmp_path: Path) -> None:
    book = Book(build(tmp_path, MODEL, POINTS), TODAY)
    goal = goal_view(book, next(iter(book.goals.values())))
    assert (goal.value, goal.days_left, goal.status) == (4_310_000.0, 41, "off_track")
    assert round(goal.progress or 0, 3) == 0.617 and round(goal.time_gone or 0, 3) == 0.888
    assert goal.needed == 345_000.0


def test_a_goal_without_a_metric_says_so(tmp_path: Path) -> None:
    model = """
[[goal]]
slug = "g"
title = "5M by 31 Dec"
main = true
target = 5_000_000
start = 2026-01-01
deadline = 2026-12-31
"""
    book = Book(build(tmp_path, model), TODAY)
    goal = goal_view(book, next(iter(book.goals.values())))
    assert goal.value is None and goal.progress is None and "metric" in goal.why
    assert goal.status == "no_data" and goal.time_gone is not None


def test_days_are_epoch_days() -> None:
    assert parse_label("2026-11-20", Calendar())[1].start == TODAY


def test_a_miss_of_a_percentage_is_told_in_points(tmp_path: Path) -> None:
    trial = rows(tmp_path, MODEL, POINTS)["trial"]
    assert trial.why.startswith("2.94% misses at least 3% by 0.06 pp, within the watch band")


def test_after_a_save_only_what_it_touches_is_read_again(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, POINTS)
    before = rows_of(book_of(store, TODAY))
    mrr = next(row for row in before.values() if row.slug == "mrr")
    week = mrr.series[-2].span
    with store.write("correct") as tx:
        points.save(tx, mrr.metric_id, "mrr", *week, value=399_000.0, entered="399k")
    book = book_of(store, TODAY)
    after = rows_of(book)
    assert after[mrr.key].last == 399_000.0
    touched = {row.metric_id for row in after.values() if row.series != before[row.key].series}
    assert touched == {key for key in book.metrics if mrr.metric_id in book.needs([key])}
    for key, row in after.items():
        same = [new is old for new, old in zip(row.series, before[key].series, strict=True)]
        assert all(same) or row.metric_id in touched, row.slug
    store.kept.clear()
    assert rows_of(book_of(store, TODAY)) == after
