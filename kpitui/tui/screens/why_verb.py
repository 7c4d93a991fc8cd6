"""`w` in Detail: how the value moved, as a sentence and as a waterfall in the place of the chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.reports import movement
from kpitui.reports.why_words import largest_parts
from kpitui.reports.wording import figure, status_word
from kpitui.tui.screens.base import KpiScreen

if TYPE_CHECKING:
    from kpitui.services.detail import Detail
    from kpitui.services.why import Why
    from kpitui.storage.store import Store

KIND = "why"
"""The kind of chart that it is."""


def moved(store: Store, view: Detail) -> Why | None:
    """The last change of what Detail shows, taken apart; None where there is nothing to compare with."""
    from kpitui.services.why import why_between

    one = view.compare.get("previous")
    if one is None or one.prior.value is None:
        return None
    return why_between(store, view.as_of, view.row.metric_id, view.grain, one.prior.span, one.value.span)


class WhyVerb(KpiScreen):
    """Mixed into a screen whose view is a metric in full, with a chart that has kinds."""

    kind: str

    async def action_why(self) -> None:
        """The waterfall in place of the chart; again, or with C, the chart is back."""
        if self.kind == KIND:
            self.kind = "limits"
            self.say("")
            self.redraw()
            return
        view: Detail = self.view
        if view.row.period is None:
            self.say("There is no value yet, so nothing moved. c enters the first")
            return
        self.kind = KIND
        await self.fetch()
        self.tell_why()

    def tell_why(self) -> None:
        """The sentence; where there are no parts to draw, the chart stays what it was."""
        self.say(self.moved_words())
        if self.view.moved is None or not self.view.moved.parts:
            self.kind = "limits"
        self.redraw()

    def moved_words(self) -> str:
        """How the value moved, and what moved it most, in one sentence."""
        view: Detail = self.view
        row = view.row
        if row.period is None:
            return "There is no value yet, so nothing moved. c enters the first"
        words = [f"{row.name} {row.period_label} is {figure(row, row.last)}"]
        for name in ("previous", "yoy", "ytd"):
            one = view.compare.get(name)
            text = movement.comparison_text(row, one) if one else ""
            if text:
                against = movement.comparison_name(name, view.grain).replace("YTD a", "the year to date, a")
                words.append(f"{text} on {against}")
                if name == "previous" and view.moved is not None and (parts := largest_parts(view.moved)):
                    words[-1] += f", {parts}"
        drivers = [f"{one.name} {status_word(one.status)}" for one in view.drivers if one.exception]
        if drivers:
            words.append(f"fed by {', '.join(drivers[:3])}")
        return "; ".join(words)

    def peel(self) -> bool:
        """Esc brings the chart back before it leaves."""
        if self.kind == KIND:
            self.kind = "limits"
            self.say("")
            self.redraw()
            return True
        return super().peel()
