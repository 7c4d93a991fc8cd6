"""`kpitui report`, and looking back in the commands that read."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import Ran
from tests.services.acme import MODEL, POINTS
from tests.workspace import build, clock, record

Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company made on 16 November, one value of which was corrected on the 20th."""
    with build(tmp_path_factory.mktemp("report"), MODEL, POINTS, today="2026-11-16") as store:
        store.now = clock("2026-11-20")
        record(store, "cac 2026-W46 385")
        return Path(store.path)


@pytest.fixture
def acme(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KPITUI_DB", str(place))
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-23")
    return place


def test_a_person_reads_the_goal_first_then_what_changed(acme: Path, kpitui: Run) -> None:
    ran = kpitui("report")
    lines = ran.out.splitlines()
    assert (ran.code, ran.err) == (0, "")
    assert lines[0] == "Acme: weekly report 2026-W47" and lines[2] == "16 to 22 Nov 2026"
    titles = [title for title, under in pairwise(lines) if under and set(under) == {"─"}]
    assert titles[1:] == [
        *("Main goal", "What changed since W46", "KPIs of Acme", "KPIs of Sales", "Other metrics"),
        *("Where it is heading", "What is missing", ""),
    ]
    assert "✗ $5.0M ARR by 31 Dec is off track." in lines
    assert "- Value: $4.31M of $5M, 0 since W46" in lines or "- Value: $4.31M of $5M, $0 since W46" in lines
    assert any(
        line.startswith("- ◆ CAC is at risk now, was on track: $412, target ≤ $400 (-3.0%), bo.") for line in lines
    )
    assert any(line.startswith("- MRR W47, 3 days late, ana") for line in lines)
    head = next(line for line in lines if line.startswith("Log "))
    assert len(head.rpartition(" head ")[2]) == 16


def test_json_is_the_scorecard_of_the_last_day_with_what_a_report_adds(acme: Path, kpitui: Run) -> None:
    found = json.loads(kpitui("report", "--json").out)
    card = json.loads(kpitui("status", "--as-of", "2026-11-22", "--as-known", "now", "--json").out)
    assert found["period"] == {"label": "2026-W47", "start": "2026-11-16", "end": "2026-11-23", "partial": False}
    added = {"was", "move", "new_signal", "in_period", "change"}
    for part in ("kpis", "metrics"):
        plain = {row["slug"]: {name: value for name, value in row.items() if name not in added} for row in found[part]}
        assert plain == {row["slug"]: row for row in card[part]}
        assert all(set(row) >= added for row in found[part])
    assert {name: value for name, value in found["goal"].items() if name != "was"} == card["goal"]
    assert set(found) - set(card) == set(
        "scope period before looked_at forecasts annotations reviews open_actions restatements missing to_check made "
        "change head".split()
    )
    arr = next(row for row in found["metrics"] if row["slug"] == "arr")
    assert arr["in_period"] is None and arr["change"] is None
    calls = next(row for row in found["kpis"] if row["slug"] == "calls")
    assert calls["in_period"]["value"] is None and calls["in_period"]["why"]
    assert len(found["head"]) == 64 and found["change"] > 1


def test_what_was_known_then_is_another_report(acme: Path, kpitui: Run) -> None:
    def cac(*words: str) -> tuple[str | None, float]:
        found = json.loads(kpitui("report", "--json", "--period", "w46", *words).out)
        return found["as_known"], next(row["value"] for row in found["metrics"] if row["slug"] == "cac")

    assert cac() == (None, 385.0)
    assert cac("--as-of", "2026-11-18") == ("2026-11-18", 399.0)
    assert cac("--as-of", "2026-11-18", "--as-known", "now") == (None, 385.0)
    assert "as it was known on Wed 18 Nov 2026" in kpitui("report", "--as-of", "2026-11-18").out


@pytest.mark.parametrize("form", ["txt", "md", "html", "json"])
def test_without_utf8_every_form_is_ascii(acme: Path, kpitui: Run, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    out = kpitui("report", "--format", form).out
    assert out.isascii() and "off" in out


def test_a_file_is_new_private_and_of_the_form_its_name_says(acme: Path, kpitui: Run, tmp_path: Path) -> None:
    page = tmp_path / "w47.html"
    ran = kpitui("report", "--out", page)
    assert (ran.code, ran.out) == (0, "") and "2026-W47" in ran.err
    assert page.read_text("ascii").startswith("<!doctype html>")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600 and os.listdir(tmp_path) == ["w47.html"]
    again = kpitui("report", "--out", page, "--format", "md")
    assert again.code == 1 and "--force" in again.err and page.read_text().startswith("<!doctype")
    assert kpitui("report", "--out", page, "--format", "md", "--force").code == 0
    assert page.read_text("utf-8").startswith("# Acme: weekly report 2026-W47")
    (tmp_path / "mine").write_text("kept")
    (tmp_path / "link.md").symlink_to(tmp_path / "mine")
    assert kpitui("report", "--out", tmp_path / "link.md").code == 1
    assert (tmp_path / "mine").read_text() == "kept"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--period", "2027-W02"), 1, "has not begun"),
        (("--period", "soon"), 1, "Not a period"),
        (("--scope", "nowhere"), 1, "org, sales"),
        (("--as-of", "2027-01-01"), 1, "still to come"),
        (("--format", "pdf"), 2, "pdf"),
        (("--format", "html", "--json"), 2, "--format json"),
        (("--force",), 2, "--out"),
        (("--out", "/nowhere/at/all.md"), 1, "cannot be written"),
    ],
)
def test_what_cannot_be_is_one_sentence(acme: Path, kpitui: Run, words: tuple[str, ...], code: int, said: str) -> None:
    ran = kpitui("report", *words)
    assert (ran.code, ran.out) == (code, "") and said in ran.err and ran.err.count("\n") == 1


