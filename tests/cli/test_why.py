"""`kpitui why`: for people and for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from kpitui.storage.store import Store
from tests.conftest import Ran
from tests.services.test_why import KIDNEY, MODEL, POINTS, STONES
from tests.workspace import build, record

Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("TERM", raising=False)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    store = build(tmp_path, MODEL, POINTS)
    monkeypatch.setenv("KPITUI_DB", store.path)
    return store


def test_json_has_the_promised_keys(store: Store, kpitui: Run) -> None:
    found = json.loads(kpitui("why", "revenue", "--from", "2026-W45", "--to", "2026-W46", "--json").out)
    assert set(found) >= {"before", "after", "change", "parts", "mix_and_rate", "method", "from", "to", "why"}
    assert found["from"] == {"label": "2026-W45", "start": "2026-11-02", "end": "2026-11-09", "partial": False}
    assert (found["method"], found["mix_and_rate"], found["why"]) == ("shapley", None, None)
    assert [part["slug"] for part in found["parts"]] == ["visits", "conversion", "order_value"]
    assert math.fsum(part["effect"] for part in found["parts"]) == pytest.approx(found["change"])
    assert found["change"] == pytest.approx(1880)
    assert all("factor" not in part for part in found["parts"])
    shares = json.loads(kpitui("why", "revenue", "--method", "lmdi", "--json").out)
    assert math.prod(part["factor"] for part in shares["parts"]) == pytest.approx(shares["after"] / shares["before"])


def test_what_cannot_be_worked_out_is_null_with_a_sentence(store: Store, kpitui: Run) -> None:
    ran = kpitui("why", "demos", "--json")
    found = json.loads(ran.out)
    assert ran.code == 0 and found["change"] == 1 and found["parts"] == [] and found["method"] is None
    assert "do not add up to it" in found["why"]
    missing = json.loads(kpitui("why", "revenue", "--from", "2026-W44", "--json").out)
    assert missing["before"] is None and missing["change"] is None and missing["why"]
    assert "no value for W44" in kpitui("why", "revenue", "--from", "2026-W44").out


def test_a_waterfall_for_people_that_adds_up_as_shown(store: Store, kpitui: Run) -> None:
    lines = kpitui("why", "revenue").out.splitlines()
    assert lines == [
        "Revenue   W45 to W46: $10,000 to $11,880, +$1,880",
        "  visits * conversion * order_value, by Shapley.",
        "",
        "             from    to   effect",
        "W45                      $10,000  │",
        "Visits        10k   12k  +$1,993  ████████████████████████████████",
        "Conversion     2%  1.8%  -$1,157               ░░░░░░░░░░░░░░░░░░░",
        "Order value   $50   $55  +$1,044               ██████████████████",
        "W46                      $11,880                                │",
    ]
    # Rounded alone they would be 1,993 - 1,157 + 1,043: one short of the 1,880.


def test_factors_and_ascii(store: Store, kpitui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    out = kpitui("why", "revenue", "--method", "lmdi").out
    assert "x 1.2" in out and "x 0.9" in out and "####" in out and "~~~~" in out
    assert out.isascii()


def test_segments_and_simpsons_paradox_are_said(tmp_path: Path, kpitui: Run) -> None:
    store = build(tmp_path, KIDNEY, STONES)
    out = kpitui("why", "cure_rate", "--db", store.path).out
    assert "W45 to W46: 78.00% to 82.57%, +4.57 pp" in out
    assert "+9.94 pp because they count for more or less (mix), -5.37 pp because they moved" in out
    assert "Simpson's paradox: Cure rate rose although its segments, all or nearly all, fell." in out
    found = json.loads(kpitui("why", "cure_rate", "--db", store.path, "--json").out)["mix_and_rate"]
    assert found["simpson"] is True
    assert [one["slug"] for one in found["segments"]] == ["cure_small", "cure_large", "cure_new"]
    assert found["mix"] == pytest.approx(math.fsum(one["mix"] for one in found["segments"]))


def test_a_running_period_is_called_one(store: Store, kpitui: Run) -> None:
    record(store, "orders 2026-W40 100 100 100 100")
    out = kpitui("why", "orders", "--from", "2026-10", "--to", "2026-11").out.splitlines()
    assert out[:2] == ["Orders   Oct to Nov: 400 to 566, +166", "  Nov is not whole yet: its value so far."]
    found = json.loads(kpitui("why", "orders", "--from", "2026-10", "--to", "2026-11", "--json").out)
    assert (found["from"]["partial"], found["to"]["partial"]) == (False, True)


def test_what_is_wrong_is_said(store: Store, kpitui: Run) -> None:
    for words, code, said in (
        (("revenu",), 1, "did you mean revenue"),
        (("revenue", "--from", "W46", "--to", "W45"), 1, "earlier period with --from"),
        (("revenue", "--from", "2026-W45", "--to", "2026-11"), 1, "of one length"),
        (("revenue", "--method", "guess"), 2, "lmdi"),
        (("profit", "--method", "lmdi"), 1, "use the method shapley"),
        ((), 2, "METRIC"),
    ):
        ran = kpitui("why", *words)
        assert (ran.code, ran.out) == (code, "") and said in ran.err and ran.err.count("\n") == 1
