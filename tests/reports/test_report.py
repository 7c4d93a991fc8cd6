"""A document in its three forms: the same text in each, and no text that does anything."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from kpitui.charts.glyphs import ASCII, UNICODE
from kpitui.reports import report_html, report_md, report_txt
from kpitui.reports.document import Bullets, Document, Grid, Paragraph, Section, Spark, Status, Strong
from kpitui.reports.report_foot import days_of
from kpitui.reports.report_style import STYLE
from kpitui.text import clean

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload='x'>",
    "[link](javascript:alert(1))",
    "![i](http://evil.example/x.png)",
    "| a | b |",
    "\\| c",
    "&lt;b&gt; &#60;i> &amp;",
    "https://evil.example www.evil.example a@b.example @ana",
    "# heading",
    "- item",
    "1. item",
    "```",
    "a\n\n# b",
    "*bold* _em_ `code` ~~no~~",
    "\x1b[31mred\x1b[0m\u202egnol",
    "</style><style>*{display:none}",
)
VOID = {"meta", "circle", "path", "br"}


def document(text: str) -> Document:
    return Document(
        text,
        text,
        (
            Section(
                text,
                (
                    Paragraph((text,)),
                    Paragraph((Status("off_track"), " ", Strong(text), f", {text}")),
                    Bullets(((text,), (Strong(text), " and ", text))),
                    Bullets(((text,),), numbered=True),
                    Grid((text, "n"), (((text,), ("1",)), ((Spark((1.0, None, 2.0), text),), ("2",))), right=(1,)),
                ),
            ),
        ),
        ((text, text),),
    )


class Page(HTMLParser):
    """The elements of a page, checked for being closed in order, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[tuple[str, tuple[str, ...]]] = set()
        self.text: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add((tag, tuple(name for name, _ in attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_makes_no_element_of_the_page(text: str) -> None:
    page = report_html.render(document(text))
    assert page.isascii() and "\x1b" not in page
    assert Page(page).tags == Page(report_html.render(document("harmless"))).tags
    assert not re.search(r"(?i)<script|<img|<a |<link|url\(|@import", page)
    assert page.count("<style>") == 1 and STYLE in page
    assert " ".join(clean(text).split()) in " ".join(" ".join(Page(page).text).split())


def test_the_page_forbids_what_is_not_in_it() -> None:
    # The second line of defence, should an escape ever be forgotten: no script, no address, no other style.
    page = report_html.render(document("harmless"))
    hashed = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{hashed}'"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in page
    assert page.index("Content-Security-Policy") < page.index("<title>") and "no-referrer" in page


def read(text: str) -> tuple[list[str], str]:
    """What a reader of Markdown makes of a document with this text: its elements, and the text that is shown."""
    from markdown_it import MarkdownIt

    kinds, shown = list[str](), list[str]()
    for token in MarkdownIt("gfm-like").parse(report_md.render(document(text), UNICODE)):
        kinds.append(f"{token.type} {token.tag}")
        for part in token.children or ():
            if part.type == "text":
                shown.append(part.content)
            elif part.type != "text_special":
                kinds.append(f"{part.type} {part.tag}")
    return kinds, "".join(shown)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_makes_nothing_of_markdown(text: str) -> None:
    kinds, shown = read(text)
    assert kinds == read("harmless")[0]
    assert " ".join(clean(text).split()) in " ".join(shown.split())


def test_the_same_signs_and_words_stand_in_each_form() -> None:
    said = Document(
        "Acme",
        "9 to 15 Nov",
        (
            Section(
                "KPIs",
                (
                    Grid(
                        ("KPI", "Status", "Last", "Gap"),
                        ((("MRR",), (Status("off_track", signal=True),), (Spark((1, 2, None, 4), "x"),), ("-2%",)),),
                        right=(3,),
                    ),
                    Bullets((("First",), ("Second",)), numbered=True),
                ),
            ),
        ),
        (("Log", "change 3"),),
    )
    assert report_txt.render(said, UNICODE) == (
        "Acme\n────\n9 to 15 Nov\n\nKPIs\n────\n"
        "KPI  Status         Last  Gap\nMRR  ✗ off track *  ▁▃·█  -2%\n\n1. First\n2. Second\n\n"
        "────────────────────────\nLog  change 3\n"
    )
    assert report_txt.render(said, ASCII).isascii() and "! off track *  _.:^" in report_txt.render(said, ASCII)
    assert report_md.render(said, UNICODE).splitlines()[6:9] == [
        "| KPI | Status | Last | Gap |",
        "| --- | --- | --- | ---: |",
        r"| MRR | ✗ off track \* | `▁▃·█` | -2% |",
    ]
    page = report_html.render(said)
    assert '<span class="kpi-off">&#10007; off track</span>' in page and '<td class="n">-2%</td>' in page


def test_a_sparkline_keeps_its_gaps_and_shows_what_stands_alone() -> None:
    drawn = report_html.svg((1.0, 2.0, None, 4.0, None, 3.0), "six weeks")
    assert drawn.count("<path") == 1 and drawn.count("<circle") == 3  # alone, alone and last
    assert 'aria-label="six weeks"' in drawn
    assert "stroke-dasharray" in report_html.svg((1.0, 2.0), "", line=1.5)
    assert report_html.svg((None, None), "no value yet").endswith("</title></svg>")
    for extremes in ((5.0, 5.0), (-1.7e308, 1.7e308), (1e-320, 0.0)):
        assert not re.search("nan|inf", report_html.svg(extremes, ""))


def test_every_colour_can_be_read_on_its_page() -> None:
    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    schemes = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    assert len(schemes) == 3
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", scheme))
        for page in (colours["page"], colours["band"]):
            for name in ("text", "soft", "on", "watch", "off", "none", "spark"):
                bright, dark = sorted((light(colours[name]), light(page)), reverse=True)
                assert (bright + 0.05) / (dark + 0.05) >= 4.5, (name, page)


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (20766, 20773, "9 to 15 Nov 2026"),
        (20724, 20731, "28 Sep to 4 Oct 2026"),
        (20815, 20822, "28 Dec 2026 to 3 Jan 2027"),
        (20777, 20778, "Fri 20 Nov 2026"),
    ],
)
def test_the_days_of_a_period(start: int, end: int, said: str) -> None:
    from kpitui.domain.periods import Span

    assert days_of(Span(start, end)) == said
