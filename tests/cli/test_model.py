from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kpitui.services.model_file import export
from tests.workspace import NAME, build

Run = Callable[..., object]
TEXT = '[[metric]]\nslug = "visits"\nowner = "dee"\n\n[[metric]]\nslug = "orders"\nhow = "a\\u001b[31mb"\n'


@pytest.fixture
def db(tmp_path: Path) -> Path:
    with build(tmp_path, TEXT):
        return tmp_path / NAME


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "m.toml"
    path.write_text('[[metric]]\nslug = "visits"\nowner = "bo"\n[[metric]]\nslug = "leads"\n')
    return path


class Typed(io.TextIOWrapper):
    """Standard input that is a terminal where somebody typed."""

    def __init__(self, text: str, terminal: bool = True) -> None:
        super().__init__(io.BytesIO(text.encode()))
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def test_what_export_writes_is_what_diff_finds_there_already(db: Path, kpitui: Run, tmp_path: Path) -> None:
    out = kpitui("--db", db, "model", "export")
    assert (out.code, out.err) == (0, "") and '[[metric]]\nslug = "visits"\n' in out.out
    (tmp_path / "same.toml").write_text(out.out)
    same = kpitui("model", "diff", tmp_path / "same.toml", "--db", db, "--prune")
    assert (same.code, same.out) == (0, "") and "says what is there already" in same.err


def test_diff_names_what_would_change_and_exits_with_1(db: Path, file: Path, kpitui: Run) -> None:
    found = kpitui("--db", db, "model", "diff", file)
    assert found.code == 1
    assert found.out.splitlines() == ["~ metric visits", '    owner: "dee" → "bo"', "+ metric leads"]
    pruned = kpitui("--db", db, "model", "diff", file, "--prune")
    assert "- metric orders is put away" in pruned.out.splitlines()


def test_diff_as_json_holds_keys_before_and_after(db: Path, file: Path, kpitui: Run) -> None:
    found = json.loads(kpitui("--db", db, "model", "diff", file, "--json").out)
    fields = [{"key": "owner", "before": '"dee"', "after": '"bo"'}]
    assert found[0] == {"what": "change", "table": "metric", "on": "visits", "fields": fields}
    assert found[1]["what"] == "add" and {"key": "slug", "before": None, "after": '"leads"'} in found[1]["fields"]


def test_without_a_terminal_adding_and_changing_goes_ahead(
    db: Path, file: Path, kpitui: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Typed("", terminal=False))
    done = kpitui("--db", db, "model", "apply", file, "--why", "plan")
    assert done.code == 0 and done.out.endswith("m.toml: 1 added, 1 changed.\n")
    again = kpitui("--db", db, "model", "apply", file)
    assert again.code == 0 and "nothing was changed" in again.out


def test_without_a_terminal_putting_away_needs_yes(
    db: Path, file: Path, kpitui: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Typed("", terminal=False))
    before = kpitui("--db", db, "model", "export").out
    refused = kpitui("--db", db, "model", "apply", file, "--prune")
    assert refused.code == 1 and "would put away metric orders. Nothing was changed" in refused.err
    assert kpitui("--db", db, "model", "export").out == before
    assert kpitui("--db", db, "model", "apply", file, "--prune", "--yes").code == 0
    assert "orders" not in kpitui("--db", db, "model", "export").out


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
def test_on_a_terminal_it_shows_and_asks(
    db: Path, file: Path, kpitui: Run, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    before = kpitui("--db", db, "model", "export").out
    monkeypatch.setattr(sys, "stdin", Typed(answer))
    done = kpitui("--db", db, "model", "apply", file)
    assert done.code == code
    assert '    owner: "dee" → "bo"' in done.err and "Apply this?" in done.err
    assert (kpitui("--db", db, "model", "export").out == before) is bool(code)


def test_the_file_may_come_on_standard_input(db: Path, kpitui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Typed('[[metric]]\nslug = "leads"\n'))
    assert kpitui("--db", db, "model", "apply", "-").out == "Applied standard input: 1 added.\n"
    monkeypatch.setattr(sys, "stdin", Typed('[[metric]]\nslug = "leads"\nx = 1\n'))
    wrong = kpitui("--db", db, "model", "diff", "-")
    assert wrong.code == 1 and "standard input line 3, metric leads: [[metric]] has no key “x”" in wrong.err


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "is empty"),
        (b"\x00\x01", "is a binary file"),
        (b"\xff\xfe[\x00", "is UTF-16"),
        (b'a = "\xe9"', "line 1 is not UTF-8"),
        (b"[[metric]]\nslug = \n", "line 2, column 8: this is not TOML"),
        (b"[[metric]]\nslg = 'a'\n", "line 2, metric: [[metric]] has no key “slg”: did you mean slug?"),
        (b"[[metric]]\nslug = 'a'\nformula = 'a'\n", "line 1: These metrics need each other in a circle: a → a."),
    ],
)
def test_a_wrong_file_gets_one_sentence_and_changes_nothing(
    db: Path, tmp_path: Path, kpitui: Run, raw: bytes, says: str
) -> None:
    (tmp_path / "w.toml").write_bytes(raw)
    before = db.read_bytes()
    for word in ("apply", "diff"):
        refused = kpitui("--db", db, "model", word, tmp_path / "w.toml")
        assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1) and says in refused.err
    assert db.read_bytes() == before


def test_a_file_that_is_not_there_or_is_a_folder_is_said(db: Path, tmp_path: Path, kpitui: Run) -> None:
    assert "There is no file" in kpitui("--db", db, "model", "apply", tmp_path / "none.toml").err
    assert "is a folder" in kpitui("--db", db, "model", "apply", tmp_path).err
    assert kpitui("--db", tmp_path / "none.db", "model", "export").code == 1
    assert kpitui("--db", db, "model", "apply").code == 2


def test_nothing_stored_steers_the_terminal(db: Path, kpitui: Run) -> None:
    from kpitui.services import model_file

    assert "\x1b" not in kpitui("--db", db, "model", "export").out
    assert model_file.export is export
