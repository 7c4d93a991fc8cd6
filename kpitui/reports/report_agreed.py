"""What people noted, decided, agreed and changed, and what is missing, in a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.review import carried_text
from kpitui.reports import wording
from kpitui.reports.document import Block, Bullets, Grid, Paragraph, Runs, Strong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpitui.services.actions import Task
    from kpitui.services.report_view import Held, Report


def notes(report: Report) -> Iterator[Block]:
    today = report.day
    yield from bullets(
        [
            (
                f"{wording.day_text(note.day, today, weekday=True)}, {note.who} on ",
                Strong(note.name),
                f": {note.text}",
            )
            for note in report.notes
        ]
    )


def reviews(report: Report) -> Iterator[Block]:
    for held in report.reviews:
        yield Paragraph(held_words(held, report.day))
        if held.decisions:
            decided: list[Runs] = []
            for one in held.decisions:
                decided.append((one.text, f" ({one.about})" if one.about else "", f", {one.who}" if one.who else ""))
            yield Paragraph(("Decisions:",))
            yield Bullets(tuple(decided), numbered=True)
        waiting = [task for task in held.tasks if task.state == "open"]
        if waiting:
            yield Paragraph(("Open actions:",))
            yield Bullets(tuple(task_words(task, report.day) for task in waiting))
        done = sum(1 for task in held.tasks if task.state == "done")
        if done:
            many = "is done" if done == len(held.tasks) == 1 else f"{'is' if done == 1 else 'are'} done"
            yield Paragraph(
                (f"{done} of {len(held.tasks)} action{'s' if len(held.tasks) > 1 else ''} agreed there {many}.",)
            )
    if report.open_before:
        late = f", {report.late_before} late" if report.late_before else ""
        other = "other " if report.reviews else ""
        many = f"1 {other}action is" if report.open_before == 1 else f"{report.open_before} {other}actions are"
        yield Paragraph((f"{many} open{late}: kpitui actions lists them.",))


def held_words(held: Held, day: int) -> Runs:
    when = wording.day_text(held.held, day, weekday=True)
    scope = f" of {held.scope}" if held.scope else ""
    running = "" if held.state == "signed" else ", not signed off"
    nothing = "" if held.decisions or held.tasks else ": nothing was decided or agreed"
    return Strong(held.title + scope), f", {when}, led by {held.leader}{running}{nothing}."


def task_words(task: Task, day: int) -> Runs:
    late = f", {task.late_days} day{'s' if task.late_days > 1 else ''} late" if task.late_days else ""
    carried = f", {carried_text(task.carried)}" if task.carried else ""
    about = f" ({task.about})" if task.about else ""
    due = wording.day_text(task.due, day, weekday=True)
    return Strong(task.owner), f": {task.text}{about}, by {due}{late}{carried}"


def restated(report: Report) -> Iterator[Block]:
    if report.restated:
        yield Grid(
            ("Metric", "Period", "Was", "Now", "By", "On", "Why"),
            tuple(
                (
                    (one.name,),
                    (one.short,),
                    (one.was_text,),
                    (one.now_text,),
                    (one.who,),
                    (wording.day_text(one.day, report.day),),
                    (one.why,),
                )
                for one in report.restated
            ),
            right=(2, 3),
        )


def missing(report: Report) -> Iterator[Block]:
    said = list[Runs]()
    for item in report.missing:
        late = f"{item.late_days} day{'s' if item.late_days > 1 else ''} late"
        when = late if item.late_days else f"due {wording.near_day(item.due, report.day)}"
        if item.stopped is not None:
            when = f"no value since {wording.day_text(item.stopped, report.day)}"
        said.append((Strong(item.name), f" {item.period_label}, {when}{f', {item.updater}' if item.updater else ''}"))
    for one in report.doubts:
        said.append((Strong(one.name), f" {one.period_label} is {one.value}, marked ?: no status rests on it yet"))
    if said:
        yield Bullets(tuple(said))
    else:
        yield Paragraph((f"Nothing: every value of {report.short} that was asked for is there.",))


def bullets(items: list[Runs]) -> Iterator[Block]:
    if items:
        yield Bullets(tuple(items))
