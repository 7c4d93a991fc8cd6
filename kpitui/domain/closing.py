"""A span of days whose values are closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import MaxLen, MinLen

from kpitui.domain.model import Person, Strict


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """From its day on, a value that has a day in `[start, end)` is only changed with a reason, and the change is shown
    as a restatement."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    start: int
    end: int
    why: Annotated[str, MinLen(1), MaxLen(4000)]
    who: Person = ""
    day: int
    """When it was closed."""
    archived: bool = False
    """Opened again."""
    rev: int = 0
