"""What stands around the queue of what is due: columns and heading, the metric in words, what comes, what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.charts.glyphs import Glyphs
from kpitui.charts.marks import marks
from kpitui.domain.compact_words import WIDER
from kpitui.domain.figure_style import style
from kpitui.domain.target import MAINTAIN, effective
from kpitui.reports.wording import day_text, near_day
from kpitui.services.due_lines import earlier_words
from kpitui.text import cut, width, wrapped
from kpitui.tui.screens import value_words
from kpitui.tui.widgets.columns import Column, Layout
from kpitui.tui.widgets.grid import VALUE
from kpitui.tui.widgets.lines import ruled
from kpitui.tui.widgets.spark import spark_spans
from kpitui.tui.widgets.styled import Line, Span, both_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.services.due import Coming, Owed
    from kpitui.services.due_queue import Queue, QueueLine
    from kpitui.services.metric_texts import About

CELL = 10
EARLIER = "earlier"
EMPTY_NEXT = 3


def layout(cells: int) -> Layout:
    period = Column("period", 8 if cells >= 100 else 6 if cells >= 60 else 4, "period" if cells >= 60 else "")
    late = Column("due", 9, "due", "right")
    last = Column("last", 8 if cells >= 100 else 6, "last", "right")
    value = Column(f"{VALUE}0", CELL, "value ", "right", gap=1)
    status, name = Column("status", 1, "S", gap=0), Column("name", 0, "metric", least=10)
    usual, owner = Column("usual", 12 if cells >= 100 else 11, "usual", "right"), Column("owner", 6, "owner")
    if cells >= 120:
        target, source = Column("target", 11, "target", "right"), Column("source", 16, "source", gap=2)
        return Layout((status, name, period, late, last, usual, target, value, owner, source))
    if cells >= 80:
        return Layout((status, name, period, late, last, usual, value, owner))
    if cells >= 60:
        return Layout((status, name, period, late, last, value))
    return Layout((status, name, period, Column("due", 5, "", "right"), value))


def folding(cells: int) -> Layout:
    """The same for a line that stands for several periods: the earlier ones take the place of last and usual, which
    stand below for the line under the cursor."""
    columns = layout(cells).columns
    taken = [column for column in columns if column.name in ("last", "usual")]
    if not taken:
        return Layout(columns)
    wide = sum(column.width + WIDER[style().words] for column in taken) + len(taken) - 1
    at = columns.index(taken[0])
    return Layout(
        (*columns[:at], Column(EARLIER, wide, align="left" if wide > 10 else "right"), *columns[at + len(taken) :])
    )


def room_for_earlier(cells: int) -> int:
    """Cells for the earlier periods in a line; 0 where they stand with the name."""
    return next((column.width for column in folding(cells).columns if column.name == EARLIER), 0)


def late_text(item: Owed, today: int, *, short: bool = False) -> tuple[str, str]:
    """`51d late`, `today`, `since Mon`; with its style."""
    if item.stopped is not None:
        return ("old" if short else "stopped?"), "off"
    if item.late_days:
        return f"{item.late_days}d" if short else f"{item.late_days}d late", "off"
    if item.due == today:
        return "today", ""
    days = today - item.due
    return f"{days}d" if short else f"{days}d ago" if days > 0 else near_day(item.due, today), "dim"


def name_text(line: QueueLine, room: int = 0, mark: str = "…") -> str:
    """`First reply, h`: the unit with the name, because numbers of many units stand in one column; in that many cells
    the name is cut before it."""
    unit = value_words.unit_text(line.asked.unit, line.asked.currency)
    if unit == "n":
        return line.owed.name
    name, tail = line.owed.name, f", {unit}"
    return (cut(name, max(room - len(tail), 4), mark) if 0 < room < width(name) + len(tail) else name) + tail


def top(view: Queue, total: int, only_mine: bool, late_only: bool, cells: int, glyphs: Glyphs, here: str = "") -> Line:
    """`Due  4 left of 5 · yours 1     @ mine only · f all / late`; `here` says who else enters."""
    left: list[Span] = [(" Due", "heading"), ("  ", "")]
    left.append((f"{view.left} left of {total}" if view.left else "all in", "flag" if view.left else "on"))
    if cells >= 60:
        left += [(f" {glyphs.dot} ", "dim"), (f"yours {view.mine}", "")]
    if view.proposals:
        left += [(f" {glyphs.dot} ", "dim"), (f"{proposed(view)} (Y)", "flag")]
    if cells < 60:
        return left
    shown = " ".join(word for word, on in (("mine", only_mine), ("late", late_only)) if on)
    if shown:
        left += [(f" {glyphs.dot} ", "dim"), (f"{shown} only", "flag")]
    if here:
        return [*left, (f" {glyphs.dot} ", "dim"), (here, "accent")]
    right = f"@ mine only {glyphs.dot} f all / late"
    if cells >= 120:
        right = f"one value at a time: type it, {glyphs.enter}, the next is ready"
    return both_ends(left, [(right, "dim")], cells, glyphs.ellipsis)


def proposed(view: Queue) -> str:
    """`1 proposal`."""
    return f"{len(view.proposals)} proposal{'s' if len(view.proposals) > 1 else ''}"


def nothing(view: Queue, only_mine: bool, late_only: bool, today: int, offers: bool = True) -> str:
    """What is said where nothing is owed; `offers`: to somebody who may write metrics."""
    if only_mine or late_only:
        which = " and ".join(word for word, on in (("yours", only_mine), ("late", late_only)) if on)
        keys = " and ".join(key for key, on in (("@", only_mine), ("f", late_only)) if on)
        return f"  Nothing that is {which} is due. {keys} shows the others."
    if not view.coming:
        way = " 2 goes to the Tree, where n makes a metric; 9 has templates." if offers else ""
        return f"  Nothing is measured yet.{way}"
    return f"  All in. Next: {names(view.coming[0])}, {near_day(view.coming[0].day, today)}. g r shows the review."


def names(item: Coming) -> str:
    """`MRR and 8 more`."""
    first, rest = item.names[0], len(item.names) - 1
    return f"{first}, {item.names[1]}" if rest == 1 else f"{first} and {rest} more" if rest else first


def coming_lines(view: Queue, today: int, most: int, cells: int) -> list[Line]:
    wide = max(cells - 32, 12)
    return [
        [
            (f"  {names(item)[: wide - 1]:<{wide}}", ""),
            (f"{item.period_label:<10}", "dim"),
            (near_day(item.day, today), ""),
        ]
        for item in view.coming[:most]
    ]


def waiting_lines(view: Queue, today: int, most: int, cells: int, glyphs: Glyphs) -> list[Line]:
    """What else waits for this person; below 60 cells what it is about stands on a line of its own."""
    out: list[Line] = []
    if view.proposals:
        first_asked = view.proposals[0]
        out.append([(f"  {proposed(view)}: ", ""), (first_asked.sentence, "flag"), ("   Y answers", "dim")])
    if view.answered:
        more = len(view.answered) - 1
        out.append([(f"  {view.answered[0].outcome}", ""), (f"   and {more} more" if more else "", "dim")])
    if view.to_check:
        first = view.to_check[0]
        many = len(view.to_check)
        out.append(
            [
                (f"  {many} value{'s' if many > 1 else ''} to check: ", ""),
                (f"{first.name} {first.period_label} = {first.value}{glyphs.flagged}", "flag"),
                (f"   {glyphs.enter} accepts, X all", "dim"),
            ]
        )
    if view.unexplained:
        many = len(view.unexplained)
        what = "owner notes missing on exceptions" if many > 1 else "owner note missing on an exception"
        out.append([(f"  {many} {what}: ", ""), (", ".join(view.unexplained[:3]), "flag"), ("   m writes it", "dim")])
    if view.late_actions:
        many, oldest = len(view.late_actions), view.late_actions[0]
        late = today - oldest.due
        out.append(
            [
                (f"  {many} action{'s' if many > 1 else ''} late: ", ""),
                (f"{oldest.text} ({late} day{'s' if late > 1 else ''})", "flag"),
            ]
        )
    if cells < 60:
        out = [part for line in out for part in ([line[0]], [("     ", ""), *line[1:]])]
    return (out or [[("  Nothing.", "dim")]])[:most]


def narrow(
    view: Queue,
    line: QueueLine | None,
    earlier: Sequence[QueueLine],
    texts: About | None,
    cells: int,
    room: int,
    today: int,
    glyphs: Glyphs,
) -> list[Line]:
    """The three parts below the queue, one under the other, in so many rows; the last ones give way."""
    parts: list[tuple[str, list[Line]]] = []
    if line is not None:
        parts.append((line.owed.name, _metric(line, earlier, texts, cells, today, glyphs)))
    if view.coming:
        parts.append(("Coming up", coming_lines(view, today, EMPTY_NEXT if line else 9, cells)))
    parts.append(("Also waiting for you", waiting_lines(view, today, 3, cells, glyphs)))
    out: list[Line] = []
    for title, lines in parts:
        need = len(lines) + 1 + (1 if out else 0)
        if len(out) + need > room:
            break
        out += [*([()] if out else []), ruled(title, cells, glyphs), *lines]
    return out


def said_first(line: QueueLine, earlier: Sequence[QueueLine], today: int) -> str:
    """What is to be known of a line before it is filled: that its series has stopped, or how many more are missing."""
    if line.owed.stopped is not None:
        return f"{stopped_text(line.owed, today)}: fill it, or d archives it"
    if earlier:
        words = earlier_words(len(earlier), earlier[0].owed.period_label)
        return f"{line.owed.period_label} {words}: l shows {'them' if len(earlier) > 1 else 'it'}"
    return ""


def stopped_text(item: Owed, today: int) -> str:
    """`no value since 31 Mar 2019`."""
    return f"no value since {day_text(item.stopped or 0, today)}"


def _metric(
    line: QueueLine, earlier: Sequence[QueueLine], texts: About | None, cells: int, today: int, glyphs: Glyphs
) -> list[Line]:
    said = [said_first(line, earlier, today)]
    if texts is not None:
        said += [texts.definition, f"from {texts.source}" if texts.source else ""]
        said.append(f"feeds {texts.feeds}" if texts.feeds else "")
    words = f" {glyphs.dot} ".join(text for text in said if text)
    target = value_words.target_text(line.asked.aim, line.asked.unit, line.asked.currency, line.asked.decimals, glyphs)
    values = line.asked.before
    last = line.asked.last
    sign = value_words.sign_of(line.asked.aim, last, glyphs) if last is not None else ""
    spark: list[Span] = [("  ", ""), *spark_spans(values, min(26, max(cells // 3, 8)), glyphs), ("  ", "")]
    if last is not None:
        spark.append((f"last {line.asked.show(last)}", ""))
    if target:
        spark.append((f"   target {target} {sign}", "target"))
    return [[(f"  {words}", "dim")] if words else [(f"  {line.why}", "dim")], spark]


def chart(line: QueueLine, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    """The values before the one asked for as marks, for the box of 120 columns."""
    aim = effective(line.asked.aim) if line.asked.aim is not None else None
    target = aim.value if aim is not None and aim.kind in MAINTAIN and aim.kind != "between" else None
    values = [*line.asked.before, line.cell.value if not line.cell.odd else None]
    count = max(min(len(values), (width - 1) // 3), 1)
    drawn = marks(values[-count:], width - 2, max(height - 3, 2), glyphs, target=target)
    said = value_words.target_text(line.asked.aim, line.asked.unit, line.asked.currency, line.asked.decimals, glyphs)
    last = "" if line.asked.last is None else f"last {line.asked.show(line.asked.last)}"
    band = value_words.usual_text(line.asked)
    foot = ", ".join(part for part in (last, f"usual {band}" if band else "", line.why) if part)
    return [
        [(f" {glyphs.target_marks} target {said}" if said else " no target", "dim")],
        *([(" ", ""), (row, "spark")] for row in drawn.lines),
        [],
        [(f" {foot}", "")],
    ]


def measuring(line: QueueLine, earlier: Sequence[QueueLine], texts: About | None, width: int, today: int) -> list[Line]:
    """How a value is measured, and the newest notes."""
    if texts is None:
        return []
    out: list[Line] = []
    if first := said_first(line, earlier, today):
        out += [*([(f" {part}", "warn")] for part in wrapped(first, width - 2)), []]
    for text in (texts.definition, *texts.how.splitlines()):
        out += [[(f" {part}", "")] for part in wrapped(text, width - 2)]
    out.append([])
    by = (
        f"From {texts.source}, by {texts.updater}." if texts.source else f"By {texts.updater}." if texts.updater else ""
    )
    out += [[(f" {by}", "dim")], [(" If it cannot be measured: x, and why behind ;", "dim")]]
    if texts.notes:
        out += [[], [(" Notes", "bold")]]
        out += [[(f" {near_day(day, today)} {who}: {text}", "")] for day, who, text in texts.notes]
    return out
