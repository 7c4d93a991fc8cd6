"""What the user's own folder keeps about cells."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from kpitui import paths
from kpitui.tui.cell_notes import CellNotes


def test_a_text_is_kept_and_forgotten(tmp_path: Path) -> None:
    drafts = CellNotes(str(tmp_path / "team.db"), "drafts")
    drafts.keep((1, 20, 27), "3.1 ; why")
    drafts.keep((2, 20, 27), "5")
    assert CellNotes(str(tmp_path / "team.db"), "drafts").all() == {(1, 20, 27): "3.1 ; why", (2, 20, 27): "5"}
    drafts.forget((1, 20, 27))
    drafts.keep((2, 20, 27), "")
    assert drafts.all() == {} and not os.path.exists(drafts.path)


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    drafts = CellNotes(str(tmp_path / "team.db"), "drafts")
    drafts.keep((1, 20, 27), "3.1")
    assert stat.S_IMODE(os.stat(drafts.path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(paths.drafts_folder()).st_mode) == 0o700


def test_two_sessions_keep_each_others_drafts(tmp_path: Path) -> None:
    one, other = (CellNotes(str(tmp_path / "team.db"), "drafts") for _ in range(2))
    one.keep((1, 20, 27), "3")
    other.keep((2, 20, 27), "4")
    one.forget((1, 20, 27))
    assert other.all() == {(2, 20, 27): "4"}


def test_workspaces_and_kinds_do_not_mix(tmp_path: Path) -> None:
    CellNotes(str(tmp_path / "a.db"), "drafts").keep((1, 20, 27), "3")
    assert CellNotes(str(tmp_path / "b.db"), "drafts").all() == {}
    assert CellNotes(str(tmp_path / "a.db"), "snoozed").all() == {}


def test_a_file_that_cannot_be_read_or_written_is_no_error(tmp_path: Path) -> None:
    drafts = CellNotes(str(tmp_path / "team.db"), "drafts")
    os.makedirs(paths.drafts_folder())
    Path(drafts.path).write_text("[1, 2")
    assert drafts.all() == {}
    Path(drafts.path).write_text('{"not a key": "5"}')
    assert drafts.all() == {}
    Path(drafts.path).unlink()
    os.rmdir(paths.drafts_folder())
    Path(paths.drafts_folder()).write_text("in the way")
    drafts.keep((1, 20, 27), "3")
    assert drafts.all() == {}


def test_what_is_kept_can_steer_no_terminal(tmp_path: Path) -> None:
    drafts = CellNotes(str(tmp_path / "team.db"), "drafts")
    drafts.keep((1, 20, 27), "3\x1b[2J")
    assert drafts.all() == {(1, 20, 27): "3"}
