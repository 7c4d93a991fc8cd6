"""What people enter to a calendar by hand: periods of their own, and days that are no working days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import MaxLen, MinLen

from kpitui.domain.model import Strict


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One period of the table that cuts the calendar (`period_table`)."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    name: Annotated[str, MinLen(1), MaxLen(32)]
    grain: Literal["month", "quarter", "year"] = "month"
    start: int
    end: int
    """The day after its last."""
    archived: bool = False
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """A day on which nobody works, for a pace that goes by working days."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    day: int
    name: Annotated[str, MaxLen(120)] = ""
    archived: bool = False
    rev: int = 0
