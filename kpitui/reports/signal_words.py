"""Limits, hits and what speaks against them, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.figures import show
from kpitui.domain.signal_phases import QUESTIONS
from kpitui.domain.signals import FIRM, NEAR, NEAR_OF, RULES
from kpitui.reports.wording import figure

if TYPE_CHECKING:
    from kpitui.domain.signal_phases import Phase
    from kpitui.domain.signals import Hit
    from kpitui.services.signals import Chart

SETS = {
    "wheeler": "Wheeler's rules",
    "western": "Western Electric rules",
    "nelson": "Nelson's rules",
    "nhs": "NHS rules",
}
OFFERS = {
    "trend": "limits along the trend (--trend) fit better",
    "season": "take the season out (--season)",
    "log": "a log scale (--log) fits better",
}


DRAWS = {
    "trend": "C draws them along the trend",
    "season": "C draws them without the season",
    "log": "C draws them on a log scale",
}
"""The same on a screen."""


class Told(NamedTuple):
    """A signal, or several of the same kind in a row, for a line of a table."""

    when: str
    value: str
    rule: str
    sentence: str


def told(chart: Chart) -> list[Told]:
    """The hits as lines, oldest first; values outside the same limit one after the other are one line."""
    out: list[Told] = []
    places = [place for place, value in enumerate(chart.judged) if value is not None]
    follows = dict(pairwise(places))
    block: list[Hit] = []
    outside = [hit for hit in chart.hits if hit.rule == "outside"]
    blocks: list[list[Hit]] = []
    for hit in outside:
        if block and follows.get(block[-1].index) == hit.index and block[-1].direction == hit.direction:
            block.append(hit)
        else:
            block = [hit]
            blocks.append(block)
    rest = [[hit] for hit in chart.hits if hit.rule != "outside"]
    for some in sorted([*blocks, *rest], key=lambda some: (some[0].index, RULES.index(some[0].rule))):
        hit, last = some[0], some[-1]
        first, end = hit.points[0], last.points[-1]
        sentence = hit_sentence(chart, hit)
        if len(some) > 1:
            limit = "above the upper limit" if hit.direction == "up" else "below the lower limit"
            sentence = f"{len(some)} values in a row are {limit}"
        when = chart.labels[hit.index]
        if first != end:
            sentence += f", {chart.labels[first]} to {chart.labels[end]}"
        out.append(Told(when, shown(chart, hit.index), hit.rule, sentence))
    return out


def value(chart: Chart, judged: float | None) -> str:
    """A centre or limit in the metric's unit, as exact as space allows: a mean of whole numbers is none."""
    row = chart.row
    return show(chart.unit(judged), row.unit, currency=row.currency, compact=True)


def between(chart: Chart, first: int, end: int) -> str:
    """`W12 to W47`, or the one period there is."""
    labels = chart.labels[first:end]
    return labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"


def exact(chart: Chart, judged: float | None) -> str:
    row = chart.row
    return show(chart.unit(judged), row.unit, currency=row.currency, decimals=(row.decimals or 0) + 2)


def shown(chart: Chart, place: int) -> str:
    """A value as the limits judge it: without its season where that was taken out."""
    return figure(chart.row, chart.unit(chart.judged[place]))


def hit_sentence(chart: Chart, hit: Hit) -> str:
    """`$412 is above the upper limit $400`, without a full stop."""
    phase = next(one for one in chart.phases if one.first <= hit.index < one.end)
    up = hit.direction == "up"
    side, limit = ("above", "upper") if up else ("below", "lower")
    middle = "the trend" if phase.trend is not None else f"the mean {value(chart, phase.centre(hit.index))}"
    if hit.rule == "outside":
        bound = phase.upper(hit.index) if up else phase.lower(hit.index)
        own, other = shown(chart, hit.index), value(chart, bound)
        if own == other:
            # Rounded they are the same, and nobody would believe it.
            own, other = (exact(chart, one) for one in (chart.judged[hit.index], bound))
        return f"{own} is {side} the {limit} limit {other}"
    if hit.rule == "run":
        return f"{len(hit.points)} values in a row are {side} {middle}"
    if hit.rule == "near" and chart.how.rules == "wheeler":
        return f"{NEAR} of {NEAR_OF} values are nearer to the {limit} limit than to {middle}"
    count = len(hit.points)
    return {
        "near": f"2 of 3 values are more than two thirds of the way to the {limit} limit",
        "beyond": f"4 of 5 values are more than a third of the way to the {limit} limit",
        "trend": f"{count} values in a row go {'up' if up else 'down'}",
        "alternating": f"{count} values in a row go up and down by turns",
        "inside": f"{count} values in a row lie within a third of the way to the limits: too quiet to be noise",
        "spread": f"{count} values in a row, on both sides, are more than a third of the way to a limit",
    }[hit.rule]


