"""Why a metric moved: formulas, ratios, sums of drivers, segments, and what cannot be worked out."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.periods import Calendar, parse_label, to_day
from kpitui.domain.problem import Problem
from kpitui.errors import NotFound
from kpitui.services.why import Why, why, why_between
from kpitui.storage import points, reading
from kpitui.storage.store import Store
from tests.workspace import build, record

TODAY = to_day(date(2026, 11, 20))


def metric(slug: str, *lines: str, cadence: str = "week") -> str:
    return "\n".join(["[[metric]]", f'slug = "{slug}"', f'cadence = "{cadence}"', *lines, ""])


def ratio(slug: str, top: str, bottom: str, *lines: str) -> str:
    return metric(
        slug, 'unit = "percent"', 'kind = "ratio"', f'numerator = "{top}"', f'denominator = "{bottom}"', *lines
    )


MODEL = "\n".join(
    [
        metric("visits", 'name = "Visits"', cadence="day"),
        metric("orders", 'name = "Orders"'),
        metric("order_value", 'name = "Order value"', 'unit = "currency"', 'kind = "level"'),
        ratio("conversion", "orders", "visits", 'name = "Conversion"'),
        metric(
            "revenue", 'name = "Revenue"', 'unit = "currency"', 'kind = "flow"',
            'formula = "visits * conversion * order_value"',
        ),
        metric("profit", 'unit = "currency"', 'kind = "flow"', 'formula = "revenue - costs"'),
        metric("costs", 'name = "Costs"', 'unit = "currency"'),
        metric("growth", 'kind = "level"', 'formula = "orders - lag(orders, 1)"'),
        metric("tricky", 'kind = "level"', 'formula = "10 / (orders - costs)"'),
        metric("leads", 'name = "Leads"'),
        metric("leads_web", 'name = "Web leads"', 'feeds = ["leads"]'),
        metric("leads_fair", 'name = "Fair leads"', 'feeds = ["leads"]'),
        metric("posts", 'name = "Posts"', 'feeds = ["leads"]'),
        metric("calls", 'name = "Calls"', 'feeds = ["demos"]'),
        metric("mails", 'name = "Mails"', 'feeds = ["demos"]'),
        metric("demos", 'name = "Demos"'),
        metric("satisfaction", 'name = "Satisfaction"', 'unit = "score"', 'kind = "index"'),
    ]
)  # fmt: skip
POINTS = """
visits 2026-11-02 1000 1000 2000 2000 1000 1500 1500 2000 2000 2000 2000 1500 1500 1000
orders 2026-W44 150 200 216
order_value 2026-W44 50 50 55
costs 2026-W44 8000 9000 9500
leads 2026-W40 10 12 14 15 11 30 40
leads_web 2026-W40 6 6 7 8 6 20 22
leads_fair 2026-W40 4 6 7 7 5 10 18
posts 2026-W40 1 2 3 4 5 6 7
demos 2026-W44 5 6 7
calls 2026-W44 50 60 70
mails 2026-W44 5 5 5
satisfaction 2026-W45 8 9
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return build(tmp_path, MODEL, POINTS)


def effects(found: Why) -> dict[str, float]:
    assert found.change is not None and found.why == ""
    assert math.fsum(part.effect for part in found.parts) == pytest.approx(found.change, rel=1e-9, abs=1e-9)
    return {part.metric.slug: part.effect for part in found.parts}


def test_the_revenue_example_over_inputs_that_were_worked_out_at_the_grain(store: Store) -> None:
    found = why(store, TODAY, "revenue", begin="2026-W45", end="2026-W46")
    assert (found.before.value, found.after.value) == pytest.approx((10_000, 11_880))
    assert effects(found) == pytest.approx({"visits": 1993.3, "conversion": -1156.7, "order_value": 1043.3}, abs=0.05)
    assert (found.method, found.made_of) == ("shapley", "visits * conversion * order_value")
    assert [(part.before, part.after) for part in found.parts][:2] == [(10_000, 12_000), pytest.approx((0.02, 0.018))]
    by_factors = why(store, TODAY, "revenue", begin="2026-W45", end="2026-W46", method="lmdi")
    assert effects(by_factors) == pytest.approx(
        {"visits": 1989.7, "conversion": -1149.8, "order_value": 1040.1}, abs=0.05
    )
    assert [part.factor for part in by_factors.parts] == pytest.approx([1.2, 0.9, 1.1])


