"""What is asked for and what stood lately: a query each for all metrics, so that asking costs milliseconds."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kpitui.storage.store import Store


def begun(store: Store, since: Mapping[str, int]) -> dict[int, tuple[int | None, int | None]]:
    """For every live metric the start of its first point, and the end of the last one that begins before `since` (a
    day for each cadence); None where there is none. Cleared points do not count."""
    return {
        key: (first, reaches)
        for key, first, reaches in store.rows(
            f"""SELECT m.id,
            (SELECT "start" FROM point WHERE metric_id = m.id AND state <> 2 ORDER BY "start", "end" LIMIT 1),
            (SELECT "end" FROM point WHERE metric_id = m.id AND "start" < {_day(since)} AND state <> 2
                ORDER BY "start" DESC, "end" DESC LIMIT 1)
            FROM metric m WHERE m.archived = 0"""
        )
    }


def made_at(store: Store, metric_ids: Collection[int]) -> dict[int, str]:
    """When each of these metrics was made, UTC."""
    if not metric_ids:
        return {}
    listed = ", ".join(map(str, metric_ids))
    return dict(
        store.rows(
            f"""SELECT m.id, t.at FROM (SELECT id, rev, txn_id FROM metric UNION ALL
            SELECT id, rev, txn_id FROM metric_history) m CROSS JOIN txn t ON t.id = m.txn_id
            WHERE m.rev = 1 AND m.id IN ({listed})"""
        )
    )


def answered(store: Store, who: str, after: int, since: str) -> list[int]:
    """The proposals of somebody that others have accepted or declined in a transaction after the one numbered `after`
    and at `since` (UTC, ISO 8601) or later, newest first."""
    found = store.rows(
        """SELECT p.id FROM proposal p CROSS JOIN txn t ON t.id = p.txn_id WHERE p.who = ? AND p.archived = 0
            AND p.state IN ('accepted', 'declined') AND p.answered_by <> p.who AND t.id > ? AND t.at >= ?
        ORDER BY t.id DESC""",
        (who, after, since),
    )
    return [number for (number,) in found]


def periods(store: Store, since: Mapping[str, int], until: int) -> list[tuple[int, int, int]]:
    """Metric, start and end of the points of live metrics that begin from `since` to the day `until`, in order; "none"
    counts, cleared does not. Of a metric with nothing but days and none left out, they are told as one stretch."""
    found, others = [], []
    within = f"""FROM point WHERE metric_id = m.id AND "start" >= {_day(since)} AND "start" <= ?1 AND state <> 2"""
    for key, cadence, start, end, count, longer in store.rows(
        f"""SELECT m.id, m.cadence, (SELECT "start" {within} ORDER BY "start", "end" LIMIT 1),
        (SELECT "end" {within} ORDER BY "start" DESC, "end" DESC LIMIT 1),
        (SELECT count(*) {within}), EXISTS (SELECT 1 {within} AND "end" > "start" + 1)
        FROM metric m WHERE m.archived = 0""",
        (until,),
    ):
        if count == 1 or (not longer and count and count == end - start):
            found.append((key, start, end))
        elif count:
            others.append((key, since[cadence], until))
    for wanted in others:
        found += store.rows(
            """SELECT metric_id, "start", "end" FROM point WHERE metric_id = ? AND "start" BETWEEN ? AND ?
            AND state <> 2 ORDER BY "start", "end\"""",
            wanted,
        )
    return found


def unchecked(store: Store) -> list[tuple[int, int, int, float]]:
    """Metric, start, end and value of the points marked odd that nobody has accepted, newest first."""
    return store.rows(
        """SELECT metric_id, "start", "end", value FROM point
        WHERE odd = 1 AND value IS NOT NULL ORDER BY "end" DESC, metric_id"""
    )


def sources(store: Store) -> dict[int, str]:
    """Where the values of each live metric come from, of those that say so."""
    return dict(store.rows("SELECT id, source FROM metric WHERE archived = 0 AND source <> ''"))


def past_values(store: Store, metric_id: int, start: int, end: int) -> list[tuple[int, int, float]]:
    """Start, end and value of every earlier revision of the points that begin in `[start, end)`."""
    return store.rows(
        """SELECT "start", "end", value FROM point_history
        WHERE metric_id = ? AND "start" >= ? AND "start" < ? AND value IS NOT NULL""",
        (metric_id, start, end),
    )


def texts(store: Store, metric_id: int) -> tuple[str, str, str, str, str] | None:
    """Definition, source, how to measure it, who enters it, and what it feeds; None when it is archived."""
    found = store.row(
        """SELECT definition, source, how, CASE updater WHEN '' THEN owner ELSE updater END,
        coalesce((SELECT group_concat(m.name, ', ') FROM driver d CROSS JOIN metric m ON m.id = d.feeds_id
            WHERE d.metric_id = metric.id AND d.archived = 0 AND m.archived = 0), '')
        FROM metric WHERE id = ? AND archived = 0""",
        (metric_id,),
    )
    return found


def _day(since: Mapping[str, int]) -> str:
    cases = " ".join(f"WHEN '{cadence}' THEN {int(day)}" for cadence, day in since.items())
    return f"CASE m.cadence {cases} END"
