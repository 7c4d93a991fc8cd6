"""The one word a KPI stands under, and the sentence that says why.

Judged at the last whole period reported, so that nobody is behind for a value that is not due yet: by the chance of
reaching the target (`chance`), and by the pace (`pace`) while there are too few values for a chance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from kpitui.domain import bands, chance, pace, target
from kpitui.domain.chance import Outlook, Run
from kpitui.domain.evidence import Cell, Seen, last_day, look
from kpitui.domain.expected import idle, last_of_grace, silence, too_old
from kpitui.domain.figures import show_chance
from kpitui.domain.named import NamedTuple
from kpitui.domain.pace import Show, Word, day_text
from kpitui.domain.periods import Calendar, boundaries
from kpitui.domain.target import Aim, Step, Trajectory
from kpitui.domain.verdict import STALE_AFTER
from kpitui.domain.verdict import Verdict as Verdict
from kpitui.domain.verdict import judge_metric as judge_metric

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.trailing import Over
    from kpitui.domain.workdays import Workdays

WORDS = (
    "paused", "draft", "no_target", "not_started", "no_data", "stale",
    "achieved", "missed", "off_track", "at_risk", "on_track",
)  # fmt: skip
"""In precedence: a reason for having no verdict comes before a verdict, a result before a pace."""

BANDED = ("achieved", "missed", "off_track", "at_risk", "on_track")
"""Verdicts that the target's band has something to add to."""
COUNTED = "an earlier start counts them"
"""How a sentence ends that tells of values from before the start."""
RECENT = 4
FEW = 3


def judge(
    aim: Aim | None,
    cells: Sequence[Cell],
    *,
    today: int,
    cadence: str,
    grace_days: int,
    period_days: float,
    state: str,
    steps: Sequence[Step] = (),
    earlier: Sequence[float | None] = (),
    show: Show = str,
    counter_bad: bool = False,
    trajectory: Trajectory | None = None,
    outlook: Outlook | None = None,
    calendar: Calendar | None = None,
    expense: str = "",
    trail: Callable[[int], Over | None] | None = None,
    days: Workdays | None = None,
) -> Verdict:
    """The verdict on a KPI today (precedence and edge cases: ServiceNow, Perdoo, UpRaise; see the design's arithmetic).

    `cells` are all its periods at its cadence, oldest first, inside the window and some before it; a missing one has
    None for a value. `state` is live, draft or paused. `steps` are dated targets: a period is judged by the one in
    force on its last day, gap and need by the present one. `earlier` are values of whole periods before the first cell,
    for a baseline that is not set. `counter_bad` says that the counter metric got worse. `outlook` gives the chances;
    without one the pace decides. `calendar` counts periods where it cuts them otherwise than by months;
    `period_days` is their mean length. `expense` says what the counter metric paid, for the sentence. `trail` gives the
    value over the window of the aim up to the period that ends on a day; a level is judged by it, while the periods
    that met a target to maintain are counted one by one. `days`: those a value is expected on, None for every one.
    """
    if state == "draft":
        missing = target.lacks(aim) if aim is not None and target.has_target(aim) else []
        needs = " and ".join(missing) or "goal, baseline, target, deadline and owner"
        verb = "is" if len(missing) == 1 else "are"
        return Verdict("draft", f"A draft until {'its ' if missing else ''}{needs} {verb} set")
    if state != "live":
        return Verdict("paused", "Paused, so it is not judged")
    now = aim and target.in_force(aim, steps, today if aim.deadline is None else min(today, aim.deadline))
    if aim is None or now is None or not target.has_target(now):
        return Verdict("no_target", "No target is set")
    seen = look(aim, cells, today, steps, earlier)
    if aim.kind == "from_to" and aim.baseline is None:
        proposed = target.baseline_of(seen.before)
        aim, now = aim._replace(baseline=proposed), now._replace(baseline=proposed)
    now = target.effective(now)
    then = now
    if steps and seen.whole:
        then = target.effective(target.in_force(aim, steps, last_day(aim, seen.whole[-1][1])))
    trail = trail if now.window > 1 and now.kind in (*target.LEVEL, *target.MAINTAIN) else None
    case = _Case(now, then, seen, today, cadence, grace_days, period_days, calendar, trail, days)
    odds = case.odds(aim, steps, outlook, trajectory) if outlook else None
    status, why = case.word(show, trajectory, odds)
    if counter_bad and status in ("on_track", "achieved"):
        why = f"{expense or 'Improved at the expense of its counter metric'}: {why}"
        # What counted at the deadline is not repainted by what the counter metric does afterwards.
        status = status if case.closed else "at_risk"
    likely = odds and odds.chance
    if status == "achieved" and not case.closed and now.kind not in target.LEVEL:
        # A level that has held long enough can still fall until its deadline.
        likely = 1.0
    if case.closed or status not in chance.JUDGED:
        likely = None
    figures = case.figures(trajectory)
    band = bands.Place()
    if status in BANDED:
        band = bands.place(
            now, target.way(now), figures.actual, met=target.meets(now, figures.actual), over=case.closed,
            begin=target.base(now), show=show,
        )  # fmt: skip
        why = bands.said(why, band)
    return figures._replace(status=status, why=why, chance=likely, band=band.word)


