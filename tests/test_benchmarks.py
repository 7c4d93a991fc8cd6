"""The measuring itself: the table, the exit code, and the terminal that bytes and frames are counted in."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks.row import Row
from benchmarks.terminal import Terminal, memory_of, seconds_of_cpu

ECHO = """
import sys, termios, tty
tty.setraw(0)
out = sys.stdout
out.write("\\x1b[?2026$p\\x1b[>1u\\x1b[2J\\x1b[H")
out.flush()
answer = ""
while not answer.endswith("y"):
    answer += sys.stdin.read(1)
out.write("ready" if answer == "\\x1b[?2026;2$y" else repr(answer))
out.flush()
while (key := sys.stdin.read(1)) != "q":
    for text in ("half", "whole"):
        out.write(f"\\x1b[?2026h\\x1b[2;1H{text} {key}\\x1b[?2026l")
    out.flush()
"""


@pytest.fixture
def echo(tmp_path: Path) -> Terminal:
    program = tmp_path / "echo.py"
    program.write_text(ECHO)
    return Terminal([sys.executable, str(program)], os.environ)


def test_a_key_is_answered_with_bytes_and_frames(echo: Terminal) -> None:
    with echo as terminal:
        terminal.wait_for("ready")
        assert terminal.lines[0] == "ready"
        answer = terminal.press("a")
        expected = sum(len(f"\x1b[?2026h\x1b[2;1H{text} a\x1b[?2026l") for text in ("half", "whole"))
        assert answer.bytes == expected
        assert [frame[1] for frame in answer.frames] == ["half a", "whole a"]
        assert terminal.listen(0.3) == 0
        assert memory_of(terminal.pid) > 1_000_000
        assert seconds_of_cpu(terminal.pid) >= 0


def test_what_does_not_come_is_said_with_the_screen(echo: Terminal) -> None:
    with echo as terminal:
        with pytest.raises(TimeoutError, match="ready"):
            terminal.wait_for("never", 1.0)


def test_the_table_says_what_is_over_its_bound() -> None:
    rows = [Row("tell", 3.9, 4, "×", "40 ms"), Row("digit", 201, 200, "B")]
    lines = bench.table(rows).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["tell", "3.90", "×", "4.00", "×", "ok", "40", "ms"],
        ["digit", "201", "B", "200", "B", "OVER"],
    ]


def test_the_exit_code_is_1_when_something_is_over(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for value, code in ((1.0, 0), (3.0, 1)):
        monkeypatch.setattr(bench, "measured", lambda name, world, value=value: [Row(name, value, 2, "×")])
        assert bench.main(["tell"]) == code
    assert "0 of 1 within their bound" in capsys.readouterr().out
    assert bench.main(["nothing"]) == 2


@pytest.mark.parametrize("name", bench.MEASURES)
def test_every_measure_is_there(name: str) -> None:
    assert callable(importlib.import_module(f"benchmarks.{name}").measure)
