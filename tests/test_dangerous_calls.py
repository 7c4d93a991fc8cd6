"""What the program may reach by name, read in its source: S2, S8, S9, S14 and S16 to S18 of docs/security.md.

Whatever name a thing has in a file (`from os import popen as go`), it is found by its own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.source import FILES, PACKAGE, nodes, parsed

RUNS = re.compile(
    r"(builtins\.)?(eval|exec|compile|__import__)$|(subprocess|pty|webbrowser|runpy|codeop|ctypes|multiprocessing)\."
    r"|os\.(system|popen|exec\w+|spawn\w+|posix_spawn\w*|startfile)$|asyncio\.create_subprocess_\w+$"
    r"|(pickle|_pickle|marshal|shelve|dill)\.\w+$|importlib\.(reload|machinery|util\.\w+_from_\w+)|.*\bload_extension$"
)
READERS = re.compile(r"(yaml|ruamel|shelve|marshal|dill|_?pickle|xml\.(dom|etree|sax)|lxml)\b")
MAKES = re.compile(
    r".*\.(write_text|write_bytes)$|shutil\.(copy|copy2|copyfile|copytree|move)$|tempfile\.(mktemp|NamedTemporaryFile)$"
    r"|os\.(mkfifo|mknod|symlink)$"
)


def dotted(node: ast.AST, names: dict[str, str]) -> str:
    """`os.open` of the expression that says so, by the thing's own name; of what is worked out, the last part."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr" and isinstance(node.args[1], ast.Constant):
        parts.append(str(node.args[1].value))
        node = node.args[0]
    first = names.get(node.id, node.id) if isinstance(node, ast.Name) else ""
    return ".".join([first, *reversed(parts)])


@cache
def known_as(tree: ast.Module) -> dict[str, str]:
    """What the names that a file imports stand for."""
    names: dict[str, str] = {}
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            names |= {one.asname: one.name for one in node.names if one.asname}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return names


def reached(tree: ast.Module) -> set[str]:
    """Everything that a file names, whether it calls it or hands it on."""
    names = known_as(tree)
    kinds = (ast.Name, ast.Attribute, ast.Call)
    return {dotted(node, names) for node in nodes(tree) if isinstance(node, kinds)} | set(names.values())


SUSPECT = re.compile(
    r"\b(open|eval|exec|builtins|getattr\(os|__import__|pickle|marshal|runpy|\w*load_extension|subprocess|ctypes"
    r"|webbrowser|pty|codeop|multiprocessing|importlib|popen|system|exec[lv]\w*|\w*spawn\w*|startfile|create_subprocess"
    r"|write_text|write_bytes|shutil|tempfile|mkfifo|mknod|symlink|print|s?echo|stdout|stderr|os\.write)\b|(?<!\.)\bcompile\b"
)


@cache
def suspects(named: re.Pattern[str] = SUSPECT) -> list[Path]:
    """The files in which anything of that kind is named at all: to look through all of them takes seconds."""
    return [file for file in FILES if named.search(file.read_text("utf-8"))]


def imported(tree: ast.Module) -> set[str]:
    plain = {one.name for node in nodes(tree) if isinstance(node, ast.Import) for one in node.names}
    return plain | {node.module or "" for node in nodes(tree) if isinstance(node, ast.ImportFrom)}


@cache
def calls(tree: ast.Module) -> list[tuple[str, ast.Call]]:
    names = known_as(tree)
    return [(dotted(node.func, names), node) for node in nodes(tree) if isinstance(node, ast.Call)]


def running(tree: ast.Module) -> set[str]:
    return {name for name in reached(tree) if RUNS.match(name)}


@pytest.mark.parametrize(
    "source",
    [
        *("eval(x)", "map(eval, x)", "import builtins\nbuiltins.eval(x)", "import builtins as b\nb.exec(x)"),
        *("from os import popen as go\ngo(x)", "import os\nos.execvp(x, y)", "import os\ngetattr(os, 'system')(x)"),
        *("from subprocess import run\nrun(x)", "import subprocess as s\ns.Popen(x)", "import pickle\npickle.load(x)"),
        *("self.connection.load_extension(x)", "import importlib.util\nimportlib.util.spec_from_file_location(x)"),
        *("import asyncio\nasyncio.create_subprocess_exec(x)", "__import__(x)", "import pty\npty.spawn(x)"),
    ],
)
def test_what_runs_something_is_found_by_whatever_name(source: str) -> None:
    assert running(ast.parse(source))


def test_nothing_stored_is_ever_run_and_no_program_started_but_the_editor() -> None:
    found = {(file.name, name) for file in suspects() for name in running(parsed(file))}
    assert found == {
        ("ahead.py", "pickle.loads"),  # what the second process of the start hands to the first
        ("ahead.py", "pickle.dumps"),
        ("ahead.py", "pickle.HIGHEST_PROTOCOL"),
        ("editor.py", "subprocess.run"),
        ("home_start.py", "subprocess.run"),  # `kpitui demo` from the first-run page: the program itself again
        ("formula.py", "compile"),  # to the tree of its parts alone, which the whitelist then reads
    }
    [(_, tree)] = [call for call in calls(parsed(PACKAGE / "domain" / "formula.py")) if call[0] == "compile"]
    assert "ast.PyCF_ONLY_AST" in ast.unparse(tree)


def test_programs_are_started_without_a_shell_and_ours_not_from_where_one_is() -> None:
    started = {file.name: call for file in suspects() for name, call in calls(parsed(file)) if name == "subprocess.run"}
    assert ast.unparse(started["editor.py"]).startswith("subprocess.run([*words, path], ")
    assert ast.unparse(started["home_start.py"]).startswith("subprocess.run([sys.executable, '-P', '-m', 'kpitui'")
    assert not [one for one in started.values() if any(key.arg == "shell" for key in one.keywords)]


