"""Importing tables: what is found in them, what is refused, and that it is all or nothing."""

from __future__ import annotations

import csv
import io
import random
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitui.connectors.base import open_table
from kpitui.domain.periods import to_day
from kpitui.errors import Conflict, NotFound, Refused, WrongUsage
from kpitui.services import history, import_read, imports
from kpitui.services.import_map import parse_map
from kpitui.services.import_words import changes_text
from kpitui.services.imports import Wanted
from kpitui.storage import points
from kpitui.storage.changes import log
from kpitui.storage.store import Store
from kpitui.storage.verify import verify
from tests.workspace import build, join

TODAY = to_day(date(2026, 11, 20))
VISITS = """
[[metric]]
slug = "visits"
name = "Site visits"
kind = "flow"
cadence = "day"
"""
MODEL = (
    VISITS
    + """
[[metric]]
slug = "mrr"
name = "MRR"
unit = "currency"
kind = "level"
cadence = "month"

[[metric]]
slug = "rate"
name = "Rate"
unit = "percent"
kind = "index"
cadence = "week"

[[metric]]
slug = "talk"
name = "Talk time"
unit = "duration"
kind = "flow"
cadence = "day"
"""
)


def preview(store: Store, text: str, wanted: Wanted | None = None) -> imports.Plan:
    with open_table("-", stdin=io.BytesIO(text.encode())) as table:
        return imports.preview(store, table, wanted or Wanted(), TODAY)


def imported(store: Store, text: str, wanted: Wanted | None = None) -> imports.Imported:
    return imports.save(store, preview(store, text, wanted))


def values(store: Store, slug: str) -> dict[str, float | None]:
    sql = """SELECT date("start" * 86400, 'unixepoch'), value FROM point JOIN metric m ON m.id = metric_id
        WHERE slug = ? ORDER BY 1"""
    return dict(store.rows(sql, (slug,)))


def whys(plan: imports.Plan) -> list[tuple[int, str, str, str]]:
    return [tuple(one) for one in plan.refused.named]  # type: ignore[misc]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return build(tmp_path, MODEL)


# What is saved, and how it is kept


def test_one_transaction_one_line_with_counts_file_and_hash(store: Store) -> None:
    imported(store, "Date,visits\n2026-11-01,5\n2026-11-02,6\n")
    done = imported(store, "Date,visits\n2026-11-01,5\n2026-11-02,7\n2026-11-03,8\n")
    assert done.counts == (1, 1, 1)
    assert done.sentence == "Imported standard input: 1 new, 1 changed, 1 same"
    [line] = [line for line in log(store, limit=10) if line.txn_id == done.txn_id]
    assert (line.what, line.tbl, line.item) == ("import", "point", "standard input")
    assert line.after is not None and (line.after["new"], line.after["changed"], line.after["same"]) == (1, 1, 1)
    assert len(line.after["sha256"]) == 64 and line.after["sha256"] in line.summary
    assert values(store, "visits") == {"2026-11-01": 5, "2026-11-02": 7, "2026-11-03": 8}
    assert verify(store) == []


def test_what_was_taken_back_is_new_again_and_what_changes_is_named(store: Store) -> None:
    imported(store, "Date,visits\n2026-11-01,5\n2026-11-02,6\n2026-11-03,9\n")
    imported(store, "Date,visits\n2026-11-04,7\n")
    history.undo(store, today=TODAY)
    head = "metric,period,value,note"
    plan = preview(store, f"{head}\nvisits,2026-11-02,8,\nvisits,2026-11-03,9,counted twice\nvisits,2026-11-04,7,\n")
    assert plan.said == (1, 2, 0) and plan.counts == (0, 3, 0)
    assert changes_text(plan) == "Site visits 2026-11-02: 6 to 8, Site visits 2026-11-03: another note"
    assert changes_text(plan, 1) == "Site visits 2026-11-02: 6 to 8 and 1 more"
    done = imports.save(store, plan)
    assert done.sentence == "Imported standard input: 1 new, 2 changed"
    [line] = [line for line in log(store, limit=10) if line.txn_id == done.txn_id]
    assert line.after is not None and (line.after["new"], line.after["changed"]) == (1, 2)
    assert values(store, "visits")["2026-11-04"] == 7 and verify(store) == []


