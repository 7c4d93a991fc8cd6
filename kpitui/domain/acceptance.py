"""What somebody confirmed about the data: a finding of the audit that is right as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import MaxLen, MinLen

from kpitui.domain.model import Person, Strict


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A finding of the data audit that is real; it is not reported again while the value stands."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    metric_id: int
    rule: Annotated[str, MinLen(1), MaxLen(32)]
    """An id of `domain/data_audit.py`."""
    start: int
    end: int
    value: float | None = None
    """What stood there; None where the finding is about no single value."""
    why: Annotated[str, MaxLen(4000)] = ""
    who: Person = ""
    day: int
    """When it was said."""
    archived: bool = False
    rev: int = 0
