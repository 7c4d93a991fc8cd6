"""Using a template: what is asked, what the answers mean, and everything it creates in one change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kpitui.domain.figures import show, show_target
from kpitui.domain.line_band import band_words
from kpitui.domain.line_goal import GoalLine, read_goal
from kpitui.domain.line_window import typed_words
from kpitui.domain.numbers import read_number
from kpitui.domain.periods import span_of, to_date
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.domain.rules import refuse_points
from kpitui.domain.starting_target import Answer, Ground, read_answer, read_usual, without_owner, work_out
from kpitui.errors import Conflict, Refused
from kpitui.services.book import Book
from kpitui.services.main_goal import ADVICE
from kpitui.services.naming import Done
from kpitui.text import check_name, clean, fold

if TYPE_CHECKING:
    from kpitui.domain.line_target import TargetLine
    from kpitui.domain.model import Direction, Kind, Unit
    from kpitui.domain.periods import Calendar
    from kpitui.services.library import Preview
    from kpitui.storage.reading import GoalRow
    from kpitui.storage.store import Store


class Ask(NamedTuple):
    """One KPI whose baseline, target and owner are asked."""

    slug: str
    name: str
    unit: Unit
    currency: str
    kind: Kind
    direction: Direction
    usual: str


class Goal(NamedTuple):
    """The goal that the KPIs are tied to."""

    slug: str
    """Empty for one that is still to be made."""
    title: str
    number: float | None
    start: int | None
    deadline: int | None


class Offer(NamedTuple):
    """What using a template would do, and what it asks first."""

    preview: Preview
    lines: tuple[str, ...]
    """Slugs that are taken, with what those are worked out from."""
    scope: str
    """Name of whom it is for."""
    scope_id: int
    """0 for a scope that is made with it."""
    scope_kind: str
    goal: Goal | None
    """The goal there is; None when one is asked."""
    above: Goal | None
    """The main goal, which KPIs are tied to when whom they are for gets none of its own."""
    asks: tuple[Ask, ...]
    there: tuple[str, ...]
    """Names of metrics that are there already and are used as they are."""
    currency: str
    calendar: Calendar
    today: int
    who: str


class GoalSaid(NamedTuple):
    line: GoalLine
    baseline: float | None
    owner: str


def offer(store: Store, today: int, preview: Preview, picked: Iterable[str] | None = None, scope: str = "") -> Offer:
    """What this template asks and makes. `picked` are the lines wanted, those it takes by default when None; `scope`
    names whom it is for, else it says so itself. Raises Refused when nothing is picked."""
    with store.snapshot():
        book = Book(store, today)
        wanted = {line.slug for line in preview.lines if line.picked} if picked is None else set(picked)
        lines = tuple(_with_parts(preview, wanted))
        if not lines:
            raise Refused("Every line is left out: space takes one in again.")
        scope_id, scope_name, kind = _scope(book, preview, scope)
        metrics = {entry.values["slug"]: entry.values for entry in preview.model.of("metric")}
        usual = dict(preview.template.usual)
        asks = []
        for line in preview.lines:
            if not line.kpi or line.slug not in lines:
                continue
            values = metrics[line.slug]
            same = same_metric(book, values)
            if same is not None and any(role.scope_id == scope_id for role in book.roles_of(same)):
                continue
            unit, currency = values.get("unit", "number"), values.get("currency") or book.currency
            asks.append(Ask(line.slug, line.name, unit, currency, values.get("kind", "flow"),
                            values.get("direction", "up"), usual.get(line.slug, "")))  # fmt: skip
        there = [book.metrics[id].name for slug in lines if (id := same_metric(book, metrics[slug])) is not None]
        own, above = _goals(book, preview, scope_id)
        return Offer(preview, lines, scope_name, scope_id, kind, own, above, tuple(asks), tuple(there),
                     book.currency, book.calendar, today, store.who.name)  # fmt: skip


def _with_parts(preview: Preview, wanted: set[str]) -> list[str]:
    """The wanted lines in their order, and whatever they are worked out from."""
    from kpitui.services.library import parts_of

    metrics = {entry.values["slug"]: entry.values for entry in preview.model.of("metric")}
    found: set[str] = set()
    waiting = [slug for slug in wanted if slug in metrics]
    while waiting:
        slug = waiting.pop()
        if slug not in found:
            found.add(slug)
            waiting += [part for part in parts_of(metrics[slug]) if part in metrics]
    return [line.slug for line in preview.lines if line.slug in found]


def _scope(book: Book, preview: Preview, said: str) -> tuple[int, str, str]:
    root = book.root
    assert root is not None
    wanted = " ".join(said.split())
    kind = preview.scope[0] if preview.scope else "team"
    if not wanted:
        if preview.scope is None:
            return root.id, root.name, root.kind
        wanted = preview.scope[1]
    for one in book.scopes.values():
        if fold(wanted) in (fold(one.name), one.slug):
            return one.id, one.name, one.kind
    return 0, check_name(wanted, "whom it is for"), kind


def scope_words(preview: Preview, names: Sequence[str], text: str) -> str:
    """What a typed scope means: one that is there, or a new one."""
    wanted = " ".join(text.split()) or (preview.scope[1] if preview.scope else "")
    there = next((name for name in names if fold(name) == fold(wanted)), None)
    if there is not None:
        return f"into {clean(there)}, which is there"
    return f"makes the {preview.scope[0] if preview.scope else 'team'} {check_name(wanted, 'whom it is for')}"


def scope_names(store: Store) -> list[str]:
    from kpitui.storage import reading

    return [one.name for one in reading.scopes(store)]


def same_metric(book: Book, values: Mapping[str, Any]) -> int | None:
    """The metric there is that means the same: by name, counted alike."""
    name = fold(str(values.get("name", values["slug"])))
    for one in book.metrics.values():
        alike = (one.unit, one.kind, one.cadence) == (
            values.get("unit", "number"), values.get("kind", "flow"), values.get("cadence", "week")
        )  # fmt: skip
        if alike and (fold(one.name) == name or one.slug == values["slug"]):
            return one.id
    return None


def _goals(book: Book, preview: Preview, scope_id: int) -> tuple[Goal | None, Goal | None]:
    """The goal of a scope that is running or coming, and the main one; a goal's number counts only where it is that of
    the template's own metric."""
    wanted = preview.template.goal_metric
    values = next((one.values for one in preview.model.of("metric") if one.values["slug"] == wanted), None)
    metric = None if values is None else same_metric(book, values)

    def seen(goal: GoalRow) -> Goal:
        number = goal.target if metric is not None and goal.metric_id == metric else None
        return Goal(goal.slug, goal.title, number, goal.start, goal.deadline)

    main = book.main_goal
    coming = [goal for goal in book.goals.values() if goal.deadline is None or goal.deadline >= book.today]
    own = sorted(
        (goal for goal in coming if goal.scope_id == scope_id),
        key=lambda goal: (main is None or goal.id != main.id, goal.deadline or 0),
    )
    return (seen(own[0]) if own else None), (seen(main)._replace(number=None) if main in coming and main else None)


