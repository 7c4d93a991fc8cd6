"""The audit of standing values: what each rule finds, what it leaves alone, and how few false alarms there are."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random

import pytest

from kpitui.domain.data_audit import BY_ID, Entry, Facts, Found, check, entered_at, gridded
from kpitui.domain.periods import Calendar, Span, boundaries, grain_of, iso, label, numbered, span_of, to_day

CAL = Calendar()
TODAY = to_day(date(2026, 11, 20))


def named(span: Span) -> str:
    grain = grain_of(span, CAL)
    return label(grain, span, CAL) if grain else f"{iso(span.start)}..{iso(span.end)}"


def facts(
    values: Sequence[float | None],
    cadence: str = "week",
    *,
    last: date = date(2026, 11, 9),
    more: Sequence[Entry] = (),
    none: Sequence[int] = (),
    adds_up: bool = False,
    stands: bool = False,
    bounds: tuple[float | None, float | None] = (None, None),
) -> Facts:
    """The values of the periods up to the one that holds `last`; None is left out."""
    end = boundaries(cadence, to_day(last), CAL)
    entries = [
        Entry(*numbered(cadence, end - len(values) + 1 + place, CAL), value)
        for place, value in enumerate(values)
        if value is not None
    ]
    found = tuple(sorted([*entries, *more]))
    return Facts(cadence, CAL, TODAY, found, frozenset(none), adds_up, stands, *bounds, lambda value: f"{value:g}",
                 named, gridded(cadence, CAL, found))  # fmt: skip


def noisy(n: int, seed: int = 1) -> list[float]:
    draw = Random(seed)
    return [round(1000 + draw.gauss(0, 50), 1) for _ in range(n)]


def rules(found: Sequence[Found]) -> list[str]:
    return [one.rule for one in found]


def test_quiet_series_say_nothing() -> None:
    for seed in range(20):
        assert check(facts(noisy(60, seed))) == []
    assert check(facts([])) == []
    assert check(facts([5.0])) == []


def test_real_series_are_nearly_silent_and_planted_slips_are_found(reference: Path) -> None:
    groups: dict[tuple[str, str], list[float]] = {}
    with (reference / "real" / "accommodation_quarterly_long.csv").open() as file:
        for row in csv.DictReader(file):
            for column in ("Takings", "Occupancy", "CPI"):
                groups.setdefault((row["State"], column), []).append(float(row[column]))
    found = [(key, one) for key, values in groups.items() for one in check(facts(values, "quarter"))]
    # The quarter of the Olympic Games in Sydney, which was real.
    assert [(key, one.rule, one.value) for key, one in found] == [(("New South Wales", "Takings"), "spike", 566.315452)]
    draw, seen, planted = Random(7), 0, 0
    for (_, column), values in groups.items():
        if column == "CPI":
            continue
        for times in (10, 0.1, 100, 2):
            place = draw.randrange(len(values) // 2, len(values) - 1)
            wrong = [value * times if at == place else value for at, value in enumerate(values)]
            planted += 1
            seen += any(one.value == wrong[place] for one in check(facts(wrong, "quarter")))
    assert seen >= 0.9 * planted


def test_a_spike_names_its_neighbours_and_its_factor() -> None:
    values = noisy(40)
    values[30] = 100_000
    (found,) = check(facts(values))
    assert found.rule == "spike" and found.value == 100_000
    assert found.text == f"100000 between {values[29]:g} and {values[31]:g}: looks like × 100"
    values[30] = 2000
    (found,) = check(facts(values))
    assert found.text == f"2000 between {values[29]:g} and {values[31]:g}"
    # The last value has no neighbour yet, a step is no spike, nor is what comes back at the same place of the season.
    assert check(facts([*noisy(40), 100_000])) == []
    assert check(facts([*noisy(20), *(value * 5 for value in noisy(20, 2))])) == []
    week = [100.0, 101, 99, 100, 102, 100, 10]
    days = [value + Random(at).gauss(0, 0.5) for at, value in enumerate(week * 12)]
    assert check(facts(days, "day", last=date(2026, 11, 19))) == []


def test_equal_values_count_only_where_values_used_to_differ() -> None:
    values = noisy(40)
    values[30:34] = [1010.5] * 4
    (found,) = check(facts(values))
    assert (found.rule, found.value) == ("run", 1010.5)
    assert found.text.startswith("1010.5 4 times in a row, 2026-W")
    values[33] = 1011.0
    assert check(facts(values)) == []
    # Small counts, prices and targets repeat themselves by nature.
    small = [float(Random(at).choice((2, 3, 3, 4))) for at in range(60)]
    assert check(facts([*small, 3.0, 3.0, 3.0, 3.0])) == []
    assert check(facts([9.9] * 20 + [10.9] * 20 + [11.9] * 20)) == []


def test_the_noise_of_small_counts_is_neither_spike_nor_run() -> None:
    draw = Random(11)
    counts = [float(sum(draw.random() < 0.05 for _ in range(100))) + 1 for _ in range(390)]
    assert check(facts(counts, "day", last=date(2026, 11, 19))) == []
    counts[200] = 300.0
    assert rules(check(facts(counts, "day", last=date(2026, 11, 19)))) == ["spike"]


def test_a_metric_of_weeks_that_is_fed_by_days_is_looked_at_by_days() -> None:
    days = tuple(Entry(day, day + 1, 10.0) for day in range(TODAY - 30, TODAY))
    week = Entry(*span_of("week", TODAY - 40, CAL), 70.0)
    assert entered_at("week", CAL, (week, *days)) == "day"
    assert entered_at("week", CAL, (week,)) == entered_at("week", CAL, ()) == "week"
    assert list(gridded("day", CAL, (week, *days))) == list(range(TODAY - 30, TODAY))
    assert len(gridded("week", CAL, (week, *days))) == 1


def test_a_rare_sign_is_asked_about() -> None:
    values = noisy(40)
    values[20] = -values[20]
    (found,) = check(facts(values))
    assert found.rule == "sign" and "is the only negative among 40: check the minus" in found.text
    swings = [value - 1000 for value in noisy(40)]
    assert check(facts(swings)) == []


def test_a_zero_far_from_all_other_values_is_asked_about_and_those_of_small_counts_and_closed_days_are_not() -> None:
    values = noisy(40)
    values[20] = 0.0
    (found,) = check(facts(values))
    assert found.rule == "zero" and found.text.endswith("none, or not known?")
    assert "zero" not in rules(check(facts([float(place * 7 % 9) for place in range(60)])))
    assert "zero" not in rules(check(facts([0.0 if place % 7 == 6 else 400.0 + place for place in range(60)], "day")))
    values[21] = 0.0
    assert "zero" not in rules(check(facts(values)))


def test_bounds_are_errors_and_hide_what_else_is_odd_about_the_value() -> None:
    values = [0.5 + value / 10_000 for value in noisy(40)]
    values[20] = 60.0
    found = check(facts(values, bounds=(0.0, 1.0)))
    assert rules(found) == ["bounds"] and found[0].text == "60 is above 1, the most this metric can be"
    assert BY_ID[found[0].rule].severity == "error"
    assert check(facts([-1.0, 2.0], bounds=(0.0, None)))[0].text == "-1 is below 0, the least this metric can be"


def test_a_level_that_never_fell_and_does() -> None:
    values = [10_000.0 + 37 * at for at in range(40)]
    values[30] = values[29] - 5
    assert rules(check(facts(values, stands=True))) == ["falls"]
    assert check(facts(values, stands=False)) == []
    values[20] = values[19] - 5
    assert check(facts(values, stands=True)) == [], "it falls now and then"


def test_what_has_not_begun_and_what_was_meant() -> None:
    hole = span_of("week", to_day(date(2026, 10, 7)), CAL)
    next_year = Entry(*span_of("week", to_day(date(2027, 10, 14)), CAL), 1003.0)
    values: list[float | None] = list(noisy(40))
    values[-1 - (to_day(date(2026, 11, 9)) - hole.start) // 7] = None
    found = check(facts(values, more=[next_year]))
    assert rules(found) == ["future", "gap"]
    assert found[0].text == "1003 for 2027-W41, which has not begun"
    assert found[0].guess == hole
    assert found[1].text == "nothing for 2026-W41"
    assert "gap" not in rules(check(facts(values, more=[next_year], none=[found[1].start])))


def test_dates_that_were_mistyped() -> None:
    days: list[float | None] = list(noisy(120))
    last = date(2026, 11, 19)
    hole = to_day(date(2026, 9, 10))
    days[119 - (to_day(last) - hole)] = None

    def found(day: date, value: float = 1001.0) -> list[Found]:
        entry = Entry(to_day(day), to_day(day) + 1, value)
        return [one for one in check(facts(days, "day", last=last, more=[entry])) if one.rule in ("typo", "future")]

    swapped, other_year = found(date(2026, 10, 9)), found(date(2025, 9, 10))
    assert swapped == [], "it would stand where another value stands, not alone"
    assert [one.guess for one in other_year] == [Span(hole, hole + 1)]
    assert "stands alone in 2025-09-10: meant for 2026-09-10?" in other_year[0].text
    # A value that would not fit there was not meant for it.
    assert found(date(2025, 9, 10), 9.0) == []
    hole = to_day(date(2026, 9, 3))
    days = list(noisy(90))
    days[89 - (to_day(last) - hole)] = None
    assert [one.guess for one in found(date(2026, 3, 9))] == [Span(hole, hole + 1)], "day and month swapped"


def test_the_newest_value_may_be_two_periods_ahead() -> None:
    values: list[float | None] = list(noisy(30))
    found = check(facts([*values, None, 1002.0], last=date(2026, 11, 20)))
    assert rules(found) == ["typo", "gap"] and named(found[0].guess or Span(0, 0)) == "2026-W46"
    assert found[0].text == "2026-W47 has a value before it is over, and 2026-W46 has none"


def test_days_in_two_values_and_parts_that_do_not_add_up() -> None:
    sunday = to_day(date(2026, 10, 4))
    off = Entry(sunday, sunday + 7, 990.0)
    found = check(facts(noisy(30), more=[off]))
    assert rules(found) == ["overlap", "grid"]
    assert "2026-10-04..2026-10-11 and 2026-W41 share days, and 1 more such pairs" == found[0].text
    assert found[1].text == "2026-10-04 to before 2026-10-11: no period of the calendar"
    week = span_of("week", to_day(date(2026, 10, 7)), CAL)
    days = [Entry(day, day + 1, 10.0) for day in range(*week)]
    assert check(facts([70.0], last=date(2026, 10, 7), more=days, adds_up=True)) == []
    (wrong,) = check(facts([80.0], last=date(2026, 10, 7), more=days, adds_up=True))
    assert (wrong.rule, wrong.text) == ("sum", "80, and its 7 parts add up to 70")
    assert check(facts([80.0], last=date(2026, 10, 7), more=days[1:], adds_up=True)) == [], "not all parts are there"
    assert check(facts([80.0], last=date(2026, 10, 7), more=days)) == [], "a level is not added up"


def test_leaving_out_as_a_habit_is_no_gap() -> None:
    workdays: list[float | None] = [None if at % 7 > 4 else value for at, value in enumerate(noisy(70))]
    assert check(facts(workdays, "day", last=date(2026, 11, 19))) == []


def test_a_value_marked_at_entry_waits_with_what_was_odd_about_it() -> None:
    start, end = span_of("week", to_day(date(2026, 11, 17)), CAL)
    found = check(facts(noisy(40), more=[Entry(start, end, 10_400.0, True)]))
    assert rules(found) == ["odd"] and "looks like × 10" in found[0].text


@pytest.mark.parametrize("times", [1e-9, 1e9])
def test_scale_does_not_matter(times: float) -> None:
    values = noisy(40)
    values[30] = 5000
    assert rules(check(facts([value * times for value in values]))) == ["spike"]
