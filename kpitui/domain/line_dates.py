"""The dates inside a one-line grammar: the one at its end, and those behind words like `by`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from kpitui.domain.day_words import ISO, MONTHS, Ambiguous, Edge, NoSuchDay, Order, read_date
from kpitui.domain.periods import Calendar, month_index, month_start, to_day
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

BY = frozenset({"by", "until", "till", "before"})
FROM = frozenset({"from", "since", "starting"})
LONGEST = 500
_LEAD = BY | {"on", "due"}
_MOST_WORDS = 4


def checked_line(text: str, what: str) -> str:
    """`text` on one line; raises `Problem` when it is longer than a line may be."""
    line = " ".join(text.split())
    if len(line) > LONGEST:
        raise Problem(f"This line for {what} is too long: {len(line)} characters, at most {LONGEST}.")
    return line


def take_last_date(
    words: Sequence[str], today: date, order: Order | None = None, cal: Calendar = ISO
) -> tuple[list[str], int | None]:
    """`words` without the date at their end, and that date; None when they end in none. The first word stays."""
    for count in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        tail = list(words[-count:])
        said = tail[1:] if tail[0].lower() in _LEAD and count > 1 else tail
        try:
            day = to_day(read_date(" ".join(said), today, order=order, cal=cal))
        except (NoSuchDay, Ambiguous):
            # `Raise it to 3.99` is text; `31 feb` was meant as a date.
            if any(c.isalpha() for c in "".join(said)) or len(said) < count:
                raise
        except Problem:
            continue
        else:
            rest = list(words[:-count])
            if len(rest) > 1 and rest[-1].lower() in _LEAD and said is tail:
                rest.pop()
            return rest, day
    return list(words), None


def take_dates(
    words: Sequence[str], today: date, order: Order | None = None, cal: Calendar = ISO
) -> tuple[list[str], int | None, int | None]:
    """`words` without their `from DATE` and `by DATE`, and the two days; the word at the front is never one of them."""
    marks = [i for i, word in enumerate(words) if i and word.lower() in BY | FROM]
    rest = list(words[: marks[0]]) if marks else list(words)
    start: int | None = None
    deadline: int | None = None
    for at, end in pairwise([*marks, len(words)]):
        word, said = words[at].lower(), " ".join(words[at + 1 : end])
        edge: Edge = "start" if word in FROM else "end"
        if not said:
            raise Problem(f"There is no date after “{word}”: type one like 31 dec.")
        if (start if edge == "start" else deadline) is not None:
            raise Problem(f"“{word} {quote(said)}” is a second date for the same thing: leave one out.")
        day = _month(said, today, edge)
        day = to_day(read_date(said, today, order=order, edge=edge, cal=cal)) if day is None else day
        if edge == "start":
            start = day
        else:
            deadline = day
    if start is not None and deadline is not None and deadline < start:
        raise Problem("The date it should be reached by lies before the one it starts from: change one of them.")
    return rest, start, deadline


def _month(said: str, today: date, edge: Edge) -> int | None:
    """The first or last day of `jun` or `jun 2027`, of the next one without a year; None for what is no month."""
    words = said.lower().rstrip(",").split()
    month = MONTHS.get(words[0].rstrip(".")) if words else None
    if month is None or len(words) > 2 or (len(words) == 2 and not (words[1].isdecimal() and len(words[1]) == 4)):
        return None
    for year in (int(words[1]),) if len(words) == 2 else (today.year, today.year + 1):
        at = month_index(to_day(date(year, month, 1)))
        day = month_start(at) if edge == "start" else month_start(at + 1) - 1
        if len(words) == 2 or day >= to_day(today):
            return day
    return None
