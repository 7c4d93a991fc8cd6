"""What every test stands on: nothing of the user's own settings, files or environment leaks in."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings

from tests import made_once

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT.parent / "shared" / "reference"

# No deadline: the machine is shared, and a slow moment is no wrong answer.
settings.register_profile("kpitui", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("kpitui")


def pytest_collection_finish() -> None:
    if "textual.app" in sys.modules:
        from tests import settling

        settling.install()
    # What was imported and collected stays to the end: the collector need not walk through it again and again.
    gc.collect()
    gc.freeze()


def pytest_runtest_setup() -> None:
    if settling := sys.modules.get("tests.settling"):
        settling.forget()


@pytest.fixture(autouse=True, scope="session")
def made_once_in_a_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One folder for all workers of the run."""
    base = tmp_path_factory.getbasetemp()
    made_once.folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "made_once"
    made_once.folder.mkdir(mode=0o700, exist_ok=True)


@pytest.fixture(autouse=True)
def own_world(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of the test's own; also for the programs that it starts."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("KPITUI_", "XDG_", "TEXTUAL", "LC_")):
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "COLORTERM", "COLORFGBG", "COLUMNS", "LINES", "FORCE_COLOR", "LANGUAGE", "TZ"):
        monkeypatch.delenv(name, raising=False)
    for variable, folder in (("CONFIG", ".config"), ("STATE", ".local/state"), ("DATA", ".local/share")):
        monkeypatch.setenv(f"XDG_{variable}_HOME", str(home / folder))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(home / "etc"))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("TERM", "xterm-256color")
    return home


@pytest.fixture
def reference() -> Path:
    """The folder of published figures; the test is skipped where it does not lie beside the project."""
    if not REFERENCE.is_dir():
        pytest.skip("the reference figures are not beside this checkout")
    return REFERENCE


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def kpitui(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs a command in this process: `kpitui("where", "--json")` gives its exit code, stdout and stderr."""
    from kpitui.cli.main import main

    def run(*words: str | Path) -> Ran:
        capsys.readouterr()
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run
