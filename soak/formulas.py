"""Formulas as people should not write them: refused in a sentence or a finite number, soon and within memory."""

from __future__ import annotations

import math
import os
import random
import resource
import signal
import time
from collections.abc import Callable

from kpitui.domain import formula
from kpitui.domain.problem import Problem
from soak.part import Form, Found, Mutant, Part, ended, forked

SECONDS = 2.0
MEMORY = 1 << 30
"""Bytes of a whole process: Python, the program, and the formula."""
BATCH = 200
"""Formulas that one process works out; each has `SECONDS` of its own."""
NASTY = (
    *("9**9**9", "9**9**9**9", "2**-9**9", "1e308*10", "-1e308*10", "0**-1", "(-8)**0.5", "1/0", "0/0", "nan", "inf"),
    *("__import__('os').system('id')", "().__class__", "a.__class__", "open('/etc/passwd')", "exec('1')", "eval('1')"),
    *("lambda: 1", "[1 for x in a]", "{1: 2}", "a[0]", "a if b else c", "a and b", "a == b", "f'{a}'", "x := 1", "*a"),
    *(
        "(" * 200 + "1" + ")" * 200,
        "-" * 400 + "1",
        "1+" * 250 + "1",
        "1" * 499,
        "9" * 5000,
        "a" * 501,
        "1" + "**2" * 120,
    ),
    *(
        "lag(a, 10**9)",
        "lag(a, -1)",
        "lag(a, 0.5)",
        "lag(lag(lag(a, 99), 99), 99)",
        "rolling(a, 10**9)",
        "rolling(a, 0)",
    ),
    *("round(a, 10**9)", "round(a, -400)", "min()", "max(" + "a," * 200 + "a)", "safe_div(1, 0, 1e309)", "abs(1, 2)"),
    *(
        "a\0b",
        "a\nb",
        "\u202ea",
        "ａ + １",
        "1_000_000",
        "0x" + "f" * 400,
        "1j",
        "1e400",
        "...",
        "None",
        "True",
        "'a'*10**9",
        "#",
    ),
)
ATOMS = ("a", "b", "zero", "gone", "1", "0", "1e300", "-1e-300", "9", "0.1", "1e308", "10**9")
SHAPES = (
    *(
        "({0}+{1})",
        "({0}-{1})",
        "({0}*{1})",
        "({0}/{1})",
        "({0}**{1})",
        "-{0}",
        "{0}**{1}**{2}",
        "abs({0})",
        "round({0}, {1})",
    ),
    *(
        "min({0}, {1})",
        "max({0}, {1}, {2})",
        "safe_div({0}, {1}, {2})",
        "lag({0}, 3)",
        "ytd(a)",
        "rolling(b, 4)",
        "{0}%{1}",
    ),
)


class Values:
    """Metrics for the formulas: some numbers, a zero, and one without a value."""

    def value(self, name: str, lag: int) -> float | None:
        return {"a": 3.0, "b": -1e300, "zero": 0.0}.get(name)

    def ytd(self, name: str, lag: int = 0) -> float | None:
        return self.value(name, lag)

    def rolling(self, name: str, n: int, lag: int = 0) -> float | None:
        return self.value(name, lag)


def made(chance: random.Random) -> str:
    """A formula out of the parts above, with a piece of rubbish now and then."""
    text = chance.choice(ATOMS)
    for _ in range(chance.randrange(1, 12)):
        text = chance.choice(SHAPES).format(*chance.sample((text, chance.choice(ATOMS), chance.choice(ATOMS)), 3))
    if chance.random() < 0.2:
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(("(", ")", "'", "[", ".x", ",", "\0", "é", " if ", "**")) + text[at:]
    return text


def work_out(text: str) -> object:
    """The value of a formula, or None with a reason, or None when it was refused in a sentence."""
    try:
        return formula.evaluate(formula.parse(text), Values()).value
    except Problem:
        return None


def evaluated(text: str) -> object:
    """The same by Python itself."""
    names = {"a": 3.0, "b": -1e300, "zero": 0.0, "gone": None, "lag": lambda x, n: x, "ytd": float, "round": round}
    try:
        return eval(text, names)
    except SyntaxError:
        return None


def tried(given: list[str], work: Callable[[str], object]) -> list[str]:
    """What is wrong with the answers; each batch in a process with a limit of memory, and an alarm for each formula."""
    broken = []
    for start in range(0, len(given), BATCH):
        batch = given[start : start + BATCH]
        reading, writing = os.pipe()
        done = 0
        while done < len(batch):

            def child(batch: list[str] = batch[done:], writing: int = writing) -> None:
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, 1)
                os.dup2(null, 2)
                for text in batch:
                    signal.setitimer(signal.ITIMER_REAL, 2 * SECONDS)
                    os.write(writing, one(text, work))

            pid = forked(child)
            code = ended(pid)
            os.set_blocking(reading, False)
            try:
                told = os.read(reading, 1 << 20).split(b"\n")[:-1]
            except BlockingIOError:
                told = []
            for text, answer in zip(batch[done:], told, strict=False):
                if answer:
                    broken.append(f"{text[:60]!a}: {answer.decode()}")
            done += len(told)
            if done < len(batch):
                broken.append(f"{batch[done][:60]!a}: ended the process with {code}")
                done += 1
            if len(broken) > 60:
                break
        os.close(reading)
        os.close(writing)
    return broken


def one(text: str, work: Callable[[str], object]) -> bytes:
    """A line for one formula: empty when all is well."""
    began = time.monotonic()
    try:
        value = work(text)
        wrong = "" if value is None or (type(value) is float and math.isfinite(value)) else f"gives {str(value)[:60]}"
    except BaseException as error:
        wrong = f"{type(error).__name__}: {error}"
    if time.monotonic() - began > SECONDS:
        wrong = f"took {time.monotonic() - began:.1f} s"
    return wrong.replace("\n", " ").encode("ascii", "replace") + b"\n"


def run(form: Form, work: Callable[[str], object] = work_out) -> Found:
    chance = form.chance("formulas")
    given = [*NASTY, *(made(chance) for _ in range(form.amount(3000, 30_000)))]
    return Found(f"{len(given):,} formulas", tried(given, work))


def with_eval(form: Form) -> Found:
    harmless = [text for text in NASTY if "os" not in text and "open" not in text]
    return Found(f"{len(harmless)} formulas", tried(harmless, evaluated))


PART = Part(
    "formulas",
    "formulas: refused or finite, under 2 s and 1 GB: always",
    run,
    (Mutant("the whitelist (Python's own eval)", with_eval),),
)
