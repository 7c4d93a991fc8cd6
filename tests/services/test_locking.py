"""Signing a review locks the limits it judged by; what comes later is judged by them until somebody draws new ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from kpitui.domain.periods import Calendar
from kpitui.errors import Refused
from kpitui.services import history, model_file, review, signing
from kpitui.services.book import Book
from kpitui.services.detail import detail
from kpitui.services.history import undo
from kpitui.services.locking import plan, standing
from kpitui.services.overview import scorecard
from kpitui.services.phases import latest_of
from kpitui.services.redrawing import read_typed, redraw
from kpitui.services.review_session import session
from kpitui.services.signals import signals
from kpitui.storage.store import Store
from tests.conftest import Ran
from tests.workspace import build, join, record

TODAY = 20777  # 2026-11-20
CAL = Calendar()
MODEL = "".join(
    f'[[metric]]\nslug = "{slug}"\nname = "{name}"\nkind = "level"\ncadence = "{cadence}"\n'
    for slug, name, cadence in (
        ("calm", "Calm", "week"),
        ("few", "Few", "week"),
        ("grows", "Grows", "week"),
        ("shift", "Shifted", "week"),
        ("same", "Same", "week"),
        ("odd", "Odd", "week"),
        ("ice", "Ice", "month"),
    )
)
NOISE = "10 12 11 9 10 11 9 10 12 9 11 10 11 9 10 12 9 11 10 12 9 10 11 9 12 10"
ICE = "2 3 8 12 25 40 55 52 28 14 5 3"
POINTS = f"""
calm 2026-W11 50 51 52 50 51 52 50 51 52 50
calm 2026-W21 {NOISE}
few 2026-W40 5 6 5 7 5 6 7
grows 2026-W21 {" ".join(str(100 + 9 * week + 3 * (week % 3)) for week in range(26))}
shift 2026-W21 10 12 11 9 10 11 9 10 12 9 11 10 11 9 10 12 9 11 20 22 21 19 20 21 19 20
same 2026-W21 {" ".join("7" for _ in range(26))}
odd 2026-W21 10 12 11 9 10 11 9 10 12 9 11 10 11 9 10 12 9 11 10 12 9 10 11 9 12 99?
ice 2023-01 {" ".join([ICE] * 4)[:-8]}
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return build(tmp_path, MODEL, POINTS)


def sign(store: Store, today: int = TODAY) -> signing.Signed:
    return signing.sign(store, review.start(store, "weekly", today).id, 8, today)


def limits(store: Store, slug: str, today: int = TODAY) -> tuple[float, float]:
    found = detail(store, today, slug).limits
    assert found is not None
    return found.centre, found.reach


def test_what_a_review_judged_locks_with_it_and_the_minutes_say_what_was_left(store: Store) -> None:
    seen = {slug: limits(store, slug) for slug in ("calm", "shift")}
    number = review.start(store, "weekly", TODAY).id
    before = session(store, number, TODAY).locking
    assert [one.name for one in before.locks] == ["Calm", "Shifted"]
    assert [(one.name, one.reason) for one in before.left] == [
        ("Few", "few"),
        ("Grows", "trend"),
        ("Same", "level"),
        ("Odd", "doubt"),
        ("Ice", "season"),
    ]
    done = signing.sign(store, number, 8, TODAY)
    assert done.sentence.endswith(" · minutes in reviews/2026-W47-weekly.md · limits of 2 metrics locked")
    assert "## Natural limits\n\n- Locked, made of W22 to W46: Calm, Shifted\n" in done.minutes
    assert "- Not locked, the values follow a trend: Grows\n" in done.minutes
    assert "Few" not in done.minutes.partition("## Natural limits")[2]
    assert store.rows("SELECT summary FROM txn ORDER BY id DESC LIMIT 1") == [
        ("Weekly review W47, limits of 2 metrics locked",)
    ]
    # They are the limits that were seen before, and stay so whatever comes.
    assert {slug: limits(store, slug) for slug in seen} == seen
    assert not session(store, number, TODAY).locking.locks
    record(store, "calm 2026-W47 13 13 14 13 14 13 14 13")
    later = TODAY + 60
    assert limits(store, "calm", later) == seen["calm"]
    row = next(row for row in scorecard(store, later).metrics if row.slug == "calm")
    assert row.signal is not None and row.signal.rule == "near"
    # A shift is proposed as before, and nothing does anything about it.
    assert detail(store, later, "calm").proposed is not None
    assert sign(store, later).minutes.count("Locked, made of") == 0


