"""What the footer of each screen says, and what of it fits. Plain data over the table of keys; nothing of Textual."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from kpitui.domain.named import NamedTuple
from kpitui.keys import PREFIX, Verb, shown


class Hint(NamedTuple):
    """One hint of a footer: the verbs whose first keys it names, its word, and when it leaves a narrow footer."""

    verbs: str
    word: str = ""
    """Empty for the verb's own; after a | what it is below 60 columns."""
    rank: int = 0
    """0 for the rank of the first verb."""
    keys: str = ""
    """Written in place of the keys, where naming each would be too long."""
    only: str = ""
    """`wide` from 120 columns, `roomy` from 60, `small` below."""
    help: str = ""
    """What Help says of it here; empty for the verb's own. A hint with a word of its own needs one."""


WIDTHS = {"": (0, 10**6), "small": (0, 60), "roomy": (60, 10**6), "wide": (120, 10**6)}
"""The columns from which and below which a hint is shown."""

_GO = Hint("home", "go", 62, keys=PREFIX, only="small", help="then the letter of a screen: h home, t tree, e entry, …")

_NOTE = Hint("cell_type", "note", 60, keys=";", help="a note on the value: 30 ; late invoice")
_TYPE = Hint(
    "cell_type", "type", 80, keys="0-9 + -", only="roomy", help="type over the value; +5 and 5% count from the last"
)
_DROP = Hint("cell_drop", rank=70, only="wide", help="drop what is being typed")

