"""The half of the app that talks to the store: reading, saving, and noticing what others wrote."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from textual.app import App
from textual.signal import Signal

from kpitui.domain.periods import to_day
from kpitui.domain.problem import Problem
from kpitui.errors import Conflict, KpituiError, NeedsReason, NotAllowed, ReadOnly, Replaced
from kpitui.tui.chrome import Chrome, read_chrome
from kpitui.tui.messages import DataChanged
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.store_thread import Closed, StoreThread

if TYPE_CHECKING:
    from kpitui.services.as_known import Looking
    from kpitui.services.restored import Seen
    from kpitui.storage.store import Store

Result = TypeVar("Result")

_REVISION = re.compile(r" \(revision \d+, [^()]*\)")
_UNDO = re.compile(r" · u (undo|takes it back)$")
POLL = 0.5
"""Seconds between two looks for what others wrote."""
WATCH = 2.0
"""Seconds after the first frame in which the file is looked at: nobody waits for that."""
DOCTOR = 1.0
"""Seconds without a change after which the doctor looks again."""


class StoreApp(App[None], inherit_bindings=False):
    """An app over one store on its own thread."""

    def __init__(
        self, thread: StoreThread, today: Callable[[], date], chrome: Callable[[Store, int], Chrome] = read_chrome
    ) -> None:
        # NO_COLOR needs the ANSI mode: in the other one Textual turns colours into greys.
        super().__init__(ansi_color=True if os.environ.get("NO_COLOR") else None)
        self.thread = thread
        self.today = today
        self.read_chrome = chrome
        self.chrome: Chrome | None = None
        self.looking: Looking | None = None
        """The day looked back at; None is today."""
        self._read_only = False
        self.leaving = False
        """Whether its screens are being taken down."""
        self.data_changed: Signal[DataChanged] = Signal(self, "data_changed")
        self.doctor: tuple[int, str] = (0, "")
        """How many findings there are, and the first in words; known some time after the first frame."""
        self._replaced = False
        self._restore_seen: Seen | None = None
        """Known to the store thread only."""
        self._answers_seen: int | None = None
        """As far as it was looked what became of one's proposals; of the store thread, too."""
        self.watching = False
        """Whether the log is held against what this account has seen of it, and the file looked through once a day."""
        self._seen_day = self.real_day

    @property
    def read_only(self) -> bool:
        """Whether nothing can be saved: by this account, or because the past is shown."""
        return self._read_only or self.looking is not None

    @read_only.setter
    def read_only(self, known: bool) -> None:
        self._read_only = known

    def why_not_here(self) -> str:
        """Why nothing can be changed where one looks; empty where it is not about that."""
        raise NotImplementedError

    @property
    def in_past(self) -> bool:
        """Whether what is shown is what was known then: nothing that is saved changes it."""
        return self.looking is not None and self.looking.known is not None

    async def read_anew(self) -> None:
        """A backup stands in the place of everything: what was read of the file before is no more."""

    @property
    def kpi_screen(self) -> KpiScreen | None:
        """The topmost of our screens; an overlay or the palette may lie over it."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, KpiScreen):
                return screen
        return None

    @property
    def day(self) -> int:
        """The day that is shown, as an epoch day: today, or the one looked back at."""
        return self.real_day if self.looking is None else self.looking.day

    @property
    def real_day(self) -> int:
        """Today as an epoch day."""
        return to_day(self.today())

    def our_screens(self) -> list[KpiScreen]:
        """The tabs that were made, and what lies over them."""
        found = {*self._installed_screens.values(), *self.screen_stack}
        return [screen for screen in found if isinstance(screen, KpiScreen)]

    async def read(self, fn: Callable[..., Result], *args: Any, **kw: Any) -> Result | None:
        """`fn(store, *args)` on the store thread; None, and a sentence in the message row, when it cannot be."""
        result, why = await self.tried(fn, *args, **kw)
        if why:
            self.say(why, "error")
        return result

    async def tried(self, fn: Callable[..., Result], *args: Any, **kw: Any) -> tuple[Result | None, str]:
        """As `read`, with the sentence of a refusal beside what was read."""
        return await self._tried(self.thread.run(fn, *args, **kw))

    async def note(self, fn: Callable[..., Result], *args: Any, **kw: Any) -> Result | None:
        """What a screen writes down by itself, of the workspace as it is now: somebody may look at another day by the
        time it is its turn."""
        result, why = await self._tried(self.thread.run_now(fn, *args, **kw))
        if why:
            self.say(why, "error")
        return result

    async def _tried(self, work: Awaitable[Result]) -> tuple[Result | None, str]:
        try:
            return await work, ""
        except (KpituiError, Problem) as error:
            return None, self._why_refused(error)
        except Closed:
            return None, ""

    async def save(
        self,
        fn: Callable[..., Result],
        *args: Any,
        said: str | Callable[[Any], str] | None = None,
        settle: Callable[[], Awaitable[Result | None]] | None = None,
        **kw: Any,
    ) -> Result | None:
        """A service that changes data, `fn(store, *args)`, on the store thread.

        It is done even when the screen that asked is closed meanwhile. On success `said` (a text, or what makes one of
        the result) goes to the message row and `data_changed` is published; a refusal is said there and gives None.
        Where somebody else changed it meanwhile, `settle` asks which of the two stays.
        """
        return await asyncio.shield(asyncio.ensure_future(self._save(fn, args, said, kw, settle)))

    async def _save(
        self,
        fn: Callable[..., Result],
        args: tuple[Any, ...],
        said: str | Callable[[Any], str] | None,
        kw: dict[str, Any],
        settle: Callable[[], Awaitable[Result | None]] | None = None,
    ) -> Result | None:
        if self.looking is not None:
            self.say(self.why_not_here(), "warn")
            return None
        try:
            done: tuple[Result, bool] = await self.thread.run(_saved, fn, args, kw)
        except NeedsReason as error:
            return await self._save_with_reason(error, fn, args, said, kw)
        except (KpituiError, Problem) as error:
            if settle is not None and isinstance(error, Conflict):
                return await settle()
            if isinstance(error, NotAllowed):
                from kpitui.tui import proposing

                await proposing.offer(self, str(error), fn, args)
                return None
            self._refused(error)
            return None
        except Closed:
            return None
        result, changed = done
        if said is not None:
            text = said if isinstance(said, str) else said(result)
            # Where it was so already, u would take back something else.
            self.say(text if changed else _UNDO.sub("", text))
        self.data_changed.publish(DataChanged(by_us=True))
        return result

    async def _save_with_reason(
        self,
        error: NeedsReason,
        fn: Callable[..., Result],
        args: tuple[Any, ...],
        said: str | Callable[[Any], str] | None,
        kw: dict[str, Any],
    ) -> Result | None:
        """The same once more with the reason that it asked for; dropped, nothing is saved."""
        from kpitui.services.reasons import with_reason

        why = await self.ask_reason(str(error))
        if not why:
            self.say(str(error), "warn")
            return None
        return await self._save(with_reason, (why, fn, *args), said, kw)

    async def ask_reason(self, sentence: str) -> str | None:
        """Why something is changed that asks for it with this sentence; None when it is dropped."""
        from kpitui.services.reasons import reason_given

        screen = self.kpi_screen
        asks = sentence.partition(" NOT saved")[0]
        if screen is None:
            return None
        return await screen.ask(
            "why", parse=lambda text: reason_given(text) if text.strip() else asks, about=asks, subject=asks
        )

    def _refused(self, error: Exception) -> None:
        self.say(self._why_refused(error), "error")

    def _why_refused(self, error: Exception) -> str:
        if isinstance(error, Replaced):
            self._replaced = True
        if isinstance(error, ReadOnly) and self.looking is None:
            self.read_only = True
        return self.nearer(str(error))

    def nearer(self, text: str) -> str:
        """A refusal as the message row has room for it: no numbers of revisions, and the workspace by its file's name
        unless it is to be typed."""
        path = self.chrome.path if self.chrome is not None else ""
        text = _REVISION.sub("", text)
        head, at, rest = text.partition("NOT saved")
        if not path or not at or any(word in text for word in ("chmod", "chgrp", "chown", "setfacl")):
            return text
        return f"{head.replace(path, os.path.basename(path))}{at}{rest}"

    def say(self, text: str, kind: str = "info") -> None:
        """A sentence in the message row; `kind` is `info`, `warn` or `error`."""
        screen = self.kpi_screen
        if screen is not None and screen.is_mounted and not screen.leaving:
            screen.say(text, kind)

    async def _shutdown(self) -> None:
        self.leaving = True
        await super()._shutdown()

    def notify(self, message: str, *, severity: str = "information", **_: Any) -> None:
        """Textual's own notices, in the message row like everything else."""
        self.say(message, {"warning": "warn", "error": "error"}.get(severity, "info"))

    async def _poll(self) -> None:
        if self._replaced:
            return
        try:
            changed, restored, answers = await self.thread.run_now(self._store_changed)
        except KpituiError as error:
            self._refused(error)
        except Closed:
            pass
        else:
            if restored:
                await self.read_anew()
                self.say(restored, "warn")
            for text in answers:
                self.say(f"{text}.")
            today, self._seen_day = self._seen_day, self.real_day
            # What was known then stays, whatever others save now.
            if (changed and not self.in_past) or self._seen_day != today:
                self.data_changed.publish(DataChanged(by_us=False))

    def _store_changed(self, store: Store) -> tuple[bool, str, tuple[str, ...]]:
        """Whether somebody else has saved, what to say when that was a backup put in the place of everything, and what
        when it answers what one has proposed."""
        # Here, on the store's thread: nothing loads SQLite before the first frame.
        from kpitui.services.proposals import answered_since
        from kpitui.services.restored import restored_since

        changed = store.changed()
        if not changed and self._restore_seen is not None:
            return False, "", ()
        self._answers_seen, answers = answered_since(store, self.real_day, self._answers_seen)
        self._restore_seen, said = restored_since(store, self._restore_seen)
        return changed, said, answers

    def _data_changed(self, change: DataChanged) -> None:
        for screen in self.our_screens():
            screen.data_changed(change)
        load: Any = self._load_chrome  # not a coroutine: one overtaken before it starts would never be awaited
        self.run_worker(load, group="chrome", exclusive=True)
        self.ask_doctor(wait=DOCTOR)

    def ask_doctor(self, wait: float = 0.0) -> None:
        """Have the doctor look, once nothing was changed for `wait` seconds."""
        if self.read_chrome is read_chrome:
            ask: Any = partial(self._ask_doctor, wait)
            self.run_worker(ask, group="doctor", exclusive=True)

    async def _ask_doctor(self, wait: float) -> None:
        from kpitui.services import doctor

        await asyncio.sleep(wait)
        found = await self.read(doctor.glance, self.day)
        if found is not None and found != self.doctor:
            self.doctor = found
            for screen in self.screen_stack:
                if isinstance(screen, KpiScreen):
                    screen.show_chrome()
                    screen.doctor_looked()

    async def look_at_file(self, wait: float = WATCH) -> None:
        """Says what is wrong with the file and its log, when something is."""
        from kpitui.tui import soundness

        await asyncio.sleep(wait)
        for said in await self.read(soundness.examine) or ():
            self.say(said, "warn")

    async def _load_chrome(self) -> None:
        chrome = await self.read(self.read_chrome, self.day)
        if chrome is not None and chrome != self.chrome:
            self.chrome = chrome
            for screen in self.screen_stack:
                if isinstance(screen, KpiScreen):
                    screen.show_chrome()


def _saved(store: Store, fn: Callable[..., Result], args: tuple[Any, ...], kw: dict[str, Any]) -> tuple[Result, bool]:
    """What `fn` gives, and whether anything was saved by it."""
    before = store.commits
    result = fn(store, *args, **kw)
    return result, store.commits != before


def is_read_only(store: Store) -> bool:
    return store.readonly
