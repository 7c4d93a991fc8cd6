"""The report of a period: where the goals and KPIs stood at its end, what moved since the one before, and what people
said and agreed."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from kpitui.domain.compare import compare
from kpitui.domain.periods import GRAINS, Span, boundaries, grain_of, iso, label, shift, to_date
from kpitui.domain.problem import Problem
from kpitui.domain.report import GRAIN, belongs, last_whole, move, within
from kpitui.services.book import Book
from kpitui.services.goal_standing import goal_view
from kpitui.services.judging import judge_rows, shown_as
from kpitui.services.overview import by_severity, card_of, scope_choices, scope_named
from kpitui.services.phases import news
from kpitui.services.report_view import Decision, Doubt, GoalLine, Group, Held, Line, Noted, Prospect
from kpitui.services.report_view import Report as Report
from kpitui.services.review_items import streak_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kpitui.services.closing import Restated
    from kpitui.services.rows import GoalView, Owed, Row
    from kpitui.storage.store import Store


def report(
    store: Store, day: int, period: str = "", scope: str | None = None, *, today: int | None = None,
    known: int | None = None,
) -> Report:  # fmt: skip
    """The report of a period as typed (`w46`, `oct`, `2026-Q3`, `last month`); empty is the last whole week.

    `day` is the one that is looked at, `known` the one whose knowledge the store has (None: now's), `today` tells
    whether `day` itself is over. Of a past period the figures are those of its last day. Raises NotFound for a scope
    that does not exist, Problem for what is no period or has not begun.
    """
    with store.snapshot():
        book = Book(store, day)
        over = day + 1 if today is not None and day < today else day
        grain, span = _period(book, period, over)
        return _Maker(book, grain, span, scope).made(known)


def _period(book: Book, text: str, over: int) -> tuple[str, Span]:
    if not text.strip():
        return GRAIN, last_whole(GRAIN, over, book.calendar)
    from kpitui.domain.dates import read_period

    grain, span = read_period(text, book.calendar, to_date(book.today), GRAIN)
    if span.start > book.today:
        name = label(grain, span, book.calendar)
        raise Problem(f"{name} has not begun on {iso(book.today)}: give a period up to that day.")
    return grain, span


class _Maker:
    """The books a report is read from: at the end of the period, at the end of the one before, and today's."""

    def __init__(self, book: Book, grain: str, period: Span, scope: str | None) -> None:
        self.looked, self.grain, self.period, self.scope = book, grain, period, scope
        self.store, self.calendar = book.store, book.calendar
        self.before = shift(grain, period, -1, book.calendar)
        end = min(book.today, period.end - 1)
        self.now = book if end == book.today else Book(book.store, end)
        self.then = Book(book.store, self.before.end - 1)
        self.scope_id = scope_named(book, scope)

    def made(self, known: int | None) -> Report:
        from kpitui.storage.head import head

        book, period = self.now, self.period
        card = card_of(book, self.scope)
        card = card._replace(kpis=by_severity(card.kpis))
        was = self._rows_then()
        newest = head(self.store)
        goals = tuple(self._goal(view) for view in card.goals if view.deadline is None or view.deadline >= period.start)
        reviews = tuple(self._reviews())
        opened, late = self._open_before(reviews)
        scope = book.scopes.get(self.scope_id or 0)
        return Report(
            workspace=card.workspace,
            scope=self.scope or "",
            scope_name=scope.name if scope else "",
            grain=self.grain,
            period=period,
            label=label(self.grain, period, self.calendar),
            short=book.period_label(self.grain, period),
            partial=period.end > self.looked.today + 1,
            before=self.before,
            before_short=book.period_label(self.grain, self.before),
            as_of=book.today,
            day=self.looked.today,
            known=known,
            card=card,
            goal=None if card.goal is None else self._goal(card.goal),
            goals=tuple(sorted(goals, key=lambda line: not line.view.main)),
            groups=tuple(self._groups(card.kpis, was)),
            metrics=tuple(self._line(row, was) for row in card.metrics),
            prospects=tuple(self._prospects(card.kpis)),
            notes=tuple(self._notes()),
            reviews=reviews,
            open_before=opened,
            late_before=late,
            restated=tuple(self._restated()),
            missing=tuple(self._missing()),
            doubts=tuple(self._doubts()),
            head=None if newest is None else (newest[0], newest[1].hex()),
            made_at=self.store.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            made_by=self.store.who.name,
        )

    def _rows_then(self) -> dict[str, Row]:
        """The same rows as they stood at the end of the period before, by key."""
        book = self.then
        with_role = {kpi.metric_id for kpi in book.kpis.values()}
        metrics = [
            metric
            for metric in book.metrics.values()
            if metric.id not in with_role and self.scope_id in (None, metric.scope_id)
        ]
        kpis, others = judge_rows(book, book.kpis_of(self.scope_id), metrics)
        return {row.key: row for row in (*kpis, *others)}

    def _line(self, row: Row, was: dict[str, Row]) -> Line:
        book = self.now
        then = was.get(row.key)
        before = then.status if then is not None else ""
        fresh = news(book, row, self.period.start, shown_as(book, book.metrics[row.metric_id]))
        stood = then.signal if then is not None else None
        if fresh is not None and stood is not None and stood.direction == fresh.direction:
            fresh = None  # it stood before the period, too
        figure = change = None
        if GRAINS.index(row.cadence) <= GRAINS.index(self.grain):
            figure, prior = book.cells(row.metric_id, self.grain, (self.period, self.before))
            additive = book.measures[row.metric_id].additive
            days = book.days_of(row.metric_id)
            change = compare(figure, prior, row.unit, self.calendar, additive, work=days).change
        return Line(row, before, move(before, row.status, fresh is not None), fresh, figure, change, streak_of(row))

    def _groups(self, kpis: Iterable[Row], was: dict[str, Row]) -> Iterator[Group]:
        rows = list(kpis)
        for choice in scope_choices(self.now):
            scope = next((one for one in self.now.scopes.values() if one.slug == choice.slug), None)
            own = [row for row in rows if scope is not None and row.scope_id == scope.id]
            if own and scope is not None:
                yield Group(scope.slug, scope.name, tuple(self._line(row, was) for row in own))

    def _goal(self, view: GoalView) -> GoalLine:
        metric = self.now.metrics.get(view.metric_id or 0)
        was = goal_view(self.then, self.then.goals[view.id])
        return GoalLine(view, was, self.now.goals[view.id].target_kind, metric.cadence if metric else "")

    def _prospects(self, kpis: Iterable[Row]) -> Iterator[Prospect]:
        """Of the KPIs that run: the period to come, and the one their deadline lies in."""
        from kpitui.services.forecasting import foreseen_of

        book = self.now
        for row in kpis:
            if row.state != "live" or row.value is None or (row.deadline is not None and row.deadline < book.today):
                continue
            grain = self.grain if row.cadence == "day" else row.cadence
            found = foreseen_of(book, book.metrics[row.metric_id], row, grain=grain)
            last = None
            if found.steps and row.deadline is not None and grain == row.cadence and row.target_kind != "reach":
                number = boundaries(found.grain, row.deadline, self.calendar)
                last = next(
                    (
                        one
                        for one in found.steps[1:]
                        if boundaries(found.grain, one.span.start, self.calendar) == number
                    ),
                    None,
                )
            yield Prospect(row, found.steps[0] if found.steps else None, last, found.method)

    def _in_scope(self, metric_id: int | None, goal_id: int | None) -> bool:
        if self.scope_id is None:
            return True
        book = self.now
        metric, goal = book.metrics.get(metric_id or 0), book.goals.get(goal_id or 0)
        if metric is not None:
            roles = {kpi.scope_id for kpi in book.roles_of(metric.id)}
            return self.scope_id in (roles or {metric.scope_id})
        return goal is not None and goal.scope_id == self.scope_id

    def _notes(self) -> Iterator[Noted]:
        from kpitui.storage import reading

        book = self.now
        for note in reading.notes(self.store):
            if not within(note.day, self.period) or note.day > book.today:
                continue
            metric, goal = book.metrics.get(note.metric_id or 0), book.goals.get(note.goal_id or 0)
            if (metric or goal) and self._in_scope(note.metric_id, note.goal_id):
                name = metric.name if metric else goal.title if goal else ""
                slug = metric.slug if metric else goal.slug if goal else ""
                yield Noted(note.day, note.who, note.text, name, slug)

    def _reviews(self) -> Iterator[Held]:
        from kpitui.domain.model import ReviewLine
        from kpitui.services.actions import task_of
        from kpitui.services.calendars_then import Calendars, title_of
        from kpitui.storage import definitions, reading

        book, root = self.looked, self.looked.root
        calendars = Calendars(self.store, self.calendar)
        held = [
            row
            for row in reversed(reading.reviews(self.store))
            if row.held <= book.today
            and belongs(Span(row.start, row.end), row.held, self.period)
            and self.scope_id in (None, row.scope_id)
        ]
        actions = reading.actions(self.store) if held else []
        for row in held:
            scope = book.scopes.get(row.scope_id)
            decisions = []
            for said in definitions.all_of(self.store, ReviewLine, review_id=row.id, kind="decision"):
                metric, goal = book.metrics.get(said.metric_id or 0), book.goals.get(said.goal_id or 0)
                about = metric.name if metric else goal.title if goal else ""
                decisions.append(Decision(said.text, said.who, about))
            tasks = [task_of(one, book.today, book.metrics, book.goals) for one in actions if one.review_id == row.id]
            tasks.sort(key=lambda task: (task.state != "open", task.due))
            yield Held(
                row.id,
                title_of(row.rhythm, Span(row.start, row.end), calendars.of_review(row.id), book.today),
                "" if scope is None or (root is not None and scope.id == root.id) else scope.name,
                row.held,
                row.state,
                row.leader,
                tuple(decisions),
                tuple(tasks),
            )

    def _open_before(self, reviews: Iterable[Held]) -> tuple[int, int]:
        """Open actions agreed elsewhere, and how many of them are late."""
        from kpitui.storage import reading

        told = {held.id for held in reviews}
        waiting = [
            one
            for one in reading.actions(self.store, state="open")
            if one.review_id not in told and (self.scope_id is None or self._in_scope(one.metric_id, one.goal_id))
        ]
        return len(waiting), sum(1 for one in waiting if one.due < self.looked.today)

    def _restated(self) -> Iterator[Restated]:
        """Values of the period that were changed while it was closed, and those of others changed in its days."""
        from kpitui.services.closing import restatements

        ids = {metric.slug: metric.id for metric in self.now.metrics.values()}
        for one in restatements(self.store, self.looked.today):
            touches = one.span.start < self.period.end and one.span.end > self.period.start
            if (touches or within(one.day, self.period)) and self._in_scope(ids.get(one.slug), None):
                yield one

    def _missing(self) -> Iterator[Owed]:
        from kpitui.services.due import owed

        for item in owed(self.looked, detail=False):
            if item.period.end <= max(self.period.end, self.now.today + 1) and self._in_scope(item.metric_id, None):
                yield item

    def _doubts(self) -> Iterator[Doubt]:
        from kpitui.services.accepting import to_check

        for one in to_check(self.looked):
            if one.period.start < self.period.end and self._in_scope(one.metric_id, None):
                grain = grain_of(one.period, self.calendar)
                full = label(grain, one.period, self.calendar) if grain else iso(one.period.start)
                number = self.looked.unchecked[one.metric_id][one.period]
                yield Doubt(one.slug, one.name, full, one.period_label, number, one.value)
