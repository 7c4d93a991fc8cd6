"""Text that steers terminals, spreadsheets and screens, written by another program into every column of a workspace:
every command and every screen shows it, and nothing obeys it."""

from __future__ import annotations

import asyncio
import csv
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from io import StringIO
from pathlib import Path
from shutil import copyfile
from types import FunctionType
from typing import TYPE_CHECKING

from kpitui import text
from kpitui.cli.main import COMMANDS
from kpitui.reports import report_html, report_md
from kpitui.storage.driver import sqlite3
from soak import workspace
from soak.damage import told
from soak.part import Form, Found, Mutant, Part, folder
from soak.part import instead as replaced

if TYPE_CHECKING:
    from textual.strip import Strip

NEVER = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")
LIVE = re.compile(r"(?i)(?<!\\)<[a-z/!]|(?<!\\)\](?=[(\[])|https?:")
NUMBER = re.compile(r"[+-]?[0-9.,:]+(e[+-]?[0-9]+)?%?$")
STEERING = (
    *("\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x1b]52;c;aGk=\x1b\\", "\x1bP+q544e\x1b\\", "\x1b[6n", "\x1b[2J"),
    *("\x1b]8;;http://x\x07link\x1b]8;;\x07", "\x9b31m", "\x9d0;t\x9c", "\x90q\x9c", "\x1b(0", "\x1b", "\x1bc"),
    *("\x1b]0;never ended", "a\x00b", "bell\x07", "back\x08", "del\x7f", "a\rb", "a\nb", "a\tb", "\x85", "\u2028"),
    *("\u2029", "\x0b\x0c"),
)
HIDING = (
    *("over\u202eedit", "iso\u2066late\u2069", "zero\u200bwidth", "mark\u200e\u200f\u061c", "join\u2060er"),
    *("\ufeffbom", "tag\U000e0041\U000e007f", "soft\u00adhyphen", "e" + "\u0301" * 200, "\U000e0100", "ﷺ" * 40),
    *("🏳️‍🌈" * 30, "漢字" * 60),
)
FORMULAS = (
    *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "'=1", "=cmd|'/c calc'!A0"),
    '=HYPERLINK("http://x","y")',
)
MARKUP = (
    *("bad [/x]", "[bold]x[/bold]", "[@click=app.quit]q[/]", "[@click=app.screenshot('x.svg','/tmp')]s[/]", "[["),
    *("[link=http://x]y[/link]", "[$primary]p[/]", "[red on", "\\[b]", "{0} %s %(x)s", "<script>alert(1)</script>"),
    *("| a | b |", "]", "[/]"),
)
STRINGS = (*STEERING, *HIDING, *FORMULAS, *MARKUP, "X" * 10_000, "", " ")
# What is chosen from a list, or written by the program: other text there makes the row damaged, which is tried apart.
CHOSEN = frozenset(
    "slug kind unit cadence direction timing nature level aggregation currency formula state target_kind shape review "
    "key rule status at tbl rhythm audience value program".split()
)
WANTED = (
    *("status", "status --json", "show mrr", "show mrr --json", "history mrr", "history mrr --json"),
    *("log", "log --json", "due", "due --json", "tell", "actions", "actions --json", "review list", "review minutes"),
    *(
        "export",
        "export --format json",
        "export metrics",
        "export goals",
        "export kpis",
        "export actions",
        "export log",
    ),
    *("export log --format json", "model export", "check", "doctor", "doctor --json", "signals mrr", "forecast mrr"),
    *("why mrr", "goals", "library list", "themes", "where", "leading"),
    *("report", "report --format md", "report --format html", "report --json"),
    *(
        "restatements",
        "alerts",
        "members",
        "calendar",
        "audit",
        "signals mrr --json",
        "why mrr --json",
        "--plain",
        "--plain log",
        "--plain tree",
        "--plain due",
    ),
    *("--plain entry", "--plain review"),
)
SCREENS = ("home", "tree", "due", "entry", "review", "doctor", "log", "library", "settings")


def commands() -> list[str]:
    """Those of the reading commands that this kpitui has."""
    return [words for words in WANTED if words.startswith("--") or words.split()[0] in COMMANDS]


