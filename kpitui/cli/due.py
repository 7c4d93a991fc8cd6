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
    from kpitui.services.due_lines import DueLine

COLUMNS = (
    "slug", "name", *SPAN, "period_partial", "due", "late_days", "owner", "updater", "unit", "last", "stopped",
    "usual_low", "usual_high",
)  # fmt: skip
"""Of `--csv`."""


@click.command(
    help="What is owed: every period whose day has come and that has no value yet, late first. For people a metric has "
    "one line, with how many earlier periods are missing; --json and --csv have a line for each period."
)
@click.option("--mine", is_flag=True, help="Only what this account enters.")
@options
@row_options
@click.pass_obj
def command(db: str | None, mine: bool, as_of: str | None, as_known: str | None, form: str | None) -> int:
    from kpitui.services import accepting, due, due_lines, proposals
    from kpitui.services.book import Book
    from kpitui.services.members import offered

    with open_known(db, as_of, as_known) as looked, looked.store.snapshot():
        store = looked.store
        book = Book(store, looked.day)
        found = due.owed(book, detail=False)
        if mine:
            found = [item for item in found if item.updater == store.who.name]
        lines = [] if form else due_lines.folded(found)
        owed, found = found, due.with_details(book, found if form else [line.newest for line in lines])
        coming = [] if found else due.coming(book)
        doubtful = () if form else accepting.to_check(book)
        offers = bool(found or coming or form) or offered(store, "metric")
        asked = () if form else proposals.for_me(store, book.today)
        answers = () if form else proposals.answered(store, book.today)
    if form:
        emit_rows(form, [owed_object(item) if form == "json" else owed_line(item) for item in found], COLUMNS)
    else:
        looked.say()
        if found:
            emit(owed_table([line._replace(newest=item) for line, item in zip(lines, found, strict=True)]))
            if len(owed) > len(lines):
                emit(counted(owed, len(lines)))
        else:
            say(nothing(coming, offers))
    if doubtful:
        many = accepting.named(doubtful)
        say(f"To check, marked ?: {many}. kpitui record with the same value accepts it, X in the screens all of them.")
    if asked:
        many = "1 proposal waits" if len(asked) == 1 else f"{len(asked)} proposals wait"
        say(f"{many} for your answer: kpitui proposals lists {'it' if len(asked) == 1 else 'them'}.")
    for one in answers:
        say(f"{one.outcome}.")
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


def owed_table(lines: Sequence[DueLine]) -> str:
    """For a person, a metric a line."""
    from kpitui.domain.figures import show, show_range
    from kpitui.services.due_lines import earlier_words

    rows = []
    for item, earlier in lines:
        last = None if item.last is None else show(item.last, item.unit, currency=item.currency, compact=True)
        usual = None if item.usual is None else show_range(*item.usual, item.unit, currency=item.currency)
        period = f"{item.label} {earlier_words(len(earlier), earlier[0].label)}" if earlier else item.label
        rows.append((item.slug, item.name, period, late_text(item), last, usual, item.updater))
    return table(("metric", "name", "period", "due", "last", "usual", "by"), rows, right=(4, 5))


def counted(owed: Sequence[Owed], metrics: int) -> str:
    """`41 values of 10 metrics are due, 40 late. kpitui due --csv has a line for each.`"""
    late = sum(1 for item in owed if item.late_days)
    many = "1 metric" if metrics == 1 else f"{metrics} metrics"
    tail = f", {late} late" if late else ""
    return f"{len(owed)} values of {many} are due{tail}. kpitui due --csv has a line for each."


def late_text(item: Owed) -> str:
    from kpitui.domain.periods import iso

    if item.stopped is not None:
        return f"stopped {iso(item.stopped)}?"
    return f"{item.late_days}d late" if item.late_days else iso(item.due)


def nothing(coming: Sequence[Coming], offers: bool = True) -> str:
    """`All in. Next: MRR and 8 more, W48, on 2026-11-27.`"""
    if not coming:
        way = ": kpitui opens the screens, where n makes a metric" if offers else ""
        return f"All in. Nothing is measured yet{way}."
    from kpitui.domain.periods import iso

    first = coming[0]
    more = f" and {len(first.names) - 1} more" if len(first.names) > 1 else ""
    return f"All in. Next: {first.names[0]}{more}, {first.period_label}, on {iso(first.day)}."
