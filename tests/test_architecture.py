"""The rules of docs/architecture.md, held by reading the source; each with a case that shows that it can fail."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.source import FILES, MODULES, ROOT, nodes, parsed

LAYERS = {"domain", "storage", "services", "connectors", "charts", "reports", "cli", "tui"}
# Pure functions over one value each, below every layer but the domain: they hold no state and know nothing of ours.
LEAVES = {"text", "errors", "identity"}
MAY_IMPORT = {
    "domain": {"domain"},
    "storage": {"storage", "domain"} | LEAVES,
    "connectors": {"connectors", "domain"} | LEAVES,
    "services": {"services", "domain", "storage", "connectors"} | LEAVES,
    "charts": {"charts", "domain"},
    "reports": {"reports", "services", "domain", "charts"} | LEAVES,
}
ONLY_IN = {
    "sqlite3": r"kpitui\.storage\b",
    "pysqlite3": r"kpitui\.storage\b",
    "sqlite_utils": r"kpitui\.storage\b",
    "textual": r"kpitui\.(tui\b|themes$)",
    "plotext": r"kpitui\.charts\.plot$",
    "click": r"kpitui\.cli\b",
}
CLOCKLESS = ("domain", "storage", "charts", "reports")
CLOCK = re.compile(
    r"(?:datetime\.now|datetime\.utcnow|datetime\.today|date\.today|time\.time|time\.time_ns|time\.localtime|time\.gmtime)$"
)
VAGUE = {"utils", "util", "helpers", "helper", "common", "core", "manager"}
# Where Textual reads markup in a plain string (each was tried with a broken tag).
MARKUP = {
    *("Static", "Label", "Button", "Checkbox", "RadioButton", "OptionList", "Option", "SelectionList", "Selection"),
    *("Select", "Tree", "Collapsible", "TabbedContent", "TabPane", "Tab", "Placeholder", "ToggleButton"),
    *("add_row", "add_column", "add_columns", "add_option", "add_leaf", "set_label", "add_tab"),
}
MARKUP_ATTRIBUTES = {"border_title", "border_subtitle", "tooltip", "label"}
SAFE_CALLS = {"txt", "Text", "assemble", "Content", "from_ansi", "Strip", "Group", "Table", "int", "len"}

Check = Callable[[str, ast.Module], Iterator[str]]


def layer(module: str) -> str:
    """The second part of the name: `storage` of kpitui.storage.store, `paths` of kpitui.paths."""
    return module.split(".")[1] if "." in module else ""


def imports(module: str, tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every module imported anywhere in `tree`, with its line; relative ones made whole."""
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                file = MODULES.get(module)
                parts = module.split(".") + (["x"] if file and file.name == "__init__.py" else [])
                base = ".".join(parts[: -node.level] + ([base] if base else []))
            yield base, node.lineno
            # `from kpitui import paths` and `from kpitui.storage import store` name modules, too.
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names if base.startswith("kpitui"))


def layers(module: str, tree: ast.Module) -> Iterator[str]:
    own = layer(module)
    for name, line in imports(module, tree):
        if not name.startswith("kpitui."):
            continue
        other = layer(name)
        if other in ("__version__", "__main__"):
            continue
        if other == "cli" and own != "cli" and module != "kpitui.__main__":
            yield f"{line}: nothing imports the commands"
        elif other == "tui" and own != "tui" and module not in ("kpitui.cli.tui", "kpitui.cli.demo"):
            yield f"{line}: nothing but kpitui and demo imports the screens"
        elif own in MAY_IMPORT and other not in MAY_IMPORT[own]:
            yield f"{line}: {own} may not import {name}"
        elif own == "services" and other == "connectors" and not name.startswith("kpitui.connectors.base"):
            if name != "kpitui.connectors":
                yield f"{line}: services know connectors only by kpitui.connectors.base, not {name}"
        elif own == "tui" and other == "storage" and not name.startswith("kpitui.storage.store"):
            yield f"{line}: of storage, the screens know only the store, not {name}"
        elif own == "tui" and other == "connectors":
            yield f"{line}: the screens do not know connectors"
        elif own not in LAYERS and other in LAYERS - {"domain", "cli", "tui"} and own != "demo":
            yield f"{line}: a module at the top may import domain and its like, not {name}"
        elif module.startswith("kpitui.tui.widgets") and other in ("services", "storage", "reports"):
            yield f"{line}: a widget gets values and knows no {other}"


