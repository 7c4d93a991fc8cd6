"""`kpitui why`: what moved a metric from one period to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kpitui.cli.looking_back import open_known, options
from kpitui.cli.output import table

if TYPE_CHECKING:
    from kpitui.services.why import Mixed, Part, Why

BARS = 32
"""Cells of the waterfall at most."""


@click.command(name="why")
@click.argument("item", metavar="METRIC|KPI")
@click.option("--from", "begin", metavar="PERIOD", help="The earlier period; by default the one reported before.")
@click.option("--to", "end", metavar="PERIOD", help="The later period; by default the last one reported.")
@click.option(
    "--method", type=click.Choice(["shapley", "lmdi"]), default="shapley", show_default=True, help="How to share out."
)
@options
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(
    db: str | None,
    item: str,
    begin: str | None,
    end: str | None,
    method: str,
    as_of: str | None,
    as_known: str | None,
    as_json: bool,
) -> int:
    """What moved a metric or KPI (also slug@scope): its change, shared out among what it is made of."""
    from kpitui.services.why import why

    with open_known(db, as_of, as_known) as looked:
        found = why(looked.store, looked.day, item, begin=begin, end=end, method=method)
    looked.give(as_json, lambda: why_object(found), lambda: told(found))
    return 0


# ---- for programs --------------------------------------------------------------------------------------------------


def why_object(found: Why) -> dict[str, Any]:
    """What `why --json` prints. Effects are in the metric's unit, shares and percent values fractions."""
    from kpitui.cli.scorecard_json import period_object

    return {
        "slug": found.metric.slug,
        "name": found.metric.name,
        "unit": found.metric.unit,
        "grain": found.grain,
        "from": period_object(found.grain, found.before.span, _partial(found.before), found.calendar),
        "to": period_object(found.grain, found.after.span, _partial(found.after), found.calendar),
        "before": found.before.value,
        "after": found.after.value,
        "change": found.change,
        "parts": [part_object(part) for part in found.parts],
        "mix_and_rate": None if found.mixed is None else mixed_object(found.mixed),
        "method": found.method or None,
        "made_of": found.made_of or None,
        "why": found.why or None,
    }


def _partial(cell: Any) -> bool:
    return not cell.whole and cell.value is not None


def part_object(part: Part) -> dict[str, Any]:
    out: dict[str, Any] = {
        "slug": part.metric.slug,
        "name": part.metric.name,
        "effect": part.effect,
        "before": part.before,
        "after": part.after,
    }
    return out if part.factor is None else {**out, "factor": part.factor}


def mixed_object(mixed: Mixed) -> dict[str, Any]:
    found = mixed.found
    return {
        "mix": found.mix,
        "rate": found.rate,
        "simpson": found.simpson,
        "segments": [
            {
                "slug": metric.slug,
                "name": metric.name,
                "before": old,
                "after": new,
                "mix": one.mix,
                "rate": one.rate,
                "new": one.new,
                "lost": one.lost,
            }
            for metric, (old, new), one in zip(mixed.metrics, mixed.sides, found.segments, strict=True)
        ],
    }


# ---- for people ----------------------------------------------------------------------------------------------------


def told(found: Why) -> str:
    """The change as a waterfall that adds up, and for a ratio its segments."""
    from kpitui.reports.why_words import METHODS, Figures, simpson_sentence

    figures = Figures(found)
    old, new = found.labels
    head = f"{found.metric.name}   {old} to {new}"
    if found.change is not None:
        values = f"{figures.value(figures.before)} to {figures.value(figures.after)}"
        head += f": {values}, {figures.signed(figures.change)}"
    lines = [head]
    lines += [
        f"  {name} is not whole yet: its value so far."
        for name, cell in zip(found.labels, (found.before, found.after), strict=True)
        if _partial(cell)
    ]
    if found.why:
        return "\n".join([*lines, f"  {found.why}."])
    lines += [f"  {found.made_of}, by {METHODS[found.method]}.", "", steps(found, figures)]
    if found.mixed is not None:
        lines += ["", *segments(found, found.mixed)]
    if sentence := simpson_sentence(found):
        lines += ["", f"  {sentence}."]
    return "\n".join(lines)


def steps(found: Why, figures: Any) -> str:
    import os

    from kpitui.charts.glyphs import choose
    from kpitui.charts.waterfall import waterfall
    from kpitui.reports.why_words import own_value

    assert found.before.value is not None and found.after.value is not None
    by_factor = any(part.factor is not None for part in found.parts)
    bars = waterfall(
        found.before.value, [part.effect for part in found.parts], found.after.value, BARS, choose(os.environ)
    )
    rows: list[tuple[str, ...]] = [(found.labels[0], "", "", figures.value(figures.before), "", bars[0])]
    for part, effect, bar in zip(found.parts, figures.effects, bars[1:-1], strict=True):
        values = (own_value(part, part.before), own_value(part, part.after))
        times = "" if part.factor is None else f"x {part.factor:.4g}"
        rows.append((part.metric.name, *values, figures.signed(effect), times, bar))
    rows.append((found.labels[1], "", "", figures.value(figures.after), "", bars[-1]))
    names = ("", "from", "to", "effect", "factor", "")
    kept = [place for place in range(len(names)) if place != 4 or by_factor]
    return table(
        [names[place] for place in kept],
        [[row[place] for place in kept] for row in rows],
        right=(1, 2, 3, 4) if by_factor else (1, 2, 3),
        widest=40,
    )


def segments(found: Why, mixed: Mixed) -> list[str]:
    from kpitui.domain.figures import show, show_change
    from kpitui.reports.why_words import mixed_sentence

    metric = found.metric

    def value(number: float | None) -> str:
        return show(number, metric.unit, currency=found.currency, decimals=metric.decimals, compact=True)

    def change(number: float) -> str:
        return show_change(number, metric.unit, currency=found.currency)

    rows = []
    for one, (old, new), moved in zip(mixed.metrics, mixed.sides, mixed.found.segments, strict=True):
        word = "new" if moved.new else "gone" if moved.lost else ""
        rows.append((one.name, value(old), value(new), change(moved.mix), change(moved.rate), word))
    sums = (value(found.before.value), value(found.after.value), change(mixed.found.mix), change(mixed.found.rate))
    rows.append(("all", *sums, ""))
    return [
        f"  {mixed_sentence(found)}",
        "",
        table(("segment", "from", "to", "mix", "rate", ""), rows, right=(1, 2, 3, 4)),
    ]
