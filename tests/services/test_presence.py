"""Signs of who is where: unforgeable by name, gone with the process, never in anybody's way."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from kpitui.services import presence
from kpitui.services.presence import STALE, Here, Presence, folder_of, here
from kpitui.storage.store import Store
from tests.workspace import build

HOST = os.uname().nodename
NOW = 1_795_000_000.0


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return build(tmp_path)


def sign(store: Store, name: str, mode: int = 0o600, **said: object) -> Path:
    """A file as another process would leave it."""
    folder = Path(folder_of(store.path))
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(json.dumps({"place": "entry", "what": "W46", "host": HOST} | said))
    os.utime(path, (NOW, NOW))
    return path


def test_a_sign_says_who_is_where_and_goes(store: Store) -> None:
    mine = Presence(store.path, HOST)
    before = store.version()
    mine.be("entry", "W47", NOW)
    (one,) = here(store.path, NOW + 1)
    assert (one.uid, one.pid, one.place, one.what) == (os.getuid(), os.getpid(), "entry", "W47")
    assert one.sentence.endswith("is entering W47") and mine.others(NOW + 1) == ()
    file = Path(folder_of(store.path)) / mine.name
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    mine.be("review", "Weekly review W47", NOW + 2)
    assert [one.sentence.partition(" is ")[2] for one in here(store.path, NOW + 2)] == ["in the weekly review W47"]
    mine.leave()
    assert not file.parent.exists() and here(store.path, NOW) == () and store.version() == before


def test_a_team_sees_it_and_nobody_else_takes_it_away(store: Store) -> None:
    os.chmod(store.path, 0o660)
    mine = Presence(store.path, HOST)
    mine.be("entry", "W47", NOW)
    folder = Path(folder_of(store.path))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o3770 and stat.S_IMODE((folder / mine.name).stat().st_mode) == 0o640


def test_it_goes_stale_without_a_sign_of_life_or_a_process(store: Store) -> None:
    mine = Presence(store.path, HOST)
    mine.be("entry", "W47", NOW)
    assert here(store.path, NOW + STALE - 1) and not here(store.path, NOW + STALE + 1)
    mine.be("entry", "W47", NOW + 100)  # a beat
    assert here(store.path, NOW + STALE + 50)
    dead = sign(store, f"{os.getuid()}-{2**22 + 1}")
    assert len(here(store.path, NOW + 100)) == 1
    far = sign(store, f"{os.getuid()}-{2**22 + 2}", host="other")  # another machine's processes cannot be asked
    assert [one.host for one in mine.others(NOW + 101)] == ["other"]
    mine.be("entry", "W46", NOW + 102)
    assert not dead.exists() and not far.exists()


def test_what_others_may_have_put_there_is_no_sign(store: Store, tmp_path: Path) -> None:
    me = os.getuid()
    sign(store, f"{me + 1}-{os.getpid()}")  # not that account's file
    for number, text in enumerate(("", "{", "[]", '{"place": 1, "what": "x", "host": "y"}', "[" * 600)):
        sign(store, f"{me}-{9000 + number}").write_text(text)
    folder = Path(folder_of(store.path))
    (folder / f"{me}-9100").symlink_to(sign(store, "elsewhere", host="other"))
    os.mkfifo(folder / f"{me}-9101")
    (folder / f"{me}-9104").mkdir()
    linked = sign(store, f"{me}-9102", host="other")
    os.link(linked, folder / f"{me}-9103")
    assert here(store.path, NOW) == ()
    linked.unlink()
    (found,) = here(store.path, NOW)
    assert found.pid == 9103
    os.chmod(folder, 0o777)
    assert here(store.path, NOW) == ()


def test_words_of_others_are_cleaned_and_cut(store: Store) -> None:
    sign(store, f"{os.getuid()}-77", host="other", what="\x1b]52;c;x\x07" + "W" * 90)
    (one,) = here(store.path, NOW)
    assert "\x1b" not in one.sentence and len(one.what) <= presence.SHOWN


def test_where_nothing_can_be_made_nobody_is_told(tmp_path: Path) -> None:
    mine = Presence(str(tmp_path / "gone" / "team.db"), HOST)
    mine.be("entry", "W47", NOW)
    mine.leave()
    assert mine.others(NOW) == ()
    assert Here("bo", 1, 2, "h", "review", "weekly review W47").sentence == "bo is in the weekly review W47"


def test_who_was_killed_is_gone_at_the_next_look_and_leaves_nothing_half_written(store: Store) -> None:
    child = subprocess.Popen(["sleep", "600"])
    left = sign(store, f"{os.getuid()}-{child.pid}")
    mine = Presence(store.path, HOST)
    assert [one.pid for one in mine.others(NOW)] == [child.pid]
    child.kill()
    child.wait()
    # Nothing in the folder has changed.
    assert left.exists() and mine.others(NOW + 1) == ()
    half = left.with_name(f".{left.name}")
    half.write_text("{")
    mine.be("entry", "W47", NOW + 2)
    assert not left.exists() and not half.exists() and [one.what for one in here(store.path, NOW + 2)] == ["W47"]
