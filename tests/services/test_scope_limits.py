"""A scope with its own limits of KPIs: in the form, the model file, the doctor, Home, Promote and `status`."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.charts.glyphs import choose
from kpitui.cli.status import told
from kpitui.domain.problem import Problem
from kpitui.errors import Refused
from kpitui.services import doctor, forms, model_export, model_file, overview, promote_page, promotion, settings
from kpitui.services.book import Book
from tests.services.acme import MODEL
from tests.workspace import build

TODAY = 20_777
"""2026-11-20."""


def test_own_limits_go_from_the_form_to_everything_that_counts_kpis(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL)
    scope = Book(store, TODAY).root
    assert scope is not None

    def typed(field: str, text: str) -> str:
        rev = store.one("SELECT rev FROM scope WHERE id = ?", (scope.id,))
        return forms.set_field(store, "scope", scope.id, rev, field, text, TODAY).sentence

    assert "2 (was -)" in typed("kpi_notice", "2")
    assert "2 (was -)" in typed("kpi_warn", "2")
    with pytest.raises(Refused, match="go up, and 2, 2, 1 do not"):
        typed("kpi_strong", "1")
    with pytest.raises(Problem, match="at least 1"):
        typed("kpi_strong", "0")
    typed("kpi_strong", "2")

    def many() -> list[str]:
        return [case.finding.text for case in doctor.examine(store, TODAY).cases if case.finding.rule == "K01"]

    assert many() == ["3 KPIs, more than 2"]
    home = overview.home(store, TODAY)
    assert home.limit == 2
    assert "(3 live ones, and 2 keep the eye on what matters)" in told(
        overview.scorecard(store, TODAY, scope.slug), choose({})
    )
    book = Book(store, TODAY)
    metric = next(one for one in book.metrics.values() if not book.roles_of(one.id) and one.scope_id == scope.id)
    assert promote_page.page(store, metric.id, None, TODAY).slot.limit == 2
    assert "far more than 2" in promotion.slots(book, scope.id)
    settings.change(store, "kpi_refuse", True)
    with pytest.raises(Refused, match=r"allows 2.*raise the limit of Acme"):
        promotion.refuse_full(Book(store, TODAY), scope.id)

    (tmp_path / "again").mkdir()
    again = build(tmp_path / "again", model_export.export(store))
    assert Book(again, TODAY).limits_of(scope.id) == (2, 2, 2)
    assert not model_file.apply(again, model_file.read(model_export.export(store), "m.toml")).changes

    typed("kpi_warn", "-"), typed("kpi_notice", ""), typed("kpi_strong", "-")
    assert not many()


def test_a_model_file_with_limits_that_go_down_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="go up"):
        build(tmp_path, '[[scope]]\nslug = "org"\nkind = "org"\nname = "A"\nkpi_notice = 5\nkpi_strong = 4\n')
