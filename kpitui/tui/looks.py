"""How each style name looks in the theme in use, with and without colour.

Worked out from the theme's variables once, not by component classes: twenty of those on six widgets cost 20 ms at every
change of tab, when Textual applies its style sheets anew.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color

from kpitui.domain.named import NamedTuple


class Look(NamedTuple):
    """Theme variables for the text and the ground, and text styles with and without colour."""

    colour: str = ""
    text: str = ""
    plain: str | None = None
    """The text style where there is no colour; None when it is the same."""
    ground: str = ""


LOOKS: dict[str, Look] = {
    "on": Look("kpi-on"),
    "watch": Look("kpi-watch", "bold"),
    "off": Look("kpi-off", "bold", "bold reverse"),
    "none": Look("kpi-none", "", "dim"),
    "stale": Look("kpi-none", "", "dim underline"),
    "dim": Look("kpi-none", "", "dim"),
    "title": Look("kpi-none", "", "dim"),
    "frame": Look("kpi-none", "", "dim"),
    "bold": Look("", "bold"),
    "heading": Look("", "bold"),
    "accent": Look("goal"),
    "key": Look("goal", "bold"),
    "marked": Look("goal", "bold"),
    "spark": Look("spark"),
    "target": Look("target"),
    "limit": Look("limit", "", "dim"),
    "reverse": Look("", "reverse"),
    "under": Look("", "underline"),
    "miss": Look("kpi-off", "", "underline"),
    "flag": Look("kpi-watch", "bold"),
    "warn": Look("kpi-watch", "", "bold"),
    "error": Look("kpi-off", "bold", "bold reverse"),
    "cursor": Look("", "", "reverse", "cursor-row"),
}
"""The names that spans are drawn with."""


class Looks:
    """The styles of one theme. `variables` are the theme's, as Textual has worked them out."""

    def __init__(self, variables: Mapping[str, str], no_color: bool) -> None:
        self.variables = variables
        self._no_color = no_color
        self._styles: dict[str, Style] = {}
        self.base = Style(color=_rich(variables, "foreground"), bgcolor=_rich(variables, "background"))

    def style(self, names: str) -> Style:
        """The base with one or several names laid over it, the later winning."""
        found = self._styles.get(names)
        if found is None:
            found = self.base
            for name in names.split():
                found += self._one(name)
            self._styles[names] = found
        return found

    def over(self, names: str) -> Style:
        """The same without the base, to be laid over something else."""
        key = f"+{names}"
        found = self._styles.get(key)
        if found is None:
            found = Style.null()
            for name in names.split():
                found += self._one(name)
            self._styles[key] = found
        return found

    def _one(self, name: str) -> Style:
        look = LOOKS[name]
        text = look.plain if self._no_color and look.plain is not None else look.text
        if name == "cursor" and not self._no_color:
            text = self.variables.get("cursor-row-text-style", "none")
        return Style.parse("" if text == "none" else text) + Style(
            color=_rich(self.variables, look.colour), bgcolor=_rich(self.variables, look.ground)
        )


def _rich(variables: Mapping[str, str], name: str) -> RichColor | None:
    value = variables.get(name)
    return Color.parse(value).rich_color if value else None
