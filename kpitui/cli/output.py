"""What commands print: JSON and CSV for programs, aligned lines for people. Data to stdout, talk to stderr."""

from __future__ import annotations

import sys

from kpitui.text import clean, cut, guarded, width

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


def guard(cell: object) -> object:
    """`cell` for a CSV file: numbers as they are, text that a spreadsheet would run as a formula behind a `'`.

    None, the value that is not known, is an empty cell.
    """
    if cell is None:
        return ""
    if isinstance(cell, (int, float)):
        return cell
    return guarded(str(cell))


def emit_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """`rows` below `header` as CSV with every text cell guarded."""
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([guard(name) for name in header])
    writer.writerows([guard(cell) for cell in row] for row in rows)


def table(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    right: Sequence[int] = (),
    widest: int = 60,
) -> str:
    """Aligned lines by cell width, one per row, under `header`; the columns numbered in `right` align to the right.

    None shows as `–`. A cell wider than `widest` cells is cut.
    """
    shown = [[cut("–" if cell is None else str(cell), widest) for cell in row] for row in (header, *rows)]
    widths = [max(map(width, column)) for column in zip(*shown, strict=True)]
    lines = []
    for row in shown:
        cells = [
            " " * (cells - width(text)) + text if index in right else text + " " * (cells - width(text))
            for index, (text, cells) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
