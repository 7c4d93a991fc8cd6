from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kpitui.charts.thinning import thin

SERIES = st.lists(st.none() | st.floats(-1e6, 1e6), max_size=1500)


@given(SERIES)
def test_few_values_are_left_alone_and_split_at_gaps(values):
    shown = values[:300]
    stretches = thin(shown)
    assert [point for stretch in stretches for point in stretch] == [
        (index, value) for index, value in enumerate(shown) if value is not None
    ]
    for stretch in stretches:
        indexes = [index for index, _ in stretch]
        assert indexes == list(range(indexes[0], indexes[-1] + 1))


@given(st.integers(301, 5000), st.integers(0, 4999), st.sampled_from([-1.0, 1.0]))
def test_a_single_spike_or_dip_survives(count, at, height):
    values: list[float | None] = [0.0] * count
    values[at % count] = height
    points = [point for stretch in thin(values) for point in stretch]
    assert (at % count, height) in points
    assert len(points) <= 304 and points[0][0] == 0 and points[-1][0] == count - 1


def test_a_long_gap_stays_a_gap():
    values: list[float | None] = [*map(float, range(1000)), *[None] * 500, *map(float, range(1000))]
    stretches = thin(values)
    assert len(stretches) == 2
    assert stretches[0][-1][0] <= 999 and stretches[1][0][0] >= 1500


@given(SERIES)
def test_points_come_in_order_and_are_values(values):
    points = [point for stretch in thin(values, 50) for point in stretch]
    assert points == sorted(set(points), key=lambda point: point[0])
    assert all(values[index] == value for index, value in points)
