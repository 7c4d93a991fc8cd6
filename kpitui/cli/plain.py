"""`kpitui --plain [SCREEN]`: a screen as sentences, a line each, for screen readers, pipes and dumb terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import emit
from kpitui.errors import WrongUsage

if TYPE_CHECKING:
    from collections.abc import Callable

    from kpitui.cli.looking_back import Looked
    from kpitui.storage.store import Store

USAGE = """Usage: kpitui --plain [SCREEN] [--as-of DATE] [--as-known now|DATE] [--db PATH]

A screen as sentences, a line each. SCREEN is one of {screens}; home without it. --as-of shows it as everything was
known at the end of that day, with --as-known now that day with what is known now.
"""
PAST = ("--as-of", "--as-known")


def run(words: list[str], db: str | None) -> int:
    if words and words[0] in ("--help", "-h"):
        emit(USAGE.format(screens=", ".join(SCREENS)).rstrip())
        return 0
    words, past = _parsed(words)
    if len(words) > 1:
        raise WrongUsage("kpitui --plain takes the name of one screen.")
    screen = words[0] if words else "home"
    if not past:
        return print_plain(screen, db)
    from kpitui.cli.looking_back import open_known

    with open_known(db, past.get("--as-of"), past.get("--as-known")) as looked:
        looked.say()
        return print_plain(screen, db, looked)


def _parsed(words: list[str]) -> tuple[list[str], dict[str, str]]:
    """The screens named, and which day is looked back at."""
    rest: list[str] = []
    past: dict[str, str] = {}
    left = iter(words)
    for word in left:
        name, given, value = word.partition("=")
        if name not in PAST:
            rest.append(word)
            continue
        said = value if given else next(left, "")
        if not said:
            raise WrongUsage(f"{name} needs a day after it.")
        past[name] = said
    return rest, past


def print_plain(screen: str, db: str | None, looked: Looked | None = None) -> int:
    """Print one screen's lines, as of today or of the day looked at; 0. Raises WrongUsage for one that has no
    such form."""
    lines_of = SCREENS.get(screen)
    if lines_of is None:
        from kpitui.text import cut

        raise WrongUsage(f"There is no plain form of “{cut(screen, 40)}”: use {', '.join(SCREENS)}.")
    if looked is not None:
        lines = lines_of(looked.store, looked.day)
        if screen == "log":
            lines = log(looked.store, looked.day, looked.until)
    else:
        with open_store(db) as store:
            lines = lines_of(store, today_of(store))
    for line in lines:
        emit(" ".join(line.split()))
    return 0


def home(store: Store, today: int) -> list[str]:
    from kpitui.reports.plain_home import home_lines
    from kpitui.services import overview
    from kpitui.services.members import offered

    return home_lines(overview.home(store, today), offered(store, "goal"))


def tree(store: Store, today: int) -> list[str]:
    from kpitui.reports.plain_screens import tree_lines
    from kpitui.services import hierarchy

    return tree_lines(hierarchy.tree(store, today))


def due(store: Store, today: int) -> list[str]:
    from kpitui.reports.plain_screens import due_lines
    from kpitui.services.book import Book
    from kpitui.services.due import coming, owed

    with store.snapshot():
        book = Book(store, today)
        found = owed(book)
        return due_lines(found, coming(book) if not found else (), today)


def entry(store: Store, today: int) -> list[str]:
    from kpitui.reports.plain_screens import entry_lines
    from kpitui.services import entry_grid

    return entry_lines(entry_grid.grid(store, today))


def review(store: Store, today: int) -> list[str]:
    from kpitui.reports.plain_screens import review_lines
    from kpitui.services import review as reviews

    return review_lines(reviews.choices(store, today), reviews.past(store, today), today)


def log(store: Store, today: int, until: int | None = None) -> list[str]:
    from kpitui.reports.plain_screens import LOGGED, log_lines
    from kpitui.services import history

    return log_lines(history.log(store, today, limit=LOGGED, until=until))


SCREENS: dict[str, Callable[[Store, int], list[str]]] = {
    "home": home,
    "tree": tree,
    "due": due,
    "entry": entry,
    "review": review,
    "log": log,
}
