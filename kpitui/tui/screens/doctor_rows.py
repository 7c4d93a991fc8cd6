"""The doctor's lines: the headline with its health, a row a finding, the list of rules, and why one is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kpitui.charts.bullet import progress
from kpitui.charts.glyphs import Glyphs
from kpitui.domain.periods import iso
from kpitui.reports.doctor_words import moved_text, was_text
from kpitui.reports.wording import day_text
from kpitui.text import clean, cut, width, wrapped
from kpitui.tui.widgets.board import BoardRow, Column, Layout
from kpitui.tui.widgets.styled import Line

if TYPE_CHECKING:
    from kpitui.services.doctor import Case, Doctor

COLUMNS = Layout(
    (
        Column("severity", 1, "S"),
        Column("rule", 4, "rule"),
        Column("where", 18, "where"),
        Column("finding", 0, "finding", least=30, gap=2),
        Column("fix", 17, "fix", gap=2),
        Column("since", 12, "since", gap=2),
    ),
    (("since", 0), ("fix", 0), ("where", 14), ("where", 12)),
)
STYLES = {"error": "off", "warning": "watch", "notice": "flag", "": "on"}


def sign(severity: str, glyphs: Glyphs) -> str:
    """✗ for an error, ◆ for a warning, the empty circle for a notice, the full one where a rule holds."""
    return {"error": glyphs.off, "warning": glyphs.watch, "notice": glyphs.none, "": glyphs.on}[severity]


def headline(view: Doctor, cells: int, glyphs: Glyphs, checked: str, today: int) -> Line:
    line: Line = [(" KPI doctor  " if cells >= 60 else " Doctor ", "heading")]
    for name, style in (("error", "off"), ("warning", "watch"), ("notice", ""), ("passing", "on")):
        severity = "" if name == "passing" else name
        if name != "notice" or view.counts["notice"]:
            line = [*line, (f" {view.counts[name]} {sign(severity, glyphs)}", style), ("  " if cells >= 60 else "", "")]
    room = 18 if cells >= 120 else 10
    bar = progress(view.health / 100, None, room, glyphs)
    if cells >= 60:
        line = [*line, ("  health ", "dim"), (bar, "accent"), (f"  {view.health}", "bold")]
    else:
        line = [*line, (f"  {view.health} of 100", "bold")]
    if cells >= 80:
        said = " of 100" if cells >= 120 else ""
        if view.since is not None and cells >= 100:
            said += f" ({was_text(view.since, today)})"
        used = sum(width(text) for text, _ in line) + len(said)
        line = [*line, (said, ""), (f"{checked} ".rjust(max(cells - used, 0)), "dim")]
    return line


def rows_of(cases: Sequence[Case], every: Doctor | None, glyphs: Glyphs, today: int) -> list[BoardRow]:
    """A row a finding; with `every`, what was waived and the rules that hold too."""
    rows = []
    for case in cases:
        finding = case.finding
        since = "" if finding.since is None else day_text(finding.since, today)
        if case.waived:
            until = "" if case.until is None else day_text(case.until, today)
            rows.append(
                BoardRow(
                    finding.key,
                    ((glyphs.paused, "dim"), finding.rule, finding.on, (f"waived: {case.why}", "dim"),
                     (f"until {until}, x asks", "dim"), since),
                )
            )  # fmt: skip
            continue
        style = STYLES[finding.severity]
        rows.append(
            BoardRow(
                finding.key,
                ((sign(finding.severity, glyphs), style), finding.rule, finding.on, finding.text, finding.fix.text,
                 (since, "dim")),
            )
        )  # fmt: skip
    if every is not None:
        rows += [
            BoardRow(f"{rule.id}:rule", ((glyphs.on, "on"), rule.id, ("holds", "dim"), rule.title, "", ""))
            for rule, severity in every.rules
            if not severity
        ]
    return rows


def rules_lines(view: Doctor, glyphs: Glyphs, cells: int) -> list[Line]:
    """Every rule with the worst that was found of it, broken ones first: what does not fit is behind `f`."""
    broken = [(rule, severity) for rule, severity in view.rules if severity]
    holding = [(rule, severity) for rule, severity in view.rules if not severity]
    lines: list[Line] = []
    for rule, severity in [*broken, *holding]:
        title = cut(f" {rule.id}  {rule.title}", cells - 5)
        lines.append([(title.ljust(cells - 4), ""), (sign(severity, glyphs), STYLES[severity])])
    return lines


def why_lines(view: Doctor, case: Case | None, rule_id: str, cells: int, glyphs: Glyphs) -> tuple[str, list[Line]]:
    """The title and lines that say why a rule is asked, and where it is mended."""
    rule = next((rule for rule, _ in view.rules if rule.id == rule_id), None)
    said = f"Health = 100 - 8 per {glyphs.off} - 2 per {glyphs.watch} - 1 per {glyphs.none} or waiver."
    about: list[Line] = [[(f" {said}", "dim")], [(" It is a to-do list, not a KPI. It has no target.", "dim")]]
    if rule is None:
        return "", about
    lines: list[Line] = []
    if case is not None:
        lines += [
            [(f" {text}", "bold")] for text in wrapped(f"{clean(case.finding.on)}: {case.finding.text}", cells - 2)
        ]
    lines += [[(f" {text}", "")] for text in wrapped(rule.why, cells - 2)]
    if case is not None and case.waived:
        until = "" if case.until is None else iso(case.until)
        lines += [
            [(f" {text}", "flag")] for text in wrapped(f"Waived by {case.who} until {until}: {case.why}", cells - 2)
        ]
        lines.append([(" x asks again.", "dim")])
    else:
        lines += [[(f" {text}", "")] for text in wrapped(rule.mend, cells - 2)]
    if case is not None and not case.waived:
        place = {
            "tree": "Tree",
            "form": "all its fields",
            "detail": "its chart and values",
            "promote": "its promote page",
            "audit": "the audit of its values",
        }.get(case.finding.fix.screen, case.finding.fix.screen.capitalize())
        lines.append([(f" {glyphs.enter} opens {place}: {case.finding.fix.text}.", "accent")])
        lines.append([(" x waives it, asks why, and asks again in 6 months.", "dim")])
    return f"{rule.id}  {rule.title}", [*lines, [("", "")], *about]


def summary(view: Doctor, me: str, today: int, cells: int) -> str:
    """`6 findings, 3 of them yours · health 76 of 100 (was 72 on 13 Nov) · new: D02 NPS`, as many named as fit."""
    count, mine = len(view.cases), view.mine(me)
    parts = [f"{count} finding{'' if count == 1 else 's'}{f', {mine} of them yours' if mine else ''}"]
    was = f" ({was_text(view.since, today)})" if view.since is not None else ""
    parts.append(f"health {view.health} of 100{was}")
    if view.since is not None and view.since.moved:
        parts.append("")
        for named in (3, 2, 1, 0):
            parts[-1] = moved_text(view.since, named)
            if width(" · ".join(parts)) < cells - 1:
                break
    return " · ".join(parts)


def nothing_to_do(view: Doctor, today: int) -> str:
    """`28 rules, nothing to do. Closed since 13 Nov: K07 MRR`."""
    since = view.since
    closed = f" Since {day_text(since.day, today)} {moved_text(since)}" if since is not None and since.closed else ""
    return f"{len(view.rules)} rules, nothing to do.{closed}"


def report(view: Doctor, glyphs: Glyphs, today: int) -> str:
    """All of it as text, to be pasted somewhere."""
    was = f" ({was_text(view.since, today)})" if view.since is not None else ""
    lines = [f"KPI doctor: health {view.health} of 100{was}, {len(view.cases)} findings"]
    lines += [
        f"{sign(case.finding.severity, glyphs)} {case.finding.rule} {case.finding.on}: {case.finding.text} "
        f"({case.finding.fix.text})"
        for case in view.cases
    ]
    for case in view.waived:
        until = "" if case.until is None else iso(case.until)
        lines.append(f"waived until {until}: {case.finding.rule} {case.finding.on}: {case.why}")
    return clean("\n".join(lines), keep_newlines=True)
