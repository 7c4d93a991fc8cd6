"""The rows of a review's steps and of the list of past ones, for the board of the review screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.charts.glyphs import Glyphs, mark
from kpitui.charts.sparkline import sparkline
from kpitui.domain.periods import to_date
from kpitui.domain.review import ACTIONS, COMMIT, ISSUES, SCORECARD, carried_text
from kpitui.reports.wording import day_text, gap_text, target_text, value_text
from kpitui.services.locking import told
from kpitui.text import ascii_only, width, wrapped
from kpitui.tui.widgets.board import BoardRow, Column, Layout, blank, heading
from kpitui.tui.widgets.styled import Span, status_style

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kpitui.services.actions import Task
    from kpitui.services.countermeasures import Countermeasure
    from kpitui.services.data_audit import Finding
    from kpitui.services.judging import Row
    from kpitui.services.review import Past
    from kpitui.services.review_session import Session, Written
    from kpitui.services.signing import Shown

TASK = Layout(
    (
        Column("sign", 1, gap=0),
        Column("owner", 6),
        Column("text", 0, least=30),
        Column("when", 10, align="right"),
        Column("state", 24, gap=2),
        Column("about", 16, gap=1),
    ),
    (("about", 0), ("state", 16), ("owner", 4), ("state", 8), ("state", 0)),
)
LINE = Layout(
    (Column("kind", 2, gap=0), Column("text", 0, least=40), Column("about", 18, gap=2), Column("who", 6)),
    (("about", 0), ("who", 0)),
)
# A question is about no one thing and nobody's: its text has the room.
ASK = Layout((LINE.columns[0], Column("text", 0, least=40)))
SCORE = Layout(
    (
        Column("status", 1, "S", gap=0),
        Column("name", 0, "KPI", least=10),
        Column("spark", 26, lambda cells: f"last {cells}", align="tail"),
        Column("value", 8, "value", "right"),
        Column("target", 8, "target", "right"),
        Column("gap", 7, "gap", "right"),
        Column("owner", 7, "owner", "right"),
    ),
    (("spark", 13), ("owner", 0), ("target", 0), ("spark", 8), ("gap", 0), ("spark", 0)),
)
PAST = Layout(
    (
        Column("title", 0, "review", least=20),
        Column("held", 11, "held", "right"),
        Column("leader", 8, "led by", gap=2),
        Column("rated", 5, "rated", "right"),
        Column("decided", 7, "decided", "right"),
        Column("agreed", 7, "actions", "right"),
        Column("open", 6, "open", "right"),
    ),
    (("decided", 0), ("open", 0), ("agreed", 0), ("leader", 0), ("rated", 0), ("held", 0)),
)
DOUBT = Layout(
    (
        Column("sign", 1, gap=0),
        Column("text", 0, least=60),
        Column("meant", 10, gap=2),
        Column("owner", 8, gap=2),
    ),
    (("owner", 0), ("meant", 0)),
)
# Where nothing says what was meant, its sentence has the room.
SAID = Layout((Column("sign", 1, gap=0), Column("text", 0, least=76), Column("owner", 8, gap=2)), (("owner", 0),))
LAYOUTS = {"": PAST, "task": TASK, "doubt": DOUBT, "said": SAID, "line": LINE, "ask": ASK, "score": SCORE}
ROOMY = {
    **LAYOUTS,
    "": Layout((PAST.columns[0]._replace(least=38), *PAST.columns[1:]), PAST.yields),
    "score": Layout((SCORE.columns[0], SCORE.columns[1]._replace(least=20), *SCORE.columns[2:]), SCORE.yields),
}
"""From 60 columns on a name is worth more than half a year of its line."""
LETTERS = {"decision": "D", "issue": "I", "note": "m", "action": "a"}


def text_row(text: str, style: str = "") -> BoardRow:
    return BoardRow("", ((f" {text}", style),), "text")


def no_review(filtered: bool, cells: int) -> list[BoardRow]:
    """What stands where none is listed."""
    none = "No review was held yet. r starts one: six steps, half an hour, minutes."
    said = "No review fits. f shows others, Esc clears the filter." if filtered else none
    return [text_row(""), *map(text_row, wrapped(said, cells - 2))]


def kept(past: Iterable[Past], rhythm: str, keep: Callable[[str], bool]) -> tuple[Past, ...]:
    """The past reviews of a rhythm, if one is chosen, that the filter leaves."""
    return tuple(one for one in past if rhythm in one.rhythm and keep(f"{one.title} {one.leader} {one.scope}"))


def past_rows(past: tuple[Past, ...], today: int) -> list[BoardRow]:
    held, running = (sum((one.state == "open") is run for one in past) for run in (False, True))
    counts = ([f"{running} running"] if running else []) + ([f"{held} held"] if held else [])
    rows = [heading("Reviews", ", ".join(counts)), BoardRow("", (), "header")]
    for one in past:
        runs = one.state == "open"
        title: list[Span] = [(one.title, "bold" if runs else "")]
        if runs:
            title.append(("  runs: r goes on", "accent"))
        rows.append(
            BoardRow(
                f"review:{one.id}",
                (
                    title,
                    day_text(one.held, today),
                    one.leader,
                    "" if one.rating is None else str(one.rating),
                    str(one.decisions or ""),
                    str(one.actions or ""),
                    str(one.open_actions or ""),
                ),
            )
        )
    return rows


def reading_rows(shown: Shown, cells: int, plain: bool = False) -> list[BoardRow]:
    """Minutes to read, long lines folded, with the corrections made since below them; `plain` is without signs, which
    take more cells then: `<=`."""
    lines = [ascii_only(line) if plain else line for line in shown.minutes.splitlines()]
    rows = [text_row(part) for line in lines for part in folded(line, cells - 2)]
    if shown.corrections:
        rows += [blank(), text_row("Corrected since, not part of the minutes:", "flag")]
        rows += [text_row(f"  {part}", "flag") for line in shown.corrections for part in folded(line, cells - 4)]
    return rows


def folded(line: str, cells: int) -> list[str]:
    """A line in pieces of at most `cells` cells, those after the first indented."""
    found, now = [], ""
    for word in line.split(" "):
        longer = f"{now} {word}" if now else word
        if now.strip() and width(longer) > cells:
            found.append(now)
            longer = f"    {word}"
        now = longer
    return [*found, now]


def step_rows(view: Session, step: int, glyphs: Glyphs, rating: str, cells: int = 80) -> list[BoardRow]:
    """The rows of every step but the exceptions, which have a panel of their own."""
    if step == ACTIONS:
        return action_rows(view, glyphs)
    if step == SCORECARD:
        return score_rows(view, glyphs)
    if step == ISSUES:
        return issue_rows(view)
    rows = commit_rows(view, glyphs)
    if step == COMMIT:
        return rows
    return [*close_rows(view, glyphs, rating, cells), *rows]


def action_rows(view: Session, glyphs: Glyphs) -> list[BoardRow]:
    done = sum(1 for task in view.last_time if task.state != "open")
    rows = [heading("Actions of last time", f"{done} of {len(view.last_time)} done" if view.last_time else "")]
    rows += [task_row(task, glyphs, new=False, today=view.as_of) for task in view.last_time]
    if not view.last_time:
        rows.append(text_row("No action is open from before. a writes one: what @who when. l goes on", "dim"))
    else:
        rows += [blank(), text_row("x done  e new date or owner  l goes on", "dim")]
    if view.effects:
        rows += [blank(), heading("Countermeasures, looked at again")]
        rows += [effect_row(one) for one in view.effects]
    return rows


def effect_row(one: Countermeasure) -> BoardRow:
    """`MRR: price test (ana)   shifted up, 8 in a row: 31 on average against 28 before`."""
    style = {"better": "on", "worse": "off"}.get(one.effect.state if one.effect else "", "dim")
    said: list[tuple[str, str]] = [(f"   {one.metric}: ", "bold"), (f"{one.text} ({one.owner})  ", "")]
    return BoardRow("", ([*said, (one.sentence, style)],), "text")


def task_row(task: Task, glyphs: Glyphs, *, new: bool, today: int) -> BoardRow:
    if task.state != "open":
        sign, style = glyphs.check, "dim"
    elif task.late_days:
        sign, style = glyphs.off, "off"
    else:
        sign, style = glyphs.none, ""
    words = [f"{task.late_days}d late"] if task.late_days else []
    if task.state != "open":
        words.append(task.state)
    else:
        words.append("new" if new else carried_text(task.carried))
        if task.first_due is not None and task.first_due != task.due:
            words.append(f"was {day_text(task.first_due, today)}")
    when = day_text(task.due, today, weekday=True)
    if len(when) > 10:
        # Of another year: that is worth more than the weekday, and the column has no room for both.
        when = f"{day_text(task.due, task.due)} '{to_date(task.due).year % 100:02}"
    return BoardRow(
        f"task:{task.id}",
        (
            (sign, style or "dim"),
            task.owner,
            (task.text, "dim" if task.state != "open" else ""),
            (when, "off" if task.late_days else ""),
            (", ".join(word for word in words if word), "dim"),
            (task.about, "dim"),
        ),
        layout="task",
    )


def score_rows(view: Session, glyphs: Glyphs) -> list[BoardRow]:
    rows: list[BoardRow] = []
    if view.doubts:
        rows += [heading("Values to look at first", f"x accepts, {glyphs.enter} goes there")]
        rows += [doubt_row(one, glyphs) for one in view.doubts]
        rows.append(blank())
    day = f"as of {day_text(view.figures_of, view.as_of)}, " if view.figures_of < view.as_of else ""
    rows += [heading("Scorecard", f"{day}numbers only, I parks the talk"), BoardRow("", (), "header", "score")]
    kpis = [row for row in view.rows if row.kpi_id]
    others = [row for row in view.rows if not row.kpi_id]
    rows += [score_row(row, glyphs) for row in kpis]
    if others:
        rows += [heading("Metrics", "")]
        rows += [score_row(row, glyphs) for row in others]
    if not view.rows:
        rows.append(text_row("No KPI and no metric is looked at in this rhythm. l goes on", "dim"))
    if view.flows:
        rows += [blank(), heading("Inputs against outputs", "")]
        for place, flow in enumerate(view.flows):
            rows.append(flow_row(place, flow.source, flow.feeds, flow.words, glyphs))
    if view.targets:
        rows += [blank(), heading("Targets as they stand", "")]
        rows += [text_row(f"  {target}") for target in view.targets]
    return rows


def doubt_row(one: Finding, glyphs: Glyphs) -> BoardRow:
    """`◆ CAC W30: $4.1k between $387 and $389: looks like × 10`."""
    sign, style = {"error": (glyphs.off, "off"), "warning": (glyphs.watch, "watch")}.get(
        one.severity, (glyphs.none, "flag")
    )
    text = [(f"{one.name} {one.period}: ", "bold"), (one.text, "")]
    if not one.meant:
        return BoardRow(f"finding:{one.key}", ((sign, style), text, one.owner), layout="said")
    return BoardRow(f"finding:{one.key}", ((sign, style), text, (one.meant, "flag"), one.owner), layout="doubt")


def score_row(row: Row, glyphs: Glyphs) -> BoardRow:
    ascii = glyphs.name == "ascii"
    style = status_style(row.status)
    return BoardRow(
        f"row:{row.key}",
        (
            (mark(row.status, glyphs), style),
            row.name,
            (sparkline([cell.value for cell in row.series], len(row.series), glyphs), "spark"),
            value_text(row, ascii=ascii) + (glyphs.signal if row.signal else ""),
            target_text(row, ascii=ascii),
            (gap_text(row, ascii=ascii), style),
            row.owner,
        ),
        layout="score",
    )


def flow_row(place: int, source: Row, feeds: Row, words: str, glyphs: Glyphs) -> BoardRow:
    spans: list[Span] = [
        ("  ", ""),
        (mark(source.status, glyphs), status_style(source.status)),
        (f" {source.name}  >  ", ""),
        (mark(feeds.status, glyphs), status_style(feeds.status)),
        (f" {feeds.name}   ", ""),
        (words, "dim"),
    ]
    return BoardRow("", tuple(spans), "text")


def issue_rows(view: Session) -> list[BoardRow]:
    issues = view.of_kind("issue")
    closed = sum(1 for line in issues if line.state == "closed")
    rows = [heading("Issues", f"{closed} of {len(issues)} closed" if issues else "")]
    rows += [line_row(line) for line in issues]
    if not issues:
        rows.append(text_row("No issue is parked. I parks one, D decides, a agrees an action. l goes on", "dim"))
    else:
        rows += [blank(), text_row("x closes  D decides  a acts  l goes on", "dim")]
    if view.questions:
        title = "Questions of the year" if view.rhythm == "annual" else "Questions of the quarter"
        rows += [blank(), heading(title, "D answers one")]
        rows += [BoardRow(f"ask:{place}", ("?", text), layout="ask") for place, text in enumerate(view.questions)]
    return rows


def line_row(line: Written) -> BoardRow:
    closed = line.state == "closed"
    return BoardRow(
        f"line:{line.id}",
        (
            (LETTERS[line.kind], "bold"),
            (line.text + ("  (closed)" if closed else ""), "dim" if closed else ""),
            (line.about, "dim"),
            (line.who, "dim"),
        ),
        layout="line",
    )


def commit_rows(view: Session, glyphs: Glyphs) -> list[BoardRow]:
    rows = [heading("Read back", "every action has an owner and a date")]
    decisions = view.of_kind("decision")
    rows += [line_row(line) for line in decisions]
    if decisions and (view.agreed or view.last_time):
        rows.append(blank())
    rows += [task_row(task, glyphs, new=True, today=view.as_of) for task in view.agreed]
    rows += [task_row(task, glyphs, new=False, today=view.as_of) for task in view.last_time]
    if not decisions and not view.agreed and not view.last_time:
        rows.append(text_row("Nothing was decided and nothing agreed. h goes back, l goes on", "dim"))
    parked = [line for line in view.of_kind("issue") if line.state != "closed"]
    if parked:
        rows += [blank(), heading("Parked for the next one", "")]
        rows += [line_row(line) for line in parked]
    if view.warnings:
        rows.append(blank())
        rows += [text_row(f"{glyphs.watch} {warning}", "watch") for warning in view.warnings]
    return rows


def close_rows(view: Session, glyphs: Glyphs, rating: str, cells: int) -> list[BoardRow]:
    """The rating, the next review, and what Enter does."""
    folder = "/".join(view.file.rsplit("/", 2)[-2:])
    rate: list[Span] = [(" Rate the review 1-10  [", ""), (f"{rating:<2}", "bold"), ("]", "")]
    small, upcoming = cells < 60, f"     Next: {view.next}"
    beside = 28 + width(upcoming) <= cells
    rows = [BoardRow("", (*rate, (upcoming, "dim")) if beside else tuple(rate), "text")]
    if not beside:
        rows.append(text_row(f"Next: {view.next}", "dim"))
    if not view.leading:
        return [*rows, text_row(f"{view.leader} signs it off.", "dim"), blank()]
    if small:
        said = f"{glyphs.enter} signs off: numbers frozen, minutes in {folder} (y copies them)"
        return [*rows, *(text_row(line) for line in wrapped(said, cells - 2)), blank()]
    done = f"{glyphs.enter} signs off: the numbers of {view.period_label} are frozen, the minutes written to"
    rows += [text_row(done), text_row(f"  {folder}   (y copies them)")]
    for cause, names in told(view.locking):
        said = cause.replace("locked", "that lock with it", 1) if cause.startswith("locked") else cause
        rows += [text_row(line, "dim") for line in wrapped(f"Natural limits {said}: {names}", cells - 2)]
    return [*rows, blank()]
