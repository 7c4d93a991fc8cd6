"""The lines of the promote page: its fields, what is worked out beside them, and the panes at the right."""

from __future__ import annotations

from typing import NamedTuple

from kpitui.charts.glyphs import Glyphs
from kpitui.charts.marks import marks
from kpitui.domain.credible import Credible, credible
from kpitui.domain.expected import idle
from kpitui.domain.figure_style import style
from kpitui.domain.figures import show, show_range, show_target
from kpitui.domain.line_band import band_words
from kpitui.domain.line_window import typed_words
from kpitui.reports.leading_words import seen_sentence
from kpitui.reports.wording import day_text
from kpitui.services.promote_page import QUESTIONS, RHYTHMS, Form, Page, asked, missing
from kpitui.text import clean, cut, width
from kpitui.tui.widgets.form import Field, Piece, Row
from kpitui.tui.widgets.styled import Line

ASKED = {
    "impact": "Would a big change in it move the goal?",
    "results": "Which result of the business does it show?",
    "measured": "Do we measure it the same way every time?",
    "purpose": "What will we use it for?",
    "success": "How will we know it worked?",
    "change": "What do we change if it misses?",
}
HEADS = {"live": "Live KPI", "draft": "Finish draft KPI", "paused": "Paused KPI"}
SHORT = {
    "impact": "Would it move the goal?",
    "results": "Shows which result?",
    "measured": "Measured the same?",
    "purpose": "Used for what?",
    "success": "Worked, when?",
    "change": "Changed on a miss?",
}


class Typed(NamedTuple):
    """The fields read: the form, what is wrong by field, and what was understood."""

    form: Form
    wrong: dict[str, str]
    goal: str
    counter: str
    at: str
    today: int

    def hint(self, view: Page, glyphs: Glyphs) -> str:
        """What is said in the message row of the field the cursor is in."""
        if self.at == "counter" and self.form.counter_id is None:
            offer = f" {glyphs.enter} takes {view.counters[0][1]}" if view.suggested else " type part of a name"
            return f"Counter metric missing: a KPI without one invites gaming.{offer}"
        if self.at == "counter" and self.form.tolerance is None:
            return "guards by its natural limits; a comma and a number says how much worse it may get: , 0.5 points"
        if self.at == "to" and self.form.target is None:
            return "30, >=30, 25-35, 500 total; 30 at 0.5 a week; 30 floor 25 stretch 36; 30 over 4 weeks held 3 weeks"
        if self.at == "slot":
            return "s swaps one out, t gives it to a team, k keeps it beside the others"
        if self.at == "impact" and view.lead is not None:
            return f"y or n; it {seen_sentence(view.lead, 200)}" if view.lead.found else "y or n"
        if self.at in ("impact", "measured"):
            return "y or n"
        return ""


def plain(value: float | None, unit: str, figures: int = 6) -> str:
    """A number as it would be typed, to so many figures: percent points with their sign."""
    if value is None:
        return ""
    text = f"{value * 100:.{figures}g}%" if unit == "percent" else f"{value:.{figures}g}"
    return text.replace(".", style().decimal)


def figure(view: Page, value: float | None) -> str:
    return show(value, view.unit, currency=view.currency, compact=True)


def believed(view: Page, typed: Typed) -> Credible | None:
    """How believable the typed target is, beside the closed periods; of a total by what each period must bring."""
    line = typed.form.target
    value = None if line is None else line.value
    if line is None or value is None:
        return None
    if line.kind == "reach":
        days = {"day": 1.0, "week": 7.0, "month": 30.44, "quarter": 91.31, "year": 365.24}[view.cadence]
        if typed.form.deadline is None:
            return None
        end = typed.form.deadline + 1
        off = idle("day", line.start, end, view.work, None) if view.cadence == "day" else 0
        value /= max((end - line.start - off) / days, 1.0)
    return credible(view.values, value, down=line.kind == "at_most" or view.direction == "down")