def test_nothing_measured_and_no_value_are_sentences(
    tmp_path: Path, kpitui: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-23")
    for name, model, said in (
        ("empty", "", "Nothing is measured here yet"),
        ("unfilled", MODEL, "None of its 3 KPIs has a value yet: Net rev. retention"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        path = build(folder, model).path
        for form in ("txt", "md", "html"):
            ran = kpitui("report", "--format", form, "--db", path)
            words = " ".join(ran.out.split())
            assert ran.code == 0 and said in words and "| ---" not in words and "<table" not in words
    assert "No KPI or metric has a value yet" in kpitui("report", "--db", tmp_path / "unfilled" / "team.db").out


def test_who_may_only_read_the_file_gets_the_report(
    tmp_path: Path, kpitui: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kpitui import identity
    from tests.workspace import person

    monkeypatch.setenv("KPITUI_TODAY", "2026-11-23")
    with build(tmp_path, MODEL, POINTS) as store:
        from kpitui.services import members

        members.add(store, "ana", "admin")
    monkeypatch.setattr(identity, "who", lambda: person("zed"))  # whoever is not listed is a reader
    before = Path(store.path).read_bytes()
    ran = kpitui("report", "--db", store.path)
    assert ran.code == 0 and "by zed" in ran.out
    assert Path(store.path).read_bytes() == before


LOOKING = (
    *("signals cac", "why cac", "goals", "whatif arr_2026", "leading", "due", "history cac", "actions", "audit"),
    *("doctor", "restatements", "review list", "status", "show cac", "forecast cac", "report"),
    *("log", "members", "proposals", "close", "calendar", "calendar show", "calendar holidays"),
)


@pytest.mark.parametrize("words", LOOKING)
def test_every_reading_command_looks_back(acme: Path, kpitui: Run, words: str) -> None:
    for form in ((), ("--json",)):
        ran = kpitui(*words.split(), "--as-of", "2026-11-18", *form)
        assert ran.code in (0, 1) and "inside kpitui" not in ran.err, ran.err
        if form and ran.out.startswith("{"):
            found = json.loads(ran.out)
            assert found["as_known"] == "2026-11-18"
    early = kpitui(*words.split(), "--as-of", "2026-11-01")
    assert early.code == 1 and "made later" in early.err and early.out == ""


def test_values_and_set_up_of_then_are_exported(acme: Path, kpitui: Run) -> None:
    def cac(*words: str) -> list[str]:
        lines = kpitui("export", "--metric", "cac", *words).out.splitlines()
        return [line.split(",")[4] for line in lines[-2:]]

    assert cac("--to", "2026-11-10") == ["398", "385"]
    assert cac("--as-of", "2026-11-18", "--to", "2026-11-10") == ["398", "399"]
    assert cac("--as-of", "2026-11-08", "--as-known", "now") == ["391", "398"]
    assert kpitui("model", "export", "--as-of", "2026-11-18").out == kpitui("model", "export").out
    assert kpitui("model", "export", "--as-of", "2026-11-01").code == 1


def test_history_of_then_ends_with_what_was_known(acme: Path, kpitui: Run) -> None:
    def revisions(*words: str) -> list[float]:
        rows = json.loads(kpitui("history", "cac", "--on", "2026-W46", "--json", *words).out)
        return sorted(row["value"] for row in rows)

    assert revisions("--as-of", "2026-11-18") == [399.0]
    assert revisions() == [385.0, 399.0]
    assert revisions("--as-of", "2026-11-08", "--as-known", "now") == []


@pytest.mark.parametrize(
    "words",
    ["signals cac --lock --as-of 2026-11-18", "whatif arr_2026 --solve mrr --save --as-of 2026-11-18"],
)
def test_the_past_is_not_changed(acme: Path, kpitui: Run, words: str) -> None:
    ran = kpitui(*words.split())
    assert (ran.code, ran.out) == (2, "") and "--as-of" in ran.err
