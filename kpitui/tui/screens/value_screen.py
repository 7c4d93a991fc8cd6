"""What Entry and Due share: reading what is typed in a cell, saying what is understood, and pasting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on

from kpitui.domain.numbers import Unsure
from kpitui.domain.problem import Problem
from kpitui.domain.roles import ADMIN, ANY, CONTRIBUTOR, EDITOR
from kpitui.domain.typed import Typed
from kpitui.services import accepting, asked, entry
from kpitui.services.asked import Asked, Understood
from kpitui.services.revisions import who_saved
from kpitui.tui.screens import value_words
from kpitui.tui.screens.value_saving import ValueSaving
from kpitui.tui.widgets.board import Board
from kpitui.tui.widgets.grid import Place, Value


class ValueScreen(ValueSaving):
    """The host of a `Grid`."""

    SAVES: ClassVar[Mapping[str, str]] = {"edit": ANY, "archive": ANY}

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[Place, int] = {}
        """The revision that stood when typing began."""
        self._told: tuple[Place, int] | None = None
        self._paste: list[tuple[Place, Typed]] = []
        self._paste_wrong = ""

    @property
    def footer_name(self) -> str:
        """While a cell is typed its letters are letters."""
        if self.is_mounted and self.grid.typing:
            return f"{self.NAME}_typing"
        none = self.view is not None and self.nothing_measured() and not self.app.refused("metric")
        return "no_metrics" if none else self.NAME

    def works(self, verb_id: str) -> bool:
        if verb_id in ("cell_type", "cell_save", "cell_same", "cell_none") and not self.grid.writable:
            return False
        return super().works(verb_id)

    def nothing_measured(self) -> bool:
        """Whether there is nothing to enter at all."""
        raise NotImplementedError

    def whereabouts(self) -> tuple[str, str]:
        """The period being entered, for the others to see."""
        at = self.grid.at if self.is_mounted and self.grid.writable else None
        cell = self.asked_at(at) if at is not None else None
        return ("entry", cell.label) if cell is not None else ("", "")

    def here_words(self) -> str:
        """`bo is entering W47, ana is in the weekly review W47`; empty while nobody else is anywhere."""
        said = [one.sentence for one in self.app.others_at("entry")]
        held: dict[str, list[str]] = {}
        for one in self.app.others_at("review"):
            held.setdefault(one.what, []).append(one.who)
        for what, people in held.items():
            are = "is" if len(people) == 1 else "are"
            said.append(f"{', '.join(people)} {are} in the {what[:1].lower()}{what[1:]}")
        return ", ".join(said)

    def read(self, at: Place, text: str, *, screen: bool = True) -> tuple[Asked, Understood]:
        cell = self.asked_at(at)
        if cell is None:
            raise Problem("This cell takes no value.")
        read = asked.understand(cell, text, decimal=self.app.config.decimal, screen=screen)
        if read.typed.value is None and not self._enters(cell):
            # A value can be proposed, none cannot: said before what is typed behind it is lost.
            who = " or ".join(dict.fromkeys(name for name in cell.enters if name)) or "an editor"
            raise Problem(f"None is for {who} to say here; a value you may propose.")
        return cell, read

    def _enters(self, cell: Asked) -> bool:
        """Whether the values of its metric are this account's to enter, as far as its role is known."""
        role = self.app.role
        return role in ("", EDITOR, ADMIN) or (role == CONTRIBUTOR and self.app.user.partition("@")[0] in cell.enters)

    def understand(self, at: Place, text: str) -> Value:
        return self._look(at, *self.read(at, text))

    def _look(self, at: Place, cell: Asked, read: Understood) -> Value:
        glyphs = self.app.glyphs
        if read.typed.value is None:
            return Value(at[1], "-" if read.typed.state == "none" else "", "dim")
        text = value_words.cell_text(read.typed.value, cell.unit, cell.currency, cell.decimals)
        return Value(at[1], text, "", glyphs.flagged if read.doubt else glyphs.note if read.typed.note else "")

    def typing_changed(self, at: Place, text: str | None) -> None:
        self.show_keys()
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
        self._later_draft(at, text, self._seen.get(at, 0))
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
                fine = len(text.strip()) <= 1 and not text.strip().isalpha()
                words = words if fine else f"{words} {problem}"
        # One look for whatever is said while typing: another colour would paint the whole row at a key.
        full = f"{words} {glyphs.dot} esc drops"
        self.say(full if fine and len(full) < cells else words, whole=False)

    def refuse(self, at: Place, why: str) -> None:
        way = " Esc drops it." if self.grid.typing else ""
        self.say(f"{why}{way}", "error")

    def shut_out(self) -> None:
        self.app.allowed(ANY)

    def commit(self, at: Place, text: str) -> bool:
        stored, seen = self.stored_at(at), self._seen.pop(at, None)
        now = stored.rev if stored else 0
        if seen is not None and seen != now:
            self.app.do(self._ask_which(at, text))
            return False
        cell, read = self.read(at, text)
        self._save([at], text, entry.record_value, cell.metric_id, cell.period, read.typed, if_rev=now, ask_why=True)
        return True

    def tell_of_theirs(self) -> None:
        """Says what somebody else has saved in the cell that is being typed. The typed text is left alone."""
        at = self.grid.at
        cell, stored = (self.asked_at(at), self.stored_at(at)) if self.grid.typing and at is not None else (None, None)
        if at is None or cell is None or stored is None or self._told == (at, stored.rev):
            return
        if self._seen.get(at, stored.rev) not in (stored.rev, -1):
            self._told = (at, stored.rev)
            theirs = cell.show(stored.value) if stored.state == "value" else stored.state or "empty"
            self.say(f"Somebody has saved {theirs} here meanwhile: {self.app.glyphs.enter} asks which stays", "warn")

    async def _ask_which(self, at: Place, text: str) -> None:
        """Somebody else saved a value while this one was typed: which one stays?"""
        cell, stored = self.asked_at(at), self.stored_at(at)
        if cell is None or stored is None:
            return
        who = await self.app.read(who_saved, cell.metric_id, cell.period)
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

    async def action_accept_all(self) -> None:
        """Take the `?` from every value, or from those of the block, once somebody has said so."""
        if self.grid.typing:
            return
        cells = [at for line in self.grid.block() for at in line] if self.grid.has_block else []
        places = {
            (cell.metric_id, cell.period)
            for at in cells
            if (cell := self.asked_at(at)) is not None and (stored := self.stored_at(at)) is not None and stored.odd
        }
        read = await self.app.read(accepting.acceptable, self.app.day)
        if read is None:
            return
        found, others = read
        if cells:
            found = tuple(one for one in found if (one.metric_id, one.period) in places)
        if not found and others:
            self.say(f"No value of yours is marked ?: the others are for {' and '.join(others)}.")
            return
        if not found:
            self.say("There is nothing to check: no value here is marked ?.")
            return
        if await self.confirm(f"Accept {accepting.named(found)}?"):
            self.grid.clear_marks()
            await self.app.save(
                accepting.accept,
                found,
                today=self.app.day,
                said=lambda sentence: f"{sentence} · u undo",
            )

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
            self.say("Nothing pasted: beyond the grid. Start further up or left, or [ goes back.", "error")
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
        if "\t" not in text and len(shown) > 1 and len({row for row, _ in shown}) == 1:
            values += " along the row"
        if wrong:
            self._paste_wrong = f"{values}, nothing can be saved: {wrong} Esc drops"
            self.say(self._paste_wrong, "error")
            return
        more = (f", {replaced} replaced" if replaced else "") + (f", {odd} odd" if odd else "")
        self.say(f"Paste: {values}{more} · {self.app.glyphs.enter} saves, Esc drops", "warn" if odd else "info")

    def paste_decided(self, save: bool) -> None:
        if save and not self._paste:
            self.say(self._paste_wrong, "error")
            return
        preview = self.grid.preview
        self.grid.show_preview({})
        paste, self._paste = self._paste, []
        if not save:
            self.say("Dropped. Nothing was pasted.")
            return
        self.grid.pending.update({at: preview[at]._replace(style="") for at, _ in paste})
        self._save_typed(paste, "paste")

    @on(Board.Opened)
    def _opened(self) -> None:
        about = self.about()
        cell = self.asked_at(self.grid.at) if self.grid.at else None
        if about is not None and cell is not None and self.app.has_screen("detail"):
            self.app.do(self.app.open(self.app.made("detail", cell.slug)))
