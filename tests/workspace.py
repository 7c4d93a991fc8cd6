"""A real workspace for a test, from text: the set-up as a model file, the numbers as lines.

    store = build(tmp_path, '[[metric]]\\nslug = "visits"', "visits 2026-W40 120 130 - 150")

A line of points is `slug period value value …` for consecutive periods. A value is written as in a file (`0.03` and
`3%` are the same in a percent metric); `-` is a period without a value, `x` "none" given on purpose, `12?` one outside
the entry check.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from zlib import crc32

from kpitui.domain.numbers import read_number
from kpitui.domain.periods import parse_label, shift
from kpitui.identity import Who
from kpitui.services import model_file
from kpitui.services.calendar import calendar_of
from kpitui.services.setup import create_workspace
from kpitui.storage import points as stored
from kpitui.storage import reading, settings
from kpitui.storage.store import Store
from tests.made_once import copied, kind

PEOPLE = {"ana": 1001, "bo": 1002, "cy": 1003, "dee": 1004}
NAME = "team.db"


def person(name: str) -> Who:
    return Who(PEOPLE.get(name, 2000 + crc32(name.encode()) % 1000), name, "host")


def clock(today: str, hour: int = 9, looks: int = 0) -> Callable[[], datetime]:
    """A clock that says `today`, 09:00 UTC, and goes on by a second at every look; `looks` were taken before."""
    start, ticks = datetime.fromisoformat(f"{today}T{hour:02d}:00:00").replace(tzinfo=UTC), count(looks)
    return lambda: start + timedelta(seconds=next(ticks))


def build(tmp_path: Path, model_toml: str = "", points: str = "", today: str = "2026-11-20", who: str = "ana") -> Store:
    """Makes `tmp_path/team.db` as `who` on the day `today`, with the set-up and the points applied; open, for writing.

    The same is made once in a run and copied. The caller may leave closing to the end of the process.
    """
    tmp_path.mkdir(0o700, exist_ok=True)

    def empty(path: Path) -> Store:
        def make(path: Path) -> int:
            ticking = clock(today)
            create_workspace(str(path), person(who), "test", ticking, name="Acme").close()
            return looks_at(ticking, today)

        return again(path, ("empty", today, who, *kind()), make)

    def filled(path: Path) -> int:
        with empty(path) as store:
            if model_toml.strip():
                model_file.apply(store, model_file.read(model_toml, "model.toml"))
            record(store, points)
            return looks_at(store.now, today)

    def again(path: Path, key: tuple[object, ...], make: Callable[[Path], int]) -> Store:
        now = clock(today, looks=int(copied(path, key, make)))
        return Store.open(str(path), who=person(who), via="test", now=now)

    path = tmp_path / NAME
    if not model_toml.strip() and not points.strip():
        return empty(path)
    return again(path, ("filled", model_toml, points, today, who, *kind()), filled)


def looks_at(now: Callable[[], datetime], today: str) -> int:
    """How often a `clock` was looked at before."""
    return int((now() - clock(today)()).total_seconds())


def join(store: Store, who: str, today: str = "2026-11-20", hour: int = 10) -> Store:
    """The same workspace opened by somebody else."""
    return Store.open(store.path, who=person(who), via="test", now=clock(today, hour))


def record(store: Store, points: str) -> None:
    """Saves lines of points, each line one transaction."""
    cal = calendar_of(settings.load(store))
    for line in points.strip().splitlines():
        if not line.strip() or line.strip().startswith("#"):
            continue
        slug, period, *values = line.split()
        metric = reading.metric(store, slug)
        assert metric is not None, f"no metric {slug}"
        grain, span = parse_label(period, cal)
        with store.write("record") as tx:
            for value in values:
                odd = len(value) > 1 and value.endswith("?")
                state, number = stored.VALUE, None
                if value == "x":
                    state = stored.NONE
                elif value != "-":
                    number = read_number(value.rstrip("?"), metric.unit, currency=metric.currency, file=True).value
                    assert number is not None, f"not a number: {value}"
                if value != "-":
                    stored.save(
                        tx,
                        metric.id,
                        slug,
                        span.start,
                        span.end,
                        value=number,
                        entered=value.rstrip("?"),
                        state=state,
                        odd=odd,
                    )
                span = shift(grain, span, 1, cal)
