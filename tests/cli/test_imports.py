"""`kpitui import` as a person and a script meet it. What it understands is held by tests/services and scenarios."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kpitui.storage.store import Store
from tests.workspace import build

Run = Callable[..., Any]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    store = build(tmp_path, '[[metric]]\nslug = "visits"\nname = "Visits"\ncadence = "day"\n')
    monkeypatch.setenv("KPITUI_DB", store.path)
    return store


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "visits.csv"
    path.write_text("Date,Visits\n2026-11-01,5\n2026-11-02,6\n")
    return path


def count(store: Store) -> int:
    return int(store.one("SELECT count(*) FROM point"))


def test_the_wide_monthly_file(store: Store, reference: Path, kpitui: Run) -> None:
    file = reference / "real" / "insurance_monthly_wide.csv"
    assert kpitui("import", file).code == 1
    ran = kpitui("import", file, "--create")
    assert (ran.code, ran.out) == (0, "Imported insurance_monthly_wide.csv: 80 new · made 2 metrics\n")
    past = ("--as-of", "2005-04-30", "--as-known", "now")
    shown = json.loads(kpitui("show", "quotes", "--json", *past, "--last", "3").out)
    # The file's last line: 2005 Apr,14.49168,8.7286
    last = shown["series"][-1]
    assert (len(shown["series"]), last["label"], last["value"]) == (3, "2005-04", 14.49168)
    assert kpitui("import", file).out == "Nothing to save: all 80 values are there already\n"


def test_the_long_quarterly_file(store: Store, reference: Path, kpitui: Run) -> None:
    file = reference / "real" / "accommodation_quarterly_long.csv"
    ran = kpitui("import", file, "--create")
    assert (ran.code, ran.out) == (0, "Imported accommodation_quarterly_long.csv: 1,776 new · made 24 metrics\n")
    metrics = dict(store.rows("SELECT slug, name FROM metric WHERE cadence = 'quarter'"))
    assert len(metrics) == 24
    assert metrics["takings_australian_capital_territory"] == "Takings Australian Capital Territory"
    past = ("--as-of", "1998-12-31", "--as-known", "now")
    shown = json.loads(kpitui("show", "takings_australian_capital_territory", "--json", *past).out)
    assert shown["series"][-4]["label"] == "1998-Q1"
    assert shown["series"][-4]["value"] == 24.278895
    assert kpitui("import", file).out == "Nothing to save: all 1,776 values are there already\n"
    chosen = kpitui("import", file, "--map", "Date=date,State=name,Takings=turnover", "--create")
    assert "made 8 metrics" in chosen.out


def test_a_dry_run_saves_nothing_and_promises_its_keys(store: Store, data: Path, kpitui: Run) -> None:
    ran = kpitui("import", data, "--dry-run", "--json")
    found = json.loads(ran.out)
    assert (ran.code, ran.err, count(store)) == (0, "", 0)
    assert {key: found[key] for key in ("new", "changed", "same", "refused", "unknown_metrics")} == {
        "new": 2,
        "changed": 0,
        "same": 0,
        "refused": [],
        "unknown_metrics": [],
    }
    assert kpitui("import", data).code == 0
    data.write_text("Date,Visits\n2026-11-01,7\n2026-11-02,6\n")
    assert json.loads(kpitui("import", data, "--dry-run", "--json").out)["changes"] == [
        {"metric": "visits", "period": "2026-11-01", "was": 5.0, "now": 7.0, "note": False}
    ]
    assert "Changed: Visits 2026-11-01: 5 to 7." in kpitui("import", data, "--dry-run").err
    data.write_text("Date,Visits,Other\n2026-11-01,five,1\n")
    found = json.loads(kpitui("import", data, "--dry-run", "--json").out)
    assert found["refused"] == [
        {"line": 2, "column": "Visits", "value": "five", "why": "Not a number: five. Type it like 1234.5 or 1.2k."}
    ]
    assert found["unknown_metrics"] == ["Other"]


def test_json_after_saving_says_so(store: Store, data: Path, kpitui: Run) -> None:
    assert json.loads(kpitui("import", data, "--json").out)["saved"] is True
    assert json.loads(kpitui("import", data, "--json").out)["saved"] is False


def test_a_dry_run_needs_no_right_to_write(store: Store, data: Path, kpitui: Run) -> None:
    os.chmod(store.path, 0o444)
    assert kpitui("import", data, "--dry-run").code == 0
    if os.getuid() != 0:
        assert kpitui("import", data).code == 6


def test_standard_input(store: Store) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "kpitui", "import", "-"],
        input=b"Date,Visits\n2026-11-01,5\n",
        capture_output=True,
        cwd=Path(__file__).parents[2],
    )
    assert (ran.returncode, ran.stdout) == (0, b"Imported standard input: 1 new\n")


@pytest.mark.parametrize(("answer", "code", "saved"), [(b"y\n", 0, 2), (b"n\n", 1, 0)])
def test_on_a_terminal_it_shows_and_asks(store: Store, data: Path, answer: bytes, code: int, saved: int) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    ran = subprocess.run(
        [sys.executable, "-m", "kpitui", "import", data],
        stdin=theirs,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    os.close(ours)
    os.close(theirs)
    assert ran.returncode == code
    assert "visits.csv: 2 new, 0 changed, 0 the same, 0 refused\nSave them? [y/N]:" in ran.stderr
    assert (ran.stdout, count(store)) == (("Imported visits.csv: 2 new\n", 2) if saved else ("", 0))


def test_wrong_usage_and_wrong_places(store: Store, tmp_path: Path, kpitui: Run) -> None:
    assert kpitui("import").code == 2
    assert kpitui("import", "x.csv", "--dates", "dym").code == 2
    assert kpitui("import", "x.csv", "--map", "Date").code == 2
    missing = kpitui("import", tmp_path / "no.csv")
    assert (missing.code, missing.err.endswith("no.csv: check the path.\n")) == (1, True)
    assert kpitui("import", tmp_path).err.endswith("is a folder: name a file in it.\n")


def test_many_wrong_cells_are_summed_up(store: Store, data: Path, kpitui: Run) -> None:
    data.write_text("Date,Visits\n" + "".join(f"2026-10-{day:02d},x\n" for day in range(1, 31)))
    ran = kpitui("import", data)
    lines = ran.err.splitlines()
    assert (ran.code, ran.out, len([line for line in lines if "Not a number" in line])) == (1, "", 20)
    assert "… and 10 more; --json lists them." in lines


def test_names_of_files_are_shown_as_text(store: Store, tmp_path: Path, kpitui: Run) -> None:
    file = tmp_path / "a\x1b[31mb.csv"
    file.write_text("Date,Visits\n2026-11-01,5\n")
    assert kpitui("import", file).out == "Imported ab.csv: 1 new\n"
    assert store.one("SELECT item FROM change ORDER BY id DESC LIMIT 1") == "ab.csv"
