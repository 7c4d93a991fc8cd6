"""Parts that watch every change of a file, or die at a chosen one: run again below `shim.c`, built for the occasion."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from soak.part import Form, Found, Skipped, folder

LOADED = "KPITUI_SOAK_SHIM"


def below(module: str, form: Form, without: str = "") -> Found:
    """What `module.tried(form, without)` finds in a process that has the shim loaded.

    Raises Skipped where it cannot be built.
    """
    compiler = next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), None)
    if compiler is None or not sys.platform.startswith("linux"):
        raise Skipped("needs Linux and a C compiler")
    with folder() as place:
        shim = place / "shim.so"
        source = Path(__file__).with_name("shim.c")
        built = subprocess.run(
            [compiler, "-O2", "-shared", "-fPIC", "-o", shim, source, "-ldl"], capture_output=True, text=True
        )
        if built.returncode:
            raise Skipped("the C compiler here cannot build shim.c")
        ran = subprocess.run(
            [sys.executable, "-m", "soak.preload", module, json.dumps(form), without],
            env={**os.environ, "LD_PRELOAD": str(shim), LOADED: "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
    if ran.returncode:
        return Found("nothing", [f"{module} ended with {ran.returncode}"])
    return Found(*json.loads(ran.stdout.rpartition("\n\x1e")[2]))


def shim() -> Shim:
    return Shim(ctypes.CDLL(None))


class Shim:
    """`shim.c` in this process."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library

    def watch(self, place: Path, log: int = -1) -> None:
        """Look at changes of the files in `place` from now on; write them down in the descriptor `log`."""
        self._library.soak_watch(os.fsencode(place), log)

    def seen(self) -> int:
        """How many changes there were since `watch`."""
        self._library.soak_seen.restype = ctypes.c_long
        return int(self._library.soak_seen())

    def die(self, at: int, torn: bool = False) -> None:
        """Die just before (even) or just after (odd) the `at / 2`-th change from now; a write half done with `torn`."""
        self._library.soak_die(ctypes.c_long(at), int(torn))


def main(module: str, form: str, without: str) -> None:
    # What the children of this process start is not to be watched.
    os.environ.pop("LD_PRELOAD", None)
    tried: Callable[[Form, str], Found] = import_module(module).tried
    found = tried(Form(*json.loads(form)), without)
    sys.stdout.write("\n\x1e" + json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
