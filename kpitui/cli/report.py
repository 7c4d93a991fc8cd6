"""`kpitui report`: a period as a document to be read, or as JSON."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from kpitui.cli.looking_back import open_known, options
from kpitui.cli.output import emit_json, say, showable
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.services.report import Report

FORMS = ("txt", "md", "html", "json")
ENDINGS = {".txt": "txt", ".md": "md", ".markdown": "md", ".html": "html", ".htm": "html", ".json": "json"}


@click.command()
@click.option("--period", default="", metavar="PERIOD", help="w46, oct, 2026-Q3, last month; else the last whole week.")
@click.option("--scope", metavar="SCOPE", help="Only the goals, KPIs and metrics of this scope.")
@click.option("--format", "form", type=click.Choice(FORMS), help="Default: what FILE ends with, else txt.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@options
@click.option("-o", "--out", metavar="FILE", help="Write a new file, readable by you alone.")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@click.pass_obj
def command(
    db: str | None,
    period: str,
    scope: str | None,
    form: str | None,
    as_json: bool,
    as_of: str | None,
    as_known: str | None,
    out: str | None,
    force: bool,
) -> int:
    """A period to be read on Monday: the main goal, what changed, every KPI, what was said, agreed and is missing."""
    from kpitui.services.report import report

    if force and out is None:
        raise click.UsageError("--force replaces FILE: name it with --out.")
    if as_json and form not in (None, "json"):
        raise click.UsageError(f"--json is the same as --format json: leave out --json or --format {form}.")
    form = "json" if as_json else form or ENDINGS.get(os.path.splitext(out or "")[1].lower(), "txt")
    with open_known(db, as_of, as_known) as looked:
        found = report(looked.store, looked.day, period, scope, today=looked.today, known=looked.known)
    if out is None or out == "-":
        show(found, form)
        return 0
    from kpitui.cli.export import new_file

    with new_file(out, force) as file:
        file.write(text_of(found, form))
    say(f"Wrote the report of {found.label} to {clean(out)}.")
    return 0


def show(found: Report, form: str) -> None:
    if form == "json":
        from kpitui.cli.report_json import report_object

        emit_json(report_object(found))
        return
    sys.stdout.write(showable(text_of(found, form)))


def text_of(found: Report, form: str) -> str:
    """The whole document. Signs and figures are those of the terminal's locale, names as they were written."""
    if form == "json":
        import json

        from kpitui.cli.report_json import report_object

        return json.dumps(report_object(found), ensure_ascii=True, allow_nan=False, indent=2) + "\n"
    from kpitui.charts import glyphs
    from kpitui.reports.report_words import document

    if form == "html":
        from kpitui.reports import report_html

        return report_html.render(document(found))
    chosen = glyphs.choose(os.environ)
    made = document(found, ascii=chosen.name == "ascii")
    from kpitui.reports import report_md, report_txt

    return report_md.render(made, chosen) if form == "md" else report_txt.render(made, chosen)
