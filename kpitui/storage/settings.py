"""The settings of the whole file: one row a key, stored as text. A key that is not stored has its default."""

from __future__ import annotations

from kpitui.domain.problem import Problem
from kpitui.errors import Conflict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kpitui.domain.workspace import Workspace
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn


CALENDAR: dict[str, Any] = {
    "name": "Workspace",
    "currency": "USD",
    "week_start": "monday",
    "week_min_days": 4,
    "fiscal_year_start": 1,
    "fiscal_year_name": "last",
    "calendar": "fiscal",
    "retail_month": 1,
    "retail_weekday": "saturday",
    "retail_end": "nearest",
    "retail_pattern": "454",
    "retail_extra_quarter": 4,
    "time_zone": "UTC",
}
"""What periods, money and today depend on, with the defaults of `Workspace`: all that the hot path asks for."""


def load(store: Store) -> dict[str, str]:
    """The stored settings by key."""
    return dict(store.rows("SELECT key, value FROM setting WHERE archived = 0 ORDER BY key"))


def calendar_changes(store: Store) -> list[int]:
    """The transactions that wrote what cuts time, in order: the calendar's settings and its own periods."""
    kept = [key for key in CALENDAR if key not in ("name", "currency", "time_zone")]
    found = store.rows(
        f"""SELECT txn_id FROM setting WHERE key IN ({", ".join("?" * len(kept))})
        UNION SELECT txn_id FROM setting_history WHERE key IN ({", ".join("?" * len(kept))})
        UNION SELECT txn_id FROM period UNION SELECT txn_id FROM period_history ORDER BY 1""",
        (*kept, *kept),
    )
    return [number for (number,) in found]


def time_zones(store: Store) -> list[tuple[str, str]]:
    """Since when (UTC, ISO 8601) which time zone is set, in order."""
    found = store.rows(
        """SELECT txn.at, said.value, said.archived FROM (
            SELECT * FROM setting UNION ALL SELECT * FROM setting_history) said JOIN txn ON txn.id = said.txn_id
        WHERE said.key = 'time_zone' ORDER BY said.rev"""
    )
    return [(at, str(CALENDAR["time_zone"]) if archived else value) for at, value, archived in found]


def calendar_settings(store: Store) -> dict[str, Any]:
    """The settings of `CALENDAR` as they stand, without loading the dataclasses. Raises Problem as `workspace`."""
    stored = load(store)
    return {key: read(key, stored[key], like) if key in stored else like for key, like in CALENDAR.items()}


def workspace(store: Store) -> Workspace:
    """All settings. Raises Problem on one that cannot be read."""
    from dataclasses import fields

    from kpitui.domain.workspace import Workspace

    stored = load(store)
    values = {f.name: read(f.name, stored[f.name], f.default) for f in fields(Workspace) if f.name in stored}
    return Workspace(**values)


def save_workspace(tx: Txn, new: Workspace, seen: Workspace | None = None) -> list[str]:
    """Stores what differs from what is stored, and says which keys; `seen` as in `save`."""
    from dataclasses import asdict

    before = None if seen is None else {key: text(value) for key, value in asdict(seen).items()}
    return save(tx, {key: text(value) for key, value in asdict(new).items()}, before, standard(type(new)))


def save(
    tx: Txn,
    new: Mapping[str, str],
    seen: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> list[str]:
    """Stores these settings and says which keys changed; those not named stay, the same value writes nothing.

    `seen` is what the person saw: a key they changed that somebody else changed meanwhile raises Conflict, a key they
    left alone is left alone. `defaults` are not written where nothing is stored.
    """
    changed = []
    for key, value in new.items():
        if seen is not None and seen.get(key) == value:
            continue
        row = tx.execute("SELECT id, value, archived, rev, txn_id FROM setting WHERE key = ?", (key,)).fetchone()
        standing = row[1] if row and not row[2] else (defaults or {}).get(key)
        if standing == value:
            continue
        if seen is not None and standing is not None and seen.get(key) != standing:
            from kpitui.storage.changes import who_and_when

            by = "" if row is None else " by {} at {}".format(*who_and_when(tx, row[4]))
            raise Conflict(
                f"The setting {key} was changed meanwhile{by}: now {standing}, you saw {seen.get(key)}. "
                "NOT saved: look at it and do it again."
            )
        if row is None:
            sql = "INSERT INTO setting (key, value, archived, rev, txn_id) VALUES (?, ?, 0, 1, ?)"
            row_id = tx.execute(sql, (key, value, tx.id)).lastrowid
        else:
            row_id = row[0]
            sql = "UPDATE setting SET value = ?, archived = 0, rev = rev + 1, txn_id = ? WHERE id = ?"
            tx.execute(sql, (value, tx.id, row_id))
        tx.saw(tx.execute("SELECT * FROM setting WHERE id = ?", (row_id,)).fetchone())
        before = None if standing is None else {"value": standing}
        tx.note("change", "setting", row_id, key, before, {"value": value})
        changed.append(key)
    return changed


def standard(cls: type[Workspace]) -> dict[str, str]:
    from dataclasses import fields

    return {field.name: text(field.default) for field in fields(cls)}


def text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value) if isinstance(value, float) else str(value)


def read(key: str, stored: str, like: Any) -> Any:
    """The stored text as the kind of value its default is."""
    if isinstance(like, bool):
        if stored in ("yes", "no"):
            return stored == "yes"
        raise Problem(f"The setting {key} is “{stored}”, which is neither yes nor no: set it again.")
    if isinstance(like, str):
        return stored
    try:
        return type(like)(stored)
    except ValueError as error:
        raise Problem(f"The setting {key} is “{stored}”, which is not a number: set it again.") from error
