from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kpitui.charts.glyphs import SETS, UNICODE
from kpitui.charts.marks import Span, label_row, marks

SERIES = st.lists(st.none() | st.floats(), max_size=60)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
GLYPHS = st.sampled_from(list(SETS.values()))


@given(SERIES, st.integers(0, 90), st.integers(0, 12), GLYPHS, st.none() | st.floats(), st.booleans())
def test_it_is_as_large_as_asked(values, width, height, glyphs, target, labelled):
    labels = [f"W{place}" for place in range(len(values))] if labelled else []
    drawn = marks(values, width, height, glyphs, target=target, labels=labels)
    if width and height:
        assert len(drawn.lines) == height + bool(labels)
    assert {len(line) for line in drawn.lines} <= {width}
    assert len(drawn.spans) == len(values)


@given(SERIES, st.integers(1, 90), st.integers(1, 12), GLYPHS)
def test_every_value_that_fits_is_where_it_says(values, width, height, glyphs):
    drawn = marks(values, width, height, glyphs)
    for place, (value, span) in enumerate(zip(values, drawn.spans, strict=True)):
        if value is None or abs(value) == float("inf") or value != value:
            assert span is None
        elif place >= len(values) - width:
            assert span is not None
            cells = drawn.lines[span.row][span.start : span.end]
            assert cells and set(cells) <= {glyphs.low_mark, glyphs.high_mark}


@given(st.lists(FINITE, min_size=1, max_size=30), st.integers(1, 9))
def test_a_higher_value_never_stands_lower(values, height):
    drawn = marks(values, 90, height, UNICODE)
    levels = []
    for _, span in sorted(zip(values, drawn.spans, strict=True)):
        assert span is not None
        levels.append(-2 * span.row + (drawn.lines[span.row][span.start] == "▀"))
    assert levels == sorted(levels)


def test_six_weeks_as_the_review_draws_them():
    drawn = marks([31, 29, 28, 27, 25, 26], 23, 6, UNICODE, target=30, labels="W42 W43 W44 W45 W46 W47".split())
    assert drawn.lines == [
        "▀▀▀┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄",
        "    ▄▄▄                ",
        "        ▄▄▄            ",
        "            ▄▄▄        ",
        "                    ▄▄▄",
        "                ▄▄▄    ",
        "W42 W43 W44 W45 W46 W47",
    ]
    assert drawn.spans[0] == Span(0, 0, 3)


def test_a_target_beyond_all_values_is_still_seen():
    assert marks([1, 2, 3], 8, 4, UNICODE, target=100).lines[0] == "┄" * 8


def test_a_missing_value_is_a_dot_and_not_a_mark_at_the_bottom():
    drawn = marks([5, None, 6], 3, 2, UNICODE)
    assert drawn.lines == ["  ▀", "▄· "] and drawn.spans[1] is None


def test_more_values_than_cells_leaves_out_the_oldest():
    drawn = marks([9, 9, 1, 2], 2, 1, UNICODE)
    assert drawn.lines == ["▄▀"] and drawn.spans[:2] == [None, None]


@given(st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=20), st.integers(6, 80))
def test_labels_never_touch_and_the_last_is_there(labels, width):
    row = label_row([(place * 3, label) for place, label in enumerate(labels)], width)
    assert len(row) == width and labels[-1] in row
    rest = iter(labels)
    assert all(word in rest for word in row.split())
