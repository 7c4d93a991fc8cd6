"""Every kind of command by every kind of member, each with an account of their own: the exit code that the role asks
for, a sentence, and nobody kept out of anything afterwards."""

from __future__ import annotations

from typing import NamedTuple

from soak.part import Form, Found, Mutant, Part
from soak.room import Room, below

ADMIN, CONTRIBUTOR, GUEST = "ana", "cy", "gil"
WHO = {
    "ana": "admin",
    "bo": "editor",
    "cy": "contributor",
    "dee": "reader",
    "eve": "",
    "fay": "an outsider",
    "gil": "a guest",
}
"""Eve is in the group and has no role; the guest reads a workspace that only its owner may write."""
OUTSIDE = ("fay",)
KILOBYTES = 60_000
MODEL = """
[[metric]]
slug = "theirs"
cadence = "day"
owner = "cy"

[[metric]]
slug = "other"
cadence = "day"
owner = "ana"
"""
MEMBERS = '[[member]]\naccount = "{name}"\nrole = "admin"\n[[member]]\naccount = "root"\nrole = "reader"\n'
READ = "0 0 0 0 0 1 0"
CONTRIBUTE = "0 0 0 1 1 1 6"
EDIT = "0 0 1 1 1 1 6"
FILES = "0 0 1 1 1 1 1"
GOVERN = "0 1 1 1 1 1 6"
"""Exit codes of those in WHO."""


class Command(NamedTuple):
    words: str
    codes: str
    typed: str = ""


COMMANDS = (
    *(Command(words, READ) for words in ("status", "show other", "due --mine", "tell", "report", "goals", "members")),
    *(Command(words, READ) for words in ("log --verify", "history theirs", "export points", "--plain tree")),
    Command("model export", READ),
    Command("check --full --fix", READ),
    Command("record theirs 5 --on 2026-11-19", CONTRIBUTE),
    Command("record other 5 --on 2026-11-18", EDIT),
    Command("record -", EDIT, "other\t2026-11-17\t3\n"),
    Command("import -", EDIT, "date,other\n2026-11-16,4\n"),
    Command("propose theirs 7 --on 2026-11-19 --why late", "0 0 0 0 0 1 6"),
    Command("annotate other noted", CONTRIBUTE),
    Command("undo", "0 0 0 0 0 1 1"),
    Command("review start", CONTRIBUTE),
    Command("review sign --rating 7", "0 0 0 1 1 1 1"),
    Command("close oct --why books", EDIT),
    Command("reopen oct --why books", EDIT),
    Command("model apply -", EDIT, '[[metric]]\nslug = "other"\nname = "Other of {name}"\n'),
    Command("model apply -", GOVERN, MEMBERS),
    Command("members add root contributor", GOVERN),
    Command("library save org --as T{name}", FILES),
    Command("backup", "0 0 0 0 0 1 1"),
    Command("backup --to {home}/kept", READ),
    Command("restore {backup} --yes", GOVERN),
    Command("backup --rotate", "0 0 0 0 0 1 1"),
)


def tried(form: Form, without: str = "") -> Found:
    broken, count = list[str](), 0
    with Room(tuple(WHO), KILOBYTES, outside=OUTSIDE) as room:
        for number, name in enumerate(WHO):
            backup = founded(room, f"of-{name}", guest=name == GUEST)
            room.without = without
            for command in COMMANDS[:: 1 if form.share == 1 else 3]:
                count += 1
                broken += one(form, room, name, number, command, backup)
            room.without = ""
        broken += room.crashes()
    return Found(f"{count:,} commands by {len(WHO)} accounts, each with what others can do afterwards", broken)


def founded(room: Room, folder: str, guest: bool) -> str:
    """A team's workspace with a member of every role; gives the path of its backup."""
    room.workspace = room.disk / folder / "kpi.db"
    steps = [
        ("init --group kpi", ""),
        ("model apply -", MODEL),
        *((f"members add {name} {role}", "") for name, role in WHO.items() if len(role.split()) == 1),
        ("backup", ""),
    ]
    for words, typed in steps:
        done = room.command(ADMIN, *words.split(), typed=typed)
        if done.code:
            raise RuntimeError(f"kpitui {words}: {done.err}")
    if guest:
        room.workspace.chmod(0o640)
        for folder_of in (room.workspace.parent, room.workspace.with_name("kpi.db-backups")):
            folder_of.chmod(0o2750)
    return done.out.splitlines()[0]


def one(form: Form, room: Room, name: str, number: int, command: Command, backup: str) -> list[str]:
    """What is wrong with one command of one account, and with what others can do afterwards."""
    words = [word.format(name=name, home=room.home(name), backup=backup) for word in command.words.split()]
    done = room.command(
        name, *words, typed=command.typed.format(name=name) if "{name}" in command.typed else command.typed
    )
    said, found, who = done.out + done.err, [], f"{WHO[name] or 'without a role'}: kpitui {command.words}"
    if "Traceback" in said or "went wrong inside" in said:
        found.append(f"{who}: no sentence")
    if done.code != int(command.codes.split()[number]):
        found.append(f"{who}: exit code {done.code} instead of {command.codes.split()[number]}: {said.strip()[-200:]}")
    before, room.without = room.without, ""
    others = ((ADMIN, f"record other {number} --on 2026-01-{number + 1:02d}"), (CONTRIBUTOR, "status"))
    # In the quick form one of them after each command.
    for other, then in others if form.full else others[len(command.words) % 2 :][:1]:
        after = room.command(other, *then.split())
        if after.code:
            found.append(f"{who}: afterwards {other} cannot {then}: {after.err.strip()[-200:]}")
    room.without = before
    return found


def run(form: Form, without: str = "") -> Found:
    return below("soak.roles", form, without)


PART = Part(
    "roles",
    "every kind of command by every role, an outsider and a guest: the right exit code, a sentence; lock-outs: 0",
    run,
    (Mutant("the check of roles", lambda form: run(form.part(0.3), "roles")),),
)
