"""Who may do what, in Settings: the roles of accounts and groups, added, changed and taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.problem import Problem
from kpitui.domain.roles import MAY, ROLES
from kpitui.services import members
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.widgets.board import BoardRow

if TYPE_CHECKING:
    from kpitui.services.members import Members

TITLE, HINT = "Who may do what", "n adds: bo contributor"
COURTESY = "Courtesy: who may write the file can change it without kpitui"


def member_rows(found: Members) -> list[BoardRow]:
    """A row for each role; without any, who is what then."""
    if not found.members:
        return [BoardRow("member:", ("everybody", "admin", ("who may write the file", "dim")))]
    rows = [
        BoardRow(
            f"member:{one.account}",
            (one.account, one.role, (one.may if one.known else f"unknown here: {one.may}", "dim")),
        )
        for one in found.members
    ]
    return [*rows, BoardRow("", ((f" {COURTESY}", "dim"),), "text")]


def typed(text: str) -> tuple[str, str]:
    """Account and role of a line. Raises Problem."""
    words = text.split()
    if len(words) != 2 or words[1].casefold() not in ROLES:
        raise Problem(f"Type an account or @group and a role: bo contributor. Roles: {', '.join(ROLES)}.")
    return members.checked(words[0]), words[1].casefold()


def preview(text: str) -> str:
    account, role = typed(text)
    return f"{account}: {role}, {MAY[role]}"


class MemberVerbs(KpiScreen):
    """Mixed into Settings."""

    async def action_new(self) -> None:
        """`bo contributor`, `@finance editor`."""

        def complete(text: str) -> list[str]:
            account, blank, begun = text.partition(" ")
            return [f"{account} {role}" for role in ROLES if blank and role.startswith(begun.strip())]

        # As they are shown now: somebody may change them while this is typed.
        seen = {one.account: one.role for one in self.view.members.members}
        text = await self.ask("who may what", parse=preview, complete=complete)
        if text:
            account, role = typed(text)
            await self.app.save(
                members.add,
                account,
                role,
                seen.get(account, members.NOBODY),
                said=lambda done: f"{done.sentence} · u undo",
            )

    def role_of(self, account: str) -> str:
        """Its role as it is shown."""
        return next((one.role for one in self.view.members.members if one.account == account), members.NOBODY)

    async def step_role(self, account: str, role: str, by: int) -> None:
        """The next role, or the one before."""
        wanted = ROLES[(ROLES.index(role) + by) % len(ROLES)]
        await self.app.save(members.add, account, wanted, role, said=lambda done: f"{done.sentence} · u undo")

    async def remove_member(self, account: str, role: str) -> None:
        if await self.confirm(f"Take the role of {account} away?"):
            await self.app.save(members.remove, account, role, said=lambda done: f"{done.sentence} · u undo")
