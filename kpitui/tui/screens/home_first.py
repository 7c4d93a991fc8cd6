"""The page of somebody who has set up nothing yet: three steps, each with the key that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.periods import span_of
from kpitui.reports.wording import day_text
from kpitui.tui.widgets.styled import Line, Span

if TYPE_CHECKING:
    from kpitui.services.overview import Home
    from kpitui.tui.screens.home_rows import Look

TEMPLATES = "take a template: SaaS, eCommerce, retail, media, services, agency"
ADVICE = "profitable > revenue   break even > profit   venture > users"


def first_lines(view: Home, look: Look, able: set[str]) -> list[Line]:
    """The page; `able` are the screens there are, so that no hint leads nowhere."""
    glyphs, done = look.glyphs, view.card.goal is not None
    small = look.form == "small"
    pad = " " if small else "   "
    step = 2 if done else 1

    def title(number: int, text: str) -> Line:
        sign = glyphs.cursor if number == step else glyphs.check if number < step else " "
        return [(f"{pad}{sign} ", "accent"), (f"{number}  {text}", "bold" if number >= step else "dim")]

    def key(name: str, text: str) -> Line:
        gap = pad + ("    " if small else "     ")
        return [(gap, ""), (name, "key"), (f"{' ' * max(4 - len(name), 1)}{text}", "")]

    def note(text: str) -> Line:
        return [(f"{pad}{'    ' if small else '     '}{text}", "dim")]

    gap: list[Line] = [] if look.height < 18 else [()]
    lines: list[Line] = [*gap, *gap]
    if not small or look.height > 10:
        lines += [[(f"{pad}Welcome. Three steps, about four minutes.", "")], ()]
    lines.append(title(1, "One goal for the year"))
    if done:
        lines.append(note("written. 2 opens the tree, where it can be changed"))
    else:
        lines.append(key("n", "write it:  5m ARR by 31 dec"))
        if not small:
            lines.append(note(f"Not sure?  {ADVICE}"))
    lines += [*gap, title(2, "Three KPIs" if small else "Three KPIs that show whether you get there")]
    if "library" in able:
        lines.append(key("9", TEMPLATES))
    named = "name them: metric, then p promotes" if small else "name them yourself: n writes a metric, p makes it a KPI"
    lines.append(key("or n" if "library" in able else ("n" if done else "2"), named if done else f"the tree: {named}"))
    lines += [*gap, title(3, "A rhythm")]
    if "review" in able:
        lines.append(key("r", "hold a review" if small else "weekly, monthly, quarterly and annual reviews are set up"))
        lines.append(
            note(f"for you; the first weekly one is {day_text(first_review(view, look), look.today, weekday=True)}")
        )
    lines.append(())
    if small:
        lines.append([(f"{pad}: import  : demo", "dim")])
        return lines[: look.height]
    lines += [
        sentence(pad, "Have a spreadsheet?", ": import", "reads CSV, JSON and XLSX"),
        sentence(pad, "Just looking?", ": demo", "opens a made-up company, nothing is saved"),
    ]
    return lines


def sentence(pad: str, question: str, key: str, text: str) -> list[Span]:
    return [(f"{pad}{question:<22}", ""), (key, "key"), (f"{' ' * (11 - len(key))}{text}", "")]


def first_review(view: Home, look: Look) -> int:
    """The workspace's review day of this week, or of the next when it is over."""
    calendar = view.card.calendar
    week = span_of("week", look.today, calendar)
    day = week.start + (view.review_weekday - calendar.week_start) % 7
    return day if day >= look.today else day + 7
