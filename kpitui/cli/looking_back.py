"""`--as-of` and `--as-known`: a command's view of an earlier day, as it was known then or as it is known now."""

from __future__ import annotations

from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kpitui.cli.opening import open_store, today_of
from kpitui.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kpitui.storage.store import Store


class Looked(NamedTuple):
    """The store to read and the day to judge by. `known` is the day whose knowledge it is, None for now's."""

    store: Store
    day: int
    known: int | None
    today: int

    @property
    def words(self) -> str:
        """What a heading adds to the day: empty when it is today, with what is known."""
        from kpitui.domain.periods import iso

        if self.known is None:
            return "as known now" if self.day < self.today else ""
        return "as known then" if self.known == self.day else f"as known on {iso(self.known)}"

    @property
    def until(self) -> int | None:
        """The day after which nothing counts, where the store knows of later ones; else None."""
        return self.day if self.known is None and self.day < self.today else None

    @property
    def known_json(self) -> str | None:
        """For `as_known` in JSON: null is now."""
        from kpitui.domain.periods import iso

        return None if self.known is None else iso(self.known)

    @property
    def json(self) -> dict[str, str | None]:
        """`as_of` and `as_known` for an object that has neither."""
        from kpitui.domain.periods import iso

        return {"as_of": iso(self.day), "as_known": self.known_json}

    def say(self) -> None:
        """The heading of what has none of its own, where it is not today's knowledge."""
        from kpitui.cli.output import emit
        from kpitui.reports.wording import day_text

        if self.words:
            emit(f"{day_text(self.day, weekday=True)}, {self.words}")

    def give(self, as_json: bool, object_of: Callable[[], Mapping[str, Any]], text_of: Callable[[], str]) -> None:
        """What was looked at: as one object for programs, else below its heading as text."""
        from kpitui.cli.output import emit, emit_json

        if as_json:
            emit_json({**object_of(), **self.json})
        else:
            self.say()
            emit(text_of())


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Both options on a click command, as `as_of` and `as_known`. A group refuses them before one of its commands,
    which would know nothing of them."""

    @wraps(command)
    def looking(*args: Any, as_of: str | None, as_known: str | None, **rest: Any) -> Any:
        below = click.get_current_context().invoked_subcommand
        if below is not None and (as_of or as_known):
            raise click.UsageError(
                f"Write --as-of and --as-known behind {below}; a command that changes something takes neither."
            )
        return command(*args, as_of=as_of, as_known=as_known, **rest)

    known = click.option(
        "--as-known",
        metavar="now|DATE",
        help="Whose knowledge: now, or what was known at the end of a day; the day of --as-of without it.",
    )
    of = click.option(
        "--as-of", metavar="DATE", help="That day, as everything was known at its end: 2026-10-31, fri, -2w."
    )
    return of(known(looking))


@contextmanager
def open_known(db: str | None, as_of: str | None, as_known: str | None) -> Iterator[Looked]:
    """The chosen workspace, looked at as the options say. Raises Problem for what is no day, or is still to come, and
    NotFound for a day before the workspace was made."""
    with open_store(db) as store:
        today = today_of(store)
        day = today if as_of is None else past_day("--as-of", as_of, today)
        known = day
        if as_known is not None:
            said = as_known.strip().casefold()
            known = today if said in ("now", "today") else past_day("--as-known", as_known, today)
        if known >= today:
            # Today is not over: what is known by now is all there is.
            yield Looked(store, day, None, today)
            return
        from kpitui.services import as_known as services

        try:
            past = services.as_known(store, known)
        except NotFound as error:
            hint = "" if as_known is not None else " --as-known now shows that day with what is known now."
            raise NotFound(f"{error}{hint}") from None
        with past:
            yield Looked(past, day, known, today)


def past_day(option: str, text: str, today: int) -> int:
    """The day an option names. Raises Problem for what is no date, and for one that is still to come."""
    from kpitui.domain.dates import read_date
    from kpitui.domain.periods import iso, to_date, to_day
    from kpitui.domain.problem import Problem
    from kpitui.domain.target import plannable

    day = to_day(read_date(text, to_date(today), past=True))
    if day > today:
        raise Problem(f"{option} {iso(day)} is still to come: give a day up to today, {iso(today)}.")
    if not plannable(day):
        raise Problem(f"{option} {iso(day)} is too long ago to work anything out: mend the year.")
    return day
