"""Writing in a review: notes, decisions, issues and actions, each saved as it is written; and changing them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from kpitui.domain.review import SCORECARD
from kpitui.services import actions, review_lines
from kpitui.services.review import Past
from kpitui.services.review_items import Item
from kpitui.services.review_session import Session, Written
from kpitui.services.revisions import who_changed
from kpitui.services.signing import Shown
from kpitui.text import cut
from kpitui.tui.drafts import Draft
from kpitui.tui.screens.review_doubts import accept, doubt_of, saved_by_accepting
from kpitui.tui.screens.row_verbs import About, RowVerbs
from kpitui.tui.widgets.board import Board

if TYPE_CHECKING:
    from textual import events

    from kpitui.domain.model import LineKind
    from kpitui.services.actions import Task
    from kpitui.services.review_lines import Saved
    from kpitui.services.rows import Row

LABELS = {"decision": "D", "issue": "I", "note": "m", "action": "a"}
QUESTIONS = {"decision": "decision", "issue": "issue", "note": "note", "action": "action: what @who when"}
NAMED = 30
"""Cells of a line or action that say which one it is, where what was being typed for it is named."""


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
    SAVES: ClassVar[Mapping[str, str]] = {"note": "review_line", "edit": "review_line"}
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

    def saves(self, verb_id: str) -> str:
        if verb_id == "close":
            doubt = doubt_of(self.session, self.steps.cursor_key)
            return "action" if doubt is None else saved_by_accepting([doubt])
        return super().saves(verb_id)

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
        return about_row(row) if row is not None else None

    def metric_of(self, session: Session, key: str) -> int | None:
        kind, _, number = key.partition(":")
        for task in (*session.last_time, *session.agreed):
            if key == f"task:{task.id}":
                return task.metric_id
        for line in session.lines:
            if kind == "line" and number == str(line.id):
                return line.metric_id
        return None

    def draft(self, kind: str) -> Draft:
        """One for each kind of line, with the metric it is about: another line takes nothing from it."""
        path = self.view.path if self.view is not None else ""
        return Draft(path, f"review-{self.running}-{kind}")

    def unfinished(self) -> str | None:
        """What to say of a line that was being typed when the program was lost."""
        for kind, key in LABELS.items():
            metric, text = self.draft(kind).kept()
            if text.strip():
                about = self.about_of(metric)
                return f"A line was not finished: {key} brings “{text}”{f', on {about.name},' if about else ''} back"
        return None

    def forget_unfinished(self) -> None:
        for kind in LABELS:
            self.draft(kind).drop()

    def about_of(self, metric: str) -> About | None:
        """The metric of a draft, by its number."""
        session = self.session
        found = (row for row in session.rows if str(row.metric_id) == metric) if session is not None else iter(())
        row = next(found, None)
        return about_row(row) if row is not None else None

    async def write(self, kind: LineKind) -> None:
        """One line, saved as soon as Enter is pressed; until then a draft that a lost terminal does not lose."""
        session = self.session
        if session is None:
            self.say("No review runs: r starts one, or goes on with it.")
            return
        draft = self.draft(kind)
        metric, text = draft.kept()
        # What was not finished goes on about what it was about, wherever the screen stands now.
        about = self.about_of(metric) if text.strip() else self.about()
        today, name = self.app.day, about.name if about else ""

        def parse(said: str) -> str:
            draft.keep(str(about.metric_id) if about else "-", said)
            if not said.strip():
                return f"{QUESTIONS[kind]}{f', on {name}' if name else ''}"
            if kind == "action":
                return f"> {review_lines.preview(said, today, name)}"
            review_lines.checked(said, kind)
            return f"on {name}" if name else ""

        said = await self.ask(LABELS[kind], initial=text, parse=parse)
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
            line = next(line for line in session.lines if str(line.id) == number)
            await self.app.save(
                review_lines.close_issue, line.id, rev=line.rev, said=lambda done: f"{done.sentence} · u undo"
            )
            return
        task = next(task for task in (*session.last_time, *session.agreed) if str(task.id) == number)
        state = "done" if task.state == "open" else "open"
        ahead = next_open(session, task.id) if state == "done" else ""
        done = await self.app.save(
            actions.close, task.id, self.app.day, state=state, said=lambda done: f"{done.sentence} · u undo"
        )
        if done is not None and ahead:
            # What is done goes to the end of the list: the next x is about the next one that is open.
            self.steps.go_to(ahead)

    async def action_edit(self) -> None:
        """A new date or owner for an action of last time; other words for what was written in this review."""
        session, today = self.session, self.app.day
        kind, _, number = self.steps.cursor_key.partition(":")
        if session is None or self.item is not None or kind not in ("task", "line"):
            self.say("e edits the action or line under the cursor.")
            return
        if kind == "line":
            line = next(line for line in session.lines if str(line.id) == number)
            said = await self.ask(LABELS[line.kind], initial=line.text, subject=cut(line.text, NAMED))
            if said:
                await self.reword(line, said)
            return
        task = next(task for task in (*session.last_time, *session.agreed) if str(task.id) == number)
        if task.state != "open":
            self.say(f"“{task.text}” is {task.state}: x opens it again, then e changes it.")
            return
        said = await self.ask(
            f"new date or @who, was {actions.day_words(task.due)}",
            parse=lambda typed: actions.date_preview(typed, today),
            subject=cut(task.text, NAMED),
        )
        if said:
            await self.redate(task, said)

    async def reword(self, line: Written, said: str, *, again: bool = False) -> Saved | None:
        """Other words for a line; where somebody else changed it meanwhile, it is asked which stay."""

        async def settle() -> Saved | None:
            await self.fetch()
            session = self.session
            now = next((one for one in session.lines if one.id == line.id), None) if session is not None else None
            if now is None:
                self.say(f"“{line.text}” was taken back meanwhile: the log shows by whom. NOT saved.", "warn")
                return None
            if now.text != line.text and not await self.stays("review_line", line.id, now.text, said):
                return None
            return await self.reword(now, said, again=True)

        return await self.app.save(
            review_lines.reword, line.id, said, rev=line.rev, settle=None if again else settle,
            said=lambda done: f"{done.sentence} · u undo",
        )  # fmt: skip

    async def redate(self, task: Task, said: str, *, again: bool = False) -> actions.Done | None:
        """Another date, or owner, for an action; where somebody else changed it meanwhile, it is asked which stays."""

        async def settle() -> actions.Done | None:
            await self.fetch()
            session = self.session
            tasks = (*session.last_time, *session.agreed) if session is not None else ()
            now = next((one for one in tasks if one.id == task.id), None)
            if now is None or now.state != "open":
                state = "gone" if now is None else now.state
                self.say(f"“{task.text}” is {state} meanwhile: the log shows by whom. NOT saved.", "warn")
                return None
            theirs = f"{now.owner}, {actions.day_words(now.due)}" if "@" in said else actions.day_words(now.due)
            if (now.due, now.owner) != (task.due, task.owner) and not await self.stays("action", task.id, theirs, said):
                return None
            return await self.redate(now, said, again=True)

        return await self.app.save(
            actions.amend, task.id, said, self.app.day, rev=task.rev, settle=None if again else settle,
            said=lambda done: f"{done.sentence} · u undo",
        )  # fmt: skip

    async def stays(self, table: str, id: int, theirs: str, mine: str) -> bool:
        """Whether this person's words go over those that somebody else saved meanwhile."""
        if " ".join(mine.split()) == theirs:
            self.say(f"Saved by somebody else already: {theirs}")
            return False
        who = await self.app.read(who_changed, table, id) or "somebody"
        if await self.confirm(f"{who} made it “{theirs}”. Save yours, “{mine}”, over it?"):
            return True
        self.say(f"Kept theirs: {theirs}")
        return False


def about_row(row: Row) -> About:
    return About(row.metric_id, row.name, row.kpi_id, None, row.confidence)


def next_open(session: Session, task_id: int) -> str:
    """The row of the open action of last time after this one, else of the one before; empty when there is none."""
    last = [task.id for task in session.last_time if task.state == "open"]
    if task_id not in last:
        return ""
    place = last.index(task_id)
    around = last[place + 1 :][:1] or last[:place][-1:]
    return f"task:{around[0]}" if around else ""
