"""`kpitui status`, `tell` and `--plain` on a small company."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest import MonkeyPatch

from kpitui.cli.scorecard_json import scorecard_object
from kpitui.services.overview import scorecard
from tests.conftest import Ran
from tests.services.acme import MODEL, POINTS, TODAY
from tests.workspace import build, clock, record

Run = Callable[..., Ran]
ROW_KEYS = (
    "slug name scope unit period value target baseline gap progress status why chance needed rate signal series owner"
).split()


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    store = build(tmp_path, MODEL, POINTS)
    store.close()
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    return Path(store.path)


def test_json_has_every_promised_key(acme: Path, kpitui: Run) -> None:
    ran = kpitui("status", "--json")
    assert (ran.code, ran.err) == (0, "")
    card = json.loads(ran.out)
    assert list(card) == ["workspace", "as_of", "goal", "goals", "kpis", "metrics", "limits", "as_known"]
    assert card["workspace"] == "Acme" and card["as_of"] == "2026-11-20"
    assert set("slug title target value progress time_gone days_left status".split()) <= set(card["goal"])
    for row in (*card["kpis"], *card["metrics"]):
        assert set(ROW_KEYS) <= set(row)
        assert [set(cell) for cell in row["series"]] == [{"start", "end", "value", "present", "expected"}] * 26
    mrr = next(row for row in card["kpis"] if row["slug"] == "mrr")
    assert mrr["period"] == {"label": "2026-W46", "start": "2026-11-09", "end": "2026-11-16", "partial": False}
    assert (mrr["value"], mrr["target"], mrr["gap"]) == (345_000.0, 400_000.0, -55_000.0)
    assert mrr["chance"] is None or 0 <= mrr["chance"] <= 1
    assert mrr["series"][-1] == {"start": "2026-11-16", "end": "2026-11-23", "value": None, "present": 0, "expected": 0}


def test_what_does_not_exist_is_null_and_why_says_what_is_missing(tmp_path: Path) -> None:
    model = '[[metric]]\nslug = "visits"\nname = "Visits"\ngood_low = 10\n'
    with build(tmp_path, model) as store:
        card = scorecard_object(scorecard(store, TODAY))
    assert card["goal"] is None and card["goals"] == []
    row = json.loads(json.dumps(card))["metrics"][0]
    assert (row["value"], row["gap"], row["period"], row["status"]) == (None, None, None, "no_data")
    assert row["why"] == "No value yet" and row["signal"] is None
    assert {cell["value"] for cell in row["series"]} == {None}


def test_a_person_sees_mark_and_word_side_by_side(acme: Path, kpitui: Run) -> None:
    ran = kpitui("status")
    lines = ran.out.splitlines()
    assert ran.code == 0 and lines[0] == "Acme · Fri 20 Nov 2026"
    goal = next(line for line in lines if "$5.0M ARR" in line)
    assert "✗ off track" in goal and "62% done" in goal and "89% of time" in goal and "41d left" in goal
    mrr = next(line for line in lines if "MRR" in line)
    assert mrr.startswith("✗  MRR") and "off track" in mrr and "$345k" in mrr and "-13.8%" in mrr and "a week" in mrr
    kpis = lines[lines.index("KPIs") + 1 :][:5]
    assert (
        len({line.index(word) for line, word in zip(kpis[1:4], ("on track", "at risk", "off track"), strict=True)}) == 1
    )


def test_without_utf8_it_is_ascii(acme: Path, kpitui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    assert kpitui("status").out.isascii()
    assert kpitui("tell").out.isascii()


def test_one_scope_and_an_earlier_day(acme: Path, kpitui: Run) -> None:
    card = json.loads(kpitui("status", "--scope", "sales", "--json").out)
    assert [row["slug"] for row in card["kpis"]] == ["calls"] and card["metrics"] == []
    assert card["goal"]["slug"] == "arr_2026"
    card = json.loads(kpitui("status", "--as-of", "2026-11-01", "--as-known", "now", "--json").out)
    assert card["as_of"] == "2026-11-01" and card["as_known"] is None
    assert next(row for row in card["kpis"] if row["slug"] == "mrr")["value"] == 340_000.0


def test_an_earlier_day_is_shown_as_it_was_known_then(tmp_path: Path, kpitui: Run, monkeypatch: MonkeyPatch) -> None:
    with build(tmp_path, MODEL, "mrr 2026-W44 340000", today="2026-11-02") as store:
        store.now = clock("2026-11-19")
        record(store, "mrr 2026-W44 341000")
        monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")

    def mrr(*words: str) -> tuple[str | None, float]:
        card = json.loads(kpitui("status", "--json", *words).out)
        return card["as_known"], next(row for row in card["kpis"] if row["slug"] == "mrr")["value"]

    assert mrr("--as-of", "2026-11-05") == ("2026-11-05", 340_000.0)
    assert mrr("--as-of", "2026-11-05", "--as-known", "now") == (None, 341_000.0)
    assert mrr("--as-known", "2026-11-18") == ("2026-11-18", 340_000.0)
    assert mrr("--as-of", "2026-11-20") == (None, 341_000.0)
    assert "5 Nov 2026, as known then" in kpitui("status", "--as-of", "2026-11-05").out
    assert kpitui("show", "mrr", "--as-of", "2026-11-05").out.startswith("Thu 5 Nov 2026, as known then\nMRR")
    plain = kpitui("--plain", "tree", "--as-of", "2026-11-05").out.splitlines()
    assert plain[0] == "Thu 5 Nov 2026, as known then" and any("340 thousand dollars" in line for line in plain)
    assert kpitui("--plain", "--as-of").code == 2
    ran = kpitui("status", "--as-of", "2026-11-01")
    assert ran.code == 1 and "made later" in ran.err and "--as-known now" in ran.err


def test_a_scope_without_a_goal_of_its_own_is_shown_the_main_one(acme: Path, kpitui: Run) -> None:
    assert "$5.0M ARR" in kpitui("status", "--scope", "sales").out


def test_mine_is_what_the_account_answers_for(acme: Path, kpitui: Run) -> None:
    card = json.loads(kpitui("status", "--mine", "--json").out)
    everybody = json.loads(kpitui("status", "--json").out)
    me = getpass.getuser()
    for part in ("kpis", "metrics"):
        assert card[part] == [row for row in everybody[part] if row["owner"] == me]
    assert card["goal"]["slug"] == "arr_2026"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--scope", "nowhere"), 1, "org, sales"),
        (("--as-of", "2027-01-01"), 1, "still to come"),
        (("--as-of", "someday"), 1, "someday"),
        (("--nonsense",), 2, "--nonsense"),
    ],
)
def test_what_cannot_be_is_one_sentence(acme: Path, kpitui: Run, words: tuple[str, ...], code: int, said: str) -> None:
    ran = kpitui("status", *words)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err and ran.err.count("\n") == 1


def test_names_that_steer_terminals_are_only_text(tmp_path: Path, kpitui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from kpitui.storage import definitions

    with build(tmp_path, MODEL, POINTS) as store:
        metric = definitions.find(store, definitions.Metric, slug="mrr")
        assert metric is not None
        with store.write("test") as tx:
            definitions.change(tx, metric, name="M\x1b[31mRR [bold]x[/y]")
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    for words in (("status",), ("tell",), ("--plain", "home"), ("--plain", "tree"), ("--plain", "due")):
        out = kpitui(*words).out
        assert "\x1b" not in out
    assert "MRR [bold]x[/y]" in kpitui("status").out


def test_tell_says_goal_pace_and_what_i_owe_in_three_lines(acme: Path, kpitui: Run) -> None:
    ran = kpitui("tell")
    assert ran.code == 0
    goal, pace, due = ran.out.splitlines()
    assert goal == "★ $5.0M ARR by 31 Dec: now $4.31M, 62% done, 89% of the time gone, 41 days left"
    assert pace == "  ✗ Off track: needs +$345k a month from now on, lately +$126k"
    assert due == "  You owe no value. Others owe 4."


def test_tell_names_what_is_late_first(tmp_path: Path) -> None:
    from kpitui.charts.glyphs import UNICODE
    from kpitui.cli.tell import lines
    from kpitui.services.tell import told

    with build(
        tmp_path, MODEL, POINTS.replace("csat 2026-W40 0.9 0.91 0.9 0.92 0.9 0.91 0.9 -", "csat 2026-W40 0.9 0.9")
    ) as store:
        found = told(store, TODAY, "dee")
        assert {item.slug for item in found.mine} == {"csat"}
        said = lines(found, TODAY, UNICODE)
    assert said[2].startswith("  You owe ") and " late: CSAT W42 (" in said[2] and " more" in said[2]


def test_tell_without_a_goal_or_a_metric_for_it(tmp_path: Path) -> None:
    from kpitui.charts.glyphs import UNICODE
    from kpitui.cli.tell import lines
    from kpitui.services.tell import told

    with build(tmp_path) as store:
        said = lines(told(store, TODAY, "ana"), TODAY, UNICODE)
    assert len(said) == 3 and said[0].endswith("No goal yet: kpitui opens the screens.")
    goal = """