def test_the_same_file_twice_writes_nothing(store: Store) -> None:
    text = "Date,visits,talk\n2026-11-01,5,1:30\n2026-11-02,1.2k,90m\n"
    imported(store, text)
    before = store.one("SELECT max(id) FROM txn")
    done = imported(store, text)
    assert (done.txn_id, done.counts) == (None, (0, 0, 4))
    assert store.one("SELECT max(id) FROM txn") == before


def test_what_was_in_the_cell_is_kept_beside_the_value(store: Store) -> None:
    imported(store, 'Date,visits\n2026-11-01,"1,234.50"\n2026-11-02, 007 \n')
    metric = store.one("SELECT id FROM metric WHERE slug = 'visits'")
    rows = points.between(store, metric, 0, 10**6)
    assert [(row.value, row.entered) for row in rows] == [(1234.5, "1,234.50"), (7.0, "007")]


def test_empty_cells_and_signs_for_nothing_are_no_zeros(store: Store) -> None:
    done = imported(store, "Date,visits\n2026-11-01,\n2026-11-02,n/a\n2026-11-03,-\n2026-11-04,0\n2026-11-05,NULL\n")
    assert done.counts.new == 1
    assert values(store, "visits") == {"2026-11-04": 0.0}


def test_percent_in_files_are_fractions_unless_the_cell_says_percent(store: Store) -> None:
    imported(store, "Week,rate\n2026-W40,12%\n2026-W41,0.13\n2026-W42,0.5%\n")
    assert list(values(store, "rate").values()) == [0.12, 0.13, 0.005]


def test_an_import_can_be_undone_as_a_whole(store: Store) -> None:
    imported(store, "Date,visits\n2026-11-01,5\n")
    imported(store, "Date,visits\n2026-11-01,6\n2026-11-02,7\n")
    # Told without the digest of the file, which stands in the log.
    assert history.log(store, TODAY).lines[0].new == "1 changed, 1 metric, 1 new"
    assert history.undo(store, today=TODAY).sentence == "Took back standard input: 1 new, 1 changed"
    assert values(store, "visits") == {"2026-11-01": 5, "2026-11-02": None}


def test_nothing_is_saved_when_one_cell_is_wrong(store: Store) -> None:
    plan = preview(store, "Date,visits\n2026-11-01,5\n2026-11-02,five\n")
    assert (plan.counts.new, plan.refused.count) == (1, 1)
    with pytest.raises(Refused, match=r"1 cell of standard input cannot be taken\. Nothing was saved\."):
        imports.save(store, plan)
    assert values(store, "visits") == {}


def test_what_somebody_saved_after_the_preview_is_not_overwritten(store: Store) -> None:
    plan = preview(store, "Date,visits\n2026-11-01,5\n2026-11-02,6\n")
    with join(store, "bo") as other:
        imported(other, "Date,visits\n2026-11-02,60\n")
    with pytest.raises(Conflict, match=r"Somebody saved some of the values in standard input meanwhile\. NOT saved"):
        imports.save(store, plan)
    assert values(store, "visits") == {"2026-11-02": 60.0}


def test_created_metrics_are_in_the_same_transaction(store: Store) -> None:
    done = imported(store, "Date,visits,New signups\n2026-11-01,5,2\n", Wanted(create=True))
    assert (done.created, done.sentence.endswith("made 1 metric")) == (1, True)
    assert {line.txn_id for line in log(store, limit=2)} == {done.txn_id}
    row = store.row("SELECT name, kind, unit, cadence, scope_id FROM metric WHERE slug = 'new_signups'")
    assert row == ("New signups", "level", "number", "day", 1)


