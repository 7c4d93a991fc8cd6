"""When a correction asks why: where the period stands in a signed review. What is closed asks by itself
(`storage/write_rules.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from kpitui.errors import NeedsReason

if TYPE_CHECKING:
    from collections.abc import Callable

    from kpitui.domain.periods import Span
    from kpitui.domain.typed import Typed
    from kpitui.storage.points import PointRow
    from kpitui.storage.reading import MetricRow
    from kpitui.storage.store import Store

Result = TypeVar("Result")


def ask_for_signed(store: Store, row: MetricRow, period: Span, before: PointRow | None, typed: Typed) -> None:
    """Raises NeedsReason when a value that stands in a signed review is about to be another one and nobody says why.

    What is not there yet is late and no correction.
    """
    if store.reason or before is None or before.value is None or before.value == typed.value:
        return
    from kpitui.storage import reviewing

    signed = reviewing.signed_with(store, row.id, period.start)
    if signed:
        raise NeedsReason(f"{row.name} stands in a signed {signed[-1][1]} review: say why it changes. NOT saved.")


def with_reason(store: Store, why: str, save: Callable[..., Result], *args: Any, **kw: Any) -> Result:
    """`save(store, …)` with a reason for the log, for services that take none themselves."""
    store.reason = why
    try:
        return save(store, *args, **kw)
    finally:
        store.reason = ""


def reason_given(text: str) -> str:
    """What stands beside a reason while it is typed. Raises Problem while there is none."""
    from kpitui.services.closing import checked_reason

    return f"is kept with it: {checked_reason(text, 'It')}" if text.strip() else "kept in the log"
