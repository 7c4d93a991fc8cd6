"""The audit of the values that stand: what it finds in a workspace, and what people confirmed as right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.data_audit import BY_ID, ORDER, Entry, Facts, Found, check, entered_at, gridded, thinned
from kpitui.domain.figure_style import style
from kpitui.domain.lint import SEVERITIES
from kpitui.domain.named import NamedTuple
from kpitui.domain.periods import Span, boundaries, grain_of, numbered, short_label, span_of, to_day
from kpitui.errors import NotFound, Refused
from kpitui.services.calendars_then import Calendars
from kpitui.services.judging import shown_as
from kpitui.services.kept_by_metric import kept
from kpitui.storage import auditing, changes, points, reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kpitui.domain.acceptance import Acceptance
    from kpitui.services.book import Book
    from kpitui.storage.reading import MetricRow
    from kpitui.storage.store import Store

LOOKED_AT = {"day": 400, "week": 160, "month": 120, "quarter": 60, "year": 40}
"""Periods looked at: enough for three cycles of the season where there are any."""
AHEAD = 366 * 2
"""Days beyond today in which values of the future are looked for."""
GROWS = ("run",)
"""Findings that may grow at their end and are still what was accepted."""
NOTED = 7
"""Days around a change of the unit in which a note explains it."""


class Finding(NamedTuple):
    """One thing somebody should look at. Equal findings are the same one."""

    metric_id: int
    slug: str
    name: str
    rule: str
    severity: str
    """error, warning or notice."""
    span: Span
    period: str
    """In words: `W44`, `W40 to W43`; empty where it is about the metric as a whole."""
    value: float | None
    text: str
    owner: str
    meant: str = ""
    """The period the value was probably typed for."""
    meant_span: Span | None = None
    ago: int = 0
    """Periods of the metric's cadence from its end to today."""

    @property
    def title(self) -> str:
        return BY_ID[self.rule].title

    @property
    def key(self) -> str:
        """Names it in a list."""
        return f"{self.metric_id}:{self.rule}:{self.span.start}:{self.span.end}"


class Accepted(NamedTuple):
    """A finding that somebody confirmed as right."""

    finding: Finding
    who: str
    day: int
    why: str
    number: int
    """Of the acceptance."""


class DataAudit(NamedTuple):
    """What the audit of a workspace finds, errors first, and what was confirmed before."""

    findings: tuple[Finding, ...]
    accepted: tuple[Accepted, ...]
    metrics: int
    """How many metrics were looked at."""

    def count(self, severity: str) -> int:
        return sum(1 for one in self.findings if one.severity == severity)


def audit(store: Store, today: int, metric: str | None = None) -> DataAudit:
    """All metrics, or one by its slug. Raises NotFound with the nearest names."""
    from kpitui.services.book import book_of
    from kpitui.services.detail import metric_named

    with store.snapshot():
        book = book_of(store, today)
        if metric is None:
            return audit_of(book, book.metrics.values())
        return audit_of(book, [metric_named(book, metric)[0]])


def audit_of(book: Book, metrics: Iterable[MetricRow]) -> DataAudit:
    """The audit of some metrics."""
    looked_at = list(metrics)
    said = _said(book)
    from_log: dict[int, list[Found]] = _from_log(book)
    open_ones: list[Finding] = []
    accepted: list[Accepted] = []
    for metric in looked_at:
        own = found_in(book, metric)
        if metric.id in from_log:
            own = thinned([*own, *from_log[metric.id]])
        for one in own:
            finding = _finding(book, metric, one)
            word = said.get(_key(metric.id, one.rule, one.start, one.end, one.value))
            if word is None:
                open_ones.append(finding)
            else:
                accepted.append(Accepted(finding, word.who, word.day, word.why, word.id))
    open_ones.sort(key=lambda one: (SEVERITIES.index(one.severity), -one.span.end, ORDER[one.rule]))
    return DataAudit(tuple(open_ones), tuple(accepted), len(looked_at))


def found_in(book: Book, metric: MetricRow) -> list[Found]:
    """What the rules find in one metric's values, kept while they stand."""
    mine = kept(book, "audit").setdefault(metric.id, {})
    # The words of a finding are written in the style of whoever asks.
    now = style()
    key = (now.decimal, now.accounting, now.ascii)
    if key not in mine:
        mine[key] = _shares(book, metric) if book.derived(metric) else check(facts_of(book, metric))
    found: list[Found] = mine[key]
    return found


