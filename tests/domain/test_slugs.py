"""Slugs: what may be one, and that every name gets one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.problem import Problem
from kpitui.domain.slugs import check_slug, slugify


@pytest.mark.parametrize("slug", ["a", "arr_2026", "x" * 64, "match", "lag_"])
def test_good_slugs_pass(slug: str) -> None:
    check_slug(slug)


@pytest.mark.parametrize(
    "slug", ["", "A", "2a", "_a", "a-b", "a b", "é", "x" * 65, "class", "lambda", "min", "safe_div", "a\n"]
)
def test_bad_slugs_are_refused_in_a_sentence(slug: str) -> None:
    with pytest.raises(Problem, match=r"slug.*\.$"):
        check_slug(slug)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Trial>paid conv.", "trial_paid_conv"),
        ("Café Größe", "cafe_grosse"),
        ("CTR %", "ctr_pct"),
        ("2026", "m_2026"),
        ("min", "min_value"),
        ("class", "class_value"),
        ("日本", "m"),
    ],
)
def test_names_become_slugs(name: str, slug: str) -> None:
    assert slugify(name) == slug
    assert slugify(name, {slug}) == f"{slug}_2"
    assert slugify(name, {slug, f"{slug}_2"}) == f"{slug}_3"


@given(name=st.text(max_size=200), taken=st.lists(st.sampled_from(["m", "m_2", "a", "x", "a" * 64])))
def test_every_name_gets_a_free_and_good_slug(name: str, taken: list[str]) -> None:
    slug = slugify(name, taken)
    check_slug(slug)
    assert slug not in taken
