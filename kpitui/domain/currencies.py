"""Currencies: how they are written and how many decimals their amounts have (ISO 4217, symbols as in CLDR English)."""

from __future__ import annotations

SYMBOLS = {
    "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "ILS": "₪", "VND": "₫", "PHP": "₱",
    "CAD": "CA$", "AUD": "A$", "NZD": "NZ$", "HKD": "HK$", "TWD": "NT$", "MXN": "MX$", "BRL": "R$", "CNY": "CN¥",
}  # fmt: skip
"""What stands before an amount; any other currency shows its code and a space."""

OTHER_SYMBOLS = {
    "CAD": ("$", "c$"), "AUD": ("$", "au$"), "NZD": ("$",), "HKD": ("$",), "TWD": ("$",), "SGD": ("$", "s$"),
    "MXN": ("$",), "ARS": ("$",), "CLP": ("$",), "COP": ("$",), "USD": ("us$",), "CNY": ("¥", "元"),
    "JPY": ("￥", "円"), "INR": ("rs",), "CHF": ("fr", "sfr"), "SEK": ("kr",), "NOK": ("kr",), "DKK": ("kr",),
    "ISK": ("kr",), "PLN": ("zł",), "CZK": ("kč",), "HUF": ("ft",), "TRY": ("₺", "tl"), "UAH": ("₴",), "RUB": ("₽",),
    "NGN": ("₦",), "GHS": ("₵",), "CRC": ("₡",), "KZT": ("₸",), "GEL": ("₾",), "THB": ("฿",), "ZAR": ("r",),
    "BRL": ("r$",), "PEN": ("s/",),
}  # fmt: skip
"""What people also type for it, in small letters."""

DECIMALS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(),
        0,
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
"""Currencies whose amounts do not have two decimals."""


def decimals_of(code: str) -> int:
    """Decimals of an amount in `code` (an ISO 4217 code); 2 for one that is not known."""
    return DECIMALS.get(code.upper(), 2)


def symbol_of(code: str) -> str:
    """What to print before an amount: the symbol, or the code and a space."""
    code = code.upper()
    return SYMBOLS.get(code, f"{code} " if code else "")


def names_of(code: str) -> frozenset[str]:
    """Everything that may be typed for `code`, in small letters."""
    code = code.upper()
    return frozenset({code.lower(), SYMBOLS.get(code, code).lower(), *OTHER_SYMBOLS.get(code, ())})


def code_of(typed: str, here: str = "") -> str:
    """The code of what was typed for a currency: `eur` and `€` are EUR. A sign of several, `$`, is the one that is used
    `here`, if that is one of them. Raises Problem for one that is not. What is no sign comes back in capitals."""
    said = typed.strip()
    low = said.lower()
    if here and low in names_of(here):
        return here.upper()
    codes = [code for code in dict.fromkeys((*SYMBOLS, *OTHER_SYMBOLS)) if low in names_of(code)]
    if len(codes) > 1:
        from kpitui.domain.problem import Problem

        more = ", and more" if len(codes) > 4 else ""
        raise Problem(f"“{said}” is the sign of {', '.join(codes[:4])}{more}: type the three letters.")
    return codes[0] if codes else said.upper()


def is_currency(word: str) -> bool:
    """Whether `word` is the symbol or code of a currency we know, or looks like a code (three capitals)."""
    low = word.lower()
    if len(word) == 3 and word.isascii() and word.isalpha() and word.isupper():
        return True
    if any(word.upper() in codes for codes in (SYMBOLS, OTHER_SYMBOLS, DECIMALS)):
        return True
    return any(low == s.lower() for s in SYMBOLS.values()) or any(low in names for names in OTHER_SYMBOLS.values())
