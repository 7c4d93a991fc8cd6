"""Settings: yours at once and kept for you, the team's for everybody; themes with a preview; keys."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult

from kpitui import config as own
from kpitui import keys
from kpitui.charts.bullet import bullet
from kpitui.charts.glyphs import mark
from kpitui.charts.sparkline import sparkline
from kpitui.domain.log_head import NARROW, SHORT, short
from kpitui.domain.problem import Problem
from kpitui.domain.roles import ANY
from kpitui.errors import WrongUsage
from kpitui.services import log_head, members
from kpitui.services import settings as team
from kpitui.services.revisions import who_set
from kpitui.tui.saves import NOTHING
from kpitui.tui.screens.settings_members import HINT, TITLE, MemberVerbs, member_rows
from kpitui.tui.widgets.board import Board, BoardRow, Column, Layout, blank, heading
from kpitui.tui.widgets.lines import Lines
from kpitui.tui.widgets.styled import Line, status_style

if TYPE_CHECKING:
    from kpitui.domain.workspace import Workspace
    from kpitui.services.members import Members
    from kpitui.storage.store import Store

COLUMNS = Layout(
    (Column("name", 24), Column("value", 0, least=14), Column("hint", 44, gap=2)),
    (("hint", 30), ("hint", 0), ("name", 20)),
)

THEMES = ("dark", "light", "contrast", "green-amber-red", "mono", "terminal")
YOURS: dict[str, tuple[str, str, tuple[Any, ...]]] = {
    "theme": ("theme", "shipped, or your own file", THEMES),
    "glyphs": ("glyphs", "at the next start", own.CHOICES["glyphs"]),
    "mouse": ("mouse", "no: the terminal selects text", (False, True)),
    "open_on": ("open on", "first, at the next start", own.CHOICES["open_on"]),
    "decimal": ("decimal sign", "in numbers typed and shown", own.CHOICES["decimal"]),
    "negative": ("negative figures", "as shown; both can be typed", own.CHOICES["negative"]),
    "compact": ("large figures", "how tables shorten them", own.CHOICES["compact"]),
}
WRITTEN: dict[tuple[str, object], str] = {
    ("decimal", "."): "1,234.5",
    ("decimal", ","): "1.234,5",
    ("negative", "minus"): "-5",
    ("negative", "accounting"): "(5)",
    ("compact", "en"): "k M B T",
    ("compact", "de"): "Mio. Mrd.",
    ("compact", "fr"): "k M Md",
    ("compact", "es"): "mil M",
    ("compact", "ja"): "万 億 兆",
    ("compact", "en-IN"): "K L Cr",
}
"""How an option of yours is shown, where its name says less."""
SAMPLE = (31, 33, 30, 29, 31, 34, 32, 30, 29, 28, 27, 25, 26)


class View(NamedTuple):
    """The team's settings, who may do what, and number and hash (hex) of the log's head."""

    workspace: Workspace
    members: Members
    head: tuple[int, str] | None


class Choices(Board):
    """The settings: space goes on to the next option, it marks nothing."""

    action_mark = None  # type: ignore[assignment]


class SettingsScreen(MemberVerbs):
    NAME = "settings"
    SAVES: ClassVar[Mapping[str, str]] = {"new": "member", "edit": NOTHING}
    CSS_PATH = "settings.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._last_own: own.Config | None = None
        """What was yours before the last change here, for `u`."""

    def compose_content(self) -> ComposeResult:
        glyphs = self.app.glyphs
        yield Lines(glyphs=glyphs, id="top")
        yield Choices(COLUMNS, glyphs=glyphs)
        yield Lines(glyphs=glyphs, frame="rule", id="preview")

    def load(self, store: Store) -> View:
        return View(team.read(store), members.members(store), log_head.newest(store))

    # ---------------------------------------------------------------- showing

    def draw(self, view: View) -> None:
        keep = self.matches(self.filter_text)
        rows = [heading("Yours", "kept for you on this machine")]
        rows += [self._own_row(key) for key in YOURS if keep(f"{key} {YOURS[key][0]}")]
        rows += [blank(), heading("Team", "for everybody in this workspace")]
        rows += [self._team_row(view.workspace, key) for key in team.TEAM if keep(f"{key} {team.TEAM[key][0]}")]
        rows += [blank(), heading(TITLE, HINT)]
        rows += [row for row in member_rows(view.members) if keep(" ".join(map(str, row.cells[:2])))]
        rows += [blank(), heading("Keys", "e gives the verb under the cursor another key")]
        rows += [
            BoardRow(f"key:{verb.id}", (verb.verb, (keys.label(verb, self.app.glyphs.enter), "key"), verb.help))
            for verb in self.app.verbs.values()
            if verb.keys and not set(verb.screens) & set(keys.APART) and keep(f"{verb.id} {verb.verb} {verb.help}")
        ]
        top: list[tuple[str, str]] = [(" Settings", "heading"), (f"   yours · team {view.workspace.name}", "")]
        if view.head is not None:
            top.append((f"   log: {short(*view.head, SHORT if self.app.size.width >= 100 else NARROW)}", "dim"))
        self.query_one("#top", Lines).show([top])
        self.query_one(Board).show(rows)
        self._preview()

    def _own_row(self, key: str) -> BoardRow:
        words, hint, options = YOURS[key]
        if key == "glyphs" and self.app.glyphs.name != "ascii":
            hint += "  ● ◆ ✗▁▄█⣀⠒"  # to see what this terminal makes of them
        return BoardRow(f"own:{key}", (words, self._options(self._own(key), options, key), (hint, "dim")))

    def _team_row(self, workspace: Workspace, key: str) -> BoardRow:
        words, hint = team.TEAM[key]
        value = getattr(workspace, key)
        cell: Any = team.in_words(key, value)
        if key in team.CHOICES:
            cell = self._options(value, team.CHOICES[key], key, only=len(team.CHOICES[key]) > 2)
        return BoardRow(f"team:{key}", (words, cell, (hint, "dim")))

    def _options(self, value: object, options: tuple[Any, ...], key: str, only: bool = False) -> Line:
        """`‹ dark ›  light  mono`: the one in use in brackets, the others where there is room for them."""
        left, right = ("<", ">") if self.app.glyphs.name == "ascii" else ("‹", "›")
        shown = [value] if only or value not in options or self.app.size.width < 100 else list(options)
        line: list[tuple[str, str]] = []
        for option in shown:
            word = WRITTEN.get((key, option)) or team.in_words(key, option)
            line.append((f"{left} {word} {right}  ", "bold") if option == value else (f"{word}  ", "dim"))
        return line

    def _preview(self) -> None:
        marks = self.app.glyphs
        words: list[tuple[str, str]] = [(" ", "")]
        for status, word in (
            ("on_track", "on track"),
            ("at_risk", "at risk"),
            ("off_track", "off track"),
            ("no_target", "no target"),
            ("stale", "stale"),
        ):
            words.append((f"{mark(status, marks)} {word}   ", status_style(status)))
        row: Line = [
            (f" {marks.cursor} ", ""),
            (mark("off_track", marks), "off"),
            (" Demos booked  ", ""),
            (sparkline(SAMPLE, 13, marks), "spark"),
            (f"  26  {marks.at_least} 30  ", ""),
            ("-13.3%", "off"),
            ("   ", ""),
            (bullet(26, 30, 18, marks), ""),
        ]
        self.query_one("#preview", Lines).show([words, row], title="preview")

    # ---------------------------------------------------------------- changing

    def _own(self, key: str) -> object:
        return self.app.mouse_on if key == "mouse" else getattr(self.app.config, key)

    @property
    def chosen(self) -> tuple[str, str]:
        """The group and key under the cursor."""
        group, _, key = self.query_one(Board).cursor_key.partition(":")
        return group, key

    async def _step(self, by: int) -> None:
        group, key = self.chosen
        if group == "own":
            options = YOURS[key][2]
            value = self._own(key)
            place = options.index(value) if value in options else 0
            self._set_own(key, options[(place + by) % len(options)])
        elif group == "team" and key in team.CHOICES:
            options = team.CHOICES[key]
            value = getattr(self.view.workspace, key)
            await self._set_team(key, options[(options.index(value) + by) % len(options)])
        elif group == "member" and key:
            await self.step_role(key, self.role_of(key), by)
        elif group == "member":
            await self.action_new()
        else:
            self.say(
                "There is nothing to choose from here: Enter types it." if group == "team" else "e changes the key"
            )

    def saves(self, verb_id: str) -> str:
        """Your own settings are nobody else's; the team's and the roles are for admins."""
        if verb_id in ("open", "left", "right", "mark", "archive"):
            return {"team": "setting", "member": "member"}.get(self.chosen[0], NOTHING)
        if verb_id == "undo":
            return NOTHING if self._last_own is not None else ANY
        return super().saves(verb_id)

    async def action_left(self) -> None:
        await self._step(-1)

    async def action_right(self) -> None:
        await self._step(1)

    async def action_mark(self) -> None:
        await self._step(1)

    @on(Board.Opened)
    def _opened(self, event: Board.Opened) -> None:
        event.stop()
        self.app.do(self.action_open())

    async def action_open(self) -> None:
        """The next option, or the value typed."""
        group, key = self.chosen
        if group == "team" and key not in team.CHOICES:
            workspace = self.view.workspace
            words = team.TEAM[key][0]

            def parse(text: str) -> str:
                made = team.typed(workspace, key, text)
                return f"{words}: {team.in_words(key, getattr(made, key))}"

            text = await self.ask(
                words, initial=team.in_words(key, getattr(workspace, key)), parse=parse, anew=key != "name"
            )
            if text is not None:
                await self._set_team(key, getattr(team.typed(workspace, key, text), key), workspace)
        elif group == "key":
            await self.action_edit()
        else:
            await self._step(1)

    async def action_edit(self) -> None:
        group, key = self.chosen
        if group != "key":
            first = next((row.key for row in self.query_one(Board).rows if row.key.startswith("key:")), "")
            if self.query_one(Board).go_to(first):
                self.say(f"The keys. {self.app.glyphs.enter} gives the verb under the cursor another one.")
            return
        verb = self.app.verbs[key]

        def parse(text: str) -> str:
            keys.rebound({**self.app.config.keys, key: text})
            return f"{text} will {verb.verb}, from the next start on"

        text = await self.ask(f"keys for '{verb.verb}'", initial=verb.keys, parse=parse)
        if text is not None and text.split() != verb.keys.split():
            self._keep(self.app.config._replace(keys={**self.app.config.keys, key: " ".join(text.split())}))
            self.say(f"{text} will {verb.verb}, from the next start on · u undo")

    async def action_archive(self) -> None:
        """`d`: the default again."""
        group, key = self.chosen
        if group == "own":
            self._set_own(key, getattr(own.Config(), key))
        elif group == "team":
            from kpitui.domain.workspace import Workspace

            if key == "name":
                self.say("A workspace has no default name: Enter types another one.")
                return
            await self._set_team(key, getattr(Workspace(), key))
        elif group == "member" and key:
            await self.remove_member(key, self.role_of(key))
        elif group == "key" and key in self.app.config.keys:
            rest = {name: given for name, given in self.app.config.keys.items() if name != key}
            self._keep(self.app.config._replace(keys=rest))
            self.say("The shipped key is back from the next start on · u undo")
        else:
            self.say("It has its shipped key already.")

    def action_copy(self) -> None:
        """Your settings as the file holds them."""
        config = self.app.config
        lines = [f"{key} = {own.literal(value)}" for key, value in config._asdict().items() if key in YOURS]
        self.app.copy_to_clipboard("\n".join(lines) + "\n")
        self.say("Copied your settings as lines of config.toml")

    def _set_own(self, key: str, value: object) -> None:
        if value == self._own(key):
            self.say(f"{YOURS[key][0]} is that already")
            return
        if key == "theme" and not self.app.use_theme(str(value)):
            self.say(f"There is no theme {value}: kpitui themes lists them.", "warn")
            return
        if key == "mouse":
            self.app.action_mouse()
        if self._keep(self.app.config._replace(**{key: value})):  # type: ignore[arg-type]
            self.say(
                f"Set {YOURS[key][0]}: {WRITTEN.get((key, value)) or team.in_words(key, value)}, kept for you · u undo"
            )

    def _keep(self, new: own.Config) -> bool:
        old = self.app.config
        self.app.write_figures(new)
        try:
            own.save(new)
        except (OSError, ValueError) as error:
            self.say(f"In use, but NOT kept: {error}", "warn")
            self.app.config = new
            self.draw(self.view)
            return False
        self._last_own, self.app.config = old, new
        self.draw(self.view)
        return True

    async def _set_team(self, key: str, value: object, seen: Workspace | None = None) -> None:
        """`seen` is what was shown when the typing began: the view may be of another's change by now."""
        seen = seen or self.view.workspace
        try:
            team.checked(seen, key, value)
        except (Problem, WrongUsage) as error:
            self.say(str(error), "error")
            return
        differs = await self.app.read(team.consequence, self.app.day, key, value)
        if differs is not None:
            box = self.query_one("#preview", Lines)
            told = wrap(f"{differs.sentence}.", self.app.size.width - 4)
            box.styles.height = len(told) + 1
            box.show([((f" {line}", ""),) for line in told], title="what will differ")
            agreed = await self.confirm(f"{differs.short}. Change it?", False)
            box.styles.height = None
            self._preview()
            if not agreed:
                self.say("Left as it was")
                return
        self._last_own = None

        async def settle() -> team.Changed | None:
            await self.fetch()
            theirs = team.in_words(key, getattr(self.view.workspace, key))
            mine, words = team.in_words(key, value), team.TEAM[key][0]
            who = await self.app.read(who_set, key) or "somebody"
            if not await self.confirm(f"{who} made {words} “{theirs}”. Save yours, “{mine}”, over it?"):
                self.say(f"Kept theirs: {words} is {theirs}")
                return None
            return await self.app.save(
                team.change, key, value, seen=self.view.workspace, said=lambda done: f"{done.sentence} · u undo"
            )

        await self.app.save(
            team.change, key, value, seen=seen, settle=settle, said=lambda done: f"{done.sentence} · u undo"
        )

    async def action_undo(self) -> None:
        """The last change here when it was of yours, else the last one in the workspace."""
        if self._last_own is None:
            await self.app.action_undo()
            return
        before, self._last_own = self._last_own, None
        now = self.app.config
        if before.theme != now.theme:
            self.app.use_theme(before.theme)
        if before.mouse != now.mouse:
            self.app.action_mouse()
        self.app.write_figures(before)
        own.save(before)
        self.app.config = before
        self.draw(self.view)
        self.say("Your setting is as it was before")
