"""Somebody else saved a value while one was typed in a line: theirs and mine side by side, and which stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.services import check_in, entry

if TYPE_CHECKING:
    from kpitui.services.asked import Asked
    from kpitui.services.entry import Recorded
    from kpitui.tui.screens.base import KpiScreen


async def revision_to_replace(screen: KpiScreen, cell: Asked, mine: str) -> int | None:
    """The revision that the typed text `mine` is to go over; None when theirs stays."""
    theirs = await screen.app.read(check_in.standing, cell)
    if theirs is None:
        return None
    by = f"{theirs.by} saved {theirs.words}" if theirs.by else f"It is {theirs.words} now"
    if await screen.confirm(f"{by}. Save yours, {mine.strip()}, over it?"):
        return theirs.rev
    screen.say(f"Kept {theirs.words}.")
    return None


async def record(screen: KpiScreen, cell: Asked, text: str, why: str, rev: int | None) -> Recorded | None:
    """Saves a value over the revision that was seen; where somebody else saved meanwhile, asks which one stays."""

    async def settle() -> Recorded | None:
        theirs = await revision_to_replace(screen, cell, text)
        return None if theirs is None else await record(screen, cell, text, why, theirs)

    return await screen.app.save(
        entry.record_value, cell.metric_id, cell.period, text, today=screen.app.day, screen=True, why=why, if_rev=rev,
        settle=settle, said=lambda done: f"{done.sentence} · u undo",
    )  # fmt: skip
