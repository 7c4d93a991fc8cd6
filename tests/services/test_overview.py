"""Home's view: scopes, exceptions first, what is due, the next review."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.domain.periods import Calendar, parse_label
from kpitui.errors import NotFound
from kpitui.services import actions, annotate
from kpitui.services.overview import home, owned_by, scorecard
from kpitui.storage import definitions
from tests.services.acme import MODEL, POINTS, TODAY
from tests.workspace import build, record


def test_the_root_shows_its_own_exceptions_first(tmp_path: Path) -> None:
    view = home(build(tmp_path, MODEL, POINTS), TODAY)
    assert [row.slug for row in view.card.kpis] == ["mrr", "trial", "nrr"]
    assert [row.slug for row in view.card.metrics] == ["demos", "cac", "csat", "arr"]
    assert view.card.scope == "org" and view.limit == 3 and not view.empty
    assert view.card.goal is not None and view.card.goal.slug == "arr_2026"
    assert view.glance is not None and view.glance.key == view.card.kpis[0].key


def test_a_team_sees_its_own_and_all_together_are_there_too(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, POINTS)
    view = home(store, TODAY, "sales")
    assert [row.slug for row in view.card.kpis] == ["calls"] and view.card.metrics == ()
    assert {item.slug for item in view.due} == {"calls"}
    assert [(choice.slug, choice.kpis) for choice in view.scopes] == [("org", 3), ("sales", 1), ("", 4)]
    everything = home(store, TODAY, "")
    assert len(everything.card.kpis) == 4 and everything.card.scope == ""


def test_what_one_person_answers_for_is_found_in_every_scope(tmp_path: Path) -> None:
    card = scorecard(build(tmp_path, MODEL, POINTS), TODAY)
    owners = {row.owner for row in (*card.kpis, *card.metrics)}
    assert len(owners) > 1
    for who in owners:
        mine = owned_by(card, who)
        assert {row.owner for row in (*mine.kpis, *mine.metrics)} == {who}
        assert mine.goal == card.goal
    assert owned_by(card, "nobody").kpis == ()


def test_a_root_without_kpis_shows_all_of_them(tmp_path: Path) -> None:
    model = MODEL.replace('scope = "org"\ntarget_kind', 'scope = "sales"\ntarget_kind')
    view = home(build(tmp_path, model, POINTS), TODAY)
    assert view.card.scope == "" and len(view.card.kpis) == 4


def test_an_unknown_scope_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="org, sales"):
        scorecard(build(tmp_path, MODEL), TODAY, "marketing")


def test_what_is_due_has_its_last_value_and_what_comes_next_is_told_when_nothing_is(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, POINTS)
    view = home(store, TODAY)
    assert {item.slug for item in view.due} == {"mrr", "trial", "csat", "calls"}
    assert next(item for item in view.due if item.slug == "mrr").last == 345_000.0
    assert view.coming == ()
    record(store, "mrr 2026-W47 1\ntrial 2026-W47 0.03\ncsat 2026-W47 0.9\ncalls 2026-11-20 5")
    view = home(store, TODAY)
    assert view.due == () and view.coming[0].names == ("Calls made",)


def test_the_review_of_the_week_is_today_then_running_then_next_week(tmp_path: Path) -> None:
    from kpitui.services import review, review_session, signing

    store = build(tmp_path, MODEL, POINTS)
    first = home(store, TODAY).review
    assert first is not None and (first.day, first.time, first.running) == (TODAY, "14:00", False)
    assert (first.values_in, first.values_asked, len(first.exceptions)) == (3, 6, 5)
    started = review.start(store, "weekly", TODAY)
    running = home(store, TODAY).review
    assert running is not None and running.running
    session = review_session.session(store, started.id, TODAY)
    assert len(running.exceptions) == session.loud == len(home(store, TODAY).loud)
    signing.sign(store, started.id, 8, TODAY, beside=False)
    after = home(store, TODAY).review
    assert after is not None and after.day == TODAY + 7 and not after.running
    # The values that are there are of the week before the one it will be about.
    assert after.values_said == "3 of 6 values of W47 in" and first.values_said == "3 of 6 values in"


def test_open_actions_and_the_last_word(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, POINTS)
    actions.add(store, "Call the trials @bo fri", TODAY)
    annotate.annotate(store, "mrr", "two renewals moved", today=TODAY)
    view = home(store, TODAY)
    assert [action.text for action in view.actions] == ["Call the trials"]
    assert view.last_word is not None and view.last_word.text == "two renewals moved"
    assert view.glance is not None and [note.text for note in view.glance.notes] == ["two renewals moved"]
    assert home(store, TODAY - 1).last_word is None


def test_as_of_a_day_nothing_later_is_there(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, POINTS)
    day = parse_label("2026-W45", Calendar())[1].end - 1
    found = {row.slug: row for row in home(store, day).card.kpis}
    assert found["mrr"].period_label == "W45" and found["mrr"].value == 343_000.0
    assert len(found["mrr"].series) == 26 and found["mrr"].series[-1].value == 343_000.0


def test_nothing_measured_is_the_first_run_page(tmp_path: Path) -> None:
    view = home(build(tmp_path), TODAY)
    assert view.empty and view.card.goal is None and view.review is None


def test_what_was_put_away_is_not_shown(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, POINTS)
    metric = definitions.find(store, definitions.Metric, slug="cac")
    assert metric is not None
    with store.write("archive") as tx:
        definitions.archive(tx, metric)
    assert "cac" not in [row.slug for row in home(store, TODAY).card.metrics]


@pytest.mark.parametrize("started", [TODAY, TODAY + 4], ids=["begun in its week", "begun late"])
def test_a_late_review_is_counted_by_the_values_and_the_figures_of_its_week(tmp_path: Path, started: int) -> None:
    from kpitui.services import review, signing
    from kpitui.services.review_session import session

    store = build(tmp_path, MODEL, POINTS)
    signing.sign(store, review.start(store, "weekly", TODAY - 7).id, 8, TODAY - 7, beside=False)
    early = home(store, TODAY).review
    assert early is not None and (early.day, early.values_in) == (TODAY, 3)
    assert early.exceptions == early.loud == home(store, TODAY).loud
    monday = TODAY + 3
    seen = home(store, monday).review
    assert seen is not None and (seen.day, seen.values_in) == (TODAY, 3)
    # News of the new week are none of the review that is held late: before it is begun, while it runs, and days after.
    record(store, "cac 2026-W48 200")
    annotate.annotate(store, "csat", "the survey was down", today=monday + 3)
    number = review.start(store, "weekly", TODAY).id if started == TODAY else 0
    for day in (monday + 1, monday + 2, monday + 5):
        found = home(store, day)
        assert found.review is not None and found.review.exceptions == seen.exceptions
        number = number or review.start(store, "weekly", day).id
        view = session(store, number, day)
        assert {item.key for item in view.items[: view.loud]} == found.review.exceptions
        running = home(store, day).review
        assert running is not None and running.running and running.exceptions == found.review.exceptions
    assert found.loud != found.review.exceptions
