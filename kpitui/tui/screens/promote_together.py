"""Somebody else changed a KPI while its page was filled in: what both changed is shown side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.services.revisions import who_changed

if TYPE_CHECKING:
    from kpitui.tui.screens.promote import PromoteScreen

WORDS = {"from": "baseline", "to": "target", "by": "deadline", "watch": "watch band", "counter": "counter metric"}


async def merge(screen: PromoteScreen, theirs: dict[str, str], had: int | None) -> bool:
    """Puts into the form what somebody else wrote since (`theirs`, all fields), but where both changed a field and this
    person's stays. Where the KPI that was there (`had`) is none any more: whether it is to be one again."""
    kpi_id = screen.view.kpi_id
    if had and not kpi_id:
        who = await screen.app.read(who_changed, "kpi", had) or "somebody"
        if not await screen.confirm(f"{who} made it a plain metric. Make it a KPI again, as typed here?"):
            screen.say("Left as it is: esc leaves the page")
            return False
    who = (await screen.app.read(who_changed, "kpi", kpi_id) if kpi_id else None) or "somebody"
    values, before = screen.form.values, screen.known
    for name, now in theirs.items():
        mine, was = values.get(name, ""), before.get(name, "")
        if now == was or now == mine:
            continue
        if mine != was:
            question = f"{who} made {WORDS.get(name, name)} “{now}”. Save yours, “{mine}”, over it?"
            if await screen.confirm(question):
                continue
        values[name] = now
    screen.known = theirs
    return True
