"""Looking back: what was known at the end of a day, and that nothing done later changes it."""

from __future__ import annotations

import sqlite3
from contextlib import closing as open_once
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kpitui.domain.model import Metric
from kpitui.domain.periods import parse_label, to_date, to_day
from kpitui.domain.workspace import Workspace
from kpitui.errors import KpituiError, NotFound, ReadOnly
from kpitui.services import (
    annotate,
    calendar_setting,
    closing,
    entry,
    history,
    log_head,
    members,
    overview,
    proposals,
    review,
    signing,
)
from kpitui.services.as_known import as_known, end_of, ended, known_by
from kpitui.services.calendar import calendar_of
from kpitui.services.report import report
from kpitui.storage import changes, definitions, points
from kpitui.storage import settings as stored
from kpitui.storage.store import Store
from kpitui.storage.verify import verify
from tests.services.acme import MODEL
from tests.workspace import build

TODAY = to_day(datetime(2026, 11, 20).date())


def at(store: Store, day: int, hour: int = 12) -> None:
    """From now on everything is saved on that day."""
    moment = datetime.combine(to_date(day), datetime.min.time(), UTC) + timedelta(hours=hour)
    store.now = lambda: moment


def say(store: Store, metric: str, week: str, text: str, day: int) -> None:
    _, span = parse_label(week, calendar_of({}))
    entry.record_value(store, metric, span, text, today=day, judged=False)