FOOTERS: dict[str, tuple[Hint, ...]] = {
    "home": (
        Hint("open"),
        Hint("check_in", rank=98),
        Hint("start_review", rank=97),
        Hint("exceptions"),
        Hint("mine", rank=30),
        Hint("filter"),
        Hint("older newer", "period", 28, help="the period before, the one after"),
        Hint("full", rank=26),
        Hint("next_pane"),
        _GO._replace(rank=96),
    ),
    "first_run": (
        Hint("new", "goal", 95, help="write the goal"),
        Hint("library", "templates", 90, help="KPIs to start from, ready made"),
    ),
    "first_kpis": (
        Hint("new", "KPI", 95, help="write a KPI below the goal"),
        Hint("library", "templates", 90, help="KPIs to start from, ready made"),
    ),
    "tree": (
        Hint("open"),
        Hint("new", "new child", 90, help="a goal, KPI or metric below this row"),
        Hint("new_sibling", rank=30),
        Hint("edit", rank=89),
        Hint("target", rank=28),
        Hint("promote", rank=80),
        Hint("demote", rank=26),
        Hint("row_down row_up", rank=60, help="move the row down or up"),
        Hint("outdent indent", "indent", 55, help="one level out, one level in"),
        Hint("archive", rank=24),
        _GO,
    ),
    "detail": (
        Hint("action", rank=90),
        Hint("note", rank=89),
        Hint("target", rank=88),
        Hint("check_in", rank=87),
        Hint("edit", rank=30),
        Hint("chart", rank=80),
        Hint("shorter longer", "span", 70, help="fewer or more periods in the chart"),
        Hint("previous_item next_item", "item", 28, help="the item before, the one after"),
        Hint("override", rank=27),
        Hint("limits", rank=25),
        Hint("copy", rank=26),
        _GO,
    ),
    "no_metrics": (
        Hint("tree", "tree: n makes a metric|tree", 95, help="the tree, where n makes a metric"),
        Hint("library", "templates", 90, help="KPIs to start from, ready made"),
    ),
    "entry": (
        _TYPE,
        Hint("cell_save", "save, down|save", 95),
        _NOTE,
        Hint("cell_same"),
        Hint("cell_none", rank=79),
        Hint("cell_block", rank=20),
        Hint("older newer", "weeks", 28, help="a period back, a period on"),
        Hint("this_period", rank=26, help="back to the present period"),
        Hint("mine", rank=24),
        Hint("undo", rank=50),
    ),
    # What a digit costs on the line is what it changes: these stand where they stood before.
    "entry_typing": (_TYPE, Hint("cell_save", "save, down|save", 95), _NOTE, _DROP),
    "due": (
        _TYPE._replace(keys="0-9"),
        Hint("cell_save", "save, next|save", 95, help="save and go to the next one"),
        Hint("down", "skip", 70, keys="j", help="leave it for now, to the next one"),
        Hint("cell_same"),
        Hint("cell_none", rank=79),
        Hint("snooze", rank=60),
        Hint("right", "older", 65, help="every period of this metric that is owed; h folds them again"),
        _NOTE._replace(rank=30),
        Hint("mine", rank=28),
        Hint("facet", "late", 26, help="only what is late, or all"),
        Hint("accept_all", rank=18),
    ),
    "due_typing": (
        _TYPE._replace(keys="0-9"),
        Hint("cell_save", "save, next|save", 95, help="save and go to the next one"),
        _NOTE._replace(only="wide"),
        _DROP,
    ),
    "review": (
        Hint("open", rank=93),
        Hint("start_review", "start or resume", 95, help="start the review that is due, or go on with one"),
        Hint("facet", "rhythm", 40, help="the reviews of one rhythm, or all"),
        Hint("copy", "copy minutes", 60, help="copy the minutes of this review"),
        Hint("filter", rank=50),
        _GO,
    ),
    "review_running": (
        Hint("right", "next", 95, help="the next item, then the next step"),
        Hint("left", "back", 70, help="the item or step before"),
        Hint("previous_item next_item", "item", 24, help="the item before, the one after"),
        Hint("note", rank=80),
        Hint("decision", rank=85),
        Hint("action", rank=90),
        Hint("issue", rank=75),
        Hint("check_in", rank=22),
        Hint("open", "full chart", 26, help="the item in full"),
        Hint("exceptions", "all", 40, help="all items, or only the exceptions"),
    ),
    "review_actions": (
        Hint("right", "next", 95, help="the next step"),
        Hint("close", "done", 90, help="done, or open again"),
        Hint("edit", "new date", 85, help="another date or owner for it"),
        Hint("action", rank=80),
        Hint("decision", rank=60),
        Hint("issue", rank=55),
        Hint("undo", rank=40),
    ),
    "review_lines": (
        Hint("right", "next", 95, help="the next step"),
        Hint("left", "back", 70, help="the step before"),
        Hint("decision", rank=85),
        Hint("action", rank=90),
        Hint("issue", rank=75),
        Hint("close", rank=60),
        Hint("edit", rank=55),
        Hint("note", rank=40),
    ),
    "review_reading": (
        Hint("back", "list", 95, help="back to the list of reviews"),
        Hint("copy", "copy minutes", 90, help="copy these minutes"),
        Hint("down up", "scroll", 60, help="scroll a line"),
        _GO,
    ),
    "review_close": (
        Hint("open", "sign off", 95, help="sign off: freeze the figures, write the minutes"),
        Hint("left", "back", 80, help="the step before"),
        Hint("edit", "edit a line", 70, help="reword a line of the review"),
        Hint("copy", "copy minutes", 60, help="copy the minutes so far"),
    ),
    "alerts": (
        Hint("open"),
        Hint("close", "seen", 90, help="seen: it stays away until it fires again"),
        Hint("snooze", rank=85),
        Hint("action", rank=70),
        Hint("note", rank=65),
        Hint("new", "new rule", 60, help="a new rule"),
        Hint("edit", "edit rule", 55, help="change the rule"),
        Hint("sort", rank=24),
        Hint("mine", rank=22),
        _GO,
    ),
    "doctor": (
        Hint("open", "go fix", help="go where it can be mended"),
        Hint("close", "not for us", 90, help="not for us: say why, and it is not asked again"),
        Hint("facet", "all", 60, help="all rules, or only the failing ones"),
        Hint("info", "why", 70, help="why this is asked"),
        Hint("mark", rank=20),
        Hint("copy", "copy report", 40, help="copy the report"),
        _GO,
    ),
    "goal": (
        Hint("open", rank=80),
        Hint("edit", rank=90),
        Hint("new", "next year", 85, help="roll it over to next year"),
        Hint("note", rank=60),
        Hint("copy", rank=30),
        _GO,
    ),
    "whatif": (
        Hint("open", "type", 95, help="another value for this one; the page follows every key"),
        Hint("archive", "take back", 70, help="take back what is supposed of this one"),
        Hint("target", "keep as target", 80, help="keep it as this one's target from today"),
        Hint("older newer", "period", 40, help="the period before, the one after"),
        Hint("copy", rank=26),
        Hint("back", "as it is, back", 60, help="let go of what is supposed; then back"),
    ),
    "promote": (
        Hint("line_save", "next field", 95, help="keep it and go to the next field"),
        Hint("line_complete", "tab / shift+tab", 60, keys=" ", help="the next field, the one before"),
        Hint("answer_yes answer_no", "answer", 50, help="yes or no"),
        Hint("line_form", "promote or save draft|save", 90, help="promote it, or keep it as a draft"),
        Hint("line_drop", "later", 40, help="leave it for later"),
    ),
    "playbook": (
        Hint("open", "fill it in", 95, help="fill the field in"),
        Hint("edit", "write it", 85, help="write it in your own words"),
        Hint("action", rank=60),
        Hint("copy", rank=26),
        Hint("back", rank=70),
    ),
    "log": (
        Hint("open", help="the metric it is about; else what it was before and what after"),
        Hint("revert"),
        Hint("filter", rank=75),
        Hint("facet", "kind", 60, help="one kind of change, or all"),
        Hint("mine", rank=58),
        Hint("older newer", "month", 28, help="the month before, the one after"),
        Hint("copy", rank=24),
        Hint("audit", rank=26),
        Hint("close", "close", 25, help="close a period, or open the closed one again: oct ; books closed"),
        _GO,
    ),
    "audit": (
        Hint("open", "value", help="the value in its metric, where Enter types it anew"),
        Hint("close", "accept", 93, help="it is right as it stands; where accepted ones are shown, ask again"),
        Hint("edit", "move", 90, help="move it to the period that was meant; else type it anew"),
        Hint("archive", "empty", 60, help="take the value out; the history keeps it"),
        Hint("audit", "sample", 85, help="five values at random to compare with their source"),
        Hint("mark", rank=50),
        Hint("facet", "accepted", 55, help="with what was accepted"),
        Hint("filter", rank=75),
        Hint("mine", rank=45),
        Hint("copy", rank=22),
    ),
    "library": (
        Hint("open", "preview", help="see what it would make"),
        Hint("mark", "pick", 80, help="pick one and step down"),
        Hint("new", "use", 90, help="make what is picked"),
        Hint("edit", "edit a copy", 24, help="change a copy of it"),
        Hint("filter", rank=75),
        Hint("facet", "by type", 60, help="one type of company, or all"),
        Hint("copy", "copy as text", 22, help="copy it as text"),
        _GO,
    ),
    "settings": (
        Hint("open", "change", help="change it"),
        Hint("left right", "option", 90, help="the option before, the next one"),
        Hint("mark", "next option", 28, help="the next option: on, off"),
        Hint("archive", "default", 60, help="back to the default"),
        Hint("filter", rank=70),
        Hint("edit", "keys", 80, help="to the keys; there, another key for the verb under the cursor"),
        Hint("copy", "copy as file", 24, help="copy the settings as a file"),
        _GO,
    ),
    "form": (
        Hint("line_save", "next field", 95, help="keep it and go to the next field"),
        Hint("line_complete", "tab / shift+tab", 60, keys=" ", help="the next field, the one before"),
        Hint("answer_yes answer_no", "answer", 50, help="yes or no"),
        Hint("line_form", "save", 90, help="save the whole form"),
        Hint("line_drop", "later", 40, help="leave it for later; what is typed is kept"),
    ),
    "fields": (
        Hint("open", "change", help="change it"),
        Hint("left right", "option", 90, help="the option before, the next one"),
        Hint("archive", "leave open", 60, help="leave it open"),
        Hint("filter", rank=70),
        Hint("undo", rank=50),
        Hint("back", rank=80, help="back to the screen before"),
    ),
    "line": (Hint("line_save"), Hint("line_drop"), Hint("line_complete"), Hint("line_clear"), Hint("line_word")),
    "filter": (
        Hint("line_save", "keep", help="keep the filter"),
        Hint("line_drop", "clear", help="show everything again"),
        Hint("line_complete"),
    ),
    "question": (
        Hint("answer_yes", "yes", 95),
        Hint("answer_no", "no", 94),
        Hint("line_save", "the capital one", 60, help="the answer written as a capital"),
        Hint("line_drop", "no", 40, help="no"),
    ),
    "help": (
        Hint("open", "do it", help="do it"),
        Hint("down up", "move", 80, help="a line down or up"),
        Hint("next_pane", "section", 70, help="the next section"),
        Hint("back", "close", 90, help="close Help"),
    ),
}
"""The hints of each screen and state, in the order they stand; a screen names the one it shows."""

