"""Promote: objective, driving metric, target, the six questions, a counter metric and a free slot on one page."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kpitui.domain.dates import read_date
from kpitui.domain.line_band import MARKS
from kpitui.domain.line_rate import read_rate
from kpitui.domain.line_target import TargetLine, read_target
from kpitui.domain.line_window import refuse_other_grain, time_words
from kpitui.domain.numbers import read_number
from kpitui.domain.periods import to_date, to_day
from kpitui.domain.problem import Problem
from kpitui.services import promote_page
from kpitui.services.promote_page import QUESTIONS, RHYTHMS
from kpitui.text import clean, fold
from kpitui.tui.drafts import Draft
from kpitui.tui.screens import promote_together
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.screens.promote_rows import Typed, plain, rows_of, side_of
from kpitui.tui.widgets.form import Form, Row
from kpitui.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from kpitui.services.promote_page import Page
    from kpitui.storage.store import Store

ORDER = ("objective", "from", "to", "by", *QUESTIONS, "counter", "slot")
"""The fields Enter goes through, in their order, as long as they are empty."""
_COMPARES = frozenset("<>=≥≤")


async def open_promote(screen: KpiScreen, metric_id: int, kpi_id: int | None = None) -> None:
    """Lay the page of a metric, or of one of its roles, over a screen."""
    await screen.app.open(screen.app.made("promote", metric_id, kpi_id))


class PromoteScreen(KpiScreen):
    NAME = "promote"
    CSS_PATH = "promote.tcss"
    AUTO_FOCUS = "Form"

    def __init__(self, metric_id: int, kpi_id: int | None = None) -> None:
        super().__init__()
        self.metric_id, self.kpi_id = metric_id, kpi_id
        self.swap: int | None = None
        self.team: int | None = None
        self.begun = False
        self.known: dict[str, str] = {}

    def compose_content(self) -> ComposeResult:
        glyphs = self.app.glyphs
        with Horizontal(id="page"):
            yield Form(glyphs, id="form")
            with Vertical(id="side"):
                for name in ("now", "changes", "checklist"):
                    yield Lines(glyphs=glyphs, frame="box", id=name)

    def load_args(self) -> tuple[Any, ...]:
        return (self.metric_id, self.kpi_id, self.app.day)

    def load(self, store: Store, *args: Any) -> Page:
        return promote_page.page(store, *args)

    @property
    def form(self) -> Form:
        return self.query_one(Form)

    def on_mount(self) -> None:
        form = self.form
        form.on_change, form.on_enter = self._changed, self._entered
        form.on_save, form.on_leave = self._save, self._leave
        super().on_mount()

    @property
    def footer_name(self) -> str:
        return "promote"

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        if self.form.field is not None and self.form.field.kind == "text":
            self.form.editor.insert(" ".join(event.text.split()))
            self.form._set(self.form.editor.text)

    # ---------------------------------------------------------------- showing

    def draw(self, view: Page) -> None:
        if not self.begun:
            self.begun = True
            self.form.values = self._begin(filled(view))
            self.form.show(rows_of(view, self.typed(), self.form.values, self.app.size.width, self.app.glyphs))
            self.form.go_to(self._next("") or "objective")
        self._show()

    @property
    def draft(self) -> Draft | None:
        """Where the fields are kept at every key, until they are saved or left."""
        path = self.app.chrome.path if self.app.chrome is not None else ""
        return Draft(path, f"promote-{self.metric_id}-{self.kpi_id or 0}") if path else None

    def _begin(self, known: dict[str, str]) -> dict[str, str]:
        """The fields as they are known, with what was typed before the terminal was lost."""
        self.known = known
        kind, text = self.draft.kept() if self.draft is not None else ("", "")
        with suppress(ValueError):
            typed = json.loads(text) if kind else None
            if isinstance(typed, dict) and all(isinstance(value, str) for value in typed.values()):
                self.call_after_refresh(self.say, "Here is what was typed before: esc leaves it", "warn")
                return {**known, **typed}
        return dict(known)

    def _show(self) -> None:
        view, typed, glyphs = self.view, self.typed(), self.app.glyphs
        cells = self.app.size.width - (42 if self.app.size.width >= 120 else 0)
        rows = rows_of(view, typed, self.form.values, cells, glyphs)
        if self.app.size.width >= 120 and self.app.size.height >= 2 * len(rows) - 4:
            rows = airy(rows)
        self.form.show(rows)
        if self.app.size.width >= 120:
            for name, (title, lines) in side_of(view, typed, self.form.values, glyphs, self.app.day).items():
                self.query_one(f"#{name}", Lines).show(lines, title=title)

    # ---------------------------------------------------------------- reading the fields

    def typed(self) -> Typed:
        """The fields as numbers and days, with what is wrong in each."""
        view, values = self.view, self.form.values
        wrong: dict[str, str] = {}

        def read(name: str, how: Any) -> Any:
            text = values.get(name, "").strip()
            if not text:
                return None
            try:
                return how(text)
            except Problem as problem:
                wrong[name] = str(problem)
                return None

        today = self.app.today()
        number = lambda text: read_number(text, view.unit, currency=view.currency).value  # noqa: E731
        baseline = read("from", number)
        line = read("to", lambda text: self._target(text, baseline))
        by = read("by", lambda text: to_day(read_date(text.removeprefix("by "), today, edge="end")))
        if by is not None and by < self.app.day:
            wrong["by"] = "That day is over: type a later one."
            by = None
        if isinstance(line, TargetLine) and line.deadline is not None:
            by = line.deadline
        watch = read("watch", number)
        band = None
        if watch is not None and isinstance(line, TargetLine) and line.value:
            band = abs(line.value - watch) / abs(line.value)
            if band > 1:
                wrong["watch"] = "The watch band is more than the target itself: type a value near the target."
                band = None
        counter = read("counter", lambda text: promote_page.meant_counter(view, text))
        goal = self._goal(values.get("objective", ""))
        form = promote_page.Form(
            goal[0] if goal else None,
            values.get("objective", ""),
            baseline,
            line,
            by,
            band,
            {name: answer(values.get(name, ""), name, view) for name in QUESTIONS},
            counter.id if counter else None,
            tuple(name for name in RHYTHMS if values.get(name)),
            self.team if values.get("slot") == "t" else None,
            self.swap if values.get("slot") == "s" else None,
            counter.tolerance if counter else None,
        )
        return Typed(form, wrong, goal[1] if goal else "", counter.said if counter else "", self.form.at, self.app.day)

    def _goal(self, text: str) -> tuple[int, str, int | None] | None:
        """The goal whose title the objective names, else the one offered first."""
        goals = self.view.goals
        named = [goal for goal in goals if fold(goal[1]) and fold(goal[1]) in fold(text)]
        return next(iter(named or goals), None)

    def _target(self, text: str, baseline: float | None) -> TargetLine:
        """`30`, `>=30`, `25-35`, `500 total`, `30 at 0.5 a week`: a plain number is where the way leads."""
        view, today = self.view, self.app.today()
        rated = read_rate(text, today, view.unit, currency=view.currency, current=baseline)
        said = rated.line if rated is not None else text
        direction: Any = view.direction
        line = read_target(said, today, view.unit, currency=view.currency, direction=direction, baseline=baseline)
        refuse_other_grain(line.time, view.cadence, view.name)
        bare = line.kind in ("at_least", "at_most") and not _COMPARES & set(said)
        if bare and baseline is not None and line.value is not None and line.value != baseline:
            if direction in ("up", "down") and (line.value > baseline) == (direction == "up"):
                line = line._replace(kind="from_to", baseline=baseline)
        return line

    # ---------------------------------------------------------------- keys

    def _next(self, after: str) -> str:
        """The next field that is not filled yet, from one on; empty when all are."""
        place = ORDER.index(after) + 1 if after in ORDER else 0
        there = {field.id for field in self.form.fields}
        for name in (*ORDER[place:], *ORDER[:place]):
            if name in there and not self.form.values.get(name, "").strip():
                return name
        return ""

    def _changed(self, field: str) -> None:
        if self.draft is not None:
            typed_in = {name: value for name, value in self.form.values.items() if self.known.get(name, "") != value}
            self.draft.keep(clean(self.view.name), json.dumps(typed_in) if typed_in else "")
        self._show()
        typed = self.typed()
        if field in typed.wrong:
            self.say(typed.wrong[field], "warn")
        else:
            self.say(typed.hint(self.view, self.app.glyphs))

    def _entered(self, field: str) -> None:
        form, typed = self.form, self.typed()
        if field in typed.wrong:
            self.say(typed.wrong[field], "error")
            return
        if field == "counter" and not form.values.get("counter") and self.view.suggested:
            form.values["counter"] = self.view.counters[0][1]
        elif field == "counter" and typed.counter:
            form.values["counter"] = typed.counter
        if field == "slot":
            self.app.do(self._slot(form.values.get("slot", "")))
            return
        following = self._next(field)
        if following:
            form.go_to(following)
        else:
            self._show()
            self.say("All filled in: ctrl+s promotes")

    async def _slot(self, letter: str) -> None:
        """s swaps one out, t gives it to a team with room, k keeps it beside the others."""
        view, form = self.view, self.form
        if letter == "t":
            if not view.teams:
                form.values["slot"] = ""
                self.say("No scope below has room: s swaps one out, k keeps it all the same", "warn")
            else:
                self.team = await self._chosen("Give it to", [(one.scope_id, one.name) for one in view.teams])
        elif letter == "s":
            self.swap = await self._chosen("Swap out", list(view.others))
        if (letter == "t" and self.team is None) or (letter == "s" and self.swap is None):
            form.values["slot"] = ""
        self._show()
        following = self._next("slot")
        if form.values["slot"] and following:
            form.go_to(following)

    async def _chosen(self, label: str, known: list[tuple[int, str]]) -> int | None:
        if len(known) == 1:
            return known[0][0]

        def near(text: str) -> list[tuple[int, str]]:
            return [one for one in known if fold(text) in fold(one[1])]

        def preview(text: str) -> str:
            if not near(text):
                raise Problem(f"None is called that: {', '.join(name for _, name in known)}.")
            return near(text)[0][1]

        text = await self.ask(label, parse=preview, complete=lambda said: [name for _, name in near(said)])
        return None if text is None else near(text)[0][0]

    def _save(self) -> None:
        if not self.app.allowed("kpi"):
            return
        typed = self.typed()
        if typed.wrong:
            field, text = next(iter(typed.wrong.items()))
            self.form.go_to(field)
            self.say(text, "error")
            return
        self.app.do(self._kept(typed))

    async def _kept(self, typed: Typed, again: bool = False) -> None:
        async def settle() -> None:
            had = self.view.kpi_id
            await self.fetch()
            if await promote_together.merge(self, filled(self.view), had):
                self._show()
                await self._kept(self.typed(), again=True)

        done = await self.app.save(
            promote_page.save, self.view, typed.form, self.app.day, settle=None if again else settle
        )
        if done is None:
            return
        if self.draft is not None:
            self.draft.drop()
        self.app.go_back()
        there = self.app.kpi_screen
        if there is not None and there.board is not None:
            there.board.go_to(done.key)
        warning = f" · {done.warning}" if done.warning else ""
        self.app.say(f"{done.sentence}{warning} · u undo", "warn" if warning else "info")

    def _leave(self) -> None:
        if self.draft is not None:
            self.draft.drop()
        self.app.go_back()
        self.app.say("Left as it was: p opens the page again")

    def data_changed(self, change: Any) -> None:
        """What others save is seen the next time: nothing moves under somebody's hands."""


