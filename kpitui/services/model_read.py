"""Reading a model file: TOML to a `Model`, every key and value checked, references still by name."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from datetime import date, datetime
from typing import Any, NamedTuple

from kpitui.domain.checking import in_words, nearest, value
from kpitui.domain.periods import to_day
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.domain.workspace import Workspace
from kpitui.services.model_keys import CLASSES, KEYS, LONG, NAMED_BY, NAMES, ON, Key, title
from kpitui.services.model_lines import Lines
from kpitui.services.toml_depth import too_deep
from kpitui.text import check_name, clean

LARGEST = 20_000_000
"""Bytes of a model file; thousands of metrics take one or two millions."""
RHYTHMS = ("weekly", "monthly", "quarterly", "annual")
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class Entry(NamedTuple):
    """One table of the file: the values by key, those that were not written left out. Names stay slugs, days are
    epoch days, rhythms the stored text."""

    table: str
    values: dict[str, Any]
    where: str
    """File, line and name, as messages begin."""
    label: str
    """The name alone: `conversion@sales`."""


class Model(NamedTuple):
    """What a model file says."""

    filename: str
    workspace: dict[str, Any] | None
    """Settings; None when the file has no `[workspace]`."""
    entries: tuple[Entry, ...]

    def of(self, table: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.table == table]


def text_of(raw: bytes, filename: str) -> str:
    """The text of a file's bytes. Raises Problem for what is empty, binary, too large or not UTF-8."""
    if not raw.strip():
        raise Problem(f"{filename} is empty: write a model file with kpitui model export.")
    if len(raw) > LARGEST:
        raise Problem(f"{filename} has {len(raw):,} bytes, and a model file at most {LARGEST:,}: is it the right file?")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Problem(f"{filename} is UTF-16: save it as UTF-8.")
    if b"\0" in raw:
        raise Problem(f"{filename} is a binary file, not a model file: it must be TOML text.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Problem(f"{filename} line {line} is not UTF-8: save the file as UTF-8.") from None


def read(text: str, filename: str, beside: str = "") -> Model:
    """What the text of a model file says, the table `beside` left alone. Raises Problem with file, line, table, key."""
    tables = _parsed(text, filename)
    lines = Lines(text)
    settings: dict[str, Any] | None = None
    for name, found in tables.items():
        if name == beside:
            continue
        at = _line(filename, lines.table(name) or lines.key("", 0, name))
        if name not in KEYS:
            near = nearest(name, list(KEYS))
            hint = f"did you mean {_written(near)}?" if near else f"there are {', '.join(map(_written, KEYS))}."
            raise Problem(f"{at}: a model file has no table “{quote(name)}”: {hint}")
        if name == "workspace":
            if not isinstance(found, dict):
                raise Problem(f"{at}: workspace is one table: begin it with [workspace].")
            settings = _settings(found, filename, lines)
        elif not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise Problem(f"{at}: {name} is a list of tables: begin each with [[{name}]].")
    entries: list[Entry] = []
    for table in CLASSES:
        for index, raw in enumerate(tables.get(table, ())):
            entries.append(_entry(table, index, raw, filename, lines))
    _once(entries)
    return Model(filename, settings, tuple(entries))


def _parsed(text: str, filename: str) -> dict[str, Any]:
    text = text.replace("\r\n", "\n")
    if not text.strip():
        raise Problem(f"{filename} is empty: write a model file with kpitui model export.")
    try:
        if too_deep(text):
            raise RecursionError
        return tomllib.loads(text)
    except RecursionError:
        raise Problem(f"{filename} is nested too deeply to be a model file.") from None
    except ValueError as error:
        said = str(error)
        place = _PLACE.search(said)
        what = said[: place.start()] if place else said
        at = f" line {place[1]}, column {place[2]}" if place and place[1] else ", at its end" if place else ""
        raise Problem(f"{filename}{at}: this is not TOML ({quote(what)}). Mend it there.") from None


def _settings(raw: dict[str, Any], filename: str, lines: Lines) -> dict[str, Any]:
    values = {}
    for name, given in raw.items():
        where = f"{_line(filename, lines.key('workspace', 0, name) or lines.table('workspace'))}, workspace"
        _known("workspace", name, where)
        values[name] = _text(name, value(Workspace, name, given, where), where)
    return values


def _entry(table: str, index: int, raw: dict[str, Any], filename: str, lines: Lines) -> Entry:
    begins = lines.table(table, index)
    label = _label(table, raw)
    named = f"{title(table)} {label}".rstrip()
    where = f"{_line(filename, begins)}, {named}"
    for name in raw:
        _known(table, name, f"{_line(filename, lines.key(table, index, name) or begins)}, {named}")
    for name in NAMED_BY[table]:
        if name not in raw:
            raise Problem(f"{where}: {name} is missing.")
    if table in ON:
        keys, least, said = ON[table]
        if not least <= sum(name in raw for name in keys) <= 1:
            raise Problem(f"{where}: {said}: write one of the {'two ' if len(keys) == 2 else ''}keys.")
    values = {}
    for key in KEYS[table]:
        if key.name in raw:
            at = f"{_line(filename, lines.key(table, index, key.name) or begins)}, {named}"
            values[key.name] = _value(table, key, raw[key.name], at)
    if table == "member":
        values["account"] = _account(values["account"], where)
    return Entry(table, values, where, label)


def _value(table: str, key: Key, given: object, where: str) -> Any:
    if key.kind == "ref":
        if not isinstance(given, str):
            raise Problem(
                f"{where}: {key.name} must be the slug of a {title(key.to)} in quotes, not {quote(in_words(given))}."
            )
        return given.strip()
    if key.kind in ("day", "last"):
        day = _day(key.name, given, where)
        return day + 1 if key.kind == "last" and day is not None else day
    if key.kind == "feeds":
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            raise Problem(f'{where}: feeds is a list of slugs: write it like ["orders", "revenue"].')
        return list(dict.fromkeys(one.strip() for one in given))
    if key.kind == "words":
        return _rhythms(given, where)
    if given == "" and key.name not in NAMES and "None" in str(CLASSES[table].__dataclass_fields__[key.field].type):
        return None  # TOML has no null: an empty text takes a value away
    text = _text(key.name, value(CLASSES[table], key.field, given, where, key.name), where)
    if text == "" and key.name in NAMED_BY[table]:
        raise Problem(f"{where}: {key.name} is empty: write at least one letter.")
    return text


def _account(given: str, where: str) -> str:
    from kpitui.services.members import checked

    try:
        return checked(given)
    except Problem as problem:
        raise Problem(f"{where}: {problem}") from None


def _day(name: str, given: object, where: str) -> int | None:
    if given == "" and name in ("start", "deadline", "locked"):
        return None
    if isinstance(given, str):
        try:
            given = date.fromisoformat(given)
        except ValueError:
            pass
    if isinstance(given, datetime) or not isinstance(given, date):
        raise Problem(f"{where}: {name} must be a date like 2026-12-31, not “{quote(in_words(given))}”.")
    return to_day(given)


def _rhythms(given: object, where: str) -> str:
    if not isinstance(given, list):
        raise Problem(f'{where}: review is a list: write it like ["weekly", "monthly"].')
    for word in given:
        if word not in RHYTHMS:
            raise Problem(f"{where}: review holds “{quote(in_words(word))}”: use {', '.join(RHYTHMS)}.")
    return ",".join(word for word in RHYTHMS if word in given)


def _text(name: str, given: Any, where: str) -> Any:
    """People's text as it may be stored: nothing in it that a terminal obeys."""
    if not isinstance(given, str):
        return given
    if name in NAMES:
        try:
            return check_name(given, name)
        except Problem as problem:
            raise Problem(f"{where}: {problem}") from None
    if name in LONG:
        return clean(unicodedata.normalize("NFC", given), keep_newlines=True).strip()
    return clean(given).strip()


def _known(table: str, name: str, where: str) -> None:
    keys = [key.name for key in KEYS[table]]
    if name not in keys:
        near = nearest(name, keys)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(keys)}."
        raise Problem(f"{where}: {_written(table)} has no key “{quote(name)}”: {hint}")


