from __future__ import annotations

import inspect
import pickle
import typing

import pytest

from kpitui.domain.named import NamedTuple


class Ours(NamedTuple):
    """A place."""

    x: int
    y: float | None = None
    index: str = "a"

    @property
    def far(self) -> bool:
        return self.x > 9

    def moved(self, by: int) -> Ours:
        return self._replace(x=self.x + by)


class Theirs(typing.NamedTuple):
    """A place."""

    x: int
    y: float | None = None
    index: str = "a"


def test_it_is_what_typing_makes() -> None:
    one, other = Ours(1, index="b"), Theirs(1, index="b")
    assert one == other == (1, None, "b") and repr(one) == repr(other).replace("Theirs", "Ours")
    assert Ours._fields == Theirs._fields and Ours._field_defaults == Theirs._field_defaults
    assert (Ours.__doc__, Ours.__module__, Ours.__qualname__) == ("A place.", __name__, "Ours")
    assert Ours.__mro__[1:] == Theirs.__mro__[1:] == (tuple, object)
    assert one._asdict() == other._asdict() and Ours._make([1, 2.0, "c"]) == (1, 2.0, "c")


def test_classes_with_as_many_fields_keep_their_own_names_and_defaults() -> None:
    class Other(NamedTuple):
        index: int
        count: int = 7
        y: int = 8

    class One(NamedTuple):
        index: int

    assert Other(1, y=2) == Other(index=1, count=7, y=2) == (1, 7, 2) and Ours(1, 2.0).y == 2.0
    assert (One(5).index, One._make([6]), repr(One(7))) == (5, (6,), "One(index=7)")
    assert list(inspect.signature(Other).parameters) == ["index", "count", "y"]
    with pytest.raises(TypeError, match=r"Other.__new__\(\) missing 1 required positional argument: 'index'"):
        Other()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="Expected 3"):
        Other._make([1])
    with pytest.raises(ValueError, match="x"):
        Other(1)._replace(x=1)  # type: ignore[call-arg]


def test_methods_and_properties_stay() -> None:
    assert Ours(1).moved(9) == Ours(10) and Ours(10).far and not Ours(1).far


def test_it_is_pickled_by_its_name() -> None:
    assert type(pickle.loads(pickle.dumps(Ours(3)))) is Ours


def test_what_is_missing_or_unknown_is_refused_and_nothing_can_be_set() -> None:
    with pytest.raises(TypeError):
        Ours()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Ours(1, z=2)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        Ours(1).x = 2  # type: ignore[misc]


def test_a_field_without_a_default_after_one_with_it_is_a_mistake() -> None:
    with pytest.raises(TypeError):
        type(NamedTuple)("Bad", (NamedTuple,), {"__annotations__": {"a": "int", "b": "int"}, "a": 1, "__module__": "m"})
