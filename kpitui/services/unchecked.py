"""Values marked `?`: they are shown wherever values are, and no verdict, signal or chance rests on them until somebody
accepts them."""

from __future__ import annotations

from kpitui.domain.periods import Span, grain_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.domain.aggregate import Cell
    from kpitui.services.book import Book
    from kpitui.services.judging import Row
    from kpitui.storage.reading import MetricRow


def facts_of(book: Book, metric: MetricRow, cells: Sequence[Cell]) -> tuple[Sequence[Cell], list[tuple[int, Span]]]:
    """The cells as far as they are facts, and what is none: values marked `?` until somebody accepts them."""
    doubts = book.doubts(metric.id, cells[0].span.start) if cells and book.unchecked else []
    if not doubts:
        return cells, doubts
    return book.checked_cells(metric.id, metric.cadence, [cell.span for cell in cells]), doubts


def with_doubts(row: Row, book: Book, cells: Sequence[Cell], doubts: Sequence[tuple[int, Span]]) -> Row:
    """The row with the values as they stand, and with a word about those that wait to be checked."""
    if not doubts:
        return row
    said = f"{len(doubts)} to check{_named(book, row, doubts)}"
    why = f"Checked value missing: {said}" if row.last is None else f"{row.why} · {said}" if row.why else said
    return row._replace(series=tuple(cells), why=why, to_check=len(doubts))


def _named(book: Book, row: Row, doubts: Sequence[tuple[int, Span]]) -> str:
    """` (Site visits W46 = 555?)`, the newest of them."""
    from kpitui.services.judging import shown_as

    metric_id, span = max(doubts, key=lambda doubt: doubt[1])
    metric = book.metrics[metric_id]
    name = f"{metric.name} " if metric_id != row.metric_id else ""
    grain = grain_of(span, book.calendar) or metric.cadence
    return f" ({name}{book.period_label(grain, span)} = {shown_as(book, metric)(book.unchecked[metric_id][span])}?)"