def company(place: Path) -> Path:
    from kpitui.services import demo

    demo.make(str(place / "sound.db"), workspace.TODAY).close()
    return place / "sound.db"


def columns(path: Path) -> list[tuple[str, str]]:
    """Every column that holds text, with its table."""
    connection = sqlite3.connect(path)
    try:
        listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return [
            (table, row[1])
            for (table,) in listed
            if not table.startswith(("sqlite_", "_sqlite"))
            for row in connection.execute(f"PRAGMA table_info({table})").fetchall()
            if row[2] == "TEXT"
        ]
    finally:
        connection.close()


def spoil(path: Path, which: list[tuple[str, str]], strings: tuple[str, ...]) -> None:
    """Writes the strings into these columns, row by row in turn, with the guards off."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = OFF")
    for name, _ in connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("BEGIN")
    connection.execute("CREATE TEMP TABLE hostile (place INTEGER PRIMARY KEY, said TEXT)")
    connection.executemany("INSERT INTO hostile VALUES (?, ?)", enumerate(strings))
    for number, (table, column) in enumerate(which):
        row = "start" if table.startswith("point") else "rowid"
        pick = f"(SELECT said FROM hostile WHERE place = abs({table}.{row} + {number}) % {len(strings)})"
        connection.execute(f'UPDATE OR IGNORE {table} SET "{column}" = {pick} WHERE "{column}" IS NOT NULL')
    connection.execute("COMMIT")
    connection.close()


def obeyed(words: str, code: int, said: str) -> Iterator[str]:
    """What a command's output does that it should not."""
    if code not in (0, 1, 4) or "Something went wrong" in said:
        yield f"{words}: exit {code}: {said[-200:]!a}"
    for found in NEVER.finditer(said):
        yield f"{words}: lets {found[0]!a} through: {said[max(0, found.start() - 30) : found.end() + 10]!a}"
        return
    if code == 0 and words.endswith("json") and not said.isascii():
        yield f"{words}: JSON that is not ASCII"
    if words.endswith("html") and code == 0:
        # People's text is the only one with such words: what stands in a tag is the report's own.
        for tag in re.findall(r"<[^>]*>", said):
            if re.search(r"(?i)script|\bon\w+=|href|src=|url\(|javascript", tag.replace("default-src", "")):
                yield f"{words}: a browser would obey {tag[:60]!a}"
                return
    if words.endswith("md") and code == 0 and (live := LIVE.search(said)):
        yield f"{words}: Markdown would obey {live[0]!a}"
    if words.startswith("export") and code == 0 and not words.endswith("json"):
        for row in csv.reader(StringIO(said)):
            for cell in row:
                if FORMULA.match(cell.lstrip()) and not NUMBER.match(cell):
                    yield f"{words}: a spreadsheet would run {cell[:60]!a}"
                    return


def commands_on(path: Path) -> Iterator[str]:
    for words in commands():
        yield from obeyed(words, *told([*words.split(), "--db", str(path)]))


def screens_on(path: Path, which: tuple[str, ...]) -> list[str]:
    """Shows every screen in a terminal that does not exist; what is wrong with what would be painted."""
    from kpitui import config, paths, themes
    from kpitui.tui.app import build_app
    from kpitui.tui.store_thread import StoreThread

    broken: list[str] = []
    thread = StoreThread(lambda: workspace.opened(path))

    async def look() -> None:
        app = build_app(
            thread,
            config=config.Config(),
            themes=themes.load_themes(paths.theme_folders()),
            today=lambda: date(2026, 11, 20),
            user="soak",
        )
        async with app.run_test(size=(130, 45)) as pilot:
            for name in which if not app.last_words else ():
                await app.go(name)
                await pilot.pause()
                await app.workers.wait_for_complete()
                await pilot.pause()
                broken.extend(painted(name, app.screen._compositor.render_strips()))
                await pilot.press("j", "enter")
                await app.workers.wait_for_complete()
                await pilot.pause()
                broken.extend(painted(f"{name}, opened", app.screen._compositor.render_strips()))
                await pilot.press("escape")
        broken.extend(obeyed("the screens", 1, app.last_words))

    try:
        asyncio.run(look())
    except Exception as error:
        # Textual tells of a screen that ended early by the screen that is not there.
        if not (thread_told := getattr(error, "args", ())) or "No screens on stack" not in str(thread_told):
            broken.append(f"a screen ended with {type(error).__name__}: {str(error)[:200]!a}")
    finally:
        thread.close()
    return broken


