"""`kpitui forecast`: where a metric is heading, and for a KPI the chance of making it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kpitui.cli.for_programs import emit_rows, row_options
from kpitui.cli.looking_back import open_known, options
from kpitui.cli.output import emit, emit_json, table

if TYPE_CHECKING:
    from kpitui.services.forecasting import Foreseen

FARTHEST = 400
BANDS = ("low80", "high80", "low95", "high95")
COLUMNS = ("label", "start", "end", "partial", "mean", *BANDS)
"""Of `--csv`."""


@click.command(name="forecast")
@click.argument("item", metavar="METRIC|KPI")
@click.option("--horizon", type=click.IntRange(1, FARTHEST), help="How many periods; up to the deadline, or a few.")
@click.option("--grain", type=click.Choice(["day", "week", "month", "quarter", "year"]), help="Of the periods.")
@options
@row_options
@click.pass_obj
def command(
    db: str | None,
    item: str,
    horizon: int | None,
    grain: str | None,
    as_of: str | None,
    as_known: str | None,
    form: str | None,
) -> int:
    """Where a metric or KPI (also slug@scope) is heading, with the bands its values will be in."""
    from kpitui.services.forecasting import foresee

    with open_known(db, as_of, as_known) as looked:
        found = foresee(looked.store, looked.day, item, grain=grain, horizon=horizon)
    if form == "csv":
        emit_rows(form, forecast_object(found)["points"], COLUMNS)
    elif form:
        emit_json(forecast_object(found) | {"as_known": looked.known_json})
    else:
        looked.say()
        emit(told(found))
    return 0


def forecast_object(found: Foreseen) -> dict[str, Any]:
    """What `forecast --json` prints: bands in the metric's unit, shares as fractions."""
    from kpitui.cli.scorecard_json import period_object
    from kpitui.domain.periods import iso

    row = found.row
    points = [
        period_object(found.grain, step.span, False, found.calendar)
        | {"mean": step.point.mean}
        | {name: getattr(step.point, name) for name in BANDS}
        for step in found.steps
    ]
    out: dict[str, Any] = {
        "slug": row.slug,
        "name": row.name,
        "unit": row.unit,
        "as_of": iso(found.as_of),
        "grain": found.grain,
        "method": found.method,
        "values": found.n,
        "last": None if found.last is None else period_object(found.grain, found.last, False, found.calendar),
        "points": points,
        "why": lacking(found) or None,
    }
    if row.kpi_id is not None:
        out |= {
            "chance": row.chance,
            "status": row.status,
            "target": row.target,
            "needed": row.needed,
            "rate": row.rate,
        }
        if row.chance is None:
            # Where a deadline is over or there is no target, the status says so: a null has its reason beside it.
            out["why"] = out["why"] or row.why or None
    return out


def lacking(found: Foreseen) -> str:
    """What is missing for a forecast; empty when nothing is."""
    from kpitui.domain.forecast import LEAST

    if found.steps:
        return ""
    few = f"{found.n} value{'' if found.n == 1 else 's'} in a row"
    return f"Too few values: a forecast by the {found.grain} needs {LEAST} whole {found.grain}s, there are {few}"


def told(found: Foreseen) -> str:
    from kpitui.reports import wording

    row = found.row
    lines = [f"{row.name}   {wording.period_text(row) or 'no value yet'}: {wording.value_text(row)}"]
    if row.kpi_id is not None:
        lines.append(f"  {row.why}.")
        if rates := wording.rates_text(row):
            lines.append(f"  {rates}.")
    if not found.steps:
        return "\n".join([*lines, f"  {lacking(found)}."])
    rough = "; bands of years are rough" if found.grain == "year" else ""
    lines += [f"  By {found.method}, from {found.n} {found.grain}s{rough}.", ""]

    def say(value: float) -> str:
        return wording.figure(row, value)

    lines.append(
        table(
            ("period", "expected", "4 in 5 from", "to", "19 in 20 from", "to"),
            [
                (step.label, say(step.point.mean), *(say(getattr(step.point, name)) for name in BANDS))
                for step in found.steps
            ],
            right=(1, 2, 3, 4, 5),
        )
    )
    return "\n".join(lines)
