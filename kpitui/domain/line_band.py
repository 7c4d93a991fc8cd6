"""The band in a target line: `30 floor 25 stretch 36`, `floor 25`, `stretch none`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kpitui.domain.named import NamedTuple
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

if TYPE_CHECKING:
    from kpitui.domain.model import Unit

MARKS = ("floor", "stretch")
NONE = frozenset({"none", "-", "no"})


class Typed(NamedTuple):
    """`without` names what of a band is taken away."""

    floor: float | None = None
    stretch: float | None = None
    without: tuple[str, ...] = ()


def take_band(words: Sequence[str], number: Callable[[str], float]) -> tuple[list[str], Typed]:
    """The words without the band, and what it says. Raises Problem for a mark without a number, or twice."""
    rest: list[str] = []
    said: dict[str, float | None] = {}
    at = 0
    while at < len(words):
        mark = words[at].lower().rstrip(":=")
        if mark not in MARKS:
            rest.append(words[at])
            at += 1
            continue
        if at + 1 == len(words):
            raise Problem(f"There is no number after “{quote(words[at])}”: type it like 30 floor 25 stretch 36.")
        if mark in said:
            raise Problem(f"“{quote(mark)}” is there twice: leave one out.")
        text, more = words[at + 1].rstrip(","), 2
        if at + 2 < len(words) and words[at + 2] == "%":
            text, more = f"{text}%", 3
        said[mark] = None if text.lower() in NONE else number(text)
        at += more
    without = tuple(name for name, value in said.items() if value is None)
    return rest, Typed(said.get("floor"), said.get("stretch"), without)


def band_words(
    floor: float | None, stretch: float | None, unit: Unit, currency: str | None, without: Sequence[str] = ()
) -> str:
    """`, floor 25, stretch 36`, as it stands behind the target; empty for none."""
    from kpitui.domain.figures import show

    parts = [
        f"{name} {show(value, unit, currency=currency, compact=True)}"
        for name, value in (("floor", floor), ("stretch", stretch))
        if value is not None
    ]
    return "".join(f", {part}" for part in [*parts, *(f"no {name}" for name in without)])


def without_band(text: str) -> str:
    """A target line with its floor, its stretch and its time taken out."""
    from kpitui.domain.line_window import take_time

    return " ".join(take_band(take_time(text.split())[0], lambda said: 0.0)[0])