class _Case(NamedTuple):
    """One KPI being judged: what is known of it, and the questions asked in order of precedence."""

    now: Aim
    """With the target in force today."""
    then: Aim
    """With the one in force when the last whole period ended."""
    seen: Seen
    today: int
    cadence: str
    grace: int
    period: float
    calendar: Calendar | None
    trail: Callable[[int], Over | None] | None = None
    days: Workdays | None = None

    @property
    def closed(self) -> bool:
        return self.now.deadline is not None and self.today > self.now.deadline

    @property
    def end(self) -> int | None:
        """End of the last whole period reported."""
        return self.seen.whole[-1][1] if self.seen.whole else None

    @property
    def value(self) -> float | None:
        if self.seen.whole:
            last = self.seen.whole[-1]
            return self._judged(last) if self.trail else last[2]
        return self.seen.part[2] if self.seen.part else None

    def _judged(self, cell: tuple[int, int, float]) -> float:
        """What a whole period is judged by: the value over the window that ends with it, else its own."""
        over = self.trail(cell[1]) if self.trail else None
        return cell[2] if over is None else over.value

    @property
    def over(self) -> Over | None:
        """The window that ends with the last whole period."""
        return self.trail(self.seen.whole[-1][1]) if self.trail and self.seen.whole else None

    @property
    def time(self) -> str:
        """`over the last 4 weeks`, with a space before it; empty for the last period alone."""
        if self.trail is None or not self.seen.whole:
            return ""
        from kpitui.domain.trailing import words

        over = self.over
        return f" {words(over, self.cadence)}" if over else f" in the last {self.cadence} alone"

    @property
    def held(self) -> int:
        """Periods in a row, up to the last whole one, that are at the target in force; one without a value ends it."""
        count, begin = 0, None
        if self.now.sustain > 1 and self.now.kind in target.LEVEL:
            for cell in reversed(self.seen.whole):
                if (begin is not None and cell[1] != begin) or not target.meets(self.now, self._judged(cell)):
                    break
                count, begin = count + 1, cell[0]
        return count

    def _held(self) -> str:
        """`2 of 3 weeks at target`; empty where none is, or where it need not hold."""
        held, asked = self.held, self.now.sustain
        return f"{min(held, asked)} of {asked} {self.cadence}s at target" if held else ""

    @property
    def actual(self) -> float | None:
        if self.now.kind != "reach":
            return self.value
        return self.seen.so_far if self.seen.whole or self.seen.part else None

    @property
    def done(self) -> bool:
        """A milestone is reached once and for all: no later value is needed to confirm it."""
        if self.now.kind != "milestone":
            return False
        values = [value for _, _, value in self.seen.whole] + ([self.seen.part[2]] if self.seen.part else [])
        return any(target.meets(self.now, value) for value in values)

    @property
    def final_end(self) -> int:
        """Where the window's last period ends, also when it is not among the cells."""
        end, deadline = self.seen.last_end, self.now.deadline
        return end if deadline is None or self._periods(end, deadline + 1) < 1 else deadline + 1

    def _periods(self, begin: int, end: int) -> int:
        """Whole periods of `[begin, end)`; a month may be shorter than the mean one, and one of four weeks much."""
        cal = self.calendar
        if cal is not None and cal.cut is not None and self.cadence in cal.cut.grains:
            return boundaries(self.cadence, end, cal) - boundaries(self.cadence, begin, cal)
        return math.floor((end - begin) / self.period + 0.1) - idle(self.cadence, begin, end, self.days, cal)

    def figures(self, trajectory: Trajectory | None) -> Verdict:
        now, seen, end = self.now, self.seen, self.end
        day = (self.today if end is None else end) - 1
        gap, ahead = target.gap(now, self.actual), None
        if end is not None:
            reported = seen.total if self.then.kind == "reach" else self.value
            ahead = target.gap(self.then, reported, "expected", day=day, trajectory=trajectory)
        progress = None if self.actual is None else target.progress(now, self.actual, seen.met, seen.due)
        return Verdict(
            "",
            "",
            progress=1.0 if self.done else progress,
            time_gone=target.elapsed(now, self.today),
            expected=target.expected(self.then, day, trajectory),
            gap=gap and gap.absolute,
            needed=None if self.closed else self._needed(),
            rate=self._rate(),
            gap_share=gap and gap.relative,
            ahead=ahead and ahead.absolute,
            actual=self.actual,
            met=seen.met if now.kind in target.MAINTAIN else 0,
            due=seen.due if now.kind in target.MAINTAIN else 0,
            present=over.present if self.trail and (over := self.over) else 0,
            held=self.held if now.sustain > 1 else 0,
        )

    def _needed(self) -> float | None:
        now, left = self.now, 1
        begin = now.start if self.end is None else self.end
        if now.deadline is not None and begin is not None:
            left = self._periods(begin, now.deadline + 1)
        if now.kind == "reach":
            enough = target.meets(now, self.seen.so_far)
            return target.needed(now, self.seen.so_far if enough else self.seen.total, left)
        return target.needed(now, now.baseline if self.end is None else self.value, left)

    def _rate(self) -> float | None:
        whole = self.seen.whole
        if not whole or self.now.kind == "milestone":
            return None
        if self.now.kind != "from_to":
            recent = [value for _, _, value in whole[-RECENT:]]
            return math.fsum(recent) / len(recent)
        first, last = whole[-1 - RECENT :][0], whole[-1]
        if first is last:
            return None
        change = self._judged(last) - self._judged(first) if self.trail else last[2] - first[2]
        return change * self.period / max(silence(first[1], last[1], self.period, self.days), 1)

    def odds(self, aim: Aim, steps: Sequence[Step], outlook: Outlook, way: Trajectory | None) -> Run | None:
        """The chance as of the last whole period reported, and the status it gives after those of the periods before.

        None where there is only one period, or nobody can say.
        """
        now, whole = self.now, self.seen.whole
        if now.deadline is None or not whole:
            return None
        if now.start is not None and self._periods(now.start, now.deadline + 1) <= 1:
            return None
        deadline = now.deadline
        values = [value for _, _, value in whole]

        def at(place: int) -> float | None:
            end = whole[place][1]
            # What was asked for then, as the sentence says it: a target that was changed later repaints no period.
            asked = target.in_force(aim, steps, last_day(aim, end)) if steps else now
            left = self._periods(end, deadline + 1)
            # Periods that are working days are not weighed by them again.
            by = asked._replace(work=None) if self.days and self.cadence == "day" else asked
            course = chance.course_of(by, whole[: place + 1], left, way)
            return outlook.chance(asked, end, left, values[: place + 1], course)

        return chance.run(at, len(whole))

    def word(self, show: Show, trajectory: Trajectory | None, odds: Run | None) -> Word:
        now, seen = self.now, self.seen
        if now.start is not None and self.today < now.start:
            return "not_started", f"Starts on {day_text(now.start)}"
        missing = [name for name in target.lacks(now) if name in ("start", "deadline")]
        if missing:
            return "draft", f"A draft until its {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} set"
        if not seen.whole and not seen.part:
            if not self.closed and now.start is not None and seen.before:
                return "no_data", f"No value since its start on {day_text(now.start)}; earlier ones do not count"
            return "no_data", "No value in its time" if self.closed else "No value yet"
        if self.done:
            return "achieved", "Done"
        if old := self._stale():
            return "stale", old
        if now.kind == "milestone":
            return self._milestone()
        if now.kind == "from_to" and now.baseline is None and (not self.closed or now.direction == "range"):
            return "draft", "A draft until its baseline is set: there are no earlier values to work it out from"
        return self._result(show, trajectory, odds) if self.closed else self._running(show, trajectory, odds)

    def _stale(self) -> str | None:
        end = min(self.seen.part[1], self.today + 1) if self.seen.part else self.end
        if end is None:
            return None
        # After the deadline no value is asked for, so nothing grows older.
        until = self.today if self.now.deadline is None else min(self.today, self.now.deadline + 1)
        if not too_old(end, until, STALE_AFTER, self.period, self.grace, self.days):
            return None
        return f"The last value is for {self._period_to(end)}, {self.today - end + 1} days ago"

    def _milestone(self) -> Word:
        deadline = self.now.deadline or 0
        until = last_of_grace(self.final_end - 1, self.grace, self.days)
        if self.closed and self.today > until:
            return "missed", f"Not done by {day_text(deadline)}"
        if self.closed:
            return "at_risk", f"Awaiting the final word until {day_text(until)}: not done so far"
        # Yes or no has no pace: it is due in full at the deadline, and at risk in the last period before it.
        left = deadline - self.today
        days = "due today" if not left else "1 day left" if left == 1 else f"{left} days left"
        return ("at_risk" if left < self.period else "on_track"), f"Not done yet, {days}"

    def _result(self, show: Show, trajectory: Trajectory | None, odds: Run | None) -> Word:
        now, actual, deadline = self.now, self.actual or 0.0, self.now.deadline or 0
        final_in = self.end is not None and self.end >= self.final_end
        until = last_of_grace(self.final_end - 1, self.grace, self.days)
        if not final_in and self.today <= until:
            status, why = self._running(show, trajectory, odds)
            return (
                (status, why)
                if status == "achieved"
                else (status, f"Awaiting the final value until {day_text(until)}: {why}")
            )
        tail = self._met() + (f", {held}" if (held := self._held()) else "")
        if not final_in:
            on = self._period_to(self.end) if self.end is not None else "an incomplete one"
            tail += f", judged on {on} because the final value is missing"
        words, gap = pace.phrase(now, show), target.gap(now, actual)
        if target.meets(now, actual):
            verb = "met" if now.kind in target.MAINTAIN else "reached"
            return "achieved", f"{show(actual)}{self.time} {verb} {words} by {day_text(deadline)}{tail}"
        short = f" by {pace.apart(gap.absolute, show)}" if gap else ""
        return "missed", f"{show(actual)}{self.time} on {day_text(deadline)} missed {words}{short}{tail}"

    def _running(self, show: Show, trajectory: Trajectory | None, odds: Run | None) -> Word:
        now, then, seen, actual = self.now, self.then, self.seen, self.actual or 0.0
        if now.kind == "reach" and target.meets(now, actual):
            return "achieved", f"{show(actual)} of {show(now.value or 0.0)} reached before the deadline"
        if self.end is None:
            return "no_data", f"No whole {self.cadence} is reported yet, {show(actual)} so far"
        if 1 < now.sustain <= self.held:
            words = pace.phrase(now, show)
            return "achieved", f"{show(actual)}{self.time} is at the target {words} and has held: {self._held()}"
        value, begin = seen.total if then.kind == "reach" else self.value or 0.0, target.base(then)
        gone = target.elapsed(then, last_day(then, self.end))
        if then.kind in target.MAINTAIN or begin is None or gone is None or then.deadline is None or then.start is None:
            status, why = pace.maintained(then, value, show, self.time)
            return self._likely(status, why + self._met(), odds)
        if self._periods(then.start, then.deadline + 1) <= 1:
            status, why = pace.maintained(then, value, show, self.time)
            return status, f"{why}: one {self.cadence} is all its time, so there is no pace"
        left = self._periods(self.end, then.deadline + 1)
        after = f"{seen.due} of {seen.due + left} {self.cadence}s"
        if seen.due > len(seen.whole):
            after += f", {seen.due - len(seen.whole)} without a value"
        due = target.way_due(gone, trajectory)
        status, why = pace.paced(
            then, begin, value, due, after, last_day(then, self.end), show, self.time, self._held()
        )
        if odds is None:
            return status, why + ("; too few values for a probability" if len(seen.whole) < FEW else "")
        if then.kind == "from_to" and target.meets(then, value):
            # Reached, and it can still fall: at the target until the deadline says otherwise.
            return status, f"{why}, {_chance_text(odds)}"
        return self._likely(status, why, odds)

    def _likely(self, status: str, why: str, odds: Run | None) -> Word:
        return (odds.status, f"{why}; {_chance_text(odds)}") if odds else (status, why)

    def _met(self) -> str:
        if self.now.kind not in target.MAINTAIN or self.seen.due < 2:
            return ""
        return f", {self.seen.met} of {self.seen.due} {self.cadence}s met"

    def _period_to(self, end: int) -> str:
        return day_text(end - 1) if self.cadence == "day" else f"the {self.cadence} to {day_text(end - 1)}"


def _chance_text(odds: Run) -> str:
    return f"chance {show_chance(odds.chance)}"
