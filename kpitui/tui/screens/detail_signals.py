"""The natural limits of a metric in other ways, for the chart, and all that is to be known of its signals, in lines."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from kpitui.domain.problem import Problem
from kpitui.domain.signal_phases import hits_of
from kpitui.reports import signal_words as words
from kpitui.reports.wording import figure
from kpitui.services.signals import Chart, How, as_shown
from kpitui.tui.widgets.board import BoardRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.services.detail import Detail
    from kpitui.storage.store import Store

WAYS = {
    "trend": How(trend=True),
    "season": How(season=True),
    "median": How(median=True),
    "screened": How(screened=True),
    "log": How(log=True),
}
"""Kinds of chart that are limits worked out in another way, in the order `C` goes through them."""
NAMES = {
    "trend": "limits along the trend",
    "season": "limits without the season",
    "median": "limits by the median moving range",
    "screened": "limits without very large moving ranges",
    "log": "limits on a log scale",
}
OTHERS = ("western", "nelson", "nhs")
CELLS = 58
"""Of a line's text, so that it is whole at 80 columns."""
NEWEST = 6
"""Signals told one by one."""


def chart_for(store: Store, today: int, item: str, span: int, kind: str) -> Chart | str:
    """The limits of a kind of chart (the usual ones for any other); a sentence where they cannot be worked out."""
    try:
        return as_shown(store, today, item, span, WAYS.get(kind, How()))
    except Problem as problem:
        return str(problem)


def lines_of(
    view: Detail, chart: Chart
) -> tuple[list[float | None], list[tuple[str, Sequence[float | None] | float, str]]]:
    """The values as these limits judge them, and the limits as lines with their words, in the view's places."""
    places = {span: place for place, span in enumerate(chart.spans)}
    at = [places.get(value.cell.span) for value in view.values]
    values = [None if place is None else chart.unit(chart.judged[place]) for place in at]
    lines: list[tuple[str, Sequence[float | None] | float, str]] = []
    trial = "" if chart.state == "firm" else "trial "
    judged = [one for one in chart.phases if one.limits is not None and one.limits.state != "too_early"]
    middle = "trend" if chart.how.trend else "mean"
    for kind, name in (("limit", "upper"), ("centre", "centre"), ("limit", "lower")):
        line: list[float | None] = [None] * len(at)
        for index, place in enumerate(at):
            phase = next((one for one in judged if place is not None and one.first <= place < one.end), None)
            if phase is not None and place is not None:
                line[index] = chart.unit(getattr(phase, name)(place))
        latest = next((one for one in reversed(line) if one is not None), None)
        if latest is not None:
            said = middle if name == "centre" else f"{trial}{name}"
            own = figure(view.row, latest)
            lines.append((kind, line, f"{said} {own}"))
    return values, lines


def rows(view: Detail, chart: Chart | str) -> list[BoardRow]:
    """What is to be known of the signals: limits, what fired, what speaks against it, and what needs no limits."""
    if isinstance(chart, str):
        return folded("", chart)
    out: list[BoardRow] = []
    if not chart.spans:
        return folded("limits", "no whole period with a value yet: limits need 6")
    for phase in chart.phases:
        where = f"{words.between(chart, max(phase.first, chart.begin), phase.end)}: " if len(chart.phases) > 1 else ""
        out += folded("limits", f"{where}{words.limits_sentence(chart, phase)}")
    if view.standing:
        out += folded("", view.standing)
    told = words.told(chart)
    for one in told[-NEWEST:][::-1]:
        out += folded("signal", f"{one.when} {one.value}: {one.sentence}", key=f"signal:{one.when}:{one.rule}")
    if len(told) > NEWEST:
        out += folded("", f"and {len(told) - NEWEST} earlier ones")
    if not told and chart.state != "too_early":
        out += folded("signal", "none: the values vary as noise does")
    for text in words.warning_sentences(chart, words.DRAWS):
        out += folded("mind", text)
    if chart.runs.n >= 10:
        out += folded("runs", words.runs_sentence(chart))
    if sampling := words.sampling_sentence(chart):
        out += folded("sample", sampling)
    if proposal := words.proposal_sentence(chart):
        out += folded("shift", f"{proposal}: R does")
    return [*out, *by_other_rules(chart)]


def by_other_rules(chart: Chart) -> list[BoardRow]:
    """What the other sets of rules say: how often they fire, and where they did so last."""
    out: list[BoardRow] = []
    if chart.state == "too_early":
        return out
    for rules in OTHERS:
        hits = tuple(hit for hit in hits_of(chart.judged, chart.phases, rules) if hit.index >= chart.begin)
        told = words.told(chart._replace(how=chart.how._replace(rules=rules), hits=hits))
        name = words.SETS[rules].removesuffix(" rules").removesuffix("'s")
        if told:
            last = told[-1]
            count = f"{len(told)} signal{'s' if len(told) > 1 else ''}, the last "
            out += folded(name, f"{count}{last.when}: {last.sentence}")
        else:
            out += folded(name, "none")
    return out


def folded(name: str, text: str, *, key: str = "") -> list[BoardRow]:
    """A named text in as many rows as it takes."""
    lines = textwrap.wrap(text, CELLS, break_on_hyphens=False) or [""]
    return [
        BoardRow(
            f"{key or f'signals:{name}:{text[:20]}'}:{place}", ((name if not place else "", "dim"), line),
            layout="Definition",
        )
        for place, line in enumerate(lines)
    ]  # fmt: skip
