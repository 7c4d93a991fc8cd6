"""Saving values: what is read, refused, doubted, said, and what then stands in the file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.periods import Calendar, Span, parse_label, to_day
from kpitui.domain.problem import Problem
from kpitui.errors import Conflict, NotFound, Refused
from kpitui.services import entry
from kpitui.storage import points, reading, settings
from kpitui.storage.changes import log
from kpitui.storage.store import Store
from kpitui.storage.undo import undo
from tests.workspace import build, join

TODAY = to_day(date(2026, 11, 20))
MODEL = """
[[metric]]
slug = "cac"
name = "CAC"
unit = "currency"
kind = "level"
cadence = "week"
direction = "down"
hard_min = 0
good_high = 400

[[metric]]
slug = "visits"
name = "Site visits"
kind = "flow"
cadence = "week"
hard_min = 0

[[metric]]
slug = "rate"
name = "Conversion"
unit = "percent"
kind = "level"
cadence = "week"
hard_min = 0
hard_max = 1

[[metric]]
slug = "orders"
kind = "flow"
cadence = "month"

[[metric]]
slug = "share"
kind = "ratio"
unit = "percent"
numerator = "orders"
denominator = "visits"

[[metric]]
slug = "twice"
kind = "flow"
formula = "visits * 2"
"""
POINTS = """
cac 2026-W38 395 401 398 402 409 400 396 402 398
visits 2026-W38 52 50 51 53 52 54 53 55 52
rate 2026-W38 0.029 0.030 0.031 0.030 0.029 0.030 0.029 0.030 0.031
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return build(tmp_path, MODEL, POINTS)


def week(text: str = "W47") -> Span:
    return parse_label(f"2026-{text}", Calendar())[1]


def put(store: Store, slug: str, text: str, period: str = "W47", **kw: object) -> entry.Recorded:
    return entry.record_value(store, slug, week(period), text, today=TODAY, screen=True, **kw)  # type: ignore[arg-type]


def row(store: Store, slug: str, period: str = "W47") -> points.PointRow:
    metric = reading.metric(store, slug)
    assert metric is not None
    return points.between(store, metric.id, week(period).start, week(period).end)[0]


def test_a_value_is_saved_and_judged(store: Store) -> None:
    done = put(store, "cac", "412")
    assert (done.rev, done.label, done.status, row(store, "cac").value) == (1, "2026-W47", "at_risk", 412)
    assert done.sentence.startswith("Saved CAC W47 = $412 (was empty) · watch: $412 misses")


def test_good_news_is_silent(store: Store) -> None:
    assert put(store, "cac", "397").sentence == "Saved CAC W47 = $397 (was empty)"


def test_a_correction_says_what_it_was_and_keeps_it(store: Store) -> None:
    done = put(store, "cac", "399 ; typo", "W46")
    assert done.sentence.startswith("Saved CAC W46 = $399 (was $398)")
    assert (done.rev, row(store, "cac", "W46").note) == (2, "typo")
    metric = reading.metric(store, "cac")
    assert metric is not None
    assert [one.value for one in points.history(store, metric.id, week("W46").start)] == [398, 399]


def test_the_same_value_writes_nothing(store: Store) -> None:
    done = put(store, "cac", "398", "W46")
    assert (done.changed, done.rev, done.sentence) == (False, 1, "CAC W46 is $398 already")


@pytest.mark.parametrize(
    ("text", "value"), [("+5", 403), ("-5", 393), ("+5%", 417.9), ('"', 398), ("=9*31+4", 283), ("0.4k", 400)]
)
def test_what_may_be_typed(store: Store, text: str, value: float) -> None:
    assert put(store, "cac", text).value == pytest.approx(value)


def test_percent_points_are_typed_and_fractions_kept(store: Store) -> None:
    assert put(store, "rate", "3.1").value == 0.031


@pytest.mark.parametrize(("text", "said"), [("3..1", "Not a number"), ("101%", "above 100%"), ("-1%", "below 0%")])
def test_what_cannot_be_right_is_refused(store: Store, text: str, said: str) -> None:
    slug = "rate"
    with pytest.raises(Problem, match=said):
        entry.record_value(store, slug, week(), text, today=TODAY)
    metric = reading.metric(store, slug)
    assert metric is not None and points.between(store, metric.id, week().start, week().end) == []


def test_ten_times_the_usual_is_saved_with_a_mark(store: Store) -> None:
    done = put(store, "visits", "530")
    assert done.odd and row(store, "visits").odd == 1
    assert "check it: looks like × 10, 530 against the median of the last 5" in done.sentence


def test_a_note_explains_an_odd_value(store: Store) -> None:
    assert not put(store, "visits", "530 ; fair in Linz").odd
    assert row(store, "visits").note == "fair in Linz"


def test_typing_an_odd_value_again_accepts_it(store: Store) -> None:
    put(store, "visits", "530")
    done = put(store, "visits", "530")
    assert not done.odd and done.sentence == "Accepted Site visits W47 = 530"


def test_an_odd_value_is_accepted_or_replaced(store: Store) -> None:
    put(store, "visits", "530")
    assert not entry.accept_odd(store, "visits", week(), today=TODAY).odd
    assert (row(store, "visits").odd, row(store, "visits").rev) == (0, 2)
    put(store, "visits", "5300")
    assert row(store, "visits").odd == 1
    assert not put(store, "visits", "53").odd


