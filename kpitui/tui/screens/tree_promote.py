"""Metric to KPI in four short questions on the prompt row; Enter keeps what is offered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpitui.domain.dates import read_date
from kpitui.domain.figures import show
from kpitui.domain.line_target import TargetLine, read_target
from kpitui.domain.numbers import read_number
from kpitui.domain.periods import to_day
from kpitui.domain.problem import Problem
from kpitui.reports.wording import day_text
from kpitui.services import promotion
from kpitui.text import clean, cut, fold
from kpitui.tui.screens.base import KpiScreen

if TYPE_CHECKING:
    from kpitui.services.hierarchy import Node
    from kpitui.services.naming import Done
    from kpitui.services.promotion import Offer


class Promoting(KpiScreen):
    """Mixed into a screen with a `node` under the cursor."""

    async def keep(self, fn: Any, *args: Any, **kw: Any) -> Done | None:
        raise NotImplementedError

    @property
    def node(self) -> Node | None:
        raise NotImplementedError

    async def action_promote(self) -> None:
        """Objective, baseline, target, deadline; without a target or a date it is a draft."""
        node = self.node
        if node is None or node.metric_id is None or node.kind == "goal":
            self.say("p makes a metric a KPI: put the cursor on one.")
            return
        if node.kind == "kpi":
            self.say(f"{clean(node.name)} is a KPI already: T sets its target, P makes it a plain metric.")
            return
        offer = await self.app.read(promotion.offer, node.metric_id, self.app.day)
        if offer is None:
            return
        name = cut(clean(offer.name), 18)
        goal = await self._goal(offer, name)
        if goal is None:
            return
        goal_id, day = goal
        baseline = await self._baseline(offer, name)
        if baseline == "":
            return
        number = baseline if isinstance(baseline, float) else None
        target = await self._target(offer, name, number)
        if target == "":
            return
        line = target if isinstance(target, TargetLine) else None
        if line is None or line.deadline is None:
            answer = await self._deadline(name, day)
            if answer == "":
                return
            day = answer if isinstance(answer, int) else None
        await self.keep(
            promotion.promote,
            offer.metric_id,
            self.app.day,
            goal_id=goal_id,
            target=line,
            baseline=number,
            deadline=day,
            rev=offer.rev,
        )

    async def _goal(self, offer: Offer, name: str) -> tuple[int | None, int | None] | None:
        """The goal and its last day; None when it was dropped."""
        goals = offer.goals

        def chosen(text: str) -> tuple[int, str, int | None] | None:
            if not text.strip():
                return goals[0] if goals else None
            near = [goal for goal in goals if fold(text) in fold(goal[1])]
            if not near:
                raise Problem("There is no such goal: tab goes through them, enter takes the one offered.")
            return near[0]

        def preview(text: str) -> str:
            goal = chosen(text)
            slots = f" · {offer.slots}" if offer.slots and not text else ""
            return f"⏎ {clean(goal[1])}{slots}" if goal else "no goal yet: it becomes a draft"

        if self.app.glyphs.name == "ascii":
            enter = self.app.glyphs.enter
            plain = preview
            preview = lambda text: plain(text).replace("⏎", enter)  # noqa: E731
        text = await self.ask(
            f"1/4 {name} for which goal",
            parse=preview,
            complete=lambda said: [goal[1] for goal in goals if fold(said) in fold(goal[1])],
        )
        if text is None:
            return None
        goal = chosen(text)
        return (goal[0], goal[2]) if goal else (None, None)

    async def _baseline(self, offer: Offer, name: str) -> float | str | None:
        """The number to start from; "" when it was dropped, None when there is none."""

        def read(text: str) -> float | None:
            if not text.strip():
                return offer.baseline
            return read_number(text, offer.unit, currency=offer.currency).value

        def preview(text: str) -> str:
            value = read(text)
            if value is None:
                return "no closed period with a value yet: it stays open"
            said = show(value, offer.unit, currency=offer.currency, compact=True)
            return f"{said}, {offer.baseline_of}" if not text.strip() else said

        text = await self.ask(f"2/4 {name} from", parse=preview)
        return "" if text is None else read(text)

    async def _target(self, offer: Offer, name: str, baseline: float | None) -> TargetLine | str | None:
        """The target; "" when it was dropped, None when there is none yet."""
        today = self.app.today()

        def read(text: str) -> TargetLine | None:
            if not text.strip():
                return None
            direction: Any = offer.direction
            line = read_target(text, today, offer.unit, currency=offer.currency, direction=direction, baseline=baseline)
            bare = line.deadline is None and line.kind in ("at_least", "at_most") and not _COMPARES & set(text)
            if bare and baseline is not None and line.value is not None and line.value != baseline:
                # From here to there: a plain number is where the way leads.
                risen = line.value > baseline
                if direction in ("up", "down") and risen == (direction == "up"):
                    line = line._replace(kind="from_to", baseline=baseline)
            return line

        def preview(text: str) -> str:
            line = read(text)
            if line is None:
                best = (
                    "" if offer.best is None else f", best so far {self._figure(offer, offer.best)} {offer.best_label}"
                )
                return f"30, >=30 or 25-35{best}; nothing: a draft"
            if line.kind == "from_to":
                return f"from {self._figure(offer, line.baseline)} to {self._figure(offer, line.value)}"
            from kpitui.domain.figures import show_target

            return show_target(line.kind, line.value, line.low, line.high, offer.unit, currency=offer.currency)

        text = await self.ask(f"3/4 {name} to", parse=preview)
        return "" if text is None else read(text)

    @staticmethod
    def _figure(offer: Offer, value: float | None) -> str:
        return show(value, offer.unit, currency=offer.currency, compact=True)

    async def _deadline(self, name: str, day: int | None) -> int | str | None:
        """The last day; "" when it was dropped, None when there is none yet."""
        today = self.app.today()

        def read(text: str) -> int | None:
            if not text.strip():
                return day
            said = to_day(read_date(text.strip().removeprefix("by "), today, edge="end"))
            if said < self.app.day:
                raise Problem("That day is over: type a later one.")
            return said

        def preview(text: str) -> str:
            found = read(text)
            return "31 dec; nothing: a draft" if found is None else day_text(found, weekday=True)

        text = await self.ask(f"4/4 {name} by", parse=preview)
        return "" if text is None else read(text)


_COMPARES = frozenset("<>=≥≤")