# ---- what is typed -----------------------------------------------------------------------------------------------

_NUMBER_ONLY = re.compile(r"[^a-zA-Z]*[0-9][0-9.,'’_ ]*\s*(?:[kKmMbB]|mn|bn|mio|million)?\s*[%€$£]?", re.IGNORECASE)
_FROM = re.compile(r"(.*?[^\s<>=-])\s*(?:->|→|>)\s*(.+)")


def goal_said(text: str, shape: str, today: int, currency: str) -> GoalSaid | None:
    """Read `5m`, `3.2m > 5m`, or a whole goal line; what it leaves out is the template's `shape`, `ARR by 31 dec`.

    None for an empty line: the goal comes later. Raises Problem.
    """
    said, owner = without_owner(text)
    if not said:
        return None
    before = None
    if way := _FROM.fullmatch(said):
        before, said = way[1], way[2]
    line = _completed(said, shape, today, currency)
    baseline = None
    if before is not None:
        baseline = read_number(before, line.unit, currency=currency).value
        if baseline is None:
            raise Problem(f"There is no number in {quote(before)}: type today's value > the goal, like 3.2m > 5m.")
    return GoalSaid(line, baseline, owner)


def _completed(said: str, shape: str, today: int, currency: str) -> GoalLine:
    day = to_date(today)
    if _NUMBER_ONLY.fullmatch(said):
        return read_goal(f"{said} {shape}", day, currency)
    try:
        return read_goal(said, day, currency)
    except Problem:
        date = re.search(r"\b(?:by|in)\s.*$", shape)
        if date is None or re.search(r"\b(?:by|in|until)\b", said):
            raise
        return read_goal(f"{said} {date[0]}", day, currency)


