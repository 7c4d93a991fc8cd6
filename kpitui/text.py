"""People's text, made safe to show, to compare and to fit into cells.

Stored text may hold anything: any member of a team can write the file without this program. It is cleaned on every
way out (`clean`, `txt`) and refused on the way in (`check_name`). `re` and rich come late: `kpitui tell` is in a hurry.
"""

from __future__ import annotations

import unicodedata

from kpitui.domain.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.text import Text

# What a name could hide in or be turned round by: marks without a glyph that terminals draw as nothing.
_UNSEEN_RANGES = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x061C, 0x061C),  # Arabic letter mark
    (0x17B4, 0x17B5),  # Khmer vowels that are inherent
    (0x180E, 0x180E),  # Mongolian vowel separator
    (0x200B, 0x200B),  # zero-width space
    (0x200E, 0x200F),  # left-to-right and right-to-left mark
    (0x202A, 0x202E),  # bidi embedding and override
    (0x2060, 0x206F),  # word joiner, bidi isolates, deprecated format characters
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFF0, 0xFFFB),  # unassigned, interlinear annotation
    (0x1BCA0, 0x1BCA3),  # shorthand format controls
    (0x1D173, 0x1D17A),  # musical format controls
    (0xE0000, 0xE0FFF),  # tags, variation selectors supplement, what may come there
)
# Kept in text, where Persian or an emoji needs them, but nothing to tell two names apart by.
_FOLDED_AWAY = (
    *(0x200C, 0x200D, 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0x180B, 0x180C, 0x180D, 0x180F),
    *range(0xFE00, 0xFE10),
)
_SPACES = (0x09, 0x0B, 0x0C, 0x2028, 0x2029)
_NEWLINE = 0x0A

# A spreadsheet runs a cell that starts with one of these; the last four are their full-width forms.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# Signs of ours, and what is typed instead, where only ASCII can be shown; each as wide as it was.
_PLAIN_SIGNS = {
    ord(sign): plain
    for plain, signs in (
        ("-", "–—−‑─"),
        ('"', "“”„‟«»"),
        ("'", "‘’‚"),
        ("<", "‹←"),
        (">", "›→▸►"),
        ("^", "↑↗"),
        ("v", "↓↘▾"),
        ("x", "×✓"),
        ("/", "÷"),
        ("~", "≈±◆"),
        ("=", "≠"),
        ("*", "★"),
        ("+", "●"),
        ("!", "✗"),
        (".", "○…"),
        ("|", "│"),
    )
    for sign in signs
} | {ord("·"): "-", ord("•"): "-", ord("¶"): ";", ord("≥"): ">", ord("≤"): "<"}
_PLAIN_PAIRS = (("≥ ", ">="), ("≤ ", "<="))

_tables: dict[str, dict[int, str | None]] = {}


def _table() -> dict[int, str | None]:
    table = _tables.get("clean")
    if table is None:
        table = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)])
        for first, last in _UNSEEN_RANGES:
            table.update(dict.fromkeys(range(first, last + 1)))
        # Bytes of a file name or argument that are no UTF-8 arrive as lone surrogates, which no terminal can be sent.
        table.update(dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))
        table.update(dict.fromkeys(_SPACES, " "))
        table[_NEWLINE] = "\n"
        _tables["clean"] = table
    return table


def _without_sequences(text: str) -> str:
    """Whole terminal sequences go, not only their first byte: what they carry was never meant to be read."""
    import re

    return re.sub(
        "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI
        "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)"  # OSC, DCS, SOS, PM, APC
        "|\x1b[ -/]*[0-~]",  # the rest
        "",
        text,
    )


