"""A review from start to minutes, by several people, killed in the middle, signed off, opened again."""

from __future__ import annotations

import os
import stat
from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.line_target import read_target
from kpitui.domain.problem import Problem
from kpitui.errors import NotFound, Refused
from kpitui.services import actions, review, review_lines, review_session, signing
from kpitui.services.targets import set_target
from kpitui.storage import settings, undo
from kpitui.storage.store import Store
from kpitui.storage.verify import verify
from tests.review_sample import TODAY, reviewed
from tests.workspace import join, record

METRICS = {"quiet": 1, "mrr": 2, "late": 3, "cac": 4, "demos": 5}


def session(store: Store, number: int, today: int = TODAY) -> review_session.Session:
    return review_session.session(store, number, today)


def test_the_week_whose_review_day_has_come(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    weekly = review.choices(store, TODAY)[0]
    assert (weekly.label, weekly.due) == ("2026-W47", True)
    # On Monday the week before is talked about, on Friday the one that runs.
    assert review.choices(store, TODAY + 3)[0].label == "2026-W47"
    assert review.choices(store, TODAY + 7)[0].label == "2026-W48"
    assert [one.label for one in review.choices(store, TODAY)][1:] == ["2026-10", "2026-Q3", "2025"]
    assert [one.due for one in review.choices(store, TODAY + 14)] == [True, True, False, False]


def test_exceptions_come_off_watch_signal_missing_quiet(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "weekly", TODAY).id
    view = session(store, number, TODAY)
    assert [(item.group, item.row.slug) for item in view.items] == [
        ("off", "demos"),
        ("watch", "cac"),
        ("signal", "mrr"),
        ("quiet", "quiet"),
        ("quiet", "late"),
    ]
    assert view.loud == 3
    # A day later the week is over and the value is late; a note that says why is an answer.
    assert [item.row.slug for item in session(store, number, TODAY + 2).items if item.group == "missing"] == ["late"]
    review_lines.write(store, number, "note", "The tool is down", TODAY + 2, metric_id=METRICS["late"])
    assert [item.row.slug for item in session(store, number, TODAY + 2).items if item.group == "missing"] == []


def test_every_line_stands_at_once_and_others_see_it(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "weekly", TODAY, people="bo, cy").id
    other = join(store, "bo")
    before = store.version()
    saved = review_lines.write(other, number, "decision", "Hire an SDR", TODAY, metric_id=METRICS["demos"])
    assert saved.sentence == "Saved decision: Hire an SDR"
    assert store.version() != before
    review_lines.write(other, number, "action", "Brief the agency @ana tue", TODAY, metric_id=METRICS["demos"])
    review_lines.write(store, number, "issue", "Are no-shows counted?", TODAY)
    view = session(store, number)
    assert [(line.kind, line.who) for line in view.lines] == [("decision", "bo"), ("action", "bo"), ("issue", "ana")]
    assert [(task.owner, task.text, task.review_id) for task in view.agreed] == [("ana", "Brief the agency", number)]
    assert view.people == ("bo", "cy")
    assert [warning.split(" has ")[0] for warning in view.warnings] == ["CAC"]
    actions.add(store, "Split the costs @bo fri", TODAY, metric_id=METRICS["cac"])
    assert session(store, number).warnings == (), "an action of before is an answer as long as it is open"
    for text, kind in (("", "decision"), ("x" * 401, "issue"), ("do it", "action")):
        with pytest.raises(Problem):
            review_lines.write(store, number, kind, text, TODAY)  # type: ignore[arg-type]
    assert len(session(store, number).lines) == 3


def test_a_note_on_a_metric_stands_at_its_chart(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "weekly", TODAY).id
    review_lines.write(store, number, "note", "SDR post open", TODAY, metric_id=METRICS["demos"])
    first = session(store, number).items[0]
    assert [(note.who, note.text) for note in first.notes] == [("ana", "SDR post open")] and first.noted
    undo.undo(store)
    assert not session(store, number).items[0].noted and not session(store, number).lines


def test_it_goes_on_where_it_was_when_the_terminal_is_gone(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "weekly", TODAY).id
    assert review.place(store, number, 3, 2, spent_in=1, seconds=100)
    store.close()
    again = join(store, "ana")
    resumed = review.start(again, "weekly", TODAY)
    assert (resumed.id, resumed.resumed) == (number, True)
    assert resumed.sentence == "Weekly review W47 goes on at step 3"
    view = session(again, number)
    assert (view.step, view.item, view.seconds) == (3, 2, (100, 0, 0, 0, 0, 0))
    assert view.panel is not None and view.items[view.at].row.slug == "mrr"


def test_only_the_leaders_place_is_kept_and_u_does_not_step_back(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "weekly", TODAY).id
    review_lines.write(store, number, "decision", "Hire", TODAY)
    review.place(store, number, 2, 0)
    assert not review.place(join(store, "bo"), number, 5, 0)
    assert session(store, number).step == 2
    assert undo.undo(store).what == "review.decision"
    assert session(store, number).step == 2 and not session(store, number).lines
    assert verify(store) == []


def test_the_panel_has_six_weeks_and_twelve_months(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    panel = session(store, review.start(store, "weekly", TODAY).id).panel
    assert panel is not None
    assert panel.near == (31, 29, 28, 27, 25, 26) and panel.near_labels[-1] == "W47"
    assert len(panel.far) == 12 and panel.far_labels[-1] == "N" and panel.far[0] is None
    # November holds the weeks that end in it: W44, which ends on the first, to W47.
    assert panel.far[-1] == pytest.approx((28 + 27 + 25 + 26) / 4)
    assert (panel.target, panel.target_words) == (30, "≥ 30")
    assert panel.table[0] == ("last wk", "26", "30", "-13.3%")
    assert panel.table[-1] == ("y/y", "-", "", "")


def test_open_actions_are_carried_over_and_counted_once(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    old = actions.add(store, "Old @bo 2026-11-17", TODAY).task.id
    closed = actions.add(store, "Closed @cy 2026-11-19", TODAY).task.id
    actions.close(store, closed, TODAY)
    number = review.start(store, "weekly", TODAY).id
    review_lines.write(store, number, "action", "New @ana fri", TODAY)
    view = session(store, number)
    assert [(task.text, task.state) for task in view.last_time] == [("Old", "open"), ("Closed", "done")]
    actions.redate(store, old, "mon", TODAY)
    text = signing.sign(store, number, 8, TODAY).minutes
    assert "- bo   Old     Mon 23 Nov  carried, was 17 Nov" in text
    assert "- ana  New     Fri 27 Nov  new" in text
    assert (actions.one(store, old, TODAY).carried, actions.one(store, old, TODAY).first_due) == (1, TODAY - 3)
    signing.reopen(store, number, "forgot one")
    signing.sign(store, number, 8, TODAY)
    assert actions.one(store, old, TODAY).carried == 1
    later = review.start(store, "weekly", TODAY + 7).id
    assert "carried twice" in signing.sign(store, later, None, TODAY + 7).minutes


def test_open_issues_go_on_to_the_next_one(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "weekly", TODAY).id
    review_lines.write(store, number, "issue", "Parked", TODAY)
    solved = review_lines.write(store, number, "issue", "Solved", TODAY)
    review_lines.close_issue(store, solved.id)
    text = signing.sign(store, number, 7, TODAY).minutes
    assert "## Parked\n\n- Parked\n" in text and "## Closed\n\n- Solved\n" in text
    later = review.start(store, "weekly", TODAY + 7).id
    assert [(line.text, line.state) for line in session(store, later).of_kind("issue")] == [("Parked", "open")]
    assert session(store, later).people == ()


def test_figures_and_minutes_stay_as_signed(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "weekly", TODAY).id
    done = signing.sign(store, number, 8, TODAY)
    assert (
        done.sentence
        == "Signed off weekly review W47 · minutes in reviews/2026-W47-weekly.md · limits of 3 metrics locked"
    )
    file = tmp_path / "reviews" / "2026-W47-weekly.md"
    assert done.path == str(file) and file.read_bytes() == done.minutes.encode()
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(os.stat(store.path).st_mode)
    assert signing.shown(store, number, TODAY).corrections == ()

    record(store, "demos 2026-W47 29")
    with store.write("record", why="of another week"):
        record(store, "demos 2026-W46 24")
    with store.write("rename") as tx:
        from kpitui.domain.model import Kpi, Metric
        from kpitui.storage import definitions

        definitions.change(tx, definitions.get(store, Metric, METRICS["demos"]), name="Demos held")
        # How a KPI is judged from now on corrects nothing.
        for role in definitions.all_of(store, Kpi):
            definitions.change(tx, role, window=4)
    assert signing.stored_minutes(store, number) == done.minutes
    shown = signing.shown(store, number, TODAY + 30)
    assert shown.minutes == done.minutes
    assert shown.corrections == ("Demos held: 26 when signed off, 29 now (ana, 20 Nov, no reason given)",)
    frozen = store.rows("SELECT value, target, status FROM review_figure WHERE metric_id = ?", (METRICS["demos"],))
    assert frozen == [(26.0, 30.0, "off_track")]


def test_a_signed_review_is_closed_to_writing_and_undo(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "weekly", TODAY).id
    line = review_lines.write(store, number, "issue", "x", TODAY)
    with pytest.raises(Refused, match="signs it off"):
        signing.sign(join(store, "bo"), number, 8, TODAY)
    with pytest.raises(Problem, match="1 to 10"):
        signing.sign(store, number, 11, TODAY)
    signing.sign(store, number, 8, TODAY)
    for refused in (
        lambda: signing.sign(store, number, 8, TODAY),
        lambda: review_lines.write(store, number, "note", "late", TODAY),
        lambda: review_lines.close_issue(store, line.id),
        lambda: review.start(store, "weekly", TODAY),
        lambda: undo.undo(store),
    ):
        with pytest.raises(Refused):
            refused()
    assert store.one("SELECT count(*) FROM review WHERE state = 'signed'") == 1


def test_the_leader_opens_it_again_with_a_reason(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "weekly", TODAY).id
    first = signing.sign(store, number, 8, TODAY)
    with pytest.raises(Problem, match="reason"):
        signing.reopen(store, number, "  ")
    with pytest.raises(Refused, match="Only ana"):
        signing.reopen(join(store, "bo"), number, "because")
    signing.reopen(store, number, "CAC was wrong")
    assert store.one("SELECT why FROM txn WHERE what = 'review.reopen'") == "CAC was wrong"
    record(store, "cac 2026-W47 390")
    second = signing.sign(store, number, 9, TODAY)
    assert second.sentence.endswith("reviews/2026-W47-weekly-2.md (2026-W47-weekly.md holds another text)")
    assert (tmp_path / "reviews/2026-W47-weekly.md").read_text() == first.minutes
    assert store.rows("SELECT value FROM review_figure WHERE metric_id = ?", (METRICS["cac"],)) == [(390.0,)]
    assert verify(store) == []


def test_somebody_else_takes_the_lead(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "weekly", TODAY).id
    other = join(store, "bo")
    assert review.lead(other, number) == "bo leads this review now (was ana)"
    with pytest.raises(Refused, match="already"):
        review.lead(other, number)
    assert "led by bo (ana)" in signing.sign(other, number, None, TODAY).minutes


def test_the_file_follows_no_link_and_writes_over_nothing(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "weekly", TODAY).id
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "reviews").mkdir()
    (tmp_path / "reviews/2026-W47-weekly.md").symlink_to(victim)
    assert signing.sign(store, number, 8, TODAY).path.endswith("2026-W47-weekly-2.md")
    assert victim.read_text() == "precious"


def test_minutes_are_safe_when_the_file_cannot_be_written(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "weekly", TODAY).id
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "reviews").symlink_to(tmp_path / "elsewhere")
    done = signing.sign(store, number, 8, TODAY)
    assert done.path == "" and "could not be written" in done.sentence
    assert signing.stored_minutes(store, number) == done.minutes and not list((tmp_path / "elsewhere").iterdir())


def test_a_resumed_review_still_talks_of_its_own_week(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "weekly", TODAY).id
    record(store, "demos 2026-W48 50")
    view = session(store, number, TODAY + 6)
    assert (view.period_label, view.items[0].row.slug, view.items[0].row.value) == ("W47", "demos", 26)


def test_monthly_adds_inputs_and_targets_annual_the_goal(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    weekly = session(store, review.start(store, "weekly", TODAY).id)
    monthly = session(store, review.start(store, "monthly", TODAY).id)
    annual = session(store, review.start(store, "annual", TODAY).id)
    assert (weekly.flows, weekly.targets, weekly.questions) == ((), (), ())
    assert [(flow.source.slug, flow.feeds.slug) for flow in monthly.flows] == [("demos", "mrr")]
    assert "MRR ≥ 360" in monthly.targets and monthly.questions == ()
    kpi = next(row.kpi_id for row in monthly.rows if row.slug == "mrr")
    set_target(
        store, METRICS["mrr"], kpi, read_target(">=380 from 1 jan", date(2026, 11, 20), "number", currency="USD"), TODAY
    )
    later = session(store, monthly.id)
    assert "MRR ≥ 360, then ≥ 380 from 1 Jan 2027" in later.targets
    assert "MRR ≥ 360, then ≥ 380 from 1 Jan 2027" in signing.sign(store, monthly.id, 8, TODAY).minutes
    assert "Was $5.0M ARR by 31 Dec the right goal, and what did the year teach?" in annual.questions
    assert any("no counter metric" in question for question in annual.questions)
    assert sum(monthly.boxes) == 60 and sum(annual.boxes) == 240


def test_found_by_number_period_or_rhythm(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    with pytest.raises(NotFound, match="No review was held yet"):
        review.named(store, TODAY)
    first = review.start(store, "weekly", TODAY).id
    second = review.start(store, "monthly", TODAY).id
    assert [review.named(store, TODAY, word) for word in ("W47", "2026-W47", "weekly", str(first))] == [first] * 4
    assert review.named(store, TODAY, "Oct") == second
    with pytest.raises(NotFound, match="2026-W47 weekly"):
        review.named(store, TODAY, "W12")


def test_a_signal_is_an_exception_once_and_then_known(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "weekly", TODAY).id
    (first,) = [item for item in session(store, number).items if item.group == "signal"]
    assert first.row.slug == "mrr" and not first.known
    signing.sign(store, number, 8, TODAY)
    later = review.start(store, "weekly", TODAY + 7).id
    (same,) = [item for item in session(store, later, TODAY + 7).items if item.row.slug == "mrr"]
    assert same.row.signal is not None and same.known and same.group != "signal"


def test_a_quarter_that_is_over_is_judged_by_its_own_figures(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "quarterly", TODAY).id
    view = session(store, number)
    by_slug = {row.slug: row for row in view.rows}
    # W39 ended on 27 September; W40 went on into the next quarter.
    assert (view.period_label, by_slug["demos"].period_label, by_slug["demos"].value) == ("Q3", "W39", 30)
    assert view.figures_of == view.period.end - 1 and view.as_of == TODAY
    done = signing.sign(store, number, None, TODAY)
    assert "Numbers of Q3 as of 20 Nov" in done.minutes and "CAC $" not in done.minutes
    # What came after the quarter is no correction of it; what changed in it is one.
    record(store, "demos 2026-W47 40")
    assert signing.shown(store, number, TODAY).corrections == ()
    record(store, "demos 2026-W39 33")
    assert [line.partition(" (")[0] for line in signing.shown(store, number, TODAY).corrections] == [
        "Demos booked: 30 when signed off, 33 now"
    ]


def test_a_signed_review_keeps_the_name_it_was_signed_with(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = review.start(store, "quarterly", TODAY).id
    signing.sign(store, number, None, TODAY)
    with store.write("settings") as tx:
        settings.save(tx, {"fiscal_year_start": "2", "fiscal_year_name": "last"})
    assert review.choices(store, TODAY)[2].label == "FY2027-Q3"
    (one,) = review.past(store, TODAY)
    assert (one.title, one.label) == ("Quarterly review Q3", "2026-Q3")
    assert review.named(store, TODAY, "2026-Q3") == number
    view = session(store, number)
    assert (view.title, view.label, os.path.basename(view.file)) == (one.title, one.label, "2026-Q3-quarterly.md")
    record(store, "demos 2026-W39 33")
    assert signing.shown(store, number, TODAY).corrections[0].startswith("Demos booked: 30 when signed off, 33 now")