def test_no_reader_that_runs_what_it_reads() -> None:
    found = {(file.name, one) for file in suspects(READERS) for one in imported(parsed(file)) if READERS.match(one)}
    assert found == {("ahead.py", "pickle")}


ASKING = re.compile(r"\.(execute|executemany|executescript|one|batches|rows|row)\b")


def asking(tree: ast.Module) -> Iterator[str]:
    """Questions to a file in SQL that is not written where it is asked, or not in storage."""
    for name, call in calls(tree):
        of, dot, what = name.rpartition(".")
        if not dot:
            continue
        if what in ("execute", "executemany", "executescript", "one", "batches") or (
            what in ("rows", "row") and re.search(r"(store|connection|tx|txn|past|then|live)$", of)
        ):
            yield ast.unparse(call)


def test_no_sql_is_asked_from_outside_of_storage() -> None:
    for source in ("store.rows(text)", "self.store.one(text)", "tx.execute(text)", "connection.executescript(text)"):
        assert list(asking(ast.parse(source)))
    storage = PACKAGE / "storage"
    outside = [file for file in suspects(ASKING) if storage not in file.parents]
    assert not [(file.name, one) for file in outside for one in asking(parsed(file))]


def careless(tree: ast.Module) -> Iterator[str]:
    """Files that are made where somebody may have put a link, or under a name that can be known."""
    for name, call in calls(tree):
        mode = [*call.args[1:2], *(key.value for key in call.keywords if key.arg == "mode")]
        if name.endswith("open") and name not in ("os.open", "webbrowser.open"):
            mode = call.args[:1] + mode if name.count(".") and name not in ("io.open", "os.fdopen") else mode
            writes = any(isinstance(one, ast.Constant) and re.match("[wax]|r.?[+]", str(one.value)) for one in mode)
            over = ast.unparse(call.args[0]) if call.args else ""
            # Over a descriptor that was opened with care.
            if writes and not re.match(r"(descriptor|handle|file|os\.open\(.*|staging\.open\(.*)$", over):
                yield ast.unparse(call)
        elif MAKES.match(name):
            yield ast.unparse(call)
        elif name == "os.open":
            flags = _flags(call, tree)
            if "O_CREAT" in flags and "O_NOFOLLOW" not in flags:
                yield ast.unparse(call)


def _flags(call: ast.Call, tree: ast.AST) -> str:
    """What the flags of an os.open are, also when they have a name."""
    said = ast.unparse(call.args[1])
    names = {name.id for name in ast.walk(call.args[1]) if isinstance(name, ast.Name) and name.id != "os"}
    for node in nodes(tree) if names else ():
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in names for t in node.targets):
            said += " " + ast.unparse(node.value)
    return said


@pytest.mark.parametrize(
    "source",
    [
        *("open(path, 'w')", "open(path, mode='x')", "path.open('a')", "Path(p).write_text(t)", "p.write_bytes(t)"),
        *("import os\nos.open(p, os.O_CREAT | os.O_WRONLY)", "import os\nflags = os.O_CREAT\nos.open(p, flags, 0o600)"),
        *("import shutil\nshutil.copyfile(a, b)", "from tempfile import mktemp\nmktemp()", "open(path, 'r+b')"),
    ],
)
def test_a_file_that_is_made_without_care_is_found(source: str) -> None:
    assert list(careless(ast.parse(source)))


def test_every_new_file_is_new_and_no_link() -> None:
    # In a folder of a random name that nobody else can enter; into a pipe.
    assert {(file.name, one) for file in suspects() for one in careless(parsed(file))} == {
        ("editor.py", "open(path, 'w', encoding='utf-8')"),
        ("ahead.py", "os.fdopen(writing, 'wb')"),
    }
    assert sum(name == "os.open" for file in suspects() for name, _ in calls(parsed(file))) > 5


CLEANED = re.compile(r"(showable\()?(f.kpitui: \{)?clean\(|json\.dumps\(.*ensure_ascii=True|model_file\.export\(")


OF_OURS = {
    ("__main__.py", "'kpitui: modules of this folder would be run: type kpitui, or python -P -m kpitui, instead.\\n'"),
    ("keys.py", "key_list.as_markdown()"),
    ("main.py", "f'kpitui {__version__}\\n'"),
    ("main.py", "showable(missing.format_message()) + '\\n'"),
    ("main.py", "showable(usage())"),
    ("reasons.py", "showable(asked)"),
    ("record.py", "HELP"),
    ("record.py", "f'refused {named}\\n'.replace('refused \\n', 'refused\\n')"),
    ("report.py", "showable(text_of(found, form))"),
    ("tell.py", "USAGE"),
}
"""Words of the program alone, and what is cleaned where it is made."""


def said(tree: ast.Module) -> Iterator[str]:
    """What goes to the terminal past everything that cleans."""
    for name, call in calls(tree):
        if name == "print" or re.match(r"(sys\.(stdout|stderr)(\.buffer)?\.write|os\.write|click\.s?echo\w*)$", name):
            what = ast.unparse(call.args[-1] if name == "os.write" else call.args[0]) if call.args else ""
            if not CLEANED.search(what):
                yield what


def test_what_is_written_to_the_terminal_is_cleaned_there() -> None:
    for source in ("print(text)", "import sys\nsys.stderr.write(f'kpitui: {text}')", "import click\nclick.echo(text)"):
        assert list(said(ast.parse(source)))
    found = {(file.name, one) for file in suspects() for one in said(parsed(file))}
    assert found == OF_OURS
