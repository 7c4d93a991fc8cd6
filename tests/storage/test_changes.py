from __future__ import annotations

import pytest

from kpitui.domain.model import Metric, Scope
from kpitui.storage import changes, definitions, points


@pytest.fixture
def busy(store, open_as):
    """Ana makes a scope and two metrics, bo enters and corrects a value, ana archives."""
    bo = open_as("bo")
    with store.write("add", summary="made three things") as tx:
        definitions.add(tx, Scope(slug="org", name="Org"))
        definitions.add(tx, Metric(slug="visits", name="Visits", scope_id=1))
        kept = definitions.add(tx, Metric(slug="lead_s", name="Leads", scope_id=1))
    for value in (1.0, 2.0):
        with bo.write("record", why="typo" if value > 1 else "") as tx:
            points.save(tx, 1, "visits", 100, 101, value=value, entered="x")
    with store.write("archive") as tx:
        definitions.archive(tx, kept)
    return store


def items(lines):
    return [(line.what, line.item) for line in lines]


def test_the_log_is_newest_first_and_comes_in_pages(busy):
    whole = changes.log(busy, limit=100)
    assert items(whole) == [
        ("archive", "lead_s"),
        ("correct", "visits"),
        ("record", "visits"),
        ("add", "lead_s"),
        ("add", "visits"),
        ("add", "org"),
    ]
    first = changes.log(busy, limit=4)
    assert first + changes.log(busy, limit=4, before_id=first[-1].id) == whole
    assert changes.count(busy) == 6


def test_a_line_says_who_when_what_why_and_before_and_after(busy):
    line = changes.log(busy, limit=1, what="correct")[0]
    assert (line.who, line.uid, line.via, line.why) == ("bo", 1002, "test", "typo")
    assert line.at.startswith("2026-11-20T09:00:")
    assert (line.tbl, line.row_id, line.start, line.end) == ("point", 1, 100, 101)
    assert (line.before, line.after) == ({"value": 1.0}, {"value": 2.0})
    assert line.undoes is None and line.undone_by is None


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"who": "bo"}, 2),
        ({"table": "metric"}, 3),
        ({"table": "metric", "row_id": 2}, 2),
        ({"what": "add"}, 3),
        ({"item": "VIS"}, 3),
        ({"item": "_"}, 2),
        ({"item": "%"}, 0),
        ({"since": "2026-11-21"}, 0),
        ({"since": "2026-11-20"}, 6),
        ({"who": "ana", "what": "a", "item": "lead"}, 2),
        ({"txn_id": 10**6}, 0),
    ],
)
def test_the_log_can_be_narrowed(busy, chosen, expected):
    assert len(changes.log(busy, limit=100, **chosen)) == changes.count(busy, **chosen) == expected


def test_one_transaction_is_read_in_the_order_it_was_done(busy):
    txn_id = changes.log(busy, limit=1, item="org")[0].txn_id
    lines = changes.lines_of(busy, txn_id)
    assert items(lines) == [("add", "org"), ("add", "visits"), ("add", "lead_s")]
    assert {line.summary for line in lines} == {"made three things"}
