"""Values typed after the set-up: a KPI that starts later says so, and what would make them count."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

from kpitui.charts.glyphs import ASCII
from kpitui.connectors.base import open_table
from kpitui.domain.periods import Span, iso, to_day
from kpitui.domain.status import COUNTED
from kpitui.reports.report_txt import render
from kpitui.reports.report_words import document
from kpitui.services import entry, forms, imports, report
from kpitui.services.book import Book
from kpitui.services.imports import Wanted
from kpitui.services.judging import Row, kpi_row
from kpitui.storage.store import Store
from tests.services.acme import TODAY
from tests.workspace import build

MODEL = """
[[goal]]
slug = "g"
title = "120 leads"
main = true
target = 120
deadline = 2026-12-31

[[metric]]
slug = "leads"
name = "Leads"
cadence = "week"
owner = "ana"

[[kpi]]
metric = "leads"
goal = "g"
target_kind = "from_to"
baseline = 100
target = 120
start = 2026-11-20
deadline = 2026-12-31
"""
WEEKS = "date,leads\n2025-11-03,90\n2026-09-28,101\n2026-10-05,102\n2026-10-12,103\n2026-11-09,108\n"
WHY = "Starts on 20 Nov 2026, values since 28 Sep: " + COUNTED


def plan_of(store: Store, table: str) -> imports.Plan:
    with open_table("-", stdin=io.BytesIO(table.encode())) as read:
        return imports.preview(store, read, Wanted(), TODAY)


def row_of(store: Store, day: int = TODAY) -> Row:
    book = Book(store, day)
    return kpi_row(book, next(iter(book.kpis.values())))


def test_an_import_of_history_says_which_start_would_count_it_and_nothing_starts_by_itself(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL)
    assert row_of(store).why == "No value yet"
    plan = plan_of(store, WEEKS)
    (said,) = plan.early
    # The value of last year is of another year than the start, and of no time of the goal.
    assert said == f"Leads s{WHY[1:]}. e e on it in the Tree changes it, or start = 2026-09-28 in the model file."
    assert said in plan.notes
    imports.save(store, plan)
    row = row_of(store)
    assert (row.status, row.why) == ("no_data", WHY)
    assert iso(int(store.one("SELECT start FROM kpi"))) == "2026-11-20"
    # Once is enough: who left the start as it is knows of it.
    assert plan_of(store, "date,leads\n2026-10-19,104\n").early == []


def test_an_older_value_that_is_typed_says_that_it_does_not_count_yet(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL)
    week = Span(to_day(date(2026, 9, 28)), to_day(date(2026, 10, 5)))
    assert entry.record_value(store, "leads", week, "101", today=TODAY).sentence.endswith(f"(was empty) · {WHY}")
    now = Span(to_day(date(2026, 11, 16)), to_day(date(2026, 11, 23)))
    assert COUNTED not in entry.record_value(store, "leads", now, "108", today=TODAY).sentence


def test_who_made_the_kpi_with_its_history_there_is_not_asked(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, "leads 2026-W40 101 102 103")
    assert plan_of(store, "date,leads\n2026-10-19,104\n").early == []
    fresh = build(tmp_path / "later", MODEL.replace("2026-11-20", "2026-12-01"))
    assert plan_of(fresh, WEEKS).early == []


def test_the_report_of_a_month_before_the_start_says_why_and_the_day_offered_mends_it(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, "leads 2026-W40 101 102 103 104 105 107 108")
    october = row_of(store, TODAY - 20)
    assert (october.status, october.why) == ("not_started", WHY)
    made = report.report(store, TODAY, "oct")
    assert f"Leads: {WHY}." in " ".join(render(document(made), ASCII).split())
    kpi_id, rev = store.row("SELECT id, rev FROM kpi")  # type: ignore[misc]
    forms.set_field(store, "kpi", int(kpi_id), int(rev), "start", "28 sep", TODAY)
    row = row_of(store)
    assert COUNTED not in row.why and row.status not in ("no_data", "not_started")
