"""What Entry and Due share: reading what is typed in a cell, saving it behind the typing, and what goes wrong then.

A save never holds up a key: the cell looks saved at once, the store thread saves in turn, and what is refused comes
back into its cell with the sentence. Drafts of what is being typed lie in the user's own state folder.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from kpitui.domain.numbers import Unsure
from kpitui.domain.problem import Problem
from kpitui.domain.typed import Typed
from kpitui.services import asked, entry
from kpitui.services.asked import Asked, Understood
from kpitui.services.entry_grid import GridCell
from kpitui.tui.messages import DataChanged
from kpitui.tui.screens import value_words
from kpitui.tui.screens.row_verbs import RowVerbs
from kpitui.tui.value_drafts import ValueDrafts
from kpitui.tui.widgets.grid import Grid, Place, Value

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


class ValueScreen(RowVerbs):
    """A screen around one `Grid`. A subclass says what a cell is (`asked_at`, `stored_at`, `fresh`, `patch`)."""

    AUTO_FOCUS: ClassVar[str] = "Grid"

    def __init__(self) -> None:
        super().__init__()
        self.drafts: ValueDrafts | None = None
        self._own = 0
        self._seen: dict[Place, int] = {}
        self._conflicts: set[Place] = set()
        self._saves: set[asyncio.Task[Any]] = set()
        self._paste: list[tuple[Place, Typed]] = []
        self._settling: Timer | None = None
        self._draft_timer: Timer | None = None
        self._draft: tuple[Place, str] | None = None
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

    # ---------------------------------------------------------------- the host of the grid

    def read(self, at: Place, text: str, *, screen: bool = True) -> tuple[Asked, Understood]:
        cell = self.asked_at(at)
        if cell is None:
            raise Problem("This cell takes no value.")
        return cell, asked.understand(cell, text, decimal=self.app.config.decimal, screen=screen)

    def understand(self, at: Place, text: str) -> Value:
        return self._look(at, *self.read(at, text))

    def _look(self, at: Place, cell: Asked, read: Understood) -> Value:
        glyphs = self.app.glyphs
        if read.typed.value is None:
            return Value(at[1], "-" if read.typed.state == "none" else "", "dim")
        text = value_words.cell_text(read.typed.value, cell.unit, cell.currency, cell.decimals)
        return Value(at[1], text, "", glyphs.flagged if read.doubt else glyphs.note if read.typed.note else "")

    def typing_changed(self, at: Place, text: str | None) -> None:
        if text is None:
            self._seen.pop(at, None)
            self._later_draft(at, "")
            if at not in self.grid.pending:
                # After a save its sentence takes the row.
                self.say("")
            return
        stored = self.stored_at(at)
        if stored is not None:
            self._seen.setdefault(at, stored.rev)
        self._later_draft(at, text)
        self._say_understood(at, text)

    def _say_understood(self, at: Place, text: str) -> None:
        glyphs, cells = self.app.glyphs, self.app.size.width
        cell = self.asked_at(at)
        if cell is None:
            return
        words, fine = value_words.typing_words(cell, text, cells), True
        if text.strip():
            try:
                _, read = self.read(at, text)
                words += " " + value_words.understood_words(cell, read, glyphs, cells)
            except Unsure as unsure:
                one, other = (cell.show(value) for value in unsure.readings)
                words, fine = f"{words} {one}, or {other}? The values before are near {cell.show(cell.last)}", False
            except Problem as problem:
                # A number is often begun with a sign that is none by itself.
                fine = len(text.strip()) <= 1
                words = words if fine else f"{words} {problem}"
        # One look for whatever is said while typing: another colour would paint the whole row at a key.
        full = f"{words} {glyphs.dot} {glyphs.enter} saves" + (" and moves down" if cells >= 100 else "")
        self.say(full if fine and len(full) < cells else words)

    def refuse(self, at: Place, why: str) -> None:
        self.say(why, "error")

    def commit(self, at: Place, text: str) -> bool:
        stored, seen = self.stored_at(at), self._seen.pop(at, None)
        now = stored.rev if stored else 0
        if seen is not None and seen != now:
            self.app.do(self._ask_which(at, text))
            return False
        cell, read = self.read(at, text)
        self._save([at], text, entry.record_value, cell.metric_id, cell.period, read.typed, if_rev=now)
        return True

    async def _ask_which(self, at: Place, text: str) -> None:
        """Somebody else saved a value while this one was typed: which one stays?"""
        cell, stored = self.asked_at(at), self.stored_at(at)
        if cell is None or stored is None:
            return
        who = await self.app.read(entry.who_saved, cell.metric_id, cell.period)
        theirs = cell.show(stored.value) if stored.state == "value" else stored.state or "empty"
        by = f"{who[0]} saved {theirs} at {who[1]}" if who else f"It is {theirs} now"
        if await self.confirm(f"{by}. Save yours, {text.strip()}, over it?"):
            self._conflicts.discard(at)
            self._seen[at] = stored.rev
            self.grid.commit_and_go()
        else:
            self._conflicts.discard(at)
            self.grid.drop()
            self.say(f"Kept {theirs}.")

    def resume(self, at: Place, text: str) -> None:
        """Enter on a text that could not be saved: go on typing, or ask which value stays."""
        self.grid.start_typing(text, editing=True)
        if at in self._conflicts:
            self._seen[at] = -1
            self.app.do(self._ask_which(at, text))

    def old_text(self, at: Place) -> str:
        cell, stored = self.asked_at(at), self.stored_at(at)
        if cell is None or stored is None:
            return ""
        if stored.state == "none":
            return f"x ; {stored.note}" if stored.note else "x"
        if stored.value is None:
            return ""
        text = value_words.edit_text(stored.value, cell.unit, self.app.config.decimal)
        return f"{text} ; {stored.note}" if stored.note else text

    def empty(self, cells: Sequence[Place]) -> None:
        full = [at for at in cells if (cell := self.stored_at(at)) and cell.state in ("value", "none")]
        if not full:
            self.say("There is nothing to empty.")
            return
        for at in full:
            self.grid.pending[at] = Value(at[1])
        self.grid.redraw_cells(full)
        self._save_typed([(at, Typed(None, "cleared", "")) for at in full], "clear")

    def same(self, cells: Sequence[Place]) -> None:
        typed: list[tuple[Place, Typed]] = []
        last: dict[str, float | None] = {}
        for at in cells:
            cell = self.asked_at(at)
            if cell is None:
                continue
            value = last.setdefault(at[0], cell.last)
            if value is None:
                self.say(f"{value_words.head(cell)}: there is no last value to repeat. Type the number.", "error")
                return
            typed.append((at, Typed(value, "value", '"', "", True)))
        if not typed:
            self.say("Nothing is asked for here.")
            return
        for at, one in typed:
            cell = self.asked_at(at)
            assert cell is not None
            self.grid.pending[at] = self._look(at, cell, Understood(one))
        self.grid.redraw_cells([at for at, _ in typed])
        self._save_typed(typed, "record")

    def accept(self, at: Place) -> None:
        cell, stored = self.asked_at(at), self.stored_at(at)
        if cell is not None and stored is not None:
            self._save([at], "", entry.accept_odd, cell.metric_id, cell.period, if_rev=stored.rev)

    def copy(self, cells: Sequence[Sequence[Place]]) -> None:
        lines = []
        for line in cells:
            texts = []
            for at in line:
                cell, stored = self.asked_at(at), self.stored_at(at)
                known = cell is not None and stored is not None and stored.value is not None
                texts.append(
                    value_words.edit_text(stored.value, cell.unit, self.app.config.decimal)
                    if known and cell is not None and stored is not None and stored.value is not None
                    else ""
                )
            lines.append("\t".join(texts))
        self.app.copy_to_clipboard("\n".join(lines))
        count = sum(len(line) for line in cells)
        self.say(f"Copied {count} value{'' if count == 1 else 's'}.")

    def dropped(self, at: Place) -> None:
        """Text that was not saved was given up."""
        self._conflicts.discard(at)
        self._forget_draft(at)
        self.say("Dropped.")

    # ---------------------------------------------------------------- paste

    def pasted(self, text: str) -> None:
        """Show in the cells what a paste would save; Enter saves it, Esc drops it."""
        lines = [line.split("\t") for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
        targets = self.grid.targets(lines)
        if targets is None:
            self.say("The paste is larger than the grid below and right of the cursor: nothing was pasted.", "error")
            return
        shown: dict[Place, Value] = {}
        typed: list[tuple[Place, Typed]] = []
        wrong, odd, replaced = "", 0, 0
        for at, one in targets:
            cell = self.asked_at(at)
            try:
                cell, read = self.read(at, one, screen=False)
            except Problem as problem:
                shown[at] = Value(at[1], one.strip(), "error", "!")
                wrong = wrong or f"{value_words.head(cell) + ': ' if cell else ''}{problem}"
                continue
            stored = self.stored_at(at)
            look = self._look(at, cell, read)
            same = stored is not None and stored.value == read.typed.value and stored.state == read.typed.state
            replaced += stored is not None and stored.state in ("value", "none") and not same
            odd += read.doubt is not None
            shown[at] = look._replace(style="dim" if same else "accent under")
            typed.append((at, read.typed))
        if not shown:
            return
        self._paste = [] if wrong else typed
        self.grid.show_preview(shown)
        values = f"{len(shown)} value{'' if len(shown) == 1 else 's'}"
        if wrong:
            self.say(f"{values}, nothing can be saved: {wrong} Esc drops", "error")
            return
        more = (f", {replaced} replaced" if replaced else "") + (f", {odd} odd" if odd else "")
        self.say(f"Paste: {values}{more}: {self.app.glyphs.enter} saves, Esc drops", "warn" if odd else "info")

    def paste_decided(self, save: bool) -> None:
        if save and not self._paste:
            return
        preview = self.grid.preview
        self.grid.show_preview({})
        paste, self._paste = self._paste, []
        if not save:
            self.say("Dropped. Nothing was pasted.")
            return
        self.grid.pending.update({at: preview[at]._replace(style="") for at, _ in paste})
        self._save_typed(paste, "paste")

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
                [at], "", entry.record_value, one_cell.metric_id, one_cell.period, one_cell.text, if_rev=one_cell.if_rev
            )
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
            again = f" {self.app.glyphs.enter} on it asks which to keep." if done.conflict and text else ""
            self.app.say(f"{done.sentence}{again}", "error")
            return
        odd = any(one.odd for one in done.recorded) if isinstance(done, entry.Many) else done.odd
        # The row belongs to what is being typed, unless there is something to look at.
        if grid is None or not grid.typing or odd:
            changed = isinstance(done, entry.Many) or done.changed
            self.app.say(f"{done.sentence} {self.app.glyphs.dot} u undo" if changed else done.sentence)

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

    def _later_draft(self, at: Place, text: str) -> None:
        # A text that is being saved stays a draft until the save is answered.
        if not text and at in self.grid.pending:
            self._draft = None
            return
        self._draft = (at, text)
        if self._draft_timer is None:
            self._draft_timer = self.set_timer(DRAFT, self._write_draft)

    def _write_draft(self) -> None:
        self._draft_timer = None
        draft, self._draft = self._draft, None
        if draft is not None and self.drafts is not None and (cell := self.asked_at(draft[0])):
            self.drafts.keep((cell.metric_id, *cell.period), draft[1])

    def _forget_draft(self, at: Place) -> None:
        cell = self.asked_at(at)
        if self.drafts is not None and cell is not None:
            self.drafts.forget((cell.metric_id, *cell.period))

    def offer_drafts(self, workspace: str, places: Callable[[tuple[int, int, int]], Place | None]) -> None:
        """Put back what was being typed when the program was lost, the first time the view is shown."""
        if self._offered or self.app.read_only:
            return
        self._offered = True
        self.drafts = ValueDrafts(workspace)
        found = []
        for key, text in self.drafts.all().items():
            at = places(key)
            if at is not None and (cell := self.asked_at(at)) is not None:
                self.grid.unsaved[at] = text
                found.append(f"{value_words.head(cell)} = {text}")
        if found:
            self.grid.redraw_cells(list(self.grid.unsaved))
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            self.say(f"Typed and not saved: {found[0]}{more} {self.app.glyphs.dot} {self.app.glyphs.enter} on it, Esc")

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
