"""The check-in: a value from wherever its row is shown, and for a KPI how sure its owner is to reach the target."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kpitui.services import entry
from kpitui.services.asked import Asked, understand
from kpitui.services.calendar import calendar_in
from kpitui.storage import settings

if TYPE_CHECKING:
    from kpitui.domain.periods import Span
    from kpitui.storage.store import Store

_SURE = re.compile(r"\s+([1-3])\s*/\s*3\s*(?=;|$)")


class Checked(NamedTuple):
    """What was saved."""

    sentence: str


class Standing(NamedTuple):
    """What stands for a period: its revision (0: nothing was ever saved), in words, and who saved it when (`bo at
    09:12`, empty where nobody did)."""

    rev: int
    words: str
    by: str


def cell_of(store: Store, metric_id: int, today: int, period: Span | None = None) -> Asked:
    """What a check-in asks for: the metric at `period`, or at the one asked for now. Raises as `metric_named`."""
    with store.snapshot():
        row = entry.metric_named(store, metric_id)
        values = settings.load(store)
        cal = calendar_in(store, values)
        period = period or entry.default_period(store, row, today, values)
        return entry.asked_for(store, row, period, cal, today, row.currency or values.get("currency", "USD"))


def standing(store: Store, cell: Asked) -> Standing:
    """What stands where `cell` asks for a value."""
    from kpitui.services.calendar import time_zone
    from kpitui.storage import points
    from kpitui.storage.changes import clock_time

    found = [one for one in points.history(store, cell.metric_id, cell.period.start) if one.end == cell.period.end]
    row = next((one for one in found if one.current), None)
    if row is None:
        return Standing(0, "empty", "")
    words = cell.show(row.value) if row.value is not None else "none" if row.state == points.NONE else "empty"
    return Standing(row.rev, words, f"{row.who} at {clock_time(row.at, store.now().isoformat(), time_zone(store))}")


def split(text: str) -> tuple[str, int | None]:
    """A typed check-in as the value (with its note) and the confidence: `359 2/3 ; why` is `359 ; why` and 2."""
    found = _SURE.search(text)
    if found is None:
        return text, None
    return text[: found.start()] + " " + text[found.end() :].lstrip() if text[found.end() :] else text[
        : found.start()
    ], int(found[1])


def preview(cell: Asked, text: str) -> str:
    """What is understood, before it is saved. Raises Problem for what is no value or cannot be right."""
    value, sure = split(text)
    if not value.strip():
        last = "" if cell.last is None else f"last {cell.show(cell.last)}"
        band = cell.usual
        usual = "" if band is None else f"usual {cell.show(band[0])} to {cell.show(band[1])}"
        return ", ".join(word for word in (last, usual) if word) or "no value yet"
    read = understand(cell, value)
    said = [read.typed.state if read.typed.value is None else cell.show(read.typed.value)]
    if read.typed.value is not None and cell.last is not None:
        said.append(f"last {cell.show(cell.last)}")
    if read.doubt is not None:
        said.append(f"? {read.doubt.sentence}")
    elif read.unusual:
        said.append("outside the usual")
    if sure is not None:
        said.append(f"confidence {sure} of 3")
    return ", ".join(said)


def check_in(
    store: Store, cell: Asked, text: str, today: int, kpi_id: int | None = None, *, if_rev: int | None = None
) -> Checked:
    """Save the value, and the confidence when one was typed, as one change. Raises as `entry.record_value`."""
    value, sure = split(text)
    with store.write("record", summary=f"{cell.slug} {cell.label}") as tx:
        done = entry.record_value(store, cell.metric_id, cell.period, value, today=today, screen=True, judged=False,
                                  if_rev=if_rev, ask_why=True)  # fmt: skip
        if sure is not None and kpi_id is not None:
            from kpitui.domain.model import Kpi
            from kpitui.storage import definitions

            definitions.change(tx, definitions.get(store, Kpi, kpi_id), confidence=sure)
    if done.changed:
        status, why = entry.standing(store, cell.metric_id, today)
        done = done._replace(status=status, why=why)
    sentence = done.sentence
    return Checked(f"{sentence} · confidence {sure} of 3" if sure is not None and kpi_id is not None else sentence)
