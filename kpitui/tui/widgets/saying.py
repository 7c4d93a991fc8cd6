"""A message in the room there is: what was done and the way back stay, what stands between gives way."""

from __future__ import annotations

import re

from kpitui.text import cut, width

JOINT = " · "
LEAST = 10
"""Cells below which a cut part says nothing."""
_BEFORE = re.compile(r" \([^()]*\)$")


def shortened(text: str, cells: int, mark: str = "…") -> str:
    """`text` in at most `cells` cells. Of `Saved CAC W47 = $412 (was empty) · watch: $412 misses $400 · u undo` the
    middle is cut first, then what stood before, then the end of what was done; never the `u undo`."""
    if width(text) <= cells:
        return text
    first, *rest = text.split(JOINT)
    back = next((part for part in rest if part.startswith("u ")), "")
    if not back:
        return cut(text, cells, mark)
    middle = JOINT.join(part for part in rest if part != back)
    room = cells - width(back) - width(JOINT)
    space = room - width(first) - width(JOINT)
    if middle and space >= LEAST:
        return JOINT.join((first, cut(middle, space, mark), back))
    if width(first) > room:
        first = _BEFORE.sub("", first)
    return JOINT.join((cut(first, room, mark), back)) if room >= LEAST else cut(text, cells, mark)
