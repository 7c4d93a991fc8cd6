"""Who may do what in a workspace: roles of accounts and of groups of the system.

Courtesy between people who can all write the file; kpitui keeps to it in every face, another program need not, and the
log shows that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.problem import Problem
from kpitui.domain.roles import ADMIN, ANY, CONTRIBUTOR, EDITOR, MAY, ROLES, forbidden
from kpitui.domain.roles import known as as_role
from kpitui.errors import Conflict, NotFound, Refused
from kpitui.storage import definitions, write_rules
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpitui.domain.member import Member
    from kpitui.storage.reading import MetricRow
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn

COURTESY = (
    "Whoever may write the file can also change it without kpitui: roles are courtesy, and the log shows who did what."
)


class Said(NamedTuple):
    """One member and what the role may."""

    account: str
    role: str
    may: str
    known: bool
    """The system has such an account or group."""


class Members(NamedTuple):
    """Everybody's role. Without members everybody who may write the file is an admin."""

    me: str
    role: str
    members: tuple[Said, ...]


class Standing(NamedTuple):
    """What this account may do, and whom it asks for more."""

    role: str
    admins: str
    """`ana or bo`."""
    shut: str = ""
    """Why it can save nothing at all."""


class Done(NamedTuple):
    """What was changed."""

    sentence: str


def members(store: Store) -> Members:
    """The members by role, highest first, and what this account is."""
    from kpitui.domain.member import Member

    with store.snapshot():
        found = [
            Said(one.account, as_role(one.role), MAY[as_role(one.role)], known(one.account))
            for one in definitions.all_of(store, Member)
        ]
        found.sort(key=lambda one: (-ROLES.index(one.role), one.account))
        return Members(store.who.name, write_rules.role(store), tuple(found))


def add(store: Store, account: str, role: str, seen: str | None = None) -> Done:
    """Give an account (`ana`) or a group of the system (`@finance`) a role, or another one. Whoever names the first
    member is an admin from then on. Raises Problem for what is no role or no name, NotAllowed, and Conflict where it
    has another role than was `seen`."""
    from kpitui.domain.member import Member

    name, wanted = checked(account), role.strip().casefold()
    if wanted not in ROLES:
        raise Problem(f"“{clean(role)[:40]}” is no role: use {', '.join(ROLES)}.")
    me = store.who.name
    with store.write("member.add", summary=f"{name}: {wanted}") as tx:
        before = {one.account: one for one in definitions.all_of(store, Member)}
        _as_seen(store, before, name, seen)
        alone = not before and first_admin(tx, {name: wanted})
        _no_admin_left(before, name, wanted, me)
        if name in before:
            definitions.change(tx, before[name], role=wanted)
        else:
            definitions.add(tx, Member(account=name, role=wanted))  # type: ignore[arg-type]
    if name in before and before[name].role == wanted:
        return Done(f"{name} is {wanted} already")
    first = f"; {me} is admin" if alone else ""
    return Done(f"{name} is {wanted} now: {MAY[wanted]}{_nobody(name, wanted, me)}{first}")


def first_admin(tx: Txn, wanted: Mapping[str, str]) -> bool:
    """Makes the account an admin that names the first members, unless they hold one; whether it did. Raises Refused
    where it would be something else by them."""
    from kpitui.domain.member import Member

    if write_rules.has_admin(wanted, tx.who):
        return False
    if tx.who in wanted:
        raise Refused(f"Nobody would be admin if you are {wanted[tx.who]}: make somebody else admin first.")
    definitions.add(tx, Member(account=tx.who, role="admin"))
    return True


