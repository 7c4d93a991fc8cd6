from __future__ import annotations

import stat
from pathlib import Path

import pytest

from kpitui import config, paths
from kpitui.config import Config

FULL = """\
# mine
theme = "light"      # for the day
glyphs = "ascii"
open_on = "due"
decimal = ","
mouse = true
db = "/srv/kpi/team.db"

[keys]
undo = "z"           # as everywhere
"odd id" = "ctrl+o"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kpitui" / "config.toml"


def write(path: Path, text: str | bytes) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_no_file_means_the_defaults_and_no_word(path: Path) -> None:
    assert config.load(str(path)) == (Config(), (), "")


def test_the_file_is_looked_for_in_the_config_folder() -> None:
    Path(paths.config_folder()).mkdir(parents=True)
    Path(paths.config_file()).write_text('negative = "accounting"')
    assert config.load().config.negative == "accounting"


def test_every_setting_is_read(path: Path) -> None:
    loaded = config.load(write(path, FULL))
    assert loaded.messages == ()
    assert loaded.config == Config(
        theme="light",
        glyphs="ascii",
        open_on="due",
        decimal=",",
        mouse=True,
        db="/srv/kpi/team.db",
        keys={"undo": "z", "odd id": "ctrl+o"},
    )


def test_a_home_in_db_is_found(path: Path, own_world: Path) -> None:
    assert config.load(write(path, 'db = "~/k.db"')).config.db == str(own_world / "k.db")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('glyphs = "fancy"', "glyphs is 'fancy'; write glyphs = \"auto\" or"),
        ("mouse = 1", "mouse is 1; write mouse = true"),
        ("mouse = 'yes'", "write mouse = true"),
        ('theme = "../../etc/passwd"', 'write theme = "dark"'),
        ("theme = 3", "theme is 3"),
        ('db = "team.db"', 'write db = "/srv'),
        ('negatve = "minus"', "negatve is no setting; did you mean negative?"),
        ('zzz = "roomy"', "zzz is no setting; known are theme"),
        ('keys = "x"', "keys is a table"),
        ("[keys]\nundo = 3", "keys.undo is 3"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_counts(path: Path, line: str, said: str) -> None:
    loaded = config.load(write(path, 'negative = "accounting"\n' + line))
    assert loaded.config == Config(negative="accounting")
    assert len(loaded.messages) == 1
    assert said in loaded.messages[0]
    assert str(path) in loaded.messages[0]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"theme = ", "is no TOML"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"x" * 1_000_001, "larger than 1 MB"),
        (b"a = " + b"[" * 100_000, "is no TOML"),
    ],
    ids=["unfinished", "not UTF-8", "too large", "too deep"],
)
def test_an_unreadable_file_is_said_and_not_used(path: Path, raw: bytes, said: str) -> None:
    loaded = config.load(write(path, raw))
    assert loaded.config == Config()
    assert said in loaded.messages[0]


def test_a_folder_in_its_place_is_said(path: Path) -> None:
    path.mkdir(parents=True)
    assert "cannot be read" in config.load(str(path)).messages[0]


def test_messages_carry_nothing_that_steers(path: Path) -> None:
    message = config.load(write(path, '"\\u001b]0;x\\u0007\\u202ekey" = 1')).messages[0]
    assert "\x1b" not in message and "\u202e" not in message


def test_saving_makes_a_private_file_with_only_what_differs(path: Path) -> None:
    assert config.save(Config(negative="accounting", keys={"undo": "z"}), str(path))
    assert path.read_text() == 'negative = "accounting"\n\n[keys]\nundo = "z"\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_saving_what_is_there_touches_nothing(path: Path) -> None:
    name = write(path, FULL)
    before = path.stat()
    assert not config.save(config.load(name).config, name)
    assert path.stat() == before


def test_saving_keeps_comments_order_and_settings_of_others(path: Path) -> None:
    name = write(path, FULL.replace("mouse", "of_a_newer_version = 1\nmouse"))
    wanted = config.load(name).config._replace(theme="dark", negative="accounting", keys={"undo": "U", "redo": "R"})
    assert config.save(wanted, name)
    assert config.load(name).config == wanted
    assert path.read_text() == FULL.replace("mouse", "of_a_newer_version = 1\nmouse").replace(
        'theme = "light" ', 'theme = "dark" '
    ).replace('team.db"\n', 'team.db"\nnegative = "accounting"\n').replace('undo = "z" ', 'undo = "U" ').replace(
        '"odd id" = "ctrl+o"', 'redo = "R"'
    )


def test_a_file_in_another_style_is_written_anew(path: Path) -> None:
    name = write(path, 'keys = {undo = "z"}\ntheme = """light"""\n')
    wanted = config.load(name).config._replace(keys={"undo": 'a"\\b'}, db="/a/b.db")
    assert config.save(wanted, name)
    assert config.load(name) == (wanted, (), "")


def test_a_broken_file_is_never_written_over(path: Path) -> None:
    name = write(path, "theme = ")
    with pytest.raises(ValueError, match="is no TOML"):
        config.save(Config(theme="light"), name)
    assert path.read_text() == "theme = "


def test_a_linked_config_stays_a_link(path: Path, tmp_path: Path) -> None:
    write(path, FULL)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    assert config.save(Config(), str(link))
    assert link.is_symlink()
    assert config.load(str(path)).config == Config()
