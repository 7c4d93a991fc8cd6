"""The soak run: small parts of it, what it makes of their outcomes, and the disk that its power cuts work out."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from soak import cuts, document, formulas, fuzz, meeting
from soak.__main__ import Outcome, main, one, parts
from soak.cuts import Change
from soak.part import Form, Found, Mutant, Part, Skipped, folder, instead

TINY = Form(share=0.01)


def test_every_part_has_a_name_of_its_own_and_what_shows_that_it_notices() -> None:
    every = parts()
    assert len({part.name for part in every}) == len(every) > 12
    # Of two that need no mutant of their own, the protections are those of accounts and crowd.
    assert {part.name for part in every if not part.mutants} == {"permissions", "paced"}


@pytest.mark.parametrize(
    ("run", "part", "mutant"),
    [
        (lambda form: Found("5 times", []), True, False),
        (lambda form: Found("5 times", ["lost one"]), False, True),
        (lambda form: 1 / 0, False, True),
    ],
)
def test_a_part_keeps_its_promise_by_finding_nothing_and_a_mutant_by_being_found(run, part, mutant) -> None:  # type: ignore[no-untyped-def]
    assert one("a", "p", Part("a", "p", run), TINY).kept is part
    assert one("a", "p", Mutant("guard", run), TINY).kept is mutant


def test_what_cannot_be_tried_here_is_neither() -> None:
    def run(form: Form) -> Found:
        raise Skipped("needs root")

    outcome = one("a", "p", Part("a", "p", run), TINY)
    assert outcome.kept is None and outcome.note == "needs root"


def test_a_meeting_says_why_it_is_not_held_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    outcome = one("meeting", "p", meeting.PART, TINY)
    assert outcome.kept is None and outcome.note == "needs root, to become other accounts and to mount a small disk"


def test_a_word_that_is_none_starts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0 and "The parts: forgeries, " in capsys.readouterr().out
    assert main(["--ful", "kills"]) == 2 and "There is no option --ful: " in capsys.readouterr().err
    assert main(["kill"]) == 2 and "There is no part kill: " in capsys.readouterr().err


def test_without_a_word_every_part_is_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("soak.__main__.parts", lambda: [Part("a", "p", lambda form: Found("5 times", []))])
    assert main([]) == 0 and "1 kept, 0 broken, 0 not tried." in capsys.readouterr().out


def test_results_take_their_place_and_leave_the_others(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Before\n{document.BEGIN}\n{document.END}\nAfter\n")
    both = [Outcome("a", "kept well", True, "9 times", "", 1.0), Outcome("b", "lost", False, "2 times", "slow", 1.0)]
    document.write(str(page), both, Form())
    document.write(str(page), [Outcome("a", "kept well", None, "", "needs root", 1.0)], Form(full=True))
    text = page.read_text()
    assert text.startswith("Before\n") and text.endswith("\nAfter\n")
    rows = [line for line in text.splitlines() if line.startswith("| **")]
    assert len(rows) == 2
    (first,), (second,) = ([row for row in rows if f"**{name}**" in row] for name in "ab")
    assert "not tried | needs root | full, " in first and "**BROKEN** | 2 times; slow | quick, " in second
    # A short run does not stand for a long one that was kept; one that breaks does.
    long, short = (Outcome("c", "kept well", True, f"{count} times", "", 1.0) for count in (10_000, 5))
    document.write(str(page), [long], Form(full=True))
    document.write(str(page), [short], Form())
    assert "**c**: kept well | kept | 10000 times | full, " in page.read_text()
    document.write(str(page), [short._replace(kept=False)], Form())
    assert "**c**: kept well | **BROKEN** | 5 times | quick, " in page.read_text()
    document.write(str(page), [short], Form())
    assert "**c**: kept well | kept | 5 times | quick, " in page.read_text()
    page.write_text("no place")
    with pytest.raises(ValueError, match="no place for results"):
        document.write(str(page), both, Form())


def change(what: str, path: str, data: bytes = b"", offset: int = 0) -> Change:
    return Change(what, path, "", offset, data, len(data))


def laid_out(changes: list[Change]) -> set[tuple[tuple[str, bytes], ...]]:
    """Everything that may be on the disk."""
    seen = set()
    for seed in range(200):
        with folder() as place:
            cuts.lay_out(place, changes, random.Random(seed))
            seen.add(tuple(sorted((file.name, file.read_bytes()) for file in place.iterdir())))
    return seen


def test_what_was_synced_is_there_and_the_rest_in_any_way() -> None:
    sure = [change("c", "/a"), change("w", "/a", b"x" * 1024), change("s", "/a")]
    whole = (("a", b"x" * 1024),)
    assert laid_out(sure) == {whole}
    found = laid_out([*sure, change("w", "/a", b"y" * 1024)])
    assert whole in found and (("a", b"y" * 1024),) in found
    # Torn by sectors, and only by those.
    assert (("a", b"y" * 512 + b"x" * 512),) in found and (("a", b"x" * 512 + b"y" * 512),) in found
    assert len(found) == 4


def test_a_name_made_again_is_another_file() -> None:
    before = [change("c", "/j"), change("w", "/j", b"old"), change("s", "/j"), change("u", "/j")]
    found = laid_out([*before, change("c", "/j"), change("w", "/j", b"new")])
    # The removal may not have reached the disk; but never is something of the new file in the old one.
    assert (("j", b"old"),) in found and () in found and (("j", b"new"),) in found
    assert found <= {(("j", b"old"),), (), (("j", b"new"),), (("j", b""),)}


def test_small_parts_of_it_find_nothing_and_their_mutants_something() -> None:
    assert formulas.run(TINY).broken == []
    assert formulas.tried(["1/0", "2**0.5"], formulas.evaluated) == ["'1/0': ZeroDivisionError: division by zero"]
    broken: list[str] = []
    assert fuzz.lines(TINY, TINY.chance("fuzz"), broken) == 300 and broken == []
    from kpitui.domain import typed

    with instead(typed, "read_number", lambda *_, **__: 1 / 0):
        fuzz.lines(TINY, TINY.chance("fuzz"), broken)
    assert any("ZeroDivisionError" in text for text in broken)
