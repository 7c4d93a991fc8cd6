"""A team's backups: every member makes them and puts old ones away, and nobody is harmed by what another puts there."""

from __future__ import annotations

import _strptime  # noqa: F401 - another account may not be let into this Python's folder to load it
import gzip
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from kpitui.errors import KpituiError, Refused
from kpitui.services import backup
from kpitui.services.restore import Place, prepared, restore
from kpitui.storage import backup as stored
from kpitui.storage.permissions import backups_fault
from kpitui.storage.staging import Staging, clear_left
from tests.conftest import Ran
from tests.services.test_restore import RELEASED
from tests.storage.processes import ANA, MEMBERS, TEAM, add_scope, child, ended, made, mode, opened, rename, said

START = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become other accounts")
FIRST, SECOND = MEMBERS


@pytest.fixture
def team() -> Iterator[Path]:
    """A workspace of a team, whose file and folder belong to the first member where that can be."""
    with TemporaryDirectory() as above:
        os.chmod(above, 0o755)
        box = Path(above) / "team"
        box.mkdir()
        with made(box / "team.db", mode=0o660) as store:
            add_scope(store)
        if os.geteuid() == 0:
            for one in (box, box / "team.db"):
                os.chown(one, FIRST, TEAM)
        box.chmod(0o2770)
        yield box / "team.db"


def backed_up(path: Path, day: int = 0, rotate: bool = False) -> backup.Made:
    with opened(path, now=lambda: START + timedelta(days=day)) as store:
        return backup.back_up(store, backup.folder_of(str(path)), rotate=rotate)


def names(folder: str | Path) -> list[str]:
    return sorted(os.listdir(folder))


@ROOT
def test_a_second_member_backs_up_rotates_upgrades_and_restores(team: Path) -> None:
    folder = backup.folder_of(str(team))
    assert said(lambda: len([backed_up(team, day) for day in range(9)]), member=FIRST) == "9"
    assert (mode(folder), os.stat(folder).st_gid, os.stat(folder).st_uid) == (0o2770, TEAM, FIRST)
    removed = said(lambda: [os.path.basename(one) for one in backed_up(team, 9, rotate=True).removed], member=SECOND)
    assert removed == "['team-20261121T093000Z.db', 'team-20261120T093000Z.db']"
    assert {one.by for one in backup.listed(folder, str(team))} == {f"uid{FIRST}", f"uid{SECOND}"}
    newest = backup.listed(folder, str(team))[0].path
    assert (mode(newest), mode(f"{newest}.sha256"), os.stat(newest).st_gid) == (0o640, 0o640, TEAM)

    def put_back() -> str:
        place = Place(str(team), ANA, "test", lambda: START + timedelta(days=10))
        with opened(team) as store:
            rename(store, "Later")
        with prepared(newest, place) as offer:
            return restore(offer, place, folder).kept

    for member in (SECOND, FIRST):
        assert said(put_back, member=member).startswith(f"{folder}/team-20261130T093000Z")
    team.write_bytes(gzip.decompress(RELEASED.read_bytes()))
    copies = said(lambda: opened(team).notices, member=SECOND)
    assert "was upgraded to schema" in copies and (mode(f"{team}.schema-1.backup")) == 0o640


@ROOT
def test_a_folder_that_an_older_kpitui_closed_is_said_and_mended_by_who_may(
    team: Path, kpitui: Callable[..., Ran]
) -> None:
    folder = backup.folder_of(str(team))
    said(lambda: backed_up(team), member=FIRST)
    os.chmod(folder, 0o2750)
    refused = said(lambda: backed_up(team), member=SECOND)
    assert f"belongs to uid{FIRST}. Nothing was copied: ask uid{FIRST} to type kpitui check --fix" in refused
    code, out, _ = kpitui("check", "--db", team)
    assert code == 1 and f"chmod 2770 {folder}" in out

    def check() -> str:
        from kpitui.cli.check import mend

        return str(mend(str(team)))

    assert f"(ask uid{FIRST}, to whom it belongs)" in said(check, member=SECOND) and mode(folder) == 0o2750
    assert "chmod 2770" in said(check, member=FIRST) and mode(folder) == 0o2770
    assert backups_fault(str(team), folder) is None
    assert f"{folder}/team-" in said(lambda: backed_up(team).copy.path, member=SECOND)