def libraries(module: str, tree: ast.Module) -> Iterator[str]:
    for name, line in imports(module, tree):
        allowed = ONLY_IN.get(name.split(".")[0])
        if allowed and not re.match(allowed, module):
            yield f"{line}: {name} is not for {module}"


def clocks(module: str, tree: ast.Module) -> Iterator[str]:
    if layer(module) not in CLOCKLESS:
        return
    for node in nodes(tree):
        if isinstance(node, ast.Attribute) and CLOCK.search(ast.unparse(node)):
            yield f"{node.lineno}: {ast.unparse(node)}: today is an argument"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (
                f"{node.lineno}: time.{a.name}" for a in node.names if a.name in ("time", "time_ns", "localtime")
            )


SQL = re.compile(
    r"\s*(SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|REPLACE\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|"
    r"WITH\s+(RECURSIVE\s+)?\w+\s*(\(.*?\)\s*)?AS\s*\(|PRAGMA\s|(CREATE|DROP|ALTER)\s+(TEMP\s+|UNIQUE\s+)*"
    r"(TABLE|INDEX|TRIGGER|VIEW)\s|ATTACH\s|DETACH\s|VACUUM\b|SAVEPOINT\s|BEGIN(\s+\w+)?$|COMMIT$|ROLLBACK\b)|"
    r".*(=|<|>|\bLIKE|\bIS|\bIN)\s*\(?\?\d*\s*(\)|,|AND\b|OR\b|ORDER\b|$)",
    re.DOTALL,
)


def queries(module: str, tree: ast.Module) -> Iterator[str]:
    """SQL, whole or a condition with its `?`, in a text: questions to the file stand in storage, a function each."""
    if layer(module) == "storage":
        return
    for node in nodes(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value):
            yield f"{node.lineno}: SQL outside of storage: {node.value.strip()[:60]}"


def at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes that run when the module is imported: everything outside a function."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                waiting.append(child)


