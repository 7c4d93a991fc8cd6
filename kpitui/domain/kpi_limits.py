"""How many KPIs a scope may have before it is said: the workspace's three limits, or the scope's own."""

from __future__ import annotations

from collections.abc import Sequence

from kpitui.domain.named import NamedTuple

NAMES = ("kpi_notice", "kpi_warn", "kpi_strong")


class Limits(NamedTuple):
    """KPIs above which it is noticed, warned of, warned of strongly."""

    notice: int = 3
    warn: int = 5
    strong: int = 7


def limits(own: Sequence[int | None], standard: Limits) -> Limits:
    """A scope's limits: its own where it has them, the workspace's elsewhere, moved as far as they must to go up."""
    found: list[int] = []
    for place, usual in enumerate(standard):
        given = own[place]
        if given is None:
            given = max([usual, *(one for one in own[:place] if one is not None)])
            given = min([given, *(one for one in own[place + 1 :] if one is not None)])
        found.append(given)
    return Limits(*found)


def check(own: Sequence[int | None]) -> list[str]:
    """What contradicts itself in a scope's own limits, a sentence each."""
    if any(one is not None and one < 1 for one in own):
        return ["a limit of KPIs is 1 or more: mend it, or leave it out for the workspace's."]
    known = [one for one in own if one is not None]
    if known != sorted(known):
        said = ", ".join(map(str, known))
        return [f"{', '.join(NAMES[:-1])} and {NAMES[-1]} go up, and {said} do not: change one of them."]
    return []


def severity(count: int, of: Limits) -> str:
    """How bad so many KPIs are: empty within the first limit, then notice, warning, error."""
    if count <= of.notice:
        return ""
    return "error" if count > of.strong else "warning" if count > of.warn else "notice"
