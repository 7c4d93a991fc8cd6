"""Chances of KPIs: from the store to the row, kept while they hold, the same as if worked out anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.chance import Outlook
from kpitui.domain.periods import Calendar, Span, parse_label, to_day
from kpitui.domain.target import Aim
from kpitui.services.book import Book
from kpitui.services.entry import record_value
from kpitui.services.judging import kpi_row
from kpitui.services.outlooks import outlook_of
from kpitui.services.overview import scorecard
from kpitui.storage.store import Store
from tests.workspace import build, join

MODEL = """
[workspace]
name = "Acme"
currency = "USD"

[[scope]]
slug = "org"
kind = "org"
name = "Acme"

[[metric]]
slug = "leads"
name = "Leads"
unit = "number"
kind = "flow"
cadence = "week"
direction = "up"

[[metric]]
slug = "price"
name = "Price"
unit = "currency"
kind = "level"
cadence = "month"
direction = "up"

[[metric]]
slug = "visits"
name = "Visits"
unit = "number"
kind = "flow"
cadence = "week"
direction = "up"

[[metric]]
slug = "rate"
name = "Lead rate"
unit = "percent"
kind = "ratio"
cadence = "week"
direction = "up"
numerator = "leads"
denominator = "visits"

[[kpi]]
metric = "leads"
scope = "org"
target_kind = "reach"
target = 500
start = 2026-09-28
deadline = 2026-12-27
owner = "ana"

[[kpi]]
metric = "price"
scope = "org"
target_kind = "at_least"
target = 105
deadline = 2027-03-31
owner = "ana"