def test_values_far_from_those_before_are_marked_and_stay_marked(store: Store) -> None:
    first = "Date,visits\n" + "".join(f"2026-11-0{n},{100 + n}\n" for n in range(1, 6))
    assert preview(store, first.replace("105", "9999999")).odd == 0, "a first load is taken as it is"
    imported(store, first)
    second = first + "2026-11-06,108\n2026-11-07,10500\n"
    done = imported(store, second)
    assert done.sentence.endswith("1 odd, marked with ?")
    assert store.rows("SELECT value FROM point WHERE odd") == [(10500.0,)]
    assert imported(store, second).txn_id is None
    assert store.rows("SELECT value FROM point WHERE odd") == [(10500.0,)]


# Finding metrics


def test_columns_are_found_by_slug_name_and_the_slug_of_the_header(store: Store) -> None:
    for header in ("visits", "SITE  visits", "Visits"):
        assert [one.metric.slug for one in preview(store, f"Date,{header}\n2026-11-01,5\n").batches] == ["visits"]


def test_two_metrics_of_one_name_have_to_be_told_apart(tmp_path: Path) -> None:
    store = build(tmp_path, VISITS + VISITS.replace('"visits"', '"visits_2"'))
    with pytest.raises(Refused, match="“site visits” can be visits, visits_2: write the slug"):
        preview(store, "Date,site visits\n2026-11-01,5\n")


def test_a_naming_column_counts_only_where_dates_come_twice(store: Store) -> None:
    text = "Date,New,Latency,Country\n2026-11-01,4,68,US\n2026-11-01,,71,UK\n2026-11-02,,72,UK\n2026-11-02,16,70,US\n"
    plan = preview(store, text, Wanted(create=True))
    assert [metric.slug for metric in plan.created] == ["new", "latency_us", "latency_uk"]
    imports.save(store, plan)
    later = "Date,New,Latency,Country\n2026-11-03,4,69,US\n"
    assert preview(store, later).unknown == [], "a file of one country finds the metrics of that country"
    assert imported(store, later).counts.new == 2
    assert list(values(store, "latency_us").values()) == [68, 70, 69]


def test_two_naming_columns_are_used_as_far_as_needed(store: Store) -> None:
    text = "Day,Land,City,Sales\n2026-11-01,AT,Linz,1\n2026-11-01,AT,Graz,2\n2026-11-01,DE,Ulm,3\n"
    plan = preview(store, text, Wanted(create=True))
    assert [metric.slug for metric in plan.created] == ["sales_at_linz", "sales_at_graz", "sales_de_ulm"]
    one_each = preview(store, text.replace("2026-11-01,AT,Graz,2\n", ""), Wanted(create=True))
    assert [metric.slug for metric in one_each.created] == ["sales_at", "sales_de"]


def test_names_can_be_demanded_by_the_map(store: Store) -> None:
    wanted = Wanted(columns=parse_map(["Date=date,Land=name,Sales=turnover"]), create=True)
    plan = preview(store, "Date,Land,Sales\n2026-11-01,AT,1\n", wanted)
    assert [(metric.slug, metric.name) for metric in plan.created] == [("turnover_at", "turnover AT")]


def test_the_map_can_name_columns_with_commas() -> None:
    assert parse_map(['"Visits, all=visits",Date=date']) == {"Visits, all": "visits", "Date": "date"}
    assert parse_map(["a=b=c"]) == {"a=b": "c"}
    for wrong in ("Date", "=date", "Date=", "Date=date,Date=skip"):
        with pytest.raises(WrongUsage):
            parse_map([wrong])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Day=date,Sales=visits,Land=visits", "--map gives two columns the same metric"),
        ("Sales=visits", "--map says no column of dates: add one of Day, Land, Sales with =date."),
        ("Day=date,Land=date,Sales=visits", "--map gives two columns the role date"),
        ("Day=date,Nope=visits", "standard input has no column “Nope”: its columns are Day, Land, Sales."),
    ],
)
def test_a_map_that_makes_no_sense(store: Store, said: str, why: str) -> None:
    with pytest.raises(Refused) as caught:
        preview(store, "Day,Land,Sales\n2026-11-01,AT,1\n", Wanted(columns=parse_map([said])))
    assert str(caught.value).startswith(why)


