"""The one table of keys: what every key does, on which screen, and how that is said in footer, Help and palette.

Plain data, nothing of Textual. A key is written as a person names it (`j`, `[`, `ctrl+d`, `pagedown`); several keys of
one verb are separated by spaces. Every printable key has one verb; a screen may leave a verb out but never gives its
key another one. The exceptions are apart: value cells, text lines, and the agenda digits of a running review.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpitui.cell_keys import APART_VERBS
from kpitui.errors import WrongUsage
from kpitui.verb import Verb as Verb

PREFIX = "g"
GROUPS = ("Go", "Move", "Look", "Make things", "kpitui", "Only here", "Value cells", "Text lines")
APART = ("cell", "line")

TABS: tuple[tuple[str, str, str, str], ...] = (
    ("home", "1", "h", "Home"),
    ("tree", "2", "t", "Tree"),
    ("entry", "3", "e", "Entry"),
    ("due", "4", "i", "Due"),
    ("review", "5", "r", "Review"),
    ("alerts", "6", "a", "Alerts"),
    ("doctor", "7", "d", "Doctor"),
    ("log", "8", "l", "Log"),
    ("library", "9", "b", "Library"),
    ("settings", "0", "s", "Settings"),
)
"""Name, digit, letter after `g`, title; the digits are fixed whether or not a screen is there."""

KEPT_FREE = ("alerts",)
"""Tabs whose digit and letter are kept for them: no list of keys offers a screen that is not there."""

_TAB_HELP = {
    "home": "the goal, its KPIs, what is due, the next review",
    "tree": "goal, KPIs and metrics as one hierarchy",
    "entry": "the grid of values",
    "due": "what is owed, late first",
    "review": "hold a review, read the past ones",
    "alerts": "what crossed a line",
    "doctor": "what is wrong with the set-up or the data",
    "log": "who changed what, and when",
    "library": "templates to start from",
    "settings": "settings, themes and keys",
}

_GRIDS = ("entry", "due")

VERBS: tuple[Verb, ...] = (
    *(
        Verb(name, digit, title, f"{title}: {_TAB_HELP[name]}", "Go", palette=f"Go to {title}", go=letter)
        for name, digit, letter, title in TABS
    ),
    *(Verb(f"kpi_{n}", "", f"KPI {n}", f"open KPI {n}", "Go", palette=f"Go to KPI {n}", go=str(n)) for n in (1, 2, 3)),
    Verb("open", "enter o", "open", "open what the cursor is on", "Go", rank=95),
    Verb("back", "escape", "back", "back one layer; never leaves kpitui", "Go", palette="Back"),
    Verb("back_or_leave", "q", "back", "back one layer at once; on a tab it leaves kpitui", "Go"),
    Verb("next_pane", "tab", "pane", "next pane", "Go", rank=40),
    Verb("previous_pane", "shift+tab", "pane", "previous pane", "Go"),
    Verb("down", "j down", "down", "down", "Move"),
    Verb("up", "k up", "up", "up", "Move"),
    Verb("left", "h left", "fold", "fold; previous part or field", "Move"),
    Verb("right", "l right", "unfold", "unfold; next part or field", "Move"),
    Verb("top", "home", "top", "to the top", "Move", go="g"),
    Verb("bottom", "G end", "bottom", "to the bottom", "Move"),
    Verb("half_down", "ctrl+d", "half down", "half a page down", "Move"),
    Verb("half_up", "ctrl+u", "half up", "half a page up", "Move"),
    Verb("page_down", "pagedown", "page down", "a page down", "Move"),
    Verb("page_up", "pageup", "page up", "a page up", "Move"),
    Verb("previous_item", "(", "previous", "previous item", "Move", palette="Previous item"),
    Verb("next_item", ")", "next", "next item", "Move", palette="Next item"),
    Verb("mark", "space", "mark", "mark one and step down", "Move", rank=45),
    Verb("mark_range", "v", "range", "mark a range", "Move"),
    Verb("filter", "/", "filter", "filter this list while typing; esc clears", "Look", rank=60, palette="Filter"),
    Verb("exceptions", "!", "exceptions", "exceptions only", "Look", rank=65, palette="Exceptions only"),
    Verb("mine", "@", "mine", "mine only", "Look", rank=55, palette="Mine only"),
    Verb("facet", "f", "facet", "next facet of this list; all", "Look", rank=50, palette="Show all, or the next facet"),
    Verb("sort", "s", "sort", "sort by the next column", "Look", rank=30, palette="Sort by the next column"),
    Verb("sort_reverse", "S", "reverse", "sort the other way round", "Look", palette="Reverse the sorting"),
    Verb("older", "[", "older", "the period before", "Look", rank=45, palette="Older period"),
    Verb("newer", "]", "newer", "the period after", "Look", rank=45, palette="Newer period"),
    Verb("this_period", "t", "now", "this period", "Look", rank=40, palette="This period"),
    Verb("shorter", "<", "shorter", "a shorter span", "Look", rank=40, palette="Shorter span"),
    Verb("longer", ">", "longer", "a longer span", "Look", rank=40, palette="Longer span"),
    Verb("as_of", "W", "as of", "another day, as it was known then; empty is today", "Look", palette="As of a day"),
    Verb("as_known", "~", "known", "as known then, or what is known now of it", "Look", palette="Known then, now"),
    Verb("cadence", "b", "cadence", "cadence: week, month, quarter, year", "Look", palette="Cadence"),
    Verb("why", "w", "why", "why did it move", "Look", palette="Why did it move"),
    Verb("whatif", "V", "what if", "vary: what would be, what each driver must reach", "Look", palette="What if"),
    Verb("info", "i", "info", "what is this, and why do we ask", "Look", palette="What is this"),
    Verb("full", "F", "full screen", "full screen, for the wall", "Look", rank=35, palette="Full screen"),
    Verb("copy", "y", "copy", "copy the row, block, chart or minutes", "Look", rank=30, palette="Copy"),
    Verb(
        "check_in",
        "c",
        "check-in",
        "check in: value, note, confidence for KPIs",
        "Make things",
        rank=90,
        palette="Check in a value",
        writes=True,
    ),
    Verb("new", "n", "new", "new: what this list holds", "Make things", (), 70, "New goal or metric", writes=True),
    Verb(
        "edit",
        "e",
        "edit",
        "edit what the cursor is on",
        "Make things",
        rank=60,
        palette="Edit what the cursor is on",
        writes=True,
    ),
    Verb(
        "archive",
        "d",
        "archive",
        "archive; never deletes, u brings it back",
        "Make things",
        palette="Archive",
        writes=True,
    ),
    Verb(
        "attach",
        "M",
        "attach",
        "attach to another parent",
        "Make things",
        palette="Attach to another parent",
        writes=True,
    ),
    Verb("note", "m", "note", "memo: a note on it", "Make things", rank=65, palette="Write a note", writes=True),
    Verb("action", "a", "action", "action: what @who when", "Make things", rank=65, palette="New action", writes=True),
    Verb(
        "target",
        "T",
        "target",
        "new target: 32 from 1 jan ; why",
        "Make things",
        rank=60,
        palette="Set a new target",
        writes=True,
    ),
    Verb("promote", "p", "promote", "promote to KPI", "Make things", rank=55, palette="Promote to KPI", writes=True),
    Verb(
        "demote", "P", "demote", "demote to plain metric", "Make things", palette="Demote to plain metric", writes=True
    ),
    Verb(
        "playbook",
        "E",
        "playbook",
        "what to do about a miss: causes, support, first steps",
        "Make things",
        rank=35,
        palette="Playbook of a miss",
    ),
    Verb(
        "start_review",
        "r",
        "review",
        "start or resume the review",
        "Make things",
        rank=80,
        palette="Start or resume the review",
        writes=True,
    ),
    Verb("close", "x", "close", "close it: seen, none, done, waived", "Make things", (), 60, "Close it", writes=True),
    Verb("snooze", "z", "snooze", "snooze until a date", "Make things", rank=45, palette="Snooze", writes=True),
    Verb("undo", "u", "undo", "undo the last change", "Make things", rank=40, palette="Undo", writes=True),
    Verb("redo", "U ctrl+r", "redo", "redo what was undone", "Make things", palette="Redo", writes=True),
    Verb("help", "? f1", "help", "help for where I am", "kpitui", rank=99, palette="Help"),
    Verb("commands", ": ctrl+p", "cmd", "any command or name by its words", "kpitui", rank=99),
    Verb("redraw", "ctrl+l", "redraw", "redraw the screen", "kpitui", palette="Redraw the screen"),
    Verb("suspend", "ctrl+z", "suspend", "suspend; fg comes back", "kpitui", palette="Suspend"),
    Verb("quit", "ctrl+q", "leave", "leave kpitui from anywhere", "kpitui", palette="Leave kpitui"),
    # Only on one screen.
    Verb("new_sibling", "N", "sibling", "new sibling", "Only here", ("tree",), 65, palette="New sibling", writes=True),
    Verb(
        "row_down",
        "J",
        "move",
        "move the row down",
        "Only here",
        ("tree",),
        50,
        palette="Move the row down",
        writes=True,
    ),
    Verb("row_up", "K", "move", "move the row up", "Only here", ("tree",), 50, palette="Move the row up", writes=True),
    Verb(
        "outdent", "H", "outdent", "outdent the row", "Only here", ("tree",), 45, palette="Outdent the row", writes=True
    ),
    Verb("indent", "L", "indent", "indent the row", "Only here", ("tree",), 45, palette="Indent the row", writes=True),
    Verb("fold_all", "*", "fold all", "fold or unfold all", "Only here", ("tree",), 30, palette="Fold all"),
    Verb("accept_all", "X", "accept ?", "accept all marked ?", "Only here", _GRIDS, 35, "Accept all ?", writes=True),
    Verb("chart", "C", "chart", "next kind of chart", "Only here", ("detail",), 55, palette="Kind of chart"),
    Verb(
        "override", "O", "verdict", "your own verdict", "Only here", ("detail",), 30, palette="Own verdict", writes=True
    ),
    Verb(
        "limits", "R", "limits", "draw or lock natural limits", "Only here", ("detail",), 29, "Draw limits", writes=True
    ),
    Verb(
        "decision",
        "D",
        "decide",
        "write a decision",
        "Only here",
        ("review",),
        70,
        palette="Write a decision",
        writes=True,
    ),
    Verb("issue", "I", "issue", "park an issue", "Only here", ("review",), 60, palette="Park an issue", writes=True),
    Verb(
        "pause",
        "ctrl+t",
        "pause",
        "pause the clock",
        "Only here",
        ("review",),
        20,
        palette="Pause the clock",
        writes=True,
    ),
    *(Verb(f"step_{n}", str(n), f"step {n}", f"step {n} of the agenda", "Only here", ("review",)) for n in range(1, 7)),
    Verb("answer", "Y", "answer", "answer a proposal", "Only here", ("due",), 35, "Answer proposals", writes=True),
    Verb(
        "revert",
        "B",
        "revert this",
        "revert this change, as a new change",
        "Only here",
        ("log",),
        80,
        palette="Revert this change",
        writes=True,
    ),
    Verb(
        "audit",
        "A",
        "audit",
        "values to look at; there, five to compare with their source",
        "Only here",
        ("log", "audit", "doctor"),
        40,
        palette="Audit of the values",
        writes=True,
    ),
    *APART_VERBS,
)


SCREENS = (*(name for name, *_ in TABS), "audit", "detail", "goal", "playbook", "promote", "whatif")

_HAZARDS = {f"ctrl+{letter}" for letter in "abhijm["} | {"ctrl+enter", "ctrl+space"}
_SHOWN = {"escape": "esc", "pagedown": "PgDn", "pageup": "PgUp", "home": "Home", "end": "End"}


def hazard(key: str) -> str:
    """Why `key` must not be needed for anything, or "" when it is safe."""
    if key.startswith("alt+"):
        return "terminals send Alt as Esc and a letter"
    if key.startswith(("shift+", "ctrl+shift+")) and key != "shift+tab":
        return "many terminals do not tell Shift from no Shift on it"
    if key.startswith("ctrl+") and key[5:] in ("up", "down", "left", "right"):
        return "many terminals keep it for themselves"
    if key in _HAZARDS:
        return "tmux, screen or the terminal itself takes it for something else"
    if key in ("ctrl+c", "ctrl+s", "ctrl+\\", "escape escape"):
        return "the terminal may act on it"
    return ""


def shown(key: str, enter: str = "⏎") -> str:
    """A key as a person reads it: `enter` as ⏎ or the glyph set's, `escape` as esc."""
    return enter if key == "enter" else _SHOWN.get(key, key)