def goal_words(text: str, shape: str, today: int, currency: str) -> str:
    """What a goal's line means, for whoever is typing it."""
    said = goal_said(text, shape, today, currency)
    if said is None:
        return f"a number: {shape} · {ADVICE}" if shape else f"a number, what it counts, a date · {ADVICE}"
    unit = said.line.unit
    since = "" if said.baseline is None else f", from {show(said.baseline, unit, currency=currency, compact=True)}"
    day = to_date(said.line.deadline)
    whose = f" · {said.owner}" if said.owner else ""
    return f"{said.line.title}{since}, by {day:%a} {day.day} {day:%b} {day.year}{whose}"


class Answers:
    """The answers given so far, and what each line's target becomes with them."""

    def __init__(self, given: Offer, goal: GoalSaid | None = None) -> None:
        self.offer = given
        self.said = goal
        self.by_slug: dict[str, Answer] = {}

    @property
    def goal(self) -> Goal | None:
        """The goal that the KPIs get: the new one, or the one there is."""
        if self.said is None:
            return self.offer.goal or self.offer.above
        line = self.said.line
        return Goal("", line.title, line.value, self.goal_start, line.deadline)

    @property
    def goal_start(self) -> int:
        """A total of a year is counted from the year's first day, any other goal from today."""
        assert self.said is not None
        today, deadline = self.offer.today, self.said.line.deadline
        year = span_of("year", deadline, self.offer.calendar)
        return year.start if self.counted and deadline == year.end - 1 and today >= year.start else today

    @property
    def counted(self) -> bool:
        """Whether the goal's metric is added up, so that the goal is a total."""
        return self._metric.get("kind", "flow") == "flow" if self._metric else False

    @property
    def _metric(self) -> Mapping[str, Any]:
        wanted = self.offer.preview.template.goal_metric
        found = [one.values for one in self.offer.preview.model.of("metric") if one.values["slug"] == wanted]
        return found[0] if found and wanted in self.offer.lines else {}

    def ground(self, slug: str, baseline: float | None = None) -> Ground:
        goal = self.goal
        known = {name: one.baseline for name, one in self.by_slug.items() if one.baseline is not None}
        if baseline is None:
            baseline = known.get(slug)
        number, start, deadline = (goal.number, goal.start, goal.deadline) if goal else (None, None, None)
        return Ground(number, self.offer.today, deadline, start, baseline, known)

    def read(self, ask: Ask, text: str) -> Answer:
        """What is typed for a KPI. Raises Problem."""
        deadline = self.goal.deadline if self.goal else None
        answer = read_answer(text, self.offer.today, ask.unit, ask.currency, ask.direction, deadline)
        refuse_points("Today", answer.baseline, ask.unit)
        if answer.target is not None:
            for number in (answer.target.value, answer.target.low, answer.target.high):
                refuse_points("Target", number, ask.unit)
        return answer

    def target(self, ask: Ask, answer: Answer) -> TargetLine | None:
        """The target typed, else what the usual one gives."""
        if answer.target is not None or not ask.usual:
            return answer.target
        usual = read_usual(ask.usual, ask.unit, ask.currency, ask.direction)
        return work_out(usual, ask.kind, ask.direction, self.ground(ask.slug, answer.baseline))

    def words(self, ask: Ask, text: str) -> str:
        """What an answer means: `$356k to $400k by 31 Dec, ana`."""
        answer = self.read(ask, text)
        target = self.target(ask, answer)
        owner = answer.owner or self.offer.who
        if target is None:
            usual = f", usually {ask.usual}" if ask.usual else ""
            lacking = "today's value > target" if answer.baseline is None else "and its target"
            return f"{lacking}{usual} · enter leaves it a draft"
        shown = show_target(target.kind, target.value, target.low, target.high, ask.unit, currency=ask.currency)
        shown += band_words(target.floor, target.stretch, ask.unit, ask.currency) + typed_words(target.time)
        if target.kind == "from_to" and target.baseline is not None:
            shown = f"{show(target.baseline, ask.unit, currency=ask.currency, compact=True)} to {shown}"
        day = None if target.deadline is None else to_date(target.deadline)
        until = f" by {day.day} {day:%b}" if day is not None else ""
        usual = " (usual)" if answer.target is None else ""
        return f"{shown}{until}{usual}, {owner}"

    def keep(self, ask: Ask, text: str) -> None:
        self.by_slug[ask.slug] = self.read(ask, text)


