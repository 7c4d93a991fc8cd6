"""Help for where I am: its keys, the words and marks, the first steps. Typing searches, Enter does it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.strip import Strip

from kpitui import footers, keys
from kpitui.charts.glyphs import Glyphs
from kpitui.text import wrapped
from kpitui.tui.painting import TightCompositor
from kpitui.tui.widgets.board import Board, BoardRow, Column, Layout, blank
from kpitui.tui.widgets.keybar import KeyBar
from kpitui.tui.widgets.line_editor import LineEditor
from kpitui.tui.widgets.lines import ruled
from kpitui.tui.widgets.styled import Span, Styled, both_ends, status_style

if TYPE_CHECKING:
    from kpitui.tui.app import KpituiApp
    from kpitui.tui.screens.base import KpiScreen

SECTIONS = ("Keys", "Words", "First steps")

WORDS: tuple[tuple[str, str], ...] = (
    ("goal", "the result wanted: a number and a date; one main goal a year"),
    ("metric", "anything we count"),
    ("KPI", "a metric tied to a goal, with a target, a date and an owner"),
    ("lead", "moves first, and we control it"),
    ("lag", "the result, seen afterwards"),
    ("counter", "guards a KPI against being gamed"),
    ("driver", "this metric feeds that one"),
    ("band", "how far from the target still counts as near"),
    ("gap", "distance to the target; + is always good"),
    ("usual", "last value plus or minus its normal change"),
    ("signal", "XmR: outside the limits, 3 of 4 near one, or 8 on one side"),
    ("scope", "whoever a set of KPIs belongs to: company, team, role, campaign"),
    ("stale", "older than one and a half periods and its grace"),
)
STEPS: tuple[tuple[str, str, str], ...] = (
    ("new", "1  One goal for the year", "n writes it: 5m ARR by 31 dec"),
    ("tree", "2  Three KPIs that show it", "2 opens the tree; p promotes a metric"),
    ("due", "3  The first values", "4 asks for them one by one"),
    ("start_review", "4  The first review", "r holds it, step by step"),
)
PLAIN = (
    "Every key is also a command: press : and type part of its name. Keys can be changed in Settings (g s).",
    "Screen reader?  kpitui --plain  prints every screen as plain lines.  kpitui tell  reads out what matters.",
)

_LAYOUTS = {
    "": Layout((Column("key", 18, gap=0), Column("text"))),
    "step": Layout((Column("step", 30, gap=0), Column("text", least=38)), (("step", 28),)),
    "word": Layout((Column("word", 12, gap=0), Column("text"))),
}


class Entry(NamedTuple):
    """One line that can be found: what is searched, its verb or "", and its row."""

    text: str
    verb: str
    row: BoardRow


class HelpTop(Styled):
    """Title, what is searched for, and the sections."""

    DEFAULT_CSS = "HelpTop { height: 2; }"

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._shown = ("", "", 0)

    def show(self, title: str, search: str, section: int) -> None:
        if (title, search, section) != self._shown:
            self._shown = (title, search, section)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        title, search, section = self._shown
        cells = self.size.width
        if y == 0:
            return self.strip_of(ruled(title, cells, self._glyphs), cells)
        tabs: list[Span] = []
        for place, name in enumerate(SECTIONS):
            tabs += [("  ", ""), (f" {name} ", "reverse bold" if place == section and not search else "")]
        return self.strip_of(both_ends([(" / ", "dim"), (search, ""), (" ", "reverse")], tabs, cells), cells)


class HelpScreen(Screen[None]):
    """Laid over a screen; closes with the verb done on it."""

    CSS_PATH = "help.tcss"
    AUTO_FOCUS = "Board"
    NAME: ClassVar[str] = "help"
    app: KpituiApp

    def __init__(self, over: KpiScreen) -> None:
        super().__init__()
        self._compositor = TightCompositor()
        self._over = over
        self._section = 0
        self._search = LineEditor()
        self._searching = False

    def compose(self) -> ComposeResult:
        yield HelpTop(self.app.glyphs)
        yield Board(_LAYOUTS, glyphs=self.app.glyphs, id="help", lead=3)
        yield KeyBar(id="help-keys")

    def on_mount(self) -> None:
        self.query_one(KeyBar).show(
            (
                *footers.hints_of("help", self.app.verbs, self.app.size.width, self.app.glyphs.enter),
                footers.Shown("", "type to search", 50),
            ),
            (footers.Shown(keys.shown(self.app.verbs["help"].keys.split()[-1]).upper(), "same key"),),
        )
        self._draw()

    # ---------------------------------------------------------------- keys

    def take_key(self, event: events.Key) -> bool:
        """Letters search, from the first one or after /; the rest moves and closes."""
        board = self.query_one(Board)
        key = event.key
        empty = not self._search.text
        if key in ("escape", "f1") or (empty and not self._searching and event.character in ("?", "q")):
            if key == "escape" and (self._searching or not empty):
                self._search.set("")
                self._searching = False
                self._draw()
            else:
                self.dismiss()
        elif key == "enter":
            self._do()
        elif key in ("tab", "shift+tab"):
            self._section = (self._section + (1 if key == "tab" else -1)) % len(SECTIONS)
            self._draw()
        elif event.character == "/" and empty and not self._searching:
            self._searching = True
        elif key in ("up", "down", "pageup", "pagedown") or (empty and not self._searching and key in ("j", "k")):
            moves = {
                "up": board.action_up,
                "k": board.action_up,
                "down": board.action_down,
                "j": board.action_down,
                "pageup": board.action_page_up,
                "pagedown": board.action_page_down,
            }
            moves[key]()
        elif self._search.press(key, event.character):
            self._draw()
        return True

    def on_board_opened(self, event: Board.Opened) -> None:
        self._do()

    def _do(self) -> None:
        verb = self.query_one(Board).cursor_key.partition(":")[0]
        over = self._over
        self.dismiss()
        if verb in self.app.verbs:
            over.call_later(over.action_verb, verb)

    # ---------------------------------------------------------------- what it shows

    def _draw(self) -> None:
        self.query_one(HelpTop).show(self._title(), self._search.text, self._section)
        words = self._search.text.casefold().split()
        rows: list[BoardRow] = []
        # A search looks through all sections; without one only the open one shows.
        for name, entries in self._sections():
            found = [entry for entry in entries if all(word in entry.text.casefold() for word in words)]
            if found and (words or name in self._open()):
                rows += [blank()] if rows else []
                rows += [BoardRow("", ((name, "heading"),), "heading"), *(entry.row for entry in found)]
        if not rows:
            rows = [BoardRow("", ((" Nothing is called that. Esc clears.", "dim"),), "text")]
        self.query_one(Board).show(rows)

    def _title(self) -> str:
        titles = {name: title for name, *_, title in keys.TABS}
        return f"Help: {titles.get(self._over.NAME, self._over.NAME.capitalize())}"

    def _open(self) -> set[str]:
        if self._section == 0:
            return {"Here", *keys.GROUPS}
        return {"Words", "Marks"} if self._section == 1 else {"First steps", "Else"}

    def _sections(self) -> Iterator[tuple[str, list[Entry]]]:
        app, over = self.app, self._over
        enter = app.glyphs.enter
        own = []
        for hint in footers.FOOTERS.get(over.footer_name, ()):
            verb = app.verbs[hint.verbs.split()[0]]
            if hint.only != "small" and app.offers(verb) and any(map(over.works, hint.verbs.split())):
                label = footers.hint_key(hint, app.verbs, enter) or keys.shown(verb.keys.split()[0], enter)
                own.append(_key_entry(f"{verb.id}:here", label, hint.help or verb.help))
        yield "Here", own
        for group in keys.GROUPS:
            entries = []
            for verb in app.verbs.values():
                apart = bool(set(verb.screens) & set(keys.APART))
                if verb.group != group or (verb.screens and not apart and over.NAME not in verb.screens):
                    continue
                if not app.offers(verb):
                    continue
                label = keys.label(verb, enter)
                entries.append(_key_entry(verb.id if not apart else f":{verb.id}", label, verb.help))
            yield group, entries
        yield "Words", [_word(word, text) for word, text in WORDS]
        yield "Marks", [_mark(sign, style, text) for sign, style, text in _marks(app.glyphs)]
        yield "First steps", [_step(verb, title, text) for verb, title, text in STEPS]
        yield (
            "Else",
            [
                Entry(text, "", BoardRow("", ((f" {line}", ""),), "text"))
                for text in PLAIN
                for line in wrapped(text, app.size.width - 4)
            ],
        )


def _key_entry(key: str, label: str, text: str) -> Entry:
    return Entry(f"{label} {text}", key, BoardRow(key, ((label, "key"), text)))


def _step(verb: str, title: str, text: str) -> Entry:
    return Entry(f"{title} {text}", verb, BoardRow(f"{verb}:step", ((title, "bold"), text), layout="step"))


def _word(word: str, text: str) -> Entry:
    return Entry(f"{word} {text}", "", BoardRow(f":{word}", ((word, "bold"), text), layout="word"))


def _mark(sign: str, style: str, text: str) -> Entry:
    return Entry(text, "", BoardRow(f":mark {text}", ((sign, style), text), layout="word"))


def _marks(glyphs: Glyphs) -> tuple[tuple[str, str, str], ...]:
    return (
        (glyphs.on, status_style("on_track"), "on track: the target is met or will be"),
        (glyphs.watch, status_style("at_risk"), "at risk: within the band"),
        (glyphs.off, status_style("off_track"), "off track"),
        (glyphs.none, "none", "no value yet, or no target"),
        (glyphs.stale, "stale", "stale: the last value is old"),
        (glyphs.goal, "accent", "goal, KPI"),
        (glyphs.signal, "bold", "signal: a change that is not noise"),
        (glyphs.note, "", "has a note"),
        (glyphs.corrected, "", "was corrected later"),
        (glyphs.flagged, "flag", "outside the usual: check me"),
        (glyphs.not_asked, "dim", "not asked this period, or a day off"),
        (glyphs.due, "", "due, nothing yet"),
        (f"{glyphs.up} {glyphs.flat} {glyphs.down}", "", "raw movement over the last four periods"),
    )
