"""`kpitui leading`: which metrics have moved before which KPIs, and which drivers show no link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kpitui.cli.looking_back import open_known, options
from kpitui.cli.output import table

if TYPE_CHECKING:
    from kpitui.services.leading import Dead, Leading, Pair, Tried

MOST = 20
"""Pairs listed of one item; programs get all."""


@click.command(name="leading")
@click.argument("item", metavar="[METRIC|KPI]", required=False, default="")
@click.option("--scope", metavar="SCOPE", help="Only the KPIs of this scope; all without it.")
@options
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(
    db: str | None, item: str, scope: str | None, as_of: str | None, as_known: str | None, as_json: bool
) -> int:
    """Which metrics have moved before which KPIs, and which drivers show no link over a year.

    Every metric is tried against every KPI of its scope and of those above and below, with the season and what each
    side's own past explains taken out. Needed are 36 whole periods of both.
    """
    from kpitui.services.leading import leading

    with open_known(db, as_of, as_known) as looked:
        found = leading(looked.store, looked.day, item, scope)
    looked.give(as_json, lambda: leading_object(found), lambda: told(found))
    return 0


# ---- for programs --------------------------------------------------------------------------------------------------


def leading_object(found: Leading) -> dict[str, Any]:
    """What `leading --json` prints: `pairs` are those found, and with an item all of its pairs."""
    return {
        "item": None if found.item is None else found.item.slug,
        "scopes": [
            {
                "scope": one.scope.slug,
                "tried": one.told,
                "without_values": len(one.pairs) - one.told,
                "pairs": [pair_object(pair) for pair in (one.found if found.item is None else ordered(one))],
            }
            for one in found.tried
        ],
        "dead_levers": [
            {"metric": one.pair.metric.slug, "feeds": one.pair.outcome.slug, "grain": one.pair.grain, "n": one.n}
            for one in found.dead
        ],
        "vanity": [
            {
                "kpi": outcome.slug,
                "verdict": one.verdict,
                "rise": None if one.metric is None else one.metric.share,
                "kpi_change": None if one.outcome is None else one.outcome.share,
                "n": None if one.metric is None else one.metric.n,
            }
            for outcome, one in found.vanity
        ],
    }


def pair_object(pair: Pair) -> dict[str, Any]:
    out: dict[str, Any] = {
        "metric": pair.metric.slug,
        "kpi": pair.outcome.slug,
        "grain": pair.grain,
        "found": pair.found,
        "lag": None,
        "r": None,
        "bound": None,
        "p": None,
        "n": None,
        "why": pair.why or None,
    }
    if pair.link is not None:
        one = pair.link
        out |= {"lag": one.lag, "r": one.r, "bound": one.bound, "p": one.p, "n": one.n}
    return out


def ordered(one: Tried) -> list[Pair]:
    """Those found first, then by how clearly they go together."""
    return sorted(one.pairs, key=lambda pair: (not pair.found, -pair.size))


# ---- for people ----------------------------------------------------------------------------------------------------


def told(found: Leading) -> str:
    from kpitui.reports.leading_words import evidence, found_sentence

    lines: list[str] = []
    for family in found.tried:
        pairs = family.found
        if not pairs:
            continue
        lines.append(f"{family.scope.name}: {len(pairs)} of {family.told} pairs")
        for pair in pairs:
            assert pair.link is not None
            lines.append(f"  {found_sentence(pair)}  ({evidence(pair.link, pair.grain)})")
        lines.append("")
    if not lines:
        lines = [nothing(found), ""]
    if found.item is not None:
        lines += others(found)
    lines += vanity_lines(found)
    lines += dead_lines(found.dead, all_of=found.item is not None)
    if any(family.found for family in found.tried):
        lines.append("What moved before need not be the cause: something else may move both.")
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


def nothing(found: Leading) -> str:
    told = sum(family.told for family in found.tried)
    short = sum(len(family.pairs) for family in found.tried) - told
    about = f"{found.item.name}: " if found.item is not None else ""
    word = "no" if about else "No"
    if not told:
        return f"{about}{word} pair of a metric and a KPI has 36 whole periods yet: keep entering, and look again."
    rest = f"; {short} more have too few values" if short else ""
    return f"{about}{word} link shown. Tried: {told} {'pair' if told == 1 else 'pairs'} of a metric and a KPI{rest}."


def others(found: Leading) -> list[str]:
    """The pairs of the item that are not shown, and why."""
    rest = [(family, pair) for family in found.tried for pair in ordered(family) if not pair.found]
    if not rest:
        return []
    rows = []
    for _, pair in rest[:MOST]:
        one = pair.link
        lag, r = ("", "") if one is None else (str(one.lag), f"{one.r:+.2f}")
        rows.append((pair.metric.name, pair.outcome.name, lag, r, pair.why))
    lines = [table(("metric", "KPI", "lag", "r", "not shown because"), rows, right=(2, 3), widest=64)]
    if len(rest) > MOST:
        lines.append(f"{len(rest) - MOST} more: --json lists all.")
    return [*lines, ""]


def vanity_lines(found: Leading) -> list[str]:
    """The vanity test of a metric that is no KPI, where it rises."""
    from kpitui.reports.leading_words import vanity_sentence

    told = [
        f"  {vanity_sentence(found.item.name, outcome.name, one)}."
        for outcome, one in found.vanity
        if found.item is not None and one.verdict != "steady"
    ]
    return ["Does it climb for nothing?", *told, ""] if told else []


def dead_lines(dead: tuple[Dead, ...], *, all_of: bool) -> list[str]:
    if not dead:
        return []
    shown = dead if all_of else dead[:MOST]
    lines = ["Drivers without a link shown, dead levers?", *(f"  {one.sentence}." for one in shown)]
    if len(dead) > len(shown):
        lines.append(f"  {len(dead) - len(shown)} more: --json lists all.")
    return [*lines, ""]