def question(answers: Answers) -> str:
    """What is confirmed before anything is created: `Create 1 goal, 3 KPIs and 8 metrics?`."""
    given = answers.offer
    kpis = len(given.asks)
    metrics = len(given.lines) - sum(line.kpi for line in given.preview.lines if line.slug in given.lines)
    parts = ["the goal"] if answers.said is not None else []
    parts += [f"{kpis} KPI{'' if kpis == 1 else 's'}"] if kpis else []
    parts += [f"{metrics} metric{'' if metrics == 1 else 's'}"] if metrics else []
    there = f", {len(given.there)} there already" if given.there else ""
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"Create {listed}{there}, for {clean(given.scope)}?"


def use(store: Store, answers: Answers) -> Done:
    """Creates it all as one change. Raises Refused where the workspace refuses so many KPIs, Problem for a template
    that does not fit into it, Conflict where something else would be created by now than was agreed to."""
    from kpitui.services.library_writing import entries_for
    from kpitui.services.model_file import apply
    from kpitui.services.promotion import slots

    given = answers.offer
    template = given.preview.template
    summary = f"the template {template.title} for {given.scope}"
    with store.write("library.use", summary=summary) as tx:
        book = Book(store, given.today)
        _refuse_other(store, book, given)
        wanted = entries_for(store, book, answers)
        _refuse_full(book, given.scope_id, wanted.live)
        done = apply(store, wanted.model)
        tx.summary = summary
    if not done.counts:
        return Done(f"All of {clean(template.title)} was there already: nothing was changed")
    parts = [f"{count} {noun}{'' if count == 1 else 's'}" for noun, count in wanted.made if count]
    book = Book(store, given.today)
    scope = next((one.id for one in book.scopes.values() if one.slug == wanted.scope), 0)
    drafts = "" if not wanted.drafts else ", one is a draft" if wanted.drafts == 1 else f", {wanted.drafts} are drafts"
    drafts += " until T gives a target" if drafts else ""
    said = f"Created from {clean(template.title)}: {', '.join(parts)}{drafts}"
    return Done(said, f"scope:{scope}", slots(book, scope) if scope else "")


def _refuse_other(store: Store, book: Book, given: Offer) -> None:
    """Raises Conflict where others have made meanwhile what this would make, or a goal to tie it to."""
    from kpitui.services.revisions import who_changed_last

    now = offer(store, given.today, given.preview, given.lines, given.scope)
    if all(getattr(now, name) == getattr(given, name) for name in ("scope_id", "goal", "above", "asks", "there")):
        return
    new = [name for name in now.there if name not in given.there]
    rows = [("metric", one.id) for one in book.metrics.values() if one.name in new]
    by = who_changed_last(store, rows) if rows else "Somebody"
    what = f"{clean(new[0])}{f' and {len(new) - 1} more' if len(new) > 1 else ''}" if new else "a goal or KPIs for it"
    raise Conflict(f"{by} made {what} meanwhile. NOT saved: use the template again, it asks for what is left.")


def _refuse_full(book: Book, scope_id: int, live: int) -> None:
    """Raises Refused where the workspace allows no more KPIs than it has set as its limit."""
    if str(book.settings.get("kpi_refuse", "")).lower() not in ("1", "true", "yes"):
        return
    strong = book.limits_of(scope_id).strong
    count = live + sum(1 for kpi in book.kpis.values() if kpi.scope_id == scope_id and kpi.state == "live")
    if count > strong:
        raise Refused(
            f"That would be {count} KPIs for one scope, and this workspace allows {strong}: leave some out (space), "
            "or raise the limit, in Settings or of the scope."
        )
