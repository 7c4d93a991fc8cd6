"""A page of fields drawn line by line: text, yes or no, ticks and choices, with the cursor in one of them.

Every printable key goes into the field; nothing of it is a verb until ctrl+s or Esc.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.geometry import Offset
from textual.strip import Strip

from kpitui.charts.glyphs import UNICODE, Glyphs
from kpitui.text import clean, width
from kpitui.tui.widgets.line_editor import LineEditor
from kpitui.tui.widgets.styled import Span, Styled

if TYPE_CHECKING:
    from textual import events


class Field(NamedTuple):
    """A field where it stands on its line. `kind` is text, yesno, tick or choice (the letters of `letters`)."""

    id: str
    cells: int
    kind: str = "text"
    letters: str = ""


Piece = Span | Field
Row = Sequence[Piece]


class Form(Styled, can_focus=True, inherit_bindings=False):
    """Shows rows of spans and fields; the values are kept by field id."""

    DIRECT_KEYS: ClassVar[bool] = True
    DEFAULT_CSS = "Form { height: 1fr; }"
    claims_digits = True
    typing = True

    def __init__(self, glyphs: Glyphs = UNICODE, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.rows: Sequence[Row] = ()
        self.values: dict[str, str] = {}
        self.at = ""
        self.top = 0
        self.editor = LineEditor()
        self.on_change: Callable[[str], None] = lambda field: None
        """Told the id of the field whose value is another one, or in which the cursor is now."""
        self.on_enter: Callable[[str], None] = lambda field: None
        self.on_save: Callable[[], None] = lambda: None
        self.on_leave: Callable[[], None] = lambda: None

    # ---------------------------------------------------------------- what it shows

    def show(self, rows: Sequence[Row]) -> None:
        if rows != self.rows:
            old, self.rows = self.rows, rows
            if len(old) != len(rows):
                self._follow()
            self.refresh()

    @property
    def fields(self) -> list[Field]:
        return [piece for row in self.rows for piece in row if isinstance(piece, Field)]

    @property
    def field(self) -> Field | None:
        return next((one for one in self.fields if one.id == self.at), None)

    def go_to(self, field: str) -> None:
        """Put the cursor into a field, behind what stands there."""
        self.at = field
        self.editor.set(self.values.get(field, ""))
        self._follow()
        self.refresh()
        self.on_change(field)

    def step(self, by: int) -> None:
        ids = [one.id for one in self.fields]
        if ids:
            place = ids.index(self.at) if self.at in ids else 0
            self.go_to(ids[(place + by) % len(ids)])

    def _follow(self) -> None:
        place = next(
            (y for y, row in enumerate(self.rows) if any(isinstance(p, Field) and p.id == self.at for p in row)), 0
        )
        room = self.size.height
        if not room:
            return  # not laid out yet
        if place < self.top:
            self.top = place
        elif place >= self.top + room:
            self.top = place - room + 1
        self.top = max(0, min(self.top, len(self.rows) - room))

    def on_resize(self) -> None:
        self._follow()

    # ---------------------------------------------------------------- keys

    def take_key(self, event: events.Key) -> bool:
        """Do what a key means in the field; only help and what leaves the program go on."""
        field, key, char = self.field, event.key, event.character
        match key:
            case "enter":
                self.on_enter(self.at)
            case "tab" | "down":
                self.step(1)
            case "shift+tab" | "up":
                self.step(-1)
            case "ctrl+s":
                self.on_save()
            case "escape":
                self.on_leave()
            case "f1" | "ctrl+p" | "ctrl+q" | "ctrl+l" | "ctrl+z":
                return False
            case _ if field is None:
                return False
            case _ if field.kind == "text":
                if self.editor.press(key, char):
                    self._set(self.editor.text)
            case _ if field.kind == "tick":
                if key == "space" or char in ("x", "y", "n"):
                    on = char == "y" or (char not in ("y", "n") and not self.values.get(self.at))
                    self._set("x" if on else "")
            case _ if char and char.lower() in (field.letters or "yn"):
                self._set(char.lower())
                self.on_enter(self.at)
            case "backspace" | "delete" | "ctrl+u":
                self._set("")
        return True

    def _set(self, value: str) -> None:
        if self.values.get(self.at, "") != value:
            self.values[self.at] = value
            self.on_change(self.at)
        self.refresh()

    # ---------------------------------------------------------------- drawing

    def render_line(self, y: int) -> Strip:
        place = y + self.top
        if place >= len(self.rows):
            return self.blank_line()
        line: list[Span] = []
        for piece in self.rows[place]:
            if isinstance(piece, Field):
                line += self._field_spans(piece, sum(width(clean(text)) for text, _ in line), y)
            else:
                line.append(piece)
        return self.strip_of(line, self.size.width, mark=self.glyphs.ellipsis)

    def _field_spans(self, field: Field, x: int, y: int) -> list[Span]:
        here = field.id == self.at and self.has_focus
        value = clean(self.values.get(field.id, ""))
        if field.kind == "tick":
            return [("[", "dim"), ("x" if value else " ", "reverse" if here else "bold"), ("]", "dim")]
        if not here:
            shown = value if width(value) <= field.cells else value[: field.cells - 1] + self.glyphs.ellipsis
            return [("[", "dim"), (shown + " " * (field.cells - width(shown)), "bold"), ("]", "dim")]
        at = len(clean(self.editor.text[: self.editor.at])) if field.kind == "text" else 0
        text = value + " "
        begin = 0
        while width(text[begin : at + 1]) > field.cells:
            begin += 1
        shown, at = text[begin:], at - begin
        while width(shown) > field.cells and len(shown) > at + 1:
            shown = shown[:-1]
        self.app.cursor_position = self.content_region.offset + Offset(x + 1 + width(shown[:at]), y)
        rest = " " * max(field.cells - width(shown), 0)
        return [("[", "accent"), (shown[:at], ""), (shown[at : at + 1] or " ", "reverse"), (shown[at + 1 :] + rest, ""),
                ("]", "accent")]  # fmt: skip
