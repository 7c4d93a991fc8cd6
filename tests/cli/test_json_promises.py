"""What `--json` promises to programs: every key is there, what is not known is null and never 0."""

import json
import math
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.workspace import build

STATUS = frozenset(
    "on_track at_risk off_track achieved missed no_target no_data not_started stale paused draft".split()
)
GOAL = {"slug", "title", "target", "value", "progress", "time_gone", "days_left", "status"}
ROW = {
    *("slug", "name", "scope", "unit", "period", "value", "target", "baseline", "gap", "progress", "status", "why"),
    *("chance", "needed", "rate", "signal", "series", "owner"),
}
DEFINITION = {"slug", "name", "definition", "unit", "kind", "cadence", "direction", "owner", "timing", "nature"}
MODEL = """
[workspace]
currency = "EUR"

[[metric]]
slug = "orders"
name = "Orders"
kind = "flow"
cadence = "day"

[[metric]]
slug = "visits"
name = "Visits"
kind = "flow"
cadence = "day"

[[metric]]
slug = "conversion"
name = "Conversion"
unit = "percent"
kind = "ratio"
numerator = "orders"
denominator = "visits"
cadence = "week"
direction = "up"

[[metric]]
slug = "cac"
name = "CAC"
unit = "currency"
kind = "level"
cadence = "week"
direction = "down"
owner = "ana"

[[metric]]
slug = "nothing"
name = "Nothing yet"
kind = "flow"
cadence = "month"

[[goal]]
slug = "grow"
title = "Grow"
main = true
metric = "cac"
baseline = 500
target = 300
start = 2026-01-01
deadline = 2026-12-31

[[kpi]]
metric = "conversion"
goal = "grow"
target_kind = "at_least"
target = 0.05
state = "live"

[[kpi]]
metric = "cac"
goal = "grow"
baseline = 500
target = 300
start = 2026-01-01
deadline = 2026-12-31
state = "live"

[[kpi]]
metric = "nothing"
goal = "grow"
target_kind = "reach"
baseline = 0
target = 50
start = 2026-01-01
deadline = 2026-12-31
state = "live"

[[annotation]]
metric = "cac"
day = 2026-11-05
text = "new agency"
"""
POINTS = """
cac 2026-W40 450 445 x 430 - 425 420
visits 2026-11-09 100 120 90 110 100 80 100
orders 2026-11-09 4 6 5 5 5 5 5
"""
Ask = Callable[..., Any]


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    store = build(tmp_path, MODEL, POINTS)
    path = store.path
    store.close()
    yield path


@pytest.fixture
def ask(db: str, kpitui: Any) -> Ask:
    """The answer of a command to `--json`: no number that JSON cannot hold, no byte a terminal obeys."""

    def asked(*words: str, code: int = 0) -> Any:
        done = kpitui(*words, "--json", "--db", db)
        assert done.code == code, done.err
        assert done.out.isascii() and all(char.isprintable() or char == "\n" for char in done.out)
        return json.loads(done.out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))

    return asked


def check_period(period: Any) -> None:
    assert {"label", "start", "end", "partial"} <= set(period)
    assert date.fromisoformat(period["start"]) < date.fromisoformat(period["end"])
    assert isinstance(period["partial"], bool) and period["label"]


def check_row(row: Any) -> None:
    assert set(row) >= ROW and row["status"] in STATUS
    if row["period"] is not None:
        check_period(row["period"])
    assert row["why"] or row["value"] is not None
    assert row["signal"] is None or set(row["signal"]) >= {"rule", "at", "direction"}
    starts = [one["start"] for one in row["series"]]
    assert starts == sorted(starts)
    for one in row["series"]:
        assert set(one) >= {"start", "end", "value", "present", "expected"}
        if one["present"] == 0:
            assert one["value"] is None
        if one["value"] is None:
            assert one["present"] < one["expected"] or one["expected"] == 0 or one.get("why")


def test_status_keeps_its_promises(ask: Ask) -> None:
    said = ask("status")
    assert set(said) >= {"workspace", "as_of", "goal", "goals", "kpis", "metrics"}
    assert (said["workspace"], said["as_of"], said["goal"]["slug"]) == ("Acme", "2026-11-20", "grow")
    for goal in said["goals"]:
        assert set(goal) >= GOAL and goal["status"] in STATUS
    rows = {row["slug"]: row for row in (*said["kpis"], *said["metrics"])}
    assert set(rows) == {"orders", "visits", "conversion", "cac", "nothing"}
    for row in rows.values():
        check_row(row)


def test_what_is_not_known_is_null_with_a_reason(ask: Ask) -> None:
    rows = {row["slug"]: row for row in ask("status")["kpis"]}
    nothing = rows["nothing"]
    assert [nothing[key] for key in ("value", "gap", "chance", "rate", "signal")] == [None] * 5
    assert nothing["status"] == "no_data" and nothing["why"]
    gaps = {one["start"]: one for one in rows["cac"]["series"]}
    assert gaps["2026-10-12"]["value"] is None and gaps["2026-10-26"]["value"] is None
    assert gaps["2026-10-05"]["value"] == 445


def test_percent_is_a_fraction_and_a_gap_is_good_when_positive(ask: Ask) -> None:
    rows = {row["slug"]: row for row in ask("status")["kpis"]}
    week = {one["start"]: one["value"] for one in rows["conversion"]["series"]}["2026-11-09"]
    assert math.isclose(week, 35 / 700)
    assert rows["conversion"]["target"] == 0.05
    cac = rows["cac"]
    assert cac["value"] == 420 and cac["gap"] < 0 and math.isclose(cac["progress"], 0.4)
    assert 0 <= ask("status")["goal"]["time_gone"] <= 1


