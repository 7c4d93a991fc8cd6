"""Colour themes: TOML files in a few folders, the later folder winning by name, and the colours a file leaves out.

The shipped files are tested, so they are only read; those of a user or a system are checked with pydantic, which is
loaded for the first such file. Textual is loaded when a `Theme` is asked for, by the screens that have it anyway.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping

from kpitui import paths
from kpitui.domain.named import NamedTuple
from kpitui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.color import Color
    from textual.theme import Theme

DEFAULT = "kpitui-dark"
# Short words for the settings screen and the config file.
_SHORT = {"dark": "kpitui-dark", "light": "kpitui-light", "contrast": "high-contrast"}
_LARGEST_FILE = 65_536

COLOURS = ("kpi-on", "kpi-watch", "kpi-off", "kpi-none", "spark", "target", "limit", "goal", "cursor-row")
"""The theme variables of our own that hold a colour; `cursor-row` is the background of the row the cursor is on."""
VARIABLES = (*COLOURS, "cursor-row-text-style")

LEGIBLE = 4.5
"""The least contrast of text that WCAG 2.2 accepts (success criterion 1.4.3)."""
GROUNDS = ("background", "surface", "panel", "cursor-row")
TEXTS = ("foreground", "text-muted", *COLOURS[:-1], "accent", "success", "warning", "error")

# Blue, yellow and red that stay apart under protan, deutan and tritan vision, for dark and for light grounds.
_SAFE = {
    True: {"kpi-on": "#5BC0F0", "kpi-watch": "#F5E960", "kpi-off": "#E8788A"},
    False: {"kpi-on": "#3558C8", "kpi-watch": "#66601A", "kpi-off": "#6E0F3C"},
}
_TERMINAL = {
    "kpi-on": "ansi_bright_blue",
    "kpi-watch": "ansi_yellow",
    "kpi-off": "ansi_red",
    "kpi-none": "ansi_bright_black",
    "spark": "ansi_default",
    "target": "ansi_default",
    "limit": "ansi_bright_black",
    "goal": "ansi_magenta",
    "cursor-row": "ansi_default",
    # The terminal's own background is not known, so only reverse is sure to be seen on it.
    "cursor-row-text-style": "reverse",
}
# What Textual's own style sheets use and its colour system leaves out for such themes; without them it does not start.
_TERMINAL_GAPS = {
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "foreground-disabled": "ansi_bright_black",
    "surface-active": "ansi_default",
}


class ThemeSpec(NamedTuple):
    """A theme as its file has it: `fields` are arguments of Textual's `Theme`, all but `primary` may be missing."""

    name: str
    path: str
    fields: Mapping[str, object]

    def textual(self) -> Theme:
        """The Textual theme, with each of `VARIABLES` set."""
        from textual.theme import Theme

        fields = dict(self.fields)
        if fields.get("dark") is None:
            fields["dark"] = _is_dark(fields.get("background"))
        theme = Theme(**fields)  # type: ignore[arg-type]  # checked when the file was read
        # A new dict: Textual keeps the one it is given, and this one is the file's.
        computed = defaults(theme) if set(VARIABLES) - set(theme.variables) else {}
        theme.variables = {**(_TERMINAL_GAPS if theme.ansi else {}), **computed, **theme.variables}
        return theme


