"""What Textual's command palette finds: every verb with its key, what the screen adds, and names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import Input

from kpitui import keys
from kpitui.text import ascii_only, clean, with_codes

if TYPE_CHECKING:
    from kpitui.tui.app import KpituiApp
    from kpitui.tui.screens.base import KpiScreen


WORD_STARTS = 100.0
"""The score of a match by the beginnings of words; letters found here and there stay below it."""
NAMED, KEYLESS = 0.9, 0.8
"""Shares of it for names of the workspace, and for commands that have no key."""


class Command(NamedTuple):
    text: str
    right: str
    """Its key, or what kind of thing it is."""
    run: Callable[[], Any]


class Palette(CommandPalette):
    """Textual's, without what moves by itself."""

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False


class Commands(Provider):
    """Verbs first, in the order of the table; then what is found by name in the workspace."""

    @property
    def _app(self) -> KpituiApp:
        return self.app  # type: ignore[return-value]

    @property
    def _kpi_screen(self) -> KpiScreen | None:
        return self._app.kpi_screen

    async def discover(self) -> Hits:
        for command in self._commands():
            yield DiscoveryHit(_line(Content(command.text), command.right), _soon(self._app, command), command.text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._commands():
            score = _score(query, command.text) or min(matcher.match(command.text), WORD_STARTS - 1)
            if not command.right and query.casefold() not in command.text.casefold().replace(":", " ").split():
                # What has no key is rarely wanted: `dem` means Demos booked before the made-up company.
                score *= KEYLESS
            if score > 0:
                shown = _line(matcher.highlight(command.text), command.right)
                yield Hit(score, shown, _soon(self._app, command), command.text)
        if len(query) > 1:
            async for hit in self._names(query):
                yield hit

    async def _names(self, query: str) -> Hits:
        from kpitui.services import names

        found = await self._app.thread.run(names.find, query)
        for label, kind, slug in found:
            text = clean(label) if self._app.utf8 else ascii_only(with_codes(clean(label))[0])
            command = Command(text, kind, partial(self._app.open_named, kind, slug))
            yield Hit(_score(query, text) * NAMED or 1.0, _line(Content(text), kind), _soon(self._app, command), text)

    def _commands(self) -> Iterator[Command]:
        app, screen = self._app, self._kpi_screen
        if screen is None:
            return
        for verb in keys.on_screen(screen.NAME, app.verbs.values()):
            if not verb.palette or not app.offers(verb):
                continue
            if screen.handler(verb.id) is None:
                continue
            yield Command(
                verb.palette,
                keys.label(verb, app.glyphs.enter),
                partial(screen.action_verb, verb.id),
            )
        for text, right, run in screen.commands():
            shown = clean if self._app.utf8 else _plain
            yield Command(shown(text), shown(right), run)
        if app.has_screen("goal"):
            from kpitui.tui.screens import goal

            yield Command("The goal of the year in full", "", partial(goal.open_main, screen))
            if not app.read_only and screen.NAME != "goal":
                yield Command("Roll the goal over to next year", "", partial(goal.roll_over_main, screen))
        if not app.read_only:
            from kpitui.tui.screens.home_start import import_file

            yield Command("Import a file of values", "", partial(import_file, screen))
        mouse = "off" if app.mouse_on else "on"
        yield Command(f"Mouse {mouse}", "", app.action_mouse)
        if app.themes is not None:
            for name in sorted(app.themes.by_name):
                yield Command(f"Theme {name}", "", partial(app.use_theme, name))


def _plain(text: str) -> str:
    return ascii_only(with_codes(clean(text))[0])


def _line(text: Content, right: str) -> Content:
    return Content.assemble(text, "  ", (right, "dim")) if right else text


def _score(query: str, text: str) -> float:
    """WORD_STARTS when every word of the query begins a word of the text, in any order; else 0."""
    words = text.casefold().split()
    wanted = query.casefold().split()
    return WORD_STARTS if wanted and all(any(word.startswith(start) for word in words) for start in wanted) else 0.0


def _soon(app: KpituiApp, command: Command) -> Callable[[], None]:
    def run() -> None:
        result = command.run()
        if hasattr(result, "__await__"):
            app.do(result)

    return run
