"""The words about a value: how it stands in a cell, and what is understood while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.charts.glyphs import Glyphs, mark
from kpitui.domain.figures import show, show_change, show_range, show_target
from kpitui.domain.pace import maintained
from kpitui.domain.target import MAINTAIN, effective
from kpitui.services.asked import Asked, Understood
from kpitui.text import width

if TYPE_CHECKING:
    from kpitui.domain.model import TargetKind, Unit
    from kpitui.domain.target import Aim

UNITS = {"number": "n", "percent": "%", "duration": "h", "score": "pts"}
STEADY = 6
"""Cells kept for the number, so that what follows it stands still while it is typed."""


def cell_text(value: float | None, unit: Unit, currency: str, decimals: int | None, room: int = 5) -> str:
    """A number for a cell of a column whose unit stands beside it, with as many figures as fit; with the English letter
    where a word of the person's language has no room."""
    if value is None:
        return ""
    for words in (None, "en"):
        for figures in (4, 3, 2):
            text = show(
                value, unit, currency=currency, decimals=decimals, compact=True, figures=figures, bare=True, words=words
            )
            if width(text) <= room:
                return text
    return text


def edit_text(value: float, unit: Unit, decimal: str) -> str:
    """A stored value as a person would type it, to the last digit: percent points, a decimal comma where it is one."""
    text = show(value, unit, bare=True, decimal=decimal)
    return text.replace("," if decimal == "." else ".", "")


def unit_text(unit: Unit, currency: str) -> str:
    """The unit's column: `$`, `%`, `h`, `n`."""
    if unit == "currency":
        from kpitui.domain.currencies import symbol_of

        return symbol_of(currency).strip()
    return UNITS.get(unit, "n")


def usual_text(cell: Asked, *, bare: bool = False) -> str:
    band = cell.usual
    if band is None:
        return ""
    return show_range(*band, cell.unit, currency=cell.currency, decimals=cell.decimals, bare=bare)


def target_text(
    aim: Aim | None, unit: Unit, currency: str, decimals: int | None, glyphs: Glyphs, *, bare: bool = False
) -> str:
    """`≥ 30%`, `≥ 30` where the unit stands beside it (`bare`); empty without a target, `done` for a milestone."""
    if aim is None:
        return ""
    if aim.kind == "milestone":
        return "done"
    kind: TargetKind = aim.kind  # type: ignore[assignment]
    return show_target(
        kind,
        aim.value,
        aim.low,
        aim.high,
        unit,
        currency=currency,
        decimals=decimals,
        ascii=glyphs.name == "ascii",
        bare=bare and unit != "currency",
    )


def sign_of(aim: Aim | None, value: float, glyphs: Glyphs) -> str:
    """The sign a value would get by a target to maintain; for the others a single value says nothing."""
    if aim is None or effective(aim).kind not in MAINTAIN:
        return ""
    return mark(maintained(effective(aim), value, str)[0], glyphs)


def head(cell: Asked, unit: bool = True) -> str:
    """`First reply, h W47`."""
    said = unit_text(cell.unit, cell.currency)
    return f"{cell.name}{f', {said}' if unit and said != 'n' else ''} {cell.label}"


def typing_words(cell: Asked, text: str, cells: int) -> str:
    """The row while something is typed, before it is understood or refused: `First reply, h W47 = 3.1`.

    Where there is little room what it means comes first: the name stands beside the cell that is typed into.
    """
    name = head(cell, unit=cells >= 60) if cells >= 50 else cell.label
    return f"{name} = {text:<{STEADY}}"


def understood_words(cell: Asked, read: Understood, glyphs: Glyphs, cells: int) -> str:
    """What a typed value means: `last 3.2, change -0.1 (-3%), usual 2.6-3.8, target ≤ 4.0 ●`, as far as it fits."""
    typed = read.typed
    if typed.state == "none":
        return "no value, on purpose" + (f": {typed.note}" if typed.note else f" {glyphs.dot} ; and why")
    if typed.value is None:
        return "nothing to save"
    parts = [typed.hint] if typed.hint else []
    if read.doubt is not None:
        # What is compared with stands beside it.
        parts.append(f"check it: {read.doubt.sentence.rpartition(': ')[2]}")
    if cell.last is not None:
        change = show_change(typed.value - cell.last, cell.unit, currency=cell.currency, decimals=cell.decimals)
        share = f" ({(typed.value - cell.last) / abs(cell.last):+.0%})" if cell.last and cells >= 100 else ""
        parts.append(f"last {cell.show(cell.last)}, change {change}{share}")
    band = usual_text(cell)
    if band and cells >= 60:
        parts.append(f"{'outside the usual' if read.unusual else 'usual'} {band}")
    target = target_text(cell.aim, cell.unit, cell.currency, cell.decimals, glyphs)
    if target and (cells >= 100 or not band):
        parts.append(f"target {target} {sign_of(cell.aim, typed.value, glyphs)}".rstrip())
    if typed.note and cells >= 100:
        parts.append(f"note: {typed.note}")
    # What does not fit as a whole is left out: half a figure says nothing.
    room = cells - width(typing_words(cell, typed.entered, cells)) - 2
    while len(parts) > 1 and width(", ".join(parts)) > room:
        parts.pop()
    return ", ".join(parts)