def test_by_default_the_last_reported_period_against_the_one_before(store: Store) -> None:
    found = why(store, TODAY, "revenue")
    assert found.labels == ("W45", "W46")
    assert why(store, TODAY, "orders", end="2026-W45").labels == ("W44", "W45")
    assert why(store, TODAY, "orders", begin="2026-W44").labels == ("W44", "W46")
    # A gap is stepped over.
    record(store, "calls 2026-W40 40")
    assert why(store, TODAY, "calls", end="2026-W44").labels == ("W40", "W44")


def test_at_a_coarser_grain(store: Store) -> None:
    # Five weeks end in August, four in September and October.
    record(store, "orders 2026-W31 " + "100 " * 13)
    found = why(store, TODAY, "growth", begin="2026-09", end="2026-10")
    assert (found.grain, found.before.value, found.after.value) == ("month", -100, 0)
    assert effects(found) == {"orders": 100}


def test_a_difference_and_an_input_that_is_derived_itself(store: Store) -> None:
    found = why(store, TODAY, "profit")
    assert effects(found) == pytest.approx({"revenue": 1880, "costs": -500})
    with pytest.raises(Problem, match=r"revenue - costs.*use the method shapley"):
        why(store, TODAY, "profit", method="lmdi")


def test_what_looks_back_is_one_input(store: Store) -> None:
    assert effects(why(store, TODAY, "growth")) == pytest.approx({"orders": -34})


def test_a_ratio_by_its_parts(store: Store) -> None:
    found = why(store, TODAY, "conversion", begin="2026-W45", end="2026-W46")
    expected = {"orders": 16 * (1 / 10_000 + 1 / 12_000) / 2, "visits": 208 * (1 / 12_000 - 1 / 10_000)}
    assert effects(found) == pytest.approx(expected)
    assert found.made_of == "orders / visits" and found.mixed is None
    by_factors = why(store, TODAY, "conversion", begin="2026-W45", end="2026-W46", method="lmdi")
    assert [part.factor for part in by_factors.parts] == pytest.approx([1.08, 1 / 1.2])
    effects(by_factors)


def test_an_entered_flow_by_the_drivers_that_add_up_to_it(store: Store) -> None:
    found = why(store, TODAY, "leads")
    assert effects(found) == {"leads_web": 2, "leads_fair": 8}
    assert found.made_of == "leads_web + leads_fair"
    assert effects(why(store, TODAY, "leads", method="lmdi")) == pytest.approx({"leads_web": 2, "leads_fair": 8})


def test_drivers_that_add_up_only_by_chance_do_not_count(store: Store) -> None:
    record(store, "leads 2026-W43 16")
    found = why(store, TODAY, "leads")
    assert found.parts == () and found.method == ""
    assert "(Web leads, Fair leads, Posts) do not add up to it" in found.why


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("demos", "Demos is entered, and its drivers of the same unit and kind (Calls, Mails) do not add up to it"),
        ("orders", "Orders is entered, and is not fed by two drivers or more of its unit and kind"),
        ("satisfaction", "Satisfaction is entered as it is and made of nothing"),
    ],
)
def test_what_cannot_be_worked_out_is_said(store: Store, slug: str, words: str) -> None:
    found = why(store, TODAY, slug)
    assert found.parts == () and found.change is not None and found.why.startswith(words)


def test_a_mixture_without_a_value_is_said(store: Store) -> None:
    # Orders less costs is 1, then -1; with one of the two moved it is 0.
    record(store, "orders 2026-W45 11 10")
    record(store, "costs 2026-W45 10 11")
    found = why(store, TODAY, "tricky")
    assert found.change == -20 and found.parts == ()
    assert "only some of its inputs have moved (" in found.why and "is zero" in found.why


