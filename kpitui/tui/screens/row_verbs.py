"""What can be done to the row under the cursor on any screen, on the prompt line: check in, action, note, target."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kpitui.domain.named import NamedTuple
from kpitui.reports.wording import near_day
from kpitui.tui.screens.base import KpiScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from kpitui.domain.line_target import TargetLine
    from kpitui.domain.model import Direction, Unit
    from kpitui.domain.periods import Span
    from kpitui.services.asked import Asked
    from kpitui.services.check_in import Checked
    from kpitui.services.naming import Done
    from kpitui.services.targets import Standing
    from kpitui.storage.store import Store


_BARE = re.compile(r"(?!\S*\d\s*[-–—]\s*\d)[^\s<>=≥≤]+(\s+(from|by|until|since)\b.*)?", re.IGNORECASE)
"""A target that is only a number, with or without dates: it keeps the kind of target there is."""


class About(NamedTuple):
    """The row a verb is about."""

    metric_id: int
    name: str
    kpi_id: int | None = None
    period: Span | None = None
    """The one a value is asked for; None is the present one."""
    confidence: int | None = None


class Facts(NamedTuple):
    """What a typed target is read by."""

    unit: Unit
    currency: str
    direction: Direction
    baseline: float | None


def facts(store: Store, metric_id: int, today: int) -> Facts:
    """Of a metric, as of today."""
    from kpitui.services.book import Book
    from kpitui.services.judging import last_reported

    with store.snapshot():
        book = Book(store, today)
        metric = book.metrics[metric_id]
        last = last_reported(book.last_cells(metric_id, 12))
        direction: Direction = metric.direction  # type: ignore[assignment]
        return Facts(metric.unit, book.currency_of(metric), direction, None if last is None else last.value)


class RowVerbs(KpiScreen):
    """Mixed into a screen that says in `about` which row is meant."""

    def about(self) -> About | None:
        raise NotImplementedError

    def _meant(self) -> About | None:
        about = self.about()
        if about is None:
            self.say("The cursor is on no KPI or metric: j and k move it.")
        return about

    @property
    def meeting(self) -> int | None:
        """The review that runs on this screen, for what is written down in it."""
        return None

    async def action_playbook(self) -> None:
        """What to look for, offer and do about a miss of the row, and what was tried."""
        about = self._meant()
        if about is not None:
            await self.app.open(self.app.made("playbook", about.metric_id, about.kpi_id, self.meeting))

    async def action_why(self) -> None:
        """The row in full, its last change taken apart."""
        from kpitui.services.why import item_of
        from kpitui.tui.screens.why_verb import WhyVerb

        about = self._meant()
        if about is not None:
            item = await self.app.read(item_of, about.metric_id, about.kpi_id)
            if item is not None:
                opened = self.app.made("detail", item, "why")
                await self.app.open(opened)
                if isinstance(opened, WhyVerb) and opened.view is not None:
                    opened.tell_why()

    async def action_whatif(self) -> None:
        """What it would be with other values, and what each of its drivers must reach."""
        about = self._meant()
        if about is not None:
            await self.app.open(self.app.made("whatif", about.metric_id, about.kpi_id))

    async def action_promote(self) -> None:
        """The page that makes a metric a KPI, or finishes one."""
        about = self._meant()
        if about is not None:
            await self.app.open(self.app.made("promote", about.metric_id, about.kpi_id))

    async def action_check_in(self) -> None:
        """A value, a note behind `;`, and for a KPI how sure its owner is: `359 2/3 ; late renewals`."""
        from kpitui.services import check_in

        about = self._meant()
        if about is None:
            return
        cell = await self.app.read(check_in.cell_of, about.metric_id, self.app.day, about.period)
        if cell is None:
            return
        seen = await self.app.read(check_in.standing, cell)
        text = await self.ask(f"{cell.name} {cell.label}", parse=lambda said: check_in.preview(cell, said))
        if text and text.strip():
            await self._check_in(cell, text, about.kpi_id, seen.rev if seen is not None else None)

    async def _check_in(self, cell: Asked, text: str, kpi_id: int | None, rev: int | None) -> Checked | None:
        """Save it over the revision that was seen; where somebody else saved meanwhile, ask which value stays."""
        from kpitui.services import check_in
        from kpitui.tui.screens.which_stays import revision_to_replace

        async def settle() -> Checked | None:
            theirs = await revision_to_replace(self, cell, text)
            return None if theirs is None else await self._check_in(cell, text, kpi_id, theirs)

        return await self.app.save(
            check_in.check_in, cell, text, self.app.day, kpi_id, if_rev=rev, settle=settle,
            said=lambda done: f"{done.sentence} · u undo",
        )  # fmt: skip

    async def action_action(self) -> None:
        """`what @who when`, hung on the row."""
        from kpitui.domain.line_action import read_action
        from kpitui.services import actions

        about = self._meant()
        if about is None:
            return
        today, me = self.app.today(), self.app.user.partition("@")[0]

        def preview(text: str) -> str:
            if not text.strip():
                return f"what @who when, on {about.name}"
            said = read_action(text, today, me)
            return f"{said.who}, {near_day(said.due, self.app.day)}, on {about.name}"

        text = await self.ask("Action", parse=preview, subject=about.name)
        if text and text.strip():
            said = read_action(text, today, me)
            line = text if f"@{said.who}" in text else f"{text} @{said.who}"
            await self.app.save(
                actions.add,
                line,
                self.app.day,
                metric_id=about.metric_id,
                said=lambda done: f"{done.sentence} · u undo",
            )

    async def action_note(self) -> None:
        """What happened, kept on the row under today's date."""
        from kpitui.services import annotate

        about = self._meant()
        if about is None:
            return
        text = await self.ask(
            "Note", parse=lambda said: "" if said.strip() else f"what happened, on {about.name}", subject=about.name
        )
        if text and text.strip():
            await self.app.save(
                annotate.annotate_metric,
                about.metric_id,
                text,
                self.app.day,
                said=lambda done: f"{done.sentence} · u undo",
            )

    async def action_target(self) -> None:
        """`32 from 1 jan ; Q1 plan`: a KPI's target from a day on, or a metric's own thresholds."""
        from kpitui.domain.figures import show, show_target
        from kpitui.domain.line_band import band_words
        from kpitui.domain.line_rate import Rated, read_rate
        from kpitui.domain.line_target import EXAMPLES, read_target
        from kpitui.domain.line_window import typed_words
        from kpitui.reports.wording import day_text
        from kpitui.services import targets

        about = self._meant()
        if about is None:
            return
        known = await self.app.read(facts, about.metric_id, self.app.day)
        if known is None:
            return
        today = self.app.today()

        def rated(text: str) -> Rated | None:
            return read_rate(text, today, known.unit, currency=known.currency, current=known.baseline)

        def read(text: str) -> TargetLine:
            worked = rated(text)
            text = worked.line if worked is not None else text
            return read_target(
                text, today, known.unit, currency=known.currency, direction=known.direction, baseline=known.baseline
            )

        def preview(text: str) -> str:
            if not text.strip():
                return EXAMPLES if self.app.size.width < 100 else f"{EXAMPLES}, 30 floor 25, over 4 weeks"
            line = read(text)
            figure = show_target(line.kind, line.value, line.low, line.high, known.unit, currency=known.currency)
            band = band_words(line.floor, line.stretch, known.unit, known.currency, line.without)
            band += typed_words(line.time)
            figure = f"the target as it is{band}" if line.only_band else f"{figure}{band}"
            if line.only_time:
                return figure
            worked = rated(text)
            if worked is not None:
                rate = show(worked.solved.rate, known.unit, currency=known.currency, compact=True)
                figure = f"{figure} at {rate} a {worked.grain} from now on"
            until = "" if line.deadline is None else f" by {day_text(line.deadline, self.app.day)}"
            return f"{figure}{until}, from {near_day(line.start, self.app.day)}"

        seen = await self.app.read(targets.standing, about.metric_id, about.kpi_id, self.app.day)
        text = await self.ask(f"Target of {about.name}", parse=preview)
        if text and text.strip():
            await self._set_target(about, text, read, seen)

    async def _set_target(
        self, about: About, text: str, read: Callable[[str], TargetLine], seen: Standing | None
    ) -> Done | None:
        """Save it over the target that was seen; where somebody else set another meanwhile, ask which stays."""
        from kpitui.domain.line_band import without_band
        from kpitui.services import targets

        async def settle() -> Done | None:
            theirs = await self.app.read(targets.standing, about.metric_id, about.kpi_id, self.app.day)
            if theirs is None:
                return None
            if seen is None or theirs.words != seen.words:
                by = f"{theirs.by} made it {theirs.words}" if theirs.by else f"It is {theirs.words} now"
                if not await self.confirm(f"{by}. Save yours, “{text.strip()}”, over it?"):
                    self.say(f"Kept theirs: the target of {about.name} is {theirs.words}")
                    return None
            return await self._set_target(about, text, read, theirs)

        return await self.app.save(
            targets.set_target, about.metric_id, about.kpi_id, read(text), self.app.day, seen=seen, settle=settle,
            said_kind=_BARE.fullmatch(without_band(text.partition(";")[0])) is None,
            said=lambda done: f"{done.sentence} · u undo",
        )  # fmt: skip
