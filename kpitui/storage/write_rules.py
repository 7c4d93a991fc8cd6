"""What a transaction must keep to before it is sealed: roles, and reasons for what changes in a closed period.

The one place where both are asked, whichever face or service wrote. It is courtesy between people who all may write
the file: another program can do what it likes with it, and the log shows that.
"""

from __future__ import annotations

from kpitui.domain.roles import ADMIN, forbidden, own_only, role_of
from kpitui.errors import NeedsReason, NotAllowed, Refused
from kpitui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn

NOUNS = {
    "point": "values",
    "setting": "the team's settings",
    "member": "roles",
    "annotation": "notes",
    "override": "verdicts",
    "closing": "closed periods",
    "phase": "natural limits",
    "acceptance": "accepted findings",
    "template": "the team's templates",
    "kpi": "KPIs",
}


def check(tx: Txn) -> None:
    """Raises NotAllowed for what the account's role does not write, Refused for what takes the last admin away (undo
    can, too), NeedsReason for a value of a closed period that is changed without saying why."""
    members = _members_before(tx)
    if members:
        _check_role(tx, members)
        _check_admins(tx, members)
    if tx.touched:
        _check_closed(tx)


def _members_before(tx: Txn) -> dict[str, str]:
    """The members as they were before this transaction: nobody makes themselves an admin by what they write."""
    if not any(table == "member" for table, _ in tx.lines):
        return dict(tx.execute("SELECT account, role FROM member WHERE archived = 0").fetchall())
    versions = tx.execute(
        """SELECT id, rev, account, role, archived FROM member WHERE txn_id <> ?1
        UNION ALL SELECT id, rev, account, role, archived FROM member_history WHERE txn_id <> ?1 ORDER BY id, rev""",
        (tx.id,),
    ).fetchall()
    last = {row[0]: row[2:] for row in versions}
    return {account: role for account, role, archived in last.values() if not archived}


def _members(store: Store) -> dict[str, str]:
    return dict(store.rows("SELECT account, role FROM member WHERE archived = 0"))


def role(store: Store) -> str:
    """What this account is here."""
    members = _members(store)
    if not members or _owns_file(store.who.uid, store.path):
        return ADMIN
    return role_of(store.who.name, groups_of(store.who.name), members)


def role_of_account(store: Store, account: str) -> str:
    """What somebody else is here, by the account's name."""
    from kpitui.storage.failing import owner

    members = _members(store)
    if not members or owner(store.path) == account:
        return ADMIN
    return role_of(account, groups_of(account), members)


def admins(store: Store) -> str:
    """Whom to ask for what one's role does not do: `ana or bo`."""
    return _admins(_members(store))


def require(store: Store, table: str) -> None:
    """Raises NotAllowed where this account's role does not write what is kept like a table's rows, but in files."""
    members = _members(store)
    mine = role(store)
    if members and forbidden(mine, (table,)):
        raise _not_for(mine, table, members)


def has_admin(members: Mapping[str, str], me: str) -> bool:
    """Whether one of the admins is somebody here: an account this machine knows, or a group with one in it. `me` is
    the account that asks, which exists in any case."""
    return any(role == ADMIN and is_somebody(account, me) for account, role in members.items())


def is_somebody(account: str, me: str = "") -> bool:
    """Whether an account (`ana`) or a group (`@finance`) stands for at least one account of this machine."""
    if account == me:
        return True
    try:
        import grp
        import pwd

        if not account.startswith("@"):
            pwd.getpwnam(account)
            return True
        found = grp.getgrnam(account[1:])
    except (ImportError, KeyError, OSError):
        return False
    if account[1:] in groups_of(me) or any(is_somebody(one) for one in found.gr_mem):
        return True
    # Whose first group it is does not stand in its list.
    return any(one.pw_gid == found.gr_gid for one in pwd.getpwall())


def groups_of(account: str) -> tuple[str, ...]:
    """The groups of the system that an account is in, by name; none for an account the system does not know."""
    try:
        import grp
        import pwd
        from os import getgrouplist

        found = []
        for number in getgrouplist(account, pwd.getpwnam(account).pw_gid):
            try:
                found.append(grp.getgrgid(number).gr_name)
            except KeyError:
                pass  # a group without a name
        return tuple(found)
    except (ImportError, KeyError, OSError):
        return ()


def _owns_file(uid: int, path: str) -> bool:
    """Whether the account could change the file whatever we say: a workspace is never without an admin."""
    import os

    try:
        return uid in (0, os.stat(path).st_uid)
    except OSError:
        return False


