"""Values from a table: `preview` says what would be saved, `save` saves exactly that, all of it or nothing."""

from __future__ import annotations

from itertools import chain, islice
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from kpitui.connectors.base import Table
from kpitui.domain.problem import Problem
from kpitui.errors import Conflict, NeedsReason, NotFound, Refused
from kpitui.services.calendar import calendar_in, workdays_in
from kpitui.services.early_values import offers
from kpitui.services.import_days import on_their_days
from kpitui.services.import_map import SAMPLE_CELLS, Roles, find_roles
from kpitui.services.import_marks import mark_notes, settled
from kpitui.services.import_names import Labelled, Names, label_series
from kpitui.services.import_periods import Periods
from kpitui.services.import_plan import Batch, Checking, NewMetric, make_batch, percent_only, summed
from kpitui.services.import_read import Refusals, Series, read_cells
from kpitui.services.import_reviewed import newest_signed, reviewed_by_now
from kpitui.services.import_reviewed import reviewed_sentence as reviewed_sentence
from kpitui.services.import_words import Change, changes_of, counts_text, saved_sentence, unknown_sentence
from kpitui.services.import_words import nothing_new as nothing_new
from kpitui.storage import points, reading, settings
from kpitui.storage.preparing import Prepared
from kpitui.text import check_name, cut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpitui.domain.dates import Order
    from kpitui.domain.model import Cadence
    from kpitui.storage.reading import MetricRow
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn


class Wanted(NamedTuple):
    """How to read the table, as far as the person says it. `columns` gives a role or metric by column name.

    `cadence` is that of new metrics; it also says that a date stands for the period it lies in. `scope` is the slug
    of the scope for new metrics (default: the root).
    """

    columns: Mapping[str, str] = MappingProxyType({})
    order: Order | None = None
    decimal: str = "."
    cadence: Cadence | None = None
    create: bool = False
    scope: str = ""
    guess: bool = False
    """Nobody has said `decimal`: it is the person's own mark, and the file may show another one."""


class Plan(NamedTuple):
    """What an import would do. It can be saved when nothing is refused and no metric is unknown."""

    file: str
    sha256: str
    word: str
    """What a row is called: line, row or entry."""
    batches: list[Batch]
    scope_id: int
    refused: Refusals
    unknown: list[str]
    notes: list[str]
    counts: points.Counts
    """New, changed and the same, as the points are stored; `said` is what people are told."""
    signed: int
    """By which change the newest review was signed."""
    changes: tuple[Change, ...]
    """The first of the changed values."""
    early: list[str]
    """KPIs whose values before their start it brings for the first time, and what makes those count."""

    @property
    def said(self) -> points.Counts:
        """The counts with a value that fills an emptied place again, after an undo or a `d`, among the new ones."""
        again = sum(batch.again for batch in self.batches)
        return points.Counts(self.counts.new + again, self.counts.changed - again, self.counts.same)

    @property
    def created(self) -> list[NewMetric]:
        return [batch.metric for batch in self.batches if isinstance(batch.metric, NewMetric)]

    @property
    def odd(self) -> int:
        """How many values are outside the entry check and will be marked with `?`."""
        return sum(len(batch.odd) for batch in self.batches)

    @property
    def reviewed(self) -> int:
        """How many values of signed reviews it would correct without a word of why."""
        return sum(batch.reviewed for batch in self.batches)

    @property
    def empty(self) -> bool:
        """Nothing to save: all of it stands there already."""
        return not (self.counts.new or self.counts.changed or self.created)


class Imported(NamedTuple):
    counts: points.Counts
    created: int
    txn_id: int | None
    sentence: str
    reviewed: int = 0
    """How many values of signed reviews it corrected without a word of why."""


def preview(store: Store, table: Table, wanted: Wanted, today: int) -> Plan:
    """Reads and checks the whole table and compares it with what is stored; writes nothing.

    `today` is an epoch day: later periods are refused. Raises Refused for a table that cannot be understood at all,
    NotFound for an unknown scope.
    """
    with store.snapshot():
        return _previewed(store, table, wanted, today)


