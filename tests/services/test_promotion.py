"""Metric to KPI and back, and what a KPI should reach from a day on."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kpitui.domain.line_target import read_target
from kpitui.domain.periods import to_day
from kpitui.errors import Conflict, Refused
from kpitui.services import actions, promote_page, promotion, targets
from kpitui.services.hierarchy import tree
from kpitui.storage.store import Store
from tests.services.hierarchy_model import TODAY, company, node, outline, undo
from tests.workspace import join

DAY = date(2026, 11, 20)


def line(text: str, **more: Any) -> Any:
    return read_target(text, DAY, more.pop("unit", "number"), currency="USD", **more)


def promoted(store: Store, text: str | None = ">=30") -> Any:
    page = promote_page.page(store, node(store, "Demos booked").metric_id or 0, None, TODAY)
    goal_id, _, day = page.goals[0]
    target = line(text) if text else None
    answers = dict.fromkeys(promote_page.QUESTIONS, "yes")
    form = promote_page.Form(goal_id, "", page.baseline, target, day, None, answers, page.counters[0][0], ("weekly",))
    return promote_page.save(store, page, form, TODAY)


def test_the_baseline_offered_is_the_mean_of_the_last_three_closed_periods(tmp_path: Path) -> None:
    store = company(tmp_path)
    offer = promote_page.page(store, node(store, "Demos booked").metric_id or 0, None, TODAY)
    # W47 ends on the 22nd; on Friday the 20th W44, W45, W46 are the last three that are over.
    assert offer.baseline == pytest.approx((28 + 25 + 26) / 3) and offer.baseline_of == "mean of W44, W45, W46"
    assert offer.best == 33 and offer.best_label == "W41"
    assert offer.goals[0][1] == "$5.0M ARR by 31 Dec"


def test_with_goal_target_day_and_owner_it_is_live(tmp_path: Path) -> None:
    store = company(tmp_path)
    assert promoted(store).sentence == "Demos booked is a KPI now, live"
    kpi = store.row("SELECT state, target_kind, target, deadline, goal_id FROM kpi ORDER BY id DESC LIMIT 1")
    assert kpi == ("live", "at_least", 30.0, TODAY + 41, 1)
    assert "  KPI Demos booked" in outline(store) and "    = Demos booked" in outline(store)
    assert promoted(store).sentence == "Demos booked saved"
    undo(store)
    assert "  KPI Demos booked" not in outline(store)


def test_without_a_target_it_is_a_draft_that_the_target_makes_live(tmp_path: Path) -> None:
    store = company(tmp_path)
    done = promoted(store, None)
    assert done.sentence == "Demos booked kept as a draft KPI: target missing"
    kpi = node(store, "Demos booked")
    said = targets.set_target(store, kpi.metric_id or 0, kpi.id, line(">=32"), TODAY)
    assert "no draft any more" in said.sentence
    assert store.one("SELECT state FROM kpi WHERE id = ?", (kpi.id,)) == "live"


def test_a_full_scope_refuses_only_where_the_workspace_says_so(tmp_path: Path) -> None:
    from kpitui.services import settings

    store = company(tmp_path)
    for key in ("kpi_notice", "kpi_warn", "kpi_strong"):
        settings.change(store, key, 1)
    assert "far more than 1" in promoted(store).warning
    undo(store)
    settings.change(store, "kpi_refuse", True)
    with pytest.raises(Refused, match="has 1 KPI and this workspace allows 1"):
        promoted(store)


def test_demoting_keeps_the_reason_and_names_open_actions(tmp_path: Path) -> None:
    store = company(tmp_path)
    mrr = node(store, "MRR")
    actions.add(store, "Call the churned @bo 27 nov", TODAY, metric_id=mrr.metric_id)
    done = promotion.demote(store, mrr.id, "one too many", rev=mrr.rev)
    assert done.sentence == "MRR is a plain metric again · one too many · 1 action stays open: bo, Call the churned"
    assert store.one("SELECT why FROM txn ORDER BY id DESC LIMIT 1") == "one too many"
    assert "  KPI MRR" not in outline(store)
    undo(store)
    assert "  KPI MRR" in outline(store)


def test_a_kpi_that_somebody_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    store = company(tmp_path)
    mrr, other = node(store, "MRR"), join(store, "bo")
    promotion.demote(other, mrr.id, "")
    with pytest.raises(Conflict, match="by bo at"):
        targets.set_target(
            store, mrr.metric_id or 0, mrr.id, line("450000 by 31 jan", unit="currency"), TODAY, rev=mrr.rev
        )


def test_a_new_target_counts_from_its_day_and_never_judges_the_past(tmp_path: Path) -> None:
    store = company(tmp_path)
    deals = node(store, "Deals")
    before = tree(store, TODAY).rows[deals.key]
    done = targets.set_target(
        store, deals.metric_id or 0, deals.id, line("8 from 1 dec ; Q1 plan"), TODAY, said_kind=False
    )
    assert done.sentence == "Target of Deals: ≥ 8 from 1 Dec 2026 (was ≥ 5) · Q1 plan"
    assert tree(store, TODAY).rows[deals.key].target == before.target == 5
    assert tree(store, TODAY + 12).rows[deals.key].target == 8
    now = targets.set_target(store, deals.metric_id or 0, deals.id, line("6"), TODAY, said_kind=False)
    assert now.sentence == "Target of Deals: ≥ 6 (was ≥ 5), until ≥ 8 counts from 1 Dec 2026"
    again = targets.set_target(store, deals.metric_id or 0, deals.id, line("7 from 1 dec"), TODAY, said_kind=False)
    assert again.sentence.startswith("Target of Deals: ≥ 7 from 1 Dec 2026 (was ≥ 6)")
    assert store.one("SELECT count(*) FROM target WHERE archived = 0") == 2
    assert store.one("SELECT target FROM kpi WHERE id = ?", (deals.id,)) == 5


def test_another_kind_of_target_is_refused_with_the_way_to_do_it(tmp_path: Path) -> None:
    store = company(tmp_path)
    mrr = node(store, "MRR")
    with pytest.raises(Refused, match=r"judged by a way from a baseline to a target.*P and p begin again"):
        targets.set_target(store, mrr.metric_id or 0, mrr.id, line(">=400000", unit="currency"), TODAY)
    late = targets.set_target(
        store, mrr.metric_id or 0, mrr.id, line("450000 from 1 jan", unit="currency"), TODAY, said_kind=False
    )
    assert "nothing is judged by it" in late.warning


def test_a_plain_metric_has_thresholds_and_no_dates(tmp_path: Path) -> None:
    store = company(tmp_path)
    demos = node(store, "Demos booked")
    done = targets.set_target(store, demos.metric_id or 0, None, line("25-35"), TODAY)
    assert done.sentence == "Target of Demos booked: 25-35 (was ≥ 30)"
    assert store.row("SELECT good_low, good_high FROM metric WHERE slug = 'demos'") == (25.0, 35.0)
    with pytest.raises(Refused, match="only those have dated targets"):
        targets.set_target(store, demos.metric_id or 0, None, line(">=32 from 1 jan"), TODAY)
    assert to_day(DAY) == TODAY


def test_a_kpi_of_a_model_file_without_a_start_is_a_draft_in_every_face(tmp_path: Path) -> None:
    from kpitui.services.model_file import apply, diff, export, read
    from kpitui.services.overview import scorecard
    from kpitui.storage import reading
    from tests.workspace import build

    text = """
[[metric]]
slug = "mrr"
name = "MRR"
owner = "ana"

[[goal]]
slug = "grow"
title = "Grow"
main = true
target = 5
deadline = 2026-12-31

[[kpi]]
metric = "mrr"
goal = "grow"
state = "live"
baseline = 20
target = 30
deadline = 2026-12-31
"""
    today = to_day(date(2026, 11, 20))
    with build(tmp_path, "") as store:
        model = read(text, "kpis.toml")
        apply(store, model)
        (kpi,) = reading.kpis(store)
        (row,) = scorecard(store, today).kpis
        assert {kpi.state, row.state, row.status} == {"draft"} and row.why == "A draft until its start is set"
        assert 'state = "draft"' in export(store) and not diff(store, model) and not diff(store, model, True)
        apply(store, read(text.replace("baseline", "start = 2026-01-01\nbaseline"), "kpis.toml"))
        assert reading.kpis(store)[0].state == "live"