def airy(rows: list[Row]) -> list[Row]:
    """The rows with a blank one between most of them, where there is room."""
    found: list[Row] = []
    for place, row in enumerate(rows):
        found.append(row)
        joined = place + 1 < len(rows) and rows[place + 1] and str(rows[place + 1][0][0]).startswith("    ")
        if row and not joined:
            found.append([])
    return found


def answer(text: str, name: str, view: Page) -> str:
    """What is kept of an answer: yes and no in words, how it is measured with its source; what was written before
    stays while the letter is the same."""
    if name not in ("impact", "measured") or not text:
        return text
    before = str(view.filled.get(name, ""))
    if before and letter(before) == text:
        return before
    if text == "n":
        return "no"
    return f"yes: {view.source}" if name == "measured" and view.source else "yes"


def letter(said: str) -> str:
    """The letter of a stored answer: n for one that begins with no, y for any other."""
    return "n" if fold(said).split()[:1] == ["no"] else "y"


def filled(view: Page) -> dict[str, str]:
    """The fields as far as they are known."""
    known = view.filled
    goal = next(iter(view.goals), None)
    values = {
        "objective": known.get("objective") or (f"Reach {goal[1]}" if goal else ""),
        # What is worked out is worked out, no more exact than it is.
        "from": plain(view.baseline, view.unit, 4)
        if known.get("baseline") is None
        else plain(known["baseline"], view.unit),
        "to": "",
        "by": "",
        "counter": next(
            (
                promote_page.guarded_by(view, id, name, known["tolerance"]).said
                for id, name in view.counters
                if id == known.get("counter_id")
            ),
            "",
        ),
    }
    if known.get("low") is not None and known.get("high") is not None:
        values["to"] = f"{plain(known['low'], view.unit)}-{plain(known['high'], view.unit)}"
    elif known.get("target") is not None:
        sign = {"at_least": ">=", "at_most": "<="}.get(known["target_kind"], "")
        tail = " total" if known["target_kind"] == "reach" else ""
        band = "".join(f" {name} {plain(known[name], view.unit)}" for name in MARKS if known.get(name) is not None)
        time = time_words(known["window"], known["sustain"], view.cadence).replace(",", "")
        values["to"] = f"{sign}{plain(known['target'], view.unit)}{tail}{band}{time}"
        if known.get("watch_band") is not None:
            down = -1 if known["target_kind"] == "at_most" or view.direction == "down" else 1
            values["watch"] = plain(known["target"] - down * known["watch_band"] * abs(known["target"]), view.unit)
    day = known.get("deadline") or (goal[2] if goal else None)
    if day is not None:
        values["by"] = to_date(day).isoformat()
    for name in QUESTIONS:
        text = known.get(name, "")
        if name in ("impact", "measured") and text:
            text = letter(text)
        values[name] = text
    review = known.get("review", "weekly,monthly")
    return {**values, **{name: "x" for name in RHYTHMS if name in review}}