def from_config(table: Mapping[str, str]) -> dict[str, str]:
    """The keys of a configuration file, where commas may stand between them."""
    return {id_: keys if keys == "," else keys.replace(",", " ") for id_, keys in table.items()}


def rebound(overrides: Mapping[str, str]) -> tuple[Verb, ...]:
    """The table with the keys of `overrides` (verb id to keys, separated by spaces) in place of the shipped ones.

    Raises WrongUsage for a verb that does not exist or is not free to move, a hazard key, `g`, or a key that another
    verb holds.
    """
    known = {verb.id: verb for verb in VERBS}
    for id_, keys in overrides.items():
        verb = known.get(id_)
        if verb is None:
            raise WrongUsage(f"keys: there is no verb '{id_}'. `kpitui keys` lists them all.")
        if set(verb.screens) & set(APART):
            raise WrongUsage(f"keys: '{id_}' belongs to value cells or text lines and keeps its keys. Take it out.")
        for key in keys.split():
            if key == PREFIX:
                raise WrongUsage(f"keys: 'g' starts the go-to keys and cannot be '{id_}' too. Choose another key.")
            if reason := hazard(key):
                raise WrongUsage(f"keys: {key} cannot be '{id_}', {reason}. Choose another key.")
        if not keys.split():
            raise WrongUsage(f"keys: '{id_}' has no key. Name one, or take the line out.")
    table = tuple(
        verb._replace(keys=" ".join(overrides[verb.id].split())) if verb.id in overrides else verb for verb in VERBS
    )
    if clash := clashes(table):
        key, first, second, screen = clash[0]
        mine, other = (first, second) if first.id in overrides else (second, first)
        where = f" on {screen}" if screen else ""
        raise WrongUsage(
            f"keys: {key} cannot be '{mine.id}', it is '{other.id}' ({other.help}){where}. "
            f"Choose another key, or give '{other.id}' one too."
        )
    return table


