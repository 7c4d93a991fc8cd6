"""What the roles of a workspace may write. Light to import: every transaction asks."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

READER, CONTRIBUTOR, EDITOR, ADMIN = ROLES = ("reader", "contributor", "editor", "admin")
"""From least to most."""

MAY: dict[str, str] = {
    "reader": "reads, and proposes corrections",
    "contributor": "also enters values of metrics that are theirs, writes notes and actions, takes part in reviews",
    "editor": (
        "also changes everybody's values, goals, metrics, KPIs, targets, playbooks and templates, and closes periods"
    ),
    "admin": "also changes the team's settings and who may do what",
}

ANY = "any"
"""Stands for a table that is known only when something is saved: a value may be proposed, one's own taken back."""

_READER = frozenset({"proposal"})
_CONTRIBUTOR = _READER | {"point", "annotation", "action", "review", "review_line", "review_figure"}
_ADMIN_ONLY = frozenset({"member", "setting", "period", "holiday", "workspace"})


def role_of(account: str, groups: Collection[str], members: Mapping[str, str]) -> str:
    """The role of an account of the system in a workspace with these members (`ana` or `@group` to role): its own
    one, else the highest of its groups, else reader. Without any member everybody is an admin."""
    if not members:
        return ADMIN
    if account in members:
        return known(members[account])
    found = [known(members[f"@{group}"]) for group in groups if f"@{group}" in members]
    return max(found, key=ROLES.index, default=READER)


def known(role: str) -> str:
    """The role; what only another program can have written is the least."""
    return role if role in ROLES else READER


def forbidden(role: str, tables: Iterable[str]) -> str | None:
    """The first of the tables that a role never writes to; None when it may."""
    for table in tables:
        if role == ADMIN or (role == EDITOR and table not in _ADMIN_ONLY):
            continue
        if table not in (_CONTRIBUTOR if role == CONTRIBUTOR else _READER):
            return table
    return None


def own_only(role: str) -> bool:
    """Whether it enters values of its own metrics only."""
    return role in (READER, CONTRIBUTOR)
