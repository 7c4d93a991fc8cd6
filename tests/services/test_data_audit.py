"""The audit of a workspace: what it reads, what is accepted and remembered, what the log adds."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from kpitui.domain.acceptance import Acceptance
from kpitui.domain.data_audit import Facts, Found, check
from kpitui.domain.model import Metric
from kpitui.domain.periods import Span
from kpitui.errors import NotFound, Refused
from kpitui.services import annotate, data_audit, entry, history, review, signing
from kpitui.services.data_audit import DataAudit, Finding, accept, audit, named
from kpitui.storage import definitions
from kpitui.storage.store import Store
from tests.review_sample import TODAY as REVIEW_DAY
from tests.review_sample import reviewed
from tests.workspace import build, record

TODAY = 20777
MODEL = """
[[metric]]
slug = "visits"
name = "Visits"
kind = "level"
cadence = "week"
owner = "ana"

[[metric]]
slug = "orders"
name = "Orders"
cadence = "week"

[[metric]]
slug = "shops"
name = "Shops"
cadence = "week"

[[metric]]
slug = "share"
name = "Share"
unit = "percent"
kind = "ratio"
numerator = "orders"
denominator = "shops"
"""


def weeks(slug: str, values: list[float]) -> str:
    return f"{slug} 2026-W05 {' '.join(map(str, values))}"


def noisy(seed: int = 3) -> list[float]:
    draw = Random(seed)
    return [round(1000 + draw.gauss(0, 40), 1) for _ in range(40)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    values = noisy()
    values[20] = 99_000
    return build(tmp_path, MODEL, weeks("visits", values))


def only(found: DataAudit) -> Finding:
    (one,) = found.findings
    return one


def test_a_finding_says_what_where_and_how_bad(store: Store) -> None:
    found = audit(store, TODAY)
    one = only(found)
    assert (one.slug, one.rule, one.severity, one.period, one.value) == ("visits", "spike", "warning", "W25", 99_000)
    assert "looks like × 100" in one.text and one.owner == "ana" and one.title == "no value jumps out and back"
    assert found.metrics == 4 and found.count("warning") == 1 and found.accepted == ()
    assert audit(store, TODAY, "orders").findings == ()
    with pytest.raises(NotFound):
        audit(store, TODAY, "nobody")


def test_what_is_accepted_is_remembered_until_the_value_changes(store: Store) -> None:
    one = only(audit(store, TODAY))
    assert accept(store, one, TODAY, "press day").startswith("Accepted Visits W25: 99k between ")
    again = audit(store, TODAY)
    assert again.findings == ()
    (said,) = again.accepted
    assert (said.finding, said.who, said.day, said.why) == (one, "ana", TODAY, "press day")
    # Once is enough, and undo brings it back.
    with pytest.raises(Refused, match="nothing to accept any more"):
        accept(store, one, TODAY)
    line = history.log(store, TODAY).lines[0]
    assert (line.on, line.what, line.new, line.why, line.kind) == (
        "Visits",
        "accepted",
        "99,000 spike",
        "press day",
        "values",
    )
    history.undo(store, today=TODAY)
    assert only(audit(store, TODAY)) == one
    accept(store, one, TODAY)
    entry.record_value(store, "visits", one.span, "98000", today=TODAY, accept=True)
    assert only(audit(store, TODAY)).value == 98_000


def test_a_run_that_goes_on_stays_accepted(tmp_path: Path) -> None:
    values = noisy()
    values[-4:] = [1003.0] * 4
    with build(tmp_path, MODEL, weeks("visits", values)) as store:
        one = only(audit(store, TODAY))
        assert (one.rule, one.period) == ("run", "W41 to W44")
        accept(store, one, TODAY)
        record(store, "visits 2026-W45 1003")
        assert audit(store, TODAY).findings == () and len(audit(store, TODAY).accepted) == 1


def test_a_marked_value_is_accepted_by_taking_its_mark(tmp_path: Path) -> None:
    with build(tmp_path, MODEL, weeks("visits", noisy()) + "\nvisits 2026-W45 10400?") as store:
        one = only(audit(store, TODAY))
        assert one.rule == "odd" and "looks like × 10" in one.text
        assert accept(store, one, TODAY, "seen").startswith("Accepted Visits W45")
        assert audit(store, TODAY).findings == ()
        assert store.rows("SELECT odd FROM point ORDER BY start DESC LIMIT 1") == [(0,)]
        assert definitions.all_of(store, Acceptance) == []


def test_more_of_a_part_than_of_the_whole(tmp_path: Path) -> None:
    draw = Random(1)
    shops = [100.0 + draw.randrange(9) for _ in range(40)]
    orders = [60.0 + draw.randrange(9) for _ in range(40)]
    orders[30] = 130
    with build(tmp_path, MODEL, f"{weeks('shops', shops)}\n{weeks('orders', orders)}") as store:
        found = audit(store, TODAY, "share")
        assert [(one.rule, one.severity, one.period) for one in found.findings] == [("share", "error", "W35")]
        assert found.findings[0].text.endswith(": more Orders than Shops")
        # A ratio that is above 100 % as a rule is no share.
        record(store, weeks("orders", [one * 1.7 for one in orders]))
        assert audit(store, TODAY, "share").findings == ()


def test_a_unit_that_changed_needs_a_word(store: Store) -> None:
    metric = definitions.find(store, Metric, slug="visits")
    assert metric is not None
    with store.write("metric.change") as tx:
        definitions.change(tx, metric, unit="currency")
    found = [one for one in audit(store, TODAY).findings if one.rule == "unit"]
    assert [one.text for one in found] == ["unit number > currency, and no note says why"]
    annotate.annotate_metric(store, metric.id, "counted in money from now on", TODAY)
    assert [one.rule for one in audit(store, TODAY).findings] == ["spike"]


def test_a_signed_figure_that_changed_without_a_word(tmp_path: Path) -> None:
    with reviewed(tmp_path) as store:
        number = review.start(store, "weekly", REVIEW_DAY).id
        signing.sign(store, number, 8, today=REVIEW_DAY)
        assert [one for one in audit(store, REVIEW_DAY).findings if one.rule == "reviewed"] == []
        row = store.row("SELECT m.slug, p.start, p.\"end\" FROM point p JOIN metric m ON m.id = p.metric_id "
                        "WHERE m.slug = 'demos' ORDER BY p.start DESC LIMIT 1")  # fmt: skip
        assert row is not None
        entry.record_value(store, row[0], Span(row[1], row[2]), "24", today=REVIEW_DAY, accept=True)
        (one,) = [one for one in audit(store, REVIEW_DAY).findings if one.rule == "reviewed"]
        assert "when the weekly review W47 was signed, 24 since, by ana, without a word why" in one.text
        # Said why, it is a restatement that the minutes carry as a footnote.
        entry.record_value(store, row[0], Span(row[1], row[2]), "25", today=REVIEW_DAY, accept=True, why="recount")
        assert [one for one in audit(store, REVIEW_DAY).findings if one.rule == "reviewed"] == []


def test_naming_a_finding(store: Store) -> None:
    found = audit(store, TODAY)
    one = only(found)
    assert named(found, "visits", one.span) == named(found, "visits", one.span, "spike") == one
    with pytest.raises(NotFound, match=r"has no such finding for orders. It has: W25 \(spike\)"):
        named(found, "orders", one.span)
    two = found._replace(findings=(one, one._replace(rule="run")))
    with pytest.raises(Refused, match=r"\(spike, run\): name the rule"):
        named(two, "visits", one.span)


def test_it_is_kept_while_values_stand(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    audit(store, TODAY)
    looked: list[int] = []

    def counted(facts: Facts) -> list[Found]:
        looked.append(1)
        return check(facts)

    monkeypatch.setattr(data_audit, "check", counted)
    audit(store, TODAY)
    assert looked == []
    record(store, "orders 2026-W40 5")
    audit(store, TODAY)
    assert looked == [1]
