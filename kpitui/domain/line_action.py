"""The line for an action: `Call the 20 warm trial users @bo fri`."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from kpitui.domain.day_words import ISO, Order
from kpitui.domain.line_dates import checked_line, take_last_date
from kpitui.domain.periods import Calendar
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

MENTION = re.compile(r"@([\w][\w.+-]*?)[.,;:]?")


class ActionLine(NamedTuple):
    """What, who, and the epoch day it is due."""

    text: str
    who: str
    due: int


def read_action(
    text: str, today: date, default_who: str = "", *, order: Order | None = None, cal: Calendar = ISO
) -> ActionLine:
    """Read `what @who when`, who and when in either order behind the text. Raises `Problem` with what is missing."""
    words: list[str] = []
    who = ""
    for word in checked_line(text, "an action").split():
        if not (mention := MENTION.fullmatch(word)):
            words.append(word)
        elif who and who != mention[1]:
            raise Problem(
                f"An action has one owner, and this names {quote(who)} and {quote(mention[1])}: leave one out."
            )
        else:
            who = mention[1]
    if not words:
        raise Problem("What is to be done? Type it like: Call the 20 warm trial users @bo fri.")
    rest, due = take_last_date(words, today, order, cal)
    if due is None:
        raise Problem("When is it due? Put a date behind it: fri, +2w or 31 dec.")
    who = who or default_who
    if not who:
        raise Problem("Who does it? Name somebody, like @bo.")
    said = " ".join(rest)
    if len(said) > 120:
        raise Problem(f"The action is too long: {len(said)} characters, at most 120.")
    return ActionLine(said, who, due)