class _Shipped(Mapping[str, object]):
    """What a shipped file has, read when somebody looks: a start draws with one theme and needs none of the others."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._read: dict[str, object] = {}

    def _fields(self) -> dict[str, object]:
        if not self._read:
            self._read = _table(self._path)
        return self._read

    def __getitem__(self, name: str) -> object:
        return self._fields()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields())

    def __len__(self) -> int:
        return len(self._fields())


class Themes(NamedTuple):
    by_name: dict[str, ThemeSpec]
    problems: list[str]
    """One sentence for each file that cannot be used: which, where in it, what to do."""

    def find(self, name: str) -> ThemeSpec | None:
        """The theme called `name`, or by the short words `dark`, `light` and `contrast`."""
        return self.by_name.get(name) or self.by_name.get(_SHORT.get(name, name))

    def notice(self) -> str | None:
        """All problems in one line for the message row; None when there is none."""
        if not self.problems:
            return None
        if len(self.problems) == 1:
            return self.problems[0]
        return f"{len(self.problems)} theme files cannot be used; kpitui themes says why."


def load_themes(folders: Iterable[str]) -> Themes:
    """Every theme of `folders` (see `paths.theme_folders`), the later winning by name. Folders need not exist.

    A file that cannot be used is a problem and no more: a theme of that name from an earlier folder stays in force.
    """
    found = Themes({}, [])
    for folder in folders:
        here: dict[str, str] = {}
        if folder == paths.shipped_themes():
            # Tested before they are shipped: each can be used, and its name is that of its file.
            for path in _files(folder, found.problems):
                name = os.path.basename(path).removesuffix(".toml")
                found.by_name[name] = ThemeSpec(name, path, _Shipped(path))
            continue
        for path in _files(folder, found.problems):
            spec, problem = read_theme(path)
            if spec is None:
                found.problems.append(problem)
            elif spec.name in here:
                other = here[spec.name]
                found.problems.append(f"{clean(path)}: {other} beside it is called '{spec.name}', too. Rename one.")
            else:
                here[spec.name] = clean(os.path.basename(path))
                found.by_name[spec.name] = spec
    return found


def read_theme(path: str) -> tuple[ThemeSpec | None, str]:
    """The theme in one file, or None and a sentence that says what is wrong with it."""
    try:
        table = _table(path)
    except OSError as error:
        return None, f"{clean(path)} cannot be read: {error.strerror or error}."
    except ValueError as error:
        return None, f"{clean(path)}: {clean(str(error))}."
    if os.path.dirname(os.path.abspath(path)) != paths.shipped_themes():
        from kpitui.theme_file import check

        problem = check(table)
        if problem:
            return None, f"{clean(path)}, {clean(problem)}"
    return ThemeSpec(str(table["name"]), path, table), ""


class ThemeWatch:
    """Tells when the file of the theme in use has changed; the caller decides how often to ask."""

    def __init__(self, spec: ThemeSpec) -> None:
        self._path = spec.path
        self._seen = _stamp(spec.path)

    def poll(self) -> ThemeSpec | str | None:
        """The theme as it is now, once after each change; a sentence when it cannot be used now; None for no change.

        A file that is gone for a moment, as while an editor saves it, is no change.
        """
        stamp = _stamp(self._path)
        if stamp is None or stamp == self._seen:
            return None
        self._seen = stamp
        spec, problem = read_theme(self._path)
        return spec or problem


def defaults(theme: Theme) -> dict[str, str]:
    """Each of `VARIABLES` for any Textual theme, its own built-in ones too, worked out from the theme's colours.

    Statuses are the colour-blind-safe ones, made lighter or darker until they are legible on every ground of the theme.
    Those the theme sets itself are given as set.
    """
    from textual.color import Color

    own = {name: value for name, value in theme.variables.items() if name in VARIABLES}
    if theme.ansi:
        return {**_TERMINAL, **own}
    base = {name: Color.parse(value) for name, value in theme.to_color_system().generate().items() if name in _BASE}
    primary, text = base["primary"], base["foreground"].with_alpha(1.0)
    row = Color.parse(own["cursor-row"]) if "cursor-row" in own else base["surface"].blend(primary, 0.15, 1.0)
    grounds = [ground.with_alpha(1.0) for ground in (base["background"], base["surface"], base["panel"], row)]
    muted = text.blend(base["background"], 0.3, 1.0)
    wanted = {name: Color.parse(value) for name, value in _SAFE[theme.dark].items()}
    wanted |= {"kpi-none": muted, "spark": text.blend(primary, 0.2, 1.0), "target": text, "limit": muted}
    wanted["goal"] = base["accent"].with_alpha(1.0)
    computed = {name: _legible(colour, grounds).hex6 for name, colour in wanted.items()}
    return {**computed, "cursor-row": grounds[-1].hex6, "cursor-row-text-style": "none", **own}


_BASE = {"primary", "foreground", "background", "surface", "panel", "accent"}


def contrasts(theme: Theme) -> dict[tuple[str, str], float]:
    """WCAG contrast, 1 to 21, of each of `TEXTS` on each of `GROUNDS` and of the footer's texts on the footer.

    Empty for a theme of the terminal's own colours, which nobody can know.
    """
    if theme.ansi:
        return {}
    values = {**theme.to_color_system().generate(), **defaults(theme), **theme.variables}
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs += [(f"footer-{part}foreground", "footer-background") for part in ("", "key-", "description-")]
    return {(text, ground): _contrast(values[text], values[ground]) for text, ground in pairs}


def _contrast(text: str, ground: str) -> float:
    from textual.color import Color

    under = Color.parse(ground).with_alpha(1.0)
    if text.startswith("auto"):
        share = float(text.removeprefix("auto").strip(" %") or 100) / 100
        over = under.get_contrast_text(share)
    else:
        over = Color.parse(text)
    return contrast((under + over).rgb, under.rgb)


def contrast(one: Sequence[int], other: Sequence[int]) -> float:
    """The contrast ratio of two sRGB colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(rgb: Sequence[int]) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _unit(rgb))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _unit(rgb: Sequence[int]) -> tuple[float, ...]:
    return tuple(part / 255 for part in rgb[:3])


