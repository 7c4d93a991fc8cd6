"""A line asked for on the prompt row, kept on the disk at every key until it is answered: whoever loses the terminal,
or whose save is refused, gets it back where the same is asked again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kpitui.text import clean
from kpitui.tui.drafts import OVER, Draft

if TYPE_CHECKING:
    from kpitui.tui.screens.base import KpiScreen
    from kpitui.tui.widgets.prompt import Complete, Parse


async def asked(
    screen: KpiScreen,
    label: str,
    initial: str,
    parse: Parse | None,
    complete: Complete | None,
    refused: str = "",
    about: str = "",
    subject: str = "",
    anew: bool = False,
) -> str | None:
    """What was typed, or None when it was dropped; begins with what was not finished the last time, on the same
    `subject` where the label does not name one. What is `anew` is replaced by the first letter, unless it came back."""
    prompt, chrome = screen.prompt, screen.app.chrome
    if chrome is None or not chrome.path:
        return await prompt.ask(label, initial=initial, parse=parse, complete=complete, refused=refused, about=about,
                                anew=anew and not refused)  # fmt: skip
    draft = Draft(chrome.path, f"line-{screen.NAME}")
    of = f"{label} ({clean(subject)})" if subject else label
    work = asyncio.current_task()
    kept, text = draft.kept()
    kept_of, _, kept_over = kept.partition(OVER)
    over, begin, refused_before = " ".join(initial.split()), initial, False
    if work is not None and prompt.answered_in is work:
        # The verb goes on to its next line: what it wants to see again it says itself, like a line that was refused.
        refused_before = kept_of == of and bool(text.strip()) and text == initial
        if refused_before:
            over = kept_over
        else:
            draft.drop()
    elif kept_of == of and text.strip():
        begin = text
        if kept_over != over and text != initial and not about:
            was = f"over “{clean(kept_over)}”" if kept_over else "where nothing stood"
            about = f"This was typed {was}; by now it is “{clean(over)}”."
    kind = f"{of}{OVER}{over}" if over else of

    def keep(typed: str) -> None:
        if typed != initial or refused_before:
            draft.keep(kind, typed)
        else:
            draft.drop()

    prompt.on_typed = keep
    try:
        answer = await prompt.ask(label, initial=begin, parse=parse, complete=complete, refused=refused, about=about,
                                  anew=anew and begin == initial and not refused)  # fmt: skip
    finally:
        prompt.on_typed = None
    if answer is None:
        draft.drop()
        return None
    prompt.answered_in = work

    def done(_: object) -> None:
        # The verb is through: only what was refused is worth offering again.
        kept, text = draft.kept()
        if prompt.kind != "error" and not prompt.asking and (kept.partition(OVER)[0], text) == (of, answer):
            draft.drop()

    if work is not None:
        work.add_done_callback(done)
    return answer


def forget(screen: KpiScreen) -> None:
    """What was answered on this screen last is not worth bringing back, although it was refused."""
    chrome = screen.app.chrome
    if chrome is not None and chrome.path:
        Draft(chrome.path, f"line-{screen.NAME}").drop()