def limits_sentence(chart: Chart, phase: Phase) -> str:
    """Centre, limits and moving ranges of a phase, at its end where there is a trend."""
    by = phase.limits
    if by is None:
        return "No limits: no two adjacent periods have values"
    at = phase.end - 1
    low, high = phase.lower(at), phase.upper(at)
    if low is not None and high is not None:
        bounds = f"limits {value(chart, low)} to {value(chart, high)}"
    elif high is not None:
        bounds = f"upper limit {value(chart, high)}, no lower one"
    elif low is not None:
        bounds = f"lower limit {value(chart, low)}, no upper one"
    else:
        bounds = "no limits inside the hard bounds"
    first, end = phase.made_of
    whence = f"{by.n} values, {between(chart, first, end)}"
    state = {"firm": "", "provisional": f", provisional below {FIRM}", "too_early": ", too few to judge by"}[by.state]
    middle = "mean"
    if phase.trend is not None:
        slope = show(phase.trend.slope, chart.row.unit, currency=chart.row.currency, compact=True, signed=True)
        middle = f"trend {slope} a {chart.grain}, now" if not chart.how.log else "trend, now"
    return f"{middle} {value(chart, phase.centre(at))}, {bounds} ({whence}{state})"


def standing_sentence(chart: Chart, screens: int) -> str:
    """Whether the limits are locked, and since when; while they are not, that new values move them, and how those of
    the screens differ, which go by the last `screens` periods. Empty where there is nothing to lock yet."""
    now = chart.phases[-1] if chart.phases else None
    if now is None or chart.state == "too_early" or (now.limits is not None and not now.limits.reach):
        return ""
    last = chart.drawn[-1] if chart.drawn else None
    if last is not None and last.locked is not None:
        said = f"Locked by {last.who}, {last.why}"
        if not last.who:
            said = f"L{last.why[1:]}" if last.why.startswith("locked ") else f"Locked, {last.why}"
            said += "; earlier values are not judged" if now.first > chart.begin else ""
        said += f"; {chart.reworked}" if chart.reworked else ""
        return f"{said}: --unlock lets them go, --lock keeps those of now"
    if last is not None or now.made_of != (0, len(chart.raw)):
        return ""  # A phase was drawn, or limits are only looked at.
    if len(chart.raw) > screens and chart.begin == 0:
        return (
            f"All {chart.known} values make these limits, the last {screens} periods those of the screens "
            f"(--last {screens}); they lock when a review is signed, or with --lock"
        )
    return "Not locked yet: new values move these limits until a review is signed, or with --lock"


def warning_sentences(chart: Chart, offers: Mapping[str, str] = OFFERS) -> list[str]:
    """What to know before believing the limits, each with what to do instead where there is something."""
    return [f"{one.text}; {offers[one.offer]}" if one.offer else one.text for one in chart.warnings]


def runs_sentence(chart: Chart) -> str:
    """What the run test of Anhøj says, which needs no limits."""
    runs = chart.runs
    verdict = "a shift or cluster" if runs.signal else "no shift"
    return (
        f"By runs alone: {verdict}; longest run {runs.longest} (by chance up to {runs.longest_allowed}), "
        f"crossings of the median {runs.crossings} (by chance {runs.crossings_needed} or more)"
    )


def sampling_sentence(chart: Chart) -> str:
    """What the smallness of the sample says of the last share; empty for what is no share of counted things."""
    found = chart.sampling
    if found is None:
        return ""
    low, high = figure(chart.row, found.low), figure(chart.row, found.high)
    text = (
        f"{chart.labels[-1]}: {found.part:g} of {found.whole:g} is {figure(chart.row, chart.raw[-1])}; by the size of "
        f"the sample alone {low} to {high} (95%, Wilson)"
    )
    if found.mostly:
        text += f". Most of what varies is the smallness of the samples ({found.outside} beyond a p chart's limits)"
    return text


def proposal_sentence(chart: Chart) -> str:
    """Whether to draw limits anew, as a question; empty where no run speaks for it."""
    run = chart.proposed
    if run is None:
        return ""
    side = "above" if run.direction == "up" else "below"
    asked = ", ".join(QUESTIONS[:-1]) + f", and {QUESTIONS[-1]}"
    return (
        f"{len(run.points)} values {side} the centre since {chart.labels[run.points[0]]}. Draw limits anew from there? "
        f"Only if four times yes: {asked}"
    )
