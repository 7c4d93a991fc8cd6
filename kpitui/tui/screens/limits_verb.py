"""`R` on a metric: its natural limits drawn anew, locked or let go, on the prompt line, with a reason."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kpitui.services.judging import SHOWN
from kpitui.tui.screens.base import KpiScreen

if TYPE_CHECKING:
    from kpitui.services.detail import Detail


def proposed_words(view: Detail) -> str:
    """`   shift since W41: R draws limits anew`, where a run asks for it; empty without one."""
    run = view.proposed
    return "" if run is None else f"   shift since {view.values[run.points[0]].label}: R draws limits anew"


def phase_words(view: Detail) -> str:
    """` since W41, locked`: what the limits in force were drawn for by hand, and whether they still move."""
    if not view.drawn:
        return ", limits not locked yet" if view.standing.startswith("not locked") else ""
    row = view.drawn[-1]
    begin = next((value.label for value in view.values if value.cell.span.end > row.start), "")
    since = f" since {begin}" if row.who and begin and view.values[0].cell.span.end <= row.start else ""
    if row.locked is None or not view.standing:
        return since
    return f"{since}, {view.standing.replace(', made of', ' to')}"


class LimitsVerb(KpiScreen):
    """Mixed into a screen whose view is a metric in full."""

    async def action_limits(self) -> None:
        from kpitui.services import redrawing

        view: Detail | None = self.view
        if view is None:
            return
        today, cadence = self.app.day, view.row.cadence

        def parse(text: str) -> redrawing.Typed:
            return redrawing.read_typed(text, view.calendar, today, cadence)

        def preview(text: str) -> str:
            if not text.strip():
                return f"{redrawing.EXAMPLE}; lock, unlock or join"
            return redrawing.preview(parse(text))

        initial = ""
        if view.proposed is not None:
            initial = f"from {view.values[view.proposed.points[0]].full} ; "
        text = await self.ask(f"Limits of {view.row.name}", initial=initial, parse=preview)
        if text and text.strip():
            await self.app.save(
                partial(redrawing.redraw, last=SHOWN, seen=view.limits_seen),
                view.row.slug,
                parse(text),
                today,
                said=lambda done: f"{done.sentence} · u undo",
            )
