"""The demo's company for tests that only need one: made once in a run for each day, and copied."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from kpitui.domain.periods import to_day
from kpitui.services.demo import make, people
from kpitui.storage.store import Store
from tests.made_once import copied, kind

TODAY = to_day(date(2026, 11, 20))


def company(path: Path, today: int = TODAY) -> Store:
    """`demo.make(path, today)`, as it is left: open, at the time and in the name of the last who did something."""

    def written(kept: Path) -> str:
        with make(str(kept), today) as store:
            return f"{store.now().isoformat()} {store.who.name}"

    time, who = copied(path, ("company", today, *kind()), written).split()
    now = datetime.fromisoformat(time).astimezone(UTC)
    return Store.open(path, who=people.PEOPLE[who], via="cli", now=lambda: now)
