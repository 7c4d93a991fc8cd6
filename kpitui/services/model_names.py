"""Names in a set-up that look the same and are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kpitui.domain.quoting import quote
from kpitui.domain.rules import Finding
from kpitui.text import fold

if TYPE_CHECKING:
    from kpitui.domain.rules import Setup


def alike(setup: Setup) -> list[Finding]:
    """Goals, metrics and scopes whose names differ only in what nobody sees: compatibility forms, case, blanks and
    marks without a glyph. The same name letter by letter is allowed: two teams may both count `Leads`."""
    return [
        *_of("scope", setup.scopes, "name"),
        *_of("metric", setup.metrics, "name"),
        *_of("goal", setup.goals, "title"),
    ]


def _of(table: str, rows: Mapping[int, Any], field: str) -> list[Finding]:
    seen: dict[str, Any] = {}
    found = []
    for id, one in rows.items():
        name = getattr(one, field)
        first = seen.setdefault(fold(name), one)
        if getattr(first, field) != name:
            like = f"{table} {first.slug}, {quote(getattr(first, field))}"
            text = f"{table} {one.slug}: its name looks like that of {like}: spell both alike, or rename one."
            found.append(Finding(table, id, text, (first.id,)))
    return found
