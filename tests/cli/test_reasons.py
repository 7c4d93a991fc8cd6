"""What stands in a signed review is corrected with a reason, or said to be corrected without one."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from kpitui.errors import NeedsReason
from kpitui.services import imports, review, signing
from kpitui.storage.store import Store
from tests.conftest import Ran
from tests.services.acme import MODEL, TODAY
from tests.workspace import build

Run = Callable[..., Ran]
STANDS = "stands in a signed weekly review, and was corrected without a reason: give one with --why TEXT."


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """W47 of MRR and demos was reviewed."""
    store = build(tmp_path, MODEL, "mrr 2026-W44 340000 341000 343000 345000\ndemos 2026-W47 26")
    signing.sign(store, review.start(store, "weekly", TODAY).id, 8, TODAY)
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    return store


def corrections(store: Store) -> list[str]:
    """What follows who corrected a figure and when."""
    found = [re.search(r"\(.+, \d+ \w+(.*)\)$", one) for one in signing.shown(store, 1, TODAY).corrections]
    return [one[1] for one in found if one is not None]


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    class Terminal(io.StringIO):
        buffer = io.BytesIO()

        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)


def test_without_a_terminal_it_is_saved_and_said(store: Store, kpitui: Run) -> None:
    for words in (("W46", "1"), ("W47", "345000")):  # another period, and the same value again
        assert kpitui("record", "mrr", words[1], "--on", words[0], "--note", "estimate").err.count("review") == 0
    done = kpitui("record", "mrr", "346000", "--on", "W47", "--json")
    assert (done.code, done.err) == (0, f"kpitui: mrr 2026-W47: MRR {STANDS}\n") and json.loads(done.out)["rev"] == 3
    # The note that stood there says nothing of the correction.
    assert corrections(store) == [", no reason given"]
    assert kpitui("record", "mrr", "347000", "--on", "W47", "--why", "typo") == Ran(0, "ok mrr 2026-W47 rev 4\n", "")
    assert corrections(store) == [": typo"]
    assert kpitui("record", "mrr", "348000", "--on", "W47", "--note", "counted again").err == ""
    assert corrections(store) == [": counted again"]
    assert kpitui("record", "mrr", "1", "--on", "W47", "--if-rev", "2").code == 3


def test_a_stream_says_it_line_by_line_or_takes_one_reason_for_all(
    store: Store, kpitui: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("mrr\tW47\t346000\ndemos\tW47\t27\ndemos\tW46\t27\n"))
    done = kpitui("record", "-")
    assert done.out == "ok mrr 2026-W47 rev 2\nok demos 2026-W47 rev 2\nok demos 2026-W46 rev 1\n"
    assert done.err.count(STANDS) == 2
    monkeypatch.setattr(sys, "stdin", io.StringIO("mrr\tW47\t347000\ndemos\tW47\t28\n"))
    assert kpitui("record", "-", "--why", "the new ledger").err == ""
    assert corrections(store) == [": the new ledger", ": the new ledger"]


def test_at_a_terminal_it_is_asked_and_nothing_said_is_nothing_saved(
    store: Store, kpitui: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_terminal(monkeypatch, "\n")
    done = kpitui("record", "mrr", "346000", "--on", "W47")
    assert done.code == 1 and done.out == "" and "MRR stands in a signed weekly review: say why it changes" in done.err
    assert corrections(store) == []
    at_a_terminal(monkeypatch, "an invoice\x1b[31m came late\n")
    assert kpitui("record", "mrr", "346000", "--on", "W47").out == "ok mrr 2026-W47 rev 2\n"
    assert corrections(store) == [": an invoice came late"]


def test_an_import_counts_them_and_takes_a_reason(
    store: Store, kpitui: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "w.csv"

    def write(mrr: int) -> None:
        file.write_text(f"week,mrr,demos\n2026-W46,1,20\n2026-W47,{mrr},26\n")

    write(346000)
    shown = kpitui("import", file, "--dry-run")
    assert "1 changed value stands in a signed review: --why TEXT says why." in shown.err
    assert json.loads(kpitui("import", file, "--dry-run", "--json").out)["reviewed"] == 1
    done = kpitui("import", file)
    assert done.code == 0 and "1 changed value stands in a signed review, and was corrected without" in done.err
    assert corrections(store) == [", no reason given"]
    write(347000)
    assert "reason" not in kpitui("import", file, "--why", "late invoices").err
    assert corrections(store) == [": late invoices"]
    write(348000)
    monkeypatch.setattr(click, "confirm", lambda *_, **__: True)
    for typed, code in (("\n", 1), ("once more\n", 0)):
        at_a_terminal(monkeypatch, typed)
        assert kpitui("import", file).code == code
    assert corrections(store) == [": once more"]


def test_a_review_that_is_signed_between_preview_and_saving_asks_too(
    store: Store, kpitui: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kpitui.services import import_file

    file = tmp_path / "w.csv"
    file.write_text("week,mrr\n2026-W47,346000\n")
    signing.reopen(store, 1, "one more word")
    before = import_file.preview(store, str(file), TODAY)
    assert before.reviewed == 0
    signing.sign(store, 1, 8, TODAY)
    with pytest.raises(NeedsReason, match=r"^1 changed value stands in a signed review by now: say why\. NOT saved"):
        imports.save(store, before, ask_why=True)
    assert corrections(store) == []
    monkeypatch.setattr(imports, "preview", lambda *_: before)
    monkeypatch.setattr(click, "confirm", lambda *_, **__: True)
    at_a_terminal(monkeypatch, "\n")
    assert kpitui("import", file).code == 1 and corrections(store) == []
    at_a_terminal(monkeypatch, "signed meanwhile\n")
    assert kpitui("import", file).code == 0 and corrections(store) == [": signed meanwhile"]


def test_the_screens_ask_for_an_imports_reason(store: Store, tmp_path: Path) -> None:
    from kpitui.services import import_file

    (tmp_path / "w.csv").write_text("week,mrr\n2026-W47,346000\n")
    plan = import_file.preview(store, str(tmp_path / "w.csv"), TODAY)
    changed = "MRR 2026-W47: $345,000 to $346,000"
    assert import_file.question(plan) == f"w.csv: 1 changed, 1 in signed reviews. Changed: {changed}. Save?"
    with pytest.raises(NeedsReason, match="stands in a signed review: say why"):
        imports.save(store, plan, ask_why=True)
    assert corrections(store) == []
