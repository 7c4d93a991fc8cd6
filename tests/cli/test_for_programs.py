"""`--csv`: the rows of a command as a table, the same figures as in `--json`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

from kpitui.cli.for_programs import flat
from kpitui.domain.periods import parse_label
from kpitui.services import actions, closing, entry, proposals, review
from kpitui.services.calendar import calendar_of
from tests.conftest import Ran
from tests.services.acme import TODAY
from tests.services.test_outlooks import MODEL, POINTS
from tests.workspace import build, record

Run = Callable[..., Ran]

COMMANDS = ("status", "show leads", "due", "history leads", "log", "doctor", "audit", "actions", "review list",
            "forecast leads", "restatements", "proposals", "doctor --rules", "audit --rules")  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A workspace with a row of everything."""
    with build(tmp_path_factory.mktemp("rows"), MODEL, POINTS) as store:
        closing.close(store, "2026-W40", "books closed", TODAY)
        span = parse_label("2026-W40", calendar_of({}))[1]
        entry.record_value(store, "leads", span, "77", today=TODAY, why="late", judged=False)
        record(store, "visits 2026-W45 99000?")
        proposals.propose(store, "leads", span, "78", "seen", today=TODAY)
        actions.add(store, "Call them @bo fri", TODAY)
        review.start(store, "weekly", TODAY)
    return store.path


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One with nothing in it."""
    return build(tmp_path_factory.mktemp("empty")).path


@pytest.fixture(scope="module")
def valueless(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One with metrics and no value."""
    return build(tmp_path_factory.mktemp("valueless"), MODEL).path


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
    # Nothing that JSON says is left out but lists of objects, which have rows of their own, and a band, which is two.
    assert rows and {key for one in said for key in flat(one)} - {"usual"} <= set(rows[0])
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


def test_without_a_row_there_is_the_header_all_the_same(
    path: str, empty: str, valueless: str, kpitui: Run
) -> None:  # fmt: skip
    for command in COMMANDS:
        if "--rules" in command:
            continue
        place = valueless if command.endswith("leads") else empty
        words = [*command.split(), *(["--who", "nobody"] if command == "log" else [])]
        full, none = kpitui(*words, "--csv", "--db", path).out, kpitui(*words, "--csv", "--db", place).out
        assert none.splitlines()[0] == full.splitlines()[0], command
        if command not in ("doctor", "show leads"):
            assert none.count("\n") == 1, command


def test_both_forms_at_once_are_wrong_usage(path: str, kpitui: Run) -> None:
    for command in COMMANDS:
        for forms in (("--json", "--csv"), ("--csv", "--json")):
            ran = kpitui(*command.split(), *forms, "--db", path)
            assert (ran.code, ran.out) == (2, "") and "--json and --csv" in ran.err, command


def test_parts_become_cells() -> None:
    given = {"period": {"label": "2026-W47", "start": "2026-11-16", "partial": True}, "before": {"a": 1}, "x": None,
             "series": [{"value": 1}], "ok": False}  # fmt: skip
    assert flat(given) == {
        "period": "2026-W47", "period_start": "2026-11-16", "period_partial": "true", "before": '{"a": 1}', "x": None,
        "ok": "false",
    }  # fmt: skip
