"""Setting the calendar: what differs is said first, nothing is lost, and it travels in the model file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpitui.domain.periods import iso
from kpitui.domain.problem import Problem
from kpitui.domain.workspace import Workspace
from kpitui.errors import Refused
from kpitui.services import model_file
from kpitui.services import settings as team
from kpitui.services.book import Book
from kpitui.services.calendar_change import difference
from kpitui.services.calendar_setting import difference_to, set_calendar, standing, typed
from kpitui.services.calendar_table import read_holidays, read_periods, store_holidays
from kpitui.services.editing import line_of, recut
from kpitui.services.hierarchy import lines
from kpitui.services.history import undo
from kpitui.storage.store import Store
from tests.conftest import Ran
from tests.workspace import build

TODAY = 20777  # 2026-11-20
MODEL = """
[[metric]]
slug = "leads"
name = "Leads"
cadence = "week"

[[metric]]
slug = "mrr"
name = "MRR"
kind = "level"
cadence = "month"

[[metric]]
slug = "visits"
cadence = "day"

[[kpi]]
metric = "leads"
target_kind = "at_least"
target = 10
owner = "ana"
"""
POINTS = """
leads 2026-W36 10 12 11 9 10 11 9 10 12 9 11
mrr 2025-11 1 2 3 4 5 6 7 8 9 10 11 12
visits 2026-11-09 1 2 3 4 5 6 7 8 9 10 11
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return build(tmp_path, MODEL, POINTS)


def set_to(store: Store, **said: str) -> str:
    seen = team.read(store)
    return set_calendar(store, typed(seen, said), seen)


def counted(store: Store) -> dict[tuple[str, str], list[Any]]:
    book = Book(store, TODAY)
    return {
        (slug, grain): [tuple(cell) for cell in book.last_cells(key, 14, grain)]
        for slug, key, grains in (
            ("leads", 1, ("week", "month", "quarter", "year")),
            ("mrr", 2, ("month", "quarter", "year")),
            ("visits", 3, ("day", "week", "month", "quarter", "year")),
        )
        for grain in grains
    }


def test_what_differs_is_said_before_anything_is_done(store: Store) -> None:
    found = difference_to(store, TODAY, typed(team.read(store), {"week_start": "sunday"}))
    assert (found.grains, found.metrics, found.kpis, found.before, found.after) == (("week",), 1, 1, 11, 11)
    assert found.sentence == (
        "2026-W47 becomes 2026-W46, 1 day apart; 1 metric is counted by other periods, 1 KPI among them: 11 periods "
        "with a value become 11, 0 of them in part (now 0); 1 kept by shorter ones are added up to other weeks. No "
        "value is lost: the way back gives what is there now"
    )
    assert standing(store, TODAY).calendar.week_start == 0
    assert difference_to(store, TODAY, team.read(store)).sentence == ""
    retail = difference_to(store, TODAY, typed(team.read(store), {"calendar": "retail"}))
    assert retail.grains == ("week", "month", "quarter", "year") and retail.metrics == 2


def test_another_cadence_says_what_it_does(store: Store) -> None:
    found = difference(store, TODAY, cadences={3: "week"})
    # Eleven days are one whole week, and one that has begun.
    assert (found.grains, found.metrics, found.before, found.after) == ((), 1, 11, 1)
    assert "1 metric is counted by other periods: 11 periods with a value become 1" in found.sentence
    assert difference(store, TODAY, cadences={3: "day"}).sentence == ""
    node = next(node for node in lines(Book(store, TODAY)) if node.metric_id == 3)
    line = line_of(store, node, TODAY)
    asked = recut(store, node, line, line.replace("daily", "weekly"), TODAY)
    assert asked is not None and asked.short == "11 periods with a value become 1; no value is lost"
    assert recut(store, node, line, f"{line} @bo", TODAY) is None


def test_levels_of_another_week_are_still_judged(tmp_path: Path) -> None:
    model = '[[metric]]\nslug = "mrr"\nkind = "level"\ncadence = "week"\ngood_low = 5'
    store = build(tmp_path, model, "mrr 2026-W40 1 2 3 4 5 6 7")
    set_to(store, week_start="sunday")
    cells = Book(store, TODAY).last_cells(1, 8)
    # The week from 15 November begins with the last day of the old W46; the days after it have no value yet.
    assert [(cell.value, cell.whole) for cell in cells] == [
        (None, False),
        *((float(n), True) for n in range(1, 7)),
        (7.0, False),
    ]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.fixed_dictionaries(
        {
            "calendar": st.sampled_from(["iso", "fiscal", "retail"]),
            "week_start": st.sampled_from(["sunday", "wednesday", "saturday"]),
            "week_min_days": st.sampled_from(["1", "4", "7"]),
            "fiscal_year_start": st.sampled_from(["4", "7", "10"]),
            "retail_month": st.sampled_from(["1", "8", "12"]),
            "retail_weekday": st.sampled_from(["saturday", "thursday"]),
            "retail_pattern": st.sampled_from(["445", "4-5-4", "5-4-4"]),
        }
    )
)
def test_there_and_back_is_as_before(store: Store, said: dict[str, str]) -> None:
    before, stored = counted(store), store.rows("SELECT * FROM point")
    back = {key: str(getattr(Workspace(), key)) for key in said}
    set_to(store, **said)
    totals = Book(store, TODAY).cells(1, "year", Book(store, TODAY).spans_since("year", 2020)[:1])
    assert store.rows("SELECT * FROM point") == stored and totals is not None
    set_to(store, **back)
    assert counted(store) == before


