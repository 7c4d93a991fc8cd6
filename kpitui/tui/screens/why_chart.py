"""A change as a waterfall of lines: where the value stood, what pushed it, where it stands now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.charts.waterfall import waterfall
from kpitui.reports.why_words import METHODS, Figures, mixed_sentence, own_value, simpson_sentence
from kpitui.text import cut, width

if TYPE_CHECKING:
    from kpitui.charts.glyphs import Glyphs
    from kpitui.services.why import Why
    from kpitui.tui.widgets.styled import Line

NAMES = 24
BARS = 40


def why_lines(found: Why, cells: int, height: int, glyphs: Glyphs) -> list[Line]:
    """At most `height` lines of `cells` cells; the smallest parts are told as one where there is no room for all."""
    figures = Figures(found)
    old, new = found.labels
    head: list[tuple[str, str]] = [(f" {old} to {new}", "bold")]
    if found.change is not None:
        head.append((f"  {figures.signed(figures.change)}", ""))
    if found.made_of:
        head.append((f"  {found.made_of}, by {METHODS[found.method]}", "dim"))
    if found.why or found.before.value is None or found.after.value is None:
        return [tuple(head), ((f" {found.why}.", "dim"),)]
    rows = parts(found, figures, max(height - 3, 1))
    bars = waterfall(
        found.before.value, [effect for *_, effect in rows], found.after.value, min(BARS, cells // 3), glyphs
    )
    table = [
        (old, "", figures.value(figures.before), ""),
        *((name, own, "", signed) for name, own, signed, _ in rows),
        (new, "", figures.value(figures.after), ""),
    ]
    wide = [max(width(row[place]) for row in table) for place in range(4)]
    wide[0] = min(wide[0], NAMES)
    figure = max(wide[2], wide[3])
    # The own values of the parts are the first to give way.
    with_own = 1 + wide[0] + 2 + wide[1] + 2 + figure + 2 + min(BARS, cells // 3) <= cells
    lines: list[Line] = [tuple(head)]
    for place, ((name, own, value, signed), bar) in enumerate(zip(table, bars, strict=True)):
        end = place in (0, len(table) - 1)
        style = "" if end else "on" if better(found, rows[place - 1][3]) else "off" if rows[place - 1][3] else "dim"
        words = f" {pad(cut(name, wide[0], glyphs.ellipsis), wide[0])}  "
        words += f"{pad(own, wide[1])}  " if with_own else ""
        line: list[tuple[str, str]] = [
            (words, "bold" if end else ""),
            (f"{value or signed:>{figure}}  ", "bold" if end else ""),
            (bar.rstrip(), style),
        ]
        lines.append(tuple(line))
    for sentence, style in ((mixed_sentence(found), "dim"), (simpson_sentence(found), "flag")):
        if sentence and len(lines) < height:
            lines.append(((f" {sentence}", style),))
    return lines


def parts(found: Why, figures: Figures, most: int) -> list[tuple[str, str, str, float]]:
    """Name, own values, effect in words and as a number; those beyond `most`, the smallest, in one row."""
    rows = [
        (part.metric.name, f"{own_value(part, part.before)} > {own_value(part, part.after)}", shown, part.effect)
        for part, shown in zip(found.parts, figures.effects, strict=True)
    ]
    kept = set(range(len(rows)))
    if len(rows) > most:
        kept = set(sorted(kept, key=lambda place: -abs(rows[place][3]))[: max(most - 1, 0)])
    out = [(name, own, figures.signed(shown), effect) for place, (name, own, shown, effect) in enumerate(rows)
           if place in kept]  # fmt: skip
    rest = [row for place, row in enumerate(rows) if place not in kept]
    if rest:
        out.append((f"{len(rest)} more", "", figures.signed(sum(row[2] for row in rest)), sum(row[3] for row in rest)))
    return out


def better(found: Why, effect: float) -> bool:
    """Whether an effect is for the good of the metric; up is where no direction says otherwise."""
    return effect < 0 if found.metric.direction == "down" else effect > 0


def pad(text: str, cells: int) -> str:
    return text + " " * (cells - width(text))