def _label(table: str, raw: dict[str, Any]) -> str:
    def said(name: str) -> str:
        return quote(in_words(raw.get(name, "")))

    if table == "kpi":
        return said("metric") + (f"@{said('scope')}" if "scope" in raw else "")
    if table == "target":
        return f"of {said('kpi')} from {said('from')}"
    if table == "annotation":
        return f"of {said('metric') or said('goal')} on {said('day')}"
    if table == "playbook":
        return f"of {said('kpi') or said('scope')}"
    if table == "waiver":
        return f"of {said('rule')} for {next((said(key) for key in ON[table][0] if key in raw), 'the workspace')}"
    if table == "period":
        return said("name")
    if table == "holiday":
        return f"on {said('day')}"
    if table == "member":
        return said("account")
    if table == "phase":
        return f"of {said('metric')} from {said('from')}"
    return said("slug")


def _once(entries: list[Entry]) -> None:
    """Refuses a thing that is defined twice. Notes may repeat themselves."""
    seen: dict[tuple[object, ...], Entry] = {}
    for entry in entries:
        if entry.table == "annotation":
            continue
        names = {
            "kpi": ("metric", "scope"),
            "playbook": ("kpi", "scope"),
            "waiver": ("rule", "kpi", "metric", "goal", "scope", "place"),
        }.get(entry.table, NAMED_BY[entry.table])
        known = (entry.table, *(entry.values.get(name) for name in names))
        first = seen.setdefault(known, entry)
        if first is not entry:
            line = first.where.partition(",")[0].rpartition(" ")[2]
            raise Problem(f"{entry.where}: this one is in the file already, on line {line}. Take one of them out.")


def _written(table: str | None) -> str:
    return "[workspace]" if table == "workspace" else f"[[{table}]]"


def _line(filename: str, number: int | None) -> str:
    return filename if number is None else f"{filename} line {number}"
