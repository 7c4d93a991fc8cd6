"""The waterfall of Detail, and its rows of what moves first: made of views, without an app."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from kpitui.charts.glyphs import ASCII, UNICODE, Glyphs
from kpitui.services import detail, leading
from kpitui.services.why import why
from kpitui.storage.store import Store
from kpitui.text import width
from kpitui.tui.screens.detail_parts import lead_rows
from kpitui.tui.screens.why_chart import why_lines
from kpitui.tui.widgets.styled import Line
from tests.services import test_why as company
from tests.services.test_leading import MODEL, TODAY, line
from tests.workspace import build


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with build(tmp_path_factory.mktemp("why"), company.MODEL, company.POINTS) as made:
        yield made


def texts(lines: list[Line]) -> list[str]:
    return ["".join(text for text, _ in one).rstrip() for one in lines]


@pytest.mark.parametrize(("cells", "height"), [(118, 16), (80, 12), (40, 8)])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_it_fits_where_it_is_drawn(store: Store, cells: int, height: int, glyphs: Glyphs) -> None:
    lines = texts(why_lines(why(store, TODAY, "revenue"), cells, height, glyphs))
    # The pane itself cuts the line at the head.
    assert len(lines) == 6 <= height and all(width(one) <= cells for one in lines[1:])
    assert "visits * conversion * order_value, by Shapley" in lines[0]
    assert (" > " in lines[2]) == (cells > 40)


def test_small_parts_are_told_as_one_and_still_add_up(store: Store) -> None:
    lines = texts(why_lines(why(store, TODAY, "revenue"), 80, 5, UNICODE))
    assert [one.split()[0] for one in lines[1:]] == ["W45", "Visits", "2", "W46"]
    assert "2 more" in lines[3] and "-$113" in lines[3]


def test_what_cannot_be_taken_apart_says_why(store: Store) -> None:
    lines = texts(why_lines(why(store, TODAY, "satisfaction", begin="2026-W40", end="2026-W41"), 80, 12, UNICODE))
    assert len(lines) == 2 and lines[1].endswith(".") and "Satisfaction" in lines[1]


def test_what_moves_first_stands_below_what_it_feeds(tmp_path: Path) -> None:
    draw = Random(7)
    calls = [100 + draw.gauss(0, 10) for _ in range(72)]
    deals = [50 + 0.06 * (calls[at] - 100) + draw.gauss(0, 0.2) for at in range(70)]
    posts = [20 + draw.gauss(0, 2) for _ in range(70)]
    points = "\n".join([line("deals", deals), line("calls", calls[2:]), line("posts", posts)])
    with build(tmp_path, MODEL, points) as store:

        def rows(slug: str) -> list[tuple[str, str]]:
            view = detail.detail(store, TODAY, slug)
            assert lead_rows(view) == []
            beside = leading.beside(store, TODAY, view.row.metric_id)
            return [(row.key, str(row.cells)) for row in lead_rows(view._replace(leads=beside))]

        ahead, dead = rows("deals")
        assert ahead[0] == "metric:calls:ahead" and "moved before" in ahead[1]
        assert "Calls has moved 2 weeks before Deals (r +0." in ahead[1]
        assert dead[0] == "metric:posts:dead" and "no link has shown over 70 weeks" in dead[1]
        assert [key for key, _ in rows("calls")] == ["metric:deals:ahead"]
        view = detail.detail(store, TODAY, "deals")
        (many,) = lead_rows(view._replace(leads=leading.Leading(view.metric, (), (), 4000)))
        assert "4,000 pairs are too many to try here: kpitui leading deals" in str(many.cells)
