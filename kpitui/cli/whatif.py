"""`kpitui whatif`: what would be with some values changed, and what each driver must reach."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from kpitui.cli.looking_back import open_known, options
from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import say, table

if TYPE_CHECKING:
    from kpitui.services.whatif import Above, Driver, WhatIf


@click.command()
@click.argument("item", metavar="GOAL|KPI|METRIC")
@click.argument("changes", metavar="[METRIC=VALUE]...", nargs=-1)
@click.option("--solve", metavar="METRIC", help="What this one must be, all others held.")
@click.option("--target", metavar="VALUE", default="", help="What the item is to be; by default its own target.")
@click.option("--on", metavar="PERIOD", default="", help="In this period; by default the last whole one with a value.")
@click.option(
    "--save", is_flag=True, help="With --solve: set it as that metric's target from today. Else nothing is kept."
)
@options
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(
    db: str | None, item: str, changes: tuple[str, ...], solve: str | None, target: str, on: str, save: bool,
    as_of: str | None, as_known: str | None, as_json: bool,
) -> int:  # fmt: skip
    """What a goal, KPI or metric would be with other values: visits=12k conversion=+10%, and what its drivers need."""
    from kpitui.domain.problem import Problem
    from kpitui.services import whatif

    if save and not solve:
        raise click.UsageError("--save keeps what --solve METRIC gives: name the metric.")
    if save and (as_of or as_known):
        raise click.UsageError("--save sets a target from today: leave out --as-of and --as-known.")
    with open_known(db, as_of, as_known) as looked:
        view, values = whatif.whatif(looked.store, looked.day, item, changes, target=target, on=on)
    one = driver_named(view, solve) if solve else None
    if one is not None and view.wanted is None:
        raise Problem(f"What {one.metric.name} must be cannot be said: {view.no_target}, with --target VALUE.")
    said = ""
    if save and one is not None:
        with open_store(db, write=True) as store:
            said = saved(store, today_of(store), view, one)
    looked.give(as_json, lambda: view_object(view, values, one), lambda: told(view, one))
    if said:
        say(said)
    return 1 if one is not None and (one.needed is None or one.needed.value is None) else 0


def driver_named(view: WhatIf, name: str) -> Driver:
    from kpitui.domain.problem import Problem
    from kpitui.domain.quoting import quote
    from kpitui.errors import NotFound
    from kpitui.services.naming import Named, meant

    known = [Named("metric", one.metric.id, one.metric.slug, one.metric.name) for one in view.drivers]
    if not known:
        raise Problem(f"{view.metric.name} is made of nothing that can be solved for: give it a formula or a ratio.")
    try:
        found = meant(known, name)
    except NotFound:
        listed = ", ".join(one.slug for one in known)
        raise NotFound(
            f"“{quote(name)}” is nothing that {view.metric.name} is worked out from; there are {listed}."
        ) from None
    return next(one for one in view.drivers if one.metric.id == found.id)


def saved(store: Any, today: int, view: WhatIf, one: Driver) -> str:
    from kpitui.domain.problem import Problem
    from kpitui.reports.whatif_words import amount, target_value
    from kpitui.services.whatif import as_target

    value = target_value(one, view)
    if value is None or view.wanted is None:
        raise Problem(f"There is nothing to save: {one.metric.name} alone cannot bring it.")
    goal = amount(view.metric, view.currency, view.wanted.value)
    return as_target(store, today, one.metric.id, value, f"for {view.metric.name} {goal}").sentence


# ---- for programs --------------------------------------------------------------------------------------------------


def view_object(view: WhatIf, values: dict[int, float], solved: Driver | None) -> dict[str, Any]:
    """What `whatif --json` prints. Shares and percent values are fractions."""
    from kpitui.cli.scorecard_json import period_object

    named = {one.metric.id: one.metric for one in view.drivers} | {one.metric.id: one.metric for one in view.above}
    named[view.metric.id] = view.metric
    return {
        "slug": view.metric.slug,
        "name": view.title,
        "unit": view.metric.unit,
        "grain": view.grain,
        "period": period_object(view.grain, view.span, view.partial, view.calendar),
        "value": view.value,
        "would_be": view.would_be,
        "change": view.change,
        "target": None if view.wanted is None else view.wanted.value,
        "reached": None if view.wanted is None else view.wanted.met(view.would_be),
        "changes": [{"slug": named[key].slug, "value": value} for key, value in values.items() if key in named],
        "without_effect": list(view.without_effect),
        "made_by": view.made or None,
        "drivers": [driver_object(one) for one in view.drivers],
        "above": [above_object(one) for one in view.above],
        "unknown": [{"name": name, "feeds": into} for name, into in view.unknown],
        "solved": None if solved is None else driver_object(solved),
        "why": view.why or (view.no_target if view.wanted is None else None),
    }


def driver_object(one: Driver) -> dict[str, Any]:
    return {
        "slug": one.metric.slug,
        "name": one.metric.name,
        "depth": one.depth,
        "into": one.into,
        "value": one.value,
        "would_be": one.would_be,
        "changed": one.supposed,
        "elasticity": one.elasticity,
        "needed": one.needed.value if one.needed else None,
        "why": (one.needed.why or None) if one.needed else None,
        "reached_before": one.seen.reached if one.seen else None,
        "periods": one.seen.of if one.seen else None,
    }


def above_object(one: Above) -> dict[str, Any]:
    return {
        "slug": one.metric.slug,
        "name": one.metric.name,
        "value": one.value,
        "would_be": one.would_be,
        "target": one.wanted.value if one.wanted else None,
        "reached": one.wanted.met(one.would_be) if one.wanted else None,
    }


# ---- for people ----------------------------------------------------------------------------------------------------


def told(view: WhatIf, solved: Driver | None) -> str:
    """The result, the one solved for or all drivers, what is above, and what to know before believing it."""
    from kpitui.reports import whatif_words as words

    lines = [f"{view.title}   {view.label}: {words.verdict(view)}"]
    lines += [
        f"  with {one.metric.name} {words.amount(one.metric, one.currency, one.would_be)} "
        f"(was {words.amount(one.metric, one.currency, one.value)})"
        for one in view.drivers
        if one.supposed
    ]
    if solved is not None:
        lines += ["", f"  {words.solved_sentence(view, solved)}."]
    elif view.drivers:
        lines += ["", drivers_table(view)]
    if view.above:
        lines += ["", "Above it"]
        lines += [f"  {one.metric.name}: {words.raised(view, one)}" for one in view.above]
    remarks = words.remarks(view)
    told_apart = [wrap(text, 98, initial_indent="  ", subsequent_indent="  ") for text in remarks]
    return "\n".join([*lines, *([""] if remarks else []), *(line for text in told_apart for line in text)])


def drivers_table(view: WhatIf) -> str:
    from kpitui.reports import whatif_words as words

    met = view.wanted is not None and view.wanted.met(view.would_be)
    header = ("driver", "now", "would be", "per 1%", "enough at" if met else "needed alone", "", "in the past")
    return table(
        header,
        [
            (
                f"{'  ' * one.depth}{one.metric.name}",
                words.amount(one.metric, one.currency, one.value),
                words.amount(one.metric, one.currency, one.would_be) if one.would_be != one.value else "",
                words.strength(one),
                words.needed(one, view),
                words.by_how_much(one),
                words.past(one, view.grain),
            )
            for one in view.drivers
        ],
        right=(1, 2, 3, 4, 5),
        widest=34,
    )
