"""What a user set for himself: `config.toml` in the config folder, read only when it is there.

Checked by hand, not with pydantic: `kpitui tell` reads it too, and may not pay 90 ms for ten keys. What is wrong in
the file is collected as sentences; the rest counts.
"""

from __future__ import annotations

import os
import stat

from kpitui import paths
from kpitui.domain.named import NamedTuple
from kpitui.text import clean, cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

CHOICES: dict[str, tuple[str, ...]] = {
    "glyphs": ("auto", "unicode", "blocks", "ascii"),
    "open_on": ("home", "due", "tree"),
    "decimal": (".", ","),
    "negative": ("minus", "accounting"),
    "compact": ("en", "de", "fr", "es", "ja", "en-IN"),
}
_EXAMPLES = {"theme": '"dark"', "mouse": "true", "db": '"/srv/kpi/team.db"', "backups": '"/srv/backup/kpi"'}
_THEME_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class Config(NamedTuple):
    """`db` is the workspace opened without `--db` and `KPITUI_DB`; `backups` the folder of `kpitui backup` without
    `--to`; `keys` maps ids of `kpitui keys` to keys."""

    theme: str = "dark"
    glyphs: str = "auto"
    open_on: str = "home"
    decimal: str = "."
    negative: str = "minus"
    compact: str = "en"
    mouse: bool = False
    db: str | None = None
    backups: str | None = None
    keys: Mapping[str, str] = {}


class Loaded(NamedTuple):
    config: Config
    messages: tuple[str, ...] = ()
    wrong_db: str = ""
    """The message that leaves open which workspace is meant; empty when it is clear."""


def load(path: str | None = None) -> Loaded:
    """The user's config and one sentence for each thing in the file that could not be used."""
    path = path or paths.config_file()
    try:
        # A pipe or device of that name would keep every command waiting.
        if stat.S_IFMT(os.stat(path).st_mode) not in (stat.S_IFREG, stat.S_IFDIR):
            return _unusable(f"{clean(path)} is no ordinary file: your settings are not used.")
        with open(path, "rb") as file:
            raw = file.read(1_000_001)
    except FileNotFoundError:
        return Loaded(Config())
    except OSError as error:
        return _unusable(f"{clean(path)} cannot be read ({error.strerror}): your settings are not used.")
    table, message = _parse(raw, path)
    return _unusable(message) if message else _checked(table, path)


def _unusable(message: str) -> Loaded:
    return Loaded(Config(), (message,), message)


def _parse(raw: bytes, path: str) -> tuple[dict[str, object], str]:
    import tomllib

    if len(raw) > 1_000_000:
        return {}, f"{clean(path)} is larger than 1 MB: your settings are not used."
    try:
        return tomllib.loads(raw.decode("utf-8-sig")), ""
    except UnicodeDecodeError:
        return {}, f"{clean(path)} is not UTF-8: save it as UTF-8; your settings are not used."
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return {}, f"{clean(path)} is no TOML: {clean(str(error))}; your settings are not used."


def _checked(table: dict[str, object], path: str) -> Loaded:
    good: dict[str, object] = {}
    messages: list[str] = []
    wrong_db = ""
    where = clean(path)
    for key, value in table.items():
        if key == "keys":
            good["keys"] = _checked_keys(value, where, messages)
        elif key not in Config._fields:
            from difflib import get_close_matches

            near = get_close_matches(key, Config._fields, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(Config._fields)}."
            messages.append(f"{where}: {cut(key, 40)} is no setting; {hint}")
        elif valid(key, value):
            good[key] = os.path.expanduser(value) if key in ("db", "backups") and isinstance(value, str) else value
        else:
            messages.append(f"{where}: {key} is {_in_words(value)}; write {_spelling(key)}.")
            wrong_db = messages[-1] if key == "db" else wrong_db
    return Loaded(Config(**good), tuple(messages), wrong_db)  # type: ignore[arg-type]


def valid(key: str, value: object) -> bool:
    """True when the setting `key` may have `value` (all but `keys`)."""
    if key == "mouse":
        return isinstance(value, bool)
    if not isinstance(value, str) or not value:
        return False
    if key == "theme":
        # A name, never a path: themes are only looked for in their folders.
        return len(value) <= 64 and value[0] not in "_-" and _THEME_LETTERS.issuperset(value)
    if key in ("db", "backups"):
        return clean(value) == value and os.path.isabs(os.path.expanduser(value))
    return value in CHOICES[key]


