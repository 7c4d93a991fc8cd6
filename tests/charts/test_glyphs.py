from __future__ import annotations

import pytest
from rich.cells import cell_len

from kpitui.charts.glyphs import ASCII, BLOCKS, SETS, UNICODE, Glyphs, choose, colour, mark
from kpitui.domain.status import WORDS

STATUSES = [
    "on_track", "at_risk", "off_track", "achieved", "missed", "no_target", "no_data", "not_started", "stale", "paused",
    "draft",
]  # fmt: skip
WIDER = {"not_asked": 2, "due": 4}
WIDER_WITHOUT_UNICODE = {"enter": 3}
WIDER_IN_ASCII = {"alarm": 2, "up": 2, "flat": 2, "down": 2, "at_least": 2, "at_most": 2}
SEVERAL = {"name", "levels", "eighths", "folds", "plot_marker"}


@pytest.mark.parametrize("glyphs", SETS.values(), ids=SETS)
@pytest.mark.parametrize("field", [field for field in Glyphs._fields if field not in SEVERAL])
def test_every_sign_is_as_wide_as_it_says(glyphs, field):
    sign = getattr(glyphs, field)
    wanted = WIDER.get(field, 1)
    if glyphs is not UNICODE:
        wanted = WIDER_WITHOUT_UNICODE.get(field, wanted)
    if glyphs is ASCII:
        wanted = WIDER_IN_ASCII.get(field, wanted)
    if field in ("left_end", "right_end"):
        wanted = 1 if glyphs is ASCII else 0
    assert cell_len(sign) == len(sign) == wanted


@pytest.mark.parametrize("glyphs", SETS.values(), ids=SETS)
def test_the_parts_of_a_cell_are_one_cell_each(glyphs):
    for sign in glyphs.levels + glyphs.eighths + glyphs.folds:
        assert cell_len(sign) == 1
    assert len(set(glyphs.levels)) == len(glyphs.levels)


def test_ascii_is_ascii():
    assert all(sign.isascii() for sign in ASCII)


def test_blocks_keep_off_braille_and_dingbats():
    text = "".join(sign for field, sign in zip(BLOCKS._fields, BLOCKS, strict=True) if field != "plot_marker")
    assert not [sign for sign in text if 0x2700 <= ord(sign) <= 0x28FF]


@pytest.mark.parametrize("glyphs", SETS.values(), ids=SETS)
def test_shapes_alone_tell_the_states_apart(glyphs):
    signs = [glyphs.on, glyphs.watch, glyphs.off, glyphs.none, glyphs.stale, glyphs.paused, glyphs.draft]
    assert len(set(signs)) == len(signs)


def test_the_words_of_every_status_have_a_mark_and_a_colour():
    assert {word: mark(word, UNICODE) for word in STATUSES} == {
        "on_track": "●", "achieved": "●", "at_risk": "◆", "off_track": "✗", "missed": "✗", "no_target": "○",
        "no_data": "○", "not_started": "○", "stale": "◌", "paused": "‖", "draft": "□",
    }  # fmt: skip
    assert "".join(mark(word, ASCII) for word in ("on_track", "at_risk", "off_track", "no_data", "stale")) == "+~!.?"
    assert [colour(word) for word in ("achieved", "at_risk", "missed", "draft")] == [
        "kpi-on", "kpi-watch", "kpi-off", "kpi-none",
    ]  # fmt: skip


def test_the_marks_cover_the_status_words_of_the_domain():
    assert sorted(STATUSES) == sorted(WORDS)


def test_a_word_that_is_no_status_is_refused():
    with pytest.raises(ValueError, match="'green' is no status"):
        mark("green", UNICODE)


@pytest.mark.parametrize(
    ("env", "setting", "wanted"),
    [
        ({"LANG": "en_GB.UTF-8", "TERM": "xterm-256color"}, None, UNICODE),
        ({"LANG": "de_AT.utf8"}, "auto", UNICODE),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "C"}, None, ASCII),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, None, UNICODE),
        ({"LC_ALL": "", "LANG": "en_GB.UTF-8"}, "", UNICODE),
        ({"LANG": "en_GB.ISO-8859-1"}, None, ASCII),
        ({}, None, ASCII),
        ({"LANG": "en_GB.UTF-8", "TERM": "linux"}, None, ASCII),
        ({"LANG": "en_GB.UTF-8", "TERM": "vt220"}, None, ASCII),
        ({"TERM": "vt220"}, "unicode", UNICODE),
        ({"LANG": "en_GB.UTF-8"}, "blocks", BLOCKS),
        ({"LANG": "en_GB.UTF-8"}, "ascii", ASCII),
        ({"WT_SESSION": "1"}, None, UNICODE),
    ],
)
def test_the_terminal_decides_unless_somebody_set_it(env, setting, wanted):
    assert choose(env, setting) is wanted


def test_an_unknown_set_is_refused_with_the_ones_there_are():
    with pytest.raises(ValueError, match="'emoji' is no glyph set; write one of auto, unicode, blocks, ascii"):
        choose({}, "emoji")
