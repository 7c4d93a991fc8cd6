"""One KPI or metric of the hierarchy looked at closer: everything around it, and how its set-up came about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.services.book import Book
from kpitui.services.detail import Detail, detail_of
from kpitui.storage import changes

if TYPE_CHECKING:
    from kpitui.storage.store import Store

LINES = 4


class Facts(NamedTuple):
    key: str
    detail: Detail
    history: tuple[str, ...]
    """`created 2 Jan 2026 ana`, then what was changed since, newest last."""
    ends: tuple[str, str] | None
    """Names of the first and the last period of the sparkline."""


def facts(store: Store, today: int, key: str, metric_id: int, kpi_id: int | None) -> Facts | None:
    """None when the metric was put away meanwhile."""
    with store.snapshot():
        book = Book(store, today)
        metric = book.metrics.get(metric_id)
        if metric is None:
            return None
        found = detail_of(book, metric, book.kpis.get(kpi_id or 0), grain=None, last=26)
        spans = [cell.span for cell in found.row.series]
        ends = None
        if spans:
            ends = (book.period_label(metric.cadence, spans[0]), book.period_label(metric.cadence, spans[-1]))
        return Facts(key, found, history(store, today, metric_id, kpi_id, len(found.corrections)), ends)


def history(store: Store, today: int, metric_id: int, kpi_id: int | None, corrected: int) -> tuple[str, ...]:
    from kpitui.domain.model import Target
    from kpitui.services.log_words import Teller
    from kpitui.storage import definitions

    teller = Teller(store, today)
    lines = changes.log(store, table="metric", row_id=metric_id, limit=20)
    if kpi_id:
        lines += changes.log(store, table="kpi", row_id=kpi_id, limit=20)
        for target in definitions.all_of(store, Target, archived=True, kpi_id=kpi_id):
            lines += changes.log(store, table="target", row_id=target.id, limit=4)
    lines.sort(key=lambda line: line.id)
    said: list[str] = []
    for line in lines:
        day, _ = teller.when(line.at)
        words = _words(line.tbl, line.what, set(line.after or ()))
        if words:
            said.append(f"{words} {teller.short_day(day)} {line.who}")
    if len(said) > LINES:
        said = [said[0], *said[-LINES + 1 :]]
    if corrected:
        said.append(f"{corrected} value{'s' if corrected > 1 else ''} corrected")
    return tuple(said)


def _words(table: str, what: str, fields: set[str]) -> str:
    if table == "target":
        return "target changed" if what in ("add", "change") else "target taken back"
    if table == "kpi":
        if what == "add":
            return "became a KPI"
        return "target changed" if {"target", "low", "high"} & fields else "role changed" if "state" in fields else ""
    if what == "add":
        return "created"
    if fields <= {"position"}:
        return ""
    return "renamed" if "name" in fields else f"{what}d" if what == "archive" else "changed"
