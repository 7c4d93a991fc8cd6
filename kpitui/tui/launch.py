"""From the command line to the first paint, in the order that makes it quick: the store before Textual."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from kpitui import clock, config, identity
from kpitui.charts import glyphs
from kpitui.tui import first
from kpitui.tui.store_thread import StoreThread
from kpitui.tui.terminal import prepare_environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kpitui.storage.store import Store


def launch(
    path: str,
    *,
    own: bool = False,
    start: str | None = None,
    mouse: bool | None = None,
    ascii_only: bool = False,
    themes: str | None = None,
    messages: Sequence[str] = (),
) -> int:
    """Open the workspace at `path` and run the screens; gives the exit code.

    `own` says that it is the user's own one, which may not be there yet: it is then made by the first thing saved.
    `start` is a tab's name (without it the configured one), `themes` one more folder of themes. Raises what opening a
    store raises.
    """
    gc.disable()
    prepare_environment(os.environ)
    loaded = config.load()
    who = identity.who()

    def open_store() -> Store:
        from kpitui.storage.store import Store

        if own and not os.path.lexists(path):
            from kpitui.services.setup import create_workspace
            from kpitui.tui.late_store import late_store

            return late_store(lambda at: create_workspace(at, who, "tui", clock.now, name=who.name), path)
        return Store.open(path, who=who, via="tui", now=clock.now)

    thread = StoreThread(open_store)
    try:
        tab = start or loaded.config.open_on
        zone = thread.submit(first.time_zone)

        def today() -> date:
            return clock.today(os.environ, zone.wait() or None)

        reading = thread.submit(lambda store: first.read(store, tab, today().toordinal() - _EPOCH))
        chosen = glyphs.choose({**os.environ}, "ascii" if ascii_only else loaded.config.glyphs)

        from kpitui import paths
        from kpitui import themes as theming
        from kpitui.tui.app import build_app

        found = theming.load_themes(paths.theme_folders(extra=themes))
        notice = found.notice()
        thread.opened.wait()
        zone.wait()
        app = build_app(
            thread,
            config=loaded.config,
            glyphs=chosen,
            themes=found,
            today=today,
            user=f"{who.name}@{who.host}",
            start=tab,
            messages=(*messages, *loaded.messages, *((notice,) if notice else ())),
            first=reading,
            mouse=loaded.config.mouse if mouse is None else mouse,
        )
        app.run(mouse=app.mouse_on)
        if app.last_words:
            sys.stderr.write(f"kpitui: {app.last_words}\n")
        return app.return_code or 0
    finally:
        thread.close()


_EPOCH = 719163  # date(1970, 1, 1).toordinal()
