"""What is typed for a currency."""

from __future__ import annotations

import pytest

from kpitui.domain.currencies import code_of
from kpitui.domain.problem import Problem


@pytest.mark.parametrize(
    ("typed", "here", "code"),
    [("€", "", "EUR"), ("£", "USD", "GBP"), (" chf", "USD", "CHF"), ("$", "CAD", "CAD"), ("$", "USD", "USD"),
     ("¥", "CNY", "CNY"), ("r$", "EUR", "BRL"), ("dollar", "", "DOLLAR")],
)  # fmt: skip
def test_a_sign_is_taken_for_its_currency(typed: str, here: str, code: str) -> None:
    assert code_of(typed, here) == code


@pytest.mark.parametrize(("sign", "codes"), [("$", "USD, CAD, AUD, NZD, and more"), ("¥", "JPY, CNY"), ("kr", "SEK")])
def test_a_sign_of_several_is_asked_about(sign: str, codes: str) -> None:
    with pytest.raises(Problem, match="type the three letters") as caught:
        code_of(sign, "EUR")
    assert f"is the sign of {codes}" in str(caught.value)
