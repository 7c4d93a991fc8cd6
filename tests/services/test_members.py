"""Roles are kept in every face by one check; what somebody may not change they may propose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kpitui import identity
from kpitui.domain import roles
from kpitui.domain.member import Member
from kpitui.domain.model import Kpi, Metric
from kpitui.domain.periods import Span, parse_label
from kpitui.domain.problem import Problem
from kpitui.domain.roles import role_of
from kpitui.domain.workspace import Workspace
from kpitui.errors import Conflict, NotAllowed, NotFound, Refused
from kpitui.services import annotate, check_in, closing, entry, history, members, proposals, review, settings
from kpitui.services.calendar import calendar_of
from kpitui.storage import definitions, points, reading, write_rules
from kpitui.storage.store import Store
from tests.conftest import Ran
from tests.services.acme import MODEL, TODAY
from tests.workspace import build, join

W46: Span = parse_label("2026-W46", calendar_of({}))[1]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """ana is admin, bo contributes (owner of demos and trial), cy edits, dee and everybody else reads."""
    made = build(tmp_path, MODEL, "mrr 2026-W46 345000\ndemos 2026-W46 26")
    for account, role in (("ana", "admin"), ("bo", "contributor"), ("cy", "editor"), ("dee", "reader")):
        members.add(made, account, role)
    return made


def record(store: Store, slug: str, text: str) -> None:
    entry.record_value(store, slug, W46, text, today=TODAY, judged=False)


def value(store: Store, slug: str) -> float | None:
    metric = reading.metric(store, slug)
    assert metric is not None
    return points.between(store, metric.id, *W46)[0].value


def rename(store: Store) -> None:
    metric = definitions.find(store, Metric, slug="mrr")
    assert metric is not None
    with store.write("metric.edit") as tx:
        definitions.change(tx, metric, name=f"{metric.name}!")


DOINGS: dict[str, Callable[[Store], object]] = {
    "own value": lambda store: record(store, "demos", "27"),
    "other's value": lambda store: record(store, "mrr", "346000"),
    "note": lambda store: annotate.annotate(store, "mrr", "a word", today=TODAY),
    "review": lambda store: review.start(store, "weekly", TODAY),
    "metric": rename,
    "closing": lambda store: closing.close(store, "oct", "books", TODAY),
    "setting": lambda store: settings.change(store, "name", "Acme Inc.", seen=Workspace(name="Acme")),
    "member": lambda store: members.add(store, "eve", "reader"),
}
MAY = {
    "ana": set(DOINGS),
    "cy": set(DOINGS) - {"setting", "member"},
    "bo": {"own value", "note", "review"},
    "dee": set(),
    "nobody": set(),
}


@pytest.mark.parametrize("who", MAY)
def test_what_a_role_may(store: Store, who: str) -> None:
    with join(store, who) as theirs:
        for what, do in DOINGS.items():
            lines = store.one("SELECT count(*) FROM change")
            if what in MAY[who]:
                do(theirs)
                assert store.one("SELECT count(*) FROM change") > lines, what
            else:
                with pytest.raises(NotAllowed, match="NOT saved"):
                    do(theirs)
                assert store.one("SELECT count(*) FROM change") == lines, what


def test_a_contributor_checks_in_with_how_sure_they_are_and_no_more(store: Store) -> None:
    def checking(who: Store, slug: str) -> None:
        metric = reading.metric(who, slug)
        assert metric is not None
        kpi = definitions.find(who, Kpi, metric_id=metric.id)
        assert kpi is not None
        check_in.check_in(who, check_in.cell_of(who, metric.id, TODAY), "3% 2/3", TODAY, kpi.id)

    with join(store, "bo") as bo:
        checking(bo, "trial")
        with pytest.raises(NotAllowed, match="belongs to cy"):
            checking(bo, "nrr")
        history.undo(bo, today=TODAY)
        history.redo(bo, today=TODAY)
        kpi = definitions.find(bo, Kpi, confidence=2)
        assert kpi is not None
        with pytest.raises(NotAllowed, match="KPIs are not for you"), bo.write("kpi.edit") as tx:
            definitions.change(tx, kpi, confidence=3)


def test_undo_is_checked_like_what_it_undoes(store: Store) -> None:
    record(store, "mrr", "346000")
    done = store.one("SELECT max(id) FROM txn")
    with join(store, "bo") as bo, pytest.raises(NotAllowed, match="MRR belongs to ana"):
        history.undo(bo, txn_id=done)
    assert value(store, "mrr") == 346_000


def test_nobody_makes_themselves_more_than_they_are(store: Store) -> None:
    for who in ("cy", "bo", "dee", "eve"):
        with join(store, who) as theirs:
            for doing in (
                lambda theirs=theirs, who=who: members.add(theirs, who, "admin"),
                lambda theirs=theirs: members.remove(theirs, "dee"),
                lambda theirs=theirs: history.undo(theirs, txn_id=store.one("SELECT max(id) FROM txn")),
            ):
                with pytest.raises(NotAllowed):
                    doing()
    assert dict(store.rows("SELECT account, role FROM member")) == {
        "ana": "admin",
        "bo": "contributor",
        "cy": "editor",
        "dee": "reader",
    }


def test_own_role_before_groups_and_the_highest_of_them() -> None:
    team = {"ana": "reader", "@staff": "contributor", "@finance": "editor"}
    assert role_of("ana", ("staff", "finance"), team) == "reader"
    assert role_of("bo", ("staff", "finance"), team) == "editor"
    assert role_of("cy", (), team) == "reader" and role_of("cy", (), {}) == "admin"


def test_a_group_of_the_system_counts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_rules, "groups_of", lambda account: ("finance",) if account == "fay" else ())
    members.add(store, "@finance", "editor")
    with join(store, "fay") as fay:
        record(fay, "mrr", "346000")
    assert value(store, "mrr") == 346_000


def test_the_first_member_leaves_an_admin_and_the_last_admin_stays(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL)
    assert members.members(store).role == "admin" and not members.members(store).members
    assert members.add(store, "bo", "contributor").sentence.startswith("bo is contributor now")
    assert [(one.account, one.role) for one in members.members(store).members] == [
        ("ana", "admin"),
        ("bo", "contributor"),
    ]
    # The log says of each line whom it is about, not whom the change was made for.
    assert [one.on for one in history.log(store, TODAY, limit=2).lines] == ["bo: contributor", "ana: admin"]
    for doing in (lambda: members.remove(store, "ana"), lambda: members.add(store, "ana", "editor")):
        with pytest.raises(Refused, match="only admin"):
            doing()
    with pytest.raises(NotFound):
        members.remove(store, "eve")
    for name, role in (("a b", "reader"), ("", "reader"), ("@", "reader"), ("eve", "boss")):
        with pytest.raises(Problem):
            members.add(store, name, role)


def test_an_admin_who_is_nobody_is_said_and_is_not_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kpitui: Callable[..., Ran]
) -> None:
    import grp

    store = build(tmp_path, MODEL)
    # As the first member: whoever names it stays an admin.
    done = members.add(store, "@nosuchgroup", "admin").sentence
    assert "knows no group of that name, so it does not count as an admin); ana is admin" in done
    members.add(store, "nosuchaccount", "admin")
    for doing in (lambda: members.remove(store, "ana"), lambda: members.add(store, "ana", "editor")):
        with pytest.raises(Refused, match=r"ana is the only admin .*@nosuchgroup, nosuchaccount stands for nobody"):
            doing()
    # Nor by another way than the services.
    gone = definitions.find(store, Member, account="ana")
    with pytest.raises(Refused, match="ana is the only admin"), store.write("member.remove") as tx:
        assert gone is not None
        definitions.archive(tx, gone)
    monkeypatch.setattr(grp, "getgrnam", lambda name: grp.struct_group((name, "x", 987_654, [])))
    assert "nobody on this machine is in that group" in members.add(store, "@empty", "admin").sentence
    monkeypatch.setattr(grp, "getgrnam", lambda name: grp.struct_group((name, "x", 987_654, ["root"])))
    members.add(store, "@ops", "admin")
    members.remove(store, "ana")
    monkeypatch.undo()
    assert "@nosuchgroup (unknown here)" in kpitui("members", "--db", store.path).out


def test_templates_are_saved_by_editors(store: Store) -> None:
    from kpitui.services import library_save

    for who, may in (("cy", True), ("bo", False), ("dee", False)):
        with join(store, who) as theirs:
            if may:
                library_save.save_scope(theirs, "org", f"Of {who}", TODAY)
                continue
            with pytest.raises(NotAllowed, match="templates are not for you to change"):
                library_save.save_scope(theirs, "org", f"Of {who}", TODAY)
    assert [path.name for path in Path(library_save.folder_of(store.path)).iterdir()] == ["of_cy.toml"]


def test_undo_does_not_take_the_last_admin_away_either(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_rules, "is_somebody", lambda account, me="": True)
    members.add(store, "eve", "admin")
    made = store.one("SELECT max(id) FROM txn")
    with join(store, "eve") as eve:
        members.add(eve, "ana", "reader")
        with pytest.raises(Refused, match="eve is the only admin"):
            history.undo(eve, txn_id=made)
        history.undo(eve)
        history.undo(eve, txn_id=made)
    assert ("ana", "admin") in [(one.account, one.role) for one in members.members(store).members]


def propose(store: Store, text: str = "350k") -> proposals.Done:
    return proposals.propose(store, "mrr", W46, text, "an invoice came late", today=TODAY)


def test_a_reader_proposes_and_the_owner_accepts_or_declines(store: Store) -> None:
    with join(store, "dee") as dee, join(store, "bo") as bo:
        made = propose(dee)
        assert made.sentence == "Proposed MRR W46 = $350k to ana (number 1)"
        (asked,) = proposals.for_me(store, TODAY)
        assert asked.sentence == "dee proposes MRR W46 = $350,000 (now $345,000): an invoice came late"
        assert proposals.for_me(bo, TODAY) == () == proposals.for_me(dee, TODAY)
        for who in (bo, dee):
            with pytest.raises(NotAllowed):
                proposals.accept(who, made.id, today=TODAY)
        with pytest.raises(NotAllowed, match="ask ana"):
            proposals.decline(bo, made.id, today=TODAY)
        assert value(store, "mrr") == 345_000
        assert "Saved MRR W46 = $350,000" in proposals.accept(store, made.id, today=TODAY).sentence
        assert value(store, "mrr") == 350_000
        metric = reading.metric(store, "mrr")
        assert metric is not None
        assert points.history(store, metric.id, W46.start)[-1].why == "proposed by dee: an invoice came late"
        with pytest.raises(Refused, match="accepted by ana already"):
            proposals.decline(store, made.id, today=TODAY)
        history.undo(store, today=TODAY)
        assert value(store, "mrr") == 345_000 and len(proposals.for_me(store, TODAY)) == 1
        proposals.decline(store, made.id, "counted twice", today=TODAY)
        (told,) = proposals.proposals(dee, TODAY, every=True)
        assert (told.state, told.answer, told.answered_by) == ("declined", "counted twice", "ana")
        # Whoever proposed is told, for some days; nobody else is.
        assert [one.outcome for one in proposals.answered(dee, TODAY)] == [
            "ana declined your MRR W46 = $350,000: counted twice"
        ]
        assert proposals.answered(dee, TODAY + proposals.NEWS + 1) == () == proposals.answered(store, TODAY)
        said = [one for one in history.log(store, TODAY).lines if one.what in ("proposed", "answered")]
        assert [(one.on_short, one.what, one.old, one.new) for one in said] == [
            ("MRR W46", "answered", "open", "declined"),
            ("MRR W46", "answered", "open", "accepted"),
            ("MRR W46", "proposed", "", "$350,000"),
        ]
        mine = propose(dee, "351k")
        assert "Took back" in proposals.decline(dee, mine.id, today=TODAY).sentence


def test_what_a_reader_proposes_for_a_metric_of_their_own_is_asked_of_whoever_may_enter_it(store: Store) -> None:
    members.add(store, "bo", "reader")
    with join(store, "bo") as bo, join(store, "cy") as cy:
        made = proposals.propose(bo, "demos", W46, "27", "one was late", today=TODAY)
        assert made.sentence == "Proposed Demos booked W46 = 27 to whoever may enter it (number 1)"
        assert [asked.id for asked in proposals.for_me(cy, TODAY)] == [made.id]
        assert history.undo(bo, today=TODAY).sentence == "Took back the proposal Demos booked W46 = 27"
        assert proposals.for_me(cy, TODAY) == ()


def test_a_value_that_changed_since_is_not_overwritten_by_a_proposal(store: Store) -> None:
    with join(store, "dee") as dee:
        made = propose(dee)
        with pytest.raises(Refused, match="already"):
            propose(dee, "345000")
        with pytest.raises(Problem, match="reason"):
            proposals.propose(dee, "mrr", W46, "1", "", today=TODAY)
    record(store, "mrr", "346000")
    with pytest.raises(
        Conflict, match=r"MRR W46 is \$346,000 now, saved by ana .* when dee proposed \$350,000. NOT sav"
    ):
        proposals.accept(store, made.id, today=TODAY)
    assert value(store, "mrr") == 346_000 and len(proposals.proposals(store, TODAY)) == 1
    # What was changed and taken back is what stood when it was proposed.
    history.undo(store, today=TODAY)
    assert "Saved MRR W46 = $350,000" in proposals.accept(store, made.id, today=TODAY).sentence


def test_the_commands(store: Store, kpitui: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    listed = kpitui("members")
    assert "bo (unknown here)   contributor" in listed.out and "courtesy" in listed.err
    assert '"account": "ana", "role": "admin"' in " ".join(kpitui("members", "--json").out.split())
    assert kpitui("propose", "mrr", "350k", "--on", "w46", "--why", "late").out.startswith("Proposed MRR W46 = $350k")
    assert "$350,000" in kpitui("proposals").out and '"now": 345000.0' in kpitui("proposals", "--json").out
    monkeypatch.setattr(identity, "who", lambda: store.who)
    assert "1 proposal waits for your answer" in kpitui("due").err
    assert kpitui("proposals", "accept", "1", "--why", "seen").code == 0
    assert kpitui("proposals", "accept", "1").code == 1
    assert "late  ana: seen" in kpitui("proposals", "--all").out
    assert value(store, "mrr") == 350_000
    assert kpitui("members", "remove", "dee").code == 0


def test_the_command_says_all_that_somebody_may_do(
    store: Store, kpitui: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPITUI_DB", store.path)
    out = kpitui("members").out
    assert roles.MAY["editor"] in out and "…" not in out
