"""A small file that would keep its reader for minutes is refused before it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.domain.problem import Problem
from kpitui.services import library
from kpitui.services.model_read import read
from kpitui.services.toml_depth import too_deep

DOTS = "a." * 20_000 + "a"


@pytest.mark.parametrize(
    "text", [f"[{DOTS}]", f"{DOTS} = 1", f"x = {{{DOTS} = 1}}", '"a" . ' * 99, '"x !".' * 99, "'\\'.a ." * 99]
)
def test_a_key_of_too_many_parts_is_not_read(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(text: str) -> object:
        raise AssertionError("it was read")

    monkeypatch.setattr("tomllib.loads", never)
    with pytest.raises(Problem, match=r"m\.toml is nested too deeply"):
        read(text, "m.toml")
    (tmp_path / "theirs.toml").write_text(f"[template]\n{text}\n")
    shelf = library.shelf([str(tmp_path)])
    assert shelf.templates == () and "theirs.toml" in shelf.problems[0] and "nested too deeply" in shelf.problems[0]


def test_what_people_write_is_not_deep() -> None:
    for text in (
        "a.b.c = 1",
        "x" * 100_000,
        "text = '" + ". " * 500 + "'",
        "e.g.\n" * 500,
        "1.5, " * 500,
        "..." * 500,
        '"\\' * 20_000,
    ):
        assert not too_deep(text)
