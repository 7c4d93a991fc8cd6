"""The parts below the chart of a metric: values, targets, notes, actions, corrections, what it feeds, what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.charts.glyphs import Glyphs, mark
from kpitui.domain.line_band import band_words
from kpitui.domain.line_window import time_words
from kpitui.reports.movement import change_text
from kpitui.reports.wording import (
    day_text,
    every_words,
    figure,
    gap_text,
    near_day,
    share_text,
    target_text,
    value_text,
)
from kpitui.tui.widgets.board import BoardRow, Column, Layout
from kpitui.tui.widgets.styled import status_style

if TYPE_CHECKING:
    from kpitui.services.detail import Detail, PhaseRow, TargetRow, Value
    from kpitui.services.judging import Row
    from kpitui.services.kpi_life import Spell

PARTS = ("Values", "Targets", "Notes", "Actions", "Corrections", "Feeds", "Signals", "Definition")

LAYOUTS = {
    "Values": Layout(
        (
            Column("period", 10, "period"),
            Column("closed", 9, "entered"),
            Column("value", 10, "value", "right"),
            Column("change", 8, "change", "right"),
            Column("gap", 7, "gap", "right"),
            Column("by", 6, "by", gap=2),
            Column("note", 0, "note", least=6),
        ),
        (("closed", 0), ("by", 0), ("gap", 0), ("period", 7), ("value", 8)),
    ),
    "Targets": Layout(
        (
            Column("from", 14, "from"),
            Column("value", 14, "target", "right"),
            Column("why", 0, "why", gap=2, least=6),
        )
    ),
    "Notes": Layout((Column("day", 14, "day"), Column("who", 8, "who"), Column("text", 0, "note")), (("day", 7),)),
    "Actions": Layout(
        (Column("due", 16, "due"), Column("who", 8, "owner"), Column("text", 0, "action")), (("due", 10),)
    ),
    "Corrections": Layout(
        (
            Column("period", 10, "period"),
            Column("old", 10, "was", "right"),
            Column("new", 10, "is", "right"),
            Column("who", 8, "by", gap=2),
            Column("day", 9, "on"),
            Column("why", 0, "why", least=6),
        ),
        (("day", 0), ("who", 0)),
    ),
    "Feeds": Layout(
        (
            Column("how", 13, ""),
            Column("mark", 1, ""),
            Column("name", 0, "metric", least=8),
            Column("spark", 13, "last 13", "tail"),
            Column("value", 9, "value", "right"),
            Column("target", 9, "target", "right"),
            Column("gap", 7, "gap", "right"),
        ),
        (("target", 0), ("spark", 8), ("gap", 0), ("how", 8)),
    ),
    "Leads": Layout((Column("how", 13, ""), Column("text", 0, "")), (("how", 8),)),
    "Definition": Layout((Column("name", 16, ""), Column("text", 0, "")), (("name", 11),)),
}
LAYOUTS["Signals"] = LAYOUTS["Definition"]


def count_of(view: Detail, part: str) -> int:
    """How many of a part there are, said beside its name; 0 is not said."""
    return {
        "Targets": len(view.targets) + (view.row.target_kind != ""),
        "Notes": len(view.notes),
        "Actions": len(view.actions),
        "Corrections": len(view.corrections),
        "Feeds": len(view.feeds) + len(view.drivers),
    }.get(part, 0)


def part_rows(view: Detail, part: str, glyphs: Glyphs) -> list[BoardRow]:
    """The rows of a part under its titles; where it is empty, the key that fills it."""
    rows = {
        "Values": values,
        "Targets": targets,
        "Notes": notes,
        "Actions": actions,
        "Corrections": corrections,
        "Feeds": feeds,
        "Signals": signals,
        "Definition": definition,
    }[part](view, glyphs)
    head = BoardRow("", (), "header", part)
    empty = {
        "Values": "No values yet. c enters the first",
        "Targets": "No target. T sets one",
        "Notes": "No notes. m writes one; it is drawn on the chart",
        "Actions": "No open actions. a adds one: what @who when",
        "Corrections": "No value was corrected",
        "Feeds": "It feeds nothing and nothing feeds it. M in the tree (2) attaches it",
    }
    return [head, *rows] if rows else [BoardRow("", ((f" {empty.get(part, '')}", "dim"),), "text")]


def values(view: Detail, glyphs: Glyphs) -> list[BoardRow]:
    rows = [value_row(view, value, glyphs) for value in reversed(view.values)]
    last = max(
        (place for place, value in enumerate(reversed(view.values)) if value.state or value.cell.present), default=-1
    )
    return rows[: last + 1]


def value_row(view: Detail, value: Value, glyphs: Glyphs) -> BoardRow:
    cell = value.cell
    shown = figure(view.row, cell.value, ascii=glyphs.name == "ascii")
    if cell.value is None:
        shown = (
            "none"
            if value.state == "none"
            else (f"{figure(view.row, cell.partial)} so far" if cell.partial is not None else "____")
        )
    elif not cell.whole:
        shown += "*"
    if value.odd:
        shown += "?"
    gap = ""
    if value.target is not None and cell.value is not None and value.target and view.row.target_kind != "reach":
        sign = -1 if view.row.target_kind == "at_most" or (view.row.aim.direction == "down") else 1
        gap = share_text(sign * (cell.value - value.target) / abs(value.target))
    note = f"{glyphs.note} {value.note}" if value.note else ""
    if value.rev > 1:
        note = f"{glyphs.corrected} {note}".rstrip()
    if value.signal:
        note = f"{glyphs.signal} {value.signal}  {note}".rstrip()
    if value.band in ("below_floor", "stretch"):
        note = f"{value.band.replace('_', ' ')}  {note}".rstrip()
    entered = "" if value.day is None else day_text(value.day, view.as_of)
    style = "off" if gap.startswith("-") else ""
    return BoardRow(
        f"value:{cell.span.start}:{cell.span.end}",
        (value.label, entered, (shown, "flag" if value.odd else ""), change_text(view.row, value.change), (gap, style),
         value.who, note),
        layout="Values",
    )  # fmt: skip


def targets(view: Detail, glyphs: Glyphs) -> list[BoardRow]:
    row = view.row
    if not row.target_kind:
        return []
    rows = [
        BoardRow(
            f"target:{one.id}",
            (day_text(one.start, view.as_of), bound_of(view, one), said_of(view, one)),
            layout="Targets",
        )
        for one in reversed(view.targets)
    ]
    start = "always" if row.aim.start is None else day_text(row.aim.start, view.as_of)
    until = "" if row.aim.deadline is None else f"until {day_text(row.aim.deadline, view.as_of)}"
    base = "" if row.baseline is None else f"baseline {figure(row, row.baseline)}"
    own = bound_text(view, row.aim.value, row.aim.low, row.aim.high)
    band = band_text(view, row.aim.floor, row.aim.stretch)
    time = time_words(row.aim.window, row.aim.sustain, row.cadence).removeprefix(", ")
    said = ", ".join(word for word in (base, until, band, time) if word)
    return [*rows, BoardRow("target:own", (start, own, said), layout="Targets")]


def band_text(view: Detail, floor: float | None, stretch: float | None) -> str:
    """`floor 25, stretch 36`; empty for no band."""
    return band_words(floor, stretch, view.row.unit, view.row.currency).removeprefix(", ")


def said_of(view: Detail, one: TargetRow) -> str:
    """The band of a dated target, and why it was set."""
    return " · ".join(word for word in (band_text(view, one.floor, one.stretch), one.why) if word)


def bound_of(view: Detail, one: TargetRow) -> str:
    if one.value is None and one.low is None and one.high is None:
        return "as before"
    return bound_text(view, one.value, one.low, one.high)


def bound_text(view: Detail, value: float | None, low: float | None, high: float | None) -> str:
    return target_text(view.row._replace(target=value, low=low, high=high))


def notes(view: Detail, glyphs: Glyphs) -> list[BoardRow]:
    return [
        BoardRow(
            f"note:{one.id}", (day_text(one.day, view.as_of), one.who, one.text.replace("\n", " ")), layout="Notes"
        )
        for one in view.notes
    ]


def actions(view: Detail, glyphs: Glyphs) -> list[BoardRow]:
    return [
        BoardRow(
            f"action:{one.id}",
            ((near_day(one.due, view.as_of), "off" if one.late_days else ""), one.owner, one.text),
            layout="Actions",
        )
        for one in view.actions
    ]


def corrections(view: Detail, glyphs: Glyphs) -> list[BoardRow]:
    row = view.row
    return [
        BoardRow(
            f"correction:{place}",
            (one.label, figure(row, one.old), figure(row, one.new), one.who, day_text(one.day, view.as_of),
             f"{'restated: ' if one.restated else ''}{one.why or one.note}"),
            layout="Corrections",
        )
        for place, one in enumerate(view.corrections)
    ]  # fmt: skip


def feeds(view: Detail, glyphs: Glyphs) -> list[BoardRow]:
    from kpitui.charts.sparkline import sparkline

    groups: list[tuple[str, tuple[Row, ...]]] = [
        ("feeds", view.feeds),
        ("fed by", view.drivers),
        ("made of", view.made_of),
        ("guarded by", (view.counter,) if view.counter else ()),
    ]
    rows = [
        BoardRow(
            f"metric:{row.slug}:{words}",
            (words, (mark(row.status, glyphs), status_style(row.status)), row.name + guarding(view, words),
             (sparkline([cell.value for cell in row.series], 13, glyphs), "spark"), value_text(row), target_text(row),
             gap_text(row)),
            layout="Feeds",
        )
        for words, some in groups
        for row in some
    ]  # fmt: skip
    return [*rows, *lead_rows(view)]


def guarding(view: Detail, words: str) -> str:
    """`, 0.5 points tolerated` behind the counter metric, where a worsening is."""
    if words != "guarded by" or view.counter is None or view.tolerance is None:
        return ""
    from kpitui.domain.guard import tolerance_words

    return f", {tolerance_words(view.tolerance, view.counter.unit)} tolerated"


def lead_rows(view: Detail) -> list[BoardRow]:
    """What has moved before what, as far as that was tried; the drivers without a link at the end."""
    from kpitui.reports.leading_words import evidence, found_sentence

    leads = view.leads
    if leads is None:
        return []
    if leads.too_many:
        words = (
            f"{leads.too_many:,} pairs are too many to try here: kpitui leading {view.row.slug} says what moves first"
        )
        return [BoardRow("", ((f" {words}", "dim"),), "text")]
    out = [
        BoardRow(
            f"metric:{(pair.outcome if pair.metric.id == view.row.metric_id else pair.metric).slug}:ahead",
            ("moves first" if pair.metric.id == view.row.metric_id else "moved before",
             f"{found_sentence(pair)} ({evidence(pair.link, pair.grain)})"),
            layout="Leads",
        )
        for family in leads.tried
        for pair in family.found
        if pair.link is not None
    ]  # fmt: skip
    out += [
        BoardRow(f"metric:{dead.pair.metric.slug}:dead", (("dead lever?", "watch"), dead.sentence), layout="Leads")
        for dead in leads.dead
    ]
    told = sum(family.told for family in leads.tried)
    if not out and told:
        words = f"tried with {told} {'pair' if told == 1 else 'pairs'} of a metric and a KPI"
        out.append(BoardRow("", ((f" No link shown, {words}", "dim"),), "text"))
    return out


def spell_text(spell: Spell, today: int) -> str:
    """`Acme, 2 Jan to 15 Nov, ≥ 30 by 2026-12-31; demoted by ana: one too many`."""
    until = "now" if spell.until is None else day_text(spell.until, today)
    aim = f", {spell.aim}" if spell.aim else ""
    why = f": {spell.why}" if spell.why else ""
    end = "" if spell.until is None else f"; demoted by {spell.ended_by}{why}"
    return f"{spell.scope}, {day_text(spell.since, today)} to {until}{aim}{end}"


def signals(view: Detail, glyphs: Glyphs) -> list[BoardRow]:
    from kpitui.tui.screens import detail_signals

    return [] if view.chart is None else detail_signals.rows(view, view.chart)


def definition(view: Detail, glyphs: Glyphs) -> list[BoardRow]:
    own = view.definition
    told = list(enumerate(view.life))
    rows = [
        ("what", own.definition),
        (
            "unit, kind",
            f"{own.unit}{' ' + own.currency if own.currency else ''}, {own.kind}, {own.direction} is better",
        ),
        ("every", every_words(own.cadence, own.days, own.grace_days)),
        ("owner", own.owner + (f", entered by {own.updater}" if own.updater else "")),
        ("source", own.source),
        ("how", own.how),
        ("worked out as", view.derived),
        (
            "timing",
            ", ".join(word for word in (own.timing, own.nature, "counter metric" if own.counter else "") if word),
        ),
        ("bounds", bounds_of(view)),
        *((f"limits {place}", drawn_text(row, view)) for place, row in enumerate(view.drawn, 1)),
        ("limits now", view.standing),
        ("goal", view.goal.title if view.goal else ""),
        ("KPI in", ", ".join(f"{scope} ({state})" for scope, state in view.roles)),
        *(("as a KPI" if not place else f"before, {place}", spell_text(spell, view.as_of)) for place, spell in told),
        ("benchmark", own.benchmark),
        ("kept because", own.kept_because),
        ("slug", own.slug),
    ]
    return [BoardRow(f"definition:{name}", ((name, "dim"), text), layout="Definition") for name, text in rows if text]


def drawn_text(row: PhaseRow, view: Detail) -> str:
    """`drawn from 27 Apr on by ana: new macro; made of the values until 2 Nov`, `locked: weekly review W47, 20 Nov`."""
    if not row.who:
        said = row.why if row.why.startswith("locked ") else f"locked: {row.why}"
        return f"{said}, {day_text(row.day, view.as_of)}"
    until = "" if row.locked is None else f"; made of the values until {day_text(row.locked - 1, view.as_of)}"
    return f"drawn from {day_text(row.start, view.as_of)} on by {row.who}: {row.why}{until}"


def bounds_of(view: Detail) -> str:
    own = view.definition
    words = []
    if own.hard_min is not None:
        words.append(f"at least {figure(view.row, own.hard_min)}")
    if own.hard_max is not None:
        words.append(f"at most {figure(view.row, own.hard_max)}")
    return ", ".join(words)
