from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.problem import Problem
from kpitui.text import check_name, clean, cut, fold, pad, txt, width, with_codes

HOSTILE = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]52;c;aGk=\x1b\\",
    "\x1bP+q544e\x1b\\",
    "\x1b[6n",
    "\x1b]8;;http://x\x07link\x1b]8;;\x07",
    "\x9b31m",
    "\x9d0;t\x9c",
    "\x90q\x9c",
    "\x1bc",
    "\x1b(0",
    "\x1b",
    "a\x1b]0;never ended",
    "nul\x00bell\x07back\x08del\x7f",
    "over\u202eedit",
    "iso\u2066late\u2069",
    "zero\u200bwidth",
    "mark\u200e\u200f\u061c",
    "join\u2060er",
    "bom\ufeff",
    "tag\U000e0041\U000e007f",
    "soft\u00adhyphen",
    "grapheme\u034fjoiner",
    "lines\u2028\u2029\x0b\x0c\x85",
    "selector\U000e0100",
    "lone\udc80surrogate",
]
NEVER = {"Cc", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_nothing_that_steers_or_hides_is_left(text: str) -> None:
    cleaned = clean(text)
    assert not {unicodedata.category(c) for c in cleaned} & NEVER
    assert not set(cleaned) & set(
        "\u200b\u200e\u200f\u202e\u2066\u2069\u061c\u2060\ufeff\u00ad\u034f\U000e0041\U000e0100"
    )
    cleaned.encode("utf-8")


def test_a_whole_sequence_goes_and_what_was_said_stays() -> None:
    assert clean("\x1b[31mred\x1b[0m and \x1b]52;c;aGk=\x07done") == "red and done"
    # One that never ends must not swallow the rest.
    assert clean("a\x1b]0;never ended") == "a0;never ended"


def test_markup_is_only_text() -> None:
    assert clean("bad [/x] [@click=quit]q[/]") == "bad [/x] [@click=quit]q[/]"
    assert txt("bad [/x]").plain == "bad [/x]"
    assert txt("bad [/x]\x1b[31m").spans == []


def test_lines_become_one_unless_they_are_wanted() -> None:
    assert clean("a\nb\r\nc\td\re") == "a b c d e"
    assert clean("a\nb\r\nc\td\re", keep_newlines=True) == "a\nb\nc d\ne"


def test_what_people_write_stays() -> None:
    for text in ("Umsatz (€) – Österreich", "販売", "می‌خواهم", "👩‍💻", "é", "a\u00a0b"):
        assert clean(text) == text
    assert clean("e\u0301") == "é"


@given(st.text() | st.lists(st.sampled_from(HOSTILE)).map("".join))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean(clean(text, keep_newlines=True), keep_newlines=True) == clean(text, keep_newlines=True)
    assert not {unicodedata.category(c) for c in clean(text)} & NEVER


def test_a_name_is_stored_as_typed_without_outer_blanks() -> None:
    assert check_name("  Net  revenue ") == "Net  revenue"
    assert check_name("e\u0301t\u00e9") == "été"


@pytest.mark.parametrize("text", ["", "  ", "\u200d", "\u3164", "\u2800"], ids=ascii)
def test_a_name_that_shows_nothing_is_refused(text: str) -> None:
    with pytest.raises(Problem, match="The goal is empty"):
        check_name(text, "goal")


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_hostile_name_is_refused_and_the_sentence_is_clean(text: str) -> None:
    with pytest.raises(Problem) as refused:
        check_name("x" + text + "x")
    assert clean(str(refused.value)) == str(refused.value)


def test_a_name_that_is_too_long_is_refused() -> None:
    assert check_name("x" * 120)
    with pytest.raises(Problem, match="121 characters"):
        check_name("x" * 121)


def test_names_that_look_the_same_are_the_same() -> None:
    same = [
        "Cost per Lead",
        "cost  per lead",
        "ＣＯＳＴ per lead",
        "co\u200dst per lead",
        "cost\u00a0per lead",
        "Cost per Lead\ufe0f",
    ]
    assert len(set(map(fold, same))) == 1
    assert fold("straße") == fold("STRASSE")
    assert fold("cost") != fold("costs")


# Default_Ignorable_Code_Point of the Unicode Character Database: what is drawn as nothing.
IGNORABLE = (
    *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010)),
    *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0),
    *(*range(0xFFF0, 0xFFF9), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000)),
)


def test_what_is_drawn_as_nothing_makes_no_other_name_and_only_what_scripts_need_stays() -> None:
    assert {fold(f"le{chr(code)}ads") for code in IGNORABLE} == {"leads"}
    kept = {code for code in IGNORABLE if chr(code) in clean(f"le{chr(code)}ads")}
    joiners = {0x200C, 0x200D, 0x115F, 0x1160, 0x3164, 0xFFA0}
    assert kept == joiners | {0x180B, 0x180C, 0x180D, 0x180F} | set(range(0xFE00, 0xFE10))


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_width_counts_cells() -> None:
    assert width("abc") == 3
    assert width("販売") == 4
    assert width("e\u0301") == 1
    assert width("●▁█★") == 4


@pytest.mark.parametrize(
    ("said", "shown", "owed"),
    [
        ("€300k beers by 31 Dec    x", "EUR 300k beers by 31 Dec x", 0),
        ("300 € by £5", "300 EUR by GBP 5", 5),
        ("CN¥5", "CNY 5", 1),
        ("─ €5 ─────", "─ EUR 5 ──", 0),
        ("300€", "300 EUR", 3),
    ],
)
def test_a_currency_has_its_code_where_its_sign_cannot_be_and_columns_stay(said: str, shown: str, owed: int) -> None:
    assert with_codes(said) == (shown, owed)
    assert with_codes("  x", 3) == (" x", 2) and with_codes("$5") == ("$5", 0)


def test_cutting_leaves_room_for_the_mark() -> None:
    assert cut("revenue", 7) == "revenue"
    assert cut("revenue", 6) == "reven…"
    assert cut("販売数", 4) == "販…"
    assert cut("two words", 5) == "two…"
    assert cut("revenue", 0) == ""
    assert cut("a\nb", 3) == "a b"


@given(st.text(), st.integers(0, 12))
def test_a_cut_or_padded_text_has_its_width(text: str, cells: int) -> None:
    assert width(cut(text, cells)) <= cells
    assert width(pad(text, cells)) == cells
    assert width(pad(text, cells, right=True)) == cells
