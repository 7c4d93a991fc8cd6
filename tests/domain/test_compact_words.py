"""Short forms in the language of a person's settings: on screens, read as they are shown, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from kpitui.domain.compact_words import LANGUAGES, shortened
from kpitui.domain.figure_style import PLAIN, FigureStyle, plainly, use
from kpitui.domain.figures import show, show_change, show_range
from kpitui.domain.numbers import Unsure, read_number


@pytest.fixture(autouse=True)
def _plain_again() -> Iterator[None]:
    yield
    use(PLAIN)


def written(words: str, decimal: str = ",") -> None:
    use(FigureStyle(decimal, words=words))


@pytest.mark.parametrize(
    ("words", "value", "text"),
    # Between the reference's values, from the same ICU 78.2.
    [("es", 12_500_000_000, "12,5 mil M"), ("es", 9_999_999_999, "10 mil M"), ("en-IN", 12_500_000_000, "1,25KCr"),
     ("ja", 12_345e12, "1,23京"), ("de", 999_999.5, "1 Mio."), ("fr", 1e9, "1 Md")],
)  # fmt: skip
def test_what_is_rounded_up_takes_the_next_word(words: str, value: float, text: str) -> None:
    written(words)
    assert show(value, compact=True).replace("\u00a0", " ") == text


def test_units_signs_and_ranges_go_with_the_words() -> None:
    written("de")
    assert show(4_321_000, "currency", currency="EUR", compact=True) == "€4,32\u00a0Mio."
    assert show(-4_321_000, compact=True) == "-4,32\u00a0Mio." and show_change(1_250_000) == "+1,25\u00a0Mio."
    assert show(2_500_000, "duration", compact=True) == "2,5\u00a0Mio.\u00a0h"
    assert show(150, "percent", compact=True) == "15.000%"
    assert show_range(1e6, 2.5e6, "currency", currency="EUR") == "€1\u00a0Mio.-2,5\u00a0Mio."
    # Written out there is nothing to shorten.
    assert show(4_321_000) == "4.321.000"


def test_nothing_but_ascii_where_nothing_else_can_be_shown() -> None:
    for words in LANGUAGES:
        use(FigureStyle(",", ascii=True, words=words))
        assert show(12_345_678, compact=True).isascii(), words


def test_what_is_stored_for_everybody_is_in_nobodys_words() -> None:
    written("ja")
    with plainly():
        assert show(12_345_678, compact=True) == "12.3M"
    assert show(12_345_678, compact=True) == "1235万"


@pytest.mark.parametrize("words", [words for words in LANGUAGES if words != "en"])
def test_what_is_shown_is_read_again(words: str) -> None:
    written(words)
    for value in (1500.0, 12_000.0, 250_000.0, 1_200_000.0, 34_000_000.0, 1.2e9, 1.2e10, 2.5e12):
        text = show(value, compact=True)
        try:
            read = read_number(text, "number").value
        except Unsure as asked:
            # `2 B` is a million millions in one language and a thousand in the other.
            read = asked.readings[0]
        assert read == pytest.approx(value), text


def test_a_word_that_means_two_things_is_asked_about() -> None:
    written("es")
    with pytest.raises(Unsure, match="which") as asked:
        read_number("2 B", "number")
    assert asked.value.readings == (2e12, 2e9)
    assert read_number("2 B", "number", file=True).value == 2e9
    assert read_number("3k", "number").value == 3000


def test_what_no_word_shortens_has_none() -> None:
    assert shortened(Decimal(10) ** 17, 3) is None
    assert shortened(Decimal("999.5"), 3, "de") == (Decimal(1000), "")
