"""`kpitui record`: one value and streams of them, and how soon it starts."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kpitui.storage import points, reading
from kpitui.storage.store import Store
from tests.conftest import Ran
from tests.workspace import build, join

MODEL = """
[[metric]]
slug = "cac"
name = "CAC"
unit = "currency"
kind = "level"
cadence = "week"

[[metric]]
slug = "visits"
kind = "flow"
cadence = "day"
hard_min = 0

[[metric]]
slug = "balance"
kind = "level"
cadence = "month"

[[metric]]
slug = "twice"
kind = "flow"
formula = "visits * 2"
"""
Run = Callable[..., Ran]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    store = build(tmp_path, MODEL, "cac 2026-W40 395 404 398 402 409 412 410")
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    return store


def test_a_metric_may_be_named_as_people_call_it(kpitui: Run, store: Store) -> None:
    assert kpitui("record", "CAC", "5", "--on", "w46").code == 0
    assert values(store, "cac")[-1] == 5


def values(store: Store, slug: str) -> list[float | None]:
    metric = reading.metric(store, slug)
    assert metric
    return [row.value for row in points.between(store, metric.id, 0, 40_000)]


def test_one_value_is_answered_with_its_period_and_revision(store: Store, kpitui: Run) -> None:
    assert kpitui("record", "cac", "412.5") == Ran(0, "ok cac 2026-W47 rev 1\n", "")
    assert values(store, "cac")[-1] == 412.5
    assert kpitui("record", "cac", "399", "--on", "w47").out == "ok cac 2026-W47 rev 2\n"


@pytest.mark.parametrize("on", ["2026-10", "oct", "2026-10-05", "last month", "--on=2026-10"])
def test_a_period_may_be_said_in_many_ways(store: Store, kpitui: Run, on: str) -> None:
    words = [on] if on.startswith("--") else ["--on", on]
    assert kpitui("record", "balance", "-1200", *words).out == "ok balance 2026-10 rev 1\n"
    assert values(store, "balance") == [-1200]


@pytest.mark.parametrize(
    ("value", "kept"), [("-5", -5), ("+5", 5), ("+=5", 15), ("-=5", 5), ("=3*4", 12), ("1.2k", 1200), ("−7", -7)]
)
def test_signs_are_literal_and_steps_are_written_out(store: Store, kpitui: Run, value: str, kept: float) -> None:
    kpitui("record", "balance", "10", "--on", "2026-10")
    assert kpitui("record", "balance", value, "--on", "2026-11").code == 0
    assert values(store, "balance")[-1] == kept


def test_a_note_and_none(store: Store, kpitui: Run) -> None:
    assert kpitui("record", "visits", "none", "--note", "holiday").out == "ok visits 2026-11-20 rev 1\n"
    metric = reading.metric(store, "visits")
    assert metric
    (row,) = points.between(store, metric.id, 0, 40_000)
    assert (row.state, row.note) == (points.NONE, "holiday")


def test_an_empty_value_empties(store: Store, kpitui: Run) -> None:
    assert kpitui("record", "cac", "", "--on", "w46").out == "ok cac 2026-W46 rev 2\n"
    assert values(store, "cac")[-1] is None


def test_an_odd_value_is_saved_and_talked_about(store: Store, kpitui: Run) -> None:
    done = kpitui("record", "cac", "4120")
    assert done.out == "ok cac 2026-W47 rev 1\n"
    assert "check it" in done.err and "× 10" in done.err
    assert kpitui("record", "cac", "4120", "--note", "one big campaign").err == ""


def test_if_rev_refuses_what_somebody_changed(store: Store, kpitui: Run) -> None:
    assert kpitui("record", "cac", "400", "--if-rev", "0").code == 0
    ran = kpitui("record", "cac", "401", "--if-rev", "0")
    assert ran.code == 3 and ran.out == "" and "NOT saved" in ran.err
    assert kpitui("record", "cac", "401", "--if-rev", "1").out == "ok cac 2026-W47 rev 2\n"


def test_json(store: Store, kpitui: Run) -> None:
    answer = json.loads(kpitui("record", "cac", "401", "--on", "w46", "--json").out)
    assert answer == {
        "ok": True,
        "metric": "cac",
        "period": {"label": "2026-W46", "start": "2026-11-09", "end": "2026-11-16"},
        "value": 401.0,
        "state": "value",
        "rev": 2,
        "previous": 410.0,
        "changed": True,
        "odd": None,
    }


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["cca", "5"], 1, "Did you mean cac?"),
        (["cac", "3..1"], 1, "Not a number"),
        (["twice", "3"], 1, "worked out as visits * 2"),
        (["visits", "-3"], 1, "below 0, the least this metric can be"),
        (["cac", "5", "--on", "2026-11"], 1, "one value a week"),
        (["cac", "5", "--on", "2026-W50"], 1, "has not begun"),
        (["cac", "5", "--on", "sometime"], 1, "Not a period"),
        (["cac"], 2, "needs a VALUE"),
        ([], 2, "needs a METRIC and a VALUE"),
        (["cac", "1", "000"], 2, "quotes"),
        (["cac", "5", "--when", "w47"], 2, "no option --when"),
        (["cac", "5", "--if-rev", "x"], 2, "whole number"),
        (["cac", "5", "--on"], 2, "--on needs a value"),
        (["-", "--on", "w47"], 2, "takes no --on"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_a_code(
    store: Store, kpitui: Run, words: list[str], code: int, said: str
) -> None:
    before = values(store, "cac")
    ran = kpitui("record", *words)
    assert (ran.code, ran.out, ran.err.count("\n")) == (code, "", 1)
    assert said in ran.err
    assert values(store, "cac") == before


def test_help(kpitui: Run) -> None:
    assert kpitui("record", "--help").out.startswith("Usage: kpitui record METRIC VALUE")


def feed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_lines_go_on_after_a_refused_one(store: Store, kpitui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, "cac\t2026-W47\t400\tnew\nnope\tw47\t1\nvisits\t2026-11-20\t-4\n\ncac\tw47\t401\r\nshort\t1\n")
    ran = kpitui("record", "-")
    assert ran.out.splitlines() == [
        "ok cac 2026-W47 rev 1",
        "refused nope w47",
        "refused visits 2026-11-20",
        "ok cac 2026-W47 rev 2",
        "refused short 1",
    ]
    assert [line.split(":")[1].strip() for line in ran.err.splitlines()] == ["line 2", "line 3", "line 6"]
    assert ran.code == 1
    assert values(store, "cac")[-1] == 401


def test_lines_end_with_the_first_failures_code(store: Store, kpitui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, "too\tshort\ncac\tw47\t3..1\n")
    assert kpitui("record", "-").code == 2


def test_lines_as_json(store: Store, kpitui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, "cac\tw47\t400\ncac\tw47\t4.0.0\n")
    first, second = map(json.loads, kpitui("record", "-", "--json").out.splitlines())
    assert (first["line"], first["ok"], first["rev"]) == (1, True, 1)
    assert (second["line"], second["ok"], second["code"]) == (2, False, 1)


def program(store: Store) -> subprocess.Popen[str]:
    env = {**os.environ, "KPITUI_DB": store.path, "KPITUI_TODAY": "2026-11-20"}
    return subprocess.Popen(
        [sys.executable, "-m", "kpitui", "record", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=env,
    )


def test_every_line_is_answered_before_the_next_is_written(store: Store) -> None:
    with program(store) as running:
        assert running.stdin and running.stdout
        for day in range(1, 4):
            running.stdin.write(f"visits\t2026-11-0{day}\t{day}\n")
            running.stdin.flush()
            assert running.stdout.readline() == f"ok visits 2026-11-0{day} rev 1\n"
            assert len(values(store, "visits")) == day
        running.stdin.close()
        assert running.wait() == 0


def test_two_streams_at_once_lose_nothing(store: Store) -> None:
    both = [program(store), program(store)]
    for number, running in enumerate(both):
        lines = "".join(f"visits\t2026-{10 + number}-{day:02}\t{day}\n" for day in range(1, 21))
        assert running.stdin
        running.stdin.write(lines if number == 0 else lines.replace("2026-11", "2026-09"))
        running.stdin.close()
    for running in both:
        assert running.stdout
        assert running.stdout.read().count("ok ") == 20
        running.stdout.close()
        assert running.wait() == 0
    assert len(values(store, "visits")) == 40


def test_who_saved_it_is_the_account_and_the_face_is_the_command(store: Store, kpitui: Run) -> None:
    kpitui("record", "cac", "400")
    with join(store, "bo") as other:
        (via, what) = other.rows("SELECT via, what FROM txn ORDER BY id DESC LIMIT 1")[0]
    assert (via, what) == ("cli", "record")


def test_it_loads_only_what_it_needs(store: Store) -> None:
    script = (
        "import sys; from kpitui.cli.main import main; code = main(['record', 'cac', '400']);"
        "heavy = {'click', 'pydantic', 'sqlite_utils', 'dataclasses', 'textual', 'kpitui.services.book',"
        " 'kpitui.domain.model', 'kpitui.domain.figures'} & set(sys.modules); print(code, sorted(heavy))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "0 []"
