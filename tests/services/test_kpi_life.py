"""A metric's life as a KPI, from the log of its roles."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kpitui.domain.periods import to_day
from kpitui.services import history, promotion
from kpitui.services.book import Book
from kpitui.services.detail import detail
from kpitui.services.kpi_life import life
from tests.services.test_promote_page import FULL, MODEL, form_of, page_of
from tests.workspace import build

TODAY = to_day(date(2026, 11, 20))


def test_promoted_demoted_and_promoted_again_all_are_kept(tmp_path: Path) -> None:
    from kpitui.services import promote_page

    store = build(tmp_path, MODEL, FULL)
    page = page_of(store)
    assert life(Book(store, TODAY), page.metric_id) == ()
    promote_page.save(store, page, form_of(page), TODAY)
    kpi_id = int(store.one("SELECT id FROM kpi"))
    promotion.demote(store, kpi_id, "one too many")
    (past,) = life(Book(store, TODAY), page.metric_id)
    assert (past.scope, past.since, past.until, past.why) == ("Acme", TODAY, TODAY, "one too many")
    assert (past.by, past.ended_by, past.aim) == ("ana", "ana", "≥ 30 by 2026-12-31")
    page = page_of(store)
    promote_page.save(store, page, form_of(page), TODAY)
    now, before = life(Book(store, TODAY), page.metric_id)
    assert now.until is None and now.state == "live" and before.why == "one too many"
    assert detail(store, TODAY, "demos").life == (now, before)
    history.undo(store, today=TODAY)
    assert [spell.until for spell in life(Book(store, TODAY), page.metric_id)][-1] == TODAY
