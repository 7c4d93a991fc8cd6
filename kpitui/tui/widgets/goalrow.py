"""The row that says on every screen how the goal of the year stands: share of the way beside share of the time."""

from __future__ import annotations

from textual.strip import Strip

from kpitui.charts.bullet import progress
from kpitui.charts.glyphs import UNICODE, Glyphs, mark
from kpitui.text import cut, width, with_codes
from kpitui.tui.chrome import GoalLine
from kpitui.tui.widgets.styled import Span, Styled, fitted, spans_width, status_style


class GoalRow(Styled):
    """One row. Without a goal it says the key that sets one."""

    DEFAULT_CSS = "GoalRow { height: 1; }"

    def __init__(self, glyphs: Glyphs = UNICODE, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.goal: GoalLine | None = None
        self.words: tuple[str, ...] = ()
        self.known = False
        self.offers = True

    def show(self, goal: GoalLine | None, words: tuple[str, ...] = (), offers: bool = True) -> None:
        """`words` stand at the right: `read-only`, `as of 31 Oct`. Where there is no goal, one is offered to be written
        to who may do so."""
        if (goal, words, offers, True) != (self.goal, self.words, self.offers, self.known):
            self.goal, self.words, self.offers, self.known = goal, words, offers, True
            self.refresh()

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        if not self.known:
            return self.blank_line()
        goal = self.goal
        if goal is not None and not self.app.utf8:  # type: ignore[attr-defined]
            # Before it is laid out, so that the title gives way and not what stands last.
            goal = goal._replace(title=with_codes(goal.title)[0], short=with_codes(goal.short)[0])
        return self.strip_of(
            goal_spans(goal, self.words, cells, self.glyphs, self.offers), cells, mark=self.glyphs.ellipsis
        )


def goal_spans(
    goal: GoalLine | None, words: tuple[str, ...], cells: int, glyphs: Glyphs, offers: bool = True
) -> list[Span]:
    """The goal's row for a width."""
    star: Span = (f"{glyphs.goal} ", "accent")
    tail = "".join(f"  {word}" for word in words)
    if goal is None:
        text = "No goal yet.  n writes one: a number and a date, for this year" if cells >= 70 else "No goal yet: n"
        text = text if offers else "No goal yet"
        return [star, *fitted([(text, "bold")], max(cells - 2 - width(tail), 0)), (tail, "warn")]
    wide, small = cells >= 120, cells < 60
    right: list[Span] = [(mark(goal.status, glyphs), status_style(goal.status)), (f" {_shares(goal, wide, small)}", "")]
    if tail:
        right.append((tail, "warn"))
    if small:
        left = [star, (f"{goal.short or goal.title} ", "bold"), (goal.value, "")]
        bar_cells = 8
    elif wide:
        year = f"GOAL {goal.year}  " if goal.year else ""
        value = f"now {goal.value}" + (f" from {goal.baseline}" if goal.baseline else "")
        left = [star, (year, "dim"), (f"{goal.title}   ", "bold"), (value, ""), (" ", "")]
        bar_cells = 26
    else:
        left = [star, (f"{goal.title}  ", "bold"), (goal.value, "")]
        bar_cells = 20
    room = cells - spans_width(left) - spans_width(right) - 2
    bar_cells = min(bar_cells, max(room, 8))
    over = spans_width(left) + spans_width(right) + 2 + bar_cells - cells
    if over > 0:
        # The title gives way; value, bar and shares are what the row is for.
        place = next(place for place, (_, style) in enumerate(left) if style == "bold")
        title = left[place][0].rstrip()
        left[place] = (cut(title, max(width(title) - over, 1), glyphs.ellipsis) + " ", "bold")
    bar = progress(goal.done, goal.gone, bar_cells, glyphs)
    return [*left, (" ", ""), (bar, "accent"), (" ", ""), *right]


def _shares(goal: GoalLine, wide: bool, small: bool) -> str:
    def percent(share: float | None) -> str:
        if share is None:
            return "-"
        from kpitui.domain.figures import whole_percent

        return f"{whole_percent(share)}"

    left = "" if goal.days_left is None else f"{goal.days_left}d"
    if small:
        return f"{percent(goal.done)}/{percent(goal.gone)}% {left}".rstrip()
    if goal.days_left is not None and goal.days_left < 0:
        left = f"{-goal.days_left}d over"
    elif left:
        left += " left"
    # What is unknown is left out: a dash before a % sign says nothing.
    done = "" if goal.done is None else f"{percent(goal.done)}% done"
    gone = "" if goal.gone is None else f"{percent(goal.gone)}% {'of time' if wide else 'time'}"
    return (", " if wide else " ").join(word for word in (done, gone, left) if word)