def _previewed(store: Store, table: Table, wanted: Wanted, today: int) -> Plan:
    values = settings.load(store)
    cal = calendar_in(store, values)
    names = Names(reading.metrics(store, archived=True))
    scope_id = _scope_id(store, wanted.scope)
    notes = list(table.notes)
    sample = list(islice(table.rows, max(20, min(200, SAMPLE_CELLS // max(1, len(table.header))))))
    if not sample:
        raise Refused(f"{table.name} has a header and no values below it: there is nothing to import.")
    first_rows = [row for _, row in sample]
    said = dict(wanted.columns)
    roles = find_roles(table.header, first_rows, said, names.known, cal, wanted.order, table.name)
    notes += [f"Left out “{cut(column, 40)}”: {why}." for column, why in roles.left_out]
    refused = Refusals(table.name, table.word)
    table = table._replace(rows=chain(sample, table.rows))
    cells = read_cells(table, roles, wanted.decimal, refused)
    if wanted.guess:
        wanted = wanted._replace(decimal=settled(table, roles, cells.series, wanted.decimal))
    periods = Periods(cells.dates, cells.first_lines, cal, wanted.order, today, table.name, table.word)
    notes += [periods.note] if periods.note else []
    labelled = label_series(cells.series, roles, table.header, names)
    notes += _empty_columns(table, roles, cells.series)
    notes += _unused_names(table, roles, labelled)
    notes += mark_notes(cells.series, wanted.decimal)
    checking = Checking(
        store,
        periods,
        refused,
        lambda series: table.header[roles.values[0] if roles.alone else series.column],
        table.header[roles.date] if roles.date is not None else "start" if periods.exact else "",
        wanted.decimal,
        values.get("currency", "USD"),
        wanted.cadence is not None,
        set(),
    )
    if roles.across:
        checking = checking._replace(column_of=lambda series: " ".join(series.key))
    batches: list[Batch] = []
    unknown: list[str] = []
    taken: set[str] = set()
    for found in labelled:
        metric = _metric_for(found, names, wanted, periods, roles, taken, refused)
        if metric is None:
            if found.label:
                unknown.append(found.label)
            continue
        if not isinstance(metric, NewMetric) and (why := _not_enterable(metric, wanted)):
            line = table.header_line if not roles.alone else found.series[0].lines[0]
            refused.add(line, checking.column_of(found.series[0]), found.label, why)
            continue
        batch = make_batch(found, metric, checking)
        # Every cell has been packed into the batch: the million of them need not be there twice.
        found.series.clear()
        if batch is not None:
            batches.append(batch)
    notes += on_their_days(batches, workdays_in(store, values))
    notes += _near_misses([*unknown, *(one.metric.name for one in batches if isinstance(one.metric, NewMetric))], names)
    _check_one_each(batches)
    if not batches and not refused.count and not unknown:
        raise Refused(f"{table.name} has no value in any column that could be imported.")
    counts = summed(batch.counts for batch in batches)
    early = offers(store, batches, cal, today)
    refused.named.sort(key=lambda one: one.line)
    return Plan(
        table.name,
        table.sha256,
        table.word,
        batches,
        scope_id,
        refused,
        unknown,
        notes + early,
        counts,
        newest_signed(store),
        changes_of(batches, cal, checking.currency),
        early,
    )


def save(store: Store, plan: Plan, why: str = "", *, ask_why: bool = False) -> Imported:
    """Saves what was previewed in one transaction, with one line in the log for all values.

    Raises Refused when cells were refused or metrics are unknown, Conflict when somebody saved some of these values
    after the preview, and with `ask_why` NeedsReason when signed reviews are corrected without one; nothing is saved
    then.
    """
    if plan.refused.count:
        raise Refused(f"{_count(plan.refused.count, 'cell')} of {plan.file} cannot be taken. Nothing was saved.")
    if plan.unknown:
        raise Refused(unknown_sentence(plan))
    if plan.empty:
        return Imported(plan.counts, 0, None, nothing_new(plan))
    if ask_why and plan.reviewed and not why and not store.reason:
        raise NeedsReason(f"{reviewed_sentence(plan.reviewed)}: say why. NOT saved.")
    new, changed, same = plan.said
    summary = f"{plan.file}: {counts_text(plan.said)} (SHA-256 {plan.sha256})"
    with Prepared(store) as prepared:
        for batch in plan.batches:
            batch.prepare(prepared)
        with store.write("import", why=why, summary=summary) as tx:
            reviewed = 0 if why or store.reason else reviewed_by_now(store, plan.batches, plan.reviewed, plan.signed)
            if ask_why and reviewed > plan.reviewed:
                raise NeedsReason(f"{reviewed_sentence(reviewed)} by now: say why. NOT saved.")
            ids = _created(store, plan)
            order = sorted(range(len(plan.batches)), key=ids.__getitem__)
            counts = summed(_written(tx, plan, prepared, at, ids[at]) for at in order)
            if counts != plan.counts:
                raise Conflict(
                    f"Somebody saved some of the values in {plan.file} meanwhile. NOT saved: import it again to see."
                )
            after = {"file": plan.file, "sha256": plan.sha256, "new": new, "changed": changed, "same": same}
            tx.note("import", "point", None, plan.file, None, after | {"metrics": len(plan.batches)})
            txn_id = tx.id
    return Imported(plan.said, len(plan.created), txn_id, saved_sentence(plan), reviewed)


def _written(tx: Txn, plan: Plan, prepared: Prepared, at: int, metric_id: int) -> points.Counts:
    done = prepared.write(tx, at, metric_id)
    # What somebody wrote in between is compared once more, under the lock.
    return points.save_many(tx, plan.batches[at].rows(metric_id)) if done is None else done


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _created(store: Store, plan: Plan) -> list[int]:
    """The id of every batch's metric; makes those that do not exist, in the transaction that is open."""
    from kpitui.domain.model import Metric
    from kpitui.storage import definitions

    last = max((metric.position for metric in reading.metrics(store)), default=0.0)
    ids = []
    with store.write("import") as tx:
        for batch in plan.batches:
            metric = batch.metric
            if not isinstance(metric, NewMetric):
                ids.append(metric.id)
                continue
            last += 1
            made = Metric(
                slug=metric.slug,
                name=metric.name,
                kind="level",
                unit=metric.unit,
                cadence=metric.cadence,
                days=metric.days,
                scope_id=plan.scope_id,
                position=last,
            )
            ids.append(definitions.add(tx, made).id)
    return ids


def _scope_id(store: Store, slug: str) -> int:
    scopes = reading.scopes(store)
    found = next((s for s in scopes if (s.slug == slug if slug else s.parent_id is None)), None)
    if found is None:
        if slug:
            raise NotFound(f"There is no scope “{cut(slug, 40)}”: there are {', '.join(s.slug for s in scopes[:8])}.")
        raise NotFound("This workspace has no scope yet: make one first.")
    return found.id


def _metric_for(
    found: Labelled,
    names: Names,
    wanted: Wanted,
    periods: Periods,
    roles: Roles,
    taken: set[str],
    refused: Refusals,
) -> MetricRow | NewMetric | None:
    """The metric of these cells, an existing or a new one; None when there is none and none is to be made."""
    if not found.label:
        for series in found.series:
            for line in series.lines:
                refused.add(line, "", "", "no metric is named here")
        return None
    metric = names.find(found.label)
    if metric is not None or not wanted.create:
        return metric
    first = found.series[0]
    try:
        name = check_name(found.label, "metric")
    except Problem as problem:
        refused.add(first.lines[0], "", found.label, str(problem))
        return None
    cadence = wanted.cadence
    if cadence is None:
        dates = [number for series in found.series for number in series.dates]
        # In a list of many metrics each has dates of its own; columns beside each other share them.
        seen = periods.cadence(dates) if roles.alone and not periods.few(dates) else periods.cadence()
        cadence = seen  # type: ignore[assignment]
    assert cadence is not None
    slug = names.free_slug(found.label, taken)
    taken.add(slug)
    return NewMetric(slug, name, "percent" if percent_only(found.series) else "number", cadence)


def _not_enterable(metric: MetricRow, wanted: Wanted) -> str:
    if metric.formula or (metric.numerator_id is not None and metric.denominator_id is not None):
        return f"{metric.slug} is worked out from other metrics: import those"
    if wanted.cadence is not None and wanted.cadence != metric.cadence:
        return f"{metric.slug} is kept by {metric.cadence}, not by {wanted.cadence}: leave --cadence out"
    return ""


def _check_one_each(batches: list[Batch]) -> None:
    """No two names of the table may mean one metric: their values would be mixed."""
    seen: set[int] = set()
    for batch in batches:
        if not isinstance(batch.metric, NewMetric):
            if batch.metric.id in seen:
                raise Refused(
                    f"Two names in the file mean the metric {batch.metric.slug}: say with --map which one is meant."
                )
            seen.add(batch.metric.id)


def _empty_columns(table: Table, roles: Roles, series: list[Series]) -> list[str]:
    if roles.alone or roles.across:
        return []
    filled = {one.column for one in series}
    empty = [table.header[at] for at in roles.values if at not in filled]
    if not empty:
        return []
    shown = ", ".join(cut(name, 30) for name in empty[:5]) + (f" and {len(empty) - 5} more" if len(empty) > 5 else "")
    return [f"No value stands in {shown}."]


def _unused_names(table: Table, roles: Roles, labelled: list[Labelled]) -> list[str]:
    """The naming columns that no metric is called by."""
    if roles.must_name or not roles.names or any(found.label not in table.header for found in labelled):
        return []
    columns = " and ".join(f"“{cut(table.header[at], 30)}”" for at in roles.names[:3])
    were = "was" if len(roles.names) == 1 else "were"
    return [f"{columns} {were} not used: no date has two values. With --map, name makes metrics of it, note keeps it."]


def _near_misses(labels: list[str], names: Names) -> list[str]:
    """What to ask about names that are nearly those of metrics: a slip would make another metric."""
    near = ((label, names.near(label)) for label in labels[:20])
    return [f"“{cut(label, 40)}” is nearly {slug}: is that meant?" for label, slug in near if slug]
