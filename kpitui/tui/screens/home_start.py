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
    path = await screen.ask(
        "Import", parse=lambda text: "" if text else "path of a CSV or TSV file", complete=import_file.offers
    )
    if not path or not path.strip():
        return
    plan = await app.read(import_file.preview, path.strip(), app.day)
    if plan is None:
        return
    if plan.refused.count:
        first = plan.refused.named[0]
        more = f", and {plan.refused.count - 1} more" if plan.refused.count > 1 else ""
        screen.say(f"{plan.file} {plan.word} {first.line}: {first.why}{more}. Nothing was saved.", "error")
        return
    if await screen.confirm(import_file.question(plan), default=True):
        await app.save(imports.save, plan, said=lambda done: f"{done.sentence} · u undo")


def open_demo(screen: KpiScreen) -> None:
    """The made-up company in the same terminal; leaving it leads back."""
    with screen.app.suspend():
        subprocess.run([sys.executable, "-P", "-m", "kpitui", "demo"], check=False)
    screen.app.refresh(layout=True)
