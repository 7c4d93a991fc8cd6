"""The view of the first screen, got on the store thread while Textual is still being imported: nothing of it here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from kpitui.services.overview import Home
    from kpitui.storage.store import Store


class First(NamedTuple):
    """What was read: `args` are those of the screen's `load`, for which `view` holds."""

    name: str
    args: tuple[Any, ...]
    view: Any


def home(store: Store, today: int, scope: str | None = None) -> Home:
    """Home's view; the screen loads it with the same function."""
    from kpitui.services import overview

    return overview.home(store, today, scope)


VIEWS: dict[str, Callable[..., Any]] = {"home": home}


def time_zone(store: Store) -> str:
    """The workspace's time zone, or "" for the machine's."""
    from kpitui.services.book import Book

    return str(Book(store, 0).settings.get("time_zone", ""))


def read(store: Store, name: str, today: int) -> First | None:
    """The first screen's view with its shipped settings; None where the screen has to ask itself."""
    view = VIEWS.get(name)
    return First(name, (today,), view(store, today)) if view else None
