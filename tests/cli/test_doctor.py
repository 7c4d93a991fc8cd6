"""`kpitui doctor`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kpitui.cli.main import main
from kpitui.domain.lint import rules
from tests.workspace import build

MODEL = '[[metric]]\nslug = "engagement"\nname = "Engagement"\n[[kpi]]\nmetric = "engagement"'


def test_findings_are_told_to_people_and_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    store = build(tmp_path, MODEL)
    store.close()
    assert main(["doctor", "--db", str(store.path)]) == 1
    out, err = capsys.readouterr()
    assert "K04" in out and "no goal, target" in out and "health" in err
    assert main(["doctor", "--json", "--db", str(store.path)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {"rule", "severity", "on", "finding", "fix", "waived"} <= set(found[0])
    assert found[0]["severity"] == "error" and found[0]["waived"] is False
    assert {"engagement", "org", "goal"} <= {one["on"] for one in found}
    assert main(["doctor", "--mine", "--db", str(store.path)]) == 0


def test_the_rules_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--rules"]) == 0
    out = capsys.readouterr().out
    assert "K03  each KPI has a leading indicator (error)" in out and out.count("\n\n") == len(rules()) - 1
