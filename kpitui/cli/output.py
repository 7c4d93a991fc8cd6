"""What commands print: JSON and CSV for programs, aligned lines for people. Data to stdout, talk to stderr."""

from __future__ import annotations

import sys

from kpitui.text import clean, guarded
from kpitui.text import table as table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def emit(text: str = "") -> None:
    """One line of data for people; every line of `text` is cleaned."""
    sys.stdout.write(clean(text, keep_newlines=True) + "\n")


def say(text: str) -> None:
    """One line of talk, on stderr."""
    sys.stderr.write(clean(text, keep_newlines=True) + "\n")


def emit_json(value: object) -> None:
    """`value` as JSON in ASCII, so that no stored text can steer the terminal it is shown in.

    Raises ValueError for a number that is not finite: JSON has none.
    """
    import json

    sys.stdout.write(json.dumps(value, ensure_ascii=True, allow_nan=False, indent=2) + "\n")


def guard(cell: object, *, keep_newlines: bool = False) -> object:
    """`cell` for a CSV file: numbers as they are, text that a spreadsheet would run as a formula behind a `'`.

    None, the value that is not known, is an empty cell. Text is one line unless its own lines are to be kept.
    """
    if cell is None:
        return ""
    if isinstance(cell, (int, float)):
        return cell
    return guarded(str(cell), keep_newlines=keep_newlines)


def emit_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """`rows` below `header` as CSV with every text cell guarded."""
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([guard(name) for name in header])
    writer.writerows([guard(cell) for cell in row] for row in rows)
