"""Making a workspace: the file with its first settings and its root scope, as one line of the log."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kpitui.errors import KpituiError, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kpitui.services.model_read import Model
    from kpitui.storage.store import Person, Store

ROOT = "org"
"""Slug of the scope that every other one lies in."""
PRIVATE, TEAM = 0o600, 0o660


def create_workspace(
    path: str,
    who: Person,
    via: str,
    now: Callable[[], datetime],
    *,
    name: str | None = None,
    currency: str | None = None,
    week_start: str | None = None,
    fiscal_year_start: int | None = None,
    time_zone: str | None = None,
    team_group: str | None = None,
    template: Model | None = None,
    fill: Callable[[Store], object] | None = None,
) -> Store:
    """Makes the workspace `path` with its settings and the root scope `org`, and opens it.

    Settings that are not given are the template's, else the defaults of `Workspace`; the name is else the file's.
    `fill` does more to it before it counts as made.

    It is private (0600) unless `team_group` names a Unix group: then its folder becomes that group's, 2770, and the
    file 0660, so that every member can work in it. Missing folders are made for a private one's owner alone. Nothing
    is left behind when it fails. Raises Refused when something stands there already or the group cannot be given,
    NotFound for an unknown group, Problem for a setting or a template that cannot be.
    """
    from kpitui.domain.checking import whole
    from kpitui.domain.model import Scope
    from kpitui.domain.workspace import Workspace
    from kpitui.storage import definitions, settings
    from kpitui.storage.store import Store
    from kpitui.text import check_name

    given = {
        "name": None if name is None else check_name(name, "name of the workspace"),
        "currency": currency,
        "week_start": week_start,
        "fiscal_year_start": fiscal_year_start,
        "time_zone": time_zone,
    }
    chosen = {key: value for key, value in given.items() if value is not None}
    values = {"name": _name_from(path), **((template and template.workspace) or {}), **chosen}
    workspace = whole(Workspace, values, "The new workspace")
    check_settings(workspace)
    path = os.path.abspath(path)
    if os.path.lexists(path):
        raise Refused(f"There is something at {path} already. Nothing was overwritten: choose another path.")
    folder = os.path.dirname(path)
    gid = None if team_group is None else group_id(team_group)
    made = _make_folders(folder, 0o700 if gid is None else 0o755)
    store: Store | None = None
    try:
        if team_group is not None and gid is not None:
            _share_folder(folder, team_group, gid, mine=bool(made))
        store = Store.create(path, who=who, via=via, now=now, mode=PRIVATE if gid is None else TEAM)
        if gid is not None:
            _give(path, gid)
            store.warnings += _out_of_reach(folder, gid)
        with store.write("init", summary=f"made the workspace {workspace.name}") as tx:
            settings.save_workspace(tx, workspace)
            definitions.add(tx, Scope(slug=ROOT, name=workspace.name, kind="org", position=1.0))
        if template is not None:
            from kpitui.services.model_file import apply

            apply(store, template._replace(workspace=None))
        if fill is not None:
            fill(store)
    except BaseException:
        if store is not None:
            store.close()
            _remove(path)
        for empty in reversed(made):
            try:
                os.rmdir(empty)
            except OSError:
                break
        raise
    return store


def check_settings(workspace: object) -> None:
    """Raises Problem for a time zone this machine does not know. (What needs no machine is checked by `whole`.)"""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from kpitui.domain.problem import Problem
    from kpitui.domain.quoting import quote

    zone = str(getattr(workspace, "time_zone", "UTC"))
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Problem(
            f"The time zone “{quote(zone)}” is not known on this machine: write it as Europe/Vienna or UTC."
        ) from None


def group_id(name: str) -> int:
    """The number of a Unix group. Raises NotFound with the command that makes it."""
    from kpitui.domain.quoting import quote

    try:
        import grp
    except ImportError:
        raise Refused("This system has no Unix groups: make a private workspace, without --group.") from None
    try:
        return grp.getgrnam(name).gr_gid
    except (KeyError, ValueError):
        raise NotFound(
            f"There is no group “{quote(name)}” on this machine. Nothing was created: have it made with "
            f"sudo groupadd {quote(name)}, or name another one."
        ) from None


def _name_from(path: str) -> str:
    from kpitui.text import clean

    stem = clean(os.path.splitext(os.path.basename(path))[0]).replace("_", " ").replace("-", " ").strip()
    # The user's own one is called workspace.db, like everybody's.
    return (stem[:1].upper() + stem[1:])[:120] if stem else "Workspace"


def _make_folders(folder: str, mode: int) -> list[str]:
    """Makes what is missing of `folder`; gives what was made, outermost first."""
    missing = []
    at = folder
    while not os.path.isdir(at):
        if os.path.lexists(at):
            raise Refused(f"{at} is not a folder, so no workspace can be made in it: choose another path.")
        missing.append(at)
        at = os.path.dirname(at)
    missing.reverse()
    made = []
    try:
        for one in missing:
            os.mkdir(one, mode)
            made.append(one)
    except OSError as error:
        for one in reversed(made):
            os.rmdir(one)
        raise Refused(
            f"The folder {folder} cannot be made by this account ({error.strerror}): choose another path, or have it "
            "made."
        ) from None
    return made


def _share_folder(folder: str, group: str, gid: int, *, mine: bool) -> None:
    """Makes `folder` the group's, setgid and closed to others, which is what a team workspace needs.

    A folder that was there before and holds other things is not opened to the group by surprise.
    """
    found = os.stat(folder)
    right = found.st_gid == gid and found.st_mode & 0o7777 == 0o2770
    if right:
        return
    typed = f"chgrp {_quoted(group)} {_quoted(folder)} && chmod 2770 {_quoted(folder)}"
    if not mine and os.listdir(folder):
        raise Refused(
            f"{folder} holds other things, which the group {group} could then change. Nothing was created: choose a "
            f"folder of its own, or share this one yourself with: {typed}"
        )
    try:
        os.chown(folder, -1, gid)
        os.chmod(folder, 0o2770)
    except OSError:
        raise _not_allowed(folder, group, gid, typed) from None
    # Without a word the system drops the setgid bit for somebody who is not in the group.
    if os.stat(folder).st_mode & 0o7777 != 0o2770:
        raise _not_allowed(folder, group, gid, typed)


def _not_allowed(folder: str, group: str, gid: int, typed: str) -> KpituiError:
    if gid not in (os.getgid(), os.getegid(), *os.getgroups()):
        return Refused(
            f"This account is not in the group {group}. Nothing was created: have sudo usermod -aG {_quoted(group)} "
            f"{_quoted(_account())} typed, log in again, then repeat this."
        )
    return Refused(
        f"This account may not give {folder} to the group {group}. Nothing was created: have its owner or root type "
        f"{typed} and repeat this."
    )


def _out_of_reach(folder: str, gid: int) -> list[str]:
    """Folders above `folder` that members of the group cannot get through, as sentences."""
    warnings = []
    above = os.path.dirname(folder)
    while True:
        found = os.stat(above)
        if not found.st_mode & (0o010 if found.st_gid == gid else 0o001):
            warnings.append(f"Others cannot get through {above} to the workspace: chmod o+x {_quoted(above)}")
        if above == os.path.dirname(above):
            return warnings
        above = os.path.dirname(above)


def _account() -> str:
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (KeyError, ImportError):
        return str(os.getuid())


def _give(path: str, gid: int) -> None:
    if os.stat(path).st_gid != gid:
        os.chown(path, -1, gid)


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)


def _remove(path: str) -> None:
    for name in (path, path + "-wal", path + "-shm", path + "-journal"):
        try:
            os.unlink(name)
        except OSError:
            pass