[[kpi]]
metric = "rate"
scope = "org"
target_kind = "at_least"
target = 0.05
start = 2026-08-31
deadline = 2026-12-27
owner = "ana"
"""

POINTS = """
leads 2026-W36 45 48 41 50 39 44 42 38 41 40 36
price 2025-10 100 104 99 106 103 108 101 107 104 109 105 106 108
visits 2026-W36 900 910 880 905 890 915 900 870 880 905 890
"""
TODAY = to_day(date(2026, 11, 20))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return build(tmp_path, MODEL, POINTS)


def chances(store: Store) -> dict[str, float | None]:
    return {row.slug: row.chance for row in scorecard(store, TODAY).kpis}


def test_every_kpi_with_a_deadline_has_its_chance(store: Store) -> None:
    rows = {row.slug: row for row in scorecard(store, TODAY).kpis}
    assert all(row.chance is not None and 0 <= row.chance <= 1 for row in rows.values())
    leads = rows["leads"]
    # Seven weeks brought 280 of 500, six are left: 37 a week are needed, and 40 came.
    assert leads.value == 280 and leads.chance is not None and leads.chance > 0.7
    assert leads.status == "on_track" and "; chance " in leads.why
    assert leads.needed == pytest.approx(220 / 6) and leads.rate == pytest.approx(38.75)


def test_a_chance_stands_until_the_next_value(tmp_path: Path) -> None:
    """Simulated courses of a count near 0: the same on every day of the week that is judged."""
    goal = MODEL[: MODEL.index("[[metric]]")]
    metric = '[[metric]]\nslug = "orders"\nkind = "flow"\ncadence = "week"\ndirection = "up"\n'
    kpi = '[[kpi]]\nmetric = "orders"\nscope = "org"\ntarget_kind = "reach"\ntarget = 96\n'
    kpi += "start = 2026-09-28\ndeadline = 2026-12-27\n"
    store = build(tmp_path, goal + metric + kpi, "orders 2026-W26 5 14 8 2 11 0 9 6 15 3 8 12 1 9 7 13 0 10 6 8 11\n")
    monday = to_day(date(2026, 11, 16))
    found = {(row.chance, row.status, row.why) for day in range(7) for row in scorecard(store, monday + day).kpis}
    assert len(found) == 1 and 0.05 < (found.pop()[0] or 0.0) < 0.95


def test_a_save_leaves_the_chances_of_the_others(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    before = chances(store)
    asked: list[str] = []
    whole = Outlook.chance

    def counting(self: Outlook, *question: object) -> float | None:
        asked.append(self.seed.partition(":")[0])
        return whole(self, *question)  # type: ignore[arg-type]

    monkeypatch.setattr(Outlook, "chance", counting)
    assert chances(store) == before and asked == []
    with Book(store, TODAY).store.snapshot():
        ids = {metric.slug: metric.id for metric in Book(store, TODAY).metrics.values()}
    monday = to_day(date(2026, 11, 2))
    record_value(store, ids["visits"], Span(monday, monday + 7), "400", today=TODAY)
    after = chances(store)
    # The rate is made of visits; leads and price are not.
    assert set(asked) == {str(ids["rate"])}
    assert after["rate"] != before["rate"] and after["leads"] == before["leads"]
    store.kept.clear()
    assert chances(store) == after


def test_what_is_kept_is_what_would_be_worked_out_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from kpitui.domain.model import Kpi, Metric
    from kpitui.services import judging
    from kpitui.storage import definitions, settings

    judged: list[str] = []
    judge = judging.judge

    def counting(aim: Aim, *given: object, **named: object) -> object:
        judged.append(aim.kind)
        return judge(aim, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(judging, "judge", counting)
    with store.snapshot():
        ids = {metric.slug: metric.id for metric in Book(store, TODAY).metrics.values()}

    def value(slug: str, label: str, text: str) -> None:
        by = join(store, "bo")
        record_value(by, ids[slug], parse_label(label, Calendar())[1], text, today=TODAY)
        by.close()

    def changed(cls: type, named: str, **values: object) -> None:
        with store.write("test") as tx:
            name = "slug" if cls is Metric else "target_kind"
            one = next(one for one in definitions.all_of(store, cls) if getattr(one, name) == named)
            definitions.change(tx, one, **values)

    def currency() -> None:
        with store.write("test") as tx:
            settings.save(tx, {"currency": "EUR"})

    saves: list[tuple[Callable[[], None], int]] = [
        (lambda: None, 3),
        (lambda: value("leads", "2026-W46", "77"), 2),
        (lambda: value("leads", "2026-W36", "4500"), 2),
        (lambda: value("price", "2025-11", "900"), 1),
        (lambda: changed(Kpi, "reach", target=900.0), 1),
        (lambda: changed(Kpi, "reach", state="paused"), 1),
        (lambda: changed(Metric, "price", decimals=2), 3),
        (currency, 3),
    ]
    for save, count in saves:
        save()
        judged.clear()
        card = scorecard(store, TODAY)
        assert len(judged) == count
        store.kept.clear()
        assert scorecard(store, TODAY) == card


def test_another_target_is_another_question(store: Store) -> None:
    before = chances(store)
    with store.write("kpi.change") as tx:
        from kpitui.domain.model import Kpi
        from kpitui.storage import definitions

        kpi = next(one for one in definitions.all_of(store, Kpi) if one.target == 500)
        definitions.change(tx, kpi, target=900.0)
    after = chances(store)
    assert after["leads"] is not None and after["leads"] < 0.05
    assert after["price"] == before["price"]


def test_looking_back_sees_only_what_was_known(store: Store) -> None:
    now, then = scorecard(store, TODAY).kpis[0], scorecard(store, TODAY - 14).kpis[0]
    assert then.chance is not None and then.chance != now.chance
    assert scorecard(store, TODAY).kpis[0] == now


def test_a_share_has_the_noise_of_its_cases(store: Store) -> None:
    with store.snapshot():
        book = Book(store, TODAY)
        rate = book.named("rate")
        assert rate is not None
        row = kpi_row(book, next(kpi for kpi in book.kpis.values() if kpi.metric_id == rate.id))
        outlook = outlook_of(book, rate, row.aim)
    assert outlook is not None and outlook.trials is not None
    end = row.period.end if row.period else 0
    with store.snapshot():
        assert outlook.trials(end) == 890


def test_without_a_deadline_nobody_asks(store: Store) -> None:
    with store.snapshot():
        book = Book(store, TODAY)
        metric = next(iter(book.metrics.values()))
        assert (
            outlook_of(book, metric, kpi_row(book, next(iter(book.kpis.values()))).aim._replace(deadline=None)) is None
        )
