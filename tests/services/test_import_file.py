"""A file as a screen asks for it: one line with a path and options, and one line before it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.figure_style import FigureStyle, style, use
from kpitui.domain.periods import to_day
from kpitui.errors import NotFound, Refused, WrongUsage
from kpitui.services import import_file, imports
from tests.workspace import build

TODAY = to_day(date(2026, 11, 20))


def test_a_path_alone_with_blanks_and_with_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ana")
    assert import_file.read_line("~/my sales.csv").path == "/home/ana/my sales.csv"
    path, wanted, sheet = import_file.read_line(
        'a.xlsx --dates=dmy --decimal , --cadence week --map "Day=date,Net sales=sales" --sheet "Sheet 2" --scope org'
    )
    assert (path, sheet) == ("a.xlsx", "Sheet 2")
    assert wanted == ({"Day": "date", "Net sales": "sales"}, "dmy", ",", "week", True, "org", False)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a.csv --dates", "--dates needs dmy or mdy or ymd behind it."),
        ("a.csv --dates dym", "--dates needs dmy or mdy or ymd behind it."),
        ("a.csv --sheet", "--sheet needs a text behind it."),
        ("a.csv --force yes", "There is no --force here: there are --dates, --decimal, --cadence, --map"),
        ('a.csv --sheet "x', "A quotation mark is never closed"),
        ("a.csv --map x", "“x” in --map is not COLUMN=ROLE"),
    ],
)
def test_options_that_are_none(line: str, said: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        import_file.read_line(line)
    assert str(caught.value).startswith(said)


def test_what_is_asked_and_refused(tmp_path: Path) -> None:
    store = build(tmp_path, '[[metric]]\nslug = "visits"\nname = "Visits"\ncadence = "day"\n', "visits 2026-11-01 5 6")
    path = tmp_path / "week.csv"
    path.write_text("Date;Visits;Calls\n2026-11-01;5;1\n2026-11-02;7;\n2026-11-03;8;\n")
    plan = import_file.preview(store, str(path), TODAY)
    said = "week.csv: 2 new, 1 changed, 1 the same, makes 1 metric. Changed: Visits 2026-11-02: 6 to 7. Save?"
    assert import_file.question(plan) == said
    path.write_text("Date;Visits\n2026-11-01;five\n2026-11-02;six\n")
    plan = import_file.preview(store, str(path), TODAY)
    assert import_file.refusal(plan) == (
        "line 2, Visits: Not a number: five. Type it like 1234.5 or 1.2k (1 more like it). Nothing was saved."
    )
    path.write_text("Date;Visits\n2026-11-01;6,5\n")
    plan = import_file.preview(store, str(path), TODAY)
    assert import_file.refusal(plan).endswith("“6,5” looks like decimals after a “,”: say --decimal , if they are.")
    with pytest.raises(NotFound):
        import_file.preview(store, str(tmp_path / "none.csv"), TODAY)


def test_paths_are_completed(tmp_path: Path) -> None:
    for name in ("sales.csv", "sales.pdf", ".hidden.csv"):
        (tmp_path / name).write_text("x")
    (tmp_path / "sales 2025").mkdir()
    assert import_file.offers(f"{tmp_path}/sal") == [f"{tmp_path}/sales 2025/", f"{tmp_path}/sales.csv"]
    assert import_file.offers(f"{tmp_path}/.h") == [f"{tmp_path}/.hidden.csv"]
    assert import_file.offers(f"{tmp_path}/none/x") == []
    assert import_file.offers("a\0b/") == []


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("1,5", "2.500", "1.234,5"), [1.5, 2500, 1234.5]),
        (("1.234", "2.345.678"), [1234, 2345678]),
        (("0.125", "1.234"), [0.125, 1.234]),  # written by a machine: no comma would stand there
        (("7", "8"), [7, 8]),
    ],
)
def test_the_decimal_sign_of_the_person_is_the_first_guess(
    tmp_path: Path, cells: tuple[str, ...], values: list[float]
) -> None:
    plan = previewed(tmp_path, cells)
    assert not plan.refused.count and list(plan.batches[0].values) == values


@pytest.mark.parametrize(("cell", "said"), [("1.234", "--decimal , if it is 1234, --decimal . if"), ("1,234", "1,234")])
def test_a_file_whose_numbers_have_two_readings_is_refused(tmp_path: Path, cell: str, said: str) -> None:
    with pytest.raises(Refused, match="has two readings") as caught:
        previewed(tmp_path, (cell, "17"))
    assert said in str(caught.value)
    assert previewed(tmp_path, (cell, "17"), " --decimal .").counts.new == 2


def test_a_file_with_both_signs_is_refused_and_json_has_points(tmp_path: Path) -> None:
    assert previewed(tmp_path, ("1,5", "1.5")).refused.count == 1
    (tmp_path / "a.json").write_text('[{"Date": "2026-11-01", "Sales": 1.234}]')
    with figures(","):
        plan = import_file.preview(build(tmp_path), str(tmp_path / "a.json"), TODAY)
    assert list(plan.batches[0].values) == [1.234]


@contextmanager
def figures(decimal: str) -> Iterator[None]:
    before = style()
    use(FigureStyle(decimal))
    try:
        yield
    finally:
        use(before)


def previewed(tmp_path: Path, cells: tuple[str, ...], options: str = "") -> imports.Plan:
    rows = "".join(f"2026-11-{day:02};{cell}\n" for day, cell in enumerate(cells, 1))
    (tmp_path / "a.csv").write_text(f"Date;Sales\n{rows}")
    with figures(","):
        return import_file.preview(
            build(tmp_path / str(len(options) + len(cells))), f"{tmp_path}/a.csv{options}", TODAY
        )
