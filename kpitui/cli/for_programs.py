"""`--json` and `--csv` of commands that give rows: the same objects, once as they are and once as a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from kpitui.cli.output import emit_csv, emit_json

if TYPE_CHECKING:
    from kpitui.domain.periods import Span

SPAN = ("period", "period_start", "period_end")
"""The columns of `span_object`, where it stands under `period`."""


def row_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--json` and `--csv`, which the command gets as `form`: "json", "csv" or None for people. Both are one too
    many."""

    @wraps(command)
    def formed(*args: Any, as_json: bool, as_csv: bool, **rest: Any) -> Any:
        if as_json and as_csv:
            raise click.UsageError("--json and --csv are two forms of the same: choose one.")
        return command(*args, form="json" if as_json else "csv" if as_csv else None, **rest)

    with_csv = click.option("--csv", "as_csv", is_flag=True, help="The rows as CSV.")(formed)
    return click.option("--json", "as_json", is_flag=True, help="As JSON.")(with_csv)


def span_object(label: str, span: Span) -> dict[str, object]:
    """A period by its label, with the days it lies between."""
    from kpitui.domain.periods import iso

    return {"label": label, "start": iso(span.start), "end": iso(span.end)}


def emit_rows(form: str, objects: Iterable[Mapping[str, object]], columns: Sequence[str]) -> None:
    """The objects as JSON, or as CSV with a line each below `columns`, which stand there without any, too."""
    if form == "json":
        emit_json(list(objects))
    else:
        emit_csv(columns, ([row.get(name) for name in columns] for row in map(flat, objects)))


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
