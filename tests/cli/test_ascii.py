"""Every command where the locale is not UTF-8: what people read is ASCII, what programs read keeps its letters."""

from __future__ import annotations

import importlib
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from kpitui.cli.main import COMMANDS
from tests.conftest import ROOT, Ran
from tests.services.acme import MODEL, POINTS
from tests.workspace import build

Run = Callable[..., Ran]
# A call of each command in which it says what it says to people; in this order, the last ones change something.
CALLS = """
status
tell
due
show mrr
show arr_2026
why mrr
leading
whatif mrr
forecast mrr
signals mrr
goals
goals arr_2026
report
audit
doctor
history mrr
log
actions
members
proposals
restatements
check
where
keys
themes
backup --list
calendar show
calendar holidays
library list
library show saas
model diff nothing.toml
model apply nothing.toml
export nothing
import nothing.csv
restore nothing.db
init team.db
demo --keep team.db
tui nowhere
--plain home
--plain tree
--plain due
--plain entry
--plain review
--plain log
review start weekly
review follow --once
review write decision größer…
review sign
review list
review show
review reopen 1 größer…
actions add "call Bö… 31 dec"
actions date 1 31.12.2026
actions owner 1 bo
actions done 1
actions open 1
actions drop 1
annotate mrr größer…
record mrr 3…
propose mrr 3…
record mrr 399000 --note größer…
audit accept mrr w45
close oct
reopen oct --why größer…
members add bö reader
members remove bö
calendar set week_start=sunday
calendar import nothing.csv
proposals accept 1
proposals decline 1
goals roll-over arr_2026
library use nothing
library save org
undo
redo
nosüch
"""
DATA = {"model export", "review minutes"}
"""Written for programs, or as it was signed: UTF-8 whatever the locale is."""


def commands() -> dict[str, bool]:
    """Each command and sub-command by the words that call it, and whether others lie below it."""
    found: dict[str, bool] = {}
    for name, (module, _) in COMMANDS.items():
        command = getattr(importlib.import_module(module), "command", None)
        below = command.commands if isinstance(command, click.Group) else {}
        found[name] = bool(below)
        found |= {f"{name} {under}": False for under in below}
    return found


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with build(tmp_path, MODEL.replace('"Sales"', '"Verkäufe „Süd“"'), POINTS, today="2026-11-16") as store:
        path = Path(store.path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KPITUI_DB", str(path))
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-23")
    return path


def test_every_command_and_its_help_say_it_in_ascii(
    company: Path, kpitui: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not kpitui("status").out.isascii()
    monkeypatch.setenv("LC_ALL", "C")
    calls = [shlex.split(line) for line in CALLS.strip().splitlines()]
    known = commands()
    called = {" ".join(call[:count]) for call in calls for count in (1, 2)}
    assert {name for name, group in known.items() if not group} - DATA - called == set(), "call them in CALLS too"
    calls += [[*name.split(), "--help"] for name in known]
    for call in [["--help"], *calls]:
        ran = kpitui(*call)
        assert ran.out.isascii() and ran.err.isascii(), f"kpitui {' '.join(call)}: {ran.out}{ran.err}"
        assert ran.out or ran.err


def test_what_programs_read_back_keeps_its_letters(company: Path) -> None:
    """A cron job runs in the locale C; Python's own ways out of it are off here."""
    env = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    words = [sys.executable, "-m", "kpitui", "model", "export"]
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, check=True)
    assert "Verkäufe „Süd“" in done.stdout.decode("utf-8")
