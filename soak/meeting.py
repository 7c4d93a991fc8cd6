"""Four people of four accounts, each in a terminal of their own, hold a weekly review on one small disk while values
come in. One is killed, one loses the connection, the disk runs full, two change the same; then the leader signs.

What is tried is everything at once: each was told in a sentence what happened to them, what was acknowledged on a
screen or by `ok …` is there, the minutes hold what was agreed on and nothing else, and whoever could work before can
afterwards.
"""

from __future__ import annotations

import json
import os
import random
import signal
import termios
import time
from collections import defaultdict
from collections.abc import Callable

from kpitui.tui.presence import ROUND
from soak import meeting_company as company
from soak.full_disk import filled
from soak.meeting_company import week
from soak.meeting_people import ENTERING, IN_REVIEW, NOW, PEOPLE, Gathering
from soak.part import Form, Found, Mutant, Part
from soak.room import Missed, Room, below

KILOBYTES = 16_384
SECTIONS = {"decision": "Decisions", "issue": "Parked", "note": "Notes", "action": "Actions"}
OTHER = week(company.THIS_WEEK - 7)
"""A week that nobody changes during the meeting."""


class Meeting(Gathering):
    """One review. `chance` says in which order what happens, and to whom."""

    def hold(self) -> None:
        self.prepare()
        self.gather()
        acts = [
            self.agree, self.enter_values, self.change_one_value, self.import_file, self.propose, self.kill_one,
            self.cut_one_off, self.fill_the_disk,
        ]  # fmt: skip
        self.chance.shuffle(acts)
        moves = sorted(self.chance.sample(range(len(acts)), 3))
        for number, act in enumerate(acts):
            if number in moves:
                self.go_on()
            act()
            self.more_values(3)
        self.finish_script()
        self.change_one_line()
        self.sign()
        self.check_minutes()
        self.leave()
        self.check_workspace()

    def go_on(self) -> None:
        """The leader goes to the next step, and whoever follows is there, too."""
        self.step = min(self.step + 1, 4)
        self.seats["ana"].type(str(self.step))
        for name in IN_REVIEW:
            self.seats[name].sees(f"[{self.step} ")

    def agree(self) -> None:
        """Each in the review writes something, and the others are told."""
        for name, key, what in (("bo", "D", "Call them"), ("dee", "a", "Write it up"), ("ana", "m", "Seen")):
            words = self.words(what)
            others = [other for other in IN_REVIEW if other != name]
            for other in others:
                self.seats[other].type("")
            self.write(name, key, words)
            for other in others:
                self.seats[other].told(name, words)
        if self.chance.random() < 0.5:
            self.write("bo", "I", self.words("Park that"))

    def enter_values(self) -> None:
        self.enter("cy", "calls", self.another("calls", 51, 70))
        self.enter("cy", "cac", self.another("cac", 390, 410))

    def finish_script(self) -> None:
        assert self.script is not None
        self.more_values(len(self.script.waiting))
        self.script.finish()

    def import_file(self) -> None:
        file = self.room.home("dee") / "nps.csv"
        value = self.another("nps", 40, 50)
        file.write_text(f"date,nps\n2026-11-16,{value}\n")
        file.chmod(0o644)
        self.must("dee", "import", str(file), "--yes")
        self.values["nps", NOW].append(str(value))

    def propose(self) -> None:
        """A contributor types what is somebody else's: asked for a reason, proposed, not saved; its owner accepts."""
        value = self.another("mrr", 350, 360)
        self.to_cell("cy", "mrr")
        self.seats["cy"].type(f"{value}\r")
        self.seats["cy"].told(f"MRR W47 = {value} is not yours to save")
        self.seats["cy"].type("from the ledger\r")
        self.seats["cy"].told(f"Proposed MRR W47 = {value} to ana")
        self.must("ana", "proposals", "accept", "1")
        self.values["mrr", NOW].append(str(value))

    # ---------------------------------------------------------------- two at once

    def change_one_value(self) -> None:
        """Cy types a value that bo saves meanwhile: both are shown, and one is chosen."""
        theirs, mine = self.another("cac", 380, 390), self.another("cac", 390, 410)
        bo, cy = self.seats["bo"], self.seats["cy"]
        bo.type("ge")
        bo.sees("Entry  weekly")
        self.to_cell("cy", "cac")
        cy.type(str(mine))
        cy.told(f"CAC W47 = {mine}")
        self.enter("bo", "cac", theirs)
        cy.type("\r")
        cy.told(f"bo saved {theirs}")
        if not cy.was_told("Save yours"):
            # It had been sent before bo's was seen: the text stays in its cell, and Enter on it asks.
            cy.told("asks which to keep")
            cy.type("k\r")
        cy.told(f"bo saved {theirs}", f"Save yours, {mine}, over it?")
        if self.chance.random() < 0.5:
            cy.type("y")
            self.told_value("cy", "cac", mine)
        else:
            cy.type("n")
            cy.told(f"Kept {theirs}")
        bo.type("gr")
        bo.sees(f"[{self.step} ")
        # Bo's program says where he is in one round, theirs hear it in the next: until then they may not know he went.
        bo.pause(2 * ROUND + 0.5)
        self.all_are_there()

    def change_one_line(self) -> None:
        """At the read back two change the same decision: both are shown, and one is chosen."""
        before, theirs, mine = (self.words(what) for what in ("Decide", "Theirs", "Mine"))
        self.write("bo", "D", before)
        self.step = 5
        self.seats["ana"].type("5")
        ana, bo = self.seats["ana"], self.seats["bo"]
        for seat in (ana, bo):
            seat.sees("[5 Commit]", before)
            seat.type("gg" + "j" * [words for kind, words in self.lines if kind == "decision"].index(before))
        ana.type("e")
        ana.told(f"D {before}")
        ana.type(f"\x15{mine}")
        bo.type(f"e\x15{theirs}\r")
        bo.told("Saved decision", theirs)
        ana.type("\r")
        ana.told("bo at", f"made it “{theirs}”. Save yours, “{mine}”")
        yes = self.chance.random() < 0.5
        ana.type("y" if yes else "n")
        ana.told(f"Saved decision: {mine}" if yes else f"Kept theirs: {theirs}")
        self.lines[self.lines.index(("decision", before))] = ("decision", mine if yes else theirs)

    # ---------------------------------------------------------------- what happens to them

    def kill_one(self) -> None:
        """In the middle of a note; who comes back is offered what was typed."""
        name = self.chance.choice(IN_REVIEW)
        seat, words = self.seats[name], self.words("Half a note")
        seat.type(f"m{words}")
        seat.told(f"m {words}")
        os.kill(seat.pid, signal.SIGKILL)
        seat.ended()
        self.others_are_told(name)
        self.come_back(name, "m", words)

    def cut_one_off(self) -> None:
        """The line is cut while somebody types: the program ends, and what was typed is offered again."""
        name = self.chance.choice(PEOPLE)
        seat, words = self.seats[name], self.words("Half a decision")
        value = self.another("calls", 51, 70)
        if name == ENTERING:
            self.to_cell(name, "calls")
            seat.type(str(value))
            seat.told(f"Calls made W47 = {value}")
            seat.pause(1.0)
        else:
            seat.type(f"D{words}")
            seat.told(f"D {words}")
        used = time.monotonic()
        seat.hang_up()
        code = seat.ended()
        if code != 129:
            raise Missed(f"the program whose terminal went away ended with {code}")
        if time.monotonic() - used > 20:
            raise Missed("the program whose terminal went away took more than 20 s to end")
        if name != ENTERING:
            self.others_are_told(name)
            self.come_back(name, "D", words)
            return
        self.sit(name)
        self.seats[name].sees("? help", "★ $400k MRR")
        self.seats[name].type("3")
        self.seats[name].told(f"Typed and not saved: Calls made W47 = {value}")
        self.to_cell(name, "calls")
        self.seats[name].type("\r\r")
        self.told_value(name, "calls", value)

    def others_are_told(self, name: str) -> None:
        for other in IN_REVIEW:
            if other != name:
                self.seats[other].told(f"{name} is not in the review any more")

    def come_back(self, name: str, key: str, words: str) -> None:
        """A new program: it says what was not finished, and the same key brings it back."""
        self.sit(name)
        seat = self.seats[name]
        seat.told("Not finished in Review", words)
        self.join_review(name)
        seat.told(f"A line was not finished: {key} brings “{words}”")
        seat.type(key)
        seat.told(f"{key} {words}")
        seat.type("\r")
        self.acknowledged(name, key, words)
        self.all_are_there()

    def fill_the_disk(self) -> None:
        """To the last byte: whoever saves is told that it was not, and can when there is room."""
        assert self.script is not None
        ballast = filled(self.room.disk, self.chance.choice((0, 4096, 20_000)))
        for _ in range(20):
            # There may be room left in the write-ahead log, which is there already.
            self.more_values(1)
            if self.script.refused:
                break
        else:
            raise Missed("the disk is full, and everything is saved all the same")
        name = self.chance.choice(PEOPLE)
        seat, words, value = self.seats[name], self.words("On a full disk"), self.another("calls", 51, 70)
        if name == ENTERING:
            self.to_cell(name, "calls")
            seat.type(f"{value}\r")
        else:
            seat.type(f"D{words}\r")
        seat.told("no space left", "NOT saved")
        if "no space left" not in self.script.refused[0] or "NOT saved" not in self.script.refused[0]:
            raise Missed(f"the script was not told that the disk is full: {self.script.refused[0]}")
        ballast.unlink()
        self.script.refused.clear()
        if name == ENTERING:
            self.to_cell(name, "calls")
            seat.type("\r\r")
            self.told_value(name, "calls", value)
        else:
            seat.type("D")
            seat.told(f"D {words}")
            seat.type("\r")
            self.acknowledged(name, "D", words)

    # ---------------------------------------------------------------- the end

    def sign(self) -> None:
        ana = self.seats["ana"]
        ana.type("6")
        ana.sees("[6 Close]")
        rating = str(self.chance.randrange(1, 11))
        ana.type(f"{rating}\r")
        ana.told("Signed off weekly review W47")
        for name in IN_REVIEW:
            self.seats[name].sees("# Weekly review W47", "led by ana", f"rated {rating}")

    def check_minutes(self) -> None:
        """What was agreed on and nothing else, and the figures that were acknowledged last."""
        said = self.must("dee", "review", "minutes")
        sections: dict[str, list[str]] = defaultdict(list)
        title = ""
        for line in said.splitlines():
            if line.startswith("## "):
                title = line[3:]
            elif title and (line.startswith("- ") or line[:1].isdigit()):
                sections[title].append(line)
        for kind, section in SECTIONS.items():
            agreed = [words for one, words in self.lines if one == kind]
            found = next((lines for name, lines in sections.items() if name.startswith(section)), [])
            if len(found) != len(agreed) or any(sum(words in line for line in found) != 1 for words in agreed):
                raise Missed(f"the minutes have {found} as {section}, agreed on was {agreed}")
        head = said.partition("\n## ")[0]
        for slug, name in ((one[0], one[1]) for one in company.KPIS):
            last = self.values.get((slug, NOW)) or self.values[slug, week(company.THIS_WEEK - 1)]
            if f"{name} " in head and f"{name} {last[-1]} against" not in head:
                raise Missed(f"{name} is {last[-1]}, the minutes say: {head}")

    def leave(self) -> None:
        for name, seat in self.seats.items():
            seat.type("\x11")
            if (code := seat.ended()) != 0:
                raise Missed(f"the program of {name} ended with {code}")
            left = (
                seat.bytes.rfind(b"\x1b[?1049l") > seat.bytes.rfind(b"\x1b[?1049h")
                and b"\x1b[?25h" in seat.bytes[-200:]
            )
            if not left or termios.tcgetattr(seat.fd)[:4] != seat.first_attributes[:4]:
                raise Missed(f"the terminal of {name} is not as it was")

    def check_workspace(self) -> None:
        """Everything acknowledged is there, it is sound, and everybody can go on."""
        for slug in {slug for slug, _ in self.values}:
            stored: dict[str, list[str]] = defaultdict(list)
            for one in json.loads(self.must("ana", "history", slug, "--json")):
                where = 0 if one["current"] else -1
                stored[one["period"]["label"]].insert(where, f"{one['value']:g}")
            for period in {period for of, period in self.values if of == slug}:
                told = self.values[slug, period]
                if lost := [value for value in told if value not in stored[period]]:
                    raise Missed(f"{slug} {period}: {lost} was acknowledged, {stored[period]} is there")
                if stored[period][0] != told[-1]:
                    raise Missed(f"{slug} {period}: {told[-1]} was acknowledged last, {stored[period][0]} stands")
        self.must("ana", "check", "--full")
        self.must("ana", "log", "--verify")
        for name, slug in zip(PEOPLE, ("mrr", "demos", "cac", "nps"), strict=True):
            self.must(name, "tell")
            self.must(name, "record", slug, "50", "--on", OTHER, "--why", "afterwards")
        for file in self.room.workspace.parent.iterdir():
            if file.name.startswith("kpi.db") and file.stat().st_mode & 0o777 != 0o660:
                raise Missed(f"{file.name} was left with the permissions {file.stat().st_mode & 0o777:o}")


def tried(form: Form, without: str = "") -> Found:
    broken, meetings = list[str](), form.amount(1, 12)
    done = 0
    for number in range(meetings):
        done += 1
        chance = random.Random(f"meeting {form.seed} {number}")
        with Room(PEOPLE, KILOBYTES, without, f"{number}") as room:
            try:
                Meeting(room, chance).hold()
            except (Missed, AssertionError, OSError) as missed:
                broken.append(f"meeting {number}: {missed}")
            broken += room.crashes()
        if broken:
            break
    return Found(f"{done} meeting{'' if done == 1 else 's'} of four accounts, a script beside them", broken)


def run(form: Form, without: str = "") -> Found:
    return below("soak.meeting", form, without)


def without(name: str) -> Callable[[Form], Found]:
    return lambda form: run(form.part(0.1), name)


PART = Part(
    "meeting",
    "four accounts hold a review; one is killed, one cut off, the disk full: all told, nothing lost, minutes right",
    run,
    (
        Mutant("drafts of what is typed", without("drafts")),
        Mutant("the look for what others saved", without("revisions")),
        Mutant("sentences for what SQLite says", without("sentences")),
    ),
)
