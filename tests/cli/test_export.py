"""`kpitui export`: what comes out, where it goes, and that points come back as they were."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpitui.domain.periods import to_day
from kpitui.storage import points, reading
from kpitui.storage.head import head
from kpitui.storage.store import Store
from kpitui.text import clean
from tests.workspace import build, clock, join, person

Run = Callable[..., Any]
MODEL = """
[[metric]]
slug = "visits"
name = "Visits"
cadence = "day"

[[metric]]
slug = "rate"
name = "Rate"
unit = "percent"
kind = "index"
cadence = "week"

[[goal]]
slug = "busy"
title = "=More visits"
metric = "visits"
target = 500
deadline = 2026-12-31
owner = "ana"
main = true

[[kpi]]
metric = "visits"
goal = "busy"
target_kind = "reach"
target = 500
deadline = 2026-12-31
"""
POINTS = "visits 2026-11-01 5 6.25 - x\nrate 2026-W40 3% 0.035?"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    store = build(tmp_path, MODEL, POINTS)
    monkeypatch.setenv("KPITUI_DB", store.path)
    return store


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_points_as_csv(store: Store, kpitui: Run) -> None:
    assert kpitui("export").out == (
        "metric,period,start,end,value,entered,note,state,odd\n"
        "visits,2026-11-01,2026-11-01,2026-11-02,5,5,,value,false\n"
        "visits,2026-11-02,2026-11-02,2026-11-03,6.25,6.25,,value,false\n"
        "visits,2026-11-04,2026-11-04,2026-11-05,,x,,none,false\n"
        "rate,2026-W40,2026-09-28,2026-10-05,0.03,3%,,value,false\n"
        "rate,2026-W41,2026-10-05,2026-10-12,0.035,0.035,,value,true\n"
    )


def test_points_as_json(store: Store, kpitui: Run) -> None:
    found = json.loads(kpitui("export", "--format", "json").out)
    assert len(found) == 5
    assert found[2] == {
        "metric": "visits",
        "period": "2026-11-04",
        "start": "2026-11-04",
        "end": "2026-11-05",
        "value": None,
        "entered": "x",
        "note": None,
        "state": "none",
        "odd": False,
    }


def test_choosing_metrics_and_days(store: Store, kpitui: Run) -> None:
    def periods(*words: str) -> list[str]:
        return [row["period"] for row in rows_of(kpitui("export", *words).out)]

    assert periods("--metric", "rate") == ["2026-W40", "2026-W41"]
    assert periods("--from", "2026-11-02") == ["2026-11-02", "2026-11-04"]
    assert periods("--from", "2026-10-01", "--to", "2026-11-01") == ["2026-11-01", "2026-W41"]
    assert kpitui("export", "--metric", "nope").err == "kpitui: There is no metric “nope” in this workspace.\n"
    assert kpitui("export", "goals", "--metric", "visits").code == 2
    assert kpitui("export", "everything").code == 2


def test_definitions_name_what_they_refer_to(store: Store, kpitui: Run) -> None:
    [goal] = rows_of(kpitui("export", "goals").out)
    assert (goal["slug"], goal["metric"], goal["deadline"], goal["main"]) == ("busy", "visits", "2026-12-31", "true")
    [kpi] = rows_of(kpitui("export", "kpis").out)
    assert (kpi["metric"], kpi["goal"], kpi["scope"], kpi["target"]) == ("visits", "busy", "org", "500")
    assert [row["slug"] for row in rows_of(kpitui("export", "metrics").out)] == ["visits", "rate"]
    assert json.loads(kpitui("export", "actions", "--format", "json").out) == []
    assert kpitui("export", "reviews").out.startswith("id,rhythm,scope,start,end,held,state")


def test_the_log_newest_first(store: Store, kpitui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from kpitui.cli import export

    monkeypatch.setattr(export, "PAGE", 3)
    found = json.loads(kpitui("export", "log", "--format", "json").out)
    assert [line["id"] for line in found] == list(range(len(found), 0, -1))
    assert len(found) == store.one("SELECT count(*) FROM change")
    assert rows_of(kpitui("export", "log").out)[0]["id"] == str(len(found))


def test_texts_that_a_spreadsheet_would_run_are_guarded(store: Store, kpitui: Run) -> None:
    [goal] = rows_of(kpitui("export", "goals").out)
    assert goal["title"] == "'=More visits"
    [raw] = json.loads(kpitui("export", "goals", "--format", "json").out)
    assert raw["title"] == "=More visits"


def test_a_file_is_new_and_private(store: Store, tmp_path: Path, kpitui: Run) -> None:
    before = os.umask(0)
    try:
        ran = kpitui("export", "-o", tmp_path / "out.json")
    finally:
        os.umask(before)
    top = head(store)
    assert top is not None
    said = f"Wrote 5 points to {tmp_path / 'out.json'}, as of change {top[0]}, head {top[1].hex()[:16]}.\n"
    assert (ran.code, ran.out, ran.err) == (0, "", said)
    assert stat.S_IMODE((tmp_path / "out.json").stat().st_mode) == 0o600
    assert len(json.loads((tmp_path / "out.json").read_text())) == 5
    again = kpitui("export", "-o", tmp_path / "out.json")
    assert (again.code, "replace it with --force" in again.err) == (1, True)
    assert kpitui("export", "goals", "-o", tmp_path / "out.json", "--force").err.startswith("Wrote 1 goal to")
    assert len(json.loads((tmp_path / "out.json").read_text())) == 1


def test_a_link_is_neither_followed_nor_written_through(store: Store, tmp_path: Path, kpitui: Run) -> None:
    victim, link = tmp_path / "victim", tmp_path / "out.csv"
    victim.write_text("mine")
    link.symlink_to(victim)
    assert kpitui("export", "-o", link).code == 1
    assert kpitui("export", "-o", link, "--force").code == 0
    assert (victim.read_text(), link.is_symlink()) == ("mine", False)


def test_what_is_no_file_is_not_replaced_by_one(store: Store, tmp_path: Path, kpitui: Run) -> None:
    os.mkfifo(tmp_path / "pipe")
    for more in ((), ("--force",)):
        assert kpitui("export", "-o", tmp_path / "pipe", *more).code == 1
    assert stat.S_ISFIFO((tmp_path / "pipe").lstat().st_mode)


def test_nothing_is_left_when_it_fails(store: Store, tmp_path: Path, kpitui: Run) -> None:
    (tmp_path / "out").mkdir()
    assert kpitui("export", "--metric", "nope", "-o", tmp_path / "out" / "x.csv").code == 1
    assert list((tmp_path / "out").iterdir()) == []
    assert kpitui("export", "-o", tmp_path / "out").err.endswith("is a folder: name a file in it.\n")
    assert kpitui("export", "-o", tmp_path / "no" / "x.csv").err.endswith(
        "cannot be written: No such file or directory.\n"
    )


def stored(store: Store) -> list[tuple[Any, ...]]:
    return [
        (metric.slug, *row[:7])
        for metric in reading.metrics(store)
        for row in points.between(store, metric.id, -(10**6), 10**6)
    ]


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)
rows = st.lists(
    st.tuples(
        st.sampled_from(["visits", "rate"]),
        st.integers(to_day(date(1990, 1, 1)), to_day(date(2026, 11, 1))),
        st.sampled_from([1, 7, 5, 30]),
        st.floats(allow_nan=False, allow_infinity=False),
        st.one_of(st.sampled_from(["=1", "'=1", "''+x", " -y", "-5", "+", "a;b", '"', "@x", "＝1"]), texts),
        st.sampled_from(points.STATES),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda row: row[:3],
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the set-up and no points, to copy."""
    with build(tmp_path_factory.mktemp("empty"), MODEL) as store:
        store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(store.path)


