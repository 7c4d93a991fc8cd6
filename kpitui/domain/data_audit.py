"""The audit of values that stand: what cannot be, what hardly can, and what somebody should look at (maths.md §7).

Nothing is corrected and nothing is refused here. A rule is a function from the values of one metric to findings; the
rules live by idea in `audit_values.py` (what a value is) and `audit_periods.py` (when it is for). Those that guess were
chosen for the fewest false alarms on 1,428 real monthly series; z scores, Hampel filters and Benford's law flag 20 to
97 % of them and have no place here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kpitui.domain.lint import SEVERITIES
from kpitui.domain.named import NamedTuple
from kpitui.domain.periods import Calendar, Span, boundaries, grain_of, numbered, span_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.workdays import Workdays


class Rule(NamedTuple):
    """One thing the audit looks at."""

    id: str
    title: str
    severity: str
    why: str
    """Why it is asked, and what it means when it is right all the same."""


class Found(NamedTuple):
    """What a rule says about some periods of a metric."""

    rule: str
    start: int
    end: int
    """Half-open epoch days."""
    value: float | None
    """What stands there; None where it is about no single value."""
    text: str
    guess: Span | None = None
    """The period that was probably meant."""


class Entry(NamedTuple):
    """A value as it was entered."""

    start: int
    end: int
    value: float
    odd: bool = False
    """Marked `?` at entry, and accepted by nobody."""


class Facts(NamedTuple):
    """One metric that is entered, as far as the audit looks at it."""

    cadence: str
    """The grain that most of its values are entered at."""
    calendar: Calendar
    today: int
    entries: tuple[Entry, ...]
    """By start, then end."""
    none: frozenset[int]
    """Starts of the periods for which "none" was given on purpose."""
    adds_up: bool
    """Its values of days make those of weeks by adding them."""
    stands: bool
    """It is a level: its values are not summed over time."""
    floor: float | None
    ceiling: float | None
    show: Callable[[float], str]
    label: Callable[[Span], str]
    """A period of any grain in words."""
    known: dict[int, Entry]
    """The entries that are whole periods of the cadence, by the running number of the period, in order."""
    work: Workdays | None = None
    """The days it is expected on, where these are what is numbered: of days. None for every one."""

    def number(self, day: int) -> int:
        """The running number of the period that holds a day."""
        return boundaries(self.cadence, day, self.calendar) if self.work is None else self.work.number(day)

    def period(self, number: int) -> Span:
        """The period with this running number."""
        if self.work is None:
            return numbered(self.cadence, number, self.calendar)
        day = self.work.numbered(number)
        return Span(day, day + 1)


def gridded(
    cadence: str, calendar: Calendar, entries: Sequence[Entry], work: Workdays | None = None
) -> dict[int, Entry]:
    """`Facts.known` of some entries; of working days those alone, so that Monday follows Friday."""
    if cadence == "day" and work is not None:
        return {work.number(one.start): one for one in entries if one.end - one.start == 1 and work.on(one.start)}
    if cadence == "day":
        return {entry.start: entry for entry in entries if entry.end - entry.start == 1}
    return {
        boundaries(cadence, entry.start, calendar): entry
        for entry in entries
        if entry.end - entry.start > 1 and span_of(cadence, entry.start, calendar) == (entry.start, entry.end)
    }


def entered_at(cadence: str, calendar: Calendar, entries: Sequence[Entry]) -> str:
    """The grain that most entries are of: a metric of weeks may be fed by days."""
    counts: dict[int, int] = {}
    for entry in entries:
        counts[entry.end - entry.start] = counts.get(entry.end - entry.start, 0) + 1
    if not counts:
        return cadence
    length = max(counts, key=counts.__getitem__)
    common = next(entry for entry in entries if entry.end - entry.start == length)
    return grain_of(Span(common.start, common.end), calendar) or cadence


RULES = (
    Rule("bounds", "no value is beyond its hard bounds", "error",
         "The metric says what it can never be. Either the value is wrong or the bound is."),
    Rule("future", "no value is of a period that has not begun", "error",
         "Nobody can have measured it: the date was mistyped, or it is a plan and belongs into a target."),
    Rule("overlap", "no two values share some of their days", "error",
         "The days in both are counted twice, or one of the two is left out without a word."),
    Rule("share", "no part is larger than its whole", "error",
         "A share above 100 % means that numerator and denominator do not count the same things."),
    Rule("sum", "the parts add up to the whole", "warning",
         "The value of a longer period and those of all the shorter ones in it cannot both be right."),
    Rule("typo", "no value stands where its date was mistyped", "warning",
         "It stands alone, and a year earlier, with day and month swapped or one period before, one is missing."),
    Rule("odd", "no value waits to be looked at", "warning",
         "It was outside the entry check when it came in, and no verdict rests on it until somebody looks."),
    Rule("spike", "no value jumps out and back", "warning",
         "Six times the usual change up and down again within one period is more often a slip than an event."),
    Rule("sign", "no value has the wrong sign", "warning",
         "Hardly any other value has this sign: a minus too many or too few."),
    Rule("zero", "no zero stands for what is not known", "warning",
         "A file that writes 0 where nothing is known pulls every sum and mean down. Where nothing came, accept it."),
    Rule("run", "no value is repeated without being measured", "warning",
         "The same value again and again, where it used to vary, is copied more often than counted."),
    Rule("reviewed", "no value of a signed review changed without a word", "warning",
         "The minutes show another figure than the screens, and nobody can say why."),
    Rule("unit", "the unit did not change without a word", "warning",
         "Values before and after are not the same thing, and no note says so."),
    Rule("falls", "what only ever rose does not fall", "notice",
         "It rose in every period before. If it counts up, as followers or kilometres do, this value is wrong."),
    Rule("gap", "no period is left out", "notice",
         "Sums and means of longer periods are not known while one is missing. x says that there is none."),
    Rule("grid", "every value is of a period of the calendar", "notice",
         "It fits no day, week, month, quarter or year as the workspace cuts them: another week start, perhaps."),
)  # fmt: skip
BY_ID = {rule.id: rule for rule in RULES}
ORDER = {rule.id: place for place, rule in enumerate(RULES)}


def check(facts: Facts) -> list[Found]:
    """What all rules find in one metric's values, at most one finding of a guessing rule for a period, by severity."""
    from kpitui.domain import audit_periods, audit_values

    found = [one for rule in (*audit_periods.CHECKS, *audit_values.CHECKS) for one in rule(facts)]
    return thinned(found)


def thinned(found: Sequence[Found]) -> list[Found]:
    """By severity and day; of several guesses about one value only the most certain is kept."""
    out: list[Found] = []
    taken: set[tuple[int, int]] = set()
    for one in sorted(found, key=lambda one: (ORDER[one.rule], -one.start)):
        if one.value is not None and one.rule != "run":
            if (one.start, one.end) in taken:
                continue
            taken.add((one.start, one.end))
        out.append(one)
    return sorted(out, key=lambda one: (SEVERITIES.index(BY_ID[one.rule].severity), -one.start, ORDER[one.rule]))
