"""Closed periods, and the values that were changed in them since."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kpitui.storage.store import Store


class SpellRow(NamedTuple):
    """One stretch of time during which the days `[start, end)` were closed: after transaction `since`, before `until`
    (None: still)."""

    id: int
    start: int
    end: int
    who: str
    day: int
    why: str
    since: int
    until: int | None


class RestatedRow(NamedTuple):
    """A value that was changed in a closed period: what stood, what was put there. `at` is UTC, ISO 8601."""

    metric_id: int
    start: int
    end: int
    was: float | None
    now: float | None
    note: str | None
    txn_id: int
    at: str
    who: str
    why: str


def spells(store: Store) -> list[SpellRow]:
    """All of them, oldest first."""
    rows = store.rows(
        """SELECT id, start, "end", who, day, why, txn_id,
            lead(txn_id) OVER (PARTITION BY id ORDER BY rev), archived
        FROM (SELECT id, start, "end", who, day, why, txn_id, rev, archived FROM closing
            UNION ALL SELECT id, start, "end", who, day, why, txn_id, rev, archived FROM closing_history)
        ORDER BY txn_id, id"""
    )
    return [SpellRow._make(row[:-1]) for row in rows if not row[-1]]


def covering(store: Store, start: int, end: int) -> tuple[str, str] | None:
    """Who closed a day of `[start, end)` and why; None when none is closed."""
    found = store.row(
        'SELECT who, why FROM closing WHERE archived = 0 AND start < ? AND "end" > ? LIMIT 1', (end, start)
    )
    return None if found is None else (found[0], found[1])


def restated_at(store: Store, metric_id: int) -> set[tuple[int, int, int]]:
    """Transaction, start and end of every value of a metric that was changed while its period was closed."""
    return {(row.txn_id, row.start, row.end) for spell in spells(store) for row in restated(store, spell, metric_id)}


def restated(store: Store, spell: SpellRow, metric_id: int | None = None) -> list[RestatedRow]:
    """The values changed while the days of a spell were closed, in the order it was done; of one metric when asked."""
    one = "" if metric_id is None else "WHERE m.id = ?6"
    # Periods that began before the closed days may reach into them.
    within = """p.metric_id = m.id AND p.start > ?1 - 400 AND p.start < ?2 AND p."end" > ?1
        AND p.txn_id > ?3 AND (?4 IS NULL OR p.txn_id < ?5)"""
    part = 'SELECT p.metric_id, p.start, p."end", p.value, p.note, p.rev, p.txn_id FROM metric m CROSS JOIN {} p ON '
    rows = store.rows(
        f"""SELECT v.metric_id, v.start, v."end", b.value, v.value, v.note, v.txn_id, t.at, t.who, t.why
        FROM ({part.format("point")}{within} {one} UNION ALL {part.format("point_history")}{within} {one}) v
        CROSS JOIN txn t ON t.id = v.txn_id
        LEFT JOIN point_history b ON b.metric_id = v.metric_id AND b.start = v.start AND b."end" = v."end"
            AND b.rev = v.rev - 1
        WHERE v.value IS NOT b.value ORDER BY v.txn_id, v.metric_id, v.start""",
        (spell.start, spell.end, spell.since, spell.until, spell.until, metric_id)[: 5 if metric_id is None else 6],
    )
    return list(map(RestatedRow._make, rows))
