"""The library: templates to look into, to pick from, to use as one step, and to keep as one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message

from kpitui import paths
from kpitui.services import library
from kpitui.tui.screens.library_rows import FULL, LIST, NARROW, Shown, as_text, list_rows, preview_rows
from kpitui.tui.screens.library_using import Using
from kpitui.tui.widgets.board import Board, BoardRow
from kpitui.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from kpitui.services.library import Preview, Shelf, Template
    from kpitui.storage.store import Store

ALONE = 72
"""Columns below which list and template take turns."""
FACETS = ("", *library.GROUPS)
RHYTHMS = ("weekly", "monthly", "quarterly", "annual")
PROMISE = "Nothing is created until you press n and confirm the list"


class View(NamedTuple):
    shelf: Shelf
    reviews: tuple[tuple[str, int], ...]
    preview: Preview | None = None
    """Of the template under the cursor."""


class Picks(Board):
    """The lines of one template; its cursor is seen while it has the focus."""

    class Picked(Message):
        """Space on a line."""

        def __init__(self, slug: str) -> None:
            super().__init__()
            self.slug = slug

    DIRECT_KEYS: ClassVar[bool] = True

    def on_focus(self) -> None:
        self.has_cursor = True
        place = self._selectable(self.cursor if self.cursor >= 0 else 0, 1)
        self._put(place)
        self._draw_again([place])

    def on_blur(self) -> None:
        at, self.cursor = self.cursor, -1
        self.has_cursor = False
        self._draw_again([at])

    def action_mark(self) -> None:
        if self.row is not None and self.row.kind == "row":
            self.post_message(self.Picked(self.row.key))


class LibraryScreen(Using):
    NAME = "library"
    SAVES: ClassVar[Mapping[str, str]] = {"edit": "template"}
    CSS_PATH = "library.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.facet = ""
        self.previews: dict[str, Preview] = {}
        self.picks: dict[str, frozenset[str]] = {}
        """What is taken of each template, where somebody changed it."""
        self.opened = ""
        self.inside = False

    def compose_content(self) -> ComposeResult:
        glyphs = self.app.glyphs
        yield Lines(glyphs=glyphs, id="top")
        with Horizontal(id="middle"):
            yield Board(LIST, glyphs=glyphs, id="list")
            yield Lines(glyphs=glyphs, id="bar")
            yield Picks({"": NARROW, "narrow": NARROW, "full": FULL}, glyphs=glyphs, cursor=False, id="lines")

    def load_args(self) -> tuple[str]:
        at = self.template if self.is_mounted else None
        return (at.name if at is not None else "",)

    def load(self, store: Store, *args: Any) -> View:
        from kpitui.services import settings

        team = settings.read(store)
        reviews = tuple((name, int(getattr(team, f"review_{name}"))) for name in RHYTHMS)
        shelf = library.shelf(paths.template_folders(store.path), store.kept)
        # What the cursor stands on comes with the list, or the first frame would show half a screen.
        at = next((one for one in shelf.templates if one.name == args[0]), next(iter(shelf.templates), None))
        return View(shelf, reviews, preview_of(store, at) if at is not None else None)

    # ---------------------------------------------------------------- showing

    @property
    def list_board(self) -> Board:
        return self.query_one("#list", Board)

    @property
    def lines_board(self) -> Picks:
        return self.query_one("#lines", Picks)

    @property
    def alone(self) -> bool:
        return self.app.size.width < ALONE

    @property
    def template(self) -> Template | None:
        """The one under the cursor of the list."""
        key = self.list_board.cursor_key
        return next((one for one in self.listed() if one.name == key), None)

    @property
    def preview(self) -> Preview | None:
        return self.previews.get(self.template.name) if self.template is not None else None

    def picked(self, found: Preview) -> frozenset[str]:
        standard = frozenset(line.slug for line in found.lines if line.picked)
        return self.picks.get(found.template.name, standard)

    def listed(self) -> list[Template]:
        """What facet and filter leave."""
        if self.view is None:
            return []
        keep = self.matches(self.filter_text)
        return [
            one
            for one in self.view.shelf.templates
            if self.facet in ("", one.by)
            and keep(f"{one.title} {one.for_whom} {one.name} {library.GROUPS[one.by]} {one.goal}")
        ]

    def draw(self, view: View) -> None:
        if view.preview is not None:
            self.previews[view.preview.template.name] = view.preview
        self.set_class(self.alone, "-alone")
        self.set_class(self.inside and self.alone, "-inside")
        found = self.listed()
        count = len(view.shelf.templates)
        narrow = self.app.size.width < 80
        words: list[tuple[str, str]] = [(" Library", "heading"), (f"   {count} templates   ", "")]
        words.append(("f by: ", "dim"))
        for name in FACETS:
            if not name or (narrow and name != self.facet):
                continue
            words += [(name, "bold" if name == self.facet else "dim"), (" ", "")]
        if narrow and not self.facet:
            words.append(("all", "dim"))
        self.query_one("#top", Lines).show([words])
        board = self.list_board
        board.empty = self._empty()
        board.show(list_rows(found))
        bar = (self.app.glyphs.vertical, "frame")
        self.query_one("#bar", Lines).show([[bar]] * max(self.app.size.height, 1))
        if view.shelf.problems and not self.prompt.message:
            more = len(view.shelf.problems) - 1
            self.say(f"{view.shelf.problems[0]}{f' And {more} more.' if more else ''}", "warn")
        elif not self.prompt.message:
            self.say(PROMISE)
        self.draw_preview()

    def _empty(self) -> list[Any]:
        if self.filter_text:
            return [[(f"No template has '{self.filter_text}'. Esc clears", "dim")]]
        if self.facet == "yours":
            return [
                [("None of yours yet.", "")],
                [("e", "key"), (" copies one of the others here,", "")],
                [(": save", "key"), (" keeps a scope as one.", "")],
            ]
        return [[("No templates here: f shows the others", "dim")]]

    def draw_preview(self) -> None:
        """The template under the cursor; read when it is seen for the first time."""
        board, template = self.lines_board, self.template
        if template is None:
            board.show([])
            return
        found = self.previews.get(template.name)
        if found is None or found.template != template:
            read: Any = partial(self._read, template)
            self.run_worker(read, group="preview", exclusive=True)
            return
        cells = self.app.size.width - (0 if self.alone else 1 + (44 if self.app.size.width >= 120 else 40))
        reviews = self.view.reviews if self.view is not None else ()
        shown = Shown(cells - board.lead, self.app.glyphs, self.picked(found), self.opened, reviews)
        title = BoardRow("", ([(" ", ""), (template.title, "heading")],), "text")
        rows = [title, *preview_rows(found, shown)]
        board.show(rows)

    async def _read(self, template: Template) -> None:
        found = await self.app.read(preview_of, template)
        if found is not None:
            self.previews[template.name] = found
            if self.template == template:
                self.draw_preview()

    def found(self) -> str:
        count = len(self.listed())
        if self.filter_text and not count:
            return f"No template has '{self.filter_text}'. Esc clears"
        return f"{count} of {len(self.view.shelf.templates)}" if self.view is not None else ""

    # ---------------------------------------------------------------- moving

    @on(Board.Highlighted)
    def _moved(self, event: Board.Highlighted) -> None:
        event.stop()
        if event.board.id == "list":
            self.opened = ""
            if not self.lines_board.has_focus:
                self.lines_board.scroll_to(y=0, animate=False, force=True)
            self.draw_beside(self.draw_preview)

    @on(Board.Opened)
    def _opened(self, event: Board.Opened) -> None:
        event.stop()
        if event.board.id == "list":
            self.enter()
            return
        self.opened = "" if self.opened == event.row.key else event.row.key
        self.draw_preview()

    @on(Picks.Picked)
    def _picked(self, event: Picks.Picked) -> None:
        event.stop()
        found = self.preview
        if found is None:
            return
        name = next(line.name for line in found.lines if line.slug == event.slug)
        taken = self.picked(found) ^ {event.slug}
        needed = library.needed_by(found, event.slug, taken)
        if needed:
            self.say(f"{name} stays: {needed} is worked out from it")
            return
        self.picks[found.template.name] = taken
        self.say(f"{name} is {'taken' if event.slug in taken else 'left out'} · n uses what is taken")
        self.draw_preview()
        self.lines_board.move(1)

    def enter(self) -> None:
        """Into the template's lines."""
        if self.template is None:
            return
        self.inside = True
        self.set_class(self.alone, "-inside")
        self.lines_board.focus()
        self.draw_preview()

    def leave(self) -> None:
        self.inside = False
        self.set_class(False, "-inside")
        self.list_board.focus()

    def peel(self) -> bool:
        if self.inside:
            self.leave()
            return True
        if self.facet:
            self.facet = ""
            self.say(PROMISE)
            self.redraw()
            return True
        return super().peel()

    def action_next_pane(self) -> None:
        if self.inside:
            self.leave()
        else:
            self.enter()

    def action_previous_pane(self) -> None:
        self.action_next_pane()

    def action_right(self) -> None:
        if not self.inside:
            self.enter()

    def action_left(self) -> None:
        if self.inside:
            self.leave()

    def action_mark(self) -> None:
        """Space in the list goes to the lines, where it leaves one out."""
        self.enter()
        self.say("space leaves a line out or takes it in · esc goes back to the list")

    def action_facet(self) -> None:
        self.facet = FACETS[(FACETS.index(self.facet) + 1) % len(FACETS)]
        self.leave()
        self.redraw()
        self.say(f"Templates by {self.facet}" if self.facet else "All templates")

    # ---------------------------------------------------------------- verbs

    def action_copy(self) -> None:
        found = self.preview
        if found is None:
            self.say("There is no template to copy here: esc clears the filter")
            return
        self.app.copy_to_clipboard(as_text(found, self.picked(found)))
        self.say(f"Copied {found.template.title} as text")

    def commands(self) -> Iterable[tuple[str, str, Callable[[], Any]]]:
        if not self.app.read_only:
            yield "Save a scope as a template", "", self.save_scope


def preview_of(store: Store, template: Template) -> Preview:
    return library.preview(template)
