"""What the tree says of the line under the cursor: two lines below it, or a pane at its right."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from kpitui.charts.glyphs import Glyphs
from kpitui.domain.figures import show, show_range, show_target
from kpitui.domain.line_band import band_words
from kpitui.domain.line_window import time_words
from kpitui.domain.status import COUNTED
from kpitui.reports.wording import day_text, days_left_text, every_words, figure, has_target, percent, target_text
from kpitui.text import clean, cut, width
from kpitui.tui.screens.tree_rows import below, scope_kind
from kpitui.tui.widgets.spark import spark_spans
from kpitui.tui.widgets.styled import Line, Span, fitted, status_style

if TYPE_CHECKING:
    from kpitui.domain.model import TargetKind
    from kpitui.services.hierarchy import Node, Tree
    from kpitui.services.hierarchy_facts import Facts
    from kpitui.services.judging import Row
    from kpitui.tui.screens.tree_rows import Drafting

ADDS = {
    "flow": "adds up",
    "level": "stands at a level",
    "ratio": "a ratio",
    "index": "an index",
    "distinct": "distinct, never added up",
}
BETTER = {"up": "higher is better", "down": "lower is better", "range": "good within a range"}
LABEL = 10


def band_spans(row: Row, glyphs: Glyphs) -> list[Span]:
    """`band ● ≥ 30  ◆ 28.5-30  ✗ < 28.5`; what is aimed at where there is no band."""
    plain = glyphs.name == "ascii"
    bound = row.target if row.target is not None else row.low if row.target_kind == "at_least" else row.high
    if row.target_kind not in ("at_least", "at_most") or bound is None:
        return [("target ", "dim"), (target_text(row, ascii=plain), "")] if has_target(row) else [("no target", "dim")]
    edge = bound - abs(bound) * row.aim.watch * (1 if row.target_kind == "at_least" else -1)
    low, high = min(edge, bound), max(edge, bound)
    # The edge of the band often lies between two values that the metric's decimals can show.
    watch = show_range(low, high, row.unit, currency=row.currency, ascii=plain)
    said = show(edge, row.unit, currency=row.currency, compact=True, ascii=plain)
    beyond = f"{'<' if row.target_kind == 'at_least' else '>'} {said}"
    return [
        ("band ", "dim"),
        (f"{glyphs.on} ", "on"),
        (target_text(row, ascii=plain), ""),
        (f"  {glyphs.watch} ", "watch"),
        (watch, ""),
        (f"  {glyphs.off} ", "off"),
        (beyond, ""),
    ]


def low_lines(tree: Tree, node: Node | None, cells: int, glyphs: Glyphs, offers: bool = True) -> tuple[str, list[Line]]:
    """Title and two lines for the pane below; `offers` says that keys that write are named."""
    if node is None:
        return "", [(), ()]
    row = tree.row_of(node)
    if node.kind == "goal":
        view = tree.goals[node.id]
        said = [f"{percent(view.progress)} done, {percent(view.time_gone)} of the time"]
        if view.days_left is not None:
            said.append(days_left_text(view.days_left))
        none = f"no metric says how far it is{': M ties one' if offers else ''}"
        tied = f"measured by {clean(row.name)}" if row else none
        first: list[Span] = [(f" {', '.join(said)}", ""), (f", {tied}", "dim" if row else "watch")]
        return node.name, [first, [(f" {clean(view.why)}" if view.why and row else "", "")]]
    if node.kind == "scope":
        kpis = sum(1 for one in below(tree, node) if one.kind == "kpi")
        way = " n writes a team, role or person below it; with a comma a metric: Calls, daily"
        about = f" {scope_kind(tree, node)}, {kpis} KPIs, owner {node.owner or '-'}"
        return node.name, [[(about, "")], [(way if offers else "", "dim")]]
    if node.kind == "group" or row is None:
        return node.name, [[(" M gives each a KPI to feed, p makes one a KPI of its own" if offers else "", "dim")], ()]
    words = tree.definitions.get(row.metric_id, "")
    if row.status == "draft" and row.target_kind != "milestone" and not has_target(row):
        way = ": T gives it one, >=30 or 20 to 30 by 31 dec" if offers else ""
        words = f"A draft without a target{way}"
    elif row.status == "draft" and "baseline" in row.why:
        known = row.value is not None and not row.partial
        way = "p takes it from its values" if known else "T types both: 20 to 30 by 31 dec"
        words = f"{row.why}. {way}" if offers else row.why
    elif row.why.endswith(COUNTED):
        words = f"{row.why.removesuffix(COUNTED)}e e gives it an earlier start" if offers else row.why
    end = f"{ADDS.get(row.kind, row.kind)}, {BETTER.get(row.direction, row.direction)}."
    end, words = end[:1].upper() + end[1:], clean(words)
    if how := tree.formulas.get(row.metric_id):
        end = f"= {clean(how)}. {end}"
    # The definition has the line to itself where both would be cut.
    apart = bool(words) and width(words) + len(end) + 3 > cells
    feeds = tree.feeds.get(row.metric_id, ())
    present = sum(1 for cell in row.series[-13:] if cell.value is not None)
    second: list[Span] = [(" ", ""), *band_spans(row, glyphs)]
    if feeds:
        second.append((f"   feeds {', '.join(map(clean, feeds))}", "dim"))
    second.append((f"   {present} of {len(row.series[-13:])} values", "dim"))
    if apart and sum(width(text) for text, _ in second) + len(end) + 3 < cells:
        second.append((f"   {end.removesuffix('.')}", "dim"))
    return node.name, [[(f" {words}" if apart else f" {words} {end}" if words else f" {end}", "")], second]


def draft_lines(drafting: Drafting, cells: int) -> list[Line]:
    """What is understood of the line being typed, and what else may be said on it."""
    said = drafting.said or "Not understood yet"
    lines: list[Line] = [[(f" {part}", "" if drafting.line else "dim")] for part in wrap(said, cells - 2)]
    what = drafting.line.what if drafting.line is not None else drafting.what
    return [*lines[:3], *([(f" {part}", "dim")] for part in wrap(GRAMMAR[what], cells - 2))]


# Each in the one line that 80 columns have for it.
GRAMMAR = {
    "goal": "A number, what it counts, and a date: 5m ARR by 31 dec @ana",
    "kpi": "Name, weekly @owner lead|lag >=30, 25-35, 20 to 30 by 31 dec; percent, down",
    "metric": "Name, weekly @owner lead|lag|counter >=30, <=4, 25-35, feeds X; %, down, level",
    "scope": "team, role, person, campaign or client, its name @owner; with a comma a metric",
}


def side_lines(
    tree: Tree, node: Node | None, facts: Facts | None, cells: int, glyphs: Glyphs, offers: bool = True
) -> list[Line]:
    """The pane at the right, for a pane of `cells` cells."""
    if node is None:
        return []
    row = tree.row_of(node)
    if node.kind in ("goal", "scope", "group") or row is None:
        _, lines = low_lines(tree, node, 400, glyphs, offers)
        out: list[Line] = []
        for line in lines:
            text = "".join(part for part, _ in line).strip()
            out += [[(f" {part}", line[0][1] if line else "")] for part in wrap(text, cells - 2)]
        return out
    plain = glyphs.name == "ascii"
    lines = []

    def say(label: str, text: str, style: str = "", most: int = 3) -> None:
        parts = wrap(clean(text), cells - LABEL - 2) or [""]
        if len(parts) > most:
            parts = [*parts[: most - 1], cut(" ".join(parts[most - 1 :]), cells - LABEL - 2, glyphs.ellipsis)]
        for number, part in enumerate(parts):
            lines.append([(f" {label if not number else '':<{LABEL}}", "dim"), (part, style)])

    role = "KPI" if node.kind == "kpi" else "metric"
    if node.kind == "kpi" and row.state != "live":
        role = f"KPI, {row.state}"
    feeds = tree.feeds.get(row.metric_id, ())
    say("role", f"{role}, feeds {', '.join(feeds)}" if feeds else f"{role}, feeds nothing")
    say("what", tree.definitions.get(row.metric_id, f"not said yet{': e e writes it' if offers else ''}"), most=4)
    if facts is not None:
        if facts.detail.definition.source:
            say("source", facts.detail.definition.source)
        if facts.detail.derived:
            say("formula", facts.detail.derived)
    say("unit", f"{row.unit}, {ADDS.get(row.kind, row.kind)}, {BETTER.get(row.direction, row.direction)}")
    own = facts.detail.metric if facts is not None else None
    say("every", every_words(row.cadence, own.days if own else "", own.grace_days if own else 0))
    updater = facts.detail.definition.updater if facts is not None else ""
    say("owner", f"{node.owner or '-'}{f', entered by {updater}' if updater and updater != node.owner else ''}")
    kind = "counter" if row.counter else {"leading": "lead", "lagging": "lag"}.get(row.timing or "", "not set")
    say("kind", kind)
    lines.append(())
    baseline = row.baseline
    if baseline is not None:
        since = f" on {day_text(row.start, tree.today)}" if row.start is not None else ""
        say("baseline", f"{figure(row, baseline, ascii=plain)}{since}")
    until = f" by {day_text(row.deadline, tree.today)}" if row.deadline is not None else ""
    reach = band_words(row.floor, row.stretch, row.unit, row.currency)
    reach += time_words(row.aim.window, row.aim.sustain, row.cadence)
    none = f"none{': T sets one' if offers else ''}"
    say("target", f"{target_text(row, ascii=plain)}{reach}{until}" if has_target(row) else none)
    for text in dated(facts, row, tree.today, plain) if facts is not None else ():
        say("", text)
    lines.append([(f" {'band':<{LABEL}}", "dim"), *band_spans(row, glyphs)[1:]] if row.target_kind else ())
    status = row.why if row.why else row.status.replace("_", " ")
    say("stands", status, status_style(row.status))
    lines.append(())
    width = min(26, cells - LABEL - 2)
    spark = spark_spans([c.value for c in row.series], width, glyphs, lambda at, _: row.missed(row.series[at]))
    lines.append([(f" {f'last {width}':<{LABEL}}", "dim"), *spark])
    if facts is not None:
        if facts.ends:
            first, last = facts.ends
            gap = max(width - len(first) - len(last), 1)
            lines.append([(" " * (LABEL + 1), ""), (f"{first}{' ' * gap}{last}", "dim")])
        lines += _behaviour(facts, row, cells, glyphs)
        lines.append(())
        if facts.detail.roles:
            where = ", ".join(
                f"{scope}{'' if state == 'live' else f' ({state})'}" for scope, state in facts.detail.roles
            )
            say("KPI of", where)
        for number, note in enumerate(facts.detail.notes[:2]):
            say("notes" if not number else "", f"{day_text(note.day, tree.today)} {note.who}: {note.text}", most=2)
        for number, task in enumerate(facts.detail.actions[:2]):
            late = ", late" if task.late_days else ""
            when = f"{task.owner}, {day_text(task.due, tree.today)}{late}"
            say("actions" if not number else "", f"{task.text} ({when})", most=2)
        for number, text in enumerate(facts.history):
            say("history" if not number else "", text)
    return [fitted(line, cells, mark=glyphs.ellipsis) for line in lines]


def dated(facts: Facts, row: Row, today: int, plain: bool) -> list[str]:
    """Targets of other times: those that came before, and what is set for later."""
    found = []
    for one in sorted(facts.detail.targets, key=lambda target: target.start, reverse=True)[:3]:
        kind: TargetKind = row.target_kind  # type: ignore[assignment]
        text = show_target(kind, one.value, one.low, one.high, row.unit, currency=row.currency,
                           decimals=row.decimals, ascii=plain)  # fmt: skip
        text += band_words(one.floor, one.stretch, row.unit, row.currency)
        found.append(f"{text} from {day_text(one.start, today)}{f' ({one.why})' if one.why else ''}")
    return found


def _behaviour(facts: Facts, row: Row, cells: int, glyphs: Glyphs) -> list[Line]:
    limits = facts.detail.limits
    if limits is None:
        return []
    plain = glyphs.name == "ascii"
    said = figure(row, limits.centre, ascii=plain)
    if limits.lower is not None or limits.upper is not None:
        band = show_range(limits.lower, limits.upper, row.unit, currency=row.currency, decimals=row.decimals,
                          bare=row.unit == "percent", ascii=plain)  # fmt: skip
        said += f"   usual {band}"
    lines: list[Line] = [[(f" {'mean':<{LABEL}}", "dim"), (said, "")]]
    if row.signal is not None:
        style = "watch" if row.signal.good is False else ""
        for number, part in enumerate(wrap(clean(row.signal.sentence), cells - LABEL - 2)):
            lines.append([(f" {'signal' if not number else '':<{LABEL}}", "dim"), (part, style)])
    return lines
