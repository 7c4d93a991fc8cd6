"""A band from `T` to Detail, status and the model file; easing a target leaves closed periods as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.charts.glyphs import choose
from kpitui.cli.scorecard_json import row_object
from kpitui.cli.show import targets_json
from kpitui.domain.line_target import read_target
from kpitui.domain.periods import to_date
from kpitui.domain.problem import Problem
from kpitui.errors import Refused
from kpitui.services import forms, goal_roll_over, library, library_save, library_use, model_export, model_file, targets
from kpitui.services.book import Book
from kpitui.services.detail import detail
from kpitui.services.editing import metric_line
from kpitui.storage.store import Store
from kpitui.tui.screens.detail_chart import drawing
from kpitui.tui.screens.detail_parts import targets as target_rows
from tests.workspace import build

TODAY = 20_777
"""2026-11-20."""
MODEL = """
[[metric]]
slug = "demos"
name = "Demos"
cadence = "week"
owner = "bo"
[[goal]]
slug = "year"
title = "100 customers"
target = 100
deadline = 2026-12-31
[[kpi]]
metric = "demos"
goal = "year"
target_kind = "at_least"
target = 30
floor = 25
stretch = 36
start = 2026-10-01
deadline = 2026-12-31
"""
WEEKS = "demos 2026-W40 31 37 24 28 26 29 27"


def typed(store: Store, text: str, today: int = TODAY) -> str:
    row = detail(store, today, "demos").row
    line = read_target(text, to_date(today))
    return targets.set_target(store, row.metric_id, row.kpi_id, line, today, said_kind=False).sentence


def test_a_band_travels_with_the_model_file_and_shows_in_every_face(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, WEEKS)
    found = detail(store, TODAY, "demos")
    assert (found.row.floor, found.row.stretch, found.row.band) == (25, 36, "floor")
    assert ", above the floor 25" in found.row.why
    assert row_object(found.row, found.calendar)["band"] == "floor"
    assert targets_json(found)[0]["stretch"] == 36
    assert [value.band for value in found.values[-8:-1]] == ["", "stretch", "below_floor", *["floor"] * 4]
    assert {label for _, _, label in drawing(found, "target").references} >= {"floor 25", "stretch 36"}
    assert "floor 25, stretch 36" in str(target_rows(found, choose({}))[-1].cells)
    text = model_export.export(store)
    assert "floor = 25\nstretch = 36\n" in text
    (tmp_path / "again").mkdir()
    again = build(tmp_path / "again", text)
    assert model_export.export(again) == text
    assert not model_file.apply(again, model_file.read(text, "m.toml")).changes
    with pytest.raises(Problem, match="type one above the target"):
        model_file.apply(again, model_file.read(text.replace("stretch = 36", "stretch = 29"), "m.toml"))


def test_easing_a_target_keeps_the_band_that_fits_and_the_past_as_it_was(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, WEEKS)
    before = [(value.target, value.floor, value.stretch, value.band) for value in detail(store, TODAY, "demos").values]
    assert "≥ 24, stretch 36 (was ≥ 30, floor 25, stretch 36), without its floor" in typed(store, "24 ; easier")
    after = detail(store, TODAY, "demos")
    closed = [(v.target, v.floor, v.stretch, v.band) for v in after.values if v.cell.span.end <= TODAY]
    assert closed == before[: len(closed)]
    assert after.row.floor is None and after.row.band == ""
    assert "≥ 24, floor 20 (was" in typed(store, "floor 20 stretch none")
    assert store.one("SELECT count(*) FROM target") == 1 and store.one("SELECT value FROM target") == 24
    export = model_export.export(store)
    assert "value = 24\nfloor = 20\n" in export
    (tmp_path / "again").mkdir()
    assert model_export.export(build(tmp_path / "again", export)) == export


def test_a_band_without_a_target_or_on_a_plain_metric_is_refused(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL.partition("target_kind")[0] + 'state = "draft"\n', WEEKS)
    with pytest.raises(Refused, match="no target yet"):
        typed(store, "floor 25")
    row = detail(store, TODAY, "demos").row
    with pytest.raises(Problem, match="for KPIs"):
        targets.set_target(store, row.metric_id, None, read_target("30 floor 25", to_date(TODAY)), TODAY)
    assert "≥ 30, floor 25 (was none)" in typed(store, "30 floor 25")


def test_the_form_has_floor_and_stretch_and_checks_their_order(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, WEEKS)
    kpi = Book(store, TODAY).roles_of(detail(store, TODAY, "demos").row.metric_id)[0]
    assert "27 (was 25)" in forms.set_field(store, "kpi", kpi.id, kpi.rev, "floor", "27", TODAY).sentence
    with pytest.raises(Refused, match="type one above the target"):
        forms.set_field(store, "kpi", kpi.id, 0, "stretch", "29", TODAY)
    assert metric_line(Book(store, TODAY), kpi.metric_id, kpi.id).endswith(">=30 floor 27 stretch 36")


def test_a_template_of_ones_own_brings_the_band_along(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, WEEKS)
    library_save.save_scope(store, "Acme", "Ours", TODAY)
    own = library.named([str(tmp_path / "templates")], "Ours")
    assert dict(own.usual)["demos"] == ">= 30 floor 25 stretch 36"
    (tmp_path / "other").mkdir()
    other = build(tmp_path / "other")
    library_use.use(other, library_use.Answers(library_use.offer(other, TODAY, library.preview(own))))
    assert other.row("SELECT target, floor, stretch FROM kpi") == (30, 25, 36)


def test_the_bound_and_band_that_counted_last_go_along_to_next_years_goal(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, WEEKS)
    typed(store, "32 floor 27")
    goal, after = store.one("SELECT id FROM goal"), TODAY + 60
    goal_roll_over.roll_over(store, goal, "120", after)
    if goal_roll_over.offer(store, after, goal).kpis:
        goal_roll_over.roll_over(store, goal, "", after)
    assert store.row("SELECT target, floor, stretch FROM kpi ORDER BY id DESC LIMIT 1") == (32, 27, 36)
    assert store.row("SELECT target, floor, stretch FROM kpi ORDER BY id LIMIT 1") == (30, 25, 36)