def test_accepting_nothing_says_so(store: Store) -> None:
    with pytest.raises(NotFound, match="no value there"):
        entry.accept_odd(store, "visits", week(), today=TODAY)


def test_outside_the_usual_band_is_only_said(store: Store) -> None:
    done = put(store, "visits", "70")
    assert not done.odd and " · outside the usual " in done.sentence


def test_none_on_purpose_keeps_its_reason(store: Store) -> None:
    done = entry.set_none(store, "cac", week(), "office closed", today=TODAY)
    assert done.sentence == "Saved CAC W47 = none (was empty)"
    assert (row(store, "cac").state, row(store, "cac").note) == (points.NONE, "office closed")


def test_clearing_empties_and_clearing_nothing_writes_nothing(store: Store) -> None:
    assert entry.clear(store, "cac", week("W46"), today=TODAY).sentence == "Emptied CAC W46 (was $398)"
    assert row(store, "cac", "W46").state == points.CLEARED
    lines = len(log(store, limit=100))
    assert not entry.clear(store, "cac", week(), today=TODAY).changed
    assert len(log(store, limit=100)) == lines


def test_somebody_elses_newer_value_is_not_overwritten(store: Store) -> None:
    with join(store, "dee") as hers:
        put(hers, "cac", "405", "W46")
    with pytest.raises(Conflict, match=r"dee saved 405 at .* NOT saved"):
        put(store, "cac", "399", "W46", if_rev=1)
    assert row(store, "cac", "W46").value == 405
    assert put(store, "cac", "399", "W46", if_rev=2).rev == 3


def test_a_conflict_comes_as_a_value_for_screens(store: Store) -> None:
    put(store, "cac", "405", "W46")
    refused = entry.attempt(store, entry.record_value, "cac", week("W46"), "399", today=TODAY, if_rev=1)
    assert isinstance(refused, entry.NotSaved) and refused.conflict
    wrong = entry.attempt(store, entry.record_value, "cac", week("W46"), "x1", today=TODAY)
    assert isinstance(wrong, entry.NotSaved) and not wrong.conflict and "Not a number" in wrong.sentence


@pytest.mark.parametrize(
    ("slug", "period", "said"),
    [
        ("orders", "W47", "one value a month, 2026-W47 is a week: name a month, like 2026-11"),
        ("cac", "11", "one value a week, 2026-11 is a month"),
        ("cac", "W48", "2026-W48 has not begun"),
        ("share", "W47", "worked out as orders / visits: enter those instead"),
        ("twice", "W47", r"worked out as visits \* 2: enter those instead"),
    ],
)
def test_what_has_no_such_value(store: Store, slug: str, period: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        entry.record_value(store, slug, week(period), "5", today=TODAY)


@pytest.mark.parametrize(("slug", "near"), [("visit", "visits"), ("Site visit", "visits"), ("cca", "cac")])
def test_an_unknown_metric_suggests_the_nearest(store: Store, slug: str, near: str) -> None:
    with pytest.raises(NotFound, match=f"Did you mean {near}\\?"):
        entry.record_value(store, slug, week(), "5", today=TODAY)


def test_many_are_one_change_and_one_undo(store: Store) -> None:
    ids = {slug: reading.metric(store, slug) for slug in ("cac", "visits")}
    cells = [entry.Cell(one.id, week(), text, 0) for one, text in zip(ids.values(), ("399", "540"), strict=True) if one]
    done = entry.save_many(store, cells, today=TODAY)
    assert done.sentence == "Saved 2 values · 1 to check"
    undo(store)
    assert [row(store, slug).value for slug in ids] == [None, None]


def test_many_with_one_that_cannot_be_save_nothing(store: Store) -> None:
    cac, visits = (reading.metric(store, slug) for slug in ("cac", "visits"))
    assert cac and visits
    with pytest.raises(Problem):
        entry.save_many(store, [entry.Cell(cac.id, week(), "399"), entry.Cell(visits.id, week(), "3..1")], today=TODAY)
    assert points.between(store, cac.id, week().start, week().end) == []


def test_emptying_a_block_says_so(store: Store) -> None:
    cac = reading.metric(store, "cac")
    assert cac
    cells = entry.many_to_clear([(cac.id, week(name), 1) for name in ("W45", "W46")])
    assert entry.save_many(store, cells, today=TODAY, what="clear").sentence == "Emptied 2 values"


def test_steps_count_from_the_last_value_however_old(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, "cac 2025-W02 300")
    assert put(store, "cac", "+5").value == 305


def test_a_step_without_a_last_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="there is none: type the whole number"):
        put(build(tmp_path, MODEL), "cac", "+5")


def test_the_period_without_one_is_the_one_asked_for_and_else_the_present(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, "cac 2026-W45 400\nvisits 2026-W45 50 51")
    values = settings.load(store)

    def period(slug: str, today: int) -> Span:
        metric = reading.metric(store, slug)
        assert metric
        return entry.default_period(store, metric, today, values)

    assert period("cac", TODAY) == week("W47")  # a Friday, when weeks are asked for
    assert period("cac", TODAY - 2) == week("W46")  # a Wednesday: W46 is still missing
    assert period("visits", TODAY - 2) == week("W47")  # W46 is in
    assert period("orders", TODAY) == parse_label("2026-11", Calendar())[1]  # no value yet