def _in_words(value: object) -> str:
    try:
        return cut(repr(value), 40)
    except ValueError:
        return "a number of far too many digits"  # Python refuses to write it out


def _spelling(key: str) -> str:
    if key in CHOICES:
        return " or ".join(f'{key} = "{choice}"' for choice in CHOICES[key])
    return f"{key} = {_EXAMPLES[key]}"


def _checked_keys(value: object, where: str, messages: list[str]) -> dict[str, str]:
    if not isinstance(value, dict):
        messages.append(f'{where}: keys is a table; write [keys] and below it lines such as undo = "u".')
        return {}
    good = {}
    for name, key in value.items():
        if isinstance(key, str) and key and clean(key) == key:
            good[clean(name)] = key
        else:
            messages.append(f"{where}: keys.{cut(name, 40)} is {_in_words(key)}; write a key in quotes.")
    return good


def save(config: Config, path: str | None = None) -> bool:
    """Write what differs from the file, keeping its comments and order; True when the file was changed.

    Raises OSError when the folder cannot be written, and ValueError when the file is no TOML: a person mends it first,
    because nothing of it may be lost.
    """
    path = os.path.realpath(path or paths.config_file())
    try:
        with open(path, "rb") as file:
            raw = file.read()
    except FileNotFoundError:
        raw = b""
    table, message = _parse(raw, path)
    if message:
        raise ValueError(message)
    old = _checked(table, path).config
    if old == config:
        return False
    text = raw.decode("utf-8-sig")
    for key in Config._fields:
        if key != "keys" and getattr(config, key) != getattr(old, key):
            text = _with_line(text, None, key, getattr(config, key))
    for key in {**old.keys, **config.keys}:
        if config.keys.get(key) != old.keys.get(key):
            text = _with_line(text, "keys", key, config.keys.get(key))
    written, message = _parse(text.encode(), path)
    if message or _checked(written, path).config != config:
        # The file is written in a way that lines cannot be exchanged in (inline tables, strings over several lines).
        text = _whole(config)
    _replace(path, text)
    return True


def literal(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _key(name: str) -> str:
    return name if name and _THEME_LETTERS.issuperset(name) else literal(name)


def _with_line(text: str, table: str | None, key: str, value: object) -> str:
    """`text` with the line of `key` in `table` (None: before the first) exchanged, added, or taken out (None)."""
    import re

    header = re.compile(r"^\s*\[")
    wanted = re.compile(r"^\s*(?:" + re.escape(key) + "|" + re.escape(literal(key)) + r")\s*=")
    own = re.compile(r"^\s*\[\s*" + re.escape(table) + r"\s*\]") if table else None
    line = f"{_key(key)} = {literal(value)}"
    lines = text.splitlines()
    inside, end = own is None, None
    for index, present in enumerate(lines):
        if header.match(present):
            inside = bool(own and own.match(present))
        if inside and wanted.match(present):
            comment = re.search(r"""\s+#[^"']*$""", present)
            lines[index : index + 1] = [] if value is None else [line + (comment.group() if comment else "")]
            return "\n".join(lines) + "\n"
        if inside and present.strip():
            end = index + 1
    if value is not None:
        if end is None:
            new = [line] if table is None else ["", f"[{table}]", line]
            lines[0 if table is None else len(lines) : 0 if table is None else len(lines)] = new
        else:
            lines.insert(end, line)
    return "\n".join(lines) + "\n"


def _whole(config: Config) -> str:
    default = Config()
    lines = [
        f"{key} = {literal(getattr(config, key))}"
        for key in Config._fields
        if key != "keys" and getattr(config, key) != getattr(default, key)
    ]
    if config.keys:
        lines += ["", "[keys]", *(f"{_key(name)} = {literal(key)}" for name, key in config.keys.items())]
    return "\n".join(lines).lstrip("\n") + "\n"


def _replace(path: str, text: str) -> None:
    import secrets

    folder = os.path.dirname(path)
    os.makedirs(folder, 0o700, exist_ok=True)
    temporary = os.path.join(folder, f".config-{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
