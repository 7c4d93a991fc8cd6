"""Files that are damaged, cut off, or something else: a sentence for each, and reading changes no byte of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path

from soak import workspace
from soak.part import Form, Found, Mutant, Part, folder, instead

READING = (
    *("check", "status --json", "log", "history m1", "export", "--plain", "tell", "model export", "due"),
    *("report", "report --format html"),
)
PAGE = 4096
FOREIGN = (
    b"",
    b"metric,date,value\n" * 400,
    b"PK\x03\x04" + bytes(900),
    b"SQLite format 3\0" + bytes(200),
    bytes(8192),
)


def sound(path: Path) -> bytes:
    with workspace.made(path, 8) as store:
        for number in range(60):
            for metric in range(1, 9):
                workspace.record(store, f"m{metric}", number, number * metric)
    return path.read_bytes()


def damaged(whole: bytes, case: int, chance: random.Random) -> bytes:
    """One way to spoil a file: cut off, pages of zeroes or rubbish, single bytes, pages exchanged, not ours at all."""
    content = bytearray(whole)
    pages = len(content) // PAGE
    match case % 7:
        case 0:
            del content[chance.randrange(1, len(content)) :]
        case 1 | 2:
            for _ in range(chance.randrange(1, 8)):
                at = PAGE * chance.randrange(pages)
                content[at : at + PAGE] = bytes(PAGE) if case % 7 == 1 else chance.randbytes(PAGE)
        case 3:
            for _ in range(chance.randrange(1, 60)):
                content[chance.randrange(len(content))] = chance.randrange(256)
        case 4:
            one, other = PAGE * chance.randrange(pages), PAGE * chance.randrange(pages)
            content[one : one + PAGE], content[other : other + PAGE] = (
                content[other : other + PAGE],
                content[one : one + PAGE],
            )
        case 5:
            content[PAGE:] = chance.randbytes(len(content) - PAGE)
        case _:
            return chance.choice(FOREIGN)
    return bytes(content)


def told(words: list[str]) -> tuple[int, str]:
    """A command's exit code and everything it said."""
    from kpitui.cli.main import main

    out = BytesIO()
    with TextIOWrapper(out, "utf-8", newline="\n") as stream, redirect_stdout(stream), redirect_stderr(stream):
        code = main(words)
        stream.flush()
        return code, out.getvalue().decode()


def one_file(path: Path, content: bytes) -> Iterator[str]:
    path.write_bytes(content)
    for command in READING:
        code, said = told([*command.split(), "--db", str(path)])
        if "Traceback" in said or "Something went wrong" in said or code not in (0, 1, 4):
            yield f"{command}: exit {code}: {said[-300:]}"
        if path.read_bytes() != content:
            yield f"{command} changed the file"
    for left in path.parent.iterdir():
        if left != path:
            left.unlink()


def run(form: Form) -> Found:
    chance, broken, cases = form.chance("damage"), [], form.amount(60, 500)
    with folder() as place:
        whole = sound(place / "a.db")
        for case in range(cases):
            broken += [f"case {case}: {text}" for text in one_file(place / "a.db", damaged(whole, case, chance))]
    return Found(f"{cases} damaged and foreign files, {len(READING)} reading commands on each", broken)


def without_sentences(form: Form) -> Found:
    """What SQLite says goes on as it is."""
    from kpitui.storage import store

    with instead(store, "told", lambda error, path, **_: error):
        return run(form.part(0.2))


PART = Part(
    "damage",
    "damaged and foreign files: tracebacks, bytes changed by reading: 0 in 500",
    run,
    (Mutant("sentences for what SQLite says", without_sentences),),
)