def test_the_log_says_what_was_locked_and_why(store: Store) -> None:
    sign(store)
    redraw(store, "shift", read_typed("lock W45", CAL, TODAY, "week"), TODAY)
    told = [(line.on, line.old, line.new) for line in history.log(store, TODAY).lines if line.what == "limits"]
    assert told == [
        ("Shifted", "locked at W46", "locked at W45"),
        ("Shifted", "", "locked, made of W22 to W46: weekly review W47"),
        ("Calm", "", "locked, made of W22 to W46: weekly review W47"),
    ]


def test_limits_are_let_go_by_hand_and_lock_anew_with_the_next_review(store: Store) -> None:
    sign(store)
    seen = limits(store, "calm")
    record(store, "calm 2026-W47 13")
    assert redraw(store, "calm", read_typed("unlock", CAL, TODAY, "week"), TODAY).sentence.endswith(
        "until a review is signed"
    )
    assert limits(store, "calm", TODAY + 4) != seen
    undo(store)
    assert limits(store, "calm", TODAY + 4) == seen
    redraw(store, "calm", read_typed("unlock", CAL, TODAY, "week"), TODAY)
    assert "made of W23 to W47: Calm" in sign(store, TODAY + 7).minutes


def test_a_phase_that_somebody_drew_locks_once_it_is_firm(store: Store) -> None:
    redraw(store, "calm", read_typed("from W39 ; moved", CAL, TODAY, "week"), TODAY)
    assert "Calm" not in sign(store).minutes.partition("## Natural limits")[2]
    record(store, "calm 2026-W47 10 11 9 12")
    assert "made of W39 to W50: Calm" in sign(store, TODAY + 28).minutes
    (row,) = Book(store, TODAY + 28).phases[1]
    assert row.who == "ana" and row.why == "moved" and row.locked is not None


def test_a_lock_is_no_border_for_earlier_values_and_other_grains(store: Store) -> None:
    monthly = signals(store, TODAY, "calm", grain="month").limits
    sign(store)
    (phase,) = signals(store, TODAY, "calm").phases
    assert (phase.first, phase.end, phase.made_of) == (11, 36, (11, 36))
    assert signals(store, TODAY, "calm", grain="month").limits == monthly
    assert detail(store, TODAY, "calm", grain="month").standing == ""