def clean(text: str, *, keep_newlines: bool = False) -> str:
    """`text` with nothing in it that a terminal obeys or a reader cannot see; NFC.

    Newlines and tabs become one space each unless `keep_newlines` (then lines stay, tabs become a space).
    """
    if text.isascii():
        if text.isprintable():
            return text
    elif text.isprintable() and not _has_printable_unseen(text):
        return unicodedata.normalize("NFC", text)
    if any(mark in text for mark in "\x1b\x90\x98\x9b\x9d\x9e\x9f"):
        text = _without_sequences(text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.translate(_table())
    if not keep_newlines:
        text = text.replace("\n", " ")
    return unicodedata.normalize("NFC", text)


def _has_printable_unseen(text: str) -> bool:
    # Of the unseen, only these count as printable in Python's eyes.
    return any(c in "\u034f\u17b4\u17b5" or "\U000e0100" <= c <= "\U000e01ef" for c in text)


def check_name(text: str, what: str = "name", longest: int = 120) -> str:
    """A name as it may be stored: `text` without outer blanks, NFC.

    Raises Problem when it is empty, longer than `longest`, or holds anything that `clean` would take away.
    """
    name = unicodedata.normalize("NFC", text.strip())
    if not fold(name):
        raise Problem(f"The {what} is empty: type at least one letter.")
    if len(name) > longest:
        raise Problem(f"The {what} “{cut(name, 40)}” has {len(name)} characters: {longest} are the most.")
    if clean(name) != name:
        raise Problem(f"The {what} “{cut(name, 40)}” holds invisible or control characters: type it anew.")
    return name


def fold(text: str) -> str:
    """What two names are compared by: equal for names that look the same (NFKC, casefold, one blank between words)."""
    seen = clean(text).translate(dict.fromkeys(_FOLDED_AWAY))
    seen = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    return " ".join(clean(seen).split())


def guarded(text: str, *, keep_newlines: bool = False) -> str:
    """`text` cleaned for a cell of a CSV file: behind a `'` when a spreadsheet would run it as a formula."""
    cell = clean(text, keep_newlines=keep_newlines)
    # Looked at before and after cleaning; one that has a ' already gets another, so that `unguarded` gives it back.
    return "'" + cell if _runs(text) or _runs(cell) else cell


def unguarded(cell: str) -> str:
    """What `guarded` made the cell of."""
    return cell[1:] if cell.startswith("'") and _runs(cell[1:]) else cell


def _runs(text: str) -> bool:
    bare = text.lstrip("'")
    # Some spreadsheets skip blanks before a formula.
    return bare.startswith(_FORMULA_STARTS) or bare.lstrip().startswith(_FORMULA_STARTS)


def txt(text: str, style: str = "") -> Text:
    """Stored text for a widget: cleaned, and never read as markup."""
    from rich.text import Text

    return Text(clean(text), style)


def _cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf", "Cc", "Cs"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def width(text: str) -> int:
    """The terminal cells that `text` takes; ambiguous East Asian characters count as one."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def cut(text: str, cells: int, mark: str = "…") -> str:
    """`text` cleaned and in at most `cells` cells, its end replaced by `mark` when it does not fit."""
    text = clean(text)
    if width(text) <= cells:
        return text
    room = cells - width(mark)
    if room < 0:
        return ""
    used, end = 0, 0
    for index, char in enumerate(text):
        used += _cells(char)
        if used > room:
            break
        end = index + 1
    return text[:end].rstrip("\u200c\u200d ") + mark


def wrapped(text: str, cells: int) -> list[str]:
    """The words of a text in lines of at most so many cells; a longer word is cut in pieces."""
    cells = max(cells, 2)
    out, line = [], ""
    for word in clean(text).split():
        while width(word) > cells:
            keep = next(end for end in range(len(word), 0, -1) if width(word[:end]) <= cells)
            if line:
                out.append(line)
                line = ""
            out.append(word[:keep])
            word = word[keep:]
        if line and width(line) + 1 + width(word) > cells:
            out.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*out, line] if line else out


def ascii_only(text: str) -> str:
    """`text` for a terminal that knows no other letters: without accents, `?` for what has no such form, as wide."""
    if text.isascii():
        return text
    for sign, pair in _PLAIN_PAIRS:
        text = text.replace(sign, pair)
    out = []
    for char in unicodedata.normalize("NFC", text).translate(_PLAIN_SIGNS):
        plain = char if char.isascii() else unicodedata.normalize("NFKD", char)[0]
        cells = _cells(char)
        out.append(plain if plain.isascii() and plain.isprintable() and cells == 1 else "?" * cells)
    return "".join(out)


def with_codes(text: str, owed: int = 0) -> tuple[str, int]:
    """`€300k` as `EUR 300k`, as figures are written where the sign cannot be, and the cells that this takes more.

    They are taken out of the blanks or the rule that follow, so that columns stay, with those `owed` before.
    """
    if text.isascii() and not owed:
        return text, 0
    import re

    from kpitui.domain.currencies import SYMBOLS

    codes = {sign: code for code, sign in SYMBOLS.items() if not sign.isascii()}
    signs = "|".join(map(re.escape, sorted(codes, key=len, reverse=True)))
    out: list[str] = []
    for part in re.split(f"((?:{signs})(?=[0-9])|(?<=[0-9])(?:{signs})|{signs}|  +|──+|---+)", text):
        if part in codes:
            before = out[-1][-1:] if out else ""
            code = f"{' ' if before.isdigit() else ''}{codes[part]}"
            out.append(code)
            owed += width(code) - width(part)
        elif owed and part.startswith(("  ", "──", "---")):
            paid = min(owed, len(part) - 1)
            out.append(part[paid:])
            owed -= paid
        elif part:
            if out and out[-1].strip() in codes.values() and part[:1].isdigit():
                out.append(" ")
                owed += 1
            out.append(part)
    return "".join(out), owed


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """`text` in exactly `cells` cells: cut when longer, filled with blanks when shorter; `right` aligns numbers."""
    text = cut(text, cells)
    gap = " " * (cells - width(text))
    return gap + text if right else text + gap


def table(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    right: Sequence[int] = (),
    widest: int = 60,
) -> str:
    """Aligned lines by cell width, one per row, under `header`; the columns numbered in `right` align to the right.

    None shows as `–`. A cell wider than `widest` cells is cut.
    """
    shown = [[cut("–" if cell is None else str(cell), widest) for cell in row] for row in (header, *rows)]
    widths = [max(map(width, column)) for column in zip(*shown, strict=True)]
    lines = []
    for row in shown:
        cells = [
            " " * (cells - width(text)) + text if index in right else text + " " * (cells - width(text))
            for index, (text, cells) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
