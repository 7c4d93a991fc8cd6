from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.rollup import Part, latest, roll_up, worst
from kpitui.domain.status import WORDS

COLOURS = {"green": "on_track", "yellow": "at_risk", "red": "off_track"}
parts = st.builds(
    Part,
    st.one_of(st.none(), st.floats(-2, 3)),
    st.sampled_from(WORDS),
    st.floats(0, 10),
    st.booleans(),
)


def test_published_examples(reference: Path) -> None:
    checkins, goals, objective = json.loads((reference / "status.json").read_text())["rollup"]
    children = [COLOURS[colour] for colour in checkins["children"]]
    assert (latest(children), worst(children)) == (COLOURS[checkins["latest"]], COLOURS[checkins["worst"]])
    assert worst(COLOURS[colour] for colour in goals["children"]) == COLOURS[goals["result"]]
    statuses = [word.replace(" ", "_") for word in objective["children"]]
    assert worst([*statuses, "no_data"]) == objective["result"].replace(" ", "_")


def test_negatives_count_as_nothing_and_more_than_all_as_all() -> None:
    assert roll_up([Part(1.0, "on_track"), Part(-0.5, "off_track"), Part(0.0, "off_track")]).progress == pytest.approx(
        1 / 3
    )
    assert roll_up([Part(1.8, "achieved"), Part(0.5, "on_track")]).progress == 0.75


def test_weights() -> None:
    assert roll_up([Part(1.0, "on_track", 3), Part(0.0, "off_track", 1)]).progress == 0.75


def test_half_of_the_weight_must_have_data() -> None:
    most = roll_up([Part(0.9, "on_track"), Part(None, "no_data")])
    assert (most.progress, most.status, most.coverage, most.share) == (0.9, "on_track", "1 of 2 reporting", 0.5)
    few = roll_up([Part(0.9, "on_track"), Part(None, "no_data"), Part(0.8, "stale")])
    assert (few.progress, few.status, few.coverage) == (None, "no_data", "1 of 3 reporting")
    bad = roll_up([Part(0.1, "off_track"), Part(None, "no_data"), Part(None, "no_data")])
    assert (bad.progress, bad.status) == (None, "off_track")


def test_what_is_not_asked_does_not_count() -> None:
    whole = roll_up([Part(0.9, "on_track"), *[Part(None, word) for word in ("paused", "draft", "not_started")]])
    assert (whole.progress, whole.coverage) == (0.9, "1 of 1 reporting")


def test_supporting_metrics_never_colour_a_goal() -> None:
    whole = roll_up([Part(0.9, "on_track"), Part(0.0, "off_track", key=False)])
    assert (whole.progress, whole.status) == (0.9, "on_track")


@pytest.mark.parametrize(
    ("statuses", "result"),
    [
        (["achieved", "on_track"], "on_track"),
        (["achieved", "achieved"], "achieved"),
        (["missed", "on_track"], "off_track"),
        (["missed", "achieved"], "missed"),
        (["no_data", "at_risk"], "at_risk"),
        (["no_data", "stale"], None),
    ],
)
def test_worst(statuses: list[str], result: str | None) -> None:
    assert worst(statuses) == result


def test_nothing_to_go_by() -> None:
    empty = roll_up([])
    assert (empty.progress, empty.status, empty.coverage) == (None, "no_target", "0 of 0 reporting")
    assert roll_up([Part(None, "stale"), Part(None, "no_data")]).status == "stale"
    assert roll_up([Part(None, "draft")]).status == "draft"
    assert roll_up([Part(0.5, "on_track", 0.0)]).progress is None


def test_all_targets_beaten_is_noticed() -> None:
    assert roll_up([Part(1.2, "achieved"), Part(1.1, "achieved")]).all_beaten
    assert not roll_up([Part(1.2, "achieved"), Part(1.0, "achieved")]).all_beaten
    assert not roll_up([Part(1.2, "achieved")]).all_beaten


@given(st.lists(parts, max_size=8))
def test_never_green_without_most_of_the_data_and_progress_stays_a_share(several: list[Part]) -> None:
    whole = roll_up(several)
    assert whole.progress is None or 0 <= whole.progress <= 1
    keys = [part.status for part in several if part.key]
    if any(status in ("off_track", "missed") for status in keys):
        assert whole.status in ("off_track", "missed")
    if not any(status in ("on_track", "achieved") for status in keys):
        assert whole.status not in ("on_track", "achieved")
