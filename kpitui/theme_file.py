"""What a theme file may say, checked. Loaded for the first file that did not come with the program."""

from __future__ import annotations

import difflib
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from kpitui import themes

NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
# Textual's style flags; the variables that end so hold them, all others hold colours.
_STYLES = frozenset("b blink bold dim i italic none not o overline reverse strike u underline uu".split())
_STYLE_ENDINGS = ("text-style", "link-style", "link-style-hover")


def _colour(value: str) -> str:
    problem = themes.colour_problem(value)
    if problem:
        raise ValueError(problem)
    return value


Colour = Annotated[str, AfterValidator(_colour)]


class ThemeFile(BaseModel):
    """Textual's `Theme`, key by key; `dark` follows from `background` when it is left out."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(pattern=NAME)]
    primary: Colour
    secondary: Colour | None = None
    warning: Colour | None = None
    error: Colour | None = None
    success: Colour | None = None
    accent: Colour | None = None
    foreground: Colour | None = None
    background: Colour | None = None
    surface: Colour | None = None
    panel: Colour | None = None
    boost: Colour | None = None
    dark: bool | None = None
    luminosity_spread: Annotated[float, Field(ge=0, le=1)] = 0.15
    text_alpha: Annotated[float, Field(ge=0, le=1)] = 0.95
    ansi: bool = False
    variables: dict[str, str] = Field(default_factory=dict)

    @field_validator("variables")
    @classmethod
    def _variables(cls, variables: dict[str, str]) -> dict[str, str]:
        known = themes.known_variables()
        for name, value in variables.items():
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                raise ValueError(f"'{name}' is no variable" + (f"; did you mean '{near[0]}'?" if near else ""))
            _value(name, value)
        return variables


def _value(name: str, value: str) -> None:
    """Raises ValueError unless `value` is what Textual's style sheets take for `name`, and nothing besides."""
    if name.endswith(_STYLE_ENDINGS):
        if not value.split() or set(value.split()) - _STYLES:
            raise ValueError(f"{name} = '{value}' is no text style: write words of {', '.join(sorted(_STYLES))}")
        return
    colour, _, share = value.partition(" ")
    plain = share.removesuffix("%")
    if share and not (share.endswith("%") and plain.isascii() and plain.isdigit() and int(plain) <= 100):
        # A blank inside is right in rgb(1, 2, 3); everything else after one has to be a percentage.
        colour = value
    # Our own are drawn by rich, too, which needs plain colours.
    if name not in themes.VARIABLES and colour in ("auto", "initial", "transparent"):
        return
    try:
        _colour(colour)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    if name in themes.VARIABLES and colour != value:
        raise ValueError(f"{name} = '{value}': this one takes a colour without a percentage")


def check(table: dict[str, object]) -> str | None:
    """What is wrong with the table of a theme file, as the end of a sentence that begins with its path."""
    try:
        ThemeFile.model_validate(table)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        words = f"{key}: {_words(key, first['type'], first['msg'])}"
        if error.error_count() > 1:
            words += f" (and {error.error_count() - 1} more)"
        return words if words.endswith("?") else f"{words}."
    return None


def _words(key: str, kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(key, ThemeFile.model_fields, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"the keys are {', '.join(ThemeFile.model_fields)}"
        return f"no key of a theme; {hint}"
    if kind == "missing":
        return "missing, a theme needs name and primary"
    if kind == "string_pattern_mismatch":
        return "a name is 1 to 64 letters, digits, - and _, the first a letter or digit"
    if kind == "string_type":
        return "has to be text in quotes"
    if kind == "bool_type":
        return "has to be true or false"
    return message.removeprefix("Value error, ")
