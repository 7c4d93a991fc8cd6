"""Cells, import files and model files made of rubbish: a value or a sentence, and of a file all of it or nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import get_args

from kpitui.domain.model import Unit
from kpitui.domain.problem import Problem
from kpitui.errors import KpituiError
from kpitui.storage.store import Store
from soak import workspace
from soak.part import Form, Found, Mutant, Part, folder, instead

TOLD = (Problem, KpituiError)
UNITS = get_args(Unit)
PIECES = (
    *"0123456789+-−=.,;:'’_ /()%$€*^\"#@!|\t\n\r\0",
    *(
        "1e999",
        "1e308",
        "-0",
        "nan",
        "inf",
        "9" * 400,
        "0x10",
        "12½",
        "٣",
        "１２",
        "\u202e",
        "\x1b[2J",
        "\ufeff",
        "\u2009",
    ),
    *(
        "none",
        "x",
        "k",
        "bn",
        "USD",
        "CHF",
        "%",
        "12:30",
        "1h",
        "3/4",
        "1/0",
        "=1+1",
        "=9**9**9",
        "=(",
        "+=5",
        "-5",
        "5%",
    ),
    *(
        "2026-11-20",
        "20.11.2026",
        "11/20/26",
        "2026-W47",
        "Q3 2026",
        "yesterday",
        "last friday",
        "9999-12-31",
        "0000-00-00",
    ),
    *(
        "visits",
        "m1",
        "@ana",
        "by",
        "from",
        "to",
        "until",
        "every",
        "week",
        "reach",
        "at least",
        "[b]",
        "[/x]",
        "\ud800",
        "é",
    ),
)
HEADERS = (
    "date",
    "Date",
    "period",
    "week",
    "metric",
    "value",
    "visits",
    "m1",
    "m2",
    "note",
    "",
    "\ufeffdate",
    "=x",
    "date",
    "m1",
)
MODEL_LINES = """[[metric]] | [[kpi]] | [[goal]] | [[scope]] | [[target]] | [workspace] | [metric] | [[ | ]]
# | \\ | ' | \"\"\" | slug = "m1" | slug = "new" | slug = "" | name = "N" | name = 3 | metric = "m1" | metric = "none"
goal = "grow" | kind = "flow" | kind = "?" | cadence = "week" | formula = "m1 / m2" | formula = "new" | numerator = "m1"
denominator = "m1" | baseline = 1e400 | baseline = nan | target = -1 | start = 2026-01-01 | deadline = 2025-01-01
deadline = 9999-12-31 | feeds = ["m1", "m1"] | feeds = ["new"] | feeds = 1 | x = {} | main = true | parent = "grow"
scope = "org" | title = "\\u001b[2J" | owner = "=1+1" | week_start = "sunday" | fiscal_year_start = 13 | decimals = 99
time_zone = "Mars/X" | currency = "EUR" | slug = [[[]]] | \0"""
MODEL_PIECES = [f"{piece.strip()}\n" for line in MODEL_LINES.splitlines() for piece in line.split(" | ")]


def text(chance: random.Random, most: int) -> str:
    if chance.random() < 0.05:
        return "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(most)))
    return "".join(chance.choice(PIECES) for _ in range(chance.randrange(most)))


def attempt(broken: list[str], what: str, given: object, work: Callable[[], object]) -> object:
    """What `work` gives, or None when it says in a sentence what is wrong; anything else is a finding."""
    try:
        return work()
    except TOLD as error:
        if not str(error).strip():
            broken.append(f"{what}: refused without a word: {given!r}")
    except Exception as error:
        broken.append(f"{what}: {type(error).__name__}: {error}: {ascii(given)[:200]}")
    return None


def readers() -> list[tuple[str, Callable[[str, random.Random], object]]]:
    """Everything that reads one line typed by a person, by name."""
    from kpitui.domain import day_words, line_action, line_filter, line_goal, line_metric, line_rate, period_words
    from kpitui.domain.day_words import ISO
    from kpitui.domain.numbers import read_number
    from kpitui.domain.typed import read_typed

    today = date(2026, 11, 20)
    return [
        ("cell", lambda t, c: read_typed(t, unit=c.choice(UNITS), decimal=c.choice(".,"), last=c.choice((None, 5.0)))),
        ("number in a file", lambda t, c: read_number(t, c.choice(UNITS), decimal=c.choice(".,"), file=True)),
        ("date", lambda t, c: day_words.read_date(t, today)),
        ("period", lambda t, c: period_words.read_period(t, ISO, today, c.choice(("day", "week", "month", "year")))),
        ("period in a file", lambda t, c: period_words.read_period_cell(t)),
        ("filter", lambda t, c: line_filter.read_filter(t)),
        ("action", lambda t, c: line_action.read_action(t, today)),
        ("goal", lambda t, c: line_goal.read_goal(t, today)),
        ("metric", lambda t, c: line_metric.read_metric(t, today)),
        ("rate", lambda t, c: line_rate.read_rate(t, today)),
    ]  # fmt: skip


def lines(form: Form, chance: random.Random, broken: list[str]) -> int:
    tried = form.amount(30_000, 90_000)
    every = readers()
    for number in range(tried):
        name, read = every[number % len(every)]
        given = text(chance, 8)
        attempt(broken, name, given, partial(read, given, chance))
    return tried


def table(chance: random.Random) -> bytes:
    """Rubbish in the shape of a table, more or less."""
    mark = chance.choice((",", ";", "\t", "|", ","))
    columns = chance.randrange(1, 6)
    tidy = chance.random() < 0.4
    rows = [["date", "visits", "m1", "m2", "m3", "m4"][:columns] if tidy else chance.choices(HEADERS, k=columns)]
    for number in range(chance.randrange(12)):
        cells = [text(chance, 5) for _ in range(columns if chance.random() < 0.9 else chance.randrange(9))]
        if chance.random() < 0.8 and cells:
            cells[0] = workspace.iso(number)
        for at in range(1, len(cells)):
            if chance.random() < (0.98 if tidy else 0.6):
                cells[at] = str(chance.randrange(1000))
        rows.append(cells)
    whole = chance.choice(("\n", "\r\n", "\r", "\n")).join(mark.join(row) for row in rows)
    raw = whole.encode(chance.choice(("utf-8", "utf-8-sig", "utf-16", "latin-1", "utf-8")), "replace")
    if chance.random() < 0.2:
        raw = raw[: chance.randrange(len(raw) + 1)] + chance.randbytes(chance.randrange(20))
    return raw


def model(chance: random.Random) -> str:
    if chance.random() < 0.5:
        return spoiled(workspace.MODEL.format(more=workspace.METRIC.format(number=1)), chance)
    return "".join(chance.choice(MODEL_PIECES) for _ in range(chance.randrange(1, 16)))


def spoiled(whole: str, chance: random.Random) -> str:
    """A sound model file with a few lines changed, doubled, exchanged or taken out."""
    rows = whole.splitlines(keepends=True)
    for _ in range(chance.randrange(4)):
        at, other = chance.randrange(len(rows)), chance.randrange(len(rows))
        match chance.randrange(4):
            case 0:
                rows[at] = chance.choice(MODEL_PIECES)
            case 1:
                rows.insert(at, chance.choice(MODEL_PIECES))
            case 2:
                rows[at], rows[other] = rows[other], rows[at]
            case _:
                rows[at] = rows[at].replace("=", "= " + text(chance, 3))
    return "".join(rows)


def files(form: Form, chance: random.Random, broken: list[str], place: Path) -> tuple[int, int]:
    """Imports and models of rubbish, one after the other into one workspace; how many were tried and how many saved."""
    from kpitui.connectors.base import open_table
    from kpitui.services import imports, model_file, model_read

    path, saved = place / "a.db", 0
    tried = form.amount(4000, 12_000)
    csv, json = place / "given.csv", place / "given.json"
    with workspace.made(path) as store:
        for number in range(tried):
            before = standing(store)
            if number % 2:
                raw = table(chance)
                given: bytes | str = raw
                file = json if chance.random() < 0.1 else csv
                file.write_bytes(raw)
                wanted = imports.Wanted(create=chance.random() < 0.3, decimal=chance.choice(".,"))

                def work(file: Path = file, wanted: imports.Wanted = wanted) -> object:
                    with open_table(str(file)) as read:
                        return imports.save(store, imports.preview(store, read, wanted, workspace.TODAY))

            else:
                given = model(chance)

                def work(given: str = given) -> object:  # type: ignore[misc]
                    raw = given.encode("utf-8", "surrogatepass")
                    read = model_read.read(model_read.text_of(raw, "given.toml"), "given.toml")
                    return model_file.apply(store, read)

            done = attempt(broken, "import" if number % 2 else "model", given, work)
            after = standing(store)
            saved += done is not None and before != after
            broken += half_saved(before, after, done is not None, given)
            if len(broken) > 20:
                break
        store.close()
    broken += workspace.wrong(path)
    return tried, saved


def standing(store: Store) -> tuple[int, ...]:
    tables = ("txn", "change", "point", "point_history", "metric", "goal", "kpi", "scope", "setting", "open_txn")
    return store.row("SELECT " + ", ".join(f"(SELECT count(*) FROM {name})" for name in tables)) or ()


def half_saved(before: tuple[int, ...], after: tuple[int, ...], done: bool, given: object) -> Iterator[str]:
    if not done and before != after:
        yield f"refused, and yet something was saved: {ascii(given)[:200]}"
    elif after[0] - before[0] > 1:
        yield f"saved in {after[0] - before[0]} actions: {ascii(given)[:200]}"


def run(form: Form) -> Found:
    chance, broken = form.chance("fuzz"), list[str]()
    read = lines(form, chance, broken)
    with folder() as place:
        tried, saved = files(form, chance, broken, place)
    return Found(
        f"{read:,} cells and lines, {tried:,} import and model files", broken, f"{saved:,} of the files were saved"
    )


def without_one_transaction(form: Form) -> Found:
    """An import saves what it can, cell by cell, and is refused afterwards."""
    from kpitui.services import imports
    from kpitui.services.import_plan import NewMetric
    from kpitui.storage import points

    whole = imports.save

    def piecewise(store: Store, plan: imports.Plan, why: str = "") -> object:
        for batch in plan.batches:
            if not isinstance(batch.metric, NewMetric):
                with store.write("import") as tx:
                    points.save_many(tx, batch.rows(batch.metric.id))
                    tx.note("import", "point", None, "given", None, {})
        return whole(store, plan, why)

    with instead(imports, "save", piecewise):
        return run(form)


PART = Part(
    "fuzz",
    "CSV, model file and cell fuzz: tracebacks, partial imports: 0 in 100,000",
    run,
    (Mutant("one transaction for an import", without_one_transaction),),
)
