"""`kpitui audit`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kpitui.storage.store import Store
from tests.conftest import Ran
from tests.services.test_data_audit import MODEL, noisy, weeks
from tests.workspace import NAME, build, clock, person, record


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    values = noisy()
    values[20] = 99_000
    build(tmp_path, MODEL, weeks("visits", values)).close()
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    return str(tmp_path / NAME)


def test_findings_are_listed_accepted_and_remembered(kpitui: Callable[..., Ran], db: str) -> None:
    ran = kpitui("audit", "--db", db)
    assert ran.code == 0 and "warning  spike  Visits  W25     99k between" in ran.out
    assert ran.err.startswith("1 finding: 1 warning. 4 metrics looked at.")
    (found,) = json.loads(kpitui("audit", "--db", db, "--json").out)
    assert (found["slug"], found["rule"], found["severity"], found["period"]) == ("visits", "spike", "warning", "W25")
    assert (found["start"], found["end"], found["value"]) == ("2026-06-15", "2026-06-22", 99_000)
    assert found["accepted"] is None and found["meant"] is None
    ran = kpitui("audit", "accept", "visits", "2026-W25", "--why", "press day", "--db", db)
    assert ran.code == 0 and ran.out.startswith("Accepted Visits W25: 99k between")
    assert kpitui("audit", "--db", db).err == "Nothing to look at. 1 accepted before. 4 metrics looked at.\n"
    assert json.loads(kpitui("audit", "--db", db, "--json").out) == []
    (kept,) = json.loads(kpitui("audit", "--db", db, "--json", "--accepted").out)
    assert kept["accepted"]["why"] == "press day" and kept["accepted"]["on"] == "2026-11-20"
    assert "press day" in kpitui("audit", "--accepted", "--db", db).out
    again = kpitui("audit", "accept", "visits", "2026-W25", "--db", db)
    assert again.code == 1 and "no such finding for visits" in again.err


def test_errors_give_exit_code_1_and_rules_say_why(kpitui: Callable[..., Ran], db: str) -> None:
    with Store.open(db, who=person("ana"), via="test", now=clock("2026-11-20")) as store:
        record(store, "visits 2027-W02 1000")
    ran = kpitui("audit", "--db", db)
    assert ran.code == 1 and "error    future  Visits  W2 '27  1k for W2 '27, which has not begun" in ran.out
    ran = kpitui("audit", "--rules")
    assert ran.code == 0 and "spike     no value jumps out and back (warning)" in ran.out
    assert kpitui("audit", "--metric", "nobody", "--db", db).code == 1
