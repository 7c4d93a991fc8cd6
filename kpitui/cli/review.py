"""`kpitui review`: start, follow and sign off reviews, and read the past ones."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from kpitui.cli.for_programs import emit_rows, row_options, span_object
from kpitui.cli.looking_back import open_known, options
from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import emit, emit_json, say, table
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.services.review_session import Session
    from kpitui.storage.store import Store

PAUSE = 1.0
"""Seconds between two looks of `follow`."""
KINDS = ("note", "decision", "issue", "action")


@click.group()
def command() -> None:
    """Reviews: weekly, monthly, quarterly, annual. WHICH is a number, a period (W47, 2026-W47, Oct) or a rhythm."""


@command.command()
@click.option("--rhythm", default="", metavar="RHYTHM", help="weekly, monthly, quarterly or annual; else what is due.")
@click.option("--scope", metavar="SCOPE", help="Of this scope; else of the whole workspace.")
@click.option("--people", default="", metavar="NAMES", help="Who takes part: bo,cy,dee.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def start(db: str | None, rhythm: str, scope: str | None, people: str, as_json: bool) -> int:
    """Start the review that is due, or resume the one that runs."""
    from kpitui.services import review, review_session

    with open_store(db, write=True) as store:
        today = today_of(store)
        chosen = rhythm or review.suggested(review.choices(store, today, scope)).rhythm
        begun = review.start(store, chosen, today, scope=scope, people=people)
        view = review_session.session(store, begun.id, today)
    if as_json:
        emit_json({"id": begun.id, "resumed": begun.resumed, **head(view)})
    else:
        emit(f"{begun.sentence}.")
        say("kpitui opens the screens, where r goes on with it; kpitui review follow shows it as it is held.")
    return 0


@command.command("list")
@options
@row_options
@click.pass_obj
def listed(db: str | None, as_of: str | None, as_known: str | None, form: str | None) -> int:
    """All reviews, the newest first."""
    from kpitui.domain.periods import iso
    from kpitui.services import review

    with open_known(db, as_of, as_known) as looked:
        found = review.past(looked.store, looked.day)
    if form:
        keys = ("id", "rhythm", "label", "scope", "state", "leader", "rating", "decisions", "actions", "open_actions")
        emit_rows(
            form,
            [{**{key: getattr(one, key) for key in keys}, "held": iso(one.held)} for one in found],
            (*keys, "held"),
        )
    elif not found:
        say("No review was held yet: kpitui review start begins one.")
    else:
        rows = [
            (one.id, one.label, one.rhythm, iso(one.held), one.state, one.leader, one.rating, one.actions, one.scope)
            for one in found
        ]
        header = ("no.", "period", "rhythm", "held", "state", "led by", "rated", "actions", "scope")
        emit(table(header, rows, right=(0, 6, 7)))
    return 0


@command.command()
@click.argument("which", required=False, default="")
@options
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def show(db: str | None, which: str, as_of: str | None, as_known: str | None, as_json: bool) -> int:
    """A review: its minutes, and below them the figures that were corrected since it was signed off."""
    from kpitui.services import review, review_session, signing

    with open_known(db, as_of, as_known) as looked:
        store, today = looked.store, looked.day
        number = review.named(store, today, which)
        shown = signing.shown(store, number, today)
        view = review_session.session(store, number, today)
    if as_json:
        emit_json({**whole(view), "minutes": shown.minutes, "corrections": list(shown.corrections)} | looked.json)
        return 0
    looked.say()
    emit(shown.minutes.rstrip("\n"))
    if shown.corrections:
        emit("\nCorrected since, not part of the minutes:")
        for line in shown.corrections:
            emit(f"  {line}")
    return 0


@command.command()
@click.argument("which", required=False, default="")
@options
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def minutes(db: str | None, which: str, as_of: str | None, as_known: str | None, as_json: bool) -> int:
    """The minutes of a review, byte for byte as they were signed off."""
    from kpitui.services import review, signing

    with open_known(db, as_of, as_known) as looked:
        number = review.named(looked.store, looked.day, which)
        text = signing.stored_minutes(looked.store, number)
        corrections = signing.shown(looked.store, number, looked.day).corrections
    if as_json:
        emit_json({"id": number, "minutes": text, "corrections": list(corrections)})
    else:
        if corrections:
            # Not among the signed bytes.
            say(f"Corrected since, not part of the minutes: {'; '.join(corrections)}.")
        # As they were signed: signing cleans every word, so this changes only what another program wrote there.
        sys.stdout.flush()
        sys.stdout.buffer.write(clean(text, keep_newlines=True).encode("utf-8"))
    return 0


@command.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("text")
@click.option("--on", "slug", default="", metavar="METRIC", help="What it is about.")
@click.option("--review", "which", default="", metavar="WHICH", help="The review; else the one that runs.")
@click.pass_obj
def write(db: str | None, kind: str, text: str, slug: str, which: str) -> int:
    """Write a line into a running review; an action is `what @who when`."""
    from kpitui.errors import NotFound
    from kpitui.services import review, review_lines
    from kpitui.storage import reading

    with open_store(db, write=True) as store:
        today = today_of(store)
        metric = reading.metric(store, slug) if slug else None
        if slug and metric is None:
            raise NotFound(f"There is no metric called “{slug}”: kpitui status lists them.")
        number = review.named(store, today, which) if which else running(store, today)
        saved = review_lines.write(
            store,
            number,
            kind,  # type: ignore[arg-type]
            text,
            today,
            metric_id=metric.id if metric else None,
        )
    emit(f"{saved.sentence}.")
    return 0


@command.command()
@click.argument("which", required=False, default="")
@click.option("--rating", type=click.IntRange(1, 10), help="How good the review was, 1 to 10.")
@click.pass_obj
def sign(db: str | None, which: str, rating: int | None) -> int:
    """Sign a review off: its figures are frozen and the minutes written beside the workspace."""
    from kpitui.services import review, signing

    with open_store(db, write=True) as store:
        today = today_of(store)
        number = review.named(store, today, which) if which else running(store, today)
        done = signing.sign(store, number, rating, today)
    emit(f"{done.sentence}.")
    return 0


@command.command()
@click.argument("which")
@click.argument("why")
@click.pass_obj
def reopen(db: str | None, which: str, why: str) -> int:
    """Open a signed review again: by its leader, with a reason that the log keeps."""
    from kpitui.services import review, signing

    with open_store(db, write=True) as store:
        emit(f"{signing.reopen(store, review.named(store, today_of(store), which), why)}.")
    return 0


@command.command()
@click.argument("which", required=False, default="")
@click.option("--once", is_flag=True, help="Print where it stands and end.")
@click.pass_obj
def follow(db: str | None, which: str, once: bool) -> int:
    """Show a running review as it is written, read-only, until it is signed off."""
    from kpitui.services import review, review_session

    with open_store(db) as store:
        today = today_of(store)
        number = review.named(store, today, which) if which else running(store, today)
        told: list[str] = []
        while True:
            view = review_session.session(store, number, today)
            now = told_lines(view)
            for line in now if not told else [line for line in now if line not in told]:
                emit(line)
            sys.stdout.flush()
            told = now
            if view.state == "signed":
                emit("\n" + view.minutes.rstrip("\n"))
                return 0
            if once:
                return 0
            while not store.changed():
                time.sleep(PAUSE)


def running(store: Store, today: int) -> int:
    """The review that runs. Raises NotFound when none does."""
    from kpitui.errors import NotFound
    from kpitui.services import review

    for one in review.past(store, today):
        if one.state == "open":
            return one.id
    raise NotFound("No review is running: kpitui review start begins one, and so does r in the screens.")


def told_lines(view: Session) -> list[str]:
    """A running review, a fact a line; what is new since the last look is what is not among them."""
    from kpitui.domain.review import STEPS
    from kpitui.services.review_items import against, figure, gap_words

    people = f" with {' '.join(view.people)}" if view.people else ""
    lines = [f"{view.title}, led by {view.leader}{people}"]
    if view.state == "open":
        lines.append(f"Step {view.step} of {len(STEPS)}: {STEPS[view.step - 1]}")
    for item in view.items[: view.loud]:
        row = item.row
        target = f" {against(row)}" if against(row) else ""
        gap = f" ({gap_words(row)})" if gap_words(row) else ""
        lines.append(f"  {item.group:<8}{row.name} {figure(row, row.value)}{target}{gap}")
    for line in view.lines:
        about = f" ({line.about})" if line.about else ""
        lines.append(f"  {line.clock} {line.kind:<9}{line.who}: {line.text}{about}")
    if view.state == "signed":
        lines.append("Signed off.")
    return lines


def head(view: Session) -> dict[str, object]:
    from kpitui.domain.periods import iso

    return {
        "rhythm": view.rhythm,
        "period": span_object(view.label, view.period),
        "scope": view.scope,
        "state": view.state,
        "leader": view.leader,
        "people": list(view.people),
        "held": iso(view.held),
        "step": view.step,
        "rating": view.rating,
        "file": view.file,
    }


def whole(view: Session) -> dict[str, object]:
    from kpitui.cli.actions import task_object
    from kpitui.services.locking import told

    return {
        "id": view.id,
        **head(view),
        "exceptions": [
            {
                "slug": item.row.slug,
                "name": item.row.name,
                "group": item.group,
                "value": item.row.value,
                "target": item.row.target,
                "gap": item.row.gap,
                "status": item.row.status,
                "signal": item.row.signal.sentence if item.row.signal else None,
                "notes": [note.text for note in item.notes],
            }
            for item in view.items[: view.loud]
        ],
        "lines": [
            {
                "id": line.id,
                "kind": line.kind,
                "text": line.text,
                "who": line.who,
                "about": line.about,
                "state": line.state,
            }
            for line in view.lines
        ],
        "actions": [task_object(task) for task in (*view.agreed, *view.last_time)],
        "questions": list(view.questions),
        "open_points": list(view.warnings),
        "limits": [f"{cause}: {names}" for cause, names in told(view.locking)],
    }