def test_a_metric_that_was_put_away_is_not_filled(store: Store) -> None:
    from kpitui.domain.model import Metric
    from kpitui.storage import definitions

    with store.write("archive") as tx:
        found = definitions.find(store, Metric, slug="visits")
        assert found is not None
        definitions.archive(tx, found)
    with pytest.raises(Refused, match="The metric visits was put away: restore it, or leave “visits” out"):
        preview(store, "Date,visits\n2026-11-01,5\n", Wanted(create=True))


def test_new_metrics_get_the_cadence_of_their_dates_or_the_one_said(store: Store) -> None:
    def cadence(text: str, wanted: Wanted) -> str:
        [metric] = preview(store, text, wanted).created
        return metric.cadence

    create = Wanted(create=True)
    assert cadence("Date,x\n2026-10-02,1\n2026-10-09,2\n2026-10-16,3\n", create) == "week"
    assert cadence("Date,x\n2026-01-31,1\n2026-02-28,2\n2026-03-31,3\n", create) == "month"
    assert cadence("Date,x\n2026-10-02,1\n2026-10-03,2\n2026-10-04,3\n", create) == "day"
    assert cadence("Date,x\n2026-10-02,1\n", Wanted(create=True, cadence="month")) == "month"
    listed = "metric,date,value\n" + "".join(f"a,2026-0{n}-01,1\nb,2026-01-0{n},1\n" for n in range(1, 6))
    both = preview(store, listed, create).created
    assert [(metric.slug, metric.cadence) for metric in both] == [("a", "month"), ("b", "day")]


def test_percent_signs_everywhere_make_a_percent_metric(store: Store) -> None:
    [metric] = preview(store, "Week,x\n2026-W40,12%\n2026-W41,13 %\n", Wanted(create=True)).created
    assert metric.unit == "percent"
    mixed = preview(store, "Week,x\n2026-W40,12%\n2026-W41,13\n", Wanted(create=True))
    assert mixed.refused.named[0].why.startswith("12% is a percentage")


def test_a_scope_for_new_metrics(store: Store) -> None:
    with pytest.raises(NotFound, match=r"There is no scope “sales”: there are org\."):
        preview(store, "Date,x\n2026-11-01,5\n", Wanted(create=True, scope="sales"))


# Dates


def test_dates_stand_for_the_period_they_begin_or_end(store: Store) -> None:
    imported(store, "Date,MRR\n2026-08-31,1\n2026-09-01,2\n2026-10-31,3\n")
    assert list(values(store, "mrr")) == ["2026-08-01", "2026-09-01", "2026-10-01"]


def test_a_weekly_report_may_be_dated_on_any_weekday(store: Store) -> None:
    imported(store, "Date,rate\n2026-10-07,0.1\n2026-10-14,0.2\n2026-10-28,0.3\n")
    assert list(values(store, "rate")) == ["2026-10-05", "2026-10-12", "2026-10-26"]


def test_calendar_weeks_without_a_year_are_those_of_one_year(store: Store) -> None:
    across = preview(store, "Metrik;KW 45;KW 46;KW 47;KW 48;KW 52\nrate;0,1;0,2;0,3;;\n", Wanted(decimal=","))
    assert "Weeks that say no year are taken for those of 2026." in across.notes and not across.refused.named
    imports.save(store, across)
    assert list(values(store, "rate")) == ["2026-11-02", "2026-11-09", "2026-11-16"]
    down = preview(store, "KW,Woche,rate\na,KW 52,0.1\nb,KW 01,0.2\nc,KW 54,0.3\n")
    assert whys(down) == [
        (
            2,
            "Woche",
            "KW 52",
            "KW 52 says no year, and another week here that says none is of 2026: write 2025-W52 or 2026-W52",
        ),
        (4, "Woche", "KW 54", "There is no period w54 in this calendar: weeks are w1 to w53."),
    ]
    wards = preview(store, "Ward,Seen,rate\nW1,2026-10-05,0.1\nW2,2026-10-12,0.2\n")
    assert not wards.refused.named and wards.counts.new == 2


