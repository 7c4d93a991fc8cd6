"""A stretch of a metric's life with natural limits of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import MaxLen, MinLen

from kpitui.domain.model import Person, Strict


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """From `start` until the next phase a metric is judged by limits of its own, drawn anew by a person's word.

    Without a `who` nobody drew a border: a review locked the limits that were there, to the values from `start` on.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    metric_id: int
    start: int
    locked: int | None = None
    """Only values before this day make the limits, and they stay as they are; None: all values of the phase."""
    why: Annotated[str, MinLen(1), MaxLen(4000)]
    who: Person = ""
    day: int
    """When it was said."""
    archived: bool = False
    rev: int = 0