def _check_role(tx: Txn, members: dict[str, str]) -> None:
    path = next(row[2] for row in tx.execute("PRAGMA database_list").fetchall() if row[1] == "main")
    mine = role_of(tx.who, groups_of(tx.who), members)
    if mine == ADMIN or _owns_file(tx.uid, path):
        return
    metrics = set(tx.touched)
    tables = {table for table, _ in tx.lines}
    if "kpi" in tables and _checks_in(tx):
        # How sure somebody is of a KPI is said with its value.
        metrics |= {_metric_of(tx, row_id) for table, row_id in tx.lines if table == "kpi"}
        tables.discard("kpi")
    if tx.what == "review.sign":
        # What the review judged by is locked with it; nobody draws a border so.
        tables.discard("phase")
    tables |= {"point"} if metrics else set()
    # What leaves no line of its own, like the place of a running review, is written by whoever takes part in it.
    table = forbidden(mine, sorted(tables) if tables else ("review",))
    metric = _other_metric(tx, metrics) if own_only(mine) else None
    if table == "point" or (table is None and metric is not None):
        # A reader enters nothing, not even where the metric is theirs.
        slug, name, owner = metric or _named(tx, metrics)
        belongs = f"{name} belongs to {owner}" if owner else f"{name} has no owner yet"
        if metric is None:
            belongs = f"values of {name} are not for you to enter"
        raise NotAllowed(
            f"You are {_article(mine)} here, and {belongs}. NOT saved: kpitui propose {slug} VALUE --why TEXT asks for "
            "it."
        )
    if table is not None:
        raise _not_for(mine, table, members)


def _not_for(mine: str, table: str, members: Mapping[str, str]) -> NotAllowed:
    return NotAllowed(f"{not_yours(mine, table)}. NOT saved: ask {_admins(members)}.")


def not_yours(mine: str, table: str) -> str:
    """`You are a reader here, and notes are not for you to change`, without a full stop."""
    noun = NOUNS.get(table, f"{table.replace('_', ' ')}s")
    return f"You are {_article(mine)} here, and {noun} are not for you to change"


def _check_admins(tx: Txn, before: dict[str, str]) -> None:
    if ADMIN not in before.values() or not any(table == "member" for table, _ in tx.lines):
        return
    now = dict(tx.execute("SELECT account, role FROM member WHERE archived = 0").fetchall())
    if now and not has_admin(now, tx.who) and (ADMIN not in now.values() or has_admin(before, tx.who)):
        raise only_admin(before, now)


def only_admin(before: Mapping[str, str], after: Mapping[str, str]) -> Refused:
    """Why the members cannot become those of `after`: nobody would be admin."""
    gone = [account for account, role in before.items() if role == ADMIN and after.get(account) != ADMIN]
    left = sorted(clean(account) for account, role in after.items() if role == ADMIN)
    known = f" that this machine knows ({', '.join(left[:3])} stands for nobody here)" if left else ""
    return Refused(f"{clean(gone[0] if gone else 'Nobody')} is the only admin{known}: make somebody else admin first.")


def _checks_in(tx: Txn) -> bool:
    """Whether it records a value, or takes that back."""
    what, undoes = tx.what, tx.undoes
    while undoes is not None:
        what, undoes = tx.execute("SELECT what, undoes FROM txn WHERE id = ?", (undoes,)).fetchone()
    return what == "record"


def _metric_of(tx: Txn, kpi_id: int | None) -> int:
    return int(tx.execute("SELECT metric_id FROM kpi WHERE id = ?", (kpi_id,)).fetchone()[0])


def _other_metric(tx: Txn, metrics: set[int]) -> tuple[str, str, str] | None:
    """Slug, name and owner of a metric written to that is not the account's."""
    for metric_id in sorted(metrics):
        slug, name, owner, updater = tx.execute(
            "SELECT slug, name, owner, updater FROM metric WHERE id = ?", (metric_id,)
        ).fetchone()
        if tx.who not in (owner, updater):
            return slug, name, owner or updater
    return None


def _named(tx: Txn, metrics: set[int]) -> tuple[str, str, str]:
    """Slug, name and owner of the first metric written to."""
    found = tx.execute("SELECT slug, name, owner FROM metric WHERE id = ?", (min(metrics, default=0),)).fetchone()
    return found or ("METRIC", "a metric", "")


def _article(role: str) -> str:
    return f"an {role}" if role[0] in "ae" else f"a {role}"


def _admins(members: Mapping[str, str]) -> str:
    found = sorted(account for account, role in members.items() if role == ADMIN)
    here = [account for account in found if is_somebody(account)]
    return " or ".join((here or found)[:3]) or "the owner of the file"


def _check_closed(tx: Txn) -> None:
    if clean(tx.why).strip():
        return
    closed = tx.execute('SELECT start, "end", who, why FROM closing WHERE archived = 0').fetchall()
    for start, end, who, why in closed:
        for metric_id, (first, last) in tx.touched.items():
            if first >= end or last <= start:
                continue
            row = tx.execute(
                """SELECT p.start, p."end", m.name, m.cadence FROM point p CROSS JOIN metric m ON m.id = p.metric_id
                WHERE p.metric_id = ?1 AND p.start > ?2 - 400 AND p.start < ?3 AND p."end" > ?2 AND p.txn_id = ?4
                AND (p.note IS NULL OR p.note IS (SELECT h.note FROM point_history h WHERE h.metric_id = p.metric_id
                    AND h.start = p.start AND h."end" = p."end" AND h.rev = p.rev - 1)) LIMIT 1""",
                (metric_id, start, end, tx.id),
            ).fetchone()
            if row is not None:
                raise NeedsReason(
                    f"{who} closed that period of {row[2]} ({why}): a change there needs a reason. NOT saved: say why."
                )
