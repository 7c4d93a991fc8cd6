"""A report in words: its sections, exceptions first. What is not known is said, and never a 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.charts.sparkline import finite
from kpitui.domain.figures import MISSING, show_change
from kpitui.domain.report import MOVES
from kpitui.domain.status import COUNTED
from kpitui.domain.target import MAINTAIN
from kpitui.reports import report_agreed, wording
from kpitui.reports.document import (
    Block,
    Bullets,
    Document,
    Grid,
    Paragraph,
    Run,
    Runs,
    Section,
    Spark,
    Status,
    Strong,
)
from kpitui.reports.movement import moved_text
from kpitui.reports.report_foot import foot, under

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kpitui.domain.aggregate import Cell
    from kpitui.services.report_view import GoalLine, Group, Line, Prospect, Report
    from kpitui.services.rows import Row

SHOWN = 13
"""Periods of a sparkline."""
NOTHING = (
    "Nothing is measured here yet: kpitui opens the screens, where n writes a goal and 9 has templates; kpitui import "
    "reads a spreadsheet."
)


def document(report: Report, *, ascii: bool = False) -> Document:
    """The report as a document; `ascii` writes its figures so."""
    words = Words(report, ascii)
    sections = [section for section in words.sections() if section.blocks]
    where = f", {report.scope_name}" if report.scope else ""
    kind = {"day": "Daily", "week": "Weekly", "month": "Monthly", "quarter": "Quarterly", "year": "Annual"}
    title = f"{report.workspace}{where}: {kind[report.grain].lower()} report {report.label}"
    return Document(title, under(report), tuple(sections), foot(report))


class Words:
    """The sections of one report."""

    def __init__(self, report: Report, ascii: bool) -> None:
        self.report, self.ascii = report, ascii
        self.none = "-" if ascii else MISSING

    def sections(self) -> Iterator[Section]:
        report = self.report
        if report.empty:
            yield Section("Nothing yet", (Paragraph((NOTHING,)),))
            return
        yield Section("Main goal", tuple(self.main_goal()))
        yield Section(f"What changed since {report.before_short}", tuple(self.changes()))
        for group in report.groups:
            yield Section(f"KPIs of {group.name}", (self.kpis(group), *self.unbegun(group)))
        if not report.groups:
            yield Section("KPIs", (Paragraph(("No metric is a KPI here yet: p in the tree makes one.",)),))
        yield Section("Other metrics", tuple(self.metrics()))
        yield Section("Where it is heading", tuple(self.prospects()))
        yield Section("Goals", tuple(self.goals()))
        yield Section(f"Notes of {report.short}", tuple(report_agreed.notes(report)))
        yield Section("Decided and agreed", tuple(report_agreed.reviews(report)))
        yield Section("Changed in closed periods", tuple(report_agreed.restated(report)))
        yield Section("What is missing", tuple(report_agreed.missing(report)))

    # ---- goals -----------------------------------------------------------------------------------------------------

    def main_goal(self) -> Iterator[Block]:
        line = self.report.goal
        if line is None:
            yield Paragraph(("No main goal is set for this time: n in the tree writes one.",))
            return
        view = line.view
        was = ""
        if line.was.status != view.status:
            was = f", was {wording.status_word(line.was.status)} at the end of {self.report.before_short}"
        verb = "has" if view.status in ("no_data", "no_target") else "is"
        said = f" {verb} {wording.status_word(view.status)}{was}."
        yield Paragraph((Status(view.status, word=False), " ", Strong(view.title), said))
        if view.value is None:
            yield Paragraph((f"{view.why}.",))
            return
        facts = [
            ("Value", self.goal_value(line)),
            ("Pace", pace(line)),
            ("Needed", self.goal_needed(line)),
            ("Chance", self.chance(view.chance)),
        ]
        yield Bullets(tuple((Strong(name), f": {text}") for name, text in facts if text))
        yield Paragraph((f"{view.why}.",))

    def goal_value(self, line: GoalLine) -> str:
        view = line.view
        target = "" if view.target is None else f" of {wording.goal_figure(view, view.target, ascii=self.ascii)}"
        moved = ""
        if view.value is not None and line.was.value is not None:
            change = show_change(view.value - line.was.value, view.unit, currency=view.currency, ascii=self.ascii)
            moved = f", {change} since {self.report.before_short}"
        return f"{wording.goal_figure(view, view.value, ascii=self.ascii)}{target}{moved}"

    def goal_needed(self, line: GoalLine) -> str:
        """`+$118k a week from now on, recently +$24.3k`; empty where nothing is asked of single periods."""
        view = line.view
        if view.needed is None or line.kind not in ("reach", "from_to"):
            return ""
        if view.needed == 0:
            return "nothing more"

        def figure(value: float) -> str:
            if line.kind == "reach":
                return wording.goal_figure(view, value, ascii=self.ascii)
            return show_change(value, view.unit, currency=view.currency, ascii=self.ascii)

        recent = "" if view.rate is None else f", recently {figure(view.rate)}"
        return f"{figure(view.needed)} {wording.per(line.cadence, view.working)} from now on{recent}"

    def chance(self, chance: float | None) -> str:
        from kpitui.domain.figures import show_chance

        return "" if chance is None else f"{show_chance(chance)} to make it"

    def goals(self) -> Iterator[Block]:
        report = self.report
        main = report.goal.view.id if report.goal else None
        if not [line for line in report.goals if line.view.id != main]:
            return
        known = [line for line in report.goals if line.view.value is not None]
        if known:
            yield Grid(
                ("Goal", "Status", "Value", "Target", "Done", "Time gone", "Left", "Owner"),
                tuple(self.goal_row(line) for line in known),
                right=(2, 3, 4, 5),
            )
        yield from report_agreed.bullets(
            [(Strong(line.view.title), f": {line.view.why}.") for line in report.goals if line not in known]
        )

    def goal_row(self, line: GoalLine) -> tuple[Runs, ...]:
        view = line.view
        return (
            (view.title,),
            (Status(view.status),),
            (wording.goal_figure(view, view.value, ascii=self.ascii),),
            (wording.goal_figure(view, view.target, ascii=self.ascii),),
            (wording.percent(view.progress, ascii=self.ascii),),
            (wording.percent(view.time_gone, ascii=self.ascii),),
            (wording.days_left_text(view.days_left),),
            (view.owner,),
        )

    # ---- what changed ----------------------------------------------------------------------------------------------

    def changes(self) -> Iterator[Block]:
        """Worse first, then new signals, what fell silent, what recovered; what stays behind in one sentence."""
        report = self.report
        if not any(line.row.value is not None for line in report.lines):
            yield Paragraph(("No KPI or metric has a value yet, so nothing can be compared.",))
            return
        told = [line for move in MOVES[:-1] for line in report.lines if line.move == move]
        if told:
            yield Bullets(tuple(self.change(line) for line in told))
        else:
            yield Paragraph(("No status changed, no new signal, nothing fell silent.",))
        still = [line for line in report.lines if line.move == "still"]
        if still:
            named = "; ".join(self.behind(line) for line in still)
            yield Paragraph((Strong("Still behind"), f": {named}."))
        quiet = sum(1 for line in report.lines if not line.move and line.row.value is not None)
        if quiet:
            yield Paragraph((f"{quiet} other{'s' if quiet > 1 else ''} as before.",))

    def change(self, line: Line) -> Runs:
        row, word = line.row, wording.status_word(line.row.status)
        verb = "had" if line.was in ("no_data", "no_target") else "was"
        was = "" if line.was in ("", row.status) else f", {verb} {wording.status_word(line.was)}"
        said: list[Run] = [Status(row.status, word=False), " ", Strong(row.name)]
        figures = self.figures(row)
        if line.move == "signal":
            said.append(f" shows a signal, {word}{was}")
        elif line.move == "better":
            said.append(f" recovered: {word}{was}")
        elif line.move == "silent":
            last = "" if row.value is None else f" {row.period_label} was {figures}."
            said.append(f" fell silent: {word}{was}{f', {row.owner}' if row.owner else ''}. {row.why}.{last}")
            return tuple(said)
        else:
            said.append(f" is {word} now{was}")
        said.append(f": {figures}{f', {row.owner}' if row.owner else ''}.")
        if line.signal is not None:
            said.append(f" Signal: {line.signal.sentence}.")
        if line.move != "signal" or row.override is not None:
            said.append(f" {row.why}.")
        return tuple(said)

    def behind(self, line: Line) -> str:
        """`MRR (off track, -14.2%, 4 weeks in a row)`."""
        words = [wording.status_word(line.row.status)]
        if line.row.gap is not None and line.row.gap < 0:
            words.append(wording.gap_text(line.row, ascii=self.ascii))
        if line.streak > 1:
            words.append(f"{line.streak} {line.row.cadence}s in a row")
        return f"{line.row.name} ({', '.join(words)})"

    def figures(self, row: Row) -> str:
        """`$358k, target $417k (-14.2%)`."""
        value = wording.value_text(row, ascii=self.ascii)
        if not wording.has_target(row):
            return value
        gap = f" ({wording.gap_text(row, ascii=self.ascii)})" if row.gap is not None else ""
        return f"{value}, target {wording.target_text(row, ascii=self.ascii)}{gap}"

    # ---- tables of rows --------------------------------------------------------------------------------------------

    def kpis(self, group: Group) -> Block:
        known = [line for line in group.lines if line.row.value is not None]
        if not known:
            many = "Its one KPI has" if len(group.lines) == 1 else f"None of its {len(group.lines)} KPIs has"
            names = "; ".join(line.row.name for line in group.lines)
            return Paragraph((f"{many} a value yet: {names}.",))
        return self.rows("KPI", group.lines)

    def unbegun(self, group: Group) -> Iterator[Block]:
        """KPIs with values that do not count because they are from before the start."""
        for line in group.lines:
            if line.row.why.endswith(COUNTED):
                yield Paragraph((Strong(line.row.name), f": {line.row.why}."))

    def metrics(self) -> Iterator[Block]:
        """Those that need a word, or have moved; the others are counted."""
        every = self.report.metrics
        loud = [line for line in every if line.row.value is not None and (line.row.exception or line.move)]
        if loud:
            yield self.rows("Metric", loud)
        quiet = [line for line in every if line not in loud and line.row.value is not None]
        if quiet:
            words = "1 metric needs" if len(quiet) == 1 else f"{len(quiet)} metrics need"
            yield Paragraph((f"{words} no word: {'; '.join(line.row.name for line in quiet)}.",))
        unknown = [line.row.name for line in every if line.row.value is None]
        if unknown:
            yield Paragraph((f"Without a value: {'; '.join(unknown)}.",))

    def rows(self, kind: str, lines: Iterable[Line]) -> Grid:
        report = self.report
        return Grid(
            (
                kind,
                "Status",
                f"Last {SHOWN}",
                "Value",
                "Target",
                "Gap",
                report.short,
                f"vs {report.before_short}",
                "Owner",
            ),
            tuple(self.row(line) for line in lines),
            right=(3, 4, 5, 6, 7),
        )

    def row(self, line: Line) -> tuple[Runs, ...]:
        row = line.row
        value = wording.value_text(row, ascii=self.ascii)
        if row.value is not None and (period := wording.period_text(row)) and period != self.report.short:
            value += f" ({period})"
        moved = "" if line.change is None else moved_text(row, line.change, ascii=self.ascii)
        return (
            (row.name,),
            (Status(row.status, signal=row.signal is not None),),
            (self.spark(row),),
            (value,),
            (wording.target_text(row, ascii=self.ascii),),
            (wording.gap_text(row, ascii=self.ascii),),
            (self.in_period(row, line.figure),),
            (moved or self.none,),
            (row.owner,),
        )

    def in_period(self, row: Row, cell: Cell | None) -> str:
        """What the period brought; of one that is not whole what is there, with how much of it that is."""
        if cell is None or (cell.value is None and cell.partial is None):
            return self.none
        value = cell.partial if cell.value is None else cell.value
        text = wording.figure(row, value, ascii=self.ascii)
        lacking = cell.value is None or (not cell.whole and cell.expected > cell.present)
        return f"{text} ({cell.present} of {cell.expected})" if lacking else text

    def spark(self, row: Row) -> Spark:
        cells = row.series[-SHOWN:]
        values = tuple(finite(cell.value) for cell in cells)
        known = [value for value in values if value is not None]
        if not known:
            says = "no value yet"
        else:
            low, high, last = (wording.figure(row, one, ascii=True) for one in (min(known), max(known), known[-1]))
            gone = len(values) - len(known)
            says = f"{len(values)} {row.cadence}s between {low} and {high}, last {last}" + (
                f", {gone} without a value" if gone else ""
            )
        return Spark(values, says, row.target if row.target_kind in MAINTAIN else None)

    # ---- what comes ------------------------------------------------------------------------------------------------

    def prospects(self) -> Iterator[Block]:
        shown = [one for one in self.report.prospects if one.next is not None or one.row.chance is not None]
        if shown:
            yield Grid(
                ("KPI", "Next", "Expected", "4 in 5 between", "At its deadline", "Target", "Needed", "Chance"),
                tuple(self.prospect(one) for one in shown),
                right=(2, 4, 5, 7),
            )
        few = [one.row.name for one in self.report.prospects if one not in shown]
        if few:
            yield Paragraph((f"Too few values to say: {'; '.join(few)}.",))

    def prospect(self, one: Prospect) -> tuple[Runs, ...]:
        row, none = one.row, self.none

        def figure(value: float) -> str:
            return wording.figure(row, value, ascii=self.ascii)

        label = expected = between = end = none
        if one.next is not None:
            point, label = one.next.point, one.next.label
            expected, between = figure(point.mean), f"{figure(point.low80)} and {figure(point.high80)}"
        if one.last is not None:
            end = f"{figure(one.last.point.mean)} ({one.last.label})"
        chance = wording.chance_text(row, ascii=self.ascii)
        target = wording.target_text(row, ascii=self.ascii)
        needed = wording.needed_text(row, ascii=self.ascii)
        return (row.name,), (label,), (expected,), (between,), (end,), (target,), (needed,), (chance,)


def pace(line: GoalLine) -> str:
    """`61% of the way, 87% of the time gone, 46 days left`."""
    view, words = line.view, list[str]()
    if view.progress is not None:
        words.append(f"{wording.percent(view.progress)} of the way")
    if view.time_gone is not None:
        words.append(f"{wording.percent(view.time_gone)} of the time gone")
    if view.days_left is not None:
        left, days = view.days_left, "1 day" if abs(view.days_left) == 1 else f"{abs(view.days_left)} days"
        words.append("the last day" if left == 0 else f"{days} left" if left > 0 else f"{days} over")
    return ", ".join(words)