def test_one_bad_date_is_named_once_however_many_columns(store: Store) -> None:
    plan = preview(store, "Date,visits,talk\nnever,1,2\n2026-11-01,1,2\n")
    assert [(line, column, value) for line, column, value, _ in whys(plan)] == [(2, "Date", "never")]


def test_a_date_column_is_read_with_one_order(store: Store) -> None:
    imported(store, "Day,visits\n03/04/2026,1\n13/04/2026,2\n")
    assert list(values(store, "visits")) == ["2026-04-03", "2026-04-13"]
    with pytest.raises(Refused, match="line 2: 03/04/2026 can be two dates"):
        preview(store, "Day,visits\n03/04/2026,1\n")
    assert preview(store, "Day,visits\n03/04/2026,1\n", Wanted(order="mdy")).counts.new == 1


def test_a_cadence_said_and_another_kept(store: Store) -> None:
    plan = preview(store, "Date,visits\n2026-11-01,5\n", Wanted(cadence="week"))
    assert [why for *_, why in whys(plan)] == ["visits is kept by day, not by week: leave --cadence out"]


# Limits


def test_a_hopeless_file_is_given_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_read, "MOST_REFUSED", 20)
    rows = "".join(f"2026-11-{1 + n % 19:02d},x{n}\n" for n in range(30))
    with pytest.raises(
        Refused, match="More than 20 cells of standard input cannot be read, the first in line 2: Not a"
    ):
        preview(store, "Date,visits\n" + rows)


def test_only_the_first_wrong_cells_are_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_read, "MOST_NAMED", 2)
    plan = preview(store, "Date,visits\n" + "".join(f"2026-11-0{n},x\n" for n in range(1, 6)))
    assert (len(plan.refused.named), plan.refused.count) == (2, 5)


def test_too_many_values_or_metrics_are_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_read, "MOST_POINTS", 10)
    monkeypatch.setattr(import_read, "PACK", 4)
    with pytest.raises(Refused, match="more than 10 values: split it"):
        preview(store, "Date,visits\n" + "".join(f"2026-10-{n:02d},1\n" for n in range(1, 20)))
    monkeypatch.setattr(import_read, "MOST_SERIES", 5)
    with pytest.raises(Refused, match="more than 5 different metrics"):
        preview(store, "metric,date,value\n" + "".join(f"m{n},2026-10-01,1\n" for n in range(9)), Wanted(create=True))


def test_rows_in_any_order_are_packed_and_sorted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_read, "PACK", 7)
    days = [f"2025-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 29)]
    expected = {day: float(number) for number, day in enumerate(days)}
    shuffled = random.Random(3).sample(sorted(expected.items()), len(days))
    cells = (f"{day},{value:.0f}" if value % 3 else f'{day},"{value:,.2f}"' for day, value in shuffled)
    imported(store, "Date,visits\n" + "\n".join(cells) + "\n")
    assert values(store, "visits") == expected


@settings(max_examples=30)
@given(
    cells=st.dictionaries(
        st.dates(date(2020, 1, 1), date(2026, 11, 20)),
        st.floats(allow_nan=False, allow_infinity=False, width=64),
        min_size=1,
        max_size=20,
    )
)
def test_every_number_python_writes_is_read_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, cells: dict[date, float]
) -> None:
    with build(tmp_path_factory.mktemp("exact"), VISITS) as store:
        text = io.StringIO()
        csv.writer(text).writerows(
            [("date", "visits"), *((day.isoformat(), repr(value)) for day, value in cells.items())]
        )
        imported(store, text.getvalue())
        assert values(store, "visits") == {day.isoformat(): value for day, value in cells.items()}
