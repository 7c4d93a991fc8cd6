"""The band of a target: a floor on its bad side, a stretch on its good side; the target judges, the band is said."""

from __future__ import annotations

from math import isfinite

from kpitui.domain.named import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from kpitui.domain.target import Aim


class Place(NamedTuple):
    """Where a value lies in the band: `below_floor`, `floor`, `stretch`, or nothing to say of it."""

    word: str = ""
    sentence: str = ""
    """`above the floor 25`, `stretch 36 reached`; empty where there is nothing to say."""


def problems(aim: Aim, way: int) -> list[str]:
    """What contradicts itself in a band, a sentence each. `way` is `target.way`: 1 where more is better, -1 less."""
    given = [(name, number) for name, number in (("floor", aim.floor), ("stretch", aim.stretch)) if number is not None]
    if not given:
        return []
    for name, number in given:
        if not isfinite(number):
            return [f"The {name} is not a finite number: type another one."]
    if aim.kind in ("between", "milestone") or way == 0:
        kind = "A milestone is done or not" if aim.kind == "milestone" else "A range has its own two ends"
        return [f"{kind}: leave {' and '.join(name for name, _ in given)} out."]
    found = []
    if aim.value is not None:
        for name, number in given:
            good = 1 if name == "stretch" else -1
            if (number - aim.value) * way * good <= 0:
                side = "above" if way * good > 0 else "below"
                what = "what would be excellent" if name == "stretch" else "the least that is acceptable"
                found.append(f"The {name} is {what}: type one {side} the target.")
    elif aim.floor is not None and aim.stretch is not None and (aim.stretch - aim.floor) * way <= 0:
        found.append("The floor and the stretch are the wrong way round: swap them.")
    return found


def place(
    aim: Aim,
    way: int,
    value: float | None,
    *,
    met: bool | None,
    over: bool,
    begin: float | None,
    show: Callable[[float], str],
) -> Place:
    """What the band says of a value. `met` is whether it is at the target, `over` whether the window is.

    On a way that begins (`begin`) below the floor nobody is held against it before the end.
    """
    if value is None or not way:
        return Place()
    if aim.stretch is not None and (value - aim.stretch) * way >= 0:
        return Place("stretch", f"stretch {show(aim.stretch)} reached")
    if met or aim.floor is None:
        return Place()
    if (value - aim.floor) * way >= 0:
        return Place("floor", f"{'above' if way > 0 else 'within'} the floor {show(aim.floor)}")
    if over or aim.kind in ("at_least", "at_most") or (begin is not None and (begin - aim.floor) * way >= 0):
        return Place("below_floor", f"{'below' if way > 0 else 'beyond'} the floor {show(aim.floor)}")
    return Place()


def said(why: str, band: Place) -> str:
    """The sentence of a status with the band behind its first part, where a narrow screen still shows it."""
    if not band.sentence:
        return why
    head, comma, tail = why.partition(", ")
    return f"{head}, {band.sentence}{comma}{tail}"


def fitting(aim: Aim, way: int) -> Aim:
    """The aim without what of its band contradicts its target."""
    if problems(aim._replace(stretch=None), way):
        aim = aim._replace(floor=None)
    if problems(aim._replace(floor=None), way):
        aim = aim._replace(stretch=None)
    return aim
