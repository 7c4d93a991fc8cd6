"""Whatever is done later, every reading command says of an earlier day, byte for byte, what it said before."""

from __future__ import annotations

import io
import random
import re
import shlex
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kpitui import clock
from tests.conftest import Ran
from tests.services.acme import MODEL, POINTS
from tests.workspace import build

THEN = "2026-11-20"
ITEMS = ("mrr", "demos", "sales_per_call", "arr_2026")
READING = (
    *(
        f"{command} --json"
        for command in ("status", "due", "goals --past", "actions --all", "audit --accepted", "doctor")
    ),
    *(f"{command} --json" for command in ("restatements", "review list", "review show", "leading", "members", "close")),
    *(f"{command} --json" for command in ("proposals --all", "calendar", "log --limit 999", "report --period oct")),
    *(f"show {item} --json" for item in ITEMS),
    *(f"{command} mrr --json" for command in ("history", "signals", "forecast", "why", "whatif")),
    *(f"export {what}" for what in ("points", "metrics", "goals", "kpis", "actions", "reviews", "log")),
    *(f"--plain {screen}" for screen in ("home", "tree", "entry", "review", "log")),
    *("model export", "review minutes", "review show", "report --format md", "log --head", "log --verify"),
)
AS_THEN = f"--as-of {THEN}"
EARLIER = f"--as-of 2026-11-01 --as-known {THEN}"

DERIVED = '[[metric]]\nslug = "sales_per_call"\nkind = "flow"\ncadence = "week"\nformula = "demos * {}"\n'
KPI = '[[kpi]]\nmetric = "cac"\ngoal = "arr_2026"\nscope = "org"\ntarget_kind = "at_most"\ntarget = 380\nstate = "{}"\n'
DOINGS: tuple[tuple[str, str], ...] = (
    ("record mrr 500000 --on 2026-W46 --why typo", ""),
    ("record demos none --on 2026-W45", ""),
    ("record cac 300 --on 2026-W41", ""),
    ("undo", ""),
    ("redo", ""),
    ("import - --yes --why anew", "date,mrr,demos\n2026-10-05,1,2\n2026-10-12,3,4\n"),
    ("model apply -", '[[metric]]\nslug = "demos"\nname = "Shows"\ndirection = "down"\nowner = "dee"\ngood_low = 5\n'),
    ("model apply -", DERIVED.format(9)),
    ("model apply -", '[[target]]\nkpi = "mrr"\nfrom = 2026-11-01\nvalue = 999_000\nwhy = "moved"\n'),
    ("model apply -", '[[goal]]\nslug = "arr_2026"\ntitle = "Another"\ntarget = 9_000_000\ndeadline = 2027-06-30\n'),
    ("model apply -", KPI.format("live")),
    ("model apply -", '[[kpi]]\nmetric = "nrr"\ngoal = "arr_2026"\nscope = "org"\nstate = "retired"\n'),
    ("model apply - --yes", '[workspace]\ntime_zone = "Pacific/Auckland"\ncurrency = "EUR"\nname = "Renamed"\n'),
    ("calendar set --yes week_start=sunday fiscal_year_start=4", ""),
    ("review reopen W46 wrong", ""),
    ("review start --rhythm weekly", ""),
    ("review write decision Sold", ""),
    ("review sign --rating 3", ""),
    ("close 2026-Q2 --why books", ""),
    ("reopen sep --why late", ""),
    ("annotate mrr noted --on 2026-11-01", ""),
    ("actions done 1", ""),
    ("proposals decline 1 --why no", ""),
    ("members add dee reader", ""),
    ("signals mrr --lock", ""),
    ("goals roll-over arr_2026", ""),
)


class Clock:
    """The evening of the twentieth, which is the next day in some time zones; `step` later at every look."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moment, self.step = datetime(2026, 11, 20, 14, tzinfo=UTC), timedelta(minutes=1)
        self.set_today = lambda day: monkeypatch.setenv("KPITUI_TODAY", day)
        monkeypatch.setattr(clock, "now", self)

    def __call__(self) -> datetime:
        self.moment += self.step
        return self.moment


def stays(
    order: list[tuple[str, str]], path: Path, kpitui: Callable[..., Ran], patch: pytest.MonkeyPatch, every: int = 1
) -> None:
    """Every `every`th command before and after, and of an earlier day and after a restore still fewer."""
    time = Clock(patch)

    def run(words: str, given: str = "") -> Ran:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        return kpitui(*shlex.split(words))

    def seen(few: bool = False) -> dict[str, tuple[int, str]]:
        found, all_days = {}, [one for one in READING if "--verify" not in one and "--head" not in one]
        then = [f"{one} {AS_THEN}" for one in (READING[:: every * 3] if few else READING[::every])]
        for words in (*then, *(f"{one} {EARLIER}" for one in all_days[:: every * 3])):
            ran = run(words)
            assert ran.code in (0, 1) and "went wrong inside" not in ran.err, (words, ran.err)
            # When a report was made is of now.
            out = re.sub(r'"at": "[^"]*",\s*"by"|Made: .*', "", ran.out) if words.startswith("report") else ran.out
            found[words] = (ran.code, out)
        return found

    with build(path, MODEL + DERIVED.format(2), POINTS, today="2026-11-12") as store:
        patch.setenv("KPITUI_DB", store.path)
    time.set_today(THEN)
    before = (
        "review start --rhythm weekly", "review write note Kept", "review sign --rating 8", "close sep --why books",
        "actions add 'Call them @bo fri'", "propose mrr 344000 --on 2026-W45 --why seen", "members add bo editor",
    )  # fmt: skip
    for words in before:
        assert run(words).code == 0, words
    time.moment = datetime(2026, 11, 21, 9, tzinfo=UTC)
    time.set_today("2026-11-25")
    assert run(f"backup --to {path}").code == 0
    known = seen()
    assert sum(code for code, _ in known.values()) <= 4, [words for words, (code, _) in known.items() if code]
    time.step, done = timedelta(hours=3), 0
    for words, given in order:
        done += run(words, given).code == 0
    assert done >= len(order) // 2
    (file,) = path.glob("*-2026*.db")
    time.set_today("2027-01-15")
    for restored in (False, True):
        assert not restored or run(f"restore {file} --yes").code == 0
        for words, found in seen(few=restored).items():
            assert found == known[words], words


def test_no_command_that_saves_changes_what_was_known_then(
    tmp_path: Path, kpitui: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    stays(list(DOINGS), tmp_path, kpitui, monkeypatch, every=2)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
def test_nor_does_any_order_of_them(
    seed: int, tmp_path: Path, kpitui: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    stays(chance.choices(DOINGS, k=40), tmp_path, kpitui, monkeypatch)
