"""`kpitui due`: what is owed, late first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kpitui.cli.for_programs import SPAN, emit_rows, row_options
from kpitui.cli.looking_back import open_known, options
from kpitui.cli.output import emit, say, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.services.due import Coming, Owed

COLUMNS = (
    "slug", "name", *SPAN, "period_partial", "due", "late_days", "owner", "updater", "unit", "last", "stopped",
    "usual_low", "usual_high",
)  # fmt: skip
"""Of `--csv`."""


@click.command(help="What is owed: every period whose day has come and that has no value yet, late first.")
@click.option("--mine", is_flag=True, help="Only what this account enters.")
@options
@row_options
@click.pass_obj
def command(db: str | None, mine: bool, as_of: str | None, as_known: str | None, form: str | None) -> int:
    from kpitui.services import accepting, due, proposals
    from kpitui.services.book import Book

    with open_known(db, as_of, as_known) as looked, looked.store.snapshot():
        store = looked.store
        book = Book(store, looked.day)
        found = due.owed(book, detail=False)
        if mine:
            found = [item for item in found if item.updater == store.who.name]
        found = due.with_details(book, found)
        coming = [] if found else due.coming(book)
        doubtful = () if form else accepting.to_check(book)
        asked = () if form else proposals.for_me(store, book.today)
    if form:
        emit_rows(form, [owed_object(item) if form == "json" else owed_line(item) for item in found], COLUMNS)
    else:
        looked.say()
        if found:
            emit(owed_table(found))
        else:
            say(nothing(coming))
    if doubtful:
        many = accepting.named(doubtful)
        say(f"To check, marked ?: {many}. kpitui record with the same value accepts it, X in the screens all of them.")
    if asked:
        many = "1 proposal waits" if len(asked) == 1 else f"{len(asked)} proposals wait"
        say(f"{many} for your answer: kpitui proposals lists {'it' if len(asked) == 1 else 'them'}.")
    return 0


def owed_object(item: Owed) -> dict[str, object]:
    """What `due --json` promises of a value. Days are ISO dates, percent values fractions."""
    from kpitui.domain.periods import iso

    return {
        "slug": item.slug,
        "name": item.name,
        "period": {
            "label": item.label,
            "start": iso(item.period.start),
            "end": iso(item.period.end),
            "partial": item.running,
        },
        "due": iso(item.due),
        "late_days": item.late_days,
        "owner": item.owner,
        "updater": item.updater,
        "unit": item.unit,
        "last": item.last,
        "usual": None if item.usual is None else list(item.usual),
        "stopped": None if item.stopped is None else iso(item.stopped),
    }


def owed_line(item: Owed) -> dict[str, object]:
    """The same for `--csv`, both ends of the usual band in a column each."""
    line = owed_object(item)
    del line["usual"]
    low, high = item.usual or (None, None)
    return line | {"usual_low": low, "usual_high": high}


def owed_table(found: Sequence[Owed]) -> str:
    """For a person, a value a line."""
    from kpitui.domain.figures import show, show_range

    rows = []
    for item in found:
        last = None if item.last is None else show(item.last, item.unit, currency=item.currency, compact=True)
        usual = None if item.usual is None else show_range(*item.usual, item.unit, currency=item.currency)
        rows.append((item.slug, item.name, item.label, late_text(item), last, usual, item.updater))
    return table(("metric", "name", "period", "due", "last", "usual", "by"), rows, right=(4, 5))


def late_text(item: Owed) -> str:
    from kpitui.domain.periods import iso

    if item.stopped is not None:
        return f"stopped {iso(item.stopped)}?"
    return f"{item.late_days}d late" if item.late_days else iso(item.due)


def nothing(coming: Sequence[Coming]) -> str:
    """`All in. Next: MRR and 8 more, W48, on 2026-11-27.`"""
    if not coming:
        return "All in. Nothing is measured yet: kpitui opens the screens, where n makes a metric."
    from kpitui.domain.periods import iso

    first = coming[0]
    more = f" and {len(first.names) - 1} more" if len(first.names) > 1 else ""
    return f"All in. Next: {first.names[0]}{more}, {first.period_label}, on {iso(first.day)}."
