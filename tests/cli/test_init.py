from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kpitui import paths

Run = Callable[..., object]


def test_without_a_path_it_makes_the_users_own(kpitui: Run) -> None:
    made = kpitui("init")
    assert made.code == 0 and made.out == f"Made the workspace {paths.own_workspace()} (private).\n"
    assert made.err == "Next: kpitui opens the screens, where n writes your goal.\n"
    assert os.stat(paths.own_workspace()).st_mode & 0o777 == 0o600
    again = kpitui("init")
    assert again.code == 1 and "already. Nothing was overwritten" in again.err


@pytest.mark.parametrize("how", ["path", "--db", "variable"])
def test_the_path_may_be_given_in_three_ways(
    kpitui: Run, tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "my team.db"
    if how == "variable":
        monkeypatch.setenv("KPITUI_DB", str(path))
    made = kpitui("init", *{"path": [path], "--db": ["--db", path], "variable": []}[how])
    assert made.code == 0 and path.exists()
    assert (f"kpitui --db '{path}' opens the screens" in made.err) is (how != "variable")


def test_settings_are_kept(kpitui: Run, tmp_path: Path) -> None:
    given = ["--name", "Acme", "--currency", "eur", "--week-start", "Sunday", "--fiscal-year-start", "4"]
    assert kpitui("init", tmp_path / "a.db", *given, "--time-zone", "Europe/Vienna").code == 0
    text = kpitui("model", "export", "--db", tmp_path / "a.db").out
    for line in (
        'name = "Acme"',
        'currency = "EUR"',
        'week_start = "sunday"',
        "fiscal_year_start = 4",
        "Europe/Vienna",
    ):
        assert line in text


@pytest.mark.parametrize(("variable", "zone"), [("Europe/Rome", "Europe/Rome"), ("nonsense", "UTC"), ("", "UTC")])
def test_the_time_zone_is_the_one_of_tz_when_it_is_one(
    kpitui: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, zone: str
) -> None:
    monkeypatch.setenv("TZ", variable)
    kpitui("init", tmp_path / "a.db")
    assert f'time_zone = "{zone}"' in kpitui("model", "export", "--db", tmp_path / "a.db").out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--currency", "dollars"], 1, "write the three capitals of its code"),
        (["--time-zone", "Nowhere"], 1, "The time zone “Nowhere” is not known"),
        (["--fiscal-year-start", "13"], 2, "13"),
        (["--week-start", "noon"], 2, "noon"),
        (["--group", "nosuchgroup"], 1, "sudo groupadd nosuchgroup"),
        (["--template", "sasa"], 1, "did you mean saas"),
        (["--db", "other.db"], 2, "PATH and --db name two workspaces"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(
    kpitui: Run, tmp_path: Path, words: list[str], code: int, says: str
) -> None:
    refused = kpitui("init", tmp_path / "a.db", *words)
    assert refused.code == code and says in refused.err and refused.out == ""
    assert os.listdir(tmp_path) == []


def test_a_model_file_is_a_template(kpitui: Run, tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text('[workspace]\nname = "Tea"\ntime_zone = "Asia/Tokyo"\n[[metric]]\nslug = "cups"\n')
    assert kpitui("init", tmp_path / "a.db", "--template", tmp_path / "t.toml").code == 0
    text = kpitui("model", "export", "--db", tmp_path / "a.db").out
    assert 'slug = "cups"' in text and 'name = "Tea"' in text and "Asia/Tokyo" in text
