"""Two people who do the same at once: neither takes back nor goes over what the other has just done, unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.domain.periods import Calendar, Span, span_of
from kpitui.errors import Conflict, Refused
from kpitui.services import closing, doctor, entry, history, members, overriding, proposals, whatif
from kpitui.storage import reading
from kpitui.storage.store import Store
from tests.services.test_entry import TODAY
from tests.tui.values import workspace
from tests.workspace import join


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return workspace(tmp_path)


def metric(store: Store, slug: str) -> int:
    found = reading.metric(store, slug)
    assert found is not None
    return found.id


def test_two_who_close_the_books_at_once_do_not_open_them(store: Store) -> None:
    closing.close_or_reopen(store, "2026-W45 ; books", TODAY, set())
    with join(store, "bo") as bo:
        with pytest.raises(Conflict, match=r"ana closed 2026-W45 meanwhile \(books\)\. NOT saved"):
            closing.close_or_reopen(bo, "2026-W45 ; books", TODAY, set())
        (one,) = closing.closed(bo, TODAY)
        closing.close_or_reopen(bo, "2026-W45 ; an invoice", TODAY, {one.span})
        with pytest.raises(Conflict, match="was opened meanwhile"):
            closing.close_or_reopen(store, "2026-W45 ; again", TODAY, {one.span})
    assert closing.closed(store, TODAY) == ()


def test_a_role_somebody_has_just_changed_is_not_changed_on(store: Store) -> None:
    for name, role in (("ana", "admin"), ("bo", "admin"), ("cy", "contributor")):
        members.add(store, name, role)
    with join(store, "bo") as bo:
        members.add(bo, "cy", "reader", "contributor")
    with pytest.raises(Conflict, match=r"bo at .* changed that: cy is reader by now"):
        members.add(store, "cy", "editor", "contributor")
    with pytest.raises(Conflict, match="cy is reader by now"):
        members.remove(store, "cy", "contributor")
    assert {one.account: one.role for one in members.members(store).members}["cy"] == "reader"


def test_a_finding_is_waived_once(store: Store) -> None:
    finding = next(case.finding for case in doctor.examine(store, TODAY).cases)
    with join(store, "bo") as bo:
        doctor.waive(bo, finding, "seen", TODAY)
    with pytest.raises(Refused, match="waived already"):
        doctor.waive(store, finding, "seen", TODAY)
    assert store.one("SELECT count(*) FROM waiver WHERE archived = 0") == 1


def test_a_verdict_and_a_worked_out_target_do_not_go_over_a_colleagues(store: Store) -> None:
    kpi = store.one("SELECT id FROM kpi")
    overriding.override(store, kpi, "at risk ; renewals", TODAY, 0)
    stands = whatif.standing_target(store, TODAY, metric(store, "mrr"))
    with join(store, "bo") as bo:
        with pytest.raises(Conflict, match=r"ana at .* said at risk \(renewals\)"):
            overriding.override(bo, kpi, "off ; no", TODAY, 0)
        whatif.as_target(bo, TODAY, metric(store, "mrr"), 420.0, "bo's")
    with pytest.raises(Conflict, match=r"bo at .* changed what it is judged by"):
        whatif.as_target(store, TODAY, metric(store, "mrr"), 450.0, "ana's", stands)


def test_a_proposal_is_answered_once_and_undo_leaves_a_colleagues_answer(store: Store) -> None:
    span = span_of("week", TODAY - 7, Calendar())
    for name, role in (("ana", "admin"), ("bo", "reader")):
        members.add(store, name, role)
    with join(store, "bo") as bo:
        number = proposals.propose(bo, "mrr", Span(*span), "357", "late", today=TODAY).id
        proposals.accept(store, number, today=TODAY)
        with pytest.raises(Refused, match="was accepted by ana already"):
            proposals.decline(bo, number, today=TODAY)
        with pytest.raises(Conflict, match="ana"):
            history.undo(bo, today=TODAY)
        again = proposals.propose(bo, "mrr", Span(*span), "358", "later", today=TODAY).id
        history.undo(bo, today=TODAY)
        with pytest.raises(Refused, match="was taken back by bo"):
            proposals.accept(store, again, today=TODAY)
    assert [one.value for one in proposals.proposals(store, TODAY, every=True)] == [357]
    entry.record_value(store, "mrr", span, "359", today=TODAY)
