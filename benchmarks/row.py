"""One line of the table that `make bench` prints."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """What was measured and how much of it is promised at most, both in `unit`."""

    what: str
    value: float
    bound: float
    unit: str
    detail: str = ""
    """The figures behind the value, for people."""

    @property
    def ok(self) -> bool:
        return self.value <= self.bound
