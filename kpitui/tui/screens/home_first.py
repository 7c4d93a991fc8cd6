"""The page of a workspace in which nothing is set up yet: three steps, each with the key that does it for who may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.periods import span_of
from kpitui.reports.wording import day_text
from kpitui.text import width
from kpitui.tui.widgets.styled import Line

if TYPE_CHECKING:
    from kpitui.services.overview import Home
    from kpitui.tui.screens.home_rows import Look


def first_lines(view: Home, look: Look, able: set[str]) -> list[Line]:
    """The page; `able` are the screens there are, so that no hint leads nowhere."""
    page = _Page(view, look)
    page.welcome()
    page.goal()
    page.kpis(library="library" in able)
    page.rhythm(review="review" in able)
    page.beginnings()
    return page.lines[: look.height]


class _Page:
    def __init__(self, view: Home, look: Look) -> None:
        self.view, self.look = view, look
        self.done = view.card.goal is not None
        self.pad = " " if look.form == "small" else "   "
        self.gaps = look.height >= 18
        self.lines: list[Line] = [(), ()] if self.gaps else []

    def fitting(self, used: int, *texts: str) -> str:
        """The first text that fits beside `used` cells, or the last."""
        room = self.look.cells - used
        return next((text for text in texts if width(text) <= room), texts[-1])

    def title(self, number: int, *texts: str) -> None:
        glyphs = self.look.glyphs
        step = 2 if self.done else 1
        sign = glyphs.cursor if number == step else glyphs.check if number < step else " "
        if self.gaps and number > 1:
            self.lines.append(())
        head = f"{self.pad}{sign} "
        text = self.fitting(width(head) + 3, *texts)
        self.lines.append([(head, "accent"), (f"{number}  {text}", "bold" if number >= step else "dim")])

    def key(self, name: str, *texts: str) -> None:
        indent = f"{self.pad}     "
        head = name.ljust(4 if len(name) < 4 else len(name) + 1)
        self.lines.append(
            [(indent, ""), (name, "key"), (head[len(name) :], ""), (self.fitting(len(indent + head), *texts), "")]
        )

    def note(self, *texts: str) -> None:
        indent = f"{self.pad}     "
        self.lines.append([(f"{indent}{self.fitting(len(indent), *texts)}", "dim")])

    def welcome(self) -> None:
        texts = "Welcome. Three steps, about four minutes.", "Welcome. Three steps, four minutes."
        if not self.look.offers:
            texts = "Welcome. Here will stand what whoever may write here sets up:", "Welcome. Here will stand:"
        text = self.fitting(len(self.pad), *texts)
        self.lines += [[(f"{self.pad}{text}", "")], ()]

    def goal(self) -> None:
        self.title(1, "One goal for the year")
        if self.done:
            more = ", where it can be changed" if self.look.offers else ""
            self.note(f"written. 2 opens the tree{more}", "written; 2 opens the tree")
        if self.done or not self.look.offers:
            return
        self.key("n", "write it:  5m ARR by 31 dec")
        if self.look.form != "small":
            self.note(
                "Not sure?  profitable > revenue   break even > profit   venture > users",
                "Not sure? Revenue; profit; users if you are funded",
            )

    def kpis(self, library: bool) -> None:
        self.title(2, "Three KPIs that show whether you get there", "Three KPIs")
        if not self.look.offers:
            return
        if library:
            self.key(
                "9",
                "take a template: SaaS, eCommerce, retail, media, services, agency",
                "take a template",
            )
        key = ("or n" if self.done else "or 2") if library else "n" if self.done else "2"
        if self.done:
            self.key(key, "write them, a line each:  MRR, monthly @ana >=400k", "MRR, monthly >=400k")
        else:
            self.key(
                key,
                "the tree: n on the goal writes them, a line each",
                "the tree: n writes each",
            )

    def rhythm(self, review: bool) -> None:
        self.title(3, "A rhythm")
        if not review or not self.look.offers:
            return
        day = day_text(self.first_review(), self.look.today, weekday=True)
        self.key(
            "r",
            "weekly, monthly, quarterly and annual reviews are set up for you;",
            "four kinds of reviews are set up for you;",
            f"the first review: {day}",
        )
        if self.look.form != "small":
            self.lines.append([(f"{self.pad}         the first weekly one is {day}", "")])

    def beginnings(self) -> None:
        self.lines.append(())
        offers = self.look.offers
        if self.look.form == "small":
            begins = [(": import", "key"), ("   ", "")] if offers else []
            self.lines.append([(self.pad, ""), *begins, (": demo", "key")])
            return
        ways = (
            (
                "Have a spreadsheet?",
                ": import",
                ("reads CSV, JSON and XLSX, or paste it in Entry", "reads CSV, JSON, XLSX"),
            ),
            ("Just looking?", ": demo", ("opens a made-up company, nothing is saved", "a made-up company")),
            ("In a team?", "--db PATH", ("or KPITUI_DB, before kpitui, opens its workspace", "opens its workspace")),
        )
        for question, key, texts in ways if offers else ways[1:]:
            head, name = f"{self.pad}{question:<22}", key.ljust(11)
            text = self.fitting(len(head + name), *texts)
            self.lines.append([(head, ""), (key, "key"), (f"{name[len(key) :]}{text}", "")])

    def first_review(self) -> int:
        """The workspace's review day of this week, or of the next when it is over."""
        calendar, today = self.view.card.calendar, self.look.today
        week = span_of("week", today, calendar)
        day = week.start + (self.view.review_weekday - calendar.week_start) % 7
        return day if day >= today else day + 7
