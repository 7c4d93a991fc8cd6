"""The time in a target line: `2% to 3% by jun over 4 weeks held 3 weeks`, `over 4 weeks`, `held none`."""

from __future__ import annotations

from collections.abc import Sequence

from kpitui.domain.named import NamedTuple
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

HELD = frozenset({"held", "hold", "sustained", "sustain"})
NONE = frozenset({"none", "no", "-"})
GRAINS = ("day", "week", "month", "quarter", "year")
MOST = 366
_BETWEEN = frozenset({"for", "the", "last", "of"})
LEADING = HELD | {"over"}
"""Words that a count of periods follows."""


class Time(NamedTuple):
    """Periods that a level is judged over, and in a row that it has to hold; None where the line leaves them alone.

    `grains` are the periods they were typed in.
    """

    window: int | None = None
    sustain: int | None = None
    grains: tuple[str, ...] = ()


def take_time(words: Sequence[str]) -> tuple[list[str], Time]:
    """The words without `over 4 weeks` and `held 3 weeks`, and what these say. Raises Problem for what is no count of
    periods, or twice."""
    rest: list[str] = []
    said: dict[str, int] = {}
    grains: list[str] = []
    at = 0
    while at < len(words):
        word = words[at].lower()
        name = "window" if word == "over" else "sustain" if word in HELD else ""
        end = at + 1
        while name and end < len(words) and words[end].lower() in _BETWEEN:
            end += 1
        if not name or (name == "window" and not _counts(words[end : end + 2])):
            rest.append(words[at])
            at += 1
            continue
        if name in said:
            raise Problem(f"“{quote(words[at])}” is there twice: leave one out.")
        count, grain, taken = _count(words[at], words[end : end + 2])
        said[name] = count
        grains += [grain] if grain else []
        at = end + taken
    return rest, Time(said.get("window"), said.get("sustain"), tuple(dict.fromkeys(grains)))


def _counts(words: Sequence[str]) -> bool:
    """Whether a count of periods begins here: `over 4 weeks` is one, `over 30` is a number."""
    if not words:
        return False
    return words[0].lower() in NONE or _grain(words[-1]) != "" or _split(words[0])[1] != ""


def _count(mark: str, words: Sequence[str]) -> tuple[int, str, int]:
    """(count, period, words taken)."""
    example = f"type it like {mark.lower()} 4 weeks"
    if not words:
        raise Problem(f"There is nothing after “{quote(mark)}”: {example}.")
    if words[0].lower() in NONE:
        return 1, "", 1
    number, grain = _split(words[0])
    taken = 1
    if not grain and len(words) > 1 and (grain := _grain(words[1])):
        taken = 2
    if not number.isdecimal() or not grain:
        raise Problem(f"“{quote(' '.join([mark, *words]))}” is no count of periods: {example}.")
    if not 1 <= int(number[:9]) <= MOST:
        raise Problem(f"“{quote(number)}” is no count of periods to go by: type 1 to {MOST}.")
    return int(number), grain, taken


def _split(word: str) -> tuple[str, str]:
    """`4` and `week` of `4weeks` or `4w`; the period is empty where it is another word."""
    number = word.rstrip(",").rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return number, _grain(word[len(number) :]) if len(number) < len(word) else ""


def _grain(word: str) -> str:
    """The period a word means: `week` for `weeks`, `wk` and `w`; empty for any other."""
    bare = word.lower().rstrip(",.;")
    short = {"d": "day", "w": "week", "wk": "week", "wks": "week", "mo": "month", "q": "quarter", "y": "year"}
    return short.get(bare) or next((grain for grain in GRAINS if bare in (grain, f"{grain}s")), "")


def refuse_other_grain(time: Time, cadence: str, name: str) -> None:
    """Raises Problem where the periods typed are not those of the metric."""
    other = next((grain for grain in time.grains if grain != cadence), None)
    if other is not None:
        adverb = {"day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly"}
        raise Problem(f"{quote(name)} has {adverb[cadence]} values: count {cadence}s, like over 4 {cadence}s.")


def refuse_kind(time: Time, kind: str) -> None:
    """Raises Problem where a target of a kind has no such time."""
    if (time.window or 1) > 1 and kind in ("reach", "milestone"):
        raise Problem("A total counts all its periods since the start: leave “over” out.")
    if (time.sustain or 1) > 1 and kind != "from_to":
        raise Problem("Only a way to a target is held at its end, like 2% to 3% by jun held 3 weeks: leave “held” out.")


def time_words(window: int | None, sustain: int | None, cadence: str) -> str:
    """`, over 4 weeks, held 3 weeks`, as it stands behind the target; empty for the last period alone."""
    said = f", over {window} {cadence}s" if window is not None and window > 1 else ""
    return said + (f", held {sustain} {cadence}s" if sustain is not None and sustain > 1 else "")


def typed_words(time: Time) -> str:
    """The same for a line just typed, where `over none` says that it is the last period alone again."""
    grain = time.grains[0] if time.grains else "period"
    said = time_words(time.window, time.sustain, grain)
    said += ", over the last period alone" if time.window == 1 else ""
    return said + (", need not hold" if time.sustain == 1 else "")
