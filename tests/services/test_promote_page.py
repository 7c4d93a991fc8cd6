"""Promoting on one page: what it knows, what makes a draft, and what is saved."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kpitui.domain.line_target import read_target
from kpitui.domain.model import Kpi
from kpitui.domain.periods import to_day
from kpitui.domain.problem import Problem
from kpitui.services import doctor, history, promote_page
from kpitui.services.promote_page import QUESTIONS, Form, Page, meant_counter
from kpitui.storage import definitions
from kpitui.storage.store import Store
from tests.workspace import build

DAY = date(2026, 11, 20)
TODAY = to_day(DAY)
MODEL = """
[[scope]]
slug = "sales"
name = "Sales"

[[goal]]
slug = "arr"
title = "$5.0M ARR by 31 Dec"
main = true
target = 5_000_000
deadline = 2026-12-31
owner = "ana"

[[metric]]
slug = "mrr"
name = "MRR"

[[metric]]
slug = "demos"
name = "Demos booked"
source = "CRM export"
owner = "bo"
feeds = ["mrr"]

[[metric]]
slug = "show_up"
name = "Demo show-up rate"
unit = "percent"
kind = "index"
counter = true
feeds = ["mrr"]
"""
FULL = "demos 2026-W30 31 30 32 29 31 30 28 31 30 29 30 31 28 27 27 26 25"


def page_of(store: Store, slug: str = "demos") -> Page:
    return promote_page.page(store, int(store.one("SELECT id FROM metric WHERE slug = ?", (slug,))), None, TODAY)


def form_of(page: Page, **values: Any) -> Form:
    known: dict[str, Any] = {
        "goal_id": page.goals[0][0],
        "objective": "Reach it",
        "baseline": page.baseline,
        "target": read_target(">=30", DAY),
        "deadline": page.goals[0][2],
        "watch_band": 0.05,
        "answers": dict.fromkeys(QUESTIONS, "yes"),
        "counter_id": page.counters[0][0],
        "review": ("weekly", "monthly"),
    }
    return Form(**{**known, **values})


def test_the_page_knows_what_it_can(tmp_path: Path) -> None:
    page = page_of(build(tmp_path, MODEL, FULL))
    assert page.goals[0][1] == "$5.0M ARR by 31 Dec" and page.feeds == ("MRR",)
    assert page.baseline == pytest.approx(26.0) and page.best == 32 and page.usual is not None
    assert page.counters[0][1] == "Demo show-up rate" and page.suggested == 1
    assert (page.slot.name, page.slot.kpis, page.slot.limit) == ("Acme", 0, 3)
    assert [team.name for team in page.teams] == ["Sales"]
    assert len(page.values) == len(page.labels) <= 26


def test_without_history_it_says_so(tmp_path: Path) -> None:
    page = page_of(build(tmp_path, MODEL))
    assert page.baseline is None and page.best is None and page.usual is None


def test_filled_in_whole_it_is_live_and_the_doctor_is_content(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, FULL)
    page = page_of(store)
    assert promote_page.missing(page, form_of(page)) == []
    done = promote_page.save(store, page, form_of(page), TODAY)
    assert done.sentence == "Demos booked is a KPI now, live"
    kpi = definitions.find(store, Kpi)
    assert kpi and (kpi.state, kpi.target, kpi.watch_band, kpi.review) == ("live", 30, 0.05, "weekly,monthly")
    assert kpi.objective == "Reach it" and kpi.answer_change == "yes" and kpi.counter_id == page.counters[0][0]
    rules = {case.finding.rule for case in doctor.examine(store, TODAY).cases if case.finding.kind == "kpi"}
    assert not rules & {"K04", "K06"}
    history.undo(store, today=TODAY)
    assert definitions.find(store, Kpi) is None


@pytest.mark.parametrize(
    ("values", "lacks"),
    [
        ({"target": None}, ["target"]),
        ({"deadline": None}, ["deadline"]),
        ({"goal_id": None}, ["goal"]),
        ({"baseline": None, "target": read_target("30", DAY)._replace(kind="from_to"), "answers": {}}, ["baseline"]),
    ],
)
def test_what_is_missing_makes_a_draft_that_is_finished_later(
    tmp_path: Path, values: dict[str, Any], lacks: list[str]
) -> None:
    store = build(tmp_path, MODEL, FULL)
    page = page_of(store)
    done = promote_page.save(store, page, form_of(page, **values), TODAY)
    assert done.sentence == f"Demos booked kept as a draft KPI: {' and '.join(lacks)} missing"
    again = page_of(store)
    assert again.state == "draft" and again.kpi_id is not None
    promote_page.save(store, again, form_of(again), TODAY)
    kpi = definitions.find(store, Kpi)
    assert kpi and kpi.state == "live" and store.one("SELECT count(*) FROM kpi") == 1


def test_answers_and_counter_metric_are_asked_for_and_hold_nothing_back(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, FULL)
    page = page_of(store)
    bare = form_of(page, answers={"impact": "yes", "change": " "}, counter_id=None)
    assert (promote_page.missing(page, bare), promote_page.asked(page, bare)) == ([], ["5 answers", "counter metric"])
    done = promote_page.save(store, page, bare, TODAY)
    assert done.sentence == "Demos booked is a KPI now, live · open: 5 answers, counter metric"
    assert len(f"{done.sentence} · u undo") <= 78  # whole in the message row of 80 columns
    asked_for = {case.finding.rule for case in doctor.examine(store, TODAY).cases if case.finding.kind == "kpi"}
    assert {"K06", "K07"} <= asked_for and "K04" not in asked_for


def test_a_kpi_written_in_one_line_without_a_baseline_is_live_once_its_page_has_one(tmp_path: Path) -> None:
    """The values that came meanwhile fill the baseline in, and the page makes it what a whole line makes at once."""
    kpi = '[[kpi]]\nmetric = "demos"\ngoal = "arr"\ntarget_kind = "from_to"\ntarget = 35\nstate = "draft"\n'
    store = build(tmp_path, MODEL + kpi + "start = 2026-11-20\ndeadline = 2026-12-31\n", FULL)
    page = page_of(store)
    assert page.state == "draft" and page.baseline == 26
    target = read_target("35", DAY, direction="up", baseline=26.0)._replace(kind="from_to", baseline=26.0)
    said = promote_page.save(store, page, form_of(page, target=target, answers={}, counter_id=None), TODAY).sentence
    assert said.startswith("Demos booked is a KPI now, live · open: 6 answers")
    kpi_now = definitions.find(store, Kpi)
    assert kpi_now and (kpi_now.state, kpi_now.baseline, kpi_now.target) == ("live", 26, 35)


def test_a_paused_kpi_stays_paused_when_its_page_is_saved(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, FULL)
    page = page_of(store)
    promote_page.save(store, page, form_of(page, answers={}), TODAY)
    with store.write("kpi.edit") as tx:
        definitions.change(tx, definitions.all_of(store, Kpi)[0], state="paused")
    again = page_of(store)
    assert promote_page.save(store, again, form_of(again), TODAY).sentence == "Demos booked saved"
    kpi = definitions.find(store, Kpi)
    assert kpi and kpi.state == "paused" and kpi.answer_change == "yes"


def test_a_live_kpi_keeps_what_it_is_judged_by(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, FULL)
    page = page_of(store)
    promote_page.save(store, page, form_of(page), TODAY)
    live = page_of(store)
    easier = form_of(live, target=read_target(">=10", DAY), answers={**dict.fromkeys(QUESTIONS, "no")})
    assert promote_page.save(store, live, easier, TODAY).sentence == "Demos booked saved"
    kpi = definitions.find(store, Kpi)
    assert kpi and kpi.target == 30 and kpi.answer_change == "no" and kpi.state == "live"


def test_it_can_go_to_a_team_or_take_the_place_of_another(tmp_path: Path) -> None:
    text = MODEL + '[[kpi]]\nmetric = "mrr"\ngoal = "arr"\ntarget_kind = "at_least"\ntarget = 9\n'
    store = build(tmp_path, text, FULL)
    page = page_of(store)
    assert page.slot.kpis == 1 and page.others[0][1] == "MRR"
    done = promote_page.save(store, page, form_of(page, swap=page.others[0][0]), TODAY)
    assert done.sentence == "Demos booked is a KPI now, live, MRR is a plain metric again"
    assert store.rows("SELECT state FROM kpi ORDER BY id") == [("retired",), ("live",)]
    history.undo(store, today=TODAY)
    assert store.rows("SELECT state FROM kpi WHERE archived = 0") == [("live",)]
    promote_page.save(store, page_of(store), form_of(page, scope_id=page.teams[0].scope_id), TODAY)
    assert store.one("SELECT count(*) FROM kpi k JOIN scope s ON s.id = k.scope_id WHERE s.slug = 'sales'") == 1


def test_a_counter_metric_is_meant_by_part_of_its_name(tmp_path: Path) -> None:
    page = page_of(build(tmp_path, MODEL))
    assert meant_counter(page, "show") == (*page.counters[0], None, "Demo show-up rate")
    said = meant_counter(page, "show, 0.5")
    assert said is not None and said[1:] == ("Demo show-up rate", 0.005, "Demo show-up rate, 0.5 points")
    assert meant_counter(page, " ") is None
    with pytest.raises(Problem, match="No other metric"):
        meant_counter(page, "weather")
