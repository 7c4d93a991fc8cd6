"""Detail's signals: limits in other ways for the chart, and what is to be known of them in lines."""

from __future__ import annotations

import pytest

from kpitui.charts.glyphs import choose
from kpitui.services.detail import Detail, detail
from kpitui.services.signals import Chart
from kpitui.storage.store import Store
from kpitui.tui.screens.detail_chart import KINDS, drawing
from kpitui.tui.screens.detail_parts import PARTS, part_rows
from kpitui.tui.screens.detail_signals import WAYS, chart_for
from tests.workspace import build

TODAY = 20777  # 2026-11-20
MODEL = """
[[metric]]
slug = "sold"
kind = "flow"
cadence = "week"

[[metric]]
slug = "asked"
kind = "flow"
cadence = "week"

[[metric]]
slug = "rate"
kind = "ratio"
unit = "percent"
cadence = "week"
numerator = "sold"
denominator = "asked"

[[metric]]
slug = "loss"
kind = "level"
cadence = "week"
"""
SOLD = [20 + 2 * week + (week * 7 % 5) for week in range(24)]
POINTS = f"""
sold 2026-W23 {" ".join(map(str, SOLD))}
asked 2026-W23 {" ".join("100" for _ in SOLD)}
loss 2026-W23 {" ".join(str(week * 5 % 7 - 3) for week in range(24))}
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return build(tmp_path_factory.mktemp("signals"), MODEL, POINTS)


def seen(store: Store, slug: str, kind: str) -> Detail:
    return detail(store, TODAY, slug)._replace(chart=chart_for(store, TODAY, slug, 26, kind))


def told(view: Detail) -> str:
    """All names and texts in one line."""
    cells = [cell for row in part_rows(view, "Signals", choose({})) for cell in row.cells]
    return " ".join(cell if isinstance(cell, str) else str(cell[0]) for cell in cells if cell and cell[0])


def test_the_part_says_limits_signals_doubts_runs_samples_and_what_other_rules_say(store: Store) -> None:
    assert "Signals" in PARTS
    text = told(seen(store, "rate", ""))
    for said in (
        "not locked yet: the values follow a trend",
        "Neighbouring values are alike",
        "C draws them along the trend",
        "By runs alone: a shift or cluster",
        "(95%, Wilson)",
        "Draw limits anew",
        "Nelson ",
        "Western Electric ",
        "NHS ",
    ):
        assert said in text, said
    assert "--" not in text


def test_each_way_of_working_limits_out_is_a_chart(store: Store) -> None:
    assert KINDS[-len(WAYS) :] == tuple(WAYS)
    trend = seen(store, "sold", "trend")
    drawn = drawing(trend, "trend")
    assert isinstance(trend.chart, Chart) and not trend.chart.hits
    lines = {words.split()[0]: line for _, line, words in drawn.references}
    centre, upper = lines["trend"], lines["upper"]
    assert isinstance(centre, list) and isinstance(upper, list)
    known = [(place, one) for place, one in enumerate(centre) if one is not None]
    # The line through the means of the two halves, at the places of the values that are shown.
    early, late = sum(SOLD[:12]) / 12, sum(SOLD[12:]) / 12
    slope = (late - early) / 12
    assert known[0][1] == pytest.approx(early - 5.5 * slope) and known[-1][1] == pytest.approx(late + 5.5 * slope)
    assert drawn.values[known[0][0]] == SOLD[0]
    logs = drawing(seen(store, "sold", "log"), "log")
    assert [one for one in logs.values if one is not None] == pytest.approx(SOLD)


def test_what_cannot_be_worked_out_is_said_in_a_sentence(store: Store) -> None:
    for slug, kind, said in (("sold", "season", "two whole cycles"), ("loss", "log", "no logarithm")):
        view = seen(store, slug, kind)
        assert isinstance(view.chart, str) and said in view.chart and said in told(view)
        assert drawing(view, kind).references == []