def _legible(colour: Color, grounds: Sequence[Color]) -> Color:
    """`colour`, or the nearest step towards white or black that is legible on all `grounds`.

    Towards whichever of the two is the more legible in the end; where the grounds leave no such step, that end.
    """
    from textual.color import Color

    def least(candidate: Color) -> float:
        return min(contrast(candidate.rgb, ground.rgb) for ground in grounds)

    end = max((Color(255, 255, 255), Color(0, 0, 0)), key=least)
    steps = (colour.blend(end, share / 20, 1.0) for share in range(21))
    return next((step for step in steps if least(step) >= LEGIBLE), end)


def colour_problem(value: str) -> str | None:
    """Why Textual would not take `value` for a colour; None when it would."""
    from textual.color import Color, ColorParseError

    try:
        Color.parse(value)
    except ColorParseError as error:
        near = f"; did you mean {error.suggested_color}?" if error.suggested_color else ""
        return f"'{value}' is no colour: write #rrggbb, a CSS name or ansi_blue{near}"
    return None


def known_variables() -> set[str]:
    """Every variable that a theme may set: our own and Textual's."""
    from textual.design import ColorSystem

    return {*VARIABLES, *ColorSystem("#000000").generate(), *ColorSystem("#000000", ansi=True).generate()}


def _is_dark(background: object) -> bool:
    from textual.color import Color

    return True if background is None else Color.parse(str(background)).brightness < 0.5


def _files(folder: str, problems: list[str]) -> list[str]:
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".toml") and not name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        problems.append(f"{clean(folder)} cannot be read: {error.strerror or error}.")
        return []
    return [os.path.join(folder, name) for name in names]


def _table(path: str) -> dict[str, object]:
    """Raises OSError, or ValueError when the file is no TOML."""
    import tomllib

    # A pipe or device of that name would keep the start waiting for ever.
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError("this is no ordinary file")
    with open(path, "rb") as file:
        raw = file.read(_LARGEST_FILE + 1)
    if len(raw) > _LARGEST_FILE:
        raise ValueError(f"larger than {_LARGEST_FILE} bytes, which no theme is")
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError("not written in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"not TOML: {error}") from error


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
