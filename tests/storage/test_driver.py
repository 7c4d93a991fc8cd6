from __future__ import annotations

import subprocess
import sys

import pytest

from kpitui.storage import driver


def test_it_is_the_one_that_sqlite_utils_takes() -> None:
    from sqlite_utils import db, utils

    assert driver.sqlite3 is utils.sqlite3  # type: ignore[attr-defined]
    assert issubclass(utils.OperationalError, driver.sqlite3.Error)
    assert type(db.Database(memory=True).conn) is driver.sqlite3.Connection


def test_without_pysqlite3_both_take_the_standard_one() -> None:
    code = """if True:
        import sys
        sys.modules["pysqlite3"] = None
        from kpitui.storage import driver
        from sqlite_utils import utils
        import sqlite3
        assert driver.sqlite3 is utils.sqlite3 is sqlite3
        assert driver.DRIVER == "sqlite3" and driver.VERSION == sqlite3.sqlite_version
    """
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_only_versions_with_the_fix_may_write_ahead(version: tuple[int, ...], safe: bool) -> None:
    assert driver.wal_is_safe(version) is safe
