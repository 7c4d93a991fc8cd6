"""The log in words; undo, redo and revert as new changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.periods import to_day
from kpitui.errors import Conflict, NotFound
from kpitui.services import audit, data_quality, history, settings
from kpitui.services.entry import record_value
from kpitui.storage.store import Store
from tests.workspace import build, join

TODAY = to_day(date(2026, 11, 20))
MODEL = """
[[metric]]
slug = "demos"
name = "Demos booked"
cadence = "week"
owner = "ana"

[[metric]]
slug = "cac"
name = "CAC"
unit = "currency"
kind = "level"
cadence = "week"
owner = "bo"
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return build(tmp_path, MODEL, "demos 2026-W40 31 33 30 29\ncac 2026-W40 400 404")


def value(store: Store, slug: str, period: str) -> float | None:
    from kpitui.domain.periods import Calendar, parse_label

    _, span = parse_label(period, Calendar())
    row = store.row(
        "SELECT p.value FROM point p JOIN metric m ON m.id = p.metric_id WHERE m.slug = ? AND p.start = ?",
        (slug, span.start),
    )
    return None if row is None else row[0]


def record(store: Store, slug: str, period: str, text: str, **kw: object) -> None:
    from kpitui.domain.periods import Calendar, parse_label

    _, span = parse_label(period, Calendar())
    record_value(store, slug, span, text, today=TODAY, **kw)  # type: ignore[arg-type]


def test_a_correction_names_period_values_and_person(store: Store) -> None:
    record(store, "cac", "2026-W41", "412")
    line = history.log(store, TODAY, limit=1).lines[0]
    assert (line.on, line.on_short, line.what) == ("CAC 2026-W41", "CAC W41", "corrected")
    assert (line.old, line.new, line.who) == ("$404", "$412", "ana")


def test_kinds_and_words_narrow_the_log(store: Store) -> None:
    record(store, "cac", "2026-W41", "412")
    assert {line.kind for line in history.log(store, TODAY, limit=50, kind="values").lines} == {"values"}
    assert [line.on for line in history.log(store, TODAY, limit=50, words="cac corrected").lines] == ["CAC 2026-W41"]
    assert not history.log(store, TODAY, limit=50, words="-demos -cac", kind="values").lines


def test_undo_and_redo_bring_values_back_and_say_so(store: Store) -> None:
    record(store, "demos", "2026-W40", "35")
    undone = history.undo(store, today=TODAY)
    assert value(store, "demos", "2026-W40") == 31
    assert undone.sentence == "Took back Demos booked W40: 35 > 31"
    redone = history.redo(store, today=TODAY)
    assert value(store, "demos", "2026-W40") == 35
    assert redone.sentence == "Brought back Demos booked W40: 31 > 35"
    with pytest.raises(NotFound):
        history.redo(store, today=TODAY)


def test_revert_of_a_colleagues_older_change_is_a_change_of_its_own(store: Store) -> None:
    record(store, "demos", "2026-W40", "82")
    with join(store, "bo") as other:
        line = history.log(other, TODAY, limit=1).lines[0]
        done = history.revert(other, line.id, today=TODAY, why="typo")
    assert value(store, "demos", "2026-W40") == 31
    newest = history.log(store, TODAY, limit=1).lines[0]
    assert (newest.who, newest.why, newest.batch) == ("bo", "typo", done.txn_id)


def test_revert_refuses_when_the_value_was_changed_since(store: Store) -> None:
    record(store, "demos", "2026-W40", "82")
    line = history.log(store, TODAY, limit=1).lines[0]
    with join(store, "bo") as other:
        record(other, "demos", "2026-W40", "28")
    with pytest.raises(Conflict, match="bo"):
        history.revert(store, line.id, today=TODAY)
    assert value(store, "demos", "2026-W40") == 28


