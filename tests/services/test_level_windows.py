"""A window, a time to hold and a tolerance from `T` to Detail, status, the model file, the log and the past."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.charts.glyphs import choose
from kpitui.cli.scorecard_json import row_object
from kpitui.domain.line_target import read_target
from kpitui.domain.periods import Calendar, to_date
from kpitui.domain.problem import Problem
from kpitui.errors import Refused
from kpitui.reports.spoken import row_said
from kpitui.reports.wording import period_text
from kpitui.services import forms, history, library, library_save, library_use, model_export, model_file, targets
from kpitui.services.book import Book
from kpitui.services.detail import Detail, detail
from kpitui.services.editing import metric_line
from kpitui.storage import undo
from kpitui.storage.as_known import PastStore
from kpitui.storage.store import Store
from kpitui.tui.screens.detail_parts import feeds as feed_rows
from kpitui.tui.screens.detail_parts import targets as target_rows
from tests.workspace import build, record

TODAY = 20_777
"""2026-11-20, a Friday in W47."""
MODEL = """
[[metric]]
slug = "orders"
name = "Orders"
kind = "flow"
[[metric]]
slug = "visits"
name = "Visits"
kind = "flow"
[[metric]]
slug = "conversion"
name = "Conversion"
unit = "percent"
kind = "ratio"
numerator = "orders"
denominator = "visits"
owner = "bo"
[[metric]]
slug = "refunds"
name = "Refund rate"
unit = "percent"
kind = "level"
direction = "down"
[[goal]]
slug = "year"
title = "100 customers"
target = 100
deadline = 2026-12-31
[[kpi]]
metric = "conversion"
goal = "year"
baseline = 0.02
target = 0.03
start = 2026-09-28
deadline = 2026-12-31
counter = "refunds"
window = 4
sustain = 2
tolerance = 0.005
"""
NUMBERS = """
orders 2026-W40 20 21 40 12 3 300 48
visits 2026-W40 1000 1000 1000 1000 100 10000 1000
refunds 2026-W37 0.02 0.022 0.018 0.02 0.021 0.022 0.024 0.024 0.025 0.031
"""


def shown(store: Store) -> Detail:
    return detail(store, TODAY, "conversion")


def typed(store: Store, text: str) -> str:
    row = shown(store).row
    line = read_target(text, to_date(TODAY), "percent")
    return targets.set_target(store, row.metric_id, row.kpi_id, line, TODAY, said_kind=False).sentence


def stored(store: Store) -> tuple[int, int, float | None]:
    return store.row("SELECT window, sustain, tolerance FROM kpi")  # type: ignore[return-value]


def test_a_level_is_judged_over_its_window_by_the_ratio_of_sums(tmp_path: Path) -> None:
    row = shown(build(tmp_path, MODEL.replace("tolerance = 0.005", ""), NUMBERS)).row
    # W43 to W46: 12 + 3 + 300 + 48 of 1,000 + 100 + 10,000 + 1,000; a mean of ratios would be 3.0 %.
    assert row.value == pytest.approx(363 / 12_100) and row.last == pytest.approx(0.048)
    assert row.progress == pytest.approx((363 / 12_100 - 0.02) / 0.01)
    assert row.why.startswith("3% over the last 4 weeks is at the target 3%")
    said = row_object(row, Calendar())
    assert [said[name] for name in ("window", "window_present", "sustain", "held")] == [4, 4, 2, 1]
    assert period_text(row) == "4w to W46" and "3 percent over 4 weeks" in row_said(row)
    assert "1 of 2 weeks at target" in row.why and row.status != "achieved"
    # The series stays as it was reported.
    assert [cell.value for cell in row.series[-4:-1]] == pytest.approx([0.03, 0.03, 0.048])


def test_a_gap_in_the_window_is_flagged_and_no_zero(tmp_path: Path) -> None:
    gap = NUMBERS.replace("12 3 300", "12 - 300")
    row = shown(build(tmp_path, MODEL, gap)).row
    assert row.value == pytest.approx(360 / 12_000) and row.present == 3
    assert "3% over 3 of the last 4 weeks" in row.why


def test_once_it_has_held_it_is_achieved_before_the_deadline(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL.replace("tolerance = 0.005", ""), NUMBERS)
    record(store, "orders 2026-W47 50\nvisits 2026-W47 1000")
    row = detail(store, TODAY + 3, "conversion").row
    assert row.status == "achieved" and row.held == 2 and "has held: 2 of 2 weeks at target" in row.why
    assert row.chance != 1.0
    assert "is judged over 4 weeks (was over 4 weeks, held 2 weeks)" in typed(store, "held none")
    assert detail(store, TODAY + 3, "conversion").row.status == "on_track"


def test_a_counter_metric_beyond_its_tolerance_caps_the_verdict_and_is_named(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, NUMBERS)
    row = shown(store).row
    # Before the start the last three weeks were 2.2, 1.8 and 2.0 %; the four of W43 to W46 are 2.6 %.
    assert row.status == "at_risk"
    assert row.why.startswith("At the expense of its counter metric (Refund rate 0.6 points worse, 0.5 tolerated): 3%")
    kpi = Book(store, TODAY).roles_of(row.metric_id)[0]
    said = forms.set_field(store, "kpi", kpi.id, kpi.rev, "tolerance", "1 point", TODAY).sentence
    assert "1 points (was 0.5 points)" in said
    eased = shown(store).row
    assert eased.status != "at_risk" or "expense" not in eased.why
    assert "guarded by" in str(feed_rows(shown(store), choose({}))) and "1 points tolerated" in str(
        feed_rows(shown(store), choose({}))
    )
    assert any("1 points" in str(line) for line in history.log(store, TODAY))


def test_all_of_it_travels_with_the_model_file_and_back_through_undo_and_the_past(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, NUMBERS)
    text = model_export.export(store)
    assert "window = 4\nsustain = 2\n" in text and "tolerance = 0.005\n" in text
    (tmp_path / "again").mkdir()
    again = build(tmp_path / "again", text)
    assert model_export.export(again) == text and stored(again) == (4, 2, 0.005)
    last = store.one("SELECT max(id) FROM txn")
    assert "over 8 weeks" in typed(store, "over 8 weeks")
    assert stored(store) == (8, 2, 0.005) and store.one("SELECT count(*) FROM target") == 0
    past = PastStore(store, last, "20 Nov")
    assert stored(past) == (4, 2, 0.005)
    past.close()
    undo.undo(store)
    assert stored(store) == (4, 2, 0.005)
    with pytest.raises(Problem, match="window"):
        model_file.apply(again, model_file.read(text.replace("window = 4", "window = 0"), "m.toml"))


def test_a_dated_target_takes_a_new_time_along(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, NUMBERS)
    said = typed(store, "3.5% by 31 dec over 6 weeks held 3 weeks")
    assert "3.5%, over 6 weeks, held 3 weeks" in said and "(was 3%, over 4 weeks, held 2 weeks)" in said
    assert stored(store)[:2] == (6, 3) and store.one("SELECT value FROM target") == 0.035
    assert shown(store).life[0].aim == "3% by 2026-12-31 over 6 weeks held 3 weeks"
    assert "over 6 weeks, held 3 weeks" in str(target_rows(shown(store), choose({}))[-1].cells)
    book = Book(store, TODAY)
    kpi = book.roles_of(shown(store).row.metric_id)[0]
    assert "target 3.5% over 6 weeks held 3 weeks by 31 dec 2026" in metric_line(book, kpi.metric_id, kpi.id)
    assert "27" not in forms.set_field(store, "kpi", kpi.id, kpi.rev, "window", "-", TODAY).sentence
    assert stored(store)[0] == 1


def test_what_such_a_time_cannot_be_is_refused(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, NUMBERS)
    with pytest.raises(Problem, match="weekly values: count weeks"):
        typed(store, "over 2 months")
    row = shown(store).row
    with pytest.raises(Problem, match="is for KPIs"):
        targets.set_target(store, row.metric_id, None, read_target("3% over 4 weeks", to_date(TODAY), "percent"), TODAY)
    kpi = Book(store, TODAY).roles_of(row.metric_id)[0]
    with pytest.raises(Refused, match="set sustain to 1"):
        forms.set_field(store, "kpi", kpi.id, kpi.rev, "target_kind", "at least", TODAY)
    bare = MODEL.replace('numerator = "orders"\ndenominator = "visits"\n', "")
    (tmp_path / "bare").mkdir()
    with pytest.raises(Problem, match="a window needs the numerator and denominator of conversion"):
        build(tmp_path / "bare", bare)


def test_a_template_of_ones_own_brings_them_along(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL.replace("target = 0.03\n", "target = 0.03\nfloor = 0.025\n"), NUMBERS)
    library_save.save_scope(store, "Acme", "Ours", TODAY)
    own = library.named([str(tmp_path / "templates")], "Ours")
    (tmp_path / "other").mkdir()
    other = build(tmp_path / "other")
    library_use.use(other, library_use.Answers(library_use.offer(other, TODAY, library.preview(own))))
    assert other.row("SELECT window, tolerance FROM kpi") == (4, 0.005)
