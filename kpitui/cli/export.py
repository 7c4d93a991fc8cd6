"""`kpitui export`: points, definitions or the log as CSV or JSON, on standard output or into a new private file."""

from __future__ import annotations

import csv
import json
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import click

from kpitui.cli.looking_back import open_known, options
from kpitui.cli.output import for_files, guard, say
from kpitui.domain.log_head import short
from kpitui.errors import Refused
from kpitui.storage.head import head
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.services.exports import Sheet
    from kpitui.storage.store import Store

WHAT = ("points", "metrics", "goals", "kpis", "actions", "reviews", "log")
PAGE = 1000
"""Lines of the log in memory at once."""


@click.command()
@click.argument("what", type=click.Choice(WHAT), default="points")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), help="Default: what FILE ends with, else CSV.")
@click.option("--metric", "metrics", multiple=True, metavar="SLUG", help="Only the points of this metric; repeatable.")
@click.option("--from", "since", metavar="DATE", help="Only periods that begin on this day or later.")
@click.option("--to", "until", metavar="DATE", help="Only periods that begin on this day or before.")
@click.option("-o", "--output", metavar="FILE", help="Write a new file, readable by you alone.")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@options
@click.pass_obj
def command(
    db: str | None,
    what: str,
    form: str | None,
    metrics: tuple[str, ...],
    since: str | None,
    until: str | None,
    output: str | None,
    force: bool,
    as_of: str | None,
    as_known: str | None,
) -> int:
    """Write points (or metrics, goals, kpis, actions, reviews, log). Percent values are fractions."""
    if what != "points" and (metrics or since or until):
        raise click.UsageError("--metric, --from and --to choose among points.")
    form = form or ("json" if output and output.lower().endswith(".json") else "csv")
    with open_known(db, as_of, as_known) as looked, looked.store.snapshot():
        store, today = looked.store, looked.day
        if what == "log":
            sheet = log_sheet(store, today, looked.until)
        else:
            from kpitui.services import exports

            first = None if since is None else day_of(since, today, "start")
            last = None if until is None else day_of(until, today, "end") + 1
            if today < looked.today:
                last = today + 1 if last is None else min(last, today + 1)
            sheet = exports.sheet(store, what, metrics, first, last)
        if output is None or output == "-":
            for_files()
            write(sheet, form, sys.stdout)
            return 0
        with new_file(output, force) as file:
            count = write(sheet, form, file)
        top = head(store)
    known = f", as of {short(top[0], top[1].hex())}" if top else ""
    say(f"Wrote {count:,} {what if count != 1 else what.removesuffix('s')} to {clean(output)}{known}.")
    return 0


def day_of(text: str, today: int, edge: str) -> int:
    from kpitui.domain.dates import read_date
    from kpitui.domain.periods import to_date, to_day

    return to_day(read_date(text, to_date(today), past=True, edge="start" if edge == "start" else "end"))


def log_sheet(store: Store, today: int, until: int | None = None) -> Sheet:
    from kpitui.cli.log import COLUMNS, as_object
    from kpitui.services import history
    from kpitui.services.exports import Sheet

    def rows() -> Iterator[tuple[Any, ...]]:
        below = None
        while lines := history.log(store, today, limit=PAGE, before_id=below, until=until).lines:
            for line in lines:
                told = as_object(line)
                yield tuple(told[name] for name in COLUMNS)
            below = lines[-1].id

    return Sheet(COLUMNS, rows())


def write(sheet: Sheet, form: str, file: IO[str]) -> int:
    """Writes the table and gives its number of rows. Text cells of CSV are guarded against being run as formulas."""
    count = 0
    if form == "csv":
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(sheet.columns)
        for row in sheet.rows:
            writer.writerow([csv_cell(cell) for cell in row])
            count += 1
        return count
    # Row by row, and in ASCII: no stored text can steer the terminal it is shown in.
    for row in sheet.rows:
        file.write("[\n" if count == 0 else ",\n")
        file.write(json.dumps(dict(zip(sheet.columns, row, strict=True)), ensure_ascii=True, allow_nan=False))
        count += 1
    file.write("[]\n" if count == 0 else "\n]\n")
    return count


def csv_cell(cell: object) -> object:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return guard(json.dumps(cell) if isinstance(cell, dict | list) else cell, keep_newlines=True)


@contextmanager
def new_file(path: str, force: bool) -> Iterator[IO[str]]:
    """A file that is there when all of it has been written, 0600, and never half or through a link.

    Raises Refused when something of that name is there already, unless `force` replaces it.
    """
    path = os.path.abspath(path)
    folder, name = os.path.split(path)
    shown = clean(path)
    if os.path.isdir(path):
        raise Refused(f"{shown} is a folder: name a file in it.")
    if os.path.lexists(path):
        if not force:
            raise Refused(f"There is a file {shown} already: choose another name, or replace it with --force.")
        # For root --force would put a file in the place of /dev/null.
        if stat.S_IFMT(os.lstat(path).st_mode) not in (stat.S_IFREG, stat.S_IFLNK):
            raise Refused(f"{shown} is no ordinary file, and is not replaced: leave it out, and send the output there.")
    part = os.path.join(folder, f".{name[:100]}.{secrets.token_hex(6)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(part, flags, 0o600)
    except OSError as error:
        raise Refused(f"{shown} cannot be written: {error.strerror or error}.") from None
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if force:
            os.replace(part, path)
        else:
            try:
                os.link(part, path)
            except FileExistsError:
                raise Refused(f"There is a file {shown} already: choose another name.") from None
    finally:
        if os.path.lexists(part):
            os.unlink(part)