def test_an_undo_that_a_colleague_stands_in_the_way_of_names_what_can_be_taken_back(store: Store) -> None:
    record(store, "demos", "2026-W39", "70")
    free = store.one("SELECT max(id) FROM txn")
    for text in ("82", "83"):  # the one before the last is gone over, too
        record(store, "demos", "2026-W40", text)
    with join(store, "bo") as other:
        record(other, "demos", "2026-W40", "28")
    before = store.rows("SELECT * FROM txn"), store.rows("SELECT * FROM change")
    said = rf"by hand\. kpitui undo {free} takes back the one before \(.* W39: - > 70\)\.$"
    with pytest.raises(Conflict, match=said):
        history.undo(store, today=TODAY)
    store.via = "tui"
    with pytest.raises(Conflict, match=r"by hand\. B on its line in the Log takes back the one before \("):
        history.undo(store, today=TODAY)
    assert (store.rows("SELECT * FROM txn"), store.rows("SELECT * FROM change")) == before
    assert value(store, "demos", "2026-W39") == 70
    history.undo(store, today=TODAY, txn_id=free)
    record(store, "demos", "2026-W40", "29")
    with join(store, "bo") as other, pytest.raises(Conflict, match=r"by hand\.$"):
        history.undo(other, today=TODAY)


def test_a_change_is_explained_by_every_revision(store: Store) -> None:
    record(store, "demos", "2026-W40", "82")
    record(store, "demos", "2026-W40", "28")
    line = history.log(store, TODAY, limit=1).lines[0]
    found = history.explain(store, TODAY, line.id)
    assert found is not None
    assert [value for _, _, value, _ in found.revisions] == ["31", "82", "28"]
    assert history.explain(store, TODAY, 10**9) is None


def test_quality_counts_entries_corrections_and_lateness(store: Store) -> None:
    record(store, "demos", "2026-W46", "25")
    record(store, "demos", "2026-W46", "26")
    found = data_quality.quality(store, TODAY, TODAY - 30, TODAY + 2)
    assert found.corrected == 1
    assert found.on_time is not None and found.on_time < 1
    assert found.late_mean is not None and found.late_mean > 0
    assert {name: fixed for name, _, fixed in found.owners}["ana"] == 1


def test_an_audit_sample_is_drawn_again_alike_and_kept_as_notes(store: Store) -> None:
    drawn = audit.draw(store, TODAY, seed=7)
    assert drawn == audit.draw(store, TODAY, seed=7)
    assert len(drawn) == audit.SIZE
    done = audit.sign_off(store, TODAY, [(one, place != 0) for place, one in enumerate(drawn)])
    assert (done.agree, done.total) == (4, 5)
    notes = history.log(store, TODAY, limit=9, kind="notes").lines
    assert len(notes) == 5 and len({line.batch for line in notes}) == 1
    assert sum("differs" in line.new for line in notes) == 1


def test_a_setting_is_checked_changed_and_taken_back(store: Store) -> None:
    done = settings.change(store, "watch_band", 0.1)
    assert done.sentence == "Set watch band for the team: 10% (was 5%)"
    assert settings.read(store).watch_band == 0.1
    assert history.undo(store, today=TODAY).sentence == "Took back watch band: 10%"
    assert settings.read(store).watch_band == 0.05


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("currency", "dollars", "currency code"),
        ("review_time", "25:00", "time of day"),
        ("kpi_notice", "9", "go up"),
        ("kpi_warn", "many", "whole number"),
        ("time_zone", "Mars/Olympus", "time zone"),
        ("watch_band", "12 %%", "12 %%"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_what_to_do(store: Store, key: str, text: str, said: str) -> None:
    from kpitui.domain.problem import Problem

    with pytest.raises(Problem, match=said):
        settings.typed(settings.read(store), key, text)


def test_another_week_start_says_what_will_differ(store: Store) -> None:
    found = settings.consequence(store, TODAY, "week_start", "sunday")
    assert found is not None and "2026-W47 becomes 2026-W46" in found.short and "no value is lost" in found.short
    assert settings.consequence(store, TODAY, "name", "Other") is None
