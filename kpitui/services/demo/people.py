"""Who works in the made-up company."""

from __future__ import annotations

from typing import NamedTuple

HOST = "ops"


class Person(NamedTuple):
    """As `kpitui.identity.Who`."""

    uid: int
    name: str
    host: str


PEOPLE = {name: Person(1001 + at, name, HOST) for at, name in enumerate(("ana", "bo", "cy", "dee"))}