def test_values_near_the_largest_float_have_a_sentence(store: Store) -> None:
    with store.write("record") as tx:
        for week, value in (("2026-W45", 1.7e308), ("2026-W46", -1.7e308)):
            row = reading.metric(store, "leads")
            assert row is not None
            cal = Calendar()
            span = parse_label(week, cal)[1]
            points.save(tx, row.id, "leads", span.start, span.end, value=value, entered=str(value))
    found = why(store, TODAY, "leads")
    assert found.change is None and found.parts == () and "too large" in found.why


def test_a_period_without_a_value_is_named(store: Store) -> None:
    found = why(store, TODAY, "revenue", begin="2026-W44", end="2026-W46")
    assert found.before.value is None and found.change is None and found.parts == ()
    assert found.why.startswith("Revenue has no value for W44: ")


@pytest.mark.parametrize(
    ("begin", "end", "words"),
    [
        ("2026-W45", "2026-10", "is a week and .* a month"),
        ("2026-W46", "2026-W45", "Give the earlier period with --from"),
        ("2026-W45", "2026-W45", "Give the earlier period with --from"),
        ("soon", None, "Not a period"),
        (None, "2026-W30", "nothing to compare it with"),
    ],
)
def test_periods_that_cannot_be_compared(store: Store, begin: str | None, end: str | None, words: str) -> None:
    with pytest.raises(Problem, match=words):
        why(store, TODAY, "orders", begin=begin, end=end)


def test_names_and_empty_metrics(store: Store) -> None:
    with pytest.raises(NotFound, match="did you mean revenue"):
        why(store, TODAY, "revenu")
    with pytest.raises(Problem, match="no value of a whole month yet"):
        why(store, TODAY, "satisfaction", begin="2026-10")


def test_between_known_periods(store: Store) -> None:
    cal = why(store, TODAY, "revenue").calendar
    spans = [parse_label(text, cal)[1] for text in ("2026-W45", "2026-W46")]
    row = reading.metric(store, "revenue")
    assert row is not None
    assert effects(why_between(store, TODAY, row.id, "week", *spans))["visits"] == pytest.approx(1993.3, abs=0.05)


KIDNEY = "\n".join(
    [
        *(metric(slug) for slug in ("cured", "cured_small", "cured_large", "cases", "cases_small", "cases_large")),
        *(metric(slug) for slug in ("cured_new", "cases_new")),
        ratio("cure_rate", "cured", "cases", 'name = "Cure rate"'),
        ratio("cure_small", "cured_small", "cases_small", 'feeds = ["cure_rate"]'),
        ratio("cure_large", "cured_large", "cases_large", 'feeds = ["cure_rate"]'),
        ratio("cure_new", "cured_new", "cases_new", 'feeds = ["cure_rate"]'),
    ]
)
STONES = """
cured 2026-W45 273 289
cases 2026-W45 350 350
cured_small 2026-W45 81 234
cases_small 2026-W45 87 270
cured_large 2026-W45 192 55
cases_large 2026-W45 263 80
"""


def test_mix_and_rate_over_segments_with_simpsons_paradox(tmp_path: Path) -> None:
    found = why(build(tmp_path, KIDNEY, STONES), TODAY, "cure_rate")
    effects(found)
    assert found.mixed is not None
    shares = found.mixed.found
    # The third segment has no values at all: it was not there.
    assert [one.slug for one in found.mixed.metrics] == ["cure_small", "cure_large", "cure_new"]
    assert (shares.mix, shares.rate) == pytest.approx((0.0994, -0.0537), abs=5e-5) and shares.simpson
    assert found.mixed.sides[2] == (None, None)
    assert found.change == pytest.approx(shares.mix + shares.rate)


def test_a_new_segment_and_segments_that_do_not_add_up(tmp_path: Path) -> None:
    store = build(tmp_path, KIDNEY, STONES)
    record(store, "cured_new 2026-W46 10\ncases_new 2026-W46 20\ncured 2026-W46 299\ncases 2026-W46 370")
    found = why(store, TODAY, "cure_rate")
    assert found.mixed is not None and [one.new for one in found.mixed.found.segments] == [False, False, True]
    record(store, "cases 2026-W46 371")
    assert why(store, TODAY, "cure_rate").mixed is None
