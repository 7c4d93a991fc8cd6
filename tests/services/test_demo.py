"""The demo: the same for the same seed and day, sensible on any day of the year, and told as the work of people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.periods import to_day
from kpitui.services import demo, model_file
from kpitui.services.demo import large, numbers, story
from kpitui.services.overview import Home, home
from kpitui.storage import changes, definitions, reading, verify
from kpitui.storage.store import Store
from tests.company import TODAY, company

DAYS = ("2026-11-20", "2026-11-23", "2026-01-01", "2028-02-29")


def content(store: Store) -> tuple[object, ...]:
    """Everything that was saved, without the path."""
    points = store.rows('SELECT * FROM point ORDER BY metric_id, start, "end"')
    earlier = store.rows('SELECT * FROM point_history ORDER BY metric_id, start, "end", rev')
    log = [tuple(line) for line in changes.log(store, limit=-1)]
    reviews = store.rows("SELECT rhythm, held, minutes FROM review ORDER BY id")
    return model_file.export(store), points, earlier, log, reviews


def test_the_same_seed_and_day_tell_the_same_story(tmp_path: Path) -> None:
    first, second = company(tmp_path / "demo.db"), demo.make(str(tmp_path / "again.db"), TODAY)
    assert content(first) == content(second)
    other = demo.make(str(tmp_path / "other.db"), TODAY, seed=2)
    assert model_file.export(other) == model_file.export(first)
    assert content(other)[1] != content(first)[1]


@pytest.fixture(scope="module", params=DAYS)
def on_a_day(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, int]:
    today = to_day(date.fromisoformat(request.param))
    return company(tmp_path_factory.mktemp("demo") / "demo.db", today), today


def seen(store: Store, today: int) -> Home:
    found = home(store, today)
    assert found.card.goal
    return found


def test_home_is_worth_looking_at_on_any_day(on_a_day: tuple[Store, int]) -> None:
    shown = seen(*on_a_day)
    assert [row.name for row in sorted(shown.card.kpis, key=lambda row: row.kpi_id or 0)][:2] == [
        "MRR",
        "Net rev. retention",
    ]
    assert len(shown.card.kpis) == 3
    assert {row.slug: row.status for row in shown.card.metrics}.items() >= {
        "demos_booked": "off_track",
        "cac": "at_risk",
        "new_mrr": "on_track",
        "churned_mrr": "on_track",
        "first_reply": "on_track",
        "partner_leads": "no_target",
    }.items()
    assert len(shown.due) == 5 or date.fromordinal(on_a_day[1] + 719163).day > 25
    assert [owed.slug for owed in shown.due if owed.late_days] == ["nps"]
    late = [action.text for action in shown.actions if action.due < on_a_day[1]]
    assert late == ["Rewrite demo follow-up mail"]
    assert len(shown.actions) == 4
    assert shown.last_word and "renewals" in shown.last_word.text


def test_the_goal_of_the_year_is_behind_and_the_one_before_was_reached(on_a_day: tuple[Store, int]) -> None:
    store, today = on_a_day
    goals = {goal.slug: goal for goal in home(store, today, "org").card.goals}
    year = date.fromordinal(today + 719163).year
    assert goals[f"arr_{year - 1}"].status == "achieved"
    running = goals[f"arr_{year}"]
    assert running.main and running.target == 5_000_000
    assert running.status in (
        ("off_track",) if running.time_gone and running.time_gone > 0.1 else ("at_risk", "no_data")
    )


def test_nothing_lies_after_today_and_the_log_is_in_the_order_of_time(on_a_day: tuple[Store, int]) -> None:
    store, today = on_a_day
    times = [at for (at,) in store.rows("SELECT at FROM txn ORDER BY id")]
    assert times == sorted(times)
    assert times[-1] <= f"{date.fromordinal(today + 719163)}T00:00:00Z"
    assert store.one("SELECT max(start) FROM point") <= today
    assert verify.verify(store) == [] and verify.damage(store) == []


def test_it_has_a_bit_of_everything(tmp_path: Path) -> None:
    store = company(tmp_path / "demo.db")
    assert {row[0] for row in store.rows("SELECT DISTINCT who FROM txn")} == {"ana", "bo", "cy", "dee"}
    metrics = {row.slug: row for row in reading.metrics(store)}
    assert {row.cadence for row in metrics.values()} == {"day", "week", "month", "quarter"}
    assert metrics["arr"].formula and metrics["trial_conversion"].numerator_id
    odd = store.rows("SELECT m.slug, p.value FROM point p JOIN metric m ON m.id = p.metric_id WHERE p.odd = 1")
    assert odd == [("site_visits", 555_000.0)]
    corrected = store.rows('SELECT DISTINCT what FROM change WHERE what = "correct"')
    assert corrected
    assert store.one("SELECT count(*) FROM point WHERE note IS NOT NULL") >= 4
    assert store.one("SELECT count(*) FROM point WHERE state = 1") >= 2
    assert reading.targets(store) and reading.drivers(store) and reading.notes(store)
    assert {scope.kind for scope in reading.scopes(store)} == {"org", "team", "role"}
    missed = next(row for row in home(store, TODAY, "sales").card.kpis if row.slug == "demos_held")
    assert missed.status == "missed"
    held = reading.reviews(store)
    assert [review.rhythm for review in held].count("monthly") == 1
    assert len(held) == 7 and {review.state for review in held} == {"signed"}
    assert all(row[0] for row in store.rows("SELECT minutes FROM review"))


def test_revenue_adds_up_week_by_week() -> None:
    known = numbers.numbers(7, TODAY)
    moves = {slug: [value for *_, value in known[slug]] for slug in ("mrr", "new_mrr", "expansion_mrr", "churned_mrr")}
    for at in range(1, len(moves["mrr"])):
        net = moves["new_mrr"][at] + moves["expansion_mrr"][at] - moves["churned_mrr"][at]
        assert moves["mrr"][at] == moves["mrr"][at - 1] + net
    assert min(moves["new_mrr"]) > 0 and min(moves["expansion_mrr"]) > 0


def test_as_of_an_earlier_day_it_knew_less(tmp_path: Path) -> None:
    store = company(tmp_path / "demo.db")
    metric = definitions.find(store, definitions.Metric, slug="demos_booked")
    assert metric
    revisions = store.rows(
        "SELECT value, rev FROM (SELECT value, rev, start FROM point WHERE metric_id = ?1 "
        "UNION ALL SELECT value, rev, start FROM point_history WHERE metric_id = ?1) WHERE start = ?2 ORDER BY rev",
        (metric.id, numbers.weeks(TODAY)[-4].start),
    )
    assert revisions == [(82.0, 1), (28.0, 2)]


@pytest.fixture
def only_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the story only the model files: the company stands, nobody has worked in it."""
    whole = story.events

    def planned(seed: int, today: int) -> list[story.Event]:
        return [event for event in whole(seed, today) if getattr(event.do, "func", None) is story.apply]

    monkeypatch.setattr(story, "events", planned)


@pytest.mark.usefixtures("only_planned")
def test_the_large_one_adds_five_hundred_metrics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "DAYS", 40)
    store = demo.make(str(tmp_path / "demo.db"), TODAY, size="large")
    regions = [row for row in reading.metrics(store) if row.position >= 100]
    assert len(regions) == 500 and {row.cadence for row in regions} == {"week"}
    counted = "SELECT count(*), count(DISTINCT metric_id) FROM point WHERE metric_id >= ?"
    assert store.rows(counted, (regions[0].id,)) == [(500 * 40, 500)]
    assert verify.verify(store) == []


@pytest.mark.usefixtures("only_planned")
def test_keep_writes_it_and_opens_nothing(kpitui: Callable[..., object], tmp_path: Path) -> None:
    kept = tmp_path / "demo.db"
    ran = kpitui("demo", "--keep", kept)
    assert ran.code == 0 and ran.out == "" and str(kept) in ran.err  # type: ignore[attr-defined]
    assert kept.stat().st_mode & 0o777 == 0o600
    again = kpitui("demo", "--keep", kept)
    assert again.code == 1 and "Nothing was overwritten" in again.err  # type: ignore[attr-defined]
