from __future__ import annotations

import itertools
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitui.charts.glyphs import ASCII, SETS, UNICODE
from kpitui.charts.plot import Reference, chart, ruler_for

SERIES = st.lists(st.none() | st.floats(), max_size=40)
LEGIBLE = st.floats(-1e300, 1e300).filter(lambda value: value == 0 or abs(value) > 1e-290)
GLYPHS = st.sampled_from(list(SETS.values()))
WEEKS = [f"W{week}" for week in range(22, 48)]
DEMOS = [29, 28, 33, 29, 31, 33, 29, 28, 30, 33, 31, 29, 32, 29, 28, 30, 29, 31, 33, 30, 31, 29, 28, 27, 25, 26]
REFERENCES = [
    Reference("limit", 35.3, "upper 35.3"),
    Reference("centre", 30.3, "mean 30.3"),
    Reference("target", 30, "target 30"),
    Reference("limit", 25.3, "lower 25.3"),
]


@settings(deadline=None, max_examples=60)
@given(SERIES, st.integers(2, 90), st.integers(1, 20), GLYPHS, st.booleans(), st.none() | st.floats())
def test_it_is_as_large_as_asked_and_knows_where_every_value_is(values, width, height, glyphs, labelled, target):
    references = [] if target is None else [Reference("target", target, "t"), Reference("limit", [target], "l")]
    x_labels = [f"W{place}" for place in range(len(values))] if labelled else []
    drawn = chart(values, width, height, glyphs, references=references, x_labels=x_labels)
    assert {len(line) for line in drawn.lines} == {width}
    assert len(drawn.lines) == height or height <= bool(x_labels)
    for value, place in zip(values, drawn.places, strict=True):
        if value is None or value != value or abs(value) == float("inf") or height < 2 + bool(x_labels):
            assert place is None
        else:
            assert place is not None
            row, column = place
            assert drawn.lines[row][column] not in " " + glyphs.vertical
    rows = [label.row for label in drawn.labels]
    assert rows == sorted(set(rows)) and all(0 <= row < height for row in rows)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40), GLYPHS)
def test_a_higher_value_never_stands_lower_and_the_last_is_at_the_right_end(values, glyphs):
    drawn = chart(values, 60, 12, glyphs)
    rows = [place[0] for _, place in sorted(zip(values, drawn.places, strict=True)) if place]
    assert rows == sorted(rows, reverse=True)
    assert drawn.places[-1] is not None and drawn.places[-1][1] == 60 - 2


def test_labels_stand_beside_their_lines_and_make_room():
    drawn = chart(DEMOS, 60, 13, UNICODE, references=REFERENCES, x_labels=WEEKS)
    said = {label.text: label.row for label in drawn.labels}
    assert list(said) == ["upper 35.3", "mean 30.3", "target 30", "lower 25.3"]
    assert "┈" in drawn.lines[said["upper 35.3"]] and "┈" in drawn.lines[said["lower 25.3"]]
    assert "─" in drawn.lines[said["target 30"]][5:-1]
    assert said["mean 30.3"] == said["target 30"] - 1


def test_labels_crowded_at_the_bottom_move_up():
    references = [Reference("limit", 1.0 + place / 1000, f"line {place}") for place in range(4)]
    drawn = chart([1.0, 50.0], 40, 8, UNICODE, references=references)
    assert [label.text for label in drawn.labels] == ["line 3", "line 2", "line 1", "line 0"]
    assert drawn.labels[-1].row == 6


def test_a_target_steps_with_its_dates():
    drawn = chart([29.0] * 26, 60, 13, UNICODE, references=[Reference("target", [34.0] * 13 + [24.0] * 13, "24")])
    left, right = [piece.span for piece in drawn.pieces if piece.kind == "target"]
    assert left.row < right.row and left.start == drawn.lines[0].index("┌") + 1
    assert right.end == 59 and -1 <= right.start - left.end <= 0
    assert drawn.labels[0].row == right.row


def test_the_pieces_tell_what_to_colour():
    drawn = chart(DEMOS, 60, 13, UNICODE, references=REFERENCES)
    assert {piece.kind for piece in drawn.pieces} == {"series", "target", "limit"}
    for (row, start, end), kind in drawn.pieces:
        cells = set(drawn.lines[row][start:end])
        assert cells == {"─"} if kind == "target" else cells == {"┈"} if kind == "limit" else not cells & set(" ─┈│")


