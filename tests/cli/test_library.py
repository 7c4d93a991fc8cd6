"""`kpitui library` and `kpitui init --template`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kpitui.cli.main import main


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KPITUI_TODAY", "2026-01-05")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "team.db"


def test_list_and_show_tell_what_there_is(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["library", "list", "--by", "role", "--json", "--db", str(db)]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in listed] == ["writer", "marketer", "salesperson"]
    assert main(["library", "show", "saas", "--json", "--db", str(db)]) == 0
    shown = json.loads(capsys.readouterr().out)
    mrr = next(line for line in shown["lines"] if line["slug"] == "mrr")
    assert (mrr["role"], mrr["kind"], mrr["usual"], mrr["counter"]) == ("kpi", "lag", "goal / 12", "Churned MRR")
    assert main(["library", "show", "saas", "--db", str(db)]) == 0
    text = capsys.readouterr().out
    assert "* MRR" in text and "Left out on purpose: Site visits" in text
    assert main(["library", "show", "sass", "--db", str(db)]) == 1
    assert "did you mean saas" in capsys.readouterr().err


def test_a_template_by_name_begins_a_workspace(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(db), "--template", "saas"]) == 0
    assert "Created from SaaS / subscription: 3 KPIs, 11 metrics" in capsys.readouterr().out
    assert main(["status", "--json", "--db", str(db)]) == 0
    status = json.loads(capsys.readouterr().out)
    assert [kpi["slug"] for kpi in status["kpis"]] == ["mrr", "trial_to_paid", "net_revenue_retention"]
    assert status["workspace"] and status["goal"] is None


def test_a_name_that_is_none_makes_nothing(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(db), "--template", "sasa"]) == 1
    assert "did you mean saas" in capsys.readouterr().err
    assert not db.exists()
    assert main(["init", str(db), "--template", "./nothing.toml"]) == 1
    assert "kpitui library list" in capsys.readouterr().err and not db.exists()


def test_use_takes_goal_numbers_and_lines(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", str(db)])
    words = [
        "library",
        "use",
        "saas",
        "--goal",
        "5m",
        "--kpi",
        "mrr=356k > 400k @bo",
        "--without",
        "csat",
        "--with",
        "nps",
    ]
    capsys.readouterr()
    assert main([*words, "--dry-run", "--db", str(db)]) == 0
    planned = capsys.readouterr().out
    assert "Create the goal, 3 KPIs and 11 metrics" in planned and "NPS" in planned and "CSAT" not in planned
    assert main([*words, "--db", str(db)]) == 0
    assert "1 goal, 3 KPIs, 11 metrics" in capsys.readouterr().out
    main(["status", "--json", "--db", str(db)])
    status = json.loads(capsys.readouterr().out)
    mrr = status["kpis"][0]
    assert (mrr["baseline"], mrr["target"], mrr["owner"]) == (356_000, 400_000, "bo")
    assert status["goal"]["title"] == "$5.0M ARR by 31 Dec"
    assert main(["library", "use", "saas", "--goal", "6m", "--db", str(db)]) == 2
    assert "There is a goal already" in capsys.readouterr().err
    assert main(["library", "use", "seo", "--kpi", "mrr=5", "--db", str(db)]) == 2
    assert main(["library", "use", "seo", "--without", "nothing", "--db", str(db)]) == 2


def test_save_makes_one_that_init_takes(db: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", str(db), "--template", "saas"])
    assert main(["library", "save", "nobody", "--as", "Our set", "--db", str(db)]) == 1
    assert "There is no scope" in capsys.readouterr().err
    assert main(["library", "save", "org", "--as", "Our set", "--db", str(db)]) == 0
    assert main(["library", "list", "--by", "yours", "--db", str(db)]) == 0
    assert "our_set" in capsys.readouterr().out
    other = tmp_path / "elsewhere" / "b.db"
    assert main(["init", str(other), "--template", str(tmp_path / "templates" / "our_set.toml")]) == 0
    assert "Created from Our set: 3 KPIs, 11 metrics" in capsys.readouterr().out
