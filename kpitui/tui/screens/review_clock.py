"""The two lines above a review: whose it is and how long it has taken, and the agenda."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.charts.glyphs import Glyphs
from kpitui.domain.review import EXCEPTIONS, STEPS, clock_state
from kpitui.tui.widgets.styled import Line, Span, both_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.services.review_session import Session

STYLES = {"": "", "watch": "watch", "over": "off"}


def clock_line(
    view: Session, step: int, own: int, paused: bool, cells: int, glyphs: Glyphs, leads: str, here: Sequence[str] = ()
) -> Line:
    """`Weekly review W47 · ana leads, with bo, dee ◷ 9 of 30 min · step 3: 9 min left`; `own` are seconds not stored
    yet, `leads` who leads it and where, `here` who else has it open."""
    used = sum(view.seconds) + own
    total = sum(view.boxes)
    box, in_step = view.boxes[step - 1], view.seconds[step - 1] + own
    left = box - in_step // 60
    state = clock_state(used, total)
    worse = clock_state(in_step, box)
    signs = {"": glyphs.timer, "watch": glyphs.watch, "over": glyphs.off}
    if cells < 60:
        name: list[Span] = [(f" {view.period_label} ", "bold"), (view.leader, "dim")]
        words: list[Span] = [(f"{signs[state]} {used // 60}/{total} min", STYLES[state])]
    else:
        others = [one for one in here if one != view.leader]
        with_them = f", with {', '.join(others)}" if others else ""
        away = [one for one in view.people if one not in others]
        people = f" {glyphs.dot} {' '.join(away)}" if away and cells >= 120 else ""
        scope = f" of {view.scope_name}" if view.scope_name else ""
        name = [(f" {view.title}{scope}", "bold"), (f" {glyphs.dot} {leads}{with_them}{people}", "dim")]
        words = [(f"{signs[state]} {used // 60} of {total} min", STYLES[state]), (f" {glyphs.dot} ", "dim")]
        late = f"{-left} min over" if left < 0 else "time is up" if left == 0 else f"{left} min left"
        sign = f"{signs[worse]} " if worse else ""
        words.append((f"{sign}step {step}: {late}", STYLES[worse]))
    if paused:
        words.append((" paused", "flag"))
    return both_ends(name, words, cells, glyphs.ellipsis)


def agenda_line(step: int, at: int, items: int, cells: int, glyphs: Glyphs) -> Line:
    """`1 Actions ✓  2 Scorecard ✓ [3 Exceptions 2/4] 4 Issues …`; below 80 columns only the step has its name."""
    spans: list[Span] = []
    for number, name in enumerate(STEPS, 1):
        count = f" {at + 1}/{items}" if number == EXCEPTIONS and items and number == step else ""
        if number == step:
            spans.append((f"[{number} {name}{count}]", "bold reverse"))
        elif cells >= 60:
            done = glyphs.check if number < step else ""
            spans.append((f" {number} {name} {done}".rstrip() + " " if cells >= 80 else f" {number}{done} ", "dim"))
    if cells < 60:
        return [(" ", ""), *spans, (f" of {len(STEPS)}", "dim")]
    return [(" ", ""), *spans]