def singletons(module: str, tree: ast.Module) -> Iterator[str]:
    for node in at_import(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.split(".")[-1] in (
                "connect",
                "Database",
                "Store",
                "open_store",
                "load_config",
                "who",
            ) or called in (*("Store.open", "open", "config.load", "load", "Config"),):
                yield f"{node.lineno}: {called}(…) runs when {module} is imported"


def names(module: str, tree: ast.Module) -> Iterator[str]:
    defined = [(node.name, node.lineno) for node in nodes(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    for name, line in [(module.split(".")[-1], 1), *defined]:
        words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}
        for vague in words & VAGUE:
            yield f"{line}: {name}: “{vague}” says nothing"


def _is_text(node: ast.expr, texts: set[str]) -> bool:
    """True for what cannot be read as markup: literals, txt(…) and Text(…), and names that hold one of these."""
    match node:
        case ast.Constant():
            return True
        case ast.JoinedStr(values=values):
            return all(isinstance(value, ast.Constant) for value in values)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            # Another function's own call sites are checked; what is named so here is known to give plain strings.
            return name in SAFE_CALLS or name not in (
                "str",
                "format",
                "join",
                "clean",
                "repr",
                "replace",
                "upper",
                "strip",
            )
        case ast.IfExp(body=body, orelse=other):
            return _is_text(body, texts) and _is_text(other, texts)
        case ast.BoolOp(values=values):
            return all(_is_text(value, texts) for value in values)
        case ast.Starred(value=value):
            return _is_text(value, texts)
        case ast.Name(id=name):
            return name in texts or name.isupper()
        case ast.BinOp(left=left, right=right):
            return _is_text(left, texts) and _is_text(right, texts)
        case ast.GeneratorExp(elt=element) | ast.ListComp(elt=element):
            return _is_text(element, texts)
        case ast.JoinedStr() | ast.Attribute() | ast.Subscript():
            return False
        case _:
            return True


def _texts(tree: ast.AST) -> set[str]:
    """Names annotated as Text, or given one."""
    known: set[str] = set()
    for node in nodes(tree):
        match node:
            case (
                ast.arg(arg=name, annotation=ast.expr() as kind)
                | ast.AnnAssign(target=ast.Name(id=name), annotation=ast.expr() as kind)
            ) if re.search(r"\b(Text|Content|RenderableType|VisualType)\b", ast.unparse(kind)):
                known.add(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as value) if _is_text(value, set()):
                known.add(name)
    return known


def markup(module: str, tree: ast.Module) -> Iterator[str]:
    if layer(module) != "tui":
        return
    texts = _texts(tree)
    for node in nodes(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).split(".")[-1]
            first = node.args[:1] if called not in ("add_row", "add_columns") else node.args
            if called == "notify":
                if not any(key.arg == "markup" and ast.unparse(key.value) == "False" for key in node.keywords):
                    yield f"{node.lineno}: notify without markup=False"
            elif called in MARKUP and not all(_is_text(arg, texts) for arg in first):
                yield f"{node.lineno}: {ast.unparse(node)[:80]}: people's text goes through txt()"
            elif (
                called == "update"
                and "query_one" in ast.unparse(node.func)
                and not all(_is_text(a, texts) for a in first)
            ):
                yield f"{node.lineno}: {ast.unparse(node)[:80]}: people's text goes through txt()"
        elif isinstance(node, ast.Assign) and not _is_text(node.value, texts):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr in MARKUP_ATTRIBUTES:
                    yield f"{node.lineno}: {target.attr} reads markup: people's text goes through txt()"


CHECKS: list[Check] = [layers, libraries, clocks, queries, singletons, names, markup]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_source_keeps_the_rule(check: Check) -> None:
    broken = [
        f"{file.relative_to(ROOT)}:{found}" for module, file in MODULES.items() for found in check(module, parsed(file))
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("check", "module", "source"),
    [
        (layers, "kpitui.domain.periods", "from kpitui.storage.store import Store"),
        (layers, "kpitui.domain.periods", "def f():\n    import kpitui.services.entry"),
        (layers, "kpitui.domain.periods", "from ..storage import store"),
        (layers, "kpitui.domain.periods", "from kpitui.text import clean"),
        (layers, "kpitui.storage.points", "from kpitui.services import entry"),
        (layers, "kpitui.storage.points", "from kpitui import clock"),
        (layers, "kpitui.services.entry", "from kpitui.connectors.csv_files import read"),
        (layers, "kpitui.services.entry", "from kpitui.charts import sparkline"),
        (layers, "kpitui.charts.sparkline", "import kpitui.errors"),
        (layers, "kpitui.reports.minutes", "from kpitui.storage.store import Store"),
        (layers, "kpitui.cli.status", "from kpitui.tui.app import App"),
        (layers, "kpitui.tui.app", "from kpitui.cli.main import main"),
        (layers, "kpitui.tui.app", "from kpitui.storage.points import points_of"),
        (layers, "kpitui.tui.widgets.grid", "from kpitui.services.entry import Grid"),
        (layers, "kpitui.themes", "from kpitui.services.setup import x"),
        (libraries, "kpitui.services.entry", "import sqlite3"),
        (libraries, "kpitui.cli.check", "def f():\n    from sqlite_utils import Database"),
        (libraries, "kpitui.cli.status", "from textual.app import App"),
        (libraries, "kpitui.charts.sparkline", "import plotext as plt"),
        (libraries, "kpitui.services.entry", "import click"),
        (clocks, "kpitui.domain.periods", "import datetime\nx = datetime.date.today()"),
        (clocks, "kpitui.storage.store", "def f():\n    return datetime.now(UTC)"),
        (clocks, "kpitui.charts.plot", "from time import time"),
        (clocks, "kpitui.reports.minutes", "def f(clock=time.time): ..."),
        (queries, "kpitui.services.detail", "store.rows('SELECT 1 FROM metric')"),
        (queries, "kpitui.services.detail", "store.rows(f'SELECT {columns} FROM metric')"),
        (queries, "kpitui.cli.log", "sql = '''\n    WITH chain(id) AS (SELECT 1) SELECT id FROM chain'''"),
        (queries, "kpitui.tui.app", "tx.execute('UPDATE metric SET name = ?')"),
        (queries, "kpitui.services.detail", "select(store, Metric, 'id = ?', (1,))"),
        (queries, "kpitui.services.detail", "select(store, Metric, 'id IN (?, ?)', (1, 2))"),
        (queries, "kpitui.services.setup", "store.one('PRAGMA page_count')"),
        (singletons, "kpitui.storage.store", "DB = sqlite3.connect('x')"),
        (singletons, "kpitui.services.entry", "class A:\n    store = Store.open('x')"),
        (singletons, "kpitui.config", "CONFIG = load()"),
        (names, "kpitui.domain.utils", ""),
        (names, "kpitui.domain.periods", "class PeriodManager: ..."),
        (names, "kpitui.domain.periods", "def common_labels(): ..."),
        (markup, "kpitui.tui.screens.home", "Static(f'{name}')"),
        (markup, "kpitui.tui.screens.home", "yield Label(metric.name)"),
        (markup, "kpitui.tui.screens.home", "def f(title: str):\n    Button(title)"),
        (markup, "kpitui.tui.screens.home", "table.add_row(txt(a), row.note)"),
        (markup, "kpitui.tui.screens.home", "table.add_row(*[row.name for row in rows])"),
        (markup, "kpitui.tui.screens.home", "Static('Hello ' + name)"),
        (markup, "kpitui.tui.screens.home", "Static(str(error))"),
        (markup, "kpitui.tui.screens.home", "Static('{}'.format(name))"),
        (markup, "kpitui.tui.screens.home", "self.query_one(Static).update(view.name)"),
        (markup, "kpitui.tui.screens.home", "self.border_title = goal.title"),
        (markup, "kpitui.tui.screens.home", "self.notify(text)"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_each_rule_can_fail(check: Check, module: str, source: str) -> None:
    assert list(check(module, ast.parse(source)))


@pytest.mark.parametrize(
    ("check", "module", "source"),
    [
        (
            layers,
            "kpitui.services.entry",
            "from kpitui.connectors.base import Table\nfrom kpitui.errors import Refused",
        ),
        (layers, "kpitui.cli.demo", "from kpitui.tui.app import KpituiApp"),
        (layers, "kpitui.tui.store_thread", "from kpitui.storage.store import Store"),
        (libraries, "kpitui.storage.driver", "import sqlite3"),
        (clocks, "kpitui.storage.store", "import time\ndef f():\n    return time.monotonic()"),
        (queries, "kpitui.storage.points", "store.rows('SELECT 1 FROM point')"),
        (queries, "kpitui.tui.app", "'Select a metric'; 'Update the goal?'; 'with what?'; 'is it so?'; 'x = 3'"),
        (names, "kpitui.domain.status", "def score(): ...\nclass Scoreboard: ..."),
        (
            markup,
            "kpitui.tui.screens.home",
            "Static(txt(name))\nself.values.update(values)\nself.notify(t, markup=False)",
        ),
        (markup, "kpitui.tui.screens.home", "def f(line: Text):\n    Static(line)\n    Label('plain')"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_no_rule_cries_wolf(check: Check, module: str, source: str) -> None:
    assert not list(check(module, ast.parse(source)))


def too_long(source: str) -> bool:
    return len(source.splitlines()) > 400


def test_no_file_holds_two_ideas() -> None:
    long = [str(f.relative_to(ROOT)) for f in [*FILES, *ROOT.glob("tests/**/*.py")] if too_long(f.read_text("utf-8"))]
    assert not long, f"over 400 lines: split {', '.join(long)}"
    assert too_long("x\n" * 401) and not too_long("x\n" * 400)


def loaded_after(statement: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after `statement`."""
    code = f"import sys\n{statement}\nprint('\\nloaded', *sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(ran.stdout.rpartition("\nloaded ")[2].split())


def command(*words: str) -> str:
    return f"from kpitui.cli.main import main\nmain({list(words)!r})"


HEAVY = {"textual", "sqlite_utils", "plotext", "pydantic", "click", "dataclasses"}


def test_choosing_a_command_loads_next_to_nothing() -> None:
    extra = loaded_after("import kpitui.cli.main") - loaded_after("pass")
    assert {name for name in extra if not name.startswith("kpitui")} <= {"__future__", "gc"}  # gc is in the interpreter


def test_the_hot_commands_load_no_heavy_library() -> None:
    for name in ("tell", "record"):
        loaded = loaded_after(f"import kpitui.cli.{name}, kpitui.storage.store") | loaded_after(command(name))
        assert not loaded & HEAVY, name
        assert "kpitui.domain.model" not in loaded, name
    told = loaded_after("import kpitui.services.tell, kpitui.domain.formula") - loaded_after("pass")
    assert not told & {"typing", "re", "enum", "ast"}


def test_only_the_screens_load_textual() -> None:
    shown = {"kpitui.cli.tui", "kpitui.cli.demo"}
    others = sorted(name for name in MODULES if name.startswith("kpitui.cli.") and name not in shown)
    assert "textual" not in loaded_after("import " + ", ".join(others))
    assert "textual" not in loaded_after(command("where"))


def test_the_check_of_loaded_modules_can_fail() -> None:
    assert "textual" in loaded_after("import textual")
