"""Every screen's saving keys at a real terminal, by people whose role does not save there and by one who may only read
the file: one sentence with whom to ask, nothing saved, and the keys go on working. What they may do is done and taken
back. Somebody who loses a role while typing finds the line again; who looks back saves nothing."""

from __future__ import annotations

import json
from typing import NamedTuple

from soak.part import Form, Found, Mutant, Part
from soak.room import Missed, Room, Seat, below

ADMIN = "ana"
WHO = {"cy": "contributor", "dee": "reader", "eve": "", "gil": "a guest"}
"""Eve is in the group and has no role; the guest may only read the file."""
GUEST = "gil"
KILOBYTES = 60_000
ENTER, ESCAPE = "\r", "\x1b"
MODEL = """
[[goal]]
slug = "growth"
title = "Grow"
main = true
metric = "mrr"
baseline = 100
target = 400
start = 2026-01-01
deadline = 2026-12-31

[[metric]]
slug = "mrr"
name = "MRR"
kind = "level"
cadence = "week"
owner = "ana"

[[metric]]
slug = "calls"
name = "Calls"
cadence = "week"
owner = "cy"

[[kpi]]
metric = "mrr"
goal = "growth"
target_kind = "at_least"
target = 400
start = 2026-01-01
"""
VALUES = "\n".join(f"mrr\t2026-W{week}\t{300 + week}" for week in range(38, 47)) + "\n"


class Key(NamedTuple):
    place: str
    """The keys that lead there."""
    seen: str
    """What is then on the screen."""
    key: str
    noun: str
    role: str
    """The least that may press it; who is less is told so."""


HOME, TREE, DETAIL, LOG = "gh", "gt", "ghgg\r", "gl"
VALUES_OF = "vs ≥ 400"
KEYS = (
    *(Key(HOME, "Metrics", key, noun, "contributor") for key, noun in (("m", "notes"), ("a", "actions"))),
    *(Key(HOME, "Metrics", key, noun, "editor") for key, noun in (("T", "targets"), ("p", "KPIs"))),
    *(Key(TREE, "Goal > KPI > metric", key, "metrics", "editor") for key in "nNedMJKHL"),
    Key(TREE, "Goal > KPI > metric", "P", "KPIs", "editor"),
    Key("ge", "to fill", "X", "values", "contributor"),
    Key("gi", "left of", "T", "targets", "editor"),
    Key("gr", "No review", "r", "reviews", "contributor"),
    *(Key("gr", "No review", key, "review lines", "contributor") for key in "DIm"),
    Key("gd", "KPI doctor", "x", "waivers", "editor"),
    Key(LOG, "changes since", "x", "closed periods", "editor"),
    *(Key(f"{LOG}A", "Audit of the values", key, "notes", "contributor") for key in "A"),
    Key("gb", "templates", "n", "metrics", "editor"),
    Key("gb", "templates", "e", "the team's templates", "editor"),
    Key("gs", "yours", "n", "roles", "admin"),
    Key(DETAIL, VALUES_OF, "O", "verdicts", "editor"),
    Key(DETAIL, VALUES_OF, "R", "natural limits", "editor"),
    Key(f"{DETAIL}E", "Causes to look for", "e", "playbooks", "editor"),
    Key(f"{DETAIL}E", "Causes to look for", ENTER, "actions", "contributor"),
    Key(f"{DETAIL}V", "What if", "T", "targets", "editor"),
)
ORDER = ("reader", "contributor", "editor", "admin")


def tried(form: Form, without: str = "") -> Found:
    broken, count = list[str](), 0
    with Room((ADMIN, *WHO), KILOBYTES) as room:
        room.workspace = room.disk / "team/kpi.db"
        founded(room)
        room.without = without
        for number, who in enumerate(WHO):
            if who == GUEST:
                room.workspace.chmod(0o640)
                for folder in (room.workspace.parent, room.workspace.with_name("kpi.db-backups")):
                    if folder.exists():
                        folder.chmod(0o2750)
            try:
                seat = room.sit(who)
                seat.sees("? help", "Grow")
                seat.pause(1.0)  # until it is known what one may
                stood = head(room)
                for key in KEYS[number % 3 :: 1 if form.full else 3]:
                    count += 1
                    broken += one(room, seat, key, WHO[who], stood)
                    if broken and form.share < 1:
                        return Found(f"{count:,} keys", broken)  # a mutant that was found
                broken += allowed(room, seat, WHO[who])
                if WHO[who] == "contributor":
                    broken += looking_back(room, seat) + demoted(room, seat)
                    count += 2
                seat.close()
            except Missed as missed:
                broken.append(f"{who}: {missed}")
        broken += room.crashes()
    return Found(f"{count:,} keys of {len(WHO)} accounts, each with what stood in the log before and after", broken)


def must(room: Room, *words: str, typed: str = "") -> str:
    done = room.command(ADMIN, *words, typed=typed)
    if done.code:
        raise Missed(f"kpitui {' '.join(words)}: {done.err}")
    return done.out


