"""The last lines of Home: the next review, open actions, and what was said last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.reports.wording import day_text, near_day
from kpitui.text import cut, width
from kpitui.tui.widgets.columns import BoardRow
from kpitui.tui.widgets.home_board import LINE

if TYPE_CHECKING:
    from kpitui.services.overview import ActionRow, Home, NextReview
    from kpitui.tui.screens.home_rows import Look

NAMED = 2
"""Actions named where there is room."""


def tail_rows(view: Home, look: Look) -> list[BoardRow]:
    """The lines, the one to give way first last."""
    if look.form == "small":
        return small_tail(view, look)
    if look.form == "double":
        return framed_tail(view, look)
    dot = f" {look.glyphs.dot} "
    rows = []
    if view.review is not None:
        parts = (*when(view.review, look.today), *readiness(view.review))
        if width(dot.join(parts)) > look.cells - 15:
            parts = (*parts[:2], *parts[3:])  # how long it takes is the first to go
        rows.append(line("review", "Next review", dot.join(parts)))
    actions = actions_of(view, look)
    if actions:
        first = actions[0]
        due = f"due {day_text(first.due, look.today)}"
        said = f"{counted(actions, look.today)}:  {first.owner}  "
        room = look.cells - 14 - len(said) - len(due) - 3
        rows.append(
            line(
                f"action:{first.id}",
                "Actions",
                f"{said}{filled(first.text, room, look)} {due}",
            )
        )
    if look.doctor[0]:
        rows.append(line("doctor", "Doctor", doctor_line(look, look.cells - 14)))
    if view.last_word is not None:
        word = view.last_word
        said = f"{word.who} {day_text(word.day, look.today)}: '"
        room = look.cells - 15 - len(said)
        rows.append(
            line(f"word:{word.metric_id or 0}", "Last word", f"{said}{cut(word.text, room, look.glyphs.ellipsis)}'")
        )
    return rows


def line(key: str, label: str, text: str, labelled: int = 13) -> BoardRow:
    return BoardRow(key, (((label.ljust(labelled), "bold"), (text, "")),), layout=LINE)


def filled(text: str, cells: int, look: Look) -> str:
    """`text` in exactly `cells` cells."""
    text = cut(text, cells, look.glyphs.ellipsis)
    return text + " " * (cells - width(text))


def doctor_line(look: Look, room: int) -> str:
    """`6 findings:      no leading indicator under it`."""
    count, first = look.doctor
    said = f"{count} finding{'s' if count > 1 else ''}:".ljust(17)
    return f"{said}{cut(first, room - len(said), look.glyphs.ellipsis)}"


def small_tail(view: Home, look: Look) -> list[BoardRow]:
    """`Due 5, 1 late  4 fills`, `Review weekly today 14:00  r`, `Actions 4, 1 late`."""
    rows = []
    late = sum(1 for item in view.due if item.late_days)
    said = (f"{len(view.due)}, {late} late" if late else str(len(view.due))) if view.due else "nothing"
    if view.to_check:
        said += f", {view.to_check}{look.glyphs.flagged}"
    rows.append(line("due", "Due", f"{said.ljust(21)}{'4 fills' if view.due else ''}".rstrip(), 8))
    if view.review is not None:
        rhythm, start, _ = when(view.review, look.today)
        said = f"{rhythm} runs" if view.review.running else f"{rhythm} {start}"
        # The day and the hour are what is looked for.
        said = start if width(said) > 20 else said
        rows.append(line("review", "Review", f"{cut(said, 20, look.glyphs.ellipsis).ljust(21)}r", 8))
    actions = actions_of(view, look)
    if actions:
        overdue = sum(1 for action in actions if action.due < look.today)
        said = f"{len(actions)}, {overdue} late" if overdue else str(len(actions))
        rows.append(line(f"action:{actions[0].id}", "Actions", said, 8))
    return rows


def framed_tail(view: Home, look: Look) -> list[BoardRow]:
    """A heading and the lines under it."""
    rows: list[BoardRow] = []
    dot = f" {look.glyphs.dot} "
    if view.review is None:
        title = "Next review"
    else:
        title = dot.join(("Next review", *when(view.review, look.today)))
        rows.append(line("review", " prep", dot.join(readiness(view.review)), 11))
    actions = actions_of(view, look)
    names = max((len(action.owner) for action in actions[:NAMED]), default=0)
    for place, action in enumerate(actions[:NAMED]):
        said = f"{counted(actions, look.today).ljust(16)} " if place == 0 else " " * 17
        due = day_text(action.due, look.today)
        room = look.cells - 2 - 12 - 17 - names - 2 - len(due) - 3
        text = f"{said}{action.owner.ljust(names)}  {filled(action.text, room, look)} {due}"
        rows.append(line(f"action:{action.id}", " actions" if place == 0 else "", text, 11))
    if view.last_word is not None:
        word = view.last_word
        text = f"{word.who} {day_text(word.day, look.today)}: '{cut(word.text, look.cells - 36, look.glyphs.ellipsis)}'"
        rows.append(line(f"word:{word.metric_id or 0}", " last word", text, 11))
    if look.doctor[0]:
        rows.append(line("doctor", " doctor", doctor_line(look, look.cells - 14), 11))
    if not rows:
        return []
    return [BoardRow("", (((title, "heading"),),), "heading"), *rows]


def when(review: NextReview, today: int) -> tuple[str, ...]:
    """`weekly`, `today 14:00`, `30 min`."""
    start = f"{near_day(review.day, today)} {review.time}"
    if review.running:
        start = "running, r goes on"
    elif review.day < today:
        start = f"not held {near_day(review.day, today)}"
    return review.rhythm, start, f"{review.minutes} min"


def readiness(review: NextReview) -> tuple[str, ...]:
    """`4 exceptions`, `9 of 14 values in`."""
    return review.exceptions_said, review.values_said


def actions_of(view: Home, look: Look) -> tuple[ActionRow, ...]:
    return tuple(action for action in view.actions if not look.mine or action.owner == look.mine)


def counted(actions: tuple[ActionRow, ...], today: int) -> str:
    """`4 open, 1 late`."""
    late = sum(1 for action in actions if action.due < today)
    return f"{len(actions)} open{f', {late} late' if late else ''}"
