"""`--json` and `--csv` of commands that give rows: the same objects, once as they are and once as a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kpitui.cli.output import emit_csv, emit_json

if TYPE_CHECKING:
    from kpitui.domain.periods import Span

F = TypeVar("F", bound=Callable[..., Any])


def row_options(command: F) -> F:
    """Adds `--json` and `--csv`, which the command gets as `form`: "json", "csv" or None for people."""
    command = click.option("--csv", "form", flag_value="csv", help="The rows as CSV.")(command)
    return click.option("--json", "form", flag_value="json", help="As JSON.")(command)


def span_object(label: str, span: Span) -> dict[str, object]:
    """A period by its label, with the days it lies between."""
    from kpitui.domain.periods import iso

    return {"label": label, "start": iso(span.start), "end": iso(span.end)}


def emit_rows(form: str, objects: Iterable[Mapping[str, object]]) -> None:
    """The objects as JSON, or as CSV with a line each."""
    found = list(objects)
    if form == "json":
        emit_json(found)
        return
    rows = [flat(one) for one in found]
    header = list(dict.fromkeys(name for row in rows for name in row))
    if header:
        emit_csv(header, ([row.get(name) for name in header] for row in rows))


def flat(given: Mapping[str, object]) -> dict[str, object]:
    """An object as the cells of a line: a period as its label, start and end, other parts as JSON text.

    Lists of objects, such as a series, are rows of their own and have no cell.
    """
    cells: dict[str, object] = {}
    for name, value in given.items():
        if isinstance(value, Mapping) and "label" in value:
            cells[name] = value["label"]
            cells |= {f"{name}_{part}": plain(what) for part, what in value.items() if part != "label"}
        elif not (isinstance(value, list) and value and isinstance(value[0], Mapping)):
            cells[name] = plain(value)
    return cells


def plain(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, Mapping | list | tuple) else value
