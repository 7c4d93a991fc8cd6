"""Generated set-ups: what goes in through a model file comes out of it."""

from __future__ import annotations

import re
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpitui.domain.problem import Problem
from kpitui.services.model_file import apply, diff, export, read
from kpitui.text import clean, fold
from tests.workspace import build

WORDS = st.text(min_size=1, max_size=20).map(clean).filter(lambda text: bool(text) and clean(text) == text)
NAMES = WORDS.filter(lambda text: bool(re.search(r"[a-zA-Z0-9]", text)))
NOTES = st.one_of(st.just(""), st.lists(WORDS, min_size=1, max_size=3).map("\n".join))
NUMBERS = st.one_of(st.integers(-(10**12), 10**12).map(float), st.floats(-1e6, 1e6, allow_nan=False), st.just(1e300))
DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 1, 1))


def quoted(value: Any) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'
    if isinstance(value, list):
        return f"[{', '.join(map(quoted, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)


def table(head: str, values: dict[str, Any]) -> str:
    return head + "\n" + "".join(f"{key} = {quoted(value)}\n" for key, value in values.items() if value is not None)


@st.composite
def models(draw: st.DrawFn) -> str:
    """A sound model file of some scopes, metrics, goals, KPIs, targets, drivers and notes, its tables shuffled."""
    pick = draw
    seen: dict[str, str] = {}

    def spelled(name: str) -> str:
        """Names that look the same are spelled alike."""
        return seen.setdefault(fold(name), name)

    scopes = [f"s{n}" for n in range(pick(st.integers(0, 3)))]
    metrics = [f"m{n}" for n in range(pick(st.integers(1, 6)))]
    goals = [f"g{n}" for n in range(pick(st.integers(0, 3)))]
    parts = []
    some = st.sampled_from
    for n, slug in enumerate(scopes):
        parent = pick(some([None, *scopes[:n]]))
        values = {
            "slug": slug,
            "name": spelled(pick(NAMES)),
            "parent": parent,
            "kind": pick(some(["team", "role", "client"])),
        }
        parts.append(table("[[scope]]", values))
    for n, slug in enumerate(metrics):
        low = pick(st.one_of(st.none(), NUMBERS))
        derived = pick(some(["", "formula", "ratio"])) if n > 1 else ""
        values = {
            "slug": slug,
            "name": spelled(pick(NAMES)),
            "unit": pick(some(["number", "currency", "duration", "score"])),
            "kind": "ratio" if derived == "ratio" else pick(some(["flow", "level", "index", "distinct"])),
            "numerator": metrics[0] if derived == "ratio" else None,
            "denominator": metrics[1] if derived == "ratio" else None,
            "formula": f"{metrics[n - 1]} * 2 + {metrics[0]}" if derived == "formula" else None,
            "cadence": pick(some(["day", "week", "month", "quarter", "year"])),
            "good_low": low,
            "timing": pick(some([None, "leading", "lagging"])),
            "influence": pick(some([None, True, False])),
            "decimals": pick(some([None, 0, 3])),
            "scope": pick(some([None, *scopes])),
            "how": pick(NOTES),
            "feeds": pick(st.lists(some(metrics[n + 1 :]), unique=True)) if metrics[n + 1 :] else None,
        }
        parts.append(table("[[metric]]", values))
    for n, slug in enumerate(goals):
        begins = pick(DAYS)
        values = {
            "slug": slug,
            "title": spelled(pick(NAMES)),
            "parent": pick(some([None, *goals[:n]])),
            "metric": pick(some([None, *metrics])),
            "target_kind": "at_least",
            "target": pick(NUMBERS),
            "start": begins,
            "deadline": begins.replace(year=begins.year + 1, day=1),
            "why": pick(NOTES),
        }
        parts.append(table("[[goal]]", values))
    roles = pick(st.lists(st.tuples(some(metrics), some(["org", *scopes])), unique=True, max_size=5))
    for slug, scope in roles:
        values = {
            "metric": slug,
            "scope": scope,
            "goal": pick(some([None, *goals])),
            "state": pick(some([None, "draft", "paused", "retired"])),
            "target_kind": pick(some(["at_least", "at_most", "milestone"])),
            "target": pick(NUMBERS),
            "review": pick(st.lists(some(["weekly", "monthly", "annual"]), unique=True)),
            "weight": pick(some([None, 2.5])),
        }
        parts.append(table("[[kpi]]", values))
        for day in pick(st.lists(DAYS, unique=True, max_size=2)):
            parts.append(table("[[target]]", {"kpi": f"{slug}@{scope}", "from": day, "value": pick(NUMBERS)}))
    for _ in range(pick(st.integers(0, 2))):
        note = {
            "metric": pick(some(metrics)),
            "day": pick(DAYS),
            "text": pick(NAMES),
            "who": pick(some([None, "", "x"])),
        }
        parts.append(table("[[annotation]]", note))
    return "\n".join(pick(st.permutations(parts)))


NUMBER = count()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(models())
def test_any_setup_comes_out_as_it_went_in(tmp_path: Path, text: str) -> None:
    """apply, export, apply into another workspace, export: the same text; and applying it again changes nothing."""
    first, second = tmp_path / f"a{next(NUMBER)}", tmp_path / f"b{next(NUMBER)}"
    first.mkdir()
    second.mkdir()
    with build(first, text) as one:
        assert diff(one, read(text, "m.toml")) == []
        out = export(one)
        assert diff(one, read(out, "m.toml"), prune=True) == []
        with build(second, out) as other:
            assert export(other) == out
            # Whatever stood there before, the pruned file is the whole truth.
            apply(other, read('[[metric]]\nslug = "other"\n[[metric]]\nslug = "m0"\nowner = "bo"\n', "m.toml"))
            apply(other, read(out, "m.toml"), prune=True)
            assert export(other) == out


def test_playbooks_and_waivers_go_out_and_in(tmp_path: Path) -> None:
    text = """
[[metric]]
slug = "leads"

[[goal]]
slug = "year"
title = "500 leads"
target = 500

[[kpi]]
metric = "leads"
goal = "year"
target_kind = "at_least"
target = 10

[[playbook]]
kpi = "leads"
causes = "fewer visits\\nform broken"
support = "an hour with dee"
steps = "look at the form"

[[playbook]]
scope = "org"
steps = "ask first"

[[waiver]]
rule = "K02"
scope = "org"
why = "one is enough for a start"
until = 2027-01-31
who = "ana"

[[waiver]]
rule = "R02"
place = 13
why = "founded this year"
until = 2027-01-31
who = "ana"
"""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = build(tmp_path / "one", text)
    said = export(first)
    assert said.count("[[playbook]]") == 2 and said.count("[[waiver]]") == 2
    second = build(tmp_path / "two", said)
    assert export(second) == said
    assert diff(second, read(said, "m.toml")) == []
    changed = said.replace("one is enough for a start", "for a month")
    assert [change.what for change in diff(second, read(changed, "m.toml"))] == ["change"]
    with pytest.raises(Problem, match="a playbook is of a KPI or of a scope"):
        read('[[playbook]]\nsteps = "x"', "m.toml")
    with pytest.raises(Problem, match="names the scope “nobody”"):
        diff(second, read('[[playbook]]\nscope = "nobody"', "m.toml"))