def remove(store: Store, account: str, seen: str | None = None) -> Done:
    """Take a member's role away. Raises NotFound, NotAllowed, Refused for the last admin among others, and Conflict
    where it has another role than was `seen`."""
    from kpitui.domain.member import Member

    name = checked(account)
    with store.write("member.remove", summary=name) as tx:
        before = {one.account: one for one in definitions.all_of(store, Member)}
        if name not in before:
            raise NotFound(f"{name} is no member: kpitui members lists them.")
        _as_seen(store, before, name, seen)
        _no_admin_left(before, name, "", store.who.name)
        definitions.archive(tx, before[name])
    if len(before) == 1:
        return Done(f"{name} has no role any more, and nobody else has: everybody who may write the file is an admin")
    return Done(f"{name} has no role any more: as much as the groups may, else a reader")


NOBODY = "no member"


def _as_seen(store: Store, before: dict[str, Member], name: str, seen: str | None) -> None:
    """Raises Conflict, with who and when, where an account has another role than was seen; None is whichever it has."""
    from kpitui.domain.member import Member
    from kpitui.services.revisions import who_changed_last

    has = before[name].role if name in before else NOBODY
    if seen is None or has == seen:
        return
    rows = definitions.all_of(store, Member, account=name, archived=True)
    by = who_changed_last(store, [("member", one.id) for one in rows])
    raise Conflict(f"{by} changed that: {name} is {has} by now. NOT saved: look again.")


def _no_admin_left(before: dict[str, Member], name: str, role: str, me: str) -> None:
    now = {one.account: str(one.role) for one in before.values()}
    after = {**now, name: role}
    if not role:
        del after[name]
    if now.get(name) == ADMIN != role and after and not write_rules.has_admin(after, me):
        raise write_rules.only_admin(now, after)


def _nobody(name: str, role: str, me: str) -> str:
    """What to say of a name that stands for nobody on this machine."""
    if write_rules.is_somebody(name, me):
        return ""
    why = f"this machine knows no {'group' if name[0] == '@' else 'account'} of that name"
    if known(name):
        why = "nobody on this machine is in that group"
    return f" ({why}{', so it does not count as an admin' if role == ADMIN else ''})"


def checked(account: str) -> str:
    """The name as it is kept. Raises Problem for what can be no account."""
    name = clean(account).strip()
    if not name.removeprefix("@") or any(char.isspace() or char in ":/," for char in name) or len(name) > 64:
        raise Problem("Give the name of an account, like ana, or of a group of the system, like @finance.")
    return name


def known(account: str) -> bool:
    """Whether the system has such an account or group."""
    try:
        import grp
        import pwd

        if account.startswith("@"):
            grp.getgrnam(account[1:])
        else:
            pwd.getpwnam(account)
    except (ImportError, KeyError, OSError):
        return False
    return True


def standing(store: Store) -> Standing:
    """What this account is here."""
    return Standing(write_rules.role(store), write_rules.admins(store), store.shut() if store.readonly else "")


def refused(standing: Standing, table: str) -> str:
    """Why nothing of a table can be saved by this account, and whom it asks; empty when it may."""
    if standing.shut:
        said, _, way = standing.shut.partition(" NOT saved: ")
        return f"{said} {way[:1].upper()}{way[1:]}".strip()
    if table == ANY or not forbidden(standing.role, (table,)):
        return ""
    way = " Type one in Entry, and its owner is asked." if table == "point" else f" Ask {standing.admins}."
    return f"{write_rules.not_yours(standing.role, table)}.{way}"


def offered(store: Store, table: str) -> bool:
    """Whether what writes a table is offered to this account: not where the file can only be read, is looked at as it
    was, or the role writes none of it. Also of a store that was opened for reading only."""
    return not store.refusal and forbidden(write_rules.role(store), (table,)) is None


def role_of(store: Store, account: str) -> str:
    """What another account is here."""
    return write_rules.role_of_account(store, account)


def may_enter(store: Store, metric: MetricRow) -> bool:
    """Whether this account enters values of a metric itself."""
    mine = write_rules.role(store)
    if mine in (EDITOR, ADMIN):
        return True
    return mine == CONTRIBUTOR and store.who.name in (metric.owner, metric.updater)
