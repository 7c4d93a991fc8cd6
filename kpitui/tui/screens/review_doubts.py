"""Values that a review looks at first: accepted or gone to from its scorecard."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kpitui.services import data_audit
from kpitui.tui.screens.base import KpiScreen

if TYPE_CHECKING:
    from kpitui.services.data_audit import Finding
    from kpitui.services.review_session import Session


def doubt_of(session: Session | None, key: str) -> Finding | None:
    """The finding that a row of the scorecard stands for."""
    doubts = session.doubts if session is not None else ()
    return next((one for one in doubts if key == f"finding:{one.key}"), None)


def saved_by_accepting(found: Iterable[Finding]) -> str:
    """The table that accepting these writes to: a `?` is taken from the value itself."""
    return "point" if all(one.rule == "odd" for one in found) else "acceptance"


async def accept(screen: KpiScreen, one: Finding) -> None:
    """Right as it stands, with a reason if there is one."""
    why = await screen.ask(
        f"Accept {one.name} {one.period}, why", parse=lambda text: "right as it stands; a reason helps who looks next"
    )
    if why is not None:
        app = screen.app
        await app.save(data_audit.accept, one, app.day, why, said=lambda done: f"{done} · u undo")


async def go_to(screen: KpiScreen, one: Finding) -> None:
    """The value in the detail of its metric, where Enter types it anew."""
    await screen.app.open(screen.app.made("detail", one.slug, "limits", one.span.start, one.ago))
