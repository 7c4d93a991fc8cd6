from __future__ import annotations

import pytest

from kpitui.domain import checking
from kpitui.domain.model import Kpi, Metric
from kpitui.domain.problem import Problem
from kpitui.domain.workspace import Workspace


@pytest.mark.parametrize(
    ("cls", "name", "given", "says"),
    [
        (
            Metric,
            "kind",
            "flwo",
            r"kind is “flwo”: use one of flow, level, ratio, index, distinct \(did you mean flow\?\)\.",
        ),
        (Metric, "unit", 5, r"unit is 5: use one of number, currency, percent, duration, score\."),
        (Metric, "good_low", "5%", r"good_low must be a number, not “5%”\."),
        (Metric, "good_low", True, r"good_low must be a number, not true\."),
        (Metric, "good_low", float("nan"), r"good_low must be a finite number"),
        (Metric, "good_low", 10**400, r"good_low .*too large|good_low must be"),
        (Metric, "decimals", 2.5, r"decimals must be a whole number, not 2\.5\."),
        (Metric, "decimals", 10, r"decimals is 10: it must be at most 9\."),
        (Metric, "grace_days", -1, r"grace_days is -1: it must be at least 0\."),
        (Metric, "grace_days", 367, r"grace_days is 367: it must be at most 366\."),
        (Workspace, "kpi_notice", 2**70, r"kpi_notice .*(too large|whole number)"),
        (Metric, "counter", "yes", r"counter must be true or false, not “yes”\."),
        (Metric, "name", "", r"name is empty"),
        (Metric, "name", "x" * 121, r"name has 121 characters: 120 are the most\."),
        (Metric, "slug", "Site visits", r"“Site visits” cannot be a slug.*site_visits"),
        (Metric, "slug", "class", r"“class” cannot be a slug"),
        (Metric, "currency", "eur", r"currency is “eur”: write the three capitals of its code, like EUR\."),
        (Metric, "owner", ["ana"], r"owner must be text in quotes, not a list\."),
        (Metric, "owner", {"a": 1}, r"owner must be text in quotes, not a table\."),
        (Kpi, "confidence", 4, r"confidence is 4: it must be at most 3\."),
        (Workspace, "review_weekly", 0, r"review_weekly is 0: it must be more than 0\."),
        (Workspace, "review_time", "2pm", r"review_time is “2pm”: write it like 14:00\."),
    ],
)
def test_a_wrong_value_is_told_with_its_key_and_what_is_allowed(cls: type, name: str, given: object, says: str) -> None:
    with pytest.raises(Problem, match=rf"^a\.toml line 3: {says}" if says.startswith(name) else says):
        checking.value(cls, name, given, "a.toml line 3")


def test_whole_numbers_become_floats_only_where_a_float_belongs() -> None:
    assert repr(checking.value(Metric, "good_low", 5, "here")) == "5.0"
    assert repr(checking.value(Metric, "grace_days", 5, "here")) == "5"


def test_what_may_be_left_empty_may_be_none_and_nothing_else_may() -> None:
    assert checking.value(Metric, "timing", None, "here") is None
    with pytest.raises(Problem, match="unit"):
        checking.value(Metric, "unit", None, "here")


def test_a_whole_definition_is_made_of_checked_values() -> None:
    made = checking.whole(Metric, {"slug": "visits", "name": "Site visits", "good_low": 3}, "here")
    assert made == Metric(slug="visits", name="Site visits", good_low=3.0)
    with pytest.raises(Problem, match="here: name is missing"):
        checking.whole(Metric, {"slug": "visits"}, "here")
    with pytest.raises(Problem, match=r"here: there is no key “ownr”: did you mean owner\?"):
        checking.whole(Metric, {"slug": "visits", "name": "V", "ownr": "ana"}, "here")
    with pytest.raises(Problem, match="the keys are id, slug"):
        checking.whole(Metric, {"slug": "visits", "name": "V", "zzz": "ana"}, "here")


def test_a_definition_that_is_there_is_checked_again() -> None:
    assert checking.check(Metric(slug="visits", name="V"), "here") == Metric(slug="visits", name="V")
    with pytest.raises(Problem, match="watch_band is 3: it must be at most 1"):
        checking.check(Metric(slug="visits", name="V", watch_band=3.0), "here")


def test_the_sentence_holds_no_control_characters_of_the_input() -> None:
    with pytest.raises(Problem) as refused:
        checking.value(Metric, "kind", "a\x1b]0;x\x07b", "here")
    assert "\x1b" not in str(refused.value)
