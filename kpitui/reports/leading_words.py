"""What has moved before what, in sentences that claim no more than was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpitui.domain.leading import Link
    from kpitui.domain.vanity import Vanity
    from kpitui.services.leading import Pair


def periods(count: int, grain: str) -> str:
    """`3 weeks`, `1 week`."""
    return f"{count} {grain}{'' if count == 1 else 's'}"


def found_sentence(pair: Pair) -> str:
    """`Cold calls has moved 3 weeks before Demos booked, the opposite way`; of a pair that was found."""
    assert pair.link is not None
    way = ", the opposite way" if pair.link.r < 0 else ""
    return f"{pair.metric.name} has moved {periods(pair.link.lag, pair.grain)} before {pair.outcome.name}{way}"


def seen_sentence(pair: Pair, cells: int) -> str:
    """What the values say of a metric beside a KPI, without its own name, as far as it fits; "has moved before" is no
    "drives"."""
    link = pair.link
    if link is None:
        return ""
    if not pair.found:
        texts = [f"no link to {pair.outcome.name} has shown over {periods(link.n, pair.grain)}"]
    else:
        way = ", the opposite way" if link.r < 0 else ""
        long = f"has moved {periods(link.lag, pair.grain)} before {pair.outcome.name}{way}"
        texts = [f"{long}, {evidence(link, pair.grain)}", f"{long}, r {link.r:+.2f}", long]
    return next((text for text in texts if len(text) <= cells), texts[-1])


def evidence(link: Link, grain: str) -> str:
    """`r 0.71 over 110 weeks, by chance within 0.27`."""
    return f"r {link.r:+.2f} over {periods(link.n, grain)}, by chance within {link.bound:.2f}"


def vanity_sentence(metric: str, outcome: str, found: Vanity) -> str:
    """What the vanity test says of two names, without a full stop."""
    if found.metric is None or found.outcome is None:
        return f"not enough values of {metric} and {outcome} to tell vanity from use"
    rise, stays = f"{found.metric.share:+.0%}", f"{found.outcome.share:+.0%}"
    over = f"over {found.metric.n} periods"
    if found.verdict == "vanity":
        return f"{metric} rose by {rise} {over} while {outcome} stayed where it is ({stays}): vanity"
    if found.verdict == "moved":
        return f"{metric} rose by {rise} {over}, and {outcome} moved, too ({stays})"
    if found.verdict == "steady":
        return f"{metric} did not clearly rise {over} ({rise})"
    return f"{metric} rose by {rise} {over}; {outcome} ({stays}) is too unsteady to tell: not enough evidence"
