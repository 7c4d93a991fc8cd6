"""Files that many tests begin with: made once in a run of the tests, and copied into each test's own folder."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from itertools import count
from pathlib import Path

folder: Path | None = None
"""Where they are kept, one folder for all processes of the run; `tests/conftest.py` says which."""
_tries = count()


def kind() -> tuple[object, ...]:
    """What the tables of a new workspace depend on: part of the key of one that is kept."""
    from kpitui.storage import driver, schema

    return driver.wal_is_safe(), schema.SCHEMA, [name for name, _ in schema.MIGRATIONS]


def copied(to: Path, key: object, make: Callable[[Path], object]) -> str:
    """Makes the file `to` (0600) with the content of the one that `make(path)` writes and closes.

    It is made once for each `key`: whatever the content depends on, told apart by `repr`. Gives the text of what `make`
    gave then.
    """
    assert folder is not None, "the folder of this run is not known yet"
    name = sha256(repr(key).encode()).hexdigest()[:32]
    kept, told = folder / name, folder / f"{name}.told"
    if not told.exists():
        with open(folder / f"{name}.lock", "w") as lock:
            # Other processes that want it meanwhile wait: they would only make the same.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not told.exists():
                # What fails in the middle leaves a file behind that nobody comes across.
                half = folder / f"{name}.{os.getpid()}.{next(_tries)}"
                given = str(make(half))
                assert not os.path.exists(f"{half}-wal"), "it was not closed"
                half.replace(kept)
                half.write_text(given, "utf-8")
                half.replace(told)
    os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    shutil.copyfile(kept, to)
    return told.read_text("utf-8")