def test_a_note_is_marked_on_the_time_axis_and_told_with_its_place():
    drawn = chart(DEMOS, 60, 13, UNICODE, x_labels=WEEKS, notes=[(21, "SDR left"), (99, "out of sight")])
    (note,) = drawn.notes
    assert (note.at, note.text) == (21, "SDR left")
    assert drawn.lines[-2][note.column] == "¶" and drawn.places[21] == (note.row, note.column)


def test_a_gap_is_a_gap():
    values: list[float | None] = [10.0] * 10 + [None] * 20 + [10.0] * 10
    drawn = chart(values, 60, 9, UNICODE)
    series = [piece.span for piece in drawn.pieces]
    assert len(series) == 2 and series[1].start - series[0].end > 20


def test_one_value_between_two_gaps_is_a_dot():
    drawn = chart([1.0, None, 5.0, None, 1.0], 30, 9, ASCII)
    assert sum(line.count("*") for line in drawn.lines) == 3


def test_without_a_value_there_is_no_number_to_read():
    for values in ([], [None, None]):
        drawn = chart(values, 26, 8, UNICODE)
        assert not any(sign.isdigit() for line in drawn.lines for sign in line)
        assert drawn.pieces == []


def test_a_series_above_zero_has_no_ruler_below_zero():
    assert "-" not in "".join(chart([0.1, 0.2, 8.0], 40, 12, UNICODE).lines)


def test_the_numbers_of_the_ruler_are_written_as_asked():
    drawn = chart([2.9e6, 3.1e6], 40, 9, UNICODE, fmt=lambda value: f"${value / 1e6:.1f}M")
    assert any(line.startswith("$3.0M┤") for line in drawn.lines)


@given(LEGIBLE, LEGIBLE, st.integers(3, 30))
def test_the_ruler_holds_the_values_and_its_ticks_are_even(one, other, rows):
    low, high = sorted((one, other))
    bottom, top, ticks = ruler_for(low, high, rows)
    slack = 1e-9 * (top / 2 - bottom / 2)
    assert bottom - slack <= low and high <= top + slack
    assert 1 <= len(ticks) <= 8
    assert all(bottom - slack <= tick <= top + slack for tick in ticks)
    assert low < 0 or bottom >= 0
    places = [round((tick / 2 - bottom / 2) / (top / 2 - bottom / 2) * (rows - 1), 6) for tick in ticks]
    assert all(place == round(place) for place in places)
    assert len({after - before for before, after in itertools.pairwise(places)}) <= 1


def test_the_ruler_of_the_design():
    assert ruler_for(25, 35.3, 10)[2] == [25, 30, 35]
    assert ruler_for(0, 1, 10)[2] == [0, 0.5, 1, 1.5]
    assert ruler_for(30, 30, 9)[2] == [28, 29, 30, 31, 32]


def test_counts_get_whole_numbers():
    assert ruler_for(0, 2, 10, least=1)[2] == [0, 1, 2, 3]


def test_a_chart_leaves_nothing_for_the_next_one():
    first = chart(DEMOS, 60, 13, UNICODE, references=REFERENCES)
    chart([1.0, 2.0], 30, 8, ASCII)
    assert chart(DEMOS, 60, 13, UNICODE, references=REFERENCES) == first


SHORT = """
import sys
from kpitui.charts import glyphs, plot
assert "plotext" not in sys.modules
{before}
print("\\n".join(plot.chart([1.0, 3.0, 2.0], 30, 8, glyphs.UNICODE).lines))
"""
LONG = "import plotext; assert plotext.doc is not None"
BROKEN = """
import types
real = types.ModuleType
class Broken(real):
    def __getattr__(self, name):
        raise RuntimeError(name)
plot.types = types.SimpleNamespace(ModuleType=Broken)
plot.setattr = lambda *_: None
"""


def _fresh(before: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SHORT.format(before=before)],
        capture_output=True, encoding="utf-8", env={"PYTHONPATH": ":".join(sys.path), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_plotext_loads_late_and_draws_the_same_with_and_without_its_documentation():
    wanted = "\n".join(chart([1.0, 3.0, 2.0], 30, 8, UNICODE).lines) + "\n"
    assert _fresh("") == wanted
    assert _fresh(LONG) == wanted


def test_a_plotext_that_needs_its_documentation_is_loaded_whole():
    assert _fresh(BROKEN) == "\n".join(chart([1.0, 3.0, 2.0], 30, 8, UNICODE).lines) + "\n"


@pytest.mark.parametrize("name", ["rich", "textual", "pydantic", "plotext"])
def test_the_modules_of_a_list_are_light(name):
    code = f"import sys; from kpitui.charts import sparkline, bullet, marks, glyphs; assert {name!r} not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})
