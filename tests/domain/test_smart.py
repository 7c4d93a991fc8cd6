"""A goal read back as one sentence."""

from __future__ import annotations

import pytest

from kpitui.domain.smart import Facts, read_back

FULL = Facts("$5.0M ARR by 31 Dec", "", "ARR", "$3.2M", "$5.0M", "from_to", "1 Jan", "31 Dec 2026", "ana",
             "It pays the next product.", 1.2, False)  # fmt: skip


def test_a_whole_goal_is_one_sentence_and_lacks_nothing() -> None:
    smart = read_back(FULL, 1.5)
    assert smart.sentence == (
        "ana takes ARR from $3.2M to $5.0M between 1 Jan and 31 Dec 2026, because it pays the next product."
    )
    assert smart.missing == () and all(there for _, there in smart.letters)


@pytest.mark.parametrize(
    ("change", "letter", "missing"),
    [
        ({"metric": ""}, "M", "which metric says how far it is (M)"),
        ({"target": ""}, "M", "the number"),
        ({"baseline": ""}, "M", "where it stands today"),
        ({"owner": ""}, "A", "who answers for it"),
        ({"why": ""}, "R", "why it matters"),
        ({"deadline": ""}, "T", "by when"),
        ({"times_best": 2.1}, "R", "what will be different: it is 2.1 × the best so far"),
    ],
)
def test_each_letter_that_lacks_is_named(change: dict[str, object], letter: str, missing: str) -> None:
    smart = read_back(FULL._replace(**change), 1.5)
    assert missing in smart.missing and dict(smart.letters)[letter] is False


def test_far_above_the_best_is_realistic_where_the_description_says_what_will_differ() -> None:
    assert read_back(FULL._replace(times_best=2.1, explained=True), 1.5).missing == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "reach", "scope": "Paid search"}, "ana brings ARR of Paid search to $5.0M in all"),
        ({"kind": "at_least", "target": "≥ $5.0M"}, "ana holds ARR at ≥ $5.0M"),
        ({"kind": "milestone", "title": "Open Graz"}, "ana gets it done: Open Graz"),
        ({"owner": "", "why": "MRR pays."}, "Somebody takes ARR"),
        ({"why": "MRR pays."}, "because MRR pays."),
    ],
)
def test_other_kinds_read_as_what_they_are(change: dict[str, object], says: str) -> None:
    assert says in read_back(FULL._replace(**change), 1.5).sentence