def facts_of(book: Book, metric: MetricRow) -> Facts:
    cadence, calendar = metric.cadence, book.calendar
    first = numbered(cadence, boundaries(cadence, book.today, calendar) - LOOKED_AT[cadence], calendar)
    rows = points.between(book.store, metric.id, first.start, book.today + AHEAD)
    entries = tuple(Entry(row.start, row.end, row.value, bool(row.odd)) for row in rows if row.value is not None)
    grain = entered_at(cadence, calendar, entries)
    if grain != cadence:
        begin = numbered(grain, boundaries(grain, book.today, calendar) - LOOKED_AT[grain], calendar).start
        entries = tuple(entry for entry in entries if entry.start >= begin)
    work = book.days_of(metric.id) if grain == "day" else None
    return Facts(
        grain,
        calendar,
        book.today,
        entries,
        frozenset(row.start for row in rows if row.state == points.NONE),
        adds_up=book.measures[metric.id].rule == "sum",
        stands=metric.kind == "level",
        floor=metric.hard_min,
        ceiling=metric.hard_max,
        show=shown_as(book, metric),
        label=_labels(book, metric),
        known=gridded(grain, calendar, entries, work),
        work=work,
    )


def _labels(book: Book, metric: MetricRow) -> Callable[[Span], str]:
    """A stretch of days in words: as a period, as the periods from one to another, else by its days."""

    def label(span: Span) -> str:
        grain = grain_of(span, book.calendar)
        if grain is not None:
            return book.period_label(grain, span)
        cadence = metric.cadence
        ends = [span_of(cadence, day, book.calendar) for day in (span.start, span.end - 1)]
        if (ends[0].start, ends[1].end) != span:
            cadence, ends = "day", [Span(day, day + 1) for day in (span.start, span.end - 1)]
        return " to ".join(book.period_label(cadence, one) for one in ends)

    return label


def _shares(book: Book, metric: MetricRow) -> list[Found]:
    """Periods of a ratio in percent whose part is larger than its whole, where it is a share: never above 100 %."""
    if metric.kind != "ratio" or metric.unit != "percent" or (metric.hard_max or 1.0) > 1 or not metric.denominator_id:
        return []
    cadence = metric.cadence
    first = boundaries(cadence, book.today, book.calendar) - LOOKED_AT[cadence]
    spans = book.spans_of(metric.id, cadence, first)
    show = shown_as(book, metric)
    above = [cell for cell in book.cells(metric.id, cadence, spans) if cell.whole and (cell.value or 0.0) > 1]
    known = sum(1 for cell in book.cells(metric.id, cadence, spans) if cell.value is not None)
    # Where it is above 100 % again and again it is no share, such as a budget that is used up.
    if metric.hard_max is None and len(above) * 20 > known:
        return []
    parts = [book.metrics[key].name for key in (metric.numerator_id or 0, metric.denominator_id) if key in book.metrics]
    words = f": more {parts[0]} than {parts[1]}" if len(parts) == 2 else ""
    return thinned(
        [Found("share", *cell.span, cell.value, f"{show(cell.value or 0.0)}{words}") for cell in above]
    )  # fmt: skip


def _from_log(book: Book) -> dict[int, list[Found]]:
    """By metric: values that changed after they were signed, and units that changed, both without a word why."""
    memo: dict[int, list[Found]] | None = book.memo.get("audit of the log")
    if memo is not None:
        return memo
    found: dict[int, list[Found]] = {}
    calendars = Calendars(book.store, book.calendar)
    for one in auditing.restated(book.store, book.today - 730):
        metric = book.metrics.get(one.metric_id)
        if metric is None or book.derived(metric):
            continue
        show, span = shown_as(book, metric), Span(one.review_start, one.review_end)
        calendar = calendars.at(one.signed)
        grain = grain_of(span, calendar)
        named = f" {short_label(grain, span, calendar, book.today)}" if grain else ""
        review = f"{one.rhythm} review{named}"
        old, new = ("none" if value is None else show(value) for value in (one.before, one.value))
        text = f"{old} when the {review} was signed, {new} since, by {one.who}, without a word why"
        found.setdefault(metric.id, []).append(Found("reviewed", one.start, one.end, one.value, text))
    for change in auditing.other_units(book.store):
        metric = book.metrics.get(change.metric_id)
        if metric is None:
            continue
        day = to_day(changes.moment(change.at).date())
        notes = reading.notes(book.store, metric_id=metric.id)
        first = points.first_start(book.store, [metric.id])
        if first is None or first >= day or any(abs(note.day - day) <= NOTED for note in notes):
            continue
        names = [name for name in ("unit", "currency") if name in change.after]
        moves = ", ".join(
            f"{name} {change.before.get(name) or '-'} > {change.after.get(name) or '-'}" for name in names
        )
        found.setdefault(metric.id, []).append(Found("unit", day, day + 1, None, f"{moves}, and no note says why"))
    book.memo["audit of the log"] = found
    return found


