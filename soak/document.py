"""The results in `docs/reliability.md`: a row for each part, with the day, the machine and the form it was tried in."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soak.__main__ import Outcome
    from soak.part import Form

BEGIN, END = "<!-- results: written by python -m soak --write -->", "<!-- end of results -->"
HEADER = ("| Promise | Result | Tried | Form, day |", "|---|---|---|---|")


def machine() -> str:
    from kpitui.storage.driver import DRIVER, VERSION

    return (
        f"{platform.system()} {platform.release()} ({platform.machine()}), {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, SQLite {VERSION} ({DRIVER})"
    )


def write(path: str, outcomes: Iterable[Outcome], form: Form) -> None:
    """Puts these outcomes into the document; the rows of other parts stay as they are, and so do those of parts that
    were kept in full, where they are now kept in the quick form.

    Raises ValueError for a document without a place for them.
    """
    file = Path(path)
    before, found, rest = file.read_text("utf-8").partition(BEGIN)
    old, end, after = rest.partition(END)
    if not found or not end:
        raise ValueError(f"{path} has no place for results: it needs the lines {BEGIN} and {END}.")
    rows = {line.split("|")[1].strip(): line for line in old.splitlines() if line.startswith("| **")}
    last = ""
    for outcome in outcomes:
        promise = f"**{outcome.name}**: {outcome.what}"
        if outcome.what.startswith("noticed without"):
            promise = f"**{outcome.name}** {outcome.what}"
        known = rows.pop(promise, "")
        stays = outcome.kept and not form.full and "| full, " in known and "**BROKEN**" not in known
        rows = placed(rows, promise, known if stays else row(outcome, promise, form), last)
        last = promise
    table = "\n".join((*HEADER, *rows.values()))
    file.write_text(f"{before}{BEGIN}\n\nOn {machine()}:\n\n{table}\n\n{END}{after}", "utf-8")


def placed(rows: dict[str, str], promise: str, line: str, after: str) -> dict[str, str]:
    """The rows with one more, behind the one named `after`."""
    if after not in rows:
        return {**rows, promise: line}
    order = list(rows.items())
    at = [name for name, _ in order].index(after) + 1
    return dict([*order[:at], (promise, line), *order[at:]])


def row(outcome: Outcome, promise: str, form: Form) -> str:
    word = {True: "kept", False: "**BROKEN**", None: "not tried"}[outcome.kept]
    if outcome.what.startswith("noticed without") and outcome.kept:
        word = "noticed"
    details = "; ".join(text for text in (outcome.tried, outcome.note) if text)
    day = datetime.now(UTC).date().isoformat()
    return f"| {promise} | {word} | {details} | {'full' if form.full else 'quick'}, {day} |"
