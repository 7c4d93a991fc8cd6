"""A file of values as a screen asks for it: typed on one line, previewed, and said in one line before it is saved."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.figure_style import style
from kpitui.errors import WrongUsage
from kpitui.services import imports
from kpitui.services.import_map import parse_map
from kpitui.text import cut

if TYPE_CHECKING:
    from kpitui.services.imports import Plan
    from kpitui.storage.store import Store

ENDINGS = (".csv", ".tsv", ".txt", ".json", ".xlsx")
CHOICES = {
    "dates": ("dmy", "mdy", "ymd"),
    "decimal": (".", ","),
    "cadence": ("day", "week", "month", "quarter", "year"),
    "map": (),
    "sheet": (),
    "scope": (),
}
"""Options that may follow the path, as on the command line; those without a list take any text."""


class Asked(NamedTuple):
    """What was typed: a path, and how to read the file there."""

    path: str
    wanted: imports.Wanted
    sheet: str | None


def read_line(text: str) -> Asked:
    """The path and the options of `sales.csv --dates dmy --decimal ,`. Metrics that do not exist are to be made.

    Without a `--decimal` the person's own sign is the first guess, as it is in a cell.

    Raises WrongUsage for an option that is none.
    """
    path, mark, options = text.partition(" --")
    try:
        words = shlex.split(mark + options)
    except ValueError:
        raise WrongUsage("A quotation mark is never closed: close it.") from None
    said: dict[str, str] = {}
    while words:
        name, equals, value = words.pop(0).removeprefix("--").partition("=")
        if not equals and words:
            value = words.pop(0)
        if name not in CHOICES:
            raise WrongUsage(
                f"There is no --{cut(name, 20)} here: there are {', '.join(f'--{one}' for one in CHOICES)}."
            )
        if not value or (CHOICES[name] and value not in CHOICES[name]):
            raise WrongUsage(f"--{name} needs {' or '.join(CHOICES[name]) or 'a text'} behind it.")
        said[name] = value
    wanted = imports.Wanted(
        columns=parse_map([said["map"]] if "map" in said else []),
        order=said.get("dates"),  # type: ignore[arg-type]
        decimal=said.get("decimal") or style().decimal,
        cadence=said.get("cadence"),  # type: ignore[arg-type]
        create=True,
        scope=said.get("scope", ""),
        # A point is what files have: whoever writes points is not asked about each 1.234.
        guess="decimal" not in said and style().decimal == ",",
    )
    return Asked(os.path.expanduser(path.strip()), wanted, said.get("sheet"))


def preview(store: Store, text: str, today: int) -> Plan:
    """What saving the file of a typed line would do. Raises as `read_line` and `imports.preview`."""
    from kpitui.connectors.base import open_table

    asked = read_line(text)
    with open_table(asked.path, sheet=asked.sheet) as table:
        return imports.preview(store, table, asked.wanted, today)


def refusal(plan: Plan) -> str:
    """The first cell that cannot be taken, and how many there are."""
    first = plan.refused.named[0]
    more = f" ({plan.refused.count - 1:,} more like it)" if plan.refused.count > 1 else ""
    where = f"{plan.word} {first.line}" + (f", {first.column}" if first.column else "")
    # Where the decimals are written with the other sign, the option is what helps, not another number.
    option = next((f" {note}" for note in plan.notes if ": say --decimal" in note), "")
    return f"{where}: {first.why.removesuffix('.')}{more}. Nothing was saved.{option}"


def question(plan: Plan) -> str:
    """`sales.csv: 120 new, 3 changed, makes 4 metrics. Changed: Sales 2026-11: 7 to 8, …. Save?`"""
    from kpitui.services.import_words import changes_text

    new, changed, same = plan.said
    parts = [f"{count:,} {word}" for count, word in ((new, "new"), (changed, "changed"), (same, "the same")) if count]
    made = len(plan.created)
    if made:
        parts.append(f"makes {made} {'metric' if made == 1 else 'metrics'}")
        if working := sum(metric.days == "working" for metric in plan.created):
            parts.append(f"{working} of working days")
    if plan.odd:
        parts.append(f"{plan.odd:,} odd ?")
    if plan.reviewed:
        parts.append(f"{plan.reviewed:,} in signed reviews")
    which = f" Changed: {changes_text(plan)}." if changed else ""
    return f"{plan.file}: {', '.join(parts) or 'no values'}.{which} Save?"


def offers(text: str) -> list[str]:
    """The files and folders that a typed path may become."""
    folder, name = os.path.split(os.path.expanduser(text))
    try:
        found = sorted(os.listdir(folder or "."))
    except (OSError, ValueError):
        return []
    shown = text[: len(text) - len(re.sub(r".*/", "", text))]
    kept = [one for one in found if one.startswith(name) and (name.startswith(".") or not one.startswith("."))]
    return [
        shown + one + (os.sep if os.path.isdir(os.path.join(folder, one)) else "")
        for one in kept
        if os.path.isdir(os.path.join(folder, one)) or one.lower().endswith(ENDINGS)
    ]
