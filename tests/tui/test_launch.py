"""From the command line to the first frame, and what is told when there can be none."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from kpitui.identity import who
from kpitui.services.setup import create_workspace
from kpitui.tui import ahead
from kpitui.tui.ahead import Failed
from kpitui.tui.launch import keep_log, tell
from tests.tui.terminal import Terminal

KPITUI = ["-P", "-m", "kpitui"]


@pytest.fixture
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_processors", lambda: 2)


def workspace(path: Path) -> str:
    create_workspace(str(path), who(), "cli", lambda: datetime.now(UTC), name="Acme").close()
    return str(path)


def start(*words: str, **env: str) -> Terminal:
    return Terminal([*KPITUI, *words], 80, 24, {"PYTHONPATH": os.getcwd(), **env})


def test_a_workspace_opens_and_q_leaves(tmp_path: Path) -> None:
    with start("--db", workspace(tmp_path / "a.db")) as terminal:
        terminal.wait_for("? help")
        terminal.settle()
        terminal.press("q")
        assert terminal.ended() == 0


def test_the_own_workspace_is_not_made_by_looking(own_world: Path) -> None:
    with start() as terminal:
        terminal.wait_for("No goal yet")
        terminal.settle()
        terminal.press("q")
        assert terminal.ended() == 0
    assert not list(own_world.rglob("*.db"))


def test_a_file_that_is_not_ours_is_one_sentence_and_its_code(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not a database at all, but long enough to look like a file" * 40)
    with start("--db", str(tmp_path / "x.db")) as terminal:
        assert terminal.ended() == 4
        assert b"Traceback" not in terminal.bytes and b"\x1b[?1049h" not in terminal.bytes
        assert terminal.bytes.decode().startswith("kpitui: ")


def test_a_dumb_terminal_gets_no_screens(tmp_path: Path) -> None:
    with start("--db", workspace(tmp_path / "a.db"), TERM="dumb") as terminal:
        terminal.ended()
        assert b"\x1b[?1049h" not in terminal.bytes


# ------------------------------------------------------------------ work ahead


@pytest.mark.usefixtures("two_processors")
def test_work_ahead_comes_back_from_another_process() -> None:
    result = ahead.begin(lambda: (os.getpid(), {"a": [1, 2.5, None]}))
    assert result is not None
    pid, value = result()
    assert pid != os.getpid() and value == {"a": [1, 2.5, None]}
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


@pytest.mark.usefixtures("two_processors")
@pytest.mark.parametrize("how", ["raises", "dies", "cannot be pickled"])
def test_work_ahead_that_comes_to_nothing_says_so_quietly(how: str, capfd: pytest.CaptureFixture[str]) -> None:
    def work() -> object:
        if how == "raises":
            raise ValueError("not here")
        if how == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        return lambda: None

    result = ahead.begin(work)
    assert result is not None
    with pytest.raises(Failed):
        result()
    assert capfd.readouterr() == ("", "")


def test_on_one_processor_nothing_is_gained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_processors", lambda: 1)
    assert ahead.begin(lambda: 1) is None


def test_what_is_said_when_the_screens_are_gone_is_cleaned(capsys: pytest.CaptureFixture[str]) -> None:
    # In it stand a path and, after a restore, names that somebody may have written into the file.
    said = "\x1b]0;evil\x07bo\u202e has restored a backup (x\x1b[2J.db)"
    thread = SimpleNamespace(submit=lambda work: SimpleNamespace(wait=lambda seconds: [said]))
    keep_log(thread)  # type: ignore[arg-type]
    tell(said)
    assert capsys.readouterr().err == "kpitui: bo has restored a backup (x.db)\n" * 2