ON_ROW: dict[str, frozenset[str]] = {
    footer: frozenset(verbs.split())
    for footer, verbs in {
        "home": "open check_in",
        "tree": "open new_sibling edit target promote demote row_down row_up outdent indent archive",
        "entry": "cell_type cell_save cell_same cell_none cell_block",
        "due": "cell_type cell_save down cell_same cell_none snooze right",
        "review": "open copy",
        "doctor": "open close info mark",
        "log": "open revert copy",
        "audit": "open close edit archive mark copy",
        "library": "open mark new edit copy",
        "settings": "open left right mark archive",
    }.items()
}
"""What is about the row under the cursor, by footer: no hint where there is no row."""


class Shown(NamedTuple):
    """A hint as it is drawn."""

    keys: str
    word: str
    rank: int = 0


class Fitting(NamedTuple):
    hints: tuple[Shown, ...]
    pinned: tuple[Shown, ...]
    dropped: int


def hint_key(hint: Hint, table: Mapping[str, Verb], enter: str = "⏎") -> str:
    """What stands before the word of a hint: `⏎`, `[ ]`, `J/K`."""
    if hint.keys:
        return hint.keys.strip()
    firsts = [table[id_].keys.split()[0] for id_ in hint.verbs.split()]
    joint = "/" if len(firsts) > 1 and all(key.isalpha() and key.isupper() for key in firsts) else " "
    return joint.join(shown(key, enter) for key in firsts)


