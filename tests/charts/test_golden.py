"""What every chart looks like. `WRITE_GOLDEN=write pytest tests/charts/test_golden.py` writes the files anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kpitui.charts.glyphs import SETS
from tests.charts import drawings

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("glyphs", SETS.values(), ids=SETS)
@pytest.mark.parametrize("kind", drawings.KINDS)
def test_looks_as_it_did(kind, glyphs):
    text = "\n".join(drawings.KINDS[kind](glyphs)) + "\n"
    golden = GOLDEN / f"{kind}-{glyphs.name}.txt"
    if os.environ.get("WRITE_GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
        pytest.fail(f"{golden.name} is written: look at it and run again")
    assert text.split("\n") == golden.read_text(encoding="utf-8").split("\n")


@pytest.mark.parametrize("kind", drawings.KINDS)
def test_the_ascii_set_needs_nothing_but_ascii(kind):
    assert "\n".join(drawings.KINDS[kind](SETS["ascii"])).isascii()


@pytest.mark.parametrize("kind", drawings.KINDS)
def test_no_colour_code_comes_out(kind):
    for glyphs in SETS.values():
        assert "\x1b" not in "\n".join(drawings.KINDS[kind](glyphs))
