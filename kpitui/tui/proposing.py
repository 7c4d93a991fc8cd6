"""Where a value is not this account's to save, its screens offer to propose it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kpitui.domain.periods import Span
from kpitui.domain.typed import Typed
from kpitui.services import check_in, entry, proposals
from kpitui.services.reasons import reason_given

if TYPE_CHECKING:
    from kpitui.tui.saving import StoreApp


def meant(fn: Callable[..., Any], args: tuple[Any, ...]) -> tuple[int, Span, str | Typed] | None:
    """Metric, period and value that a refused save was about; None where it was about no single value."""
    if fn is entry.record_value:
        metric_id, period, value = args[:3]
        return metric_id, Span(*period), value
    if fn is check_in.check_in:
        cell, text = args[:2]
        return cell.metric_id, cell.period, check_in.split(text)[0]
    return None


async def offer(app: StoreApp, sentence: str, fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Asks for the reason its owner will read, and proposes the value; otherwise says why it was refused."""
    found, screen = meant(fn, args), app.kpi_screen
    if found is None or screen is None:
        app.say(sentence, "error")
        return
    metric_id, period, value = found
    cell = await app.read(check_in.cell_of, metric_id, app.day, period)
    typed = value if isinstance(value, Typed) else None
    if cell is None or (typed is not None and typed.value is None):
        app.say(sentence, "error")
        return
    shown = cell.show(typed.value) if typed is not None else str(value).partition(";")[0].strip()
    note = typed.note if typed is not None else str(value).partition(";")[2].strip()
    asks = f"{cell.name} {cell.label} = {shown} is not yours to save: say why, and its owner is asked"
    why = await screen.ask(
        "propose it, why",
        initial=note,
        parse=lambda text: reason_given(text) if text.strip() else asks,
        about=asks,
        subject=f"{cell.name} {cell.label} = {shown}",
    )
    if not why:
        app.say(sentence, "warn")
        return
    wanted = typed._replace(note="") if typed is not None else str(value).partition(";")[0]
    await app.save(
        proposals.propose, metric_id, period, wanted, why, today=app.day,
        said=lambda done: f"{done.sentence} · u takes it back",
    )  # fmt: skip
