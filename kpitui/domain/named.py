"""`NamedTuple` as `typing` has it, made five times as fast.

`typing.NamedTuple` compiles the annotation of every field to check it: a millisecond for a row of fifty, paid at each
start of each command, for what mypy has checked already. `collections.namedtuple` compiles a constructor for every
class; here one is compiled for every number of fields, and not before it is called. Under mypy this is
`typing.NamedTuple` itself.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any
    from typing import NamedTuple as NamedTuple
else:
    from collections import _tuplegetter, namedtuple
    from types import FunctionType

    TEMPLATES: dict[int, FunctionType] = {}

    def constructor(name: str, fields: tuple[str, ...], defaults: tuple[object, ...]) -> FunctionType:
        """`__new__` with the fields as parameters: the code of any other class with as many of them, renamed."""
        count = len(fields)
        if count not in TEMPLATES:
            TEMPLATES[count] = namedtuple("Template", [f"field{place}" for place in range(count)]).__new__
        template = TEMPLATES[count]
        code = template.__code__.replace(co_name="__new__", co_varnames=("_cls", *fields))
        made = FunctionType(code, template.__globals__, "__new__", defaults)
        made.__qualname__ = f"{name}.__new__"
        return made

    def at_first(name: str, fields: tuple[str, ...], defaults: tuple[object, ...]) -> FunctionType:
        """A `__new__` that makes room for the real one when it is called: half of the classes that a command loads are
        only there for others, or are made by `_make`, and compiling is the most that a class costs."""

        def __new__(cls: type, /, *args: object, **given: object) -> tuple[object, ...]:
            made = constructor(name, fields, defaults)
            cls.__new__ = staticmethod(made)
            return made(cls, *args, **given)

        return __new__

    class Shared:
        """What all named tuples can do; taken over as it stands, so that none has a base but `tuple`."""

        @classmethod
        def _make(cls, values: Iterable[object]) -> tuple[object, ...]:
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
            return made

        def _replace(self, /, **given: object) -> tuple[object, ...]:
            made = self._make(map(given.pop, self._fields, self))
            if given:
                raise ValueError(f"Got unexpected field names: {list(given)!r}")
            return made

        def _asdict(self) -> dict[str, object]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            shown = ", ".join(f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({shown})"

        def __getnewargs__(self) -> tuple[object, ...]:
            return tuple(self)

    METHODS = {name: vars(Shared)[name] for name in ("_make", "_replace", "_asdict", "__repr__", "__getnewargs__")}

    class Fields(type):
        """Makes a tuple with named fields of a class body; defaults and methods as in `typing.NamedTuple`."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            annotations = body.get("__annotations__", {})
            fields = tuple(annotations)
            defaults = {field: body[field] for field in fields if field in body}
            if tuple(defaults) != fields[len(fields) - len(defaults) :]:
                raise TypeError(f"{name}: a field without a default stands after one with it")
            return type(
                name,
                (tuple,),
                {
                    "__doc__": f"{name}({', '.join(fields)})",
                    **METHODS,
                    **body,
                    **{field: _tuplegetter(place, field) for place, field in enumerate(fields)},
                    "__slots__": (),
                    "__new__": at_first(name, fields, tuple(defaults.values())),
                    "__match_args__": fields,
                    "_fields": fields,
                    "_field_defaults": defaults,
                },
            )

    class NamedTuple(metaclass=Fields):
        """The base to name; the class that comes of it is a plain tuple and has no base but that."""