def everything(store: Store, day: int) -> tuple[Any, ...]:
    """The scorecard of a day, of every third the report, and every row that can be read."""
    tables = [name for (name,) in store.rows("SELECT name FROM sqlite_temp_master WHERE type = 'view' ORDER BY name")]
    assert {"metric", "point", "target", "review", "txn", "change"} <= set(tables)
    return (
        overview.scorecard(store, day),
        history.log(store, day, limit=99),
        members.members(store),
        proposals.proposals(store, day, every=True),
        closing.closed(store, day),
        calendar_setting.standing(store, day),
        log_head.head(store),
        None if day % 3 else report(store, day, "last month", known=day)._replace(made_at=""),
        *(sorted(store.rows(f"SELECT * FROM {name}"), key=repr) for name in tables),
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return build(tmp_path, MODEL, "mrr 2026-W44 341000 343000", today="2026-11-08")


def test_a_correction_is_not_known_before_it_was_made(store: Store) -> None:
    at(store, TODAY - 8)
    say(store, "mrr", "2026-W45", "350000", TODAY - 8)
    at(store, TODAY - 2)
    say(store, "mrr", "2026-W45", "351000", TODAY - 2)

    def value(where: Store, day: int) -> float | None:
        return next(row.value for row in overview.scorecard(where, day).kpis if row.slug == "mrr")

    with as_known(store, TODAY - 9) as before, as_known(store, TODAY - 5) as between, as_known(store, TODAY - 1) as now:
        assert [value(where, TODAY - 1) for where in (before, between, now)] == [343_000, 350_000, 351_000]
        assert value(store, TODAY - 9) == 351_000  # what is known now of that day
        assert [one.value for one in points.history(between, _id(between, "mrr"))][-1] == 350_000


def _id(store: Store, slug: str) -> int:
    found = definitions.find(store, Metric, slug=slug)
    assert found is not None
    return found.id


def test_definitions_settings_and_the_log_are_those_of_then(store: Store) -> None:
    metric = definitions.find(store, Metric, slug="mrr")
    assert metric is not None
    at(store, TODAY - 3)
    with store.write("metric.edit") as tx:
        definitions.change(tx, metric, name="Monthly revenue", owner="bo")
    with store.write("settings") as tx:
        stored.save_workspace(tx, Workspace(name="Acme Inc."))
    at(store, TODAY - 1)
    history.undo(store)
    with as_known(store, TODAY - 4) as then:
        assert definitions.get(then, Metric, metric.id).name == "MRR"
        assert stored.load(then)["name"] == "Acme"
        assert all(line.what != "metric.edit" for line in changes.log(then, limit=99))
    with as_known(store, TODAY - 2) as then:
        assert definitions.get(then, Metric, metric.id).name == "Monthly revenue"
        assert changes.log(then, limit=1)[0].undone_by is None
    assert changes.log(store, limit=9)[1].undone_by is not None


def test_nothing_can_be_saved_in_the_past_and_nothing_was_known_before_the_beginning(store: Store) -> None:
    with as_known(store, TODAY - 10) as then:
        with pytest.raises(ReadOnly, match="as it was known on 2026-11-10"):
            say(then, "mrr", "2026-W45", "1", TODAY)
        with pytest.raises(ReadOnly):
            then.rows("INSERT INTO main.setting (key) VALUES ('x')")
    assert not known_by(store, TODAY - 13)
    with pytest.raises(NotFound, match="made later"):
        as_known(store, TODAY - 13)


def test_a_day_ends_at_midnight_where_the_workspace_is() -> None:
    assert end_of(TODAY, "UTC") == "2026-11-21T00:00:00Z"
    assert end_of(TODAY, "Europe/Vienna") == "2026-11-20T23:00:00Z"
    assert end_of(TODAY, "America/New_York") == "2026-11-21T05:00:00Z"


def test_another_time_zone_does_not_move_days_that_are_over(store: Store) -> None:
    """In Auckland the evening of the tenth is the eleventh already; for those who worked in UTC it was the tenth."""
    at(store, TODAY - 10, 18)
    say(store, "mrr", "2026-W45", "350000", TODAY - 10)
    at(store, TODAY - 8)
    say(store, "mrr", "2026-W46", "352000", TODAY - 8)
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        with as_known(store, TODAY - 10) as then:
            before = changes.log(then, limit=99)
            assert (before[0].after or {})["value"] == 350_000
        at(store, TODAY - 2, 15)
        with store.write("settings") as tx:
            stored.save_workspace(tx, Workspace(name="Acme", time_zone=zone))
        with as_known(store, TODAY - 10) as then:
            assert changes.log(then, limit=99) == before
    # Days that were not over yet end where the workspace is now.
    assert ended(store, TODAY - 10) == "2026-11-11T00:00:00Z" and ended(store, TODAY) == "2026-11-21T08:00:00Z"
    # The day on which it was set was over in Auckland already.
    assert ended(store, TODAY - 2) == "2026-11-18T15:00:00Z"


def test_a_review_that_ran_then_says_of_when_its_numbers_were(store: Store) -> None:
    at(store, TODAY - 8)
    held = review.start(store, "weekly", TODAY - 8).id
    at(store, TODAY - 2)
    with as_known(store, TODAY - 5) as then:
        assert "as of 12 Nov 12:00: the review still runs" in signing.draft_minutes(then, held, TODAY - 5)


FAST = (Phase.explicit, Phase.reuse, Phase.generate)
WHAT = [*"value clear none rename archive note undo redo close member propose week".split(), "clock back"]
DOINGS = st.lists(
    st.tuples(
        st.sampled_from(WHAT),
        st.integers(0, 3),
    ),
    min_size=3,
    max_size=7,
)


@given(DOINGS)
@settings(max_examples=5, phases=FAST)
def test_no_later_write_changes_an_earlier_view(doings: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        with build(Path(folder), MODEL, "mrr 2026-W40 341000\ndemos 2026-W40 20", today="2026-10-10") as store:
            seen: dict[int, tuple[Any, ...]] = {}
            day = first = to_day(datetime(2026, 10, 11).date())
            for number, (what, which) in enumerate(doings):
                day += 1
                at(store, first if what == "clock back" else day)
                if what == "clock back":
                    # It must not reach into a day that the log has seen the end of.
                    last = str(store.one("SELECT max(at) FROM txn"))
                    seen = {then: found for then, found in seen.items() if end_of(then, "UTC") <= last}
                try:
                    do(store, what, which, number, day)
                except KpituiError:
                    pass  # nothing to take back: fine, too
                with as_known(store, day - 1) as past:
                    seen.setdefault(day - 1, everything(past, day - 1))
            for then, found in seen.items():
                with as_known(store, then) as past:
                    assert everything(past, then) == found, f"{to_date(then)} is known otherwise after {doings}"
            if seen:
                with as_known(store, min(seen)) as past:
                    assert verify(past) == []


def do(store: Store, what: str, which: int, number: int, day: int) -> None:
    slug = ("mrr", "demos", "cac", "trial")[which]
    week = f"2026-W{38 + which}"
    if what in ("value", "clock back"):
        say(store, slug, week, f"{20 + number}", day)
    elif what == "clear":
        say(store, slug, week, "", day)
    elif what == "none":
        say(store, slug, week, "none", day)
    elif what == "note":
        annotate.annotate(store, slug, f"note {number}", today=day)
    elif what == "close":
        closing.close_or_reopen(store, f"{week} ; done", day)
    elif what == "member":
        members.add(store, f"bo{which}", ("editor", "admin")[number % 2])
    elif what == "propose":
        _, span = parse_label(week, calendar_of({}))
        proposals.propose(store, slug, span, f"{30 + number}", "seen", today=day)
    elif what == "week":
        with store.write("settings") as tx:
            stored.save_workspace(tx, Workspace(name="Acme", week_start=("sunday", "monday")[number % 2]))
    elif what in ("undo", "redo"):
        getattr(history, what)(store)
    else:
        found = definitions.find(store, Metric, slug=slug, archived=True)
        assert found is not None
        with store.write("metric") as tx:
            if what == "archive":
                (definitions.restore if found.archived else definitions.archive)(tx, found)
            else:
                definitions.change(tx, found, name=f"Name {number}", good_low=float(number))


def test_every_table_of_ours_has_a_past_and_no_name_of_others_gets_into_sql(store: Store) -> None:
    ours = {name for (name,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    with open_once(sqlite3.connect(store.path)) as other:
        for name in ("notes", 'zz AS SELECT 1; --"'):
            for table in (name, f"{name}_history"):
                other.execute(f'CREATE TABLE "{table.replace(chr(34), chr(34) * 2)}" (id)')
    with as_known(store, TODAY) as past:
        assert past.one("SELECT count(*) FROM metric") == store.one("SELECT count(*) FROM metric")
        views = {name for (name,) in past.rows("SELECT name FROM sqlite_temp_master WHERE type = 'view'")}
    twins = {name for name in ours if f"{name}_history" in ours or name.endswith("_history")}
    assert views == twins | {"txn", "change"}
