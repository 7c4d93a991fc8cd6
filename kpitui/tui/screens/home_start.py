"""Two ways to begin with something: a file of values, or the made-up company."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpitui.tui.screens.base import KpiScreen


async def import_file(screen: KpiScreen) -> None:
    """Ask for a path, say what is in the file, and save it when that is wanted."""
    from kpitui.services import import_file, imports

    app = screen.app
    if not app.allowed("point"):
        return
    hint = "CSV, TSV, JSON or XLSX; Tab completes the path"
    line, why = "", ""
    while True:
        asked = await screen.ask(
            "Import",
            initial=line,
            parse=lambda text: "" if text else hint,
            complete=import_file.offers,
            refused=why,
        )
        if not asked or not asked.strip():
            return
        line = asked
        plan, why = await app.tried(import_file.preview, line.strip(), app.day)
        if plan is None and not why:
            return
        if plan is not None and plan.refused.count:
            why = import_file.refusal(plan)
        if not why and plan is not None:
            break
    if plan.empty:
        screen.say(imports.nothing_new(plan))
    elif await screen.confirm(import_file.question(plan), default=True):
        done = await app.save(imports.save, plan, ask_why=True, said=lambda done: f"{done.sentence} · u undo")
        if done is not None and plan.early:
            more = f" And {len(plan.early) - 1} more like it." if len(plan.early) > 1 else ""
            screen.say(f"{done.sentence}. {plan.early[0]}{more}", "warn")


def open_demo(screen: KpiScreen) -> None:
    """The made-up company in the same terminal; leaving it leads back."""
    with screen.app.suspend():
        subprocess.run([sys.executable, "-P", "-m", "kpitui", "demo"], check=False)
    screen.app.refresh(layout=True)
