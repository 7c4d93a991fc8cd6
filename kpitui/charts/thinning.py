"""Fewer points for a line that has more of them than the screen has dots, without losing a spike or a dip."""

from __future__ import annotations

from collections.abc import Sequence

Point = tuple[int, float]

MOST = 300


def thin(values: Sequence[float | None], most: int = MOST) -> list[list[Point]]:
    """The values as unbroken stretches of (index, value), at most about `most` points in all.

    Up to `most` values nothing is left out. Above, the least and the greatest of each of most / 2 equal spans of time
    are kept, with the first and the last value. A missing value ends a stretch, unless both its neighbours were
    left out of the same span.
    """
    bucket = 1 if len(values) <= most else -(-len(values) * 2 // most)
    stretches: list[list[Point]] = []
    current: list[Point] = []
    for start in range(0, len(values), bucket):
        span = range(start, min(start + bucket, len(values)))
        known = [(index, value) for index in span if (value := values[index]) is not None]
        if not known:
            current = []
            continue
        # Inside a span a gap is narrower than a dot; one that reaches over its edge is seen.
        if values[span[0]] is None or not current:
            current = []
            stretches.append(current)
        keep = {min(known, key=lambda point: point[1]), max(known, key=lambda point: point[1])}
        keep |= {point for point in known if point[0] in (0, len(values) - 1)}
        current += sorted(keep)
        if values[span[-1]] is None:
            current = []
    return stretches