@pytest.mark.parametrize("form", ["csv", "json"])
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows)
def test_points_come_back_as_they_were(
    form: str, rows: list[Any], empty: Path, tmp_path: Path, kpitui: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    with TemporaryDirectory(dir=tmp_path) as folder:
        there, back = (Path(folder, name) for name in ("there.db", "back.db"))
        for path in (there, back):
            copyfile(empty, path)
        with Store.open(there, who=person("ana"), via="test", now=clock("2026-11-20")) as store:
            save(store, rows)
            saved = stored(store)
        file = Path(folder, f"points.{form}")
        assert kpitui("--db", there, "export", "-o", file).code == 0
        ran = kpitui("--db", back, "import", file)
        assert ran.code == (0 if rows else 1), ran.err
        with Store.open(back, who=person("ana"), via="test", now=clock("2026-11-20")) as store:
            assert stored(store) == saved


def save(store: Store, rows: list[Any]) -> None:
    ids = {metric.slug: metric.id for metric in reading.metrics(store)}
    with store.write("record") as tx:
        for slug, start, length, value, text, state, odd in rows:
            note = " ".join(clean(text).split())
            number = value if state == "value" else None
            kinds = {"state": points.STATES.index(state), "odd": odd}
            points.save(
                tx, ids[slug], slug, start, start + length, value=number, entered=note or None, note=note, **kinds
            )


def test_an_export_into_a_copy_changes_nothing_there(store: Store, tmp_path: Path, kpitui: Run) -> None:
    kpitui("export", "-o", tmp_path / "points.csv")
    with join(store, "bo") as other:
        before = stored(other)
        assert kpitui("import", tmp_path / "points.csv").out == "Nothing to save: all 5 values are there already\n"
        assert stored(other) == before


def test_minutes_keep_their_lines_in_a_csv_cell(store: Store, kpitui: Run) -> None:
    kpitui("review", "start")
    kpitui("review", "sign")
    minutes = kpitui("review", "minutes").out
    [row] = rows_of(kpitui("export", "reviews").out)
    assert minutes.count("\n") > 3 and row["minutes"] == minutes