def test_a_table_from_a_file_becomes_the_calendar(store: Store, tmp_path: Path) -> None:
    lines = ["name,from,to"]
    at = 20457  # 2026-01-04, a Sunday
    for number in range(13):
        lines.append(f"P{number + 1},{iso(at)},{iso(at + 27)}")
        at += 28
    rows = [line.split(",") for line in lines]
    listed = read_periods(rows[0], list(enumerate(rows[1:], 2)), "periods.csv")
    seen = team.read(store)
    with pytest.raises(Refused, match="no table of periods"):
        set_calendar(store, typed(seen, {"calendar": "table"}), seen)
    wanted = typed(seen, {"calendar": "table"})
    said = set_calendar(store, wanted, seen, listed)
    assert said == "Periods of the calendar: 13 added; calendar: table (was fiscal)"
    found = standing(store, TODAY)
    assert ("month", "P12") in [one[:2] for one in found.now]
    assert [name for name, _ in found.year][:3] == ["2026-01", "P1", "P2"]
    text = model_file.export(store)
    assert text.count("[[period]]") == 13 and 'calendar = "table"' in text
    (tmp_path / "b").mkdir()
    other = build(tmp_path / "b", text)
    assert model_file.export(other) == text and standing(other, TODAY).now == found.now
    broken = text.replace("to = 2026-01-31\n", "to = 2026-01-30\n")
    with pytest.raises(Problem, match="close the gap"):
        model_file.apply(other, model_file.read(broken, "m.toml"))
    with pytest.raises(Problem, match="close the gap"):
        read_periods(rows[0], [(2, rows[1]), (3, rows[3])], "periods.csv")
    undo(store)
    assert standing(store, TODAY).workspace.calendar == "fiscal"
    assert store.rows("SELECT count(*) FROM period WHERE archived = 0") == [(0,)]


def test_holidays_are_added_and_travel(store: Store) -> None:
    found = read_holidays(["day", "name"], [(2, ["2026-12-25", "Christmas"]), (3, ["2026-12-24", ""])], "h.csv")
    assert store_holidays(store, found).sentence == "Holidays of the calendar: 2 added"
    assert store_holidays(store, found).sentence == "Holidays of the calendar: as they were"
    known = standing(store, TODAY)
    assert [name for _, name in known.holidays] == ["", "Christmas"]
    assert known.workdays.between(20807, 20814) == 3  # the week of Christmas
    assert '[[holiday]]\nday = 2026-12-25\nname = "Christmas"' in model_file.export(store)


def test_the_command_shows_asks_and_sets(
    store: Store, tmp_path: Path, kpitui: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    asked = kpitui("calendar", "set", "calendar=retail", "fiscal_year_name=first")
    assert asked.code == 1 and "2026-W47 becomes FY2026-W42" in asked.err and "--yes" in asked.err
    done = kpitui("calendar", "set", "calendar=retail", "fiscal_year_name=first", "--yes", "--why", "as the shops do")
    assert done.out == "calendar: retail (was fiscal); fiscal year named by: first (was last).\n"
    found = json.loads(kpitui("calendar", "show", "--json").out)
    assert found["now"]["month"] == {"label": "FY2026-P10", "start": "2026-11-01", "end": "2026-11-29"}
    assert "FY2026-P10" in kpitui("calendar").out
    assert "FY2026-P09" in kpitui("record", "mrr", "12", "--on", "p9").out
    file = tmp_path / "m.toml"
    file.write_text(
        '[workspace]\nweek_start = "sunday"\ncalendar = "fiscal"\n[[metric]]\nslug = "visits"\ncadence = "week"\n'
    )
    ran = kpitui("model", "diff", str(file))
    assert ran.code == 1 and "FY2026-W42 becomes 2026-W46" in ran.err and "No value is lost" in ran.err
    told = kpitui("calendar", "set", "colour=red")
    assert told.code == 1 and "no setting of the calendar" in told.err
    assert kpitui("calendar", "set", "retail_pattern=4-4").code == 1
    file = tmp_path / "holidays.csv"
    file.write_text("date,name\n2026-12-25,Christmas\n")
    assert kpitui("calendar", "holidays", str(file)).out == "Holidays of the calendar: 1 added.\n"
    assert kpitui("calendar", "holidays").out == "2026-12-25  Christmas\n"
    file = tmp_path / "days.toml"
    file.write_text('[[metric]]\nslug = "calls"\ncadence = "day"\ndays = "working"\n')
    assert kpitui("model", "apply", str(file)).code == 0
    assert "\nExpected on working days only: Calls.\n" in kpitui("calendar").out
    assert json.loads(kpitui("calendar", "show", "--json").out)["working_metrics"] == ["calls"]
    file = tmp_path / "holidays.csv"
    file.write_text("name,from,to\nA,2026-01-01,2026-01-31\nB,2026-01-31,2026-02-28\n")
    ran = kpitui("calendar", "import", str(file), "--yes")
    assert ran.code == 1 and "overlap" in ran.err