def test_show_of_a_metric(ask: Ask) -> None:
    said = ask("show", "conversion", "--grain", "week", "--last", "4")
    assert {"definition", "series", "targets", "annotations", "compare"} <= set(said)
    assert set(said["definition"]) >= DEFINITION and len(said["series"]) == 4
    assert {"previous", "wow", "yoy", "mtd", "qtd", "ytd"} <= set(said["compare"])
    for name in ("mtd", "qtd", "ytd"):
        found = said["compare"][name]
        assert {"value", "prior", "change", "bps", "coverage"} <= set(found)
        assert found["prior"] is None and found["change"] is None and found["bps"] is None
    assert said["compare"]["yoy"]["prior"] is None and said["compare"]["yoy"]["change"] is None
    assert [one["text"] for one in ask("show", "cac")["annotations"]] == ["new agency"]


@pytest.mark.parametrize(("grain", "name"), [("day", "dod"), ("week", "wow"), ("month", "mom"), ("quarter", "qoq")])
def test_show_compares_by_the_grains_own_name(ask: Ask, grain: str, name: str) -> None:
    assert name in ask("show", "visits", "--grain", grain)["compare"]


def test_show_of_a_goal_is_its_status_with_what_hangs_on_it(ask: Ask) -> None:
    said = ask("show", "grow")
    assert set(said) >= {*GOAL, "kpis", "targets", "annotations"}
    for row in said["kpis"]:
        check_row(row)


def test_due_says_since_when_and_what_is_usual(ask: Ask) -> None:
    found = ask("due")
    assert {one["slug"] for one in found} >= {"cac", "nothing"}
    for one in found:
        assert {"slug", "period", "due", "late_days", "owner", "last", "usual"} <= set(one)
        check_period(one["period"])
        assert date.fromisoformat(one["due"]) and isinstance(one["late_days"], int)
        assert one["usual"] is None or len(one["usual"]) == 2
    nothing = next(one for one in found if one["slug"] == "nothing")
    assert nothing["last"] is None and nothing["usual"] is None


def test_history_has_every_revision(ask: Ask, db: str, kpitui: Any) -> None:
    assert kpitui("record", "cac", "none", "--on", "2026-W40", "--note", "lost", "--db", db).code == 0
    found = [one for one in ask("history", "cac") if one["period"]["label"] == "2026-W40"]
    for one in found:
        assert {"period", "value", "entered", "note", "rev", "who", "at", "why", "current"} <= set(one)
        check_period(one["period"])
    assert [(one["value"], one["rev"], one["current"]) for one in found] == [(450, 1, False), (None, 2, True)]
    assert (found[1]["note"], found[1]["state"]) == ("lost", "none")


def test_the_log_is_newest_first(ask: Ask) -> None:
    found = ask("log")
    assert [one["id"] for one in found] == sorted((one["id"] for one in found), reverse=True)
    for one in found:
        assert {"id", "at", "who", "via", "what", "on", "before", "after", "why", "batch"} <= set(one)


def test_a_value_taken_back_has_its_numbers_in_the_log_as_any_has(tmp_path: Path, kpitui: Callable[..., Any]) -> None:
    db = build(tmp_path, MODEL).path
    for words in ("record cac 7 --on 2026-W40", "undo", "redo", "record cac none --on 2026-W40"):
        assert kpitui(*words.split(), "--db", db).code == 0, words
    lines = json.loads(kpitui("log", "--limit", "4", "--json", "--db", db).out)
    assert [(one["what"], one["before"], one["after"]) for one in lines] == [
        ("none", 7, None), ("redo", None, 7), ("undo", 7, None), ("value", None, 7)
    ]  # fmt: skip


def test_check_says_what_reads_the_file_and_how_it_ends(ask: Ask, db: str) -> None:
    sound = ask("check")
    assert {"ok", "problems", "driver", "sqlite", "journal_mode"} <= set(sound)
    assert (sound["ok"], sound["problems"]) == (True, [])
    with sqlite3.connect(db) as raw:
        raw.execute("DROP TRIGGER point_delete")
    raw.close()
    harmed = ask("check", code=4)
    assert harmed["ok"] is False and len(harmed["problems"]) >= 1


def test_a_dry_run_counts_and_names_what_is_refused(ask: Ask, db: str, tmp_path: Path) -> None:
    (tmp_path / "i.csv").write_text("date,cac,zzz\n2026-W40,450,1\n2026-W41,446,2\n2026-W46,401,3\n2026-W45,abc,4\n")
    with sqlite3.connect(db) as raw:
        before = raw.execute("SELECT count(*) FROM txn").fetchone()
    said = ask("import", str(tmp_path / "i.csv"), "--dry-run", code=1)
    assert (said["new"], said["changed"], said["same"], said["unknown_metrics"]) == (0, 2, 1, ["zzz"])
    assert [{key: one[key] for key in ("line", "column", "value")} for one in said["refused"]] == [
        {"line": 5, "column": "cac", "value": "abc"}
    ]
    assert said["refused"][0]["why"]
    with sqlite3.connect(db) as raw:
        assert raw.execute("SELECT count(*) FROM txn").fetchone() == before


@pytest.mark.parametrize("command", ["status", "due", "log", "check", "history cac", "show cac", "show grow"])
def test_an_empty_workspace_answers_in_the_same_shape(
    tmp_path: Path, kpitui: Any, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    path = str(tmp_path / "empty.db")
    assert kpitui("init", "--db", path).code == 0
    done = kpitui(*command.split(), "--json", "--db", path)
    if command.split()[0] in ("show", "history"):
        assert done.code == 1 and done.out == "" and done.err.count("\n") == 1
        return
    said = json.loads(done.out)
    assert done.code == 0
    if command == "status":
        assert (said["goal"], said["goals"], said["kpis"], said["metrics"]) == (None, [], [], [])
