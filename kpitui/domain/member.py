"""Who may do what in a workspace, and corrections asked for by those who may not make them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import MaxLen, MinLen

from kpitui.domain.model import Person, Strict

Role = Literal["reader", "contributor", "editor", "admin"]
State = Literal["open", "accepted", "declined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """The role of an account (`ana`) or of a group of the system (`@finance`)."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    account: Annotated[str, MinLen(1), MaxLen(64)]
    role: Role
    archived: bool = False
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A value that somebody asks for in place of the one that stands; its owner accepts or declines."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    metric_id: int
    start: int
    end: int
    seen: int
    """The revision that stood when it was asked for; 0: nothing."""
    value: float
    entered: str
    why: Annotated[str, MinLen(1), MaxLen(4000)]
    who: Person = ""
    day: int
    state: State = "open"
    answer: Annotated[str, MaxLen(4000)] = ""
    answered_by: Person = ""
    archived: bool = False
    rev: int = 0
