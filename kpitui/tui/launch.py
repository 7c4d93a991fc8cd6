"""From the command line to the first paint, in the order that makes it quick: the store before Textual."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from kpitui import clock, config, identity
from kpitui.charts import glyphs
from kpitui.domain import figure_style
from kpitui.errors import KpituiError
from kpitui.text import clean
from kpitui.tui import first
from kpitui.tui.ahead import Failed, begin
from kpitui.tui.left_out import left_out
from kpitui.tui.store_thread import StoreThread
from kpitui.tui.terminal import prepare_environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kpitui.storage.store import Store


def keep_log(thread: StoreThread) -> None:
    """What was saved here is the log that this account knows from now on."""
    from kpitui.tui.soundness import remember

    try:
        for said in thread.submit(remember).wait(2.0):
            tell(said)
    except (KpituiError, RuntimeError, TimeoutError):
        pass  # the file is gone, or the store was closed: the next start looks again


def tell(said: str) -> None:
    """A sentence on the terminal when the screens are gone: nothing cleans it there but this."""
    sys.stderr.write(f"kpitui: {clean(said)}\n")


def launch(
    path: str,
    *,
    own: bool = False,
    start: str | None = None,
    mouse: bool | None = None,
    ascii_only: bool = False,
    themes: str | None = None,
    messages: Sequence[str] = (),
    watch: bool = True,
) -> int:
    """Open the workspace at `path` and run the screens; gives the exit code.

    `own` says that it is the user's own one, which may not be there yet: it is then made by the first thing saved.
    `start` is a tab's name (without it the configured one), `themes` one more folder of themes; without `watch` nobody
    remembers the log. Raises what opening a store raises.
    """
    gc.disable()
    prepare_environment(os.environ)
    loaded = config.load()
    chosen = glyphs.choose({**os.environ}, "ascii" if ascii_only else loaded.config.glyphs)
    mine = loaded.config
    figure_style.use(figure_style.of(mine.decimal, mine.negative, chosen.name == "ascii", mine.compact))
    who = identity.who()

    def open_store() -> Store:
        from kpitui.storage.store import Store

        if own and not os.path.lexists(path):
            from kpitui.services.setup import create_workspace
            from kpitui.tui.late_store import late_store

            return late_store(lambda at: create_workspace(at, who, "tui", clock.now, name=who.name), path)
        return Store.open(path, who=who, via="tui", now=clock.now)

    tab = start or loaded.config.open_on

    def today_in(zone: str) -> date:
        return clock.today(os.environ, zone or None)

    def read(store: Store) -> first.First:
        return first.read(store, tab, today_in)

    def read_ahead() -> first.First:
        with open_store() as store:
            return read(store)

    # Where there is nothing yet, nothing takes long.
    ahead = begin(read_ahead) if os.path.lexists(path) else None
    thread = StoreThread(open_store, ahead)
    try:
        reading = thread.arrived or thread.submit(read)
        with left_out():
            from kpitui import paths
            from kpitui import themes as theming
            from kpitui.tui.app import build_app
            from kpitui.tui.drafts import unfinished

        found = theming.load_themes(paths.theme_folders(extra=themes))
        notice = found.notice()
        try:
            zone = reading.wait().zone
        except Failed:
            # Here it is told what is wrong, if it is still so.
            reading = thread.submit(read)
            zone = reading.wait().zone
        app = build_app(
            thread,
            config=loaded.config,
            glyphs=chosen,
            themes=found,
            today=lambda: today_in(zone),
            user=f"{who.name}@{who.host}",
            start=tab,
            messages=(
                *messages,
                *reading.wait().notices,
                *loaded.messages,
                *((notice,) if notice else ()),
                *unfinished(path),
            ),
            first=reading,
            mouse=loaded.config.mouse if mouse is None else mouse,
            utf8=glyphs.speaks_utf8(os.environ) and not os.environ.get("TERM", "").startswith("vt"),
        )
        app.watching = watching = watch and os.path.lexists(path)
        app.run(mouse=app.mouse_on)
        if watching:
            keep_log(thread)
        if app._exception is not None:
            raise app._exception
        if app.last_words:
            tell(app.last_words)
        return app.return_code or 0
    finally:
        thread.close()