def test_what_is_no_backup_counts_for_nothing_and_stays(team: Path) -> None:
    folder = Path(backup.folder_of(str(team)))
    true = [backed_up(team, day).copy.path for day in (0, 1)]
    # Enough of them to push the true ones out of their days, weeks and months.
    for number in range(10, 29):
        (folder / f"team-202612{number}T093000Z.db").write_bytes(Path(true[0]).read_bytes())
        (folder / f"team-202610{number}T093000Z.db").write_bytes(b"SQLite format 3\0 or so")
    link = folder / "team-20261119T093000Z.db"
    os.symlink(team, link)
    os.mkfifo(f"{true[0]}.pipe")
    os.replace(f"{true[0]}.pipe", f"{true[0]}.sha256")
    done = backed_up(team, 2, rotate=True)
    assert done.removed == () and len(done.doubtful) == 38 and all(os.path.exists(one) for one in true)
    assert link.is_symlink() and backup.sum_beside(true[0]) is None


@ROOT
def test_a_colleagues_backup_counts_when_it_is_what_its_sum_says(team: Path) -> None:
    folder = backup.folder_of(str(team))
    theirs = [backed_up(team, day).copy.path for day in range(2)]
    for one in theirs:
        os.chown(one, SECOND, TEAM)
    with open(theirs[1], "r+b") as file:
        file.seek(5000)
        file.write(b"another story")
    assert backed_up(team, 2, rotate=True).doubtful == (theirs[1],)
    os.unlink(f"{theirs[0]}.sha256")
    assert backed_up(team, 3, rotate=True).doubtful == (theirs[1], theirs[0])
    link = f"{folder}/team-20261101T093000Z.db"
    os.symlink(team, link)
    os.lchown(link, SECOND, TEAM)
    place = Place(str(team), ANA, "test", lambda: START)
    with pytest.raises(Refused, match=f"is a link that uid{SECOND} has made to"), prepared(link, place):
        pass
    shutil.rmtree(folder)
    os.symlink(team.parent.parent, folder)
    os.lchown(folder, SECOND, TEAM)
    with pytest.raises(Refused, match="is a link that"):
        backed_up(team)


def test_who_puts_something_else_in_the_place_of_the_private_folder_gets_nothing(
    team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, victim = Path(backup.folder_of(str(team))), team.parent / "victim"
    backed_up(team)
    victim.mkdir()
    copy = stored._copy

    def swapped(connection: object, part: str) -> None:
        os.rename(os.path.dirname(part), folder / "aside")
        os.symlink(victim, os.path.dirname(part))
        copy(connection, part)  # type: ignore[arg-type]

    before = names(folder)
    monkeypatch.setattr(stored, "_copy", swapped)
    with pytest.raises(KpituiError, match="No copy can be made"):
        backed_up(team, 1)
    assert [one for one in names(folder) if not one.startswith((".", "aside"))] == before
    # A name of 24 random signs: nobody can have had a link waiting there.
    assert all(len(one) == 27 for one in names(victim))


def test_what_a_killed_one_left_is_taken_away_by_the_next_of_the_account(
    team: Path, kpitui: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = backup.folder_of(str(team))
    file = backed_up(team).copy.path

    def killed(*_: object, **__: object) -> None:
        os.kill(os.getpid(), 9)

    def restoring() -> None:
        place = Place(str(team), ANA, "test", lambda: START)
        with prepared(file, place) as offer:
            monkeypatch.setattr("kpitui.storage.restoring_file.pour", killed)
            restore(offer, place, folder)

    def backing_up() -> None:
        monkeypatch.setattr(stored, "_check", killed)
        backed_up(team, 1)

    for work in (restoring, backing_up):
        assert not ended(child(work))
    left = [one for place in (team.parent, folder) for one in names(place) if one.endswith((".part", ".restore"))]
    assert len(left) == 3
    old = team.parent / f".{os.path.basename(file)}.0123456789ab.restore"
    old.write_text("of kpitui 0.2")
    with Staging(folder, "team-working.db") as living:
        code, out, _ = kpitui("check", "--db", team)
        assert out.count("Taken away, left by a backup or restore of yours that was killed: ") == 3
        assert os.path.isdir(living.path) and old.exists()
        assert clear_left(str(team.parent), "team", os.stat(old).st_mtime + 25 * 3600) == [str(old)]
    code, out, _ = kpitui("check", "--db", team)
    assert code == 0 and "Taken away" not in out
    assert not [one for place in (team.parent, folder) for one in names(place) if one.startswith(".team-")]
    assert not ended(child(backing_up)) and len(names(folder)) == 5
    backed_up(team, 2)
    assert len(names(folder)) == 6
