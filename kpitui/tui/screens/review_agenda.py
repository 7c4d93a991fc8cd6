"""Going through a review: steps and items, the clock, and keeping the place so that it can be resumed there."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from kpitui.domain.review import ACTIONS, CLOSE, COMMIT, EXCEPTIONS, ISSUES
from kpitui.services import review
from kpitui.services.review_items import Item
from kpitui.tui.screens.review_writing import ReviewWriting

if TYPE_CHECKING:
    from kpitui.services.review_session import Session


class ReviewAgenda(ReviewWriting):
    """Where in the review the screen stands."""

    def __init__(self) -> None:
        super().__init__()
        self.reading: int | None = None
        """The past review that is read."""
        self.at: int | None = None
        """The item of step 3; None is where the review was left."""
        self.show_all = False
        self.big = False
        self.following = False
        """The account does not lead: it goes where the leader goes until it moves by itself."""
        self.paused = False
        self.entered = time.monotonic()
        self._stood: tuple[int, int, str] | None = None
        """The review, the place and the item that were drawn last in step 3."""

    @property
    def footer_name(self) -> str:
        if self.session is None:
            return "review" if self.view is None or self.view.shown is None else "review_reading"
        return {ACTIONS: "review_actions", ISSUES: "review_lines", COMMIT: "review_lines", CLOSE: "review_close"}.get(
            self.step, "review_running"
        )

    def works(self, verb_id: str) -> bool:
        if self.footer_name == "review" and verb_id in ("facet", "filter"):
            return bool(self.view and self.view.past)
        if self.footer_name == "review_close" and verb_id == "open":
            return self.session is not None and self.session.leading
        return super().works(verb_id)

    @property
    def claims_digits(self) -> bool:
        return self.session is not None

    def tick(self) -> None:
        raise NotImplementedError

    def whereabouts(self) -> tuple[str, str]:
        """The review that is open, for the others to see."""
        session = self.session
        return ("review", session.title) if session is not None else ("", "")

    @property
    def items(self) -> tuple[Item, ...]:
        """What step 3 goes through: the exceptions, or with ! everything."""
        session = self.session
        if session is None:
            return ()
        return session.items if self.show_all else session.items[: session.loud]

    @property
    def item(self) -> Item | None:
        place = self.at or 0
        return self.items[place] if self.step == EXCEPTIONS and place < len(self.items) else None

    def spent(self) -> int:
        return 0 if self.paused else int(time.monotonic() - self.entered)

    def keep_place(self, from_step: int = 0) -> None:
        """Store where the review stands; whoever follows along keeps only a place of their own."""
        session = self.session
        if session is None or not session.leading or self.app.read_only:
            return
        seconds, self.entered = self.spent(), time.monotonic()
        args = (session.id, self.step, self.at or 0)
        spent_in = from_step or self.step
        keep: Any = partial(self.app.note, review.place, *args, spent_in=spent_in, seconds=seconds)
        self.run_worker(keep, group="place")

    def move_to(self, step: int, at: int | None = None) -> None:
        session = self.session
        if session is None:
            return
        before, self.following = self.step, False
        moved = (step, at) != (self.step, self.at)
        self.step = step
        self.at = at if at is not None else self.at
        if not moved:
            return
        self.say("")
        self.keep_place(before)
        if step == EXCEPTIONS:
            # Its panel is read first, so that no frame shows one item's name over another's chart.
            self.app.do(self.look())
            return
        self.reload()
        self.draw(self.view)
        self.show_chrome()

    async def look(self) -> None:
        seen = self.view
        await self.fetch()
        if self.view is seen:
            self.draw(seen)
            self.show_chrome()

    def elsewhere(self, session: Session) -> bool:
        """Whether what was saved gave the item that is looked at another place: it is gone to, so that the next key
        is about it still. One that is no exception any more is shown among all of them."""
        item, at = self.item, self.at or 0
        before = self._stood
        self._stood = (session.id, at, item.row.key if item is not None else "") if self.step == EXCEPTIONS else None
        if before is None or self._stood is None or before[:2] != self._stood[:2] or before[2] == self._stood[2]:
            return False
        place = next((place for place, one in enumerate(session.items) if one.row.key == before[2]), None)
        if place is None or self.following:
            return False
        self.show_all = self.show_all or place >= session.loud
        self.at, self._stood = place, (session.id, place, before[2])
        self.keep_place()
        self.app.do(self.look())
        return True

    def action_right(self) -> None:
        """Next item, next step."""
        if self.session is None:
            return
        if self.step == EXCEPTIONS and (self.at or 0) + 1 < len(self.items):
            self.move_to(EXCEPTIONS, (self.at or 0) + 1)
        elif self.step < CLOSE:
            self.move_to(self.step + 1, 0 if self.step + 1 == EXCEPTIONS else self.at)
        else:
            self.say(f"{self.app.glyphs.enter} signs off; h goes back.")

    def action_left(self) -> None:
        if self.session is None:
            return
        if self.step == EXCEPTIONS and (self.at or 0) > 0:
            self.move_to(EXCEPTIONS, (self.at or 0) - 1)
        elif self.step > 1:
            self.move_to(self.step - 1, max(len(self.items) - 1, 0) if self.step - 1 == EXCEPTIONS else self.at)

    def action_step(self, number: int) -> None:
        self.move_to(number, 0 if number == EXCEPTIONS else self.at)

    def action_next_item(self) -> None:
        if self.session is not None and self.items:
            self.move_to(EXCEPTIONS, min((self.at or 0) + 1, len(self.items) - 1) if self.step == EXCEPTIONS else 0)

    def action_previous_item(self) -> None:
        if self.session is not None and self.items:
            self.move_to(EXCEPTIONS, max((self.at or 0) - 1, 0))

    def action_down(self) -> None:
        self.action_next_item()

    def action_up(self) -> None:
        self.action_previous_item()

    def action_exceptions(self) -> None:
        if self.session is None:
            return
        self.show_all = not self.show_all
        if (self.at or 0) >= len(self.items):
            self.at = max(len(self.items) - 1, 0)
        self.draw(self.view)
        self.say("All of them: ! goes back to the exceptions." if self.show_all else "Exceptions only.")

    def action_full(self) -> None:
        if self.item is not None:
            self.big = not self.big
            self.draw(self.view)

    def action_pause(self) -> None:
        """Stop the clock, or let it go on."""
        if self.session is None:
            return
        self.keep_place()
        self.paused = not self.paused
        self.entered = time.monotonic()
        self.tick()
        self.say("The clock stands: ctrl+t goes on." if self.paused else "The clock goes on.")

    def handler(self, verb_id: str) -> Callable[..., Any] | None:
        """In a session the pages of a clicker are next and back."""
        if self.running is not None and verb_id in ("page_down", "page_up"):
            return self.action_right if verb_id == "page_down" else self.action_left
        return super().handler(verb_id)
