"""Minutes as Markdown, and people's text in them without power."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.minutes import Figure, Minutes, Said, Task, figure_lines, plain, written

MINUTES = Minutes(
    title="Weekly review W47",
    day="Fri 20 Nov 2026",
    hours="14:00-14:27",
    leader="ana",
    people=["bo", "cy"],
    rating=8,
    scope="",
    goal="Goal ARR: $4.31M.",
    figures=[
        Figure("MRR", "$359k", "of $400k", "-10.2%", False, "off"),
        Figure("Demos booked", "26", "against ≥ 30", "-13.3%", True, "off"),
        Figure("CAC", "$412", "against ≤ $400", "-3%", False, "watch"),
        Figure("Site visits", "555k", "", "", True, "signal"),
        Figure("NPS", "41", "of 45", "", False, "missing"),
        Figure("CSAT", "91%", "against ≥ 90%", "+1%", False, "quiet"),
        Figure("Referrals", "", "", "", False, "quiet"),
    ],
    decisions=[Said("Hire a contract SDR", "Demos booked"), Said("Count no-shows")],
    tasks=[
        Task("ana", "Brief the agency", "Tue 24 Nov", "new"),
        Task("bo", "Rewrite mail", "Mon 23 Nov", "carried twice, was 17 Nov"),
    ],
    parked=[Said("December renewals")],
    closed=[],
    notes=[Said("two renewals moved", "MRR", "cy")],
    targets=["MRR $400k by 2026-12-31"],
    limits=["Locked, made of W21 to W46: CAC"],
    numbers="Numbers as of 20 Nov 14:27, frozen.",
    next="Fri 27 Nov 14:00, ana leads",
)


def test_the_whole_text() -> None:
    assert written(MINUTES) == (
        "# Weekly review W47, Fri 20 Nov 2026, 14:00-14:27, led by ana (bo cy), rated 8\n"
        "\n"
        "Goal ARR: $4.31M.\n"
        "\n"
        "- Off: MRR $359k of $400k (-10.2%) · Demos booked 26 against ≥ 30 (-13.3%, signal)\n"
        "- Watch: CAC $412 against ≤ $400 (-3%)\n"
        "- Signal: Site visits 555k (signal)\n"
        "- Missing: NPS (last 41)\n"
        "- As expected: 1\n"
        "- No value yet: 1\n"
        "\n"
        "## Decisions\n"
        "\n"
        "1. Hire a contract SDR (Demos booked)\n"
        "2. Count no-shows\n"
        "\n"
        "## Actions\n"
        "\n"
        "- ana  Brief the agency  Tue 24 Nov  new\n"
        "- bo   Rewrite mail      Mon 23 Nov  carried twice, was 17 Nov\n"
        "\n"
        "## Parked\n"
        "\n"
        "- December renewals\n"
        "\n"
        "## Notes\n"
        "\n"
        "- cy: two renewals moved (MRR)\n"
        "\n"
        "## Targets\n"
        "\n"
        "- MRR $400k by 2026-12-31\n"
        "\n"
        "## Natural limits\n"
        "\n"
        "- Locked, made of W21 to W46: CAC\n"
        "\n"
        "Numbers as of 20 Nov 14:27, frozen. Next: Fri 27 Nov 14:00, ana leads.\n"
    )


def test_what_never_had_a_value_is_missing_without_a_last_one() -> None:
    missing = Figure("NPS", "41", "", "", False, "missing")
    never = missing._replace(name="Leads", value="")
    assert figure_lines([missing, never])[0] == "- Missing: NPS (last 41) · Leads (no value yet)"


def test_what_is_not_there_takes_no_room() -> None:
    bare = MINUTES._replace(
        figures=[],
        decisions=[],
        tasks=[],
        parked=[],
        notes=[],
        targets=[],
        limits=[],
        people=[],
        rating=None,
        next="",
        goal="",
    )
    assert written(bare) == (
        "# Weekly review W47, Fri 20 Nov 2026, 14:00-14:27, led by ana\n"
        "\n"
        "- No KPI and no metric yet\n"
        "\n"
        "Numbers as of 20 Nov 14:27, frozen.\n"
    )


def test_signs_of_markdown_lose_their_power() -> None:
    assert plain("# Heading") == "\\# Heading"
    assert plain("1. first") == "1\\. first"
    assert plain("- item") == "\\- item"
    assert plain("[a](http://b) <b> `c` *d* _e_ refund_rate") == (
        "\\[a\\](http://b) \\<b> \\`c\\` \\*d\\* \\_e\\_ refund_rate"
    )
    assert plain("chance <5%. <5%@a.b> <5 <a") == "chance <5%. \\<5%@a.b> \\<5 \\<a"
    assert plain("two\nlines\r\n\t# of it") == "two lines # of it"


@given(st.text(max_size=60))
def test_no_text_makes_a_line_a_heading_or_a_link_of_its_own(text: str) -> None:
    said = Said(text, text, text)
    lines = written(
        MINUTES._replace(decisions=[said], parked=[said], notes=[said], tasks=[Task("ana", text, "x", "new")])
    )
    headings = [line for line in lines.split("\n") if line.startswith("#")]
    assert len(headings) == 7
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[<`]", lines)
