"""Work done by a second process while this one is still importing: two threads of Python would only take turns."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any


class Failed(Exception):
    """The other process came to nothing; do the work here, where its error can be told."""


def begin(work: Callable[[], Any]) -> Callable[[], Any] | None:
    """Run `work` in a forked process; gives what waits for its result, or None where a second process gains nothing.

    Call it before any thread is started and before SQLite is used: neither survives a fork. The result is pickled on
    its way. Waiting raises Failed when there is none.
    """
    if not hasattr(os, "fork") or _processors() < 2:
        return None
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _work_and_end(work, writing)
    os.close(writing)

    def result() -> Any:
        import pickle

        with os.fdopen(reading, "rb") as pipe:
            data = pipe.read()
        os.waitpid(child, 0)
        if not data:
            raise Failed
        return pickle.loads(data)

    return result


def _work_and_end(work: Callable[[], Any], writing: int) -> None:
    code = 1
    try:
        import pickle

        data = pickle.dumps(work(), pickle.HIGHEST_PROTOCOL)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(data)
        code = 0
    finally:
        # Nothing of the parent's may be run down here: no handlers, no buffers, no message on the terminal.
        os._exit(code)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
