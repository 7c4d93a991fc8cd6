"""What commands print: JSON and CSV for programs, aligned lines for people. Data to stdout, talk to stderr."""

from __future__ import annotations

import os
import sys

from kpitui.text import ascii_only, clean, guarded, with_codes
from kpitui.text import table as table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def showable(text: str) -> str:
    """`text` for people, as a terminal can show it: in ASCII where the locale is not UTF-8."""
    if text.isascii():
        return text
    from kpitui.charts.glyphs import speaks_utf8

    return text if speaks_utf8(os.environ) else "\n".join(ascii_only(with_codes(line)[0]) for line in text.split("\n"))


def emit(text: str = "") -> None:
    """One line of data for people; every line of `text` is cleaned."""
    sys.stdout.write(showable(clean(text, keep_newlines=True)) + "\n")


def say(text: str) -> None:
    """One line of talk, on stderr."""
    sys.stderr.write(showable(clean(text, keep_newlines=True)) + "\n")


def for_files() -> None:
    """What is written to stdout from here on is read back by programs: UTF-8 where it leads to a file or a pipe.

    In the locale C, in which cron jobs run, the letters of a name that are no ASCII would be lost.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    if encoding.lower().replace("-", "") != "utf8" and not sys.stdout.isatty() and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")


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

    for_files()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([guard(name) for name in header])
    writer.writerows([guard(cell) for cell in row] for row in rows)
