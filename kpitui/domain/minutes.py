"""The minutes of a review as Markdown: text that is made once, at sign-off, and stored.

What people wrote is data here: `plain` takes from it the power to be a heading, a link, a list or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

# `<5%` before a blank begins neither a tag nor an address.
_MARKS = re.compile(r"([\\`*\[\]]|<(?!\d+%[.,;)]?(?:\s|$))|(?<!\w)_|_(?!\w))")
_START = re.compile(r"^(?:([#>|=~+-])|(\d{1,9})([.)]))")


class Figure(NamedTuple):
    """A row as it is told: its name and the words for its figures."""

    name: str
    value: str
    """Empty where there is none."""
    target: str
    """With its preposition, `of $400k` or `against ≤ $400`; empty without one."""
    gap: str
    signal: bool
    group: str
    """One of `domain.review.GROUPS`."""


class Task(NamedTuple):
    owner: str
    text: str
    due: str
    state: str
    """`new`, `carried twice, was 17 Nov`, `done`, …"""


class Said(NamedTuple):
    """A decision, issue or note, and the name of what it is about."""

    text: str
    about: str = ""
    who: str = ""


class Minutes(NamedTuple):
    title: str
    """`Weekly review W47`."""
    day: str
    hours: str
    """`14:00-14:27`, or empty."""
    leader: str
    people: Sequence[str]
    rating: int | None
    scope: str
    """Empty for the whole workspace."""
    goal: str
    """One sentence on the goal, its title already made `plain`."""
    figures: Sequence[Figure]
    decisions: Sequence[Said]
    tasks: Sequence[Task]
    parked: Sequence[Said]
    closed: Sequence[Said]
    notes: Sequence[Said]
    targets: Sequence[str]
    """The targets as they stood, monthly and rarer."""
    limits: Sequence[str]
    """What natural limits were locked, and which were left moving and why."""
    numbers: str
    """`Numbers of W47 as of 20 Nov 14:27, frozen.`"""
    next: str
    """`Fri 27 Nov 14:00, ana leads`."""


def plain(text: str) -> str:
    """`text` on one line, with whatever Markdown would take for a sign of its own behind a backslash."""
    line = _MARKS.sub(r"\\\1", " ".join(text.split()))
    return _START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", line)


def written(minutes: Minutes) -> str:
    """The whole text, ending in a line feed."""
    led = f"led by {plain(minutes.leader)}" + (f" ({' '.join(map(plain, minutes.people))})" if minutes.people else "")
    head = [minutes.title + (f" of {plain(minutes.scope)}" if minutes.scope else ""), minutes.day, minutes.hours, led]
    if minutes.rating is not None:
        head.append(f"rated {minutes.rating}")
    lines = ["# " + ", ".join(part for part in head if part), ""]
    if minutes.goal:
        lines += [minutes.goal, ""]
    lines += [*figure_lines(minutes.figures), ""]
    for title, said in (("Decisions", minutes.decisions), ("Parked", minutes.parked), ("Closed", minutes.closed)):
        if title == "Parked" and minutes.tasks:
            lines += ["## Actions", "", *task_lines(minutes.tasks), ""]
        if said:
            lines += [f"## {title}", "", *said_lines(said, numbered=title == "Decisions"), ""]
    if minutes.notes:
        lines += ["## Notes", "", *said_lines(minutes.notes), ""]
    if minutes.targets:
        lines += ["## Targets", "", *(f"- {plain(target)}" for target in minutes.targets), ""]
    if minutes.limits:
        lines += ["## Natural limits", "", *(f"- {plain(one)}" for one in minutes.limits), ""]
    end = minutes.numbers + (f" Next: {plain(minutes.next)}." if minutes.next else "")
    return "\n".join([*lines, end]) + "\n"


def figure_lines(figures: Sequence[Figure]) -> list[str]:
    """Off, watch and signals with their figures, the quiet ones counted."""
    lines = []
    for group, word in (("off", "Off"), ("watch", "Watch"), ("signal", "Signal"), ("missing", "Missing")):
        told = [figure_text(figure) for figure in figures if figure.group == group]
        if told:
            lines.append(f"- {word}: {' · '.join(told)}")
    quiet = [figure for figure in figures if figure.group == "quiet"]
    known = sum(1 for figure in quiet if figure.value)
    lines.append(f"- As expected: {known}" if figures else "- No KPI and no metric yet")
    if len(quiet) > known:
        lines.append(f"- No value yet: {len(quiet) - known}")
    return lines


def figure_text(figure: Figure) -> str:
    """`Demos booked 26 against ≥ 30 (-13.3%, signal)`."""
    if figure.group == "missing":
        return f"{plain(figure.name)} ({f'last {figure.value}' if figure.value else 'no value yet'})"
    words = [word for word in (figure.gap, "signal" if figure.signal else "") if word]
    target = f" {figure.target}" if figure.target else ""
    return f"{plain(figure.name)} {figure.value}{target}" + (f" ({', '.join(words)})" if words else "")


def task_lines(tasks: Sequence[Task]) -> list[str]:
    owners = max(len(plain(task.owner)) for task in tasks)
    texts = min(max(len(plain(task.text)) for task in tasks), 48)
    return [
        f"- {plain(task.owner):<{owners}}  {plain(task.text):<{texts}}  {task.due:<10}  {task.state}".rstrip()
        for task in tasks
    ]


def said_lines(said: Sequence[Said], *, numbered: bool = False) -> list[str]:
    lines = []
    for place, one in enumerate(said, 1):
        about = f" ({plain(one.about)})" if one.about else ""
        who = f"{plain(one.who)}: " if one.who else ""
        lines.append(f"{f'{place}.' if numbered else '-'} {who}{plain(one.text)}{about}")
    return lines
