from __future__ import annotations

import json

from kpitui.paths import config_folder


def test_it_lists_the_themes_with_where_they_are_from(kpitui):
    ran = kpitui("themes")
    assert ran.code == 0 and ran.err == ""
    line = next(line for line in ran.out.splitlines() if "kpitui-dark" in line)
    assert line.startswith(">") and "dark" in line and line.endswith("themes/kpitui-dark.toml")
    assert "terminal" in ran.out


def test_json_has_every_theme_and_the_least_contrast(kpitui):
    ran = kpitui("themes", "--json")
    found = json.loads(ran.out)
    assert ran.code == 0 and found["problems"] == []
    by_name = {theme["name"]: theme for theme in found["themes"]}
    assert by_name["high-contrast"]["least_contrast"] >= 7 and by_name["terminal"]["least_contrast"] is None
    assert [name for name, theme in by_name.items() if theme["in_use"]] == ["kpitui-dark"]
    assert by_name["kpitui-light"]["dark"] is False and by_name["terminal"]["terminal_colours"] is True


def test_a_bad_file_is_named_on_stderr_and_ends_with_1(kpitui, tmp_path):
    (tmp_path / "bad.toml").write_text('name = "bad"\nprimary = "blu"\n', encoding="utf-8")
    (tmp_path / "good.toml").write_text('name = "good"\nprimary = "red"\n', encoding="utf-8")
    ran = kpitui("themes", "--themes", tmp_path)
    assert ran.code == 1
    assert "good" in ran.out and "bad.toml, primary: 'blu' is no colour" in ran.err
    ran = kpitui("themes", "--themes", tmp_path, "--json")
    found = json.loads(ran.out)
    assert ran.code == 1 and len(found["problems"]) == 1 and ran.err == ""


def test_a_theme_of_the_users_own_and_the_chosen_one_are_shown(kpitui, own_world):
    from pathlib import Path

    folder = Path(config_folder())
    (folder / "themes").mkdir(parents=True)
    (folder / "themes" / "ours.toml").write_text('name = "ours"\nprimary = "#3C78D8"\n', encoding="utf-8")
    (folder / "config.toml").write_text('theme = "ours"\n', encoding="utf-8")
    ran = kpitui("themes")
    assert ran.code == 0
    assert next(line for line in ran.out.splitlines() if line.startswith(">")).endswith("themes/ours.toml")
