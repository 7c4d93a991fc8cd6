"""What Textual's import loads and no first frame needs, left out until somebody asks for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

LATER = {
    # The palette, and for its sake inputs, trees, selects and lists of options: a tenth of Textual's import.
    "textual.command": "CommandListItem CommandPalette DiscoveryHit Hit Hits Provider SimpleProvider",
    # Where downloads go, and for its sake tempfile.
    "platformdirs": "user_downloads_path",
    # Names of notifications and downloads, and for its sake platform.
    "uuid": "uuid4",
}
"""Modules, and the names that are taken from them while Textual is imported."""


class Later(type):
    """A name of a module that is loaded when the name is used: called, asked for something, or tested against."""

    def _real(cls) -> Any:
        module, name = cls.__dict__["_later"]
        return getattr(_loaded(module), name)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if "_later" in cls.__dict__:
            return cls._real()(*args, **kwargs)
        return super().__call__(*args, **kwargs)

    def __getattr__(cls, name: str) -> Any:
        if "_later" not in cls.__dict__ or name.startswith("__"):
            raise AttributeError(name)
        return getattr(cls._real(), name)

    def __instancecheck__(cls, one: object) -> bool:
        if "_later" in cls.__dict__:
            return cls.__dict__["_later"][0] in sys.modules and isinstance(one, cls._real())
        return super().__instancecheck__(one)


class _StandIn(ModuleType):
    """Gives the names of `LATER`; for any other the module itself is loaded after all."""

    def __getattr__(self, name: str) -> Any:
        if name in LATER[self.__name__].split():
            return Later(name, (), {"_later": (self.__name__, name), "__module__": self.__name__})
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_loaded(self.__name__), name)


def _loaded(name: str) -> ModuleType:
    """The module itself, also while one stands in for it."""
    if isinstance(sys.modules.get(name), _StandIn):
        del sys.modules[name]
    return import_module(name)


@contextmanager
def left_out() -> Iterator[None]:
    """Import Textual in here: without what `LATER` names, and asyncio without ssl, which it takes when it is there
    (8 ms and 4 MB for what nobody here speaks). Afterwards everything can be imported as ever."""
    with ExitStack() as stack:
        if "ssl" not in sys.modules and "asyncio" not in sys.modules:
            sys.modules["ssl"] = None  # type: ignore[assignment]
            stack.callback(sys.modules.__delitem__, "ssl")
        if "textual.app" not in sys.modules:
            for name in LATER:
                if name not in sys.modules:
                    sys.modules[name] = _StandIn(name)
                    stack.callback(_give_back, name)
        yield


def _give_back(name: str) -> None:
    if isinstance(sys.modules.get(name), _StandIn):
        del sys.modules[name]
