"""What would be, and what is needed, in words and figures: for the command and the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.drivers import rounded
from kpitui.domain.figure_style import style
from kpitui.domain.figures import show, show_relative

if TYPE_CHECKING:
    from kpitui.services.whatif import Above, Driver, MetricRow, WhatIf

DEPEND = "Each with all others held as they are. Drivers may depend on each other: few of them ever move alone."


AS_IT_IS = "as it is"


def amount(metric: MetricRow, currency: str, value: float | None) -> str:
    return show(value, metric.unit, currency=currency, decimals=metric.decimals, compact=True, figures=4)


def strength(one: Driver) -> str:
    """By how many percent the result moves for one percent of the driver; `-` where nobody can say."""
    if one.elasticity is None:
        return "-"
    text = f"{one.elasticity:+.2f}%" if abs(one.elasticity) < 99.5 else f"{one.elasticity:+.0f}%"
    return text.replace(".", style().decimal)


def target_value(one: Driver, view: WhatIf) -> float | None:
    """What is needed, as it is written down: never short of it."""
    if one.needed is None or one.needed.value is None or one.would_be is None:
        return None
    counted = one.metric.unit == "number" and one.metric.kind in ("flow", "distinct") and not one.metric.decimals
    enough = view.wanted is not None and view.wanted.met(view.would_be) is True
    return rounded(one.needed.value, one.would_be, whole=counted, enough=enough)


def needed(one: Driver, view: WhatIf) -> str:
    """What it must be alone, or why nothing would do."""
    if one.needed is None:
        return ""
    return one.needed.why if one.needed.value is None else amount(one.metric, one.currency, target_value(one, view))


def by_how_much(one: Driver) -> str:
    """What is needed against what it would be: `+12.0%`."""
    if one.needed is None or one.needed.value is None or not one.would_be:
        return ""
    share = (one.needed.value - one.would_be) / abs(one.would_be)
    return AS_IT_IS if abs(share) < 5e-5 else show_relative(share)


def past(one: Driver, grain: str) -> str:
    """`there in 3 of 26 weeks`, `1.4 x the best of 26 weeks`."""
    seen = one.seen
    if seen is None or not seen.of:
        return ""
    if seen.reached:
        return f"there in {seen.reached} of {seen.of} {grain}s"
    if seen.times_best is not None:
        return f"{_times(seen.times_best)} the best of {seen.of} {grain}s"
    return f"never there in {seen.of} {grain}s"


def briefly(one: Driver, grain: str) -> str:
    """The same in few cells: `3 of 26 weeks`, `1.4 x best`."""
    seen = one.seen
    if seen is None or not seen.of:
        return ""
    if not seen.reached and seen.times_best is not None:
        return f"{_times(seen.times_best)} best"
    return f"{seen.reached or 'none'} of {seen.of} {grain}s"


def _times(share: float) -> str:
    return f"{share:.1f} x".replace(".", style().decimal)


def verdict(view: WhatIf) -> str:
    """`$300, would be $500, goal $400: reached`."""
    parts = [amount(view.metric, view.currency, view.value)]
    if view.would_be != view.value:
        parts.append(f"would be {amount(view.metric, view.currency, view.would_be)}")
    if view.wanted is None:
        return ", ".join(parts)
    bound = amount(view.metric, view.currency, view.wanted.value)
    words = view.wanted.words
    words = words if words.startswith(("goal", "target", "good")) else f"{bound} {words}"
    met = view.wanted.met(view.would_be)
    tail = "" if met is None else ": reached" if met else f": {short(view)} short"
    return f"{', '.join(parts)}, {words}{tail}"


def short(view: WhatIf) -> str:
    assert view.wanted is not None and view.would_be is not None
    return amount(view.metric, view.currency, abs(view.wanted.value - view.would_be))


def solved_sentence(view: WhatIf, one: Driver) -> str:
    """`Visits must reach 1,100 (+10.0%) for Profit to be $400; there in 2 of 7 weeks`."""
    assert view.wanted is not None and one.needed is not None
    goal = f"{view.metric.name} to be {amount(view.metric, view.currency, view.wanted.value)}"
    if one.needed.value is None:
        return f"{one.metric.name} alone cannot bring {goal}: {one.needed.why}"
    value, held = needed(one, view), past(one, view.grain)
    if one.needed.value == one.would_be:
        return f"{one.metric.name} is where it has to be for {goal}: {value}"
    rises = one.would_be is not None and one.needed.value > one.would_be
    enough = view.wanted.met(view.would_be)
    if by_how_much(one) == AS_IT_IS:
        way = f"{'may' if enough else 'must'} {'rise' if rises else 'fall'}"
        return f"{one.metric.name} {way} by next to nothing from {value} for {goal}"
    verb = ("may rise to" if rises else "may fall to") if enough else ("must reach" if rises else "must come down to")
    change = by_how_much(one)
    return f"{one.metric.name} {verb} {value} ({change}) for {goal}{f'; {held}' if held else ''}"


def raised(view: WhatIf, one: Above) -> str:
    """What becomes of a metric above: `$300 -> $500, goal $400: reached`."""
    text = amount(one.metric, one.currency, one.value)
    if one.would_be != one.value:
        text += f" to {amount(one.metric, one.currency, one.would_be)}"
    if one.wanted is not None:
        met = one.wanted.met(one.would_be)
        text += f", {one.wanted.words}{'' if met is None else ': reached' if met else ': not reached'}"
    return text


def remarks(view: WhatIf) -> list[str]:
    """What to know before believing it, a sentence each with its full stop."""
    found = []
    if view.value is None:
        some = view.would_be is not None or any(one.would_be is not None for one in view.above)
        found = [f"{view.why}: {'only what is supposed counts' if some else 'nothing can be worked out'}."]
    if view.partial:
        found.append(f"{view.label} is not whole yet: its value so far.")
    if len(view.drivers) > 1:
        found.append(DEPEND)
    if view.drivers and view.wanted is None and view.no_target:
        found.append(f"What is needed cannot be said: {view.no_target}.")
    found += [f"{name} does not reach {view.metric.name} by anything that can be worked out."
              for name in view.without_effect]  # fmt: skip
    by_goal: dict[str, list[str]] = {}
    for name, into in view.unknown:
        by_goal.setdefault(into, []).append(name)
    for into, names in by_goal.items():
        said = ", ".join(names[:-1]) + (" and " if names[:-1] else "") + names[-1]
        feed = "feeds" if len(names) == 1 else "feed"
        found.append(f"{said} {feed} {into}, but no formula or ratio says how much: nothing can be worked out there.")
    if not view.drivers and not view.above and view.value is not None:
        found.append(
            f"{view.metric.name} is entered, and nothing is worked out from it or makes it: give it a formula, or a "
            "ratio with numerator and denominator."
        )
    return found