def target_lines(view: Page, typed: Typed, plain: bool) -> tuple[str, str]:
    """`= Raise Demos booked from 26 to 30 a week by 31 Dec 2026, bo.` and how believable that is."""
    form, line = typed.form, typed.form.target
    if line is None:
        best = f"best so far {figure(view, view.best)} ({view.best_label})" if view.best is not None else ""
        return "", best or "No baseline yet: we take the first six values"
    until = "" if form.deadline is None else f" by {day_text(form.deadline, typed.today)}"
    who = f", {view.owner}" if view.owner else ""
    per = f" a {view.cadence}"
    band = band_words(line.floor, line.stretch, view.unit, view.currency) + typed_words(line.time)
    if line.kind == "from_to" and form.baseline is not None and line.value is not None:
        verb = "Raise" if line.value > form.baseline else "Lower"
        there = figure(view, line.value)
        said = f"= {verb} {view.name} from {figure(view, form.baseline)} to {there}{per}{until}{who}{band}."
    else:
        bound = show_target(line.kind, line.value, line.low, line.high, view.unit, currency=view.currency, ascii=plain)
        said = f"= Bring {view.name} to {bound}{'' if line.kind == 'reach' else per}{until}{who}{band}."
    return said, belief(view, typed)


def belief(view: Page, typed: Typed) -> str:
    """`0.9 x best 34 (W28), met 14 of 26 weeks, chance 61%: reachable`."""
    seen = believed(view, typed)
    if seen is None or not seen.of:
        return "" if seen is None else "no closed period to compare with"
    parts = []
    if seen.times_best is not None:
        parts.append(f"{seen.times_best:.1f} x best {figure(view, view.best)} ({view.best_label})")
    parts.append(f"met {seen.reached} of {seen.of} {view.cadence}s")
    if seen.chance is not None:
        words = "<1%" if seen.chance < 0.01 else ">99%" if seen.chance > 0.99 else f"{seen.chance:.0%}"
        parts.append(f"chance {words}")
    return f"{', '.join(parts)}: {seen.word}"


def rows_of(view: Page, typed: Typed, values: dict[str, str], cells: int, glyphs: Glyphs) -> list[Row]:
    """The page for a width; three columns of it give way below 80 and below 60 cells."""
    small, wide = cells < 60, cells >= 76
    room = max(cells - 14 - 17, 16)
    what = HEADS.get(view.state, "KPI") if view.kpi_id else "Promote to KPI"
    feeds = f"metric of {', '.join(view.feeds)}" if view.feeds else "feeds nothing yet"
    known = sum(1 for value in view.values if value is not None)
    facts = (
        f"{feeds} {glyphs.dot} every {view.cadence} {glyphs.dot} {view.owner or 'no owner'} {glyphs.dot} "
        f"{known} value{'' if known == 1 else 's'}"
    )
    rows: list[Row] = []
    if small:
        rows.append([(f" {cut(f'{what}: {view.name}', cells - 2)}", "heading")])
    else:
        head = f" {what}: {clean(view.name)}"
        rows += [[(head, "heading"), (f"   {facts}", "dim")], []]
    live = view.state == "live"
    from_goal = ("  from the goal" if typed.goal else "  no goal yet") if wide else ""
    rows.append([(" 1 Objective  " if not small else " 1 ", ""), Field("objective", room if not small else cells - 6),
                 (from_goal, "dim")])  # fmt: skip
    name = cut(clean(view.name), room)
    drives = f"drives: {view.feeds[0]}" if view.feeds and wide else ""
    if view.lead is not None and wide:
        drives = cut(clean(seen_sentence(view.lead, cells - 18 - width(name))), cells - 18 - width(name))
    rows.append([(" 2 Metric     " if not small else " 2 ", ""), (name, "bold"), (f"  {drives}", "dim")])
    short = 7 if cells < 80 else 9
    begin = f"from {values['from']} to " if values.get("from") else ""
    if live and values.get("to"):
        rows.append([(" 3 Target     ", ""), (f"{begin}{values['to']} by {values['by']}", "bold"),
                     ("  T changes it, from a day on", "dim")])  # fmt: skip
    elif small:
        rows.append([(" 3 from ", ""), Field("from", short), (" to ", ""), Field("to", 12)])
        rows.append([("   by ", ""), Field("by", 12), (" watch ", "dim"), Field("watch", short)])
    else:
        rows.append([(" 3 Target     from ", ""), Field("from", short), (" to ", ""), Field("to", 13), (" by ", ""),
                     Field("by", 11), (f" {glyphs.watch} ", "watch"), Field("watch", short)])  # fmt: skip
    said, credit = target_lines(view, typed, glyphs.name == "ascii")
    indent = "   " if small else "              "
    style = "watch" if any(word in credit for word in ("out of reach", "stretch")) else "dim"
    rows += [[(f"{indent}{said}", "")], [(f"{indent}{credit}", style)]]
    rows.append(_rule("is it really key?", cells, glyphs))
    for name in QUESTIONS:
        rows.append(_question(name, view, cells, small))
    rows.append(_rule("guard", cells, glyphs))
    offer = f"  suggests: {view.counters[0][1]}" if view.suggested and not typed.counter else ""
    meant = f"  = {typed.counter}" if typed.counter and typed.counter != values.get("counter") else offer
    rows.append([(" Counter metric  " if not small else " Counter ", ""), Field("counter", 24 if not small else 20),
                 (meant if not small else "", "dim")])  # fmt: skip
    ticks: list[Piece] = [(" Review          " if not small else " ", "")]
    for name in RHYTHMS:
        ticks += [(f"{name if not small else name[:3]} ", ""), Field(name, 1, "tick"), (" ", "")]
    rows.append(ticks)
    rows += _slots(view, typed, values, cells, small, glyphs)
    rows.append(_outcome(view, typed, cells, small))
    return rows


