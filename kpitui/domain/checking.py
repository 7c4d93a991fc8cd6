"""Checks what comes in from files, forms and commands against the annotations of `domain/model.py`.

pydantic does the checking, on first need; people get our sentences: which table, which key, what is allowed. Rules
that need more than one key are in `domain/rules.py`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

T = TypeVar("T")

CURRENCY = re.compile(r"[A-Z]{3}")
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
KINDS = {
    "string_type": "must be text in quotes",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "finite_number": "must be a finite number",
}


def value(cls: Any, name: str, given: object, where: str, key: str | None = None) -> Any:
    """One field's value, checked; whole numbers become floats where the field is one.

    `where` begins the sentence of the `Problem` that is raised (`model.toml line 3, metric visits`), `key` is what the
    person calls the field.
    """
    from pydantic import ValidationError

    said = key or name
    try:
        checked = _of_field(cls, name).validate_python(given, strict=True)
    except ValidationError as error:
        raise Problem(f"{where}: {sentence(said, given, error.errors()[0])}") from None
    except OverflowError:
        raise Problem(f"{where}: {said} is too large a number.") from None
    _finite(checked, said, where)
    _spelled(name, checked, said, where)
    return checked


def whole(cls: type[T], values: Mapping[str, object], where: str) -> T:
    """A definition made of these values, every one checked. Raises `Problem` as `value` does."""
    from dataclasses import MISSING, fields

    known = {field.name: field for field in fields(cls)}  # type: ignore[arg-type]
    for name in values:
        if name not in known:
            raise unknown(where, name, list(known))
    checked = {name: value(cls, name, given, where) for name, given in values.items()}
    for name, field in known.items():
        if name not in checked and field.default is MISSING and field.default_factory is MISSING:
            raise Problem(f"{where}: {name} is missing.")
    return cls(**checked)


def check(definition: T, where: str) -> T:
    """A definition that is there already, every value checked again. Raises `Problem`."""
    from dataclasses import fields

    names = [field.name for field in fields(definition)]  # type: ignore[arg-type]
    return whole(type(definition), {name: getattr(definition, name) for name in names}, where)


def unknown(where: str, name: str, known: list[str]) -> Problem:
    """The sentence for a key that does not exist: the nearest one, or all."""
    near = nearest(name, known)
    hint = f"did you mean {near}?" if near else f"the keys are {', '.join(known)}."
    return Problem(f"{where}: there is no key “{quote(name)}”: {hint}")


def nearest(word: str, known: list[str]) -> str | None:
    from difflib import get_close_matches

    found = get_close_matches(word.lower(), known, 1, 0.6)
    return found[0] if found else None


def sentence(name: str, given: object, error: ErrorDetails) -> str:
    """What one of pydantic's findings means for a person."""
    kind, about = error["type"], error.get("ctx", {})
    said = f"“{quote(given)}”" if isinstance(given, str) else quote(in_words(given))
    if kind == "literal_error":
        allowed = [word.strip("'") for word in re.split(r", | or ", str(about["expected"]))]
        near = nearest(given, allowed) if isinstance(given, str) else None
        hint = f" (did you mean {near}?)" if near else ""
        return f"{name} is {said}: use one of {', '.join(allowed)}{hint}."
    if kind in KINDS:
        return f"{name} {KINDS[kind]}, not {said}."
    if kind == "string_too_long":
        return f"{name} has {len(str(given))} characters: {about['max_length']} are the most."
    if kind == "string_too_short":
        return f"{name} is empty: write at least one character."
    bound = {"greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most")}
    if kind in bound:
        key, words = bound[kind]
        return f"{name} is {said}: it must be {words} {about[key]:g}."
    if kind == "greater_than":
        return f"{name} is {said}: it must be more than {about['gt']:g}."
    return f"{name} cannot be {said}."


def in_words(given: object) -> str:
    """Any value a TOML or JSON file can hold, as a message repeats it."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int) and given.bit_length() > 256:
        return "a number of far too many digits"  # Python refuses to write out some of them
    if isinstance(given, dict):
        return "a table"
    if isinstance(given, list):
        return "a list"
    return f"{given:.12g}" if isinstance(given, float) else str(given)


def _finite(checked: object, said: str, where: str) -> None:
    if isinstance(checked, float) and not math.isfinite(checked):
        raise Problem(f"{where}: {said} must be a finite number.")
    # SQLite's whole numbers have 64 bits.
    if type(checked) is int and not -(2**63) <= checked < 2**63:
        raise Problem(f"{where}: {said} is too large a number.")


def _spelled(name: str, checked: object, said: str, where: str) -> None:
    if name == "slug" and isinstance(checked, str):
        from kpitui.domain.slugs import check_slug

        try:
            check_slug(checked)
        except Problem as problem:
            raise Problem(f"{where}: {problem}") from None
    elif name == "currency" and checked and not CURRENCY.fullmatch(str(checked)):
        raise Problem(f"{where}: {said} is “{quote(str(checked))}”: write the three capitals of its code, like EUR.")
    elif name == "review_time" and not CLOCK.fullmatch(str(checked)):
        raise Problem(f"{where}: {said} is “{quote(str(checked))}”: write it like 14:00.")
    elif name == "working_week":
        from kpitui.domain.workdays import read_week

        try:
            read_week(str(checked))
        except Problem as problem:
            raise Problem(f"{where}: {said}: {problem}") from None


@cache
def _of_field(cls: Any, name: str) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(_hints(cls)[name])


@cache
def _hints(cls: Any) -> dict[str, Any]:
    from typing import get_type_hints

    return get_type_hints(cls, include_extras=True)
