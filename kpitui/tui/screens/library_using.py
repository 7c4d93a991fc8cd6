"""Using a template: its questions on the prompt row, one after the other; and keeping templates of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.services import library_save, library_use
from kpitui.text import check_name
from kpitui.tui.screens.base import KpiScreen

if TYPE_CHECKING:
    from kpitui.services.library import Preview, Template
    from kpitui.services.library_use import Answers, Offer

DROPPED = "Dropped: nothing was created"


class Using(KpiScreen):
    """The half of the library that asks and saves."""

    previews: dict[str, Preview]

    if TYPE_CHECKING:

        @property
        def template(self) -> Template | None: ...
        @property
        def preview(self) -> Preview | None: ...
        def picked(self, found: Preview) -> frozenset[str]: ...

    async def action_new(self) -> None:
        """Ask for the goal and for each KPI's numbers, confirm, and create it all as one change."""
        template = self.template
        if template is None:
            self.say("There is no template to use here: esc clears the filter")
            return
        from kpitui.services.library import preview

        found = self.preview or preview(template)
        scope = ""
        if found.scope is not None:
            names = await self.app.read(library_use.scope_names) or []
            said = await self.ask(
                f"for (enter: {found.scope[1]})",
                parse=lambda text: library_use.scope_words(found, names, text),
                complete=lambda text: [name for name in names if name.casefold().startswith(text.casefold())],
            )
            if said is None:
                self.say(DROPPED)
                return
            scope = said
        offer = await self.app.read(library_use.offer, self.app.day, found, self.picked(found), scope)
        if offer is None:
            return
        answers = await self._asked(offer)
        if answers is None or not await self.confirm(library_use.question(answers), default=True):
            self.say(DROPPED)
            return
        done = await self.app.save(library_use.use, answers, said=lambda done: f"{done.sentence} · u undo")
        if done is None:
            return
        await self.app.go("tree")
        self.app.say(f"{done.sentence} · u undo{f' · {done.warning}' if done.warning else ''}")

    async def _asked(self, offer: Offer) -> Answers | None:
        """The goal, unless there is one, and each KPI; None when somebody dropped it."""
        shape, today, currency = offer.preview.template.goal, offer.today, offer.currency
        goal = None
        if offer.goal is None:
            text = await self.ask(
                f"goal __ {shape}" if shape else "goal",
                parse=lambda said: library_use.goal_words(said, shape, today, currency),
            )
            if text is None:
                return None
            goal = library_use.goal_said(text, shape, today, currency)
        answers = library_use.Answers(offer, goal)
        for place, ask in enumerate(offer.asks, 1):

            def words(said: str, ask: library_use.Ask = ask) -> str:
                return answers.words(ask, said)

            text = await self.ask(f"{place}/{len(offer.asks)} {ask.name}", parse=words)
            if text is None:
                return None
            answers.keep(ask, text)
        return answers

    async def action_edit(self) -> None:
        """Copy a template to one's own; one's own is opened in the editor."""
        template = self.template
        if template is None:
            return
        if template.own:
            await self._edited(template)
            return
        text = await self.ask("copy to yours as", initial=f"Our {template.title}", parse=_name)
        if text and text.strip():
            await self.app.save(library_save.copy, template, text.strip(), said=lambda done: done.sentence)

    async def _edited(self, template: Template) -> None:
        from kpitui.services.library import text_of
        from kpitui.tui.editor import edited

        before = text_of(template.path)
        after = edited(self.app, before)
        if after.strip() == before.strip():
            self.say(f"{template.title} is as it was")
            return
        self.previews.pop(template.name, None)
        await self.app.save(library_save.rewrite, template, f"{after.strip()}\n", said=lambda done: done.sentence)

    async def save_scope(self) -> None:
        """A scope of this workspace as a template of one's own."""
        if not self.app.allowed("template"):
            return
        names = await self.app.read(library_use.scope_names) or []
        scope = await self.ask(
            "save which scope",
            initial=names[0] if len(names) == 1 else "",
            parse=lambda text: "" if text in names else ", ".join(names),
            complete=lambda text: [name for name in names if name.casefold().startswith(text.casefold())],
        )
        if not scope or not scope.strip():
            return
        title = await self.ask("as", initial=f"{scope.strip()}, our set", parse=_name)
        if not title or not title.strip():
            return
        left_out = await self.ask("left out on purpose (enter: nothing)", parse=lambda text: "")
        if left_out is None:
            return
        await self.app.save(
            library_save.save_scope,
            scope.strip(),
            title.strip(),
            self.app.day,
            left_out,
            said=lambda done: done.sentence,
        )


def _name(text: str) -> str:
    if text.strip():
        check_name(text.strip(), "name of the template")
    return ""
