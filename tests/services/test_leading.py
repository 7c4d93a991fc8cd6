"""Leading indicators, dead levers and vanity of a workspace."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from kpitui.domain.leading import Innovations, innovations
from kpitui.reports.leading_words import evidence, found_sentence, seen_sentence, vanity_sentence
from kpitui.services import leading, promote_page, review, review_session
from kpitui.services.book import book_of
from kpitui.storage.store import Store
from tests.workspace import build, record

MODEL = """
[[scope]]
slug = "org"
kind = "org"
name = "Acme"

[[scope]]
slug = "sales"
kind = "team"
name = "Sales"
parent = "org"

[[goal]]
slug = "grow"
title = "Grow"
scope = "org"
main = true

[[metric]]
slug = "deals"
name = "Deals"
kind = "level"
cadence = "week"

[[metric]]
slug = "calls"
name = "Calls"
cadence = "week"
kind = "level"
scope = "sales"
feeds = ["deals"]

[[metric]]
slug = "likes"
name = "Likes"
kind = "level"
cadence = "week"

[[metric]]
slug = "posts"
name = "Posts"
kind = "level"
cadence = "week"
feeds = ["deals"]

[[metric]]
slug = "young"
name = "Young"
kind = "level"
cadence = "week"

[[metric]]
slug = "per_call"
name = "Deals per call"
formula = "deals / calls"
cadence = "week"

[[kpi]]
metric = "deals"
goal = "grow"
scope = "org"
target_kind = "at_least"
target = 40
deadline = 2026-12-31
"""
WEEKS = 70
FIRST = "2025-W29"
TODAY = 20777


def line(slug: str, values: list[float]) -> str:
    return f"{slug} {FIRST} {' '.join(f'{value:.3f}' for value in values)}"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Calls go two weeks ahead of deals, likes climb, deals stay where they are, posts do nothing."""
    draw = Random(7)
    calls = [100 + draw.gauss(0, 10) for _ in range(WEEKS + 2)]
    deals = [50 + 0.06 * (calls[at] - 100) + draw.gauss(0, 0.2) for at in range(WEEKS)]
    likes = [200 * math.exp(0.01 * at + draw.gauss(0, 0.02)) for at in range(WEEKS)]
    posts = [20 + draw.gauss(0, 2) for _ in range(WEEKS)]
    points = "\n".join(
        [line("deals", deals), line("calls", calls[2:]), line("likes", likes), line("posts", posts),
         "young 2026-W30 1 2 3 4 5"]
    )  # fmt: skip
    with build(tmp_path_factory.mktemp("leading"), MODEL, points) as made:
        yield made


def test_what_goes_ahead_is_found_and_said_without_a_cause(store: Store) -> None:
    found = leading.leading(store, TODAY)
    (family,) = found.tried
    assert family.scope.slug == "org"
    (pair,) = family.found
    assert pair.link is not None and (pair.metric.slug, pair.outcome.slug, pair.link.lag) == ("calls", "deals", 2)
    assert found_sentence(pair) == "Calls has moved 2 weeks before Deals"
    assert evidence(pair.link, "week").startswith(f"r {pair.link.r:+.2f} over 70 weeks, by chance within 0.")
    # What one is worked out from the other is not tried, and what has too few values says how many.
    assert [one.metric.slug for one in family.pairs] == ["calls", "likes", "posts", "young"]
    assert family.told == 3
    assert family.pairs[-1].why == "Young has 5 whole weeks, 36 are needed"
    assert family.pairs[2].why == "no more than chance"


def test_the_promote_page_says_what_its_values_show_and_no_more(store: Store) -> None:
    def said(slug: str, cells: int = 120) -> str:
        metric = next(one.id for one in book_of(store, TODAY).metrics.values() if one.slug == slug)
        lead = promote_page.page(store, metric, None, TODAY).lead
        return "" if lead is None else seen_sentence(lead, cells)

    assert said("calls").startswith("has moved 2 weeks before Deals, r +0.8")
    assert said("calls", 40) == "has moved 2 weeks before Deals, r " + said("calls").partition("r ")[2][:5]
    assert said("posts") == "no link to Deals has shown over 70 weeks"
    assert said("young") == said("likes") == ""


def test_one_item_and_one_scope(store: Store) -> None:
    (family,) = leading.leading(store, TODAY, "posts").tried
    assert [pair.metric.slug for pair in family.pairs] == ["posts"]
    (family,) = leading.leading(store, TODAY, "deals@org").tried
    assert len(family.pairs) == 4
    assert leading.leading(store, TODAY, scope="sales").tried == ()
    beside = leading.beside(store, TODAY, family.pairs[0].metric.id)
    assert beside.tried[0].found == family.found and not beside.too_many


def test_a_driver_without_a_link_for_a_year_is_a_dead_lever(store: Store) -> None:
    (dead,) = leading.leading(store, TODAY).dead
    assert dead.sentence == "Posts feeds Deals, and no link has shown over 70 weeks"
    assert leading.leading(store, TODAY, "calls").dead == ()
    # As of a day with less than a year of values nothing is called dead.
    assert leading.leading(store, TODAY - 7 * 25).dead == ()


def test_an_annual_review_asks_about_dead_levers(store: Store) -> None:
    for rhythm, asked in (("annual", True), ("quarterly", False)):
        number = review.start(store, rhythm, TODAY).id
        questions = review_session.session(store, number, TODAY).questions
        words = "Posts feeds Deals, and no link has shown over 70 weeks: a dead lever?"
        assert (words in questions) == asked


def test_what_climbs_beside_a_flat_kpi_is_vanity(store: Store) -> None:
    with store.snapshot():
        book = book_of(store, TODAY)
        assert leading.vanities(book) == {book.workings.named("likes").id: "Deals"}  # type: ignore[union-attr]
        likes, deals = (book.named(slug) for slug in ("likes", "deals"))
        assert likes is not None and deals is not None
        found = leading.vanity_of(book, likes, deals)
        assert found.verdict == "vanity" and found.metric is not None and found.metric.n == 52
        said = vanity_sentence("Likes", "Deals", found)
        assert said.startswith("Likes rose by +6") and said.endswith("vanity")


def test_it_is_kept_until_values_change(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    leading.leading(store, TODAY)
    worked_out: list[int] = []

    def counted(values: Sequence[float | None], season: int) -> Innovations | None:
        worked_out.append(season)
        return innovations(values, season)

    monkeypatch.setattr(leading, "innovations", counted)
    leading.leading(store, TODAY)
    assert not worked_out
    record(store, "posts 2026-W46 23")
    again = leading.leading(store, TODAY)
    assert len(worked_out) == 1
    assert again.tried[0].found[0].metric.slug == "calls"


def test_an_empty_workspace_has_nothing_to_say(tmp_path: Path) -> None:
    with build(tmp_path) as empty:
        assert leading.leading(empty, TODAY) == leading.Leading(None, (), ())