def _finding(book: Book, metric: MetricRow, one: Found) -> Finding:
    label = _labels(book, metric)
    return Finding(
        metric.id,
        metric.slug,
        metric.name,
        one.rule,
        BY_ID[one.rule].severity,
        Span(one.start, one.end),
        label(Span(one.start, one.end)),
        one.value,
        one.text,
        metric.owner,
        label(one.guess) if one.guess is not None else "",
        one.guess,
        boundaries(metric.cadence, book.today, book.calendar) - boundaries(metric.cadence, one.end - 1, book.calendar),
    )


# ---- what people said ----------------------------------------------------------------------------------------------

Key = tuple[int, str, int, int | None, float | None]


def _key(metric_id: int, rule: str, start: int, end: int, value: float | None) -> Key:
    return metric_id, rule, start, None if rule in GROWS else end, value


def _said(book: Book) -> dict[Key, Acceptance]:
    from kpitui.domain.acceptance import Acceptance
    from kpitui.storage import definitions

    said = definitions.all_of(book.store, Acceptance)
    return {_key(one.metric_id, one.rule, one.start, one.end, one.value): one for one in said}


def accept(store: Store, finding: Finding, today: int, why: str = "") -> str:
    """Confirm that a finding is right as it stands; it is not reported again while the value stands.

    A value marked `?` loses its mark. Raises Refused where it is no longer found.
    """
    from kpitui.domain.acceptance import Acceptance
    from kpitui.storage import definitions

    if finding.rule == "odd":
        from kpitui.services.entry import accept_odd

        with store.write("record", why=why.strip()):
            return accept_odd(store, finding.metric_id, finding.span, today=today).sentence
    again = (one.key for one in audit(store, today, finding.slug).findings)
    if finding.key not in again:
        raise Refused(f"{finding.name} {finding.period}: there is nothing to accept any more. Look at it anew.")
    with store.write(
        "audit.accept", why=why.strip(), summary=f"{finding.name} {finding.period}: {finding.rule} accepted"
    ) as tx:
        definitions.add(
            tx,
            Acceptance(
                metric_id=finding.metric_id,
                rule=finding.rule,
                start=finding.span.start,
                end=finding.span.end,
                value=finding.value,
                why=why.strip(),
                who=store.who.name,
                day=today,
            ),
        )
    return f"Accepted {finding.name} {finding.period}: {finding.text}"


def accept_all(store: Store, findings: Sequence[Finding], today: int, why: str = "") -> str:
    """The same for several, as one change."""
    if len(findings) == 1:
        return accept(store, findings[0], today, why)
    with store.write("audit.accept", why=why.strip(), summary=f"{len(findings)} findings accepted"):
        for finding in findings:
            accept(store, finding, today, why)
    return f"Accepted {len(findings)} findings"


def ask_again(store: Store, one: Accepted) -> str:
    """What was accepted is a finding again."""
    from kpitui.domain.acceptance import Acceptance
    from kpitui.storage import definitions

    acceptance = definitions.get(store, Acceptance, one.number)
    with store.write("audit.ask", summary=f"{one.finding.name} {one.finding.period} is looked at again") as tx:
        definitions.archive(tx, acceptance)
    return f"{one.finding.name} {one.finding.period} is to be looked at again"


def for_review(book: Book, metric_ids: Iterable[int], period: Span) -> tuple[Finding, ...]:
    """What a review should look at among its metrics: what came up since the period before, and every error."""
    found = audit_of(book, [book.metrics[key] for key in metric_ids if key in book.metrics])
    since = period.start - (period.end - period.start)
    return tuple(one for one in found.findings if one.span.end > since or one.severity == "error")


def named(found: DataAudit, metric: str, period: Span, rule: str = "") -> Finding:
    """The finding of an audit about a period of a metric. Raises NotFound with those there are, Refused where several
    rules say something and none is named."""
    here = [one for one in found.findings if one.slug == metric and one.span.start <= period.start < one.span.end]
    here = [one for one in here if rule in ("", one.rule)]
    if len(here) == 1:
        return here[0]
    if here:
        names = ", ".join(one.rule for one in here)
        raise Refused(f"Several things were found there ({names}): name the rule with --rule.")
    listed = "; ".join(f"{one.period} ({one.rule})" for one in found.findings[:6])
    raise NotFound(f"The audit has no such finding for {metric}. It has: {listed or 'none'}.")
