"""`kpitui signals`: for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran
from tests.workspace import build

MODEL = """
[[metric]]
slug = "flow"
name = "Flow rate"
kind = "level"
decimals = 1
cadence = "week"
owner = "ana"
"""
NIST = "49.6 47.6 49.9 51.3 47.8 51.2 52.6 52.4 53.6 52.1"
KEYS = {
    "centre",
    "upper",
    "lower",
    "mr_centre",
    "mr_upper",
    "phases",
    "hits",
    "n",
    "state",
    "warnings",
    "as_of",
    "as_known",
}
Run = Callable[..., Ran]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def make(points: str) -> None:
        store = build(tmp_path, MODEL, points)
        monkeypatch.setenv("KPITUI_DB", store.path)
        monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")

    return make


def test_json_has_the_promised_keys_and_the_limits_of_nist(workspace: Callable[[str], None], kpitui: Run) -> None:
    """NIST e-Handbook 6.3.2.2 at the scale of 2.66."""
    workspace(f"flow 2026-W20 {NIST}")
    found = json.loads(kpitui("signals", "flow", "--json").out)
    assert set(found) == KEYS
    assert found["centre"] == pytest.approx(50.81) and found["mr_centre"] == pytest.approx(1.8778, abs=5e-5)
    assert found["upper"] == pytest.approx(55.8049, abs=1e-4) and found["lower"] == pytest.approx(45.8151, abs=1e-4)
    assert found["mr_upper"] == pytest.approx(3.268 * found["mr_centre"])
    assert (found["n"], found["state"], found["hits"], len(found["phases"])) == (10, "provisional", [], 1)
    assert found["warnings"] == ["Provisional: 10 values, and limits are firm from 12 on"]
    median = json.loads(kpitui("signals", "flow", "--median", "--json").out)
    assert median["upper"] - median["centre"] == pytest.approx(3.145 * median["mr_centre"])
    assert "Moving range: median " in kpitui("signals", "flow", "--median").out


def test_hits_name_the_value_that_completes_them(workspace: Callable[[str], None], kpitui: Run) -> None:
    workspace("flow 2026-W01 10 12 11 9 10 11 9 10 12 9 11 10 11.2 11.2 11.2 11.2 11.2 11.2 11.2 11.2 22")
    found = json.loads(kpitui("signals", "flow", "--lock", "2026-W01..2026-W12", "--json").out)
    # The last value of the eight above the mean, W20; then the one outside the limits, which the run goes on to.
    assert [(hit["index"], hit["rule"], hit["direction"]) for hit in found["hits"]] == [
        (19, "run", "up"),
        (20, "outside", "up"),
    ]
    assert set(found["hits"][0]) == {"index", "start", "rule", "direction"}
    assert found["hits"][0]["start"] == "2026-05-11" and found["n"] == 12
    short = json.loads(kpitui("signals", "flow", "--lock", "2026-W01..2026-W12", "--last", "3", "--json").out)
    assert [hit["index"] for hit in short["hits"]] == [1, 2]
    nelson = json.loads(kpitui("signals", "flow", "--lock", "2026-W01..2026-W12", "--rules", "nelson", "--json").out)
    assert (20, "run") in [(hit["index"], hit["rule"]) for hit in nelson["hits"]], "Nelson wants nine"


def test_sentences_for_people(workspace: Callable[[str], None], kpitui: Run) -> None:
    workspace("flow 2026-W01 10 12 11 9 10 11 9 10 12 9 11 10 11.2 11.2 11.2 11.2 11.2 11.2 11.2 11.2 22")
    ran = kpitui("signals", "flow", "--lock", "2026-W01..2026-W12")
    assert ran.code == 0 and ran.err == ""
    lines = ran.out.splitlines()
    assert lines[0] == "Flow rate   weekly   Wheeler's rules"
    assert lines[1] == "  ▁▂▂▁▁▂▁▁▂▁▂▁▂▂▂▂▂▂▂▂█  W1 to W21"
    assert lines[2] == "  Mean 10.3, limits 5.98 to 14.7 (12 values, W1 to W12)."
    assert "W20      11.2  run      9 values in a row are above the mean 10.3, W13 to W21." in lines
    assert "W21      22.0  outside  22.0 is above the upper limit 14.7." in lines
    assert "Draw limits anew from there?" in ran.out
    assert lines[-1].strip() == "--lock 2025-12-29..2026-03-16 --lock 2026-03-23.."
    assert lines[-3].strip() == "kpitui signals flow --split 2026-03-23 --why …"
    # What it offers is what it takes.
    again = kpitui("signals", "flow", *lines[-1].split())
    assert again.code == 0 and "W13 to W21: mean 12.4" in again.out


def test_nothing_to_judge_yet(workspace: Callable[[str], None], kpitui: Run) -> None:
    workspace("")
    assert "No whole period has a value yet" in kpitui("signals", "flow").out
    found = json.loads(kpitui("signals", "flow", "--json").out)
    assert set(found) == KEYS
    assert (found["centre"], found["n"], found["state"], found["hits"]) == (None, 0, "too_early", [])


def test_a_single_value_and_a_constant_series(tmp_path: Path, workspace: Callable[[str], None], kpitui: Run) -> None:
    workspace("flow 2026-W20 5")
    found = json.loads(kpitui("signals", "flow", "--json").out)
    assert (found["centre"], found["upper"], found["n"], found["state"]) == (None, None, 1, "too_early")


def test_what_cannot_be_is_refused_in_a_sentence(workspace: Callable[[str], None], kpitui: Run) -> None:
    workspace(f"flow 2026-W20 {NIST}")
    for words, code, says in (
        (("flow", "--lock", "2026-W20"), 1, "Limits need 6 values"),
        (("flow", "--lock", "..2026-W20"), 1, "FROM..TO"),
        (("flow", "--split", "2026-W22"), 2, "add --why"),
        (("flow", "--lock", "--unlock"), 2, "one thing at a time"),
        (("flow", "--why", "so"), 2, "is the reason for"),
        (("flow", "--season"), 1, "104 values"),
        (("flw",), 1, "did you mean flow"),
        (("flow", "--rules", "mine"), 2, "wheeler"),
        (("flow", "--last", "0"), 2, "--last"),
    ):
        ran = kpitui("signals", *words)
        assert (ran.code, ran.out) == (code, "") and says in ran.err, words
