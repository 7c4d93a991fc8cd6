"""Who is not here any more: names that stand as owners, of people who have no role or may not open the file."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from kpitui.services.members import known
from kpitui.storage import definitions
from kpitui.storage.failing import owner
from kpitui.storage.write_rules import groups_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from kpitui.storage.store import Store


def gone(store: Store, names: Collection[str]) -> dict[str, str]:
    """Of these names those that nobody answers to, and why: `no member any more`, `no member`, `no account here`, or
    `not in the group acme`.

    Members are asked where there are any, this machine's accounts where a group writes the file: a name in somebody's
    own file stands for whom they like. Whoever asks is here, and so is the owner of the file.
    """
    from kpitui.domain.member import Member

    rows = definitions.all_of(store, Member, archived=True)
    live = {one.account: str(one.role) for one in rows if not one.archived}
    team = _team(store.path)
    if not live and team is None:
        return {}
    here = {store.who.name, owner(store.path)}
    found: dict[str, str] = {}
    for name in sorted({*names} - here - {""}):
        groups = groups_of(name)
        if live and name not in live and not any(f"@{group}" in live for group in groups):
            was = any(one.account == name for one in rows)
            found[name] = "no member any more" if was else "no member"
        elif team is not None and not known(name):
            found[name] = "no account here"
        elif team and team not in groups and name != "root":
            found[name] = f"not in the group {team}"
    return found


def _team(path: str) -> str | None:
    """The group that writes the file, empty where the system has no name for it; None where none does."""
    try:
        import grp

        found = os.stat(path)
        if not found.st_mode & stat.S_IWGRP:
            return None
        if found.st_mode & stat.S_IWOTH:
            return ""
        return grp.getgrgid(found.st_gid).gr_name
    except (ImportError, OSError):
        return None
    except KeyError:
        return ""
