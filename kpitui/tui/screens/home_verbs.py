"""The verbs of Home that change what is looked at: scope, day, filter, order, size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.periods import shift, span_of
from kpitui.tui.screens.row_verbs import RowVerbs
from kpitui.tui.widgets.home_board import HomeBoard

if TYPE_CHECKING:
    from kpitui.services.glance import Glance

SORTS = ("", "name", "value", "gap", "owner")
SORTED = {"": "exceptions first", "name": "by name", "value": "by value", "gap": "by gap", "owner": "by owner"}


class HomeVerbs(RowVerbs):
    """Mixed into Home, which draws what these choose."""

    def __init__(self) -> None:
        super().__init__()
        self.scope: str | None = None
        """The scope's slug, "" for all of them; None until somebody chooses."""
        self.unfolded = self.only_exceptions = self.only_mine = self.backwards = self.full = False
        self._before_mine: str | None = None
        """The scope that was looked at before mine only."""
        self.sort = ""
        self.glance: Glance | None = None

    @property
    def me(self) -> str:
        return self.app.user.partition("@")[0]

    def action_facet(self) -> None:
        """Show the quiet metrics too, or fold them."""
        self.unfolded = not self.unfolded
        self.redraw()

    def action_exceptions(self) -> None:
        self.only_exceptions = not self.only_exceptions
        self.redraw()
        self.say(f"Exceptions only: {self.found()}. ! shows all again" if self.only_exceptions else "All rows")

    async def action_mine(self) -> None:
        """What I answer for, of every scope; again for everybody's, where I was."""
        self.only_mine = not self.only_mine
        if self.only_mine:
            self._before_mine, self.scope = self.scope, ""
        else:
            self.scope = self._before_mine
        await self._again()
        self.redraw()
        said = f"Mine only ({self.me}), of every scope: {self.found()}. @ shows all again"
        self.say(said if self.only_mine else "Everybody's rows")

    def action_sort(self) -> None:
        self.sort = SORTS[(SORTS.index(self.sort) + 1) % len(SORTS)]
        self.redraw()
        self.say(f"Sorted {SORTED[self.sort]}{', backwards' if self.backwards else ''}")

    def action_sort_reverse(self) -> None:
        self.backwards = not self.backwards
        self.redraw()
        self.say(f"Sorted {SORTED[self.sort]}{', backwards' if self.backwards else ''}")

    async def action_older(self) -> None:
        await self._as_of(-1)

    async def action_newer(self) -> None:
        await self._as_of(1)

    async def action_this_period(self) -> None:
        await self.app.look(None)

    async def _as_of(self, step: int) -> None:
        """To the last day of the period before or after; the period that runs is seen as of today."""
        if self.view is None or self.view.empty:
            return
        grains = {row.cadence for row in self.view.card.kpis}
        grain = grains.pop() if len(grains) == 1 else "week"
        calendar = self.view.card.calendar
        if step > 0 and self.app.looking is None:
            self.say("This is the present period.")
            return
        await self.app.look(shift(grain, span_of(grain, self.app.day, calendar), step, calendar).end - 1)

    def day_changed(self) -> None:
        self.glance = None

    async def action_right(self) -> None:
        await self._turn_scope(1)

    async def action_left(self) -> None:
        await self._turn_scope(-1)

    async def _turn_scope(self, step: int) -> None:
        """The next scope that has KPIs, and after the last one all of them together."""
        if self.view is None or self.view.empty:
            return
        slugs = [choice.slug for choice in self.view.scopes]
        if len(slugs) < 2:
            self.say("There is only one scope: Settings and the tree make more.")
            return
        here = slugs.index(self.view.card.scope) if self.view.card.scope in slugs else 0
        await self.to_scope(slugs[(here + step) % len(slugs)])

    async def to_scope(self, slug: str) -> None:
        """Show one scope; "" is all of them."""
        self.scope = slug
        await self._again()
        found = [(place, one.name) for place, one in enumerate(self.view.scopes, 1) if one.slug == slug]
        for place, name in found:
            self.say(f"Scope: {name} ({place} of {len(self.view.scopes)}). h l change it")

    async def _again(self) -> None:
        self.glance = None
        await self.fetch()
        self.show_chrome()

    def action_full(self) -> None:
        """The goal and the KPIs as large as they go, or back."""
        self.full = not self.full
        self.redraw()
        if not self.full:
            # What is not shown cannot keep the focus.
            self.query_one("#rows", HomeBoard).focus()

    def peel(self) -> bool:
        if self.full:
            self.action_full()
            return True
        if self.only_mine:
            self.app.do(self.action_mine())
            return True
        if self.only_exceptions or self.sort or self.backwards:
            self.only_exceptions = self.backwards = False
            self.sort = ""
            self.say("")
            self.redraw()
            return True
        return super().peel()