def painted(name: str, strips: list[Strip]) -> Iterator[str]:
    for strip in strips:
        for segment in strip:
            if found := NEVER.search(segment.text):
                yield f"screen {name} paints {found[0]!a} in {segment.text[:60]!a}"
                return
            if segment.style is not None and (segment.style.link or "@click" in segment.style.meta):
                yield f"screen {name} makes a link of {segment.text[:60]!a}"
                return


def run(form: Form) -> Found:
    chance, broken, looks = form.chance("hostile"), list[str](), 0
    os.environ["KPITUI_TODAY"] = "2026-11-20"
    strings = list(STRINGS)
    with folder() as place:
        sound = company(place)
        every = columns(sound)
        people = [(table, column) for table, column in every if column not in CHOSEN]
        rounds = form.amount(4, 40)
        for number in range(rounds):
            chance.shuffle(strings)
            # All at once, or one kind of text alone; in the rows of people's text, or anywhere.
            given = tuple(strings) if number % 2 == 0 else tuple(chance.choice((STEERING, HIDING, FORMULAS, MARKUP)))
            which = people if number % 4 < 3 else chance.sample(every, 3)
            # A -wal that was left behind would be applied to whatever stands under its name.
            path = place / f"{number}.db"
            copyfile(sound, path)
            os.chmod(path, 0o600)
            spoil(path, which, given)
            found = [*commands_on(path), *screens_on(path, SCREENS)]
            looks += len(commands()) + 2 * len(SCREENS)
            broken += [f"round {number}: {what}" for what in found]
    os.environ.pop("KPITUI_TODAY", None)
    return Found(f"{len(STRINGS)} strings in {len(every)} columns, {looks} outputs and screens", broken)


@contextmanager
def made_harmless(function: Callable[..., object], instead: Callable[..., object]) -> Iterator[None]:
    """`function` does what `instead` does, for everybody who has imported it already, too."""
    assert isinstance(function, FunctionType) and isinstance(instead, FunctionType)
    before, function.__code__ = function.__code__, instead.__code__
    try:
        yield
    finally:
        function.__code__ = before


def uncleaned(text: str, *, keep_newlines: bool = False) -> str:
    return text


def unguarded(text: str, *, keep_newlines: bool = False) -> str:
    from kpitui.text import clean

    return clean(text, keep_newlines=keep_newlines)


def unescaped(text: str) -> str:
    from kpitui.text import clean

    return clean(text)


def unescaped_line(text: str, *, begins: bool = True) -> str:
    from kpitui.text import clean

    return clean(text)


def without(function: Callable[..., object], instead: Callable[..., object]) -> Callable[[Form], Found]:
    def mutant(form: Form) -> Found:
        with made_harmless(function, instead):
            return run(form.part(0.25))

    return mutant


def drawn_as_markup(form: Form) -> Found:
    """Lines of the screens are read as most of Textual's own widgets read a plain string."""
    from rich.console import Console
    from rich.text import Text
    from textual.strip import Strip

    from kpitui.tui.widgets.styled import Styled

    console = Console()

    def strip_of(self: Styled, spans: Iterable[tuple[str, str]], cells: int, over: str = "", mark: str = "") -> Strip:
        return Strip([part for said, _ in spans for part in Text.from_markup(said, end="").render(console)])

    with replaced(Styled, "strip_of", strip_of):
        return run(form.part(0.25))


PART = Part(
    "hostile",
    "hostile text in every field: control bytes, formulas, markup obeyed in any output or screen: 0",
    run,
    (
        Mutant("cleaning of text", without(text.clean, uncleaned)),
        Mutant("the guard of CSV cells", without(text.guarded, unguarded)),
        Mutant("lines that are never markup", drawn_as_markup),
        Mutant("the escaping of HTML", without(report_html.said, unescaped)),
        Mutant("the escaping of Markdown", without(report_md.escaped, unescaped_line)),
    ),
)
