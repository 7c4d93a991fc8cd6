"""A review that several people have open: following its leader, who comes and goes, and what the others write."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from kpitui.domain.review import EXCEPTIONS
from kpitui.services import review
from kpitui.services.review_session import Session
from kpitui.tui.screens.review_agenda import ReviewAgenda

if TYPE_CHECKING:
    from kpitui.services.review_session import Written
    from kpitui.tui.messages import DataChanged

DID = {"decision": "decided", "issue": "parked an issue", "note": "noted", "action": "wrote an action"}


class ReviewTogether(ReviewAgenda):
    """What the others in a review do, told to this person."""

    def __init__(self) -> None:
        super().__init__()
        self._heard: tuple[int, frozenset[int]] = (0, frozenset())
        """The review, and its lines that this person has seen."""
        self._company: tuple[int, tuple[str, ...]] = (0, ())
        """The review, and who else was in it."""
        self._leader_left = False
        self._led_by = ""
        self._by_us = False

    def data_changed(self, change: DataChanged) -> None:
        self._by_us = self._by_us or change.by_us
        super().data_changed(change)

    # ---------------------------------------------------------------- following

    def move_to(self, step: int, at: int | None = None) -> None:
        followed = self.following
        super().move_to(step, at)
        session = self.session
        if session is None or session.leading:
            return
        if self.with_leader(session):
            self.following = True
            if not followed:
                self.say(f"You follow {session.leader} again.")
        elif followed:
            self.say(f"You go your own way: back where {session.leader} is, you follow again.")
        self.tick()

    def with_leader(self, session: Session) -> bool:
        """Whether this is where the leader is."""
        return self.step == session.step and (self.step != EXCEPTIONS or (self.at or 0) == session.item)

    def go_to_leader(self) -> None:
        session = self.session
        if session is not None:
            self.move_to(session.step, session.item)

    def leader_words(self, session: Session) -> str:
        """`ana leads`, `ana leads, away`, `ana leads, at step 3`."""
        if session.leading or self.following or self.with_leader(session):
            return f"{session.leader} leads{', away' if self._leader_left else ''}"
        return f"{session.leader} leads, {'away' if self._leader_left else f'at step {session.step}'}"

    async def take_lead(self) -> None:
        if self.running is None or not self.app.allowed("review"):
            return
        if await self.app.save(review.lead, self.running, said=str) is not None:
            self.following, self._leader_left, self.entered = False, False, time.monotonic()

    # ---------------------------------------------------------------- who is here

    def others_here(self, session: Session) -> tuple[str, ...]:
        return tuple(one.who for one in self.app.others_at("review") if one.what == session.title)

    def meet(self, session: Session) -> None:
        """Entering: nobody is announced who is there already, and no line that stands."""
        # Before the first look around nobody is known, and whoever is seen then has not come just now.
        self._company = (session.id, self.others_here(session)) if self.app.looked else (0, ())
        self._heard = (session.id, frozenset(line.id for line in session.lines))
        self._leader_left, self._led_by = False, session.leader

    def show_here(self) -> None:
        session = self.session
        if session is None:
            return
        here = self.others_here(session)
        (of, before), self._company = self._company, (session.id, here)
        if of == session.id:
            self._tell_company(session, before, here)
        self.tick()

    def _tell_company(self, session: Session, before: tuple[str, ...], here: tuple[str, ...]) -> None:
        left = [one for one in before if one not in here]
        came = [one for one in here if one not in before]
        leader = session.leader
        if leader in here:
            self._leader_left = False
        if leader in left:
            self._leader_left = True
            away = any(one.who == leader for one in self.app.here)
            leads = f"but leads {'this review' if away else 'it'}: you may take the lead (:)"
            self.prompt.remark(f"{self._whereabouts_of(leader)}, {leads}")
        elif left:
            self.prompt.remark(" · ".join(self._whereabouts_of(one) for one in left))
        elif came:
            self.prompt.remark(f"{' and '.join(came)} came into the review")

    def _whereabouts_of(self, who: str) -> str:
        """Where somebody is who was in the review: `dee is entering W47`."""
        elsewhere = next((one for one in self.app.here if one.who == who), None)
        return elsewhere.sentence if elsewhere is not None else f"{who} is not in the review any more"

    # ---------------------------------------------------------------- what they write

    def hear(self, session: Session) -> None:
        """Says what others have written since this was last drawn."""
        lines = frozenset(line.id for line in session.lines)
        if self._company[0] != session.id and self.app.looked:
            # The first look around fell between entering and the first picture of the review.
            self._company = (session.id, self.others_here(session))
        (of, known), self._heard = self._heard, (session.id, lines)
        ours, self._by_us = self._by_us, False
        before, self._led_by = self._led_by, session.leader
        if before != session.leader and of == session.id and not session.leading:
            # Whoever led until now follows from here on.
            self._leader_left, self.following = False, self.following or self.with_leader(session)
            self.prompt.remark(f"{session.leader} leads this review now")
            self.tick()
            return
        me = self.app.user.rpartition("@")[0]
        fresh = [line for line in session.lines if line.id not in known and line.who != me]
        # What was just saved here is said, and theirs stands in the lines.
        if fresh and of == session.id and not ours:
            more = f" · and {len(fresh) - 1} more" if len(fresh) > 1 else ""
            self.prompt.remark(f"{told(fresh[-1])}{more}")

    def commands_together(self) -> list[tuple[str, str, Callable[[], object]]]:
        session = self.session
        if session is None or session.leading:
            return []
        found: list[tuple[str, str, Callable[[], object]]] = []
        if not self.following:
            found.append((f"Go where {session.leader} is", "", self.go_to_leader))
        found.append(("Take the lead of this review", "", lambda: self.app.do(self.take_lead())))
        return found


def told(line: Written) -> str:
    """`bo decided: Call the five largest accounts · on MRR`."""
    return f"{line.who} {DID.get(line.kind, 'wrote')}: {line.text}{f' · on {line.about}' if line.about else ''}"