def test_every_face_says_whether_limits_are_locked(
    store: Store, kpitui: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    book = Book(store, TODAY)
    metric = {row.slug: row for row in book.metrics.values()}
    assert standing(book, metric["calm"]) == "not locked yet: of the last 26 periods, until a review is signed"
    assert standing(book, metric["grows"]).startswith("not locked yet: the values follow a trend, so they stay")
    assert standing(book, metric["few"]) == ""
    told = kpitui("signals", "calm").out
    assert "All 36 values make these limits" in told and "the last 26" in told
    kpitui("review", "start")
    shown = json.loads(kpitui("review", "show", "--json").out)
    assert shown["limits"][0] == "locked, made of W22 to W46: Calm, Shifted"
    kpitui("review", "sign")
    assert standing(Book(store, TODAY), metric["calm"]) == "locked, made of W22 to W46"
    assert "Locked, weekly review W47; earlier values are not judged:" in kpitui("signals", "calm").out
    (phase,) = json.loads(kpitui("signals", "calm", "--json").out)["phases"]
    assert (phase["locked"], phase["who"], phase["why"]) == (True, None, "weekly review W47")


def test_whoever_leads_a_review_locks_and_draws_nothing(store: Store) -> None:
    from kpitui.services import members

    members.add(store, "ana", "admin")
    members.add(store, "cy", "contributor")
    other = join(store, "cy")
    assert "limits of 2 metrics locked" in sign(other).sentence


def test_a_lock_is_no_set_up(store: Store) -> None:
    text = model_file.export(store)
    sign(store)
    assert model_file.export(store) == text
    assert not model_file.diff(store, model_file.read(text, "m.toml"), prune=True)


def test_a_border_inside_what_was_locked_takes_the_lock_away(store: Store) -> None:
    sign(store)
    for typed in ("from W15 ; moved", "unlock"):
        with pytest.raises(Refused) if typed == "unlock" else nullcontext():
            redraw(store, "calm", read_typed(typed, CAL, TODAY, "week"), TODAY)
    assert [(one.first, one.made_of) for one in signals(store, TODAY, "calm").phases] == [(0, (0, 4)), (4, (4, 36))]
    undo(store)
    assert signals(store, TODAY, "calm").phases[0].made_of == (11, 36)
    with pytest.raises(Refused, match="one phase only"):
        redraw(store, "calm", read_typed("join ; no", CAL, TODAY, "week"), TODAY)


def test_what_a_screen_shows_is_what_its_lock_keeps(store: Store) -> None:
    seen = limits(store, "calm")
    redraw(store, "calm", read_typed("lock", CAL, TODAY, "week"), TODAY, last=26)
    assert limits(store, "calm") == seen and len(signals(store, TODAY, "calm").phases) == 1
    redraw(store, "calm", read_typed("lock W40 ; calm then", CAL, TODAY, "week"), TODAY, last=26)
    (row,) = Book(store, TODAY).phases[1]
    assert (row.why, row.who) == ("calm then", "")


def test_a_list_that_is_judged_again_finds_what_reading_all_values_finds(store: Store) -> None:
    sign(store)
    record(store, "calm 2026-W47 " + " ".join(["11"] * 40))
    later = TODAY + 280
    first, again = (Book(store, later) for _ in range(2))
    metric = next(row for row in first.metrics.values() if row.slug == "calm")
    for count in (26, 41):
        found = latest_of(first, metric, first.last_cells(metric.id, count), str)
        assert found == latest_of(again, metric, again.last_cells(metric.id, count), str)
        assert found is not None and found.rule == "run" and found.sentence.startswith("40 values in a row")


def test_a_value_to_check_makes_no_limits_in_detail(store: Store) -> None:
    centre, reach = limits(store, "odd")
    assert centre < 11 and reach < 6  # 99 among values around 10 makes them 14 and 14.


def test_nothing_is_locked_twice(store: Store) -> None:
    sign(store)
    assert not plan(Book(store, TODAY), scorecard(store, TODAY).metrics).locks


def test_minutes_that_are_signed_again_still_say_what_the_review_locked(store: Store) -> None:
    number = review.start(store, "weekly", TODAY).id
    told = signing.sign(store, number, 8, TODAY).minutes.partition("## Natural limits")[2].partition("Numbers of")[0]
    signing.reopen(store, number, "a line was missing")
    redraw(store, "shift", read_typed("unlock", CAL, TODAY, "week"), TODAY)
    again = session(store, number, TODAY).locking
    assert ([one.name for one in again.locks], [one.name for one in again.kept]) == (["Shifted"], ["Calm"])
    done = signing.sign(store, number, 8, TODAY)
    assert done.minutes.partition("## Natural limits")[2].partition("Numbers of")[0] == told
    assert done.sentence.endswith("limits of 1 metric locked")
    signing.reopen(store, number, "and another")
    join(store, "ana")
    redraw(store, "calm", read_typed("lock W30 ; by hand", CAL, TODAY, "week"), TODAY, last=26)
    assert "Locked, made of W22 to W30: Calm\n- Locked, made of W22 to W46: Shifted" in draft(store, number)


def draft(store: Store, number: int) -> str:
    return signing.draft_minutes(store, number, TODAY)


def test_limits_whose_values_were_corrected_say_that_they_are_others_now(
    store: Store, kpitui: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(store)
    seen = limits(store, "calm")
    store.reason = "typo"
    record(store, "calm 2026-W47 13")
    assert detail(store, TODAY + 4, "calm").standing == "locked, made of W22 to W46"
    record(store, "calm 2026-W30 30 11")
    assert limits(store, "calm", TODAY + 4) != seen
    said = "reworked since 1 of their values was corrected, on 20 Nov"
    assert detail(store, TODAY + 4, "calm").standing == f"locked, made of W22 to W46; {said}"
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-24")
    assert said in " ".join(kpitui("signals", "calm").out.split())
