"""A person's word on a KPI in place of the worked out status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import MaxLen, MinLen

from kpitui.domain.model import Person, Strict

Said = Literal["on_track", "at_risk", "off_track"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A status that a person gave a KPI with a reason; it holds until the next value (as ServiceNow does it)."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    kpi_id: int
    status: Said
    why: Annotated[str, MinLen(1), MaxLen(4000)]
    seen: int
    """End of the last period that had a value then: a later one ends it."""
    day: int
    """When it was said."""
    who: Person = ""
    archived: bool = False
    rev: int = 0