def hints_of(
    footer: str, table: Mapping[str, Verb], cells: int, enter: str = "⏎", works: Callable[[str], bool] = bool
) -> tuple[Shown, ...]:
    """The hints of a footer at a width, with the keys of `table`, of the verbs that work now."""
    found = []
    for hint in FOOTERS.get(footer, ()):
        ids = hint.verbs.split()
        least, below = WIDTHS[hint.only]
        if not least <= cells < below:
            continue
        if not any(map(works, ids)):
            continue
        first = table[ids[0]]
        long, _, short = (hint.word or first.verb).partition("|")
        word = short if short and cells < 60 else long
        found.append(Shown(hint_key(hint, table, enter), word, hint.rank or first.rank))
    return tuple(found)


def pinned(table: Mapping[str, Verb], cells: int) -> tuple[Shown, ...]:
    """What no footer drops: help and commands."""
    first = {id_: shown(table[id_].keys.split()[0]) for id_ in ("help", "commands")}
    return Shown(first["help"], "help"), Shown(first["commands"], "cmd" if cells >= 60 else "")


def fit(hints: tuple[Shown, ...], pinned: tuple[Shown, ...], cells: int) -> Fitting:
    """The hints that fit, in their order: those of low rank go first, whole, and `+N` says how many went."""
    right = _cells(pinned)
    for dropped in range(len(hints) + 1):
        ranked = sorted(range(len(hints)), key=lambda place: (-hints[place].rank, place))
        kept = tuple(hints[place] for place in sorted(ranked[: len(hints) - dropped]))
        more = len(f"+{dropped}") + 1 if dropped else 0
        # One blank before, two before the pinned ones unless `+N` stands between.
        if 1 + _cells(kept) + more + (1 if dropped else 2) + right <= cells:
            return Fitting(kept, pinned, dropped)
    return Fitting((), pinned, 0)


def _cells(hints: Iterable[Shown]) -> int:
    widths = [len(hint.keys) + (1 if hint.keys and hint.word else 0) + len(hint.word) for hint in hints]
    return sum(widths) + 2 * max(len(widths) - 1, 0)
