"""Saving behind the typing: the queue of saves of a screen with value cells, what is refused, and the drafts.

A save never holds up a key: the cell looks saved at once, the store thread saves in turn, and what is refused comes
back into its cell with the sentence. Drafts of what is being typed lie in the user's own state folder.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from kpitui.domain.typed import Typed
from kpitui.services import entry
from kpitui.services.asked import Asked
from kpitui.services.entry_grid import GridCell
from kpitui.services.reasons import with_reason
from kpitui.tui import proposing
from kpitui.tui.cell_notes import CellNotes
from kpitui.tui.messages import DataChanged
from kpitui.tui.screens import value_words
from kpitui.tui.screens.row_verbs import RowVerbs
from kpitui.tui.widgets.grid import Grid, Place

if TYPE_CHECKING:
    from textual.timer import Timer

    from kpitui.storage.store import Store

SETTLED = 1.2
"""Seconds after the last save of one's own until everything around it is read anew."""
DRAFT = 0.3
"""Seconds after a key until the draft is written."""


class Outcome(NamedTuple):
    """What came of a save, and the line it stands in as it is now."""

    done: entry.Recorded | entry.Many | entry.NotSaved
    lines: tuple[Any, ...]


class ValueSaving(RowVerbs):
    """A screen around one `Grid`. A subclass says what a cell is (`asked_at`, `stored_at`, `fresh`, `patch`)."""

    AUTO_FOCUS: ClassVar[str] = "Grid"

    def __init__(self) -> None:
        super().__init__()
        self.drafts: CellNotes | None = None
        self._drafts_over: CellNotes | None = None
        """The revision that each draft was typed over."""
        self._own = 0
        self._conflicts: set[Place] = set()
        self._saves: set[asyncio.Task[Any]] = set()
        self._settling: Timer | None = None
        self._draft_timer: Timer | None = None
        self._draft: tuple[Place, str, int] | None = None
        self._offered = False

    # ---------------------------------------------------------------- what a subclass says

    @property
    def grid(self) -> Grid:
        return self.query_one(Grid)

    def asked_at(self, at: Place) -> Asked | None:
        """The metric and period of a cell; None when it takes nothing."""
        raise NotImplementedError

    def stored_at(self, at: Place) -> GridCell | None:
        raise NotImplementedError

    def fresh(self, cells: Sequence[Place]) -> Callable[[Store], tuple[Any, ...]]:
        """What reads the lines of these cells anew, on the store thread."""
        raise NotImplementedError

    def patch(self, lines: Sequence[Any]) -> None:
        """Take lines that were read anew into the view."""
        raise NotImplementedError

    # ---------------------------------------------------------------- saving

    def _save_typed(self, typed: Sequence[tuple[Place, Typed]], what: str) -> None:
        """One value, or many as one change."""
        cells = []
        for at, one in typed:
            cell, stored = self.asked_at(at), self.stored_at(at)
            if cell is not None and stored is not None:
                cells.append((at, entry.Cell(cell.metric_id, cell.period, one, stored.rev)))
        if len(cells) == 1 and what != "paste":
            at, one_cell = cells[0]
            self._save(
                [at], "", entry.record_value, one_cell.metric_id, one_cell.period, one_cell.text,
                if_rev=one_cell.if_rev, ask_why=True,
            )  # fmt: skip
        elif cells:
            self._save([at for at, _ in cells], "", entry.save_many, [cell for _, cell in cells], what=what)

    def _save(self, cells: list[Place], text: str, save: Callable[..., Any], *args: Any, **kw: Any) -> None:
        """Queue a save; what was typed comes back into its cell when it fails."""
        task = asyncio.ensure_future(self._saving(cells, text, save, args, kw))
        self._saves.add(task)
        task.add_done_callback(self._saves.discard)

    async def _saving(
        self, cells: list[Place], text: str, save: Callable[..., Any], args: tuple[Any, ...], kw: dict[str, Any]
    ) -> None:
        self._own += 1
        kw["today"] = self.app.day
        try:
            outcome: Outcome | None = await self.app.save(_attempt, self.fresh(cells), save, args, kw)
        finally:
            self._own -= 1
        grid = self.grid if self.is_mounted else None
        failed = outcome is None or isinstance(outcome.done, entry.NotSaved)
        if grid is not None and outcome is not None:
            self.patch(outcome.lines)
        for at in cells:
            if grid is not None:
                grid.forget(at, give_back=text if failed and text else None)
            if not failed:
                self._forget_draft(at)
        if outcome is None:
            return
        done = outcome.done
        if isinstance(done, entry.NotSaved):
            if done.conflict and text:
                self._conflicts.update(cells)
            if done.needs == "reason":
                self.app.do(self._ask_reason(done.sentence, cells, text, save, args, kw))
                return
            if done.needs == "proposal":
                self.app.do(self._offer_to_propose(done.sentence, cells, save, args))
                return
            again = f" {self.app.glyphs.enter} on it asks which to keep." if done.conflict and text else ""
            self.app.say(f"{self.app.nearer(done.sentence)}{again}", "error")
            return
        odd = any(one.odd for one in done.recorded) if isinstance(done, entry.Many) else done.odd
        # The row belongs to what is being typed, unless there is something to look at.
        if grid is None or not grid.typing or odd:
            changed = isinstance(done, entry.Many) or done.changed
            self.app.say(f"{done.sentence} · u undo" if changed else done.sentence)

    async def _ask_reason(
        self,
        sentence: str,
        cells: list[Place],
        text: str,
        save: Callable[..., Any],
        args: tuple[Any, ...],
        kw: dict[str, Any],
    ) -> None:
        """A closed or reviewed period: saved with a reason, or left as it was."""
        why = await self.app.ask_reason(sentence)
        self._let_go(cells)
        if why:
            kw.pop("today", None)
            self._save(cells, text, with_reason, why, save, *args, **kw)
        else:
            self.say("Left as it was: a change there needs a reason.")

    async def _offer_to_propose(
        self, sentence: str, cells: list[Place], save: Callable[..., Any], args: tuple[Any, ...]
    ) -> None:
        await proposing.offer(self.app, sentence, save, args)
        self._let_go(cells)

    def _let_go(self, cells: list[Place]) -> None:
        """What was typed in these cells and not saved is no longer kept for them."""
        for at in cells:
            self.grid.unsaved.pop(at, None)
            self._forget_draft(at)
        self.grid.redraw_cells(cells)

    def data_changed(self, change: DataChanged) -> None:
        """After a save of this screen only its line is read anew, and the rest when the typing pauses."""
        if not (change.by_us and self._own):
            self.stale = True
            if self.is_current:
                # What is being typed is not in the view, so it can be read anew at any time.
                self.reload()
            return
        self.stale = True
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLED, self._settle)

    def _settle(self) -> None:
        self._settling = None
        if self._own:
            self._settling = self.set_timer(SETTLED, self._settle)
        elif self.stale and self.is_current:
            self.reload()

    # ---------------------------------------------------------------- drafts

    def _later_draft(self, at: Place, text: str, rev: int = 0) -> None:
        if not text:
            self._draft = None
            # A text that is being saved stays a draft until the save is answered; one that was dropped is none at once,
            # so that no other screen offers it again.
            if at not in self.grid.pending:
                self._forget_draft(at)
            return
        self._draft = (at, text, rev)
        if self._draft_timer is None:
            self._draft_timer = self.set_timer(DRAFT, self._write_draft)

    def _write_draft(self) -> None:
        self._draft_timer = None
        draft, self._draft = self._draft, None
        if draft is not None and self.drafts is not None and (cell := self.asked_at(draft[0])):
            key = (cell.metric_id, *cell.period)
            self.drafts.keep(key, draft[1])
            if self._drafts_over is not None:
                self._drafts_over.keep(key, str(draft[2]))

    def _forget_draft(self, at: Place) -> None:
        cell = self.asked_at(at)
        if self.drafts is not None and cell is not None:
            self.drafts.forget((cell.metric_id, *cell.period))
            if self._drafts_over is not None:
                self._drafts_over.forget((cell.metric_id, *cell.period))

    def offer_drafts(self, workspace: str, places: Callable[[tuple[int, int, int]], Place | None]) -> None:
        """Put back what was being typed when the program was lost, the first time the view is shown."""
        if self._offered or self.app.read_only:
            return
        self._offered = True
        self.drafts, self._drafts_over = CellNotes(workspace, "drafts"), CellNotes(workspace, "drafts-over")
        found, over = [], self._drafts_over.all()
        for key, text in self.drafts.all().items():
            at = places(key)
            if at is not None and (cell := self.asked_at(at)) is not None:
                self.grid.unsaved[at] = text
                stored = self.stored_at(at)
                if stored is not None and key in over and over[key] != str(stored.rev):
                    # Somebody has saved a value since: Enter on it asks which of the two stays.
                    self._conflicts.add(at)
                found.append(f"{value_words.head(cell)} = {text}")
        if found:
            self.grid.redraw_cells(list(self.grid.unsaved))
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            glyphs = self.app.glyphs
            self.say(f"Typed and not saved: {found[0]}{more} {glyphs.dot} {glyphs.enter} on it goes on, Esc drops")

    def on_unmount(self) -> None:
        self._write_draft()

    def typing(self) -> bool:
        return super().typing() or bool(self.grid.preview)


def _attempt(
    store: Store,
    fresh: Callable[[Store], tuple[Any, ...]],
    save: Callable[..., Any],
    args: tuple[Any, ...],
    kw: dict[str, Any],
) -> Outcome:
    done = entry.attempt(store, save, *args, **kw)
    return Outcome(done, fresh(store))  # type: ignore[arg-type]
