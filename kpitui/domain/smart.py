"""A goal read back as one sentence, and which of the five letters of SMART it still lacks.

Specific, measurable, assignable, realistic, time-related (G. T. Doran, "There's a S.M.A.R.T. way to write management's
goals and objectives", Management Review 70, 1981); the R is read as "relevant and realistic", which most teams use.
"""

from __future__ import annotations

from typing import NamedTuple


class Facts(NamedTuple):
    """What is known of a goal, in words; empty where it is not."""

    title: str
    scope: str
    metric: str
    """Name of the metric that says how far it is."""
    baseline: str
    target: str
    kind: str
    """`reach`, `from_to`, `at_least`, `at_most`, `between` or `milestone`."""
    start: str
    deadline: str
    owner: str
    why: str
    times_best: float | None
    """Over the best window so far; None where no history says it."""
    explained: bool
    """The description says what will be different."""


class Smart(NamedTuple):
    sentence: str
    missing: tuple[str, ...]
    """What is missing, a few words each, in the order of the letters."""
    letters: tuple[tuple[str, bool], ...]
    """S, M, A, R, T, and whether each is there."""


def read_back(facts: Facts, realistic: float) -> Smart:
    """The sentence and what is missing; above `realistic` times the best so far the description must say why."""
    what = facts.metric or facts.title
    who = f"{facts.owner} takes" if facts.owner else "Somebody takes"
    whose = f" of {facts.scope}" if facts.scope else ""
    if facts.kind == "reach":
        verb = f"{facts.owner or 'Somebody'} brings {what}{whose} to {facts.target or '…'} in all"
    elif facts.kind in ("at_least", "at_most", "between"):
        verb = f"{facts.owner or 'Somebody'} holds {what}{whose} at {facts.target or '…'}"
    elif facts.kind == "milestone":
        verb = f"{facts.owner or 'Somebody'} gets it done: {facts.title}"
    else:
        since = f" from {facts.baseline}" if facts.baseline else ""
        verb = f"{who} {what}{whose}{since} to {facts.target or '…'}"
    when = ""
    if facts.deadline:
        when = f" between {facts.start} and {facts.deadline}" if facts.start else f" by {facts.deadline}"
    why = f", because {_lowered(facts.why)}" if facts.why else ""
    sentence = f"{verb}{when}{why}".rstrip(".") + "."
    measured = bool(facts.metric) or facts.kind == "milestone"
    number = bool(facts.target) or facts.kind == "milestone"
    based = facts.kind != "from_to" or bool(facts.baseline)
    sober = facts.times_best is None or facts.times_best <= realistic or facts.explained
    missing = []
    missing += [] if measured else ["which metric says how far it is (M)"]
    missing += [] if number else ["the number"]
    missing += [] if based else ["where it stands today"]
    missing += [] if facts.owner else ["who answers for it"]
    missing += [] if facts.why else ["why it matters"]
    missing += [] if sober else [f"what will be different: it is {facts.times_best:.1f} × the best so far"]
    missing += [] if facts.deadline else ["by when"]
    letters = (
        ("S", measured and bool(facts.title)),
        ("M", measured and number and based),
        ("A", bool(facts.owner)),
        ("R", bool(facts.why) and sober),
        ("T", bool(facts.deadline)),
    )
    return Smart(sentence, tuple(missing), letters)


def _lowered(text: str) -> str:
    """Words that go on a sentence: the first letter small, unless the word is an abbreviation or one letter."""
    text = " ".join(text.split()).rstrip(".")
    first = text.partition(" ")[0]
    return text if first[1:] != first[1:].lower() or len(first) < 2 else text[:1].lower() + text[1:]