def _outcome(view: Page, typed: Typed, cells: int, small: bool) -> Row:
    """What holds it back, and what ctrl+s makes of it; else what the doctor goes on asking for, which holds nothing."""
    begun = view.state not in ("live", "paused")
    lacks, open_still = missing(view, typed.form), asked(view, typed.form)
    if not (lacks or open_still):
        return [(f" Nothing missing: ctrl+s {'promotes it, live' if begun else 'saves it'}", "on")]
    if lacks and begun:
        head, said = " Missing         ", f"{', '.join(lacks)}. "
        hints = ["ctrl+s saves a draft", "ctrl+s: a draft"]
    elif lacks:
        head, said, hints = " Missing         ", f"{', '.join([*lacks, *open_still])}. ", ["ctrl+s saves it"]
    else:
        head, said = " Still open      ", f"{', '.join(open_still)}. "
        hints = ["ctrl+s makes it live", "ctrl+s: live"] if begun else ["ctrl+s saves it"]
    head = " " if small else head
    if lacks and begun and open_still:
        # With room for it, what is only advice is named behind what holds it back.
        hints = [f"{how}. Open: {', '.join(open_still)}" for how in ("ctrl+s saves a draft", "a draft")] + hints
    elif open_still and not lacks:
        hints.insert(0, f"{hints[0]}; the doctor asks")
    # Which answers, where that fits; the footer has the key as well: half a hint would say less than none.
    unanswered = [SHORT[name] for name in QUESTIONS if not typed.form.answers.get(name, "").strip()]
    if unanswered and open_still[0] in said:
        named = said.replace(open_still[0], f"{open_still[0]} ({' '.join(unanswered)})", 1)
        said = named if width(head) + width(named) <= cells else said
    room = cells - width(head) - width(said)
    return [(head, ""), (said, "watch"), (next((one for one in hints if width(one) <= room), ""), "dim")]


def _rule(title: str, cells: int, glyphs: Glyphs) -> Row:
    bar = glyphs.horizontal
    return [(f"{bar * 2} {title} {bar * max(cells - len(title) - 4, 0)}", "frame")]


def _question(name: str, view: Page, cells: int, small: bool) -> Row:
    """One of the six: y or n with what is known beside it, or a line of text."""
    text = (SHORT if small else ASKED)[name]
    column = 48 if cells >= 76 else 24 if small else 44
    if name in ("impact", "measured"):
        known = ""
        if name == "impact" and view.feeds:
            known = f"it feeds {view.feeds[0]}"
        if name == "measured":
            there = sum(1 for value in view.values if value is not None)
            known = f"{view.source or 'no source written'}, {there} of {len(view.values)}"
        shown = cut(known, max(cells - column - 2, 0)) if not small else ""
        return [(" ", ""), Field(name, 1, "yesno", "yn"), (f" {text}".ljust(column - 4), ""), (shown, "dim")]
    return [(f"     {text}".ljust(column) if not small else f" {text}".ljust(column), ""),
            Field(name, max(cells - column - 4, 10))]  # fmt: skip