def founded(room: Room) -> None:
    must(room, "init", str(room.workspace), "--group", "kpi", "--name", "Acme")
    must(room, "model", "apply", "-", "--yes", typed=MODEL)
    must(room, "record", "-", typed=VALUES)
    for name, role in WHO.items():
        if role in ORDER:
            must(room, "members", "add", name, role)


def head(room: Room) -> int:
    """The number of the newest line of the log."""
    return int(json.loads(must(room, "log", "--json"))[0]["id"])


def go(seat: Seat, place: str, seen: str) -> None:
    seat.type(ESCAPE)
    seat.pause(0.2)
    for key in place:
        seat.type(key)
        seat.pause(0.15)
    seat.sees(seen)


def one(room: Room, seat: Seat, key: Key, role: str, stood: int) -> list[str]:
    """What is wrong with one key that is not this person's; `stood` is the log's newest line before."""
    guest = seat.name == GUEST
    mine = role if role in ORDER else "reader"
    if not guest and ORDER.index(mine) >= ORDER.index(key.role):
        return []
    who = f"{seat.name}, {role or 'without a role'}, {key.key!r} at {key.place!r}"
    try:
        go(seat, key.place, key.seen)
        seat.type(key.key)
        way = ("may only read", "Ask ana") if guest else (f"You are a {mine} here, and {key.noun}", "Ask ana")
        seat.told(*(way if key.noun != "values" or guest else way[:1]))
        seat.type("?")
        seat.sees("keys" if "keys" in seat.text() else "esc")
        seat.type(ESCAPE)
    except Missed as missed:
        return [f"{who}: {missed}"]
    after = head(room)
    return [f"{who}: saved something: {stood} to {after}"] if after != stood else []


def allowed(room: Room, seat: Seat, role: str) -> list[str]:
    """What each may do all the same, saved and taken back: a note, a value, or the proposal of one."""
    before = head(room)
    go(seat, "ge", "to fill")
    if seat.name == GUEST:
        seat.type("5")
        seat.told("may only read", "Ask ana")
        seat.sees("to fill")
        return []
    seat.type("5" + ENTER)
    if role == "contributor":
        seat.told("Saved Calls", "= 5")
        seat.type("u")
        seat.told("Took back")
        go(seat, HOME, "Metrics")
        seat.type("mnoted" + ENTER)
        seat.told("Kept a note")
    else:
        seat.told("is not yours to save: say why")
        seat.type("an invoice" + ENTER)
        seat.told("Proposed")
    seat.type("u")
    seat.told("Took back")
    grew = head(room) - before
    wanted = 4 if role == "contributor" else 2
    return [] if grew == wanted else [f"{seat.name}: {grew} lines of the log instead of {wanted}"]


def looking_back(room: Room, seat: Seat) -> list[str]:
    """On a day looked at no key saves, whatever others do meanwhile; today shows at once what they did."""
    before = head(room)
    go(seat, DETAIL, VALUES_OF)
    seat.type("W")
    seat.sees("as of")
    seat.type("yesterday" + ENTER)
    seat.sees("as of 19 Nov")
    must(room, "record", "mrr", "999", "--on", "2026-W46")
    must(room, "close", "oct", "--why", "books")
    must(room, "model", "apply", "-", "--yes", typed='[[metric]]\nslug = "mrr"\nname = "Renamed"\n')
    theirs = head(room)
    seat.type("m")
    seat.told("the past is read-only")
    go(seat, "ge", "to fill")
    seat.type("7")
    seat.told("the past is read-only")
    seat.type("W")
    seat.sees("as of")
    seat.type(ENTER)
    seat.sees("Renamed", "999")
    grew = head(room) - theirs
    return [f"{seat.name}: a key saved something while looking back ({before}, {theirs}, {grew} more)"] if grew else []


def demoted(room: Room, seat: Seat) -> list[str]:
    """Whose role is taken away while a note is typed is refused, and has the line again when the role is back."""
    go(seat, HOME, "Metrics")
    seat.type("mhalf a thought")
    seat.sees("half a thought")
    must(room, "members", "add", seat.name, "reader")
    seat.type(ENTER)
    seat.told("You are a reader here, and notes are not for you to change", "ana")
    seat.close()
    must(room, "members", "add", seat.name, "contributor")
    again = room.sit(seat.name)
    again.sees("? help")
    again.told("Not finished", "half a thought")
    again.pause(1.0)
    again.type("m")
    again.sees("half a thought")
    again.type(ENTER)
    again.told("Kept a note")
    again.close()
    return []


def run(form: Form, without: str = "") -> Found:
    return below("soak.roles_screens", form, without)


PART = Part(
    "screens",
    "saving keys of every screen by those who may not: one sentence, nothing saved; what is theirs is done",
    run,
    (Mutant("what is said before anything is typed", lambda form: run(form.part(0.3), "leave")),),
)
