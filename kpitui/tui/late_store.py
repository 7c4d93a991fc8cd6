"""A workspace that is made by the first thing saved in it, for somebody who only looks at the first-run page."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from kpitui.storage.store import Store


class LateStore:
    """Reads from an empty workspace in a private temporary folder; the first `write` makes the real one."""

    def __init__(self, make: Callable[[str], Store], path: str) -> None:
        """`make(path)` creates a workspace with its first settings and opens it."""
        self._make = make
        self._path = path
        self._folder: str | None = tempfile.mkdtemp(prefix="kpitui-")
        try:
            self._store = make(os.path.join(self._folder, "workspace.db"))
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def write(self, *args: Any, **kwargs: Any) -> AbstractContextManager[Any]:
        """As `Store.write`, in the real workspace from now on."""
        if self._folder is not None:
            store = self._make(self._path)
            self._forget()
            self._store = store
        return self._store.write(*args, **kwargs)

    def close(self) -> None:
        if self._folder is not None:
            self._forget()
        else:
            self._store.close()

    def _forget(self) -> None:
        assert self._folder is not None
        self._store.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def late_store(make: Callable[[str], Store], path: str) -> Store:
    """The same, as the store it stands in for."""
    return cast("Store", LateStore(make, path))
