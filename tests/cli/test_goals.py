"""`kpitui goals`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kpitui.cli.main import main
from tests.services.test_goals import company


def test_goals_are_told_and_rolled_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = company(tmp_path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    monkeypatch.setenv("KPITUI_DB", store.path)
    store.close()
    assert main(["goals"]) == 0
    text = capsys.readouterr().out
    assert "2.1 × your best year (from Jan '25); reached in 0 of 13 past windows." in text
    assert "missing: why it matters" in text and "achieved" in text
    assert main(["goals", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["goals"][0]["times_best"], said["goals"][0]["windows"]) == (2.1, 13)
    assert said["past"][0]["status"] == "achieved"
    assert main(["goals", "roll-over", "revenue_2026", "--number", "600", "--dry-run"]) == 0
    assert "$600 Revenue by 31 Dec 2027, from 1 Jan 2027" in capsys.readouterr().out
    assert main(["goals", "roll-over", "revenue_2026", "--number", "600"]) == 0
    assert "New goal: $600 Revenue by 31 Dec 2027" in capsys.readouterr().out
    assert main(["goals", "roll-over", "revenue_2026"]) == 1
    assert "is there already" in capsys.readouterr().err
    assert main(["goals", "roll-over", "nothing"]) == 1
    assert "There is no goal “nothing”" in capsys.readouterr().err
    assert main(["goals", "--past"]) == 0
    assert "revenue_2026" not in capsys.readouterr().out
