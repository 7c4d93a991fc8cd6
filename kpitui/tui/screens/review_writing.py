"""Writing in a review: notes, decisions, issues and actions, each saved as it is written; and changing them again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from kpitui.domain.review import SCORECARD
from kpitui.services import actions, review_lines
from kpitui.services.review import Past
from kpitui.services.review_items import Item
from kpitui.services.review_session import Session
from kpitui.services.signing import Shown
from kpitui.tui.drafts import Draft
from kpitui.tui.screens.review_doubts import accept, doubt_of
from kpitui.tui.screens.row_verbs import About, RowVerbs
from kpitui.tui.widgets.board import Board

if TYPE_CHECKING:
    from textual import events

    from kpitui.domain.model import LineKind

LABELS = {"decision": "D", "issue": "I", "note": "m", "action": "a"}
QUESTIONS = {"decision": "decision", "issue": "issue", "note": "note", "action": "action: what @who when"}


class View(NamedTuple):
    """The list, and the review that is held or read."""

    past: tuple[Past, ...]
    session: Session | None
    shown: Shown | None
    path: str
    """Of the workspace."""
    gone: bool = False
    """The review that was held has been taken back by undo."""


class Steps(Board):
    """The rows of a step; at the last one digits are the rating."""

    rates: Callable[[str], bool] = staticmethod(lambda key: False)

    def take_key(self, event: events.Key) -> bool:
        return self.rates(event.key)


class ReviewWriting(RowVerbs):
    """The verbs that write, for the screen that says which review, step and item it is."""

    NAME: ClassVar[str] = ""
    running: int | None = None
    step = 1

    @property
    def session(self) -> Session | None:
        raise NotImplementedError

    @property
    def item(self) -> Item | None:
        raise NotImplementedError

    @property
    def steps(self) -> Steps:
        return self.query_one("#steps", Steps)

    @property
    def meeting(self) -> int | None:
        session = self.session
        return session.id if session is not None and session.state == "open" else None

    def about(self) -> About | None:
        row = self.item.row if self.item is not None else None
        session = self.session
        if row is None and session is not None:
            key = self.steps.cursor_key
            if self.step == SCORECARD:
                row = next((one for one in session.rows if f"row:{one.key}" == key), None)
                if (doubt := doubt_of(session, key)) is not None:
                    row = next((one for one in session.rows if one.metric_id == doubt.metric_id), None)
            else:
                metric_id = self.metric_of(session, key)
                row = next((one for one in session.rows if metric_id and one.metric_id == metric_id), None)
        return About(row.metric_id, row.name, row.kpi_id, None, row.confidence) if row is not None else None

    def metric_of(self, session: Session, key: str) -> int | None:
        kind, _, number = key.partition(":")
        for task in (*session.last_time, *session.agreed):
            if key == f"task:{task.id}":
                return task.metric_id
        for line in session.lines:
            if kind == "line" and number == str(line.id):
                return line.metric_id
        return None

    @property
    def draft(self) -> Draft:
        path = self.view.path if self.view is not None else ""
        return Draft(path, f"review-{self.running}")

    async def write(self, kind: LineKind) -> None:
        """One line, saved as soon as Enter is pressed; until then a draft that a lost terminal does not lose."""
        session, about, draft = self.session, self.about(), self.draft
        if session is None:
            self.say("No review runs: r starts one, or goes on with it.")
            return
        today, name = self.app.day, about.name if about else ""

        def parse(said: str) -> str:
            draft.keep(kind, said)
            if not said.strip():
                return f"{QUESTIONS[kind]}{f', on {name}' if name else ''}"
            if kind == "action":
                return f"> {review_lines.preview(said, today, name)}"
            review_lines.checked(said, kind)
            return f"on {name}" if name else ""

        kept, text = draft.kept()
        said = await self.ask(LABELS[kind], initial=text if kept == kind else "", parse=parse)
        if said is None or not said.strip():
            draft.drop()
            return
        saved = await self.app.save(
            review_lines.write,
            session.id,
            kind,
            said,
            today,
            metric_id=about.metric_id if about else None,
            said=lambda done: f"{done.sentence} · u undo",
        )
        if saved is not None:
            draft.drop()

    async def action_decision(self) -> None:
        await self.write("decision")

    async def action_issue(self) -> None:
        await self.write("issue")

    async def action_note(self) -> None:
        await self.write("note")

    async def action_action(self) -> None:
        await self.write("action")

    async def action_close(self) -> None:
        """An action is done (or open again), an issue closed (or open again), a doubtful value right."""
        session = self.session
        doubt = doubt_of(session, self.steps.cursor_key)
        if doubt is not None:
            await accept(self, doubt)
            return
        kind, _, number = self.steps.cursor_key.partition(":")
        if session is None or self.item is not None or kind not in ("task", "line"):
            self.say("x closes the action or issue under the cursor.")
            return
        if kind == "line":
            await self.app.save(review_lines.close_issue, int(number), said=lambda done: f"{done.sentence} · u undo")
            return
        task = next(task for task in (*session.last_time, *session.agreed) if str(task.id) == number)
        state = "done" if task.state == "open" else "open"
        await self.app.save(
            actions.close, task.id, self.app.day, state=state, said=lambda done: f"{done.sentence} · u undo"
        )

    async def action_edit(self) -> None:
        """A new date for an action of last time; other words for what was written in this review."""
        session, today = self.session, self.app.day
        kind, _, number = self.steps.cursor_key.partition(":")
        if session is None or self.item is not None or kind not in ("task", "line"):
            self.say("e edits the action or line under the cursor.")
            return
        if kind == "line":
            line = next(line for line in session.lines if str(line.id) == number)
            said = await self.ask(LABELS[line.kind], initial=line.text)
            if said:
                await self.app.save(
                    review_lines.reword, line.id, said, rev=line.rev, said=lambda done: f"{done.sentence} · u undo"
                )
            return
        task = next(task for task in (*session.last_time, *session.agreed) if str(task.id) == number)
        said = await self.ask(
            f"new date, was {actions.day_words(task.due)}", parse=lambda typed: actions.date_preview(typed, today)
        )
        if said:
            await self.app.save(
                actions.redate, task.id, said, today, rev=task.rev, said=lambda done: f"{done.sentence} · u undo"
            )
