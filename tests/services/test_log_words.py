"""Lines of the log in people's words: names, figures in their units, what a review did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kpitui.domain.model import Annotation
from kpitui.domain.periods import Calendar, parse_label
from kpitui.services.log_words import Teller
from kpitui.storage import definitions
from kpitui.storage.changes import ChangeRow
from tests.workspace import build

TODAY = parse_label("2026-11-20", Calendar())[1].start
MODEL = '[[metric]]\nslug = "mrr"\nname = "MRR"\nunit = "currency"\nkind = "level"\ncadence = "week"\n'


def row(tbl: str, what: str, item: str, before: dict[str, Any] | None, after: dict[str, Any]) -> ChangeRow:
    given: dict[str, Any] = dict.fromkeys(ChangeRow._fields)
    given |= {"id": 1, "txn_id": 1, "at": "2026-11-20T14:27:00Z", "who": "ana", "via": "tui", "why": "", "summary": ""}
    return ChangeRow(**(given | {"tbl": tbl, "what": what, "item": item, "before": before, "after": after}))


def test_the_lines_of_a_signed_review(tmp_path: Path) -> None:
    teller = Teller(build(tmp_path, MODEL), TODAY)
    frozen = {"metric_id": 1, "review_id": 7, "status": "off_track", "value": 357_600.0, "target": 400_000.0}
    line = teller.line(row("review_figure", "add", "mrr", None, frozen))
    assert (line.on_short, line.what, line.new) == ("MRR", "frozen", "$357,600, off track")
    signed = {"ended_at": "2026-11-20T14:27:00Z", "minutes": "# Weekly\n\nfine", "rating": 8, "state": "signed"}
    was = {"ended_at": "", "minutes": "", "rating": None, "state": "open"}
    change = row("review", "change", "weekly review 2026-11-16", was, signed)
    line = teller.line(change)
    assert (line.on_short, line.what, line.new) == ("weekly review W47", "signed", "minutes, rated 8")
    assert ("minutes", "-", "3 lines") in teller.fields(change) and ("ended", "-", "20 Nov 14:27") in teller.fields(
        change
    )
    line = teller.line(row("review_line", "add", "Hire an SDR", None, {"kind": "decision", "text": "Hire an SDR"}))
    assert (line.what, line.new) == ("decision", "")


def test_fields_are_named_in_words(tmp_path: Path) -> None:
    teller = Teller(build(tmp_path, MODEL), TODAY)
    line = teller.line(row("action", "change", "Mail", {"carried": 1, "due": TODAY - 7}, {"carried": 2, "due": TODAY}))
    assert (line.old, line.new) == ("carried, due 1, 13 Nov", "2, 20 Nov")


def test_a_goal_is_told_in_its_own_unit_with_and_without_a_metric(tmp_path: Path) -> None:
    goal = '\n[[goal]]\nslug = "g"\ntitle = "$300k by 31 Dec"\nunit = "currency"\ntarget = 300000\n'
    teller = Teller(build(tmp_path, MODEL + goal), TODAY)
    made = row("goal", "add", "g", None, {"title": "$300k by 31 Dec", "target": 300_000.0})._replace(row_id=1)
    assert teller.line(made).new == "$300,000"
    line = teller.line(row("goal", "change", "g", {"target": 3e5}, {"target": 4e5})._replace(row_id=1))
    assert (line.old, line.new) == ("$300,000", "$400,000")


def test_a_note_that_was_taken_back_is_told_by_its_text_and_metric(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL)
    with store.write("annotate") as tx:
        note = definitions.add(tx, Annotation(metric_id=1, day=TODAY, text="two renewals moved", who="ana"))
    teller = Teller(store, TODAY)
    gone = row("annotation", "undo", "two renewals moved", {"archived": False}, {"archived": True})
    line = teller.line(gone._replace(row_id=note.id))
    assert (line.on, line.old, line.new) == ("MRR", "two renewals moved", "-")
    back = gone._replace(row_id=note.id, what="redo", before={"archived": True}, after={"archived": False})
    assert (teller.line(back).old, teller.line(back).new) == ("", "two renewals moved")
    line = teller.line(row("metric", "undo", "mrr", {"archived": False}, {"archived": True})._replace(row_id=1))
    assert (line.old, line.new) == ("", "archived")