def _slots(view: Page, typed: Typed, values: dict[str, str], cells: int, small: bool, glyphs: Glyphs) -> list[Row]:
    """How many KPIs the scope has; asked what to do only when this one is too many."""
    slot = view.slot
    if view.state == "live":
        return []
    lead = " Slots           " if not small else " "
    have = f"{cut(clean(slot.name), 20)} has {slot.kpis} of {slot.limit}"
    if slot.kpis < slot.limit:
        return [[(lead, ""), (f"{have} KPIs: room for this one", "dim")]]
    rows: list[Row] = [[(lead, ""), (f"{have}, this is number {slot.kpis + 1}: ", ""),
                        (f"{glyphs.watch} over the limit", "watch")]]  # fmt: skip
    team = view.teams[0] if view.teams else None
    given = f"t to {team.name} ({team.kpis} of {team.limit})" if team else "t no team has room"
    if values.get("slot") == "s" and typed.form.swap is not None:
        name = next((name for id, name in view.others if id == typed.form.swap), "")
        said = f"{name} becomes a plain metric"
    elif values.get("slot") == "t" and typed.form.scope_id is not None:
        name = next((one.name for one in view.teams if one.scope_id == typed.form.scope_id), "")
        said = f"goes to {name}"
    else:
        said = f"s swap one out  {given}  k keep" if not small else "s swap  t team  k keep"
    rows.append([(" " * len(lead) if not small else " ", ""), Field("slot", 1, "choice", "stk"), (f" {said}", "dim")])
    return rows


# ---- the panes at the right ----------------------------------------------------------------------------------------


def side_of(
    view: Page, typed: Typed, values: dict[str, str], glyphs: Glyphs, today: int
) -> dict[str, tuple[str, list[Line]]]:
    """Titles and lines of the three panes from 120 columns up."""
    return {
        "now": ("Now", now_lines(view, typed, glyphs)),
        "changes": ("What changes when it is a KPI", changes_lines(view)),
        "checklist": ("Checklist", check_lines(view, typed, values, glyphs)),
    }


def now_lines(view: Page, typed: Typed, glyphs: Glyphs) -> list[Line]:
    values = list(view.values[-13:])
    if not any(value is not None for value in values):
        return [[], [(" No baseline yet: we take the first", "dim")], [(" six values", "dim")]]
    line = typed.form.target
    labels = [label.removeprefix("W") for label in view.labels[-13:]]
    target = line.value if line else None
    drawn = marks(values, 3 * len(values) - 1, 10, glyphs, target=target, labels=labels)
    lines: list[Line] = [[(f" {text}", "spark")] for text in drawn.lines]
    last = next((value for value in reversed(values) if value is not None), None)
    said = f" {figure(view, last)} now"
    if view.usual is not None:
        said += f", usual {show_range(*view.usual, view.unit, currency=view.currency)}"
    return [*lines, [], [(said, "")], [(f" baseline: {view.baseline_of}" if view.baseline_of else "", "dim")]]


def changes_lines(view: Page) -> list[Line]:
    return [
        [(" on Home, on every screen's list", "")],
        [(" in the reviews that are ticked", "")],
        [(f" {cut('a note is asked from ' + (view.owner or 'its owner'), 38)} when it misses", "")],
        [(" target changes are dated, with a reason", "")],
        [(f" counts to the limit of {view.slot.limit}", "")],
        [(" can be demoted with P, nothing is lost", "")],
    ]


def check_lines(view: Page, typed: Typed, values: dict[str, str], glyphs: Glyphs) -> list[Line]:
    form = typed.form
    unanswered = sum(1 for name in QUESTIONS if not form.answers.get(name, "").strip())
    over = view.state != "live" and view.slot.kpis >= view.slot.limit and values.get("slot") not in ("s", "t")
    has_aim = form.target is not None and form.deadline is not None
    checks = (
        (form.goal_id is not None, "objective from the goal", "no goal", "off"),
        (has_aim, "target and date", "no target and date", "off"),
        (bool(view.owner), f"owner {view.owner}", "no owner", "off"),
        (bool(view.source), "source written", "no source written", "watch"),
        (not unanswered, "six questions answered", f"{unanswered} questions open", "watch"),
        (form.counter_id is not None, f"guarded by {typed.counter}", "no counter metric", "watch"),
        (not over, "a free slot", f"over the limit of {view.slot.limit}", "watch"),
    )
    signs = {"off": glyphs.off, "watch": glyphs.watch}
    return [
        [(f" {glyphs.on} ", "on"), (good, "")] if holds else [(f" {signs[style]} ", style), (bad, "")]
        for holds, good, bad, style in checks
    ]