[[goal]]
slug = "g"
title = "5M by 31 Dec"
main = true
baseline = 1
target = 5
start = 2026-01-01
deadline = 2026-12-31
"""
    (tmp_path / "two").mkdir()
    with build(tmp_path / "two", goal) as store:
        said = lines(told(store, TODAY, "ana"), TODAY, UNICODE)
    assert "No metric says how far it is" in said[1]


def test_tell_takes_no_words_and_tells_what_to_type(acme: Path, kpitui: Run, tmp_path: Path) -> None:
    assert kpitui("tell", "--help").out.startswith("Usage: kpitui tell")
    assert kpitui("tell", "more").code == 2
    ran = kpitui("tell", "--db", tmp_path / "nowhere.db")
    assert (ran.code, ran.out) == (1, "") and "kpitui init" in ran.err and ran.err.count("\n") == 1


def test_tell_loads_nothing_heavy(acme: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from kpitui.cli.main import main; main(['tell']);"
        "print([m for m in ('click', 'dataclasses', 'pydantic', 'sqlite_utils', 'textual', 'json', 'inspect')"
        " if m in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == "[]"
    assert len(ran.stdout.splitlines()) == 3


def test_plain_home_is_sentences(acme: Path, kpitui: Run) -> None:
    lines = kpitui("--plain").out.splitlines()
    assert lines[0] == (
        "Goal. $5.0M ARR by 31 Dec. Now 4.31 million dollars. 62 percent done, 89 percent of time gone. Off track."
    )
    assert lines[1].startswith(
        "KPI 1 of 3. MRR. Off track. 345 thousand dollars, target 400 thousand, 13.8 percent short. Rising 4 weeks."
    )
    assert lines[4].startswith("Exceptions. Demos booked, off track, 26, target at least 30, 13.3 percent short")
    assert lines[5] == "Due. 4 values. MRR W47, today. Trial>paid conv. W47, today. CSAT W47, today. 1 more."
    assert lines[6] == "Next review. Weekly, today 14:00, 5 exceptions, 3 of 6 values in."


@pytest.mark.parametrize("screen", ["home", "tree", "due", "entry", "review", "log"])
def test_every_screen_has_a_plain_form(acme: Path, kpitui: Run, screen: str) -> None:
    ran = kpitui("--plain", screen)
    assert ran.code == 0 and len(ran.out.splitlines()) > 3
    assert all(line == line.strip() and line for line in ran.out.splitlines())


def test_plain_of_an_empty_workspace_leads_on(tmp_path: Path, kpitui: Run) -> None:
    build(tmp_path).close()
    for screen in ("home", "tree", "due", "entry", "review", "log"):
        ran = kpitui("--plain", screen, "--db", tmp_path / "team.db")
        assert ran.code == 0 and ran.out
    assert "kpitui import" in kpitui("--plain", "--db", tmp_path / "team.db").out


def test_a_screen_without_a_plain_form_is_refused(acme: Path, kpitui: Run) -> None:
    ran = kpitui("--plain", "settings")
    assert ran.code == 2 and "home, tree, due" in ran.err


def test_show_compares_with_what_was_there_only(acme: Path, kpitui: Run) -> None:
    told = kpitui("show", "mrr").out.partition("against")[2]
    assert "the period before" in told and "a year before" not in told and "earlier: no value" not in told
    assert "earlier: no value" in kpitui("show", "mrr", "--json").out


def test_a_title_has_the_code_of_its_currency_where_its_sign_cannot_be(
    tmp_path: Path, kpitui: Run, monkeypatch: MonkeyPatch
) -> None:
    build(tmp_path, MODEL.replace("$5.0M ARR", "€5.0M ARR"), POINTS).close()
    monkeypatch.setenv("LC_ALL", "C")
    for command in ("tell", "goals", "status"):
        assert "EUR 5.0M ARR by 31 Dec" in kpitui(command, "--db", tmp_path / "team.db").out


def test_a_value_that_waits_to_be_checked_is_named_below(acme: Path, kpitui: Run) -> None:
    assert "To check" not in kpitui("status").out
    kpitui("record", "mrr", "3450000", "--on", "2026-W47")
    assert "To check: MRR 1. Nothing rests on a value marked ?" in kpitui("status").out
