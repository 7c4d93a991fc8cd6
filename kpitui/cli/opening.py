"""Which workspace a command works on, and opening it."""

from __future__ import annotations

import os

from kpitui import paths
from kpitui.cli.output import say
from kpitui.domain.named import NamedTuple
from kpitui.errors import KpituiError, NotFound, Refused
from kpitui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.storage.store import Store


class Chosen(NamedTuple):
    """The workspace's absolute path and what chose it: `--db`, `KPITUI_DB`, `config` or `own`."""

    path: str
    by: str
    doubt: str = ""
    """Why the config does not say which one: what is read or written would perhaps be another one."""


def chosen_workspace(db: str | None) -> Chosen:
    """The workspace in use, whether it exists or not: `db`, else KPITUI_DB, else the config's, else the user's own."""
    if db:
        return Chosen(os.path.abspath(os.path.expanduser(db)), "--db")
    variable = os.environ.get("KPITUI_DB")
    if variable:
        return Chosen(os.path.abspath(os.path.expanduser(variable)), "KPITUI_DB")
    if os.path.exists(paths.config_file()):
        from kpitui import config

        loaded = config.load()
        if loaded.config.db:
            return Chosen(loaded.config.db, "config")
        if loaded.wrong_db:
            return Chosen(paths.own_workspace(), "own", loaded.wrong_db)
    return Chosen(paths.own_workspace(), "own")


def open_store(db: str | None, write: bool = False, via: str = "cli") -> Store:
    """The store of the chosen workspace, opened to read or, with `write`, to change it; the caller closes it.

    Raises NotFound with the `init` to type when the path does not exist, and what `Store.open` raises.
    """
    chosen = chosen_workspace(db)
    if chosen.doubt:
        raise Refused(f"{chosen.doubt} Mend it there, or name the workspace with --db.")
    try:
        os.lstat(chosen.path)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(missing(chosen)) from None
    except OSError:
        pass  # there may be one, out of reach: the store says why
    from kpitui import clock, identity
    from kpitui.storage.store import Store

    store = Store.open(chosen.path, who=identity.who(), via=via, now=clock.now, write=write)
    store.waiting = lambda said: say(f"{said}.")
    try:
        for said in watched(store):
            say(said)
    except BaseException:
        store.close()
        raise
    if write:
        _remembered_at_the_end(store)
    return store


def _remembered_at_the_end(store: Store) -> None:
    """What a command saves is the log that this account knows from then on, not only from its next command on."""
    close = store.close

    def remembered_and_closed() -> None:
        store.close = close  # type: ignore[method-assign]
        try:
            if store.commits:
                for said in watched(store):
                    say(said)
        except KpituiError:
            pass  # the file is gone: the next start looks again
        finally:
            close()

    store.close = remembered_and_closed  # type: ignore[method-assign]


def watched(store: Store) -> list[str]:
    """What this account has to be told of the log, which is not the one it has seen; remembers it as it is now."""
    from functools import partial

    from kpitui import witness
    from kpitui.services.witness import look

    return witness.remember(store.path, partial(look, store))


def absent(path: str) -> bool:
    """Whether nothing is there, as far as this account may look: what it may not see is not offered to be made."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        pass  # opening it says why
    return False


def missing(chosen: Chosen) -> str:
    """The sentence for a workspace that is not there."""
    if chosen.by == "own":
        return (
            "There is no workspace yet: name your team's with --db PATH or KPITUI_DB, make your own "
            f"({clean(chosen.path)}) with kpitui init, or try kpitui demo."
        )
    import shlex

    path = clean(chosen.path)
    return (
        f"There is no workspace at {path}. Nothing was created: check the path, or make one with kpitui init --db "
        f"{shlex.quote(path)}"
    )


def today_of(store: Store) -> int:
    """Today as an epoch day, in the workspace's time zone; `KPITUI_TODAY` when it is set."""
    from kpitui import clock
    from kpitui.domain.periods import to_day
    from kpitui.services.calendar import time_zone

    return to_day(clock.today(os.environ, time_zone(store)))
