"""Phases as people draw them: proposed, never done; the same limits in every face; news since the last review."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kpitui.domain.periods import Calendar, iso, parse_label
from kpitui.domain.problem import Problem
from kpitui.errors import Conflict, Refused
from kpitui.services.book import Book
from kpitui.services.detail import Detail, detail
from kpitui.services.history import undo
from kpitui.services.overview import scorecard
from kpitui.services.phases import news
from kpitui.services.redrawing import Typed, read_typed, redraw
from kpitui.services.signals import signals
from kpitui.storage.store import Store
from tests.conftest import Ran
from tests.workspace import build, join, record

TODAY = 20777  # 2026-11-20
CAL = Calendar()
MODEL = """
[[metric]]
slug = "temp"
name = "Temperature"
kind = "level"
cadence = "week"
"""
OLD = "10 12 11 9 10 11 9 10 12 9 11 10 11 9 10 12 9 11"
NEW = "20 22 21 19 20 21 19 20"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """18 weeks around 10 and 8 around 20, the last of them W46; W47 runs."""
    return build(tmp_path, MODEL, f"temp 2026-W21 {OLD} {NEW}")


def say(store: Store, text: str) -> str:
    return redraw(store, "temp", read_typed(text, CAL, TODAY, "week"), TODAY).sentence


def seen(store: Store, last: int = 26) -> Detail:
    return detail(store, TODAY, "temp", last=last)


def signal(store: Store) -> str | None:
    (row,) = scorecard(store, TODAY).metrics
    return row.signal.rule if row.signal else None


def test_a_shift_is_proposed_and_nothing_is_done(store: Store) -> None:
    view = seen(store)
    assert view.proposed is not None and view.values[view.proposed.points[0]].label == "W39"
    assert len(view.phases) == 1 and not view.drawn and signal(store) is not None
    assert store.rows("SELECT count(*) FROM phase") == [(0,)]


def test_a_phase_judges_what_follows_by_its_own_limits_in_every_face(store: Store) -> None:
    said = say(store, "from W39 ; new thermostat")
    assert said == "Limits of Temperature are drawn anew from W39 on (8 values, provisional below 12)"
    view, chart = seen(store), signals(store, TODAY, "temp")
    assert signal(store) is None and view.proposed is None and chart.proposed is None
    assert [(one.first, one.end) for one in chart.phases] == [(0, 18), (18, 26)]
    assert view.limits is not None and view.limits.centre == pytest.approx(20.25)
    assert view.limits == chart.limits and view.drawn == chart.drawn and view.drawn[0].why == "new thermostat"
    # A shorter span shows the same limits, though it has fewer of their values.
    assert seen(store, 13).limits == view.limits
    undo(store)
    assert len(seen(store).phases) == 1
    say(store, "from W39 ; new thermostat")
    record(store, "temp 2026-W47 40")
    later = scorecard(store, TODAY + 5).metrics[0]
    assert later.signal is not None and later.signal.rule == "outside"
    assert later.series[later.signal.index].value == 40


def test_a_lock_keeps_the_limits_whatever_comes(store: Store) -> None:
    assert say(store, "lock W38") == "Limits of Temperature are locked at W38 (18 values)"
    locked = seen(store).limits
    assert locked is not None and locked.n == 18 and locked.centre == pytest.approx(10.3333, abs=1e-4)
    record(store, "temp 2026-W47 90")
    assert detail(store, TODAY + 5, "temp").limits == locked
    assert signal(store) == "outside"
    assert say(store, "unlock") == "Limits of Temperature are made of all values of the phase again"
    assert not seen(store).drawn


def test_the_current_phase_is_locked_joined_and_backed_out_of(store: Store) -> None:
    say(store, "from W30 ; moved")
    say(store, "lock W37 ; enough of them")
    row = seen(store).drawn[0]
    assert row.locked == parse_label("2026-W37", CAL)[1].end and row.why == "moved"
    say(store, "from W39 ; new thermostat")
    assert [(one.first, one.made_of) for one in signals(store, TODAY, "temp").phases] == [
        (0, (0, 9)),
        (9, (9, 17)),
        (18, (18, 26)),
    ]
    say(store, "join ; it was the sun")
    assert len(seen(store).drawn) == 1
    say(store, "unlock")
    assert seen(store).drawn[0].locked is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("from W39", "for a reason"),
        ("from ; why", "which period"),
        ("again", "Type from PERIOD"),
        ("unlock W3", "takes no period"),
        ("join", "for a reason"),
    ],
)
def test_what_was_typed_is_refused_with_what_to_type(text: str, said: str) -> None:
    with pytest.raises(Problem, match=said):
        read_typed(text, CAL, TODAY, "week")


def test_limits_that_a_colleague_drew_or_locked_meanwhile_are_not_gone_over(store: Store) -> None:
    def go(store: Store, text: str, stood: Detail) -> None:
        redraw(store, "temp", read_typed(text, CAL, TODAY, "week"), TODAY, seen=stood.limits_seen)

    none = seen(store)
    with join(store, "bo") as bo:
        go(bo, "from W39 ; new sensor", none)
        with pytest.raises(
            Conflict, match=r"bo at .* changed the limits of Temperature: now drawn from W39 on \(new s"
        ):
            go(store, "lock", none)
        drawn = seen(store)
        go(store, "lock W45", drawn)
        with pytest.raises(Conflict, match=r"ana at .*: now locked at W45 \(new sensor\)\. NOT saved"):
            go(bo, "join ; no sensor", drawn)
        go(bo, "join ; no sensor", seen(store))
        with pytest.raises(Conflict, match=r"bo at .*: now they move with new values"):
            go(store, "from W40 ; mine", drawn)
    assert (
        not seen(store).drawn
        and store.one("SELECT summary FROM txn ORDER BY id DESC") == "limits of Temperature from W39"
    )


def test_what_makes_no_limits_is_refused(store: Store) -> None:
    for text, said in (
        ("from W21 ; all of it", "behind the first value"),
        ("from 2026-W47 ; tomorrow", "behind the first value and not behind the last"),
        ("lock W24", "Limits need 6 values"),
        ("unlock", "are not locked"),
        ("join ; no", "one phase only"),
    ):
        with pytest.raises(Refused, match=said):
            say(store, text)
    say(store, "from W39 ; once")
    with pytest.raises(Refused, match="already"):
        say(store, "from W39 ; twice")
    assert store.rows("SELECT count(*) FROM phase") == [(1,)]
    assert read_typed("lock", CAL, TODAY, "week") == Typed("lock", None, "")


def test_periods_of_which_something_is_missing_are_no_evidence_in_any_face(tmp_path: Path) -> None:
    """Days that make weeks, without Sundays: their means are shown as partial, and nothing judges them."""
    from kpitui.services import model_file

    days = MODEL.replace('"level"', '"index"').replace('"week"', '"day"')
    weeks = [" ".join([str(20 + week * 7 % 5)] * 6) + " -" for week in range(20)]
    weeks[19] = weeks[19].replace("2", "9")
    store = build(tmp_path, days, f"temp 2026-06-29 {' '.join(weeks)}")
    model_file.apply(store, model_file.read(days.replace('"day"', '"week"'), "m.toml"))
    (row,) = scorecard(store, TODAY).metrics
    view = seen(store)
    assert row.value is not None and row.partial and view.values[-2].cell.value is not None
    assert row.signal is None and view.limits is None and signals(store, TODAY, "temp").limits is None


def test_phases_travel_in_the_model_file(store: Store, tmp_path: Path) -> None:
    from kpitui.services import model_file

    say(store, "from W39 ; new thermostat")
    say(store, "lock W45")
    text = model_file.export(store)
    assert '[[phase]]\nmetric = "temp"\nfrom = 2026-09-21\nlocked = 2026-11-09\nwhy = "new thermostat"' in text
    assert not model_file.diff(store, model_file.read(text, "m.toml"))
    (tmp_path / "b").mkdir()
    other = build(tmp_path / "b", text, f"temp 2026-W21 {OLD} {NEW}")
    assert model_file.export(other) == text and seen(other).limits == seen(store).limits
    changed = text.replace("2026-11-09", "2026-11-16")
    model_file.apply(other, model_file.read(changed, "m.toml"))
    assert seen(other).drawn[0].locked == seen(store).drawn[0].locked + 7  # type: ignore[operator]


def test_news_is_what_was_completed_since_a_day(store: Store) -> None:
    book = Book(store, TODAY)
    (row,) = scorecard(store, TODAY).metrics
    w38, w46 = (parse_label(f"2026-W{n}", CAL)[1].end for n in (38, 46))
    found = news(book, row, w38, str)
    assert found is not None and row.series[found.index].span.end > w38
    assert news(book, row, w46, str) is None


def test_the_command_draws_locks_and_says_so(
    store: Store, kpitui: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    told = kpitui("signals", "temp").out
    assert "kpitui signals temp --split 2026-09-21 --why" in told
    assert kpitui("signals", "temp", "--split", "W39").code == 2
    done = kpitui("signals", "temp", "--split", "W39", "--why", "new thermostat")
    assert done.code == 0 and done.out.startswith("Limits of Temperature are drawn anew from W39 on")
    found = json.loads(kpitui("signals", "temp", "--json").out)
    assert [one["why"] for one in found["phases"]] == [None, "new thermostat"]
    assert found["phases"][1]["locked"] is False and found["phases"][1]["start"] == "2026-09-21"
    assert kpitui("signals", "temp", "--lock").out.startswith("Limits of Temperature are locked at W46")
    assert json.loads(kpitui("signals", "temp", "--json").out)["phases"][1]["locked"] is True
    assert kpitui("signals", "temp", "--unlock").code == 0
    assert kpitui("signals", "temp", "--unlock").code == 1
    # Limits to look at change nothing that was drawn.
    looked = json.loads(kpitui("signals", "temp", "--lock", "2026-W21..2026-W32", "--json").out)
    assert len(looked["phases"]) == 1 and iso(TODAY) == "2026-11-20"
