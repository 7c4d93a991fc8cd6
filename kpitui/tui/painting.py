"""Painting no more than what changed.

Textual knows which cells are to be painted anew, but starts each line at the left edge of the widget they lie in: a
digit in the last column of a grid would so send the whole line.
"""

from __future__ import annotations

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor


class TightUpdate(ChopsUpdate):
    """The cells of each span and no others."""

    def render_segments(self, console: Console) -> str:
        out: list[str] = []
        for y, x1, x2 in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= x2 or end <= x1:
                    continue
                first = max(x, x1)
                out.append(Control.move_to(first, y).segment.text)
                out.append(strip.crop(first - x, min(end, x2) - x).render(console))
        return "".join(out)


class TightCompositor(Compositor):
    """A compositor whose partial updates are tight."""

    def render_partial_update(self) -> ChopsUpdate | None:
        update = super().render_partial_update()
        return None if update is None else TightUpdate(update.chops, update.spans, update.chop_ends)
