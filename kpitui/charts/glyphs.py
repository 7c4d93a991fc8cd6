"""The signs the screens are made of, in three sets, and which set a terminal can show.

`unicode` is for a UTF-8 terminal with an ordinary font. `blocks` keeps to the signs that fonts have carried since the
DOS code pages (no braille, no dingbats). `ascii` needs nothing. Every sign is one cell wide unless its line says
otherwise, so a screen laid out with one set is laid out with all.
"""

from __future__ import annotations

from collections.abc import Mapping

from kpitui.domain.named import NamedTuple


class Glyphs(NamedTuple):
    """One set. A name ending in s holds several signs, in the order its comment gives."""

    name: str
    # Status, always the first cell of a row.
    on: str
    watch: str
    off: str
    none: str
    stale: str
    paused: str
    draft: str
    # Kinds and flags.
    goal: str
    snoozed: str
    cursor: str
    check: str
    signal: str
    note: str
    corrected: str
    flagged: str
    shared: str
    alarm: str  # two cells in ascii
    timer: str
    # Raw movement over the last periods, never coloured; two cells each in ascii.
    up: str
    flat: str
    down: str
    # Cells of the entry grid.
    not_asked: str  # two cells
    due: str  # four cells
    typing: str
    # Text.
    ellipsis: str
    enter: str  # three cells in blocks and ascii
    dot: str
    dash: str
    at_least: str  # two cells in ascii
    at_most: str  # two cells in ascii
    # Tree: open, closed.
    folds: str
    # Frames.
    horizontal: str
    vertical: str
    top_left: str
    top_right: str
    bottom_left: str
    bottom_right: str
    tee_right: str
    tee_left: str
    tee_down: str
    tee_up: str
    cross: str
    # Sparkline: the levels from low to high, the sign of a series that does not move, and of a missing period.
    levels: str
    level: str
    missing: str
    # Bullet and progress bars: parts of a cell from least to whole, empty, target, watch band, less than zero, ends.
    eighths: str
    empty: str
    tick: str
    band: str
    below: str
    left_end: str
    right_end: str
    # Level marks: lower and upper half of a row.
    low_mark: str
    high_mark: str
    # Lines behind a series: target across level marks, target and limits and baseline in a chart.
    target_marks: str
    target: str
    limit: str
    baseline: str
    plot_marker: str  # the name plotext knows it by


UNICODE = Glyphs(
    name="unicode",
    on="●",
    watch="◆",
    off="✗",
    none="○",
    stale="◌",
    paused="‖",
    draft="□",
    goal="★",
    snoozed="z",
    cursor="▸",
    check="✓",
    signal="*",
    note="¶",
    corrected="·",
    flagged="?",
    shared="=",
    alarm="‼",
    timer="◷",
    up="↗",
    flat="→",
    down="↘",
    not_asked="░░",
    due="____",
    typing="▏",
    ellipsis="…",
    enter="⏎",
    dot="·",
    dash="─",
    at_least="≥",
    at_most="≤",
    folds="▾▸",
    horizontal="─",
    vertical="│",
    top_left="┌",
    top_right="┐",
    bottom_left="└",
    bottom_right="┘",
    tee_right="├",
    tee_left="┤",
    tee_down="┬",
    tee_up="┴",
    cross="┼",
    levels="▁▂▃▄▅▆▇█",
    level="▄",
    missing="·",
    eighths="▏▎▍▌▋▊▉█",
    empty=" ",
    tick="│",
    band="░",
    below="‹",
    left_end="",
    right_end="",
    low_mark="▄",
    high_mark="▀",
    target_marks="┄",
    target="─",
    limit="┈",
    baseline="╌",
    plot_marker="braille",
)

BLOCKS = UNICODE._replace(
    name="blocks",
    watch="◊",
    off="×",
    stale="?",
    paused="=",
    goal="☼",
    cursor="►",
    check="√",
    timer="@",
    up="↑",
    down="↓",
    typing="_",
    enter="Ent",
    folds="▼►",
    target_marks="─",
    limit="·",
    baseline="=",
    plot_marker="hd",
)

