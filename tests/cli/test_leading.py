"""`kpitui leading`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from kpitui.services import settings
from kpitui.storage.store import Store
from tests.conftest import Ran
from tests.services.test_leading import MODEL, line
from tests.workspace import NAME, build, clock, person, record


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    draw = Random(7)
    calls = [100 + draw.gauss(0, 10) for _ in range(72)]
    deals = [50 + 0.06 * (calls[at] - 100) + draw.gauss(0, 0.2) for at in range(70)]
    posts = [20 + draw.gauss(0, 2) for _ in range(70)]
    points = "\n".join([line("deals", deals), line("calls", calls[2:]), line("posts", posts)])
    build(tmp_path, MODEL, points).close()
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    return str(tmp_path / NAME)


def test_pairs_and_dead_levers_for_people_and_programs(kpitui: Callable[..., Ran], db: str) -> None:
    ran = kpitui("leading", "--db", db)
    assert ran.code == 0
    assert "Acme: 1 of 2 pairs\n  Calls has moved 2 weeks before Deals  (r +0." in ran.out
    assert "  Posts feeds Deals, and no link has shown over 70 weeks." in ran.out
    assert "need not be the cause" in ran.out and "drives" not in ran.out
    said = json.loads(kpitui("leading", "--db", db, "--json").out)
    (scope,) = said["scopes"]
    assert (said["item"], scope["scope"], scope["tried"], scope["without_values"]) == (None, "org", 2, 2)
    (pair,) = scope["pairs"]
    assert (pair["metric"], pair["kpi"], pair["grain"], pair["lag"], pair["n"]) == ("calls", "deals", "week", 2, 70)
    assert pair["found"] and abs(pair["r"]) > pair["bound"] and pair["p"] < 0.05
    assert said["dead_levers"] == [{"metric": "posts", "feeds": "deals", "grain": "week", "n": 70}]


def test_a_metric_that_climbs_for_nothing(kpitui: Callable[..., Ran], db: str) -> None:
    draw = Random(8)
    likes = [200 * math.exp(0.01 * at + draw.gauss(0, 0.02)) for at in range(70)]
    with Store.open(db, who=person("ana"), via="test", now=clock("2026-11-20")) as store:
        record(store, line("likes", likes))
    ran = kpitui("leading", "likes", "--db", db)
    assert "Does it climb for nothing?\n  Likes rose by +6" in ran.out
    assert "over 52 periods while Deals stayed where it is (" in ran.out and "): vanity." in ran.out
    (held,) = json.loads(kpitui("leading", "likes", "--db", db, "--json").out)["vanity"]
    assert (held["kpi"], held["verdict"], held["n"]) == ("deals", "vanity", 52) and held["rise"] > 0.5
    # What counts as flat is the team's to say; a KPI itself is not held against others.
    with Store.open(db, who=person("ana"), via="test", now=clock("2026-11-20")) as store:
        settings.change(store, "flat_band", 0.0001)
    assert json.loads(kpitui("leading", "likes", "--db", db, "--json").out)["vanity"][0]["verdict"] == "unclear"
    assert json.loads(kpitui("leading", "deals", "--db", db, "--json").out)["vanity"] == []


def test_one_metric_with_all_its_pairs_and_why_not(kpitui: Callable[..., Ran], db: str) -> None:
    ran = kpitui("leading", "posts", "--db", db)
    assert ran.out.startswith("Posts: no link shown. Tried: 1 pair of a metric and a KPI.\n")
    assert "no more than chance" in ran.out
    said = json.loads(kpitui("leading", "posts", "--db", db, "--json").out)
    assert [(one["found"], one["why"]) for one in said["scopes"][0]["pairs"]] == [(False, "no more than chance")]
    young = json.loads(kpitui("leading", "young", "--db", db, "--json").out)["scopes"][0]["pairs"]
    assert [(one["lag"], one["why"]) for one in young] == [(None, "Young has 0 whole weeks, 36 are needed")]
    assert kpitui("leading", "young", "--db", db).out.startswith("Young: no pair of a metric and a KPI has 36")
    assert kpitui("leading", "nobody", "--db", db).code == 1
