"""On which line of a TOML text a table or key stands: `tomllib` reads values and forgets where they were."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]*?)\s*\]")
_KEY = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)\s*(?:\.[^=]*)?=")


class Lines:
    """Line numbers (from 1) of a text that `tomllib` has read without complaint."""

    def __init__(self, text: str) -> None:
        self._tables: dict[tuple[str, int], int] = {}
        self._keys: dict[tuple[str, int, str], int] = {}
        counts: dict[str, int] = {}
        table, index = "", 0
        open_string, depth = "", 0
        for number, line in enumerate(text.split("\n"), 1):
            fresh = not open_string and depth == 0
            if fresh and (header := _HEADER.match(line)):
                table = header[2].strip("\"' ")
                index = counts.get(table, -1) + 1
                counts[table] = index
                self._tables[table, index] = number
                continue
            if fresh and (key := _KEY.match(line)):
                self._keys.setdefault((table, index, key[1].strip("\"'")), number)
            open_string, depth = _rest(line, open_string, depth)

    def table(self, name: str, index: int = 0) -> int | None:
        """Where the `index`-th (from 0) table of this name begins."""
        return self._tables.get((name, index))

    def key(self, table: str, index: int, name: str) -> int | None:
        """Where a key of that table stands; outside of all tables, `table` is empty."""
        return self._keys.get((table, index, name))


def _rest(line: str, open_string: str, depth: int) -> tuple[str, int]:
    """Which multi-line string and how many brackets are open at the end of `line`."""
    at = 0
    while at < len(line):
        if open_string:
            if open_string == '"""' and line[at] == "\\":
                at += 2
            elif line.startswith(open_string, at):
                at += 3
                open_string = ""
            else:
                at += 1
            continue
        mark = line[at]
        if mark == "#":
            break
        if mark in "\"'":
            if line.startswith(mark * 3, at):
                open_string = mark * 3
                at += 3
                continue
            at = _closed(line, at)
            continue
        depth += (mark in "[{") - (mark in "]}")
        at += 1
    return open_string, max(0, depth)


def _closed(line: str, at: int) -> int:
    """The place behind the one-line string that begins at `at`."""
    mark, at = line[at], at + 1
    while at < len(line) and line[at] != mark:
        at += 2 if mark == '"' and line[at] == "\\" else 1
    return at + 1
