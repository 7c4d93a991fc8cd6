"""`--csv`: the rows of a command as a table, the same figures as in `--json`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

from kpitui.cli.for_programs import flat
from tests.conftest import Ran
from tests.services.test_outlooks import MODEL, POINTS
from tests.workspace import build

Run = Callable[..., Ran]

COMMANDS = ("status", "show leads", "due", "history leads", "log", "doctor", "audit", "actions", "review list",
            "forecast leads", "restatements", "proposals", "doctor --rules", "audit --rules")  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build(tmp_path_factory.mktemp("rows"), MODEL, POINTS).path


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_gives_rows_gives_them_as_csv(command: str, path: str, kpitui: Run) -> None:
    told, table = kpitui(*command.split(), "--json", "--db", path), kpitui(*command.split(), "--csv", "--db", path)
    assert table.code == told.code
    said = json.loads(told.out)
    if isinstance(said, dict):
        said = said.get("points") or said.get("series") or [*said["kpis"], *said["metrics"]]
    rows = rows_of(table.out)
    assert len(rows) == len(said) and all(None not in row and None not in row.values() for row in rows)


def test_the_figures_are_those_of_json(path: str, kpitui: Run) -> None:
    status = json.loads(kpitui("status", "--json", "--db", path).out)
    rows = {row["slug"]: row for row in rows_of(kpitui("status", "--csv", "--db", path).out)}
    for role in ("kpi", "metric"):
        for one in status[f"{role}s"]:
            row = rows[one["slug"]]
            assert (row["role"], row["status"]) == (role, one["status"])
            assert row["value"] == ("" if one["value"] is None else str(one["value"]))
            period = one["period"] or {"label": "", "start": "", "end": ""}
            assert [row["period"], row["period_start"], row["period_end"]] == [
                period["label"], period["start"], period["end"]
            ]  # fmt: skip
    assert "series" not in next(iter(rows.values()))


def test_parts_become_cells() -> None:
    given = {"period": {"label": "2026-W47", "start": "2026-11-16", "partial": True}, "before": {"a": 1}, "x": None,
             "series": [{"value": 1}], "ok": False}  # fmt: skip
    assert flat(given) == {
        "period": "2026-W47", "period_start": "2026-11-16", "period_partial": "true", "before": '{"a": 1}', "x": None,
        "ok": "false",
    }  # fmt: skip
