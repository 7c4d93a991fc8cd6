"""The one place SQLite comes from.

sqlite-utils takes pysqlite3 when it is installed, and so do we, by the same rule and without importing it: a second
driver has exceptions of its own, which an `except` for the first does not catch.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3 as sqlite3
else:
    try:
        import pysqlite3 as sqlite3
    except ImportError:
        import sqlite3

DRIVER: str = sqlite3.__name__
VERSION: str = sqlite3.sqlite_version


def wal_is_safe(version: tuple[int, ...] | None = None) -> bool:
    """Whether a SQLite (default: the one in use) may write in WAL mode.

    Versions from 3.7.0 up to 3.51.2, but for 3.44.6 and 3.50.7 and their successors, can lose acknowledged data when a
    checkpoint meets a restarting log (sqlite.org, "The WAL-reset bug").
    """
    v = version or tuple(int(part) for part in VERSION.split("."))
    return v >= (3, 51, 3) or (3, 50, 7) <= v < (3, 51) or (3, 44, 6) <= v < (3, 45)
