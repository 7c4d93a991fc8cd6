"""Four people who have come together to a review: their programs, and what each does at the keys, acknowledged."""

from __future__ import annotations

import random
from collections import defaultdict
from functools import partial

from soak import meeting_company as company
from soak.meeting_company import week
from soak.meeting_script import Script
from soak.room import Missed, Room, Seat
from soak.workspace import in_delete_mode

PEOPLE = ("ana", "bo", "cy", "dee")
ENTERING = "cy"
"""Who enters values, while the others go through the review."""
IN_REVIEW = ("ana", "bo", "dee")
KINDS = {"D": "decision", "I": "issue", "m": "note", "a": "action"}
NOW = week(company.THIS_WEEK)


class Gathering:
    """They are there. `chance` is what is left to it."""

    def __init__(self, room: Room, chance: random.Random) -> None:
        self.room, self.chance = room, chance
        self.seats: dict[str, Seat] = {}
        self.lines: list[tuple[str, str]] = []
        """Kind and words of the lines that were acknowledged, as they have to stand in the minutes."""
        self.values: dict[tuple[str, str], list[str]] = defaultdict(list)
        """What was acknowledged for a metric and week, the present value last."""
        self.step = 1
        self.count = 0
        self.script: Script | None = None

    # ---------------------------------------------------------------- before

    def must(self, name: str, *words: str, typed: str = "") -> str:
        """A command that has to succeed; what it printed."""
        ran = self.room.command(name, *words, typed=typed)
        if ran.code:
            raise Missed(f"{name}: kpitui {' '.join(words)} ended with {ran.code}: {ran.out[-200:]}{ran.err}")
        return ran.out

    def prepare(self) -> None:
        self.must("ana", "init", str(self.room.workspace), "--group", "kpi", "--name", "Acme")
        model = self.room.home("ana") / "acme.toml"
        model.write_text(company.MODEL)
        model.chmod(0o644)
        self.must("ana", "model", "apply", str(model), "--yes")
        self.must("ana", "record", "-", typed="".join("\t".join(line) + "\n" for line in company.before()))
        for slug, period, value in company.before():
            self.values[slug, period].append(value)
        for name, role in company.ROLES.items():
            self.must("ana", "members", "add", name, role)
        if self.chance.random() < 0.25:
            in_delete_mode(self.room.workspace)

    def gather(self) -> None:
        """Ana leads, bo and dee follow, cy enters values; a script of dee's records more."""
        for name in PEOPLE:
            self.sit(name)
        for name in PEOPLE:
            self.seats[name].sees("? help", "★ $400k MRR")
        self.seats["ana"].type("r")
        self.seats["ana"].told("Started weekly review W47, led by ana")
        for name in ("bo", "dee"):
            self.join_review(name)
            self.seats[name].told("You follow ana")
        self.seats["cy"].type("3")
        self.seats["cy"].sees("to fill ")
        # Presence: the leader sees who is with her, and anybody who enters what.
        self.all_are_there()
        self.seats["cy"].sees("ana, bo, dee are in the weekly review W47")
        if "cy is entering W47" not in self.until_listed("cy"):
            raise Missed("kpitui where does not say that cy is entering values")
        self.script = Script(self.room, "dee", company.scripted())

    def until_listed(self, name: str) -> str:
        """What `kpitui where` lists, once `name` is in it."""
        listed = ""
        for _ in range(10):
            listed = self.must("dee", "where")
            if f"{name} is" in listed:
                break
        return listed

    def sit(self, name: str) -> None:
        self.seats[name] = self.room.sit(name)

    def join_review(self, name: str) -> None:
        """From any tab into the review that runs."""
        seat = self.seats[name]
        seat.type("5")
        seat.sees("runs: r goes on")
        seat.type("r")
        seat.sees(f"[{self.step} ")

    # ---------------------------------------------------------------- at the keys

    def words(self, what: str) -> str:
        self.count += 1
        return f"{what} {self.count} of this week"

    def write(self, name: str, key: str, words: str) -> None:
        """One line, typed and acknowledged."""
        typed = f"{words} @cy fri" if key == "a" else words
        self.seats[name].type(f"{key}{typed}\r")
        self.acknowledged(name, key, words)

    def acknowledged(self, name: str, key: str, words: str) -> None:
        self.seats[name].told(f"Saved {KINDS[key]}", words)
        self.lines.append((KINDS[key], words))

    def to_cell(self, name: str, slug: str) -> None:
        """The cursor on this week's cell of a metric, in Entry."""
        self.seats[name].type("gg" + "j" * company.ROWS.index(slug))
        self.seats[name].pause(0.3)

    def enter(self, name: str, slug: str, value: int) -> None:
        """One value, typed and acknowledged."""
        self.to_cell(name, slug)
        self.seats[name].type(f"{value}\r")
        self.told_value(name, slug, value)

    def told_value(self, name: str, slug: str, value: int) -> None:
        self.seats[name].told("Saved", f"W47 = {value}")
        self.values[slug, NOW].append(str(value))

    def another(self, slug: str, low: int, high: int) -> int:
        """A value that this week never had."""
        had = {*self.values[slug, NOW]}
        return self.chance.choice([value for value in range(low, high) if str(value) not in had])

    def more_values(self, count: int) -> None:
        assert self.script is not None
        for slug, period, value in self.script.go_on(count):
            self.values[slug, period].append(value)

    def all_are_there(self) -> None:
        """Everybody in the review sees the others in its heading, and the leader not away."""

        def seen(seat: Seat) -> bool:
            head = seat.lines()[0]
            return "away" not in head and all(other in head for other in ("bo", "dee") if other != seat.name)

        for name in IN_REVIEW:
            self.seats[name].until(partial(seen, self.seats[name]), f"{name} does not see the others in the review")
