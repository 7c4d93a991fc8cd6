"""A person's own verdict on a KPI: given with a reason, shown beside the worked out one, gone with the next value."""

from __future__ import annotations

from kpitui.domain.named import NamedTuple
from kpitui.domain.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.override import Said
    from kpitui.services.judging import Row
    from kpitui.storage.reading import OverrideRow
    from kpitui.storage.store import Store

JUDGED = ("on_track", "at_risk", "off_track")
"""What can be overridden: results and missing values cannot."""
_WORDS: dict[str, Said] = {
    "on": "on_track",
    "on track": "on_track",
    "risk": "at_risk",
    "at risk": "at_risk",
    "off": "off_track",
    "off track": "off_track",
}
EXAMPLE = "at risk ; two renewals are signed but not booked"


class Typed(NamedTuple):
    """A verdict as typed; without a status the worked out one counts again."""

    status: Said | None
    why: str


class Overridden(NamedTuple):
    sentence: str


def read_override(text: str) -> Typed:
    """`at risk ; why`; `-` takes it back. Raises Problem with what to type instead."""
    word, _, why = text.partition(";")
    word, why = " ".join(word.casefold().replace("_", " ").split()), " ".join(why.split())
    if word in ("-", "none"):
        return Typed(None, "")
    status = _WORDS.get(word)
    if status is None:
        raise Problem(f"Type on track, at risk or off track, and the reason: {EXAMPLE}. - takes it back.")
    if not why:
        raise Problem(f"A verdict of your own needs a reason behind “;”: {EXAMPLE}.")
    if len(why) > 4000:
        raise Problem(f"The reason has {len(why)} characters, 4000 are the most: shorten it.")
    return Typed(status, why)


def holds(row: Row, given: OverrideRow) -> bool:
    """Whether a person's verdict still counts: nothing newer was reported, and there is one to be overridden."""
    return row.status in JUDGED and row.period is not None and row.period.end <= given.seen


def applied(row: Row, given: OverrideRow | None) -> Row:
    """The row under a person's verdict, with both said; as it is where none counts."""
    if given is None or not holds(row, given):
        return row
    worked_out = row.status.replace("_", " ")
    why = f"{given.who} says {given.status.replace('_', ' ')}: {given.why} (worked out {worked_out}: {row.why})"
    return row._replace(status=given.status, why=why, worked_out=row.status, override=given)


def override(store: Store, kpi_id: int, text: str, today: int, seen: int | None = None) -> Overridden:
    """Keep a person's verdict on a KPI until its next value, or take it back with `-`. `seen` is the number of the
    verdict that stood when it was typed, 0 for none.

    Raises Problem for what is no verdict or has no reason, Refused where nothing is judged yet, Conflict where somebody
    else gave another verdict since.
    """
    from kpitui.domain.override import Override
    from kpitui.errors import NotFound, Refused
    from kpitui.services.book import Book
    from kpitui.services.judging import kpi_row
    from kpitui.storage import definitions
    from kpitui.text import clean

    typed = read_override(clean(text))
    if seen is not None:
        # Looked at where nobody else writes.
        with store.write("override" if typed.status is not None else "override.end", why=typed.why):
            _as_seen(store, kpi_id, seen, today)
            return override(store, kpi_id, text, today)
    book = Book(store, today)
    kpi = book.kpis.get(kpi_id)
    if kpi is None:
        raise NotFound("There is no such KPI any more. NOT saved.")
    row = kpi_row(book, kpi)
    if typed.status is None:
        if row.override is None:
            raise Refused(f"{row.name} is judged by its numbers already.")
        with store.write("override.end") as tx:
            tx.summary = row.name
            definitions.archive(tx, definitions.get(store, Override, row.override.id))
        return Overridden(f"{row.name} is judged by its numbers again: {row.worked_out.replace('_', ' ')}")
    if row.status not in JUDGED or row.period is None:
        raise Refused(f"{row.name} is {row.status.replace('_', ' ')}: only a running verdict can be overridden.")
    worked_out = row.worked_out or row.status
    with store.write("override", why=typed.why) as tx:
        tx.summary = row.name
        if row.override is not None:
            definitions.archive(tx, definitions.get(store, Override, row.override.id))
        definitions.add(
            tx,
            Override(
                kpi_id=kpi_id,
                status=typed.status,
                why=typed.why,
                seen=row.period.end,
                day=today,
                who=store.who.name,
            ),
        )
    said, was = typed.status.replace("_", " "), worked_out.replace("_", " ")
    return Overridden(f"{row.name} is {said} by your word until its next value (worked out {was})")


def _as_seen(store: Store, kpi_id: int, seen: int, today: int) -> None:
    """Raises Conflict, with who and when, where another verdict stands than the one with that number (0: none)."""
    from kpitui.domain.override import Override
    from kpitui.errors import Conflict
    from kpitui.services.book import Book
    from kpitui.services.judging import kpi_row
    from kpitui.services.revisions import who_changed
    from kpitui.storage import definitions
    from kpitui.text import clean

    book = Book(store, today)
    kpi = book.kpis.get(kpi_id)
    stands = kpi_row(book, kpi).override if kpi is not None else None
    now = 0 if stands is None else stands.id
    if kpi is None or now == seen:
        return
    by = who_changed(store, "override", now or seen)
    if stands is None:
        live = definitions.find(store, Override, id=seen, archived=False) is not None
        did = "A new value has ended the verdict" if live else f"{by} took the verdict back"
    else:
        did = f"{by} said {stands.status.replace('_', ' ')} ({clean(stands.why)})"
    raise Conflict(f"{did}. NOT saved: look again.")
