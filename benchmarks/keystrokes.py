"""What a key costs on the line to the terminal, at 80x24: moving, scrolling, typing, changing tabs."""

from __future__ import annotations

from importlib.util import find_spec

from benchmarks.row import Row
from benchmarks.terminal import Answer, Terminal
from benchmarks.world import PROGRAM, World
from kpitui.keys import TABS

LISTS = {"home": "f", "tree": "", "entry": "", "due": ""}
"""Screens with a cursor, and the key that unfolds their list."""
MOVES = 40


def there() -> list[tuple[str, str]]:
    """The tabs that have a screen: name and the letter after `g`."""
    return [(name, letter) for name, _, letter, _ in TABS if find_spec(f"kpitui.tui.screens.{name}")]


def opened(world: World, size: str = "large") -> Terminal:
    terminal = Terminal([PROGRAM, "--db", str(world.demo(size))], world.env)
    terminal.wait_for("? help")
    terminal.settle(1.0)
    return terminal


def go(terminal: Terminal, letter: str) -> Answer:
    """To another tab: over when its screen has come."""
    terminal.press("g")
    before = body(terminal.lines)
    return terminal.press(letter, until=lambda: body(terminal.lines) != before)


def body(lines: tuple[str, ...]) -> tuple[str, ...]:
    """A screen without its last line: that goes back from the list behind `g` to the footer at once."""
    return lines[:-1]


def measure(world: World) -> list[Row]:
    return [*moving(world), *typing(world), *tabs(world)]


def moving(world: World) -> list[Row]:
    rows: list[Row] = []
    for name, letter in there():
        if name not in LISTS:
            continue
        with opened(world) as terminal:
            go(terminal, letter)
            if LISTS[name]:
                terminal.press(LISTS[name])
            moves, scrolls = moved(terminal)
            title = name.capitalize()
            if moves:
                rows.append(Row(f"cursor move in {title}", max(moves), 1500, "B", f"of {len(moves)} moves"))
            if scrolls:
                rows.append(Row(f"scroll of a line in {title}", max(scrolls), 11_000, "B", f"of {len(scrolls)} lines"))
    return rows


def moved(terminal: Terminal) -> tuple[list[int], list[int]]:
    """Bytes of each step down, by whether the list scrolled under the cursor: then most lines changed."""
    moves: list[int] = []
    scrolls: list[int] = []
    for _ in range(MOVES):
        before = terminal.lines
        answer = terminal.press("j")
        changed = sum(old != new for old, new in zip(before, terminal.lines, strict=True))
        if answer.bytes:
            (scrolls if changed > 6 else moves).append(answer.bytes)
    return moves, scrolls


def typing(world: World) -> list[Row]:
    letters = dict(there())
    if "entry" not in letters:
        return []
    with opened(world, "small") as terminal:
        go(terminal, letters["entry"])
        digits = [terminal.press(digit).bytes for digit in "314"]
        terminal.press("escape", 0.5)
    return [Row("a typed digit in Entry", max(digits), 200, "B", " ".join(map(str, digits)))]


def tabs(world: World) -> list[Row]:
    """Every tab from every other: the most bytes, and frames that are neither what was there nor what comes."""
    found: list[tuple[int, str]] = []
    half: list[str] = []
    known = there()
    with opened(world) as terminal:
        for name, letter in known:
            for other, back in known:
                if other == name:
                    continue
                go(terminal, letter)
                before = body(terminal.lines)
                answer = go(terminal, back)
                found.append((answer.bytes, f"{name} → {other}"))
                if any(body(frame) not in (before, body(terminal.lines)) for frame in answer.frames):
                    half.append(f"{name} → {other}")
    most, where = max(found, default=(0, "there is only one tab"))
    return [
        Row("switching a tab", most, 20_000, "B", f"{where}, the most of {len(found)}"),
        Row("half-drawn frames", len(half), 0, "", ", ".join(half[:3])),
    ]
