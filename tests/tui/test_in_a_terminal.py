"""The shell in a real terminal: what it writes, what it leaves behind, what it does when the terminal goes."""

from __future__ import annotations

import os
import signal

import pytest

from tests.tui.terminal import Terminal

SAMPLE = ["-m", "tests.tui.sample"]
DOWN, PAGE_DOWN, ESC = "\x1b[B", "\x1b[6~", "\x1b"


def started(cols: int = 80, rows: int = 24, *args: str, **env: str) -> Terminal:
    terminal = Terminal([*SAMPLE, *args], cols, rows, env)
    terminal.wait_for("? help")
    terminal.settle()
    return terminal


def test_cursor_scroll_prompt_and_tabs_keep_to_their_bytes() -> None:
    with started(80, 24, "200") as terminal:
        assert len(terminal.press("j")) <= 1_500
        assert len(terminal.press(DOWN)) <= 1_500
        terminal.press(PAGE_DOWN)
        scrolled = [terminal.press("j") for _ in range(3)]
        assert max(map(len, scrolled)) <= 11_000
        assert terminal.lines()[22 - 1].startswith(" ▸ ")
        assert len(terminal.press("a")) <= 2_000
        assert len(terminal.press("x")) <= 600
        assert len(terminal.press(ESC)) <= 2_000
        assert len(terminal.press("2")) <= 20_000
        assert len(terminal.press("1")) <= 20_000


def test_the_cursor_is_found_without_colour() -> None:
    with started(NO_COLOR="1") as terminal:
        assert not [code for code in (b"38;2", b"48;2", b"38;5", b"48;5") if code in terminal.bytes]
        terminal.press("j")
        rows = [y for y in range(24) if all(terminal.screen.buffer[y][x].reverse for x in (0, 40, 79))]
        assert len(rows) == 1 and terminal.lines()[rows[0]].startswith(" ▸ ")


def test_idle_writes_nothing() -> None:
    with started() as terminal:
        terminal.settle()
        before = len(terminal.bytes)
        for _ in range(6):
            terminal.read(0.5)
        assert len(terminal.bytes) == before


def test_no_frame_of_a_tab_change_is_half_drawn() -> None:
    with started() as terminal:
        for key in ("2", "1", "2"):
            old = terminal.lines()
            answer = terminal.press(key)
            new = terminal.lines()
            again = Terminal.__new__(Terminal)
            import pyte

            screen = pyte.Screen(80, 24)
            stream = pyte.Stream(screen)
            stream.feed("\r\n".join(old))
            stream.feed("\x1b[H")
            seen = []
            for frame in terminal.frames(answer):
                stream.feed(frame.replace(b"\x1b[?2026h", b"").decode())
                seen.append([line.rstrip() for line in screen.display])
            del again
            assert seen and all(state in (old, new) for state in seen)


def test_keys_that_arrive_in_one_packet_do_what_each_was_meant_for() -> None:
    with started() as terminal:
        terminal.press("jaone\rjatwo\r")
        terminal.wait_for("2 written")
        assert terminal.lines()[6].startswith(" ▸ ")


def test_q_leaves_and_the_terminal_is_as_it_was() -> None:
    with started() as terminal:
        terminal.press("q")
        assert terminal.ended() == 0
        assert b"\x1b[?1049l" in terminal.bytes and b"\x1b[?25h" in terminal.bytes


def test_sigterm_leaves_the_terminal_as_it_was() -> None:
    with started() as terminal:
        terminal.press("ax")
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.ended() == 143
        assert b"\x1b[?1049l" in terminal.bytes


@pytest.mark.parametrize("ignored", [False, True])
def test_a_lost_terminal_ends_the_program(ignored: bool) -> None:
    argv = SAMPLE
    if ignored:
        code = "import runpy, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); import sys; sys.argv[1:] = []; "
        argv = ["-c", code + "runpy.run_module('tests.tui.sample', run_name='__main__')"]
    with Terminal(argv) as terminal:
        terminal.wait_for("? help")
        terminal.settle()
        terminal.hang_up()
        terminal.read = lambda seconds: b""  # type: ignore[method-assign]
        assert terminal.ended() == 129


def test_after_a_stop_everything_is_painted_again() -> None:
    with started() as terminal:
        full = terminal.lines()
        os.write(terminal.fd, b"\x1a")
        terminal.wait(lambda: os.waitpid(terminal.pid, os.WNOHANG | os.WUNTRACED) != (0, 0))
        terminal.settle()
        terminal.screen.reset()
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.wait(lambda: terminal.lines() == full)


def test_exported_sizes_are_not_believed() -> None:
    with started(80, 24, COLUMNS="120", LINES="40") as terminal:
        assert terminal.lines()[23].endswith("? help  : cmd")


def test_a_storm_of_sizes_ends_with_the_last_one_whole() -> None:
    with started() as terminal:
        terminal.press("j")
        for number in range(60):
            terminal.resize(20 + number % 7 * 20, 6 + number % 5 * 8)
            if number % 10 == 0:
                os.write(terminal.fd, b"j")
            terminal.read(0.005)
        terminal.resize(80, 24)
        terminal.settle()
        # What stood there is of another size: all of it comes again.
        terminal.screen.reset()
        terminal.press("\x0c")
        lines = terminal.lines()
        assert lines[23].endswith("? help  : cmd") and len([line for line in lines if line.startswith(" ▸ ")]) == 1
        terminal.press("q")
        assert terminal.ended() == 0


def test_a_stop_from_outside_gives_the_terminal_back_and_takes_it_again() -> None:
    with started() as terminal:
        full = terminal.lines()
        before = len(terminal.bytes)
        os.kill(terminal.pid, signal.SIGTSTP)
        terminal.wait(lambda: os.waitpid(terminal.pid, os.WNOHANG | os.WUNTRACED) != (0, 0))
        terminal.settle()
        assert b"\x1b[?1049l" in terminal.bytes[before:]
        terminal.screen.reset()
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.wait(lambda: terminal.lines() == full)