def clashes(table: Iterable[Verb]) -> list[tuple[str, Verb, Verb, str]]:
    """Every key that two verbs hold in the same place: key, both verbs, the screen or ""."""
    table = tuple(table)
    found = []
    for screen in ("", *SCREENS, *APART):
        seen: dict[str, Verb] = {}
        for verb in table:
            if (verb.screens and screen not in verb.screens) or (screen in APART and not verb.screens):
                continue
            for key in _all_keys(verb):
                other = seen.setdefault(key, verb)
                # The agenda digits of a running review take the place of the tabs there, and only there.
                if other is not verb and not (screen == "review" and verb.id.startswith("step_")):
                    if screen == "" or other.screens or verb.screens:
                        found.append((key, other, verb, screen))
    return found


def _all_keys(verb: Verb) -> list[str]:
    return verb.keys.split() + ([f"{PREFIX} {verb.go}"] if verb.go else [])


def on_screen(screen: str, table: Iterable[Verb] = VERBS) -> list[Verb]:
    """The verbs that keys reach on a screen, its own ones first."""
    verbs = [verb for verb in table if not set(verb.screens) & set(APART)]
    own = [verb for verb in verbs if screen in verb.screens]
    return own + [verb for verb in verbs if not verb.screens]


def continuations(table: Iterable[Verb] = VERBS) -> dict[str, Verb]:
    """What may follow `g`: key to verb."""
    return {verb.go: verb for verb in table if verb.go}


def label(verb: Verb, enter: str = "⏎") -> str:
    """All keys of a verb for a reader: `j down`, `g h`."""
    keys = [shown(key, enter) for key in verb.keys.split()]
    if verb.go:
        keys.append(f"{PREFIX} {verb.go}")
    return " ".join(keys) if not verb.go else ", ".join(keys)