ASCII = Glyphs(
    name="ascii",
    on="+",
    watch="~",
    off="!",
    none=".",
    stale="?",
    paused="=",
    draft="o",
    goal="*",
    snoozed="z",
    cursor=">",
    check="x",
    signal="*",
    note=";",
    corrected="'",
    flagged="?",
    shared="=",
    alarm="!!",
    timer="@",
    up="up",
    flat="==",
    down="dn",
    not_asked="##",
    due="____",
    typing="_",
    ellipsis="~",
    enter="Ent",
    dot="-",
    dash="-",
    at_least=">=",
    at_most="<=",
    folds="v>",
    horizontal="-",
    vertical="|",
    top_left="+",
    top_right="+",
    bottom_left="+",
    bottom_right="+",
    tee_right="+",
    tee_left="+",
    tee_down="+",
    tee_up="+",
    cross="+",
    # A missing period is a colon: a full stop is a level here, and a blank would hide that a value is owed.
    levels="_.-=^",
    level="-",
    missing=":",
    eighths="#",
    empty="-",
    tick="|",
    band="~",
    below="<",
    left_end="[",
    right_end="]",
    low_mark="_",
    high_mark='"',
    target_marks="-",
    target="-",
    limit=".",
    baseline="=",
    plot_marker="*",
)

SETS: dict[str, Glyphs] = {glyphs.name: glyphs for glyphs in (UNICODE, BLOCKS, ASCII)}

_FIELD_OF_STATUS = {
    "on_track": "on",
    "achieved": "on",
    "at_risk": "watch",
    "off_track": "off",
    "missed": "off",
    "no_target": "none",
    "no_data": "none",
    "not_started": "none",
    "stale": "stale",
    "paused": "paused",
    "draft": "draft",
}
_VARIABLE_OF_FIELD = {"on": "kpi-on", "watch": "kpi-watch", "off": "kpi-off"}


def mark(status: str, glyphs: Glyphs) -> str:
    """The one-cell sign of a status word (`on_track`, `at_risk`, …).

    Raises ValueError for a word that is no status: a row must never look healthy, or empty, by mistake.
    """
    sign: str = getattr(glyphs, _field(status))
    return sign


def colour(status: str) -> str:
    """The theme variable a status is drawn in: `kpi-on`, `kpi-watch`, `kpi-off` or, for all the others, `kpi-none`."""
    return _VARIABLE_OF_FIELD.get(_field(status), "kpi-none")


def _field(status: str) -> str:
    try:
        return _FIELD_OF_STATUS[status]
    except KeyError:
        raise ValueError(f"'{status}' is no status; the words are {', '.join(_FIELD_OF_STATUS)}.") from None


def speaks_utf8(env: Mapping[str, str]) -> bool:
    """Whether the terminal's locale is UTF-8.

    The locale is the first of LC_ALL, LC_CTYPE and LANG that is not empty, as POSIX says.
    """
    locale = next((env[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if env.get(name)), "")
    # Windows has no locale variables; its Terminal sets this one and is UTF-8 throughout.
    return "utf8" in locale.lower().replace("-", "") or "WT_SESSION" in env


def choose(env: Mapping[str, str], setting: str | None = None) -> Glyphs:
    """The set for this terminal: a `setting` of `unicode`, `blocks` or `ascii` wins, with `auto` or none `env` decides.

    Raises ValueError for another setting.
    """
    if setting and setting != "auto":
        if setting not in SETS:
            raise ValueError(f"'{setting}' is no glyph set; write one of auto, {', '.join(SETS)}.")
        return SETS[setting]
    term = env.get("TERM", "")
    # The Linux console holds 512 glyphs and the hardware it descends from fewer.
    if term == "linux" or term.startswith("vt"):
        return ASCII
    return UNICODE if speaks_utf8(env) else ASCII
