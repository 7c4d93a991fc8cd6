"""The row above the footer: the last message, a question, a line being typed, or a filter. One row instead of dialogs.

It never takes the focus: the app hands it the keys while it asks, so that asking repaints this row and nothing else.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.geometry import Offset, Region
from textual.strip import Strip

from kpitui.charts.glyphs import UNICODE, Glyphs
from kpitui.domain.problem import Problem
from kpitui.errors import KpituiError
from kpitui.text import clean, cut, width
from kpitui.tui.widgets.line_editor import LineEditor
from kpitui.tui.widgets.saying import JOINT, shortened
from kpitui.tui.widgets.sentence import Sentence
from kpitui.tui.widgets.styled import Span, Styled, both_ends, spans_width

Parse = Callable[[str], str]
"""What was typed -> its preview; raises Problem (or KpituiError) when it cannot be saved like that."""
Complete = Callable[[str], Sequence[str]]
"""What was typed -> the whole lines it may become, best first."""

READ = 2.5
"""Seconds that a message needs to have been read."""
LABEL = 18
"""Cells that the words of a question keep where its preview needs room."""
_STYLES = {"info": "", "warn": "warn", "error": "error"}


class PromptRow(Styled):
    """`say` a message, `await ask` for a line, `await confirm` a question, or filter with `open_filter`."""

    DEFAULT_CSS: ClassVar[str] = "PromptRow { height: 1; }"

    def __init__(self, glyphs: Glyphs = UNICODE, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.mode = ""
        """"" for messages, or `line`, `question`, `filter`: the footer of that name."""
        self.message = ""
        self.kind = "info"
        self.rest = ""
        """What stands here while there is no message."""
        self.editor = LineEditor()
        self._label = ""
        self._preview = ""
        self._wrong = False
        self._parse: Parse | None = None
        self._complete: Complete | None = None
        self._offers: list[str] = []
        self._default = False
        self._answer: asyncio.Future[str | bool | None] | None = None
        self._sentence: Sentence | None = None
        self._refused = self._about = ""
        self._unread: list[tuple[float, str]] = []
        """The parts of the message that have not stood long enough to be read, and since when."""
        self.answered_in: asyncio.Task[object] | None = None
        """The task that got the last line."""
        # Called at once, not by message: what changes with them is then painted in the same frame.
        self.on_asking: Callable[[bool], None] = lambda asking: None
        """Told when it begins (True) and stops (False) to take the keys."""
        self.on_filter: Callable[[str, bool], None] = lambda text, done: None
        """Told the filter's text at every change; True when Enter kept it or Esc cleared it."""

        self.on_typed: Callable[[str], None] | None = None
        """Told the line at every key."""
        self.on_editor: Callable[[str], str] = lambda text: text
        """Gives the text as it comes back from the person's own editor."""

    @property
    def asking(self) -> bool:
        """Whether the keys belong to it."""
        return bool(self.mode)

    # ---------------------------------------------------------------- what the screen asks of it

    def say(self, text: str, kind: str = "info", *, whole: bool = True) -> None:
        """Show a message until the next one; `kind` is `info`, `warn` or `error`. A sentence that does not fit is read
        `whole` until the next key; one that has parts (`Saved … · u undo`) gives up its middle instead."""
        text = clean(text)
        if whole and not self.mode and width(text) >= self.size.width and (kind != "info" or JOINT not in text):
            self._tell(text, _STYLES.get(kind, ""), 1)
        elif not self.mode and (text, kind) != (self.message, self.kind):
            # The end of a long one would lie over this one.
            self.heed()
        self._unread = [(time.monotonic(), text)]
        if (text, kind) != (self.message, self.kind):
            # What stands here without a message is dim, so that no part of it stays.
            old = self.message if text and self.message and kind == self.kind else None
            self.message, self.kind = text, kind
            if not self.mode:
                self.refresh(*self._changed_part(old, text))

    def remark(self, text: str) -> None:
        """Say what nobody here has asked for: beside what was said just now and cannot have been read, and never over
        what was refused."""
        if self.kind != "info":
            return
        now = time.monotonic()
        unread = [(at, one) for at, one in self._unread if one and now - at < READ] + [(now, clean(text))]
        texts = [one for _, one in unread]
        self.say(texts[0] if len(texts) == 1 else "; ".join(one.replace(JOINT, ", ").rstrip(".") for one in texts))
        self._unread = unread

    def _tell(self, text: str, style: str, rows_below: int) -> None:
        if not self.is_mounted or not self.size.width:
            return
        if self._sentence is None:
            self._sentence = Sentence()
            self.screen.mount(self._sentence)
        self._sentence.show(text, style, rows_below, self.glyphs.ellipsis)

    def heed(self) -> None:
        """A key came: what lies over the content was read."""
        if self._sentence is not None:
            self._sentence.hide()

    def rest_on(self, text: str, *, gone_on: bool = False) -> None:
        """What to show while there is no message. When somebody has `gone_on`, it takes the place of what was said."""
        text, had = clean(text), self.message
        if gone_on and self.kind == "info":
            self.message = ""
        old, self.rest = self.rest, text
        if not self.mode and not self.message and (had or text != old):
            self.refresh(*self._changed_part(None if had else old, text))

    def _changed_part(self, old: str | None, new: str) -> list[Region]:
        """Where two messages differ, so that what is said while somebody types costs little; nothing is everything."""
        if old is None or not self.size.width:
            return []
        cells, mark = self.size.width, self.glyphs.ellipsis
        old, new = f" {shortened(old, cells - 1, mark)}", f" {shortened(new, cells - 1, mark)}"
        same = _shared(old, new)
        start, end = width(new[:same]), max(width(old), width(new))
        if width(old) == width(new):
            tail = _shared(old[same:][::-1], new[same:][::-1])
            end -= width(new[len(new) - tail :]) if tail else 0
        return [Region(start, 0, max(end - start, 1), 1)]

    async def ask(
        self,
        label: str,
        *,
        initial: str = "",
        parse: Parse | None = None,
        complete: Complete | None = None,
        refused: str = "",
        about: str = "",
        anew: bool = False,
    ) -> str | None:
        """One line from the person, or None when it was dropped.

        `parse` runs at every key; its text stands to the right of what is typed, and while it raises, Enter only says
        why. Tab goes through what `complete` offers. `refused` says why the line is asked for again, `about` what it is
        that is asked: where the preview does not say it whole, it stands above the line until the next key. `anew` is
        what is one word, a code or a figure: the first letter typed takes the place of `initial`.
        """
        self._refused, self._about = refused, clean(about)
        self.editor.set(initial, anew)
        self._label, self._parse, self._complete = clean(label), parse, complete
        self._typed()
        answer = await self._wait("line")
        return answer if isinstance(answer, str) else None

    async def confirm(self, question: str, default: bool = False) -> bool:
        """`y`, `n`, Enter (the default, shown in capitals) or Esc (no)."""
        self._refused = self._about = ""
        self._label = f"{clean(question)} [{'Y/n' if default else 'y/N'}]"
        self._default = default
        self._preview, self._wrong = "", False
        if width(self._label) + 3 > self.size.width:
            self._tell(self._label, "bold", 1)
        return bool(await self._wait("question"))

    def open_filter(self, text: str = "") -> None:
        """Take what is typed as a filter; every change and the end are told to `on_filter`."""
        self.editor.set(text)
        self._refused = self._about = ""
        self._label, self._parse, self._complete = "/", None, None
        self._preview, self._wrong = "", False
        self._begin("filter")

    def show_count(self, text: str) -> None:
        """What the filter leaves, to its right."""
        if self.mode == "filter" and text != self._preview:
            self._preview = clean(text)
            self.refresh()

    def hint(self, text: str) -> None:
        """Say something beside the line being typed, until the next key."""
        self._preview, self._wrong = clean(text), True
        self.refresh()
        self._say_wrong()

    def _say_wrong(self) -> None:
        """Why Enter does nothing, where there is no room for it beside the line."""
        if self._wrong and self._preview_cut():
            self._tell(self._preview, "error", 2)
            self.refresh()

    def _preview_cut(self) -> bool:
        """Whether there is no room for all of it beside the line."""
        shown = self._line_spans(self.size.width)
        return self._preview not in [text for text, _ in shown] or spans_width(shown) > self.size.width

    def drop(self) -> None:
        """Stop asking, as if by Esc."""
        if self.mode == "filter":
            self._end()
            self.on_filter("", True)
        elif self.mode:
            self._finish(False if self.mode == "question" else None)

    # ---------------------------------------------------------------- keys

    def take_key(self, event: events.Key) -> bool:
        """Do what a key means here. Only a filter leaves keys to the list: the arrows and the like."""
        key, character = event.key, event.character
        if self.mode == "question":
            self._answer_question(key)
            return True
        if key == "escape":
            self.drop()
        elif key == "enter":
            if self.mode == "filter":
                text = self.editor.text
                self._end()
                self.on_filter(text, True)
            else:
                self._enter()
        elif key == "tab":
            self._next_offer()
        elif key == "ctrl+o" and self.mode == "line":
            text = clean(self.on_editor(self.editor.text)).strip()
            if text != self.editor.text:
                self.editor.set(text)
                self._typed()
        elif self.mode == "filter" and key in ("up", "down", "pageup", "pagedown"):
            return False
        elif self.editor.press(key, character):
            self._offers, self._refused = [], ""
            self._typed()
        return True

    def take_paste(self, text: str) -> None:
        """A paste goes into the line as one line."""
        if self.mode in ("line", "filter"):
            self.editor.insert(clean(text).strip())
            self._typed()

    def _answer_question(self, key: str) -> None:
        answers = {"y": True, "Y": True, "n": False, "N": False, "enter": self._default, "escape": False}
        if key in answers:
            self._finish(answers[key])

    def _enter(self) -> None:
        if self._parse is not None and self._wrong and not self._refused:
            self.refresh()
            self._say_wrong()
            return
        self._finish(self.editor.text)

    def _next_offer(self) -> None:
        if self._complete is None:
            return
        if not self._offers:
            self._offers = list(self._complete(self.editor.text))
        if self._offers:
            offer = self._offers.pop(0)
            self._offers.append(offer)
            self.editor.set(offer)
            self._typed()

    def _typed(self) -> None:
        if self.mode == "line" and self.on_typed is not None:
            self.on_typed(self.editor.text)
        if self.mode == "filter":
            self.on_filter(self.editor.text, False)
        elif self._parse is not None:
            try:
                self._preview, self._wrong = clean(self._parse(self.editor.text)), False
            except (Problem, KpituiError) as problem:
                self._preview, self._wrong = clean(str(problem)), True
        else:
            self._preview, self._wrong = "", False
        self.refresh()
        self._park_terminal_cursor()

    async def _wait(self, mode: str) -> str | bool | None:
        if self._answer is not None:
            self._finish(None)
        answer: asyncio.Future[str | bool | None] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._begin(mode)
        try:
            return await answer
        finally:
            if self._answer is answer:
                self._end()

    def _begin(self, mode: str) -> None:
        self.mode = mode
        self._offers = []
        self.refresh()
        self._park_terminal_cursor()
        self.on_asking(True)
        if self._refused:
            self.hint(self._refused)
        elif self._about and (self._about != self._preview or self._preview_cut()):
            self._tell(self._about, "", 2)

    def _finish(self, answer: str | bool | None) -> None:
        waiting = self._answer
        self._end()
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def _end(self) -> None:
        self._answer = None
        if self.mode:
            # What was said before the question is old by now.
            self.mode, self.message = "", ""
            self.refresh()
            self.on_asking(False)

    # ---------------------------------------------------------------- drawing

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        mark = self.glyphs.ellipsis
        if not self.mode:
            if not self.message:
                return self.strip_of([(f" {shortened(self.rest, cells - 1, mark)}", "dim")], cells, mark=mark)
            said = shortened(self.message, cells - 1, mark)
            return self.strip_of([(f" {said}", _STYLES.get(self.kind, ""))], cells, mark=mark)
        if self.mode == "question":
            return self.strip_of([(f" {self._label} ", "bold"), (" ", "reverse")], cells, mark=mark)
        return self.strip_of(self._line_spans(cells), cells, mark=mark)

    def _line_spans(self, cells: int) -> list[Span]:
        label = self._label_shown(cells)
        # The line keeps at least half of the row; the preview gives way.
        text, at = clean(self.editor.text + " "), len(clean(self.editor.text[: self.editor.at]))
        before, cursor, after = text[:at], text[at : at + 1] or " ", text[at + 1 :]
        need = width(before) + width(cursor) + width(after)
        room = max(cells - width(label) - 1, 1)
        if need > room:
            while before and width(before) + width(cursor) > room - 1:
                before = before[1:]
            while after and width(before) + width(cursor) + width(after) > room:
                after = after[:-1]
        style = "reverse" if self.editor.anew else ""
        typed: list[Span] = [(label, "dim"), (before, style), (cursor, "reverse"), (after, "")]
        if not self._preview or (self._sentence is not None and self._sentence.display):
            return typed
        have = width(label) + width(before) + width(cursor) + width(after)
        space = cells - have - 2
        if space < 8:
            return typed
        said = self._preview
        while width(said) > space and JOINT in said:
            said = said.rpartition(JOINT)[0]  # whole parts go, the last one first
        style = "error" if self._wrong else "dim"
        preview = [("  ", ""), (said, style)] if self.mode == "line" else [(said, style)]
        return [*typed, *preview] if self.mode == "line" else both_ends(typed, preview, cells)

    def _label_shown(self, cells: int) -> str:
        """What is asked, so far as it leaves room for what is understood."""
        room = max(LABEL, cells * 2 // 5) if self._parse is not None else cells
        return f" {cut(self._label, room, self.glyphs.ellipsis)} "

    def _park_terminal_cursor(self) -> None:
        if self.is_mounted and self.mode:
            label = width(self._label_shown(self.size.width))
            at = min(label + width(self.editor.text[: self.editor.at]), max(self.size.width - 1, 0))
            self.app.cursor_position = self.content_region.offset + Offset(at, 0)


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return at
    return min(len(one), len(other))
