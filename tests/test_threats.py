"""The threats to a file that colleagues share, S1 to S22 (docs/security.md), each with the tests that defend it.

What has a place of its own is tested there and named here; what has none is tested below. `python -m soak hostile` and
its like try the same with thousands of texts and files.
"""

from __future__ import annotations

import ast
import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kpitui.errors import Damaged
from kpitui.storage import holder
from kpitui.tui.editor import command_of
from tests.storage.processes import add_scope, made, opened, raw
from tests.workspace import build

ROOT = Path(__file__).resolve().parent.parent

DEFENDED = """
S1  test_architecture.py::test_the_source_keeps_the_rule
S1  tui/test_app.py::test_hostile_names_are_shown_as_text
S1  reports/test_report.py::test_text_makes_no_element_of_the_page
S1  reports/test_report.py::test_text_makes_nothing_of_markdown
S2  test_text.py::test_nothing_that_steers_or_hides_is_left
S2  test_text.py::test_a_hostile_name_is_refused_and_the_sentence_is_clean
S2  cli/test_hostile.py::test_text_put_in_by_another_program_is_shown_and_never_obeyed
S3  test_text.py::test_names_that_look_the_same_are_the_same
S3  services/test_model_file.py::test_names_that_look_alike_are_refused
S4  cli/test_export.py::test_texts_that_a_spreadsheet_would_run_are_guarded
S5  connectors/test_tables.py::test_what_is_no_table_is_refused_with_a_sentence
S5  connectors/test_tables.py::test_a_file_that_is_too_large_is_not_opened
S6  connectors/test_workbooks.py::test_a_bomb_is_not_unpacked
S6  connectors/test_workbooks.py::test_too_many_members_are_refused
S6  connectors/test_workbooks.py::test_entities_are_not_expanded
S7  domain/test_formula.py::test_published_hostile_expressions_are_refused_and_the_good_ones_worked_out
S7  domain/test_formula.py::test_everything_else_is_refused_in_one_sentence
S7  domain/test_formula.py::test_no_text_makes_anything_but_a_formula_or_a_problem
S8  test_threats.py::test_s8_s9_nothing_stored_is_ever_run
S9  test_threats.py::test_s8_s9_nothing_stored_is_ever_run
S10 test_threats.py::test_s10_what_a_hostile_schema_does_is_a_sentence_for_people
S10 storage/test_verify.py::test_tables_and_guards_that_were_changed_are_found
S10 test_threats.py::test_s10_functions_in_a_hostile_schema_are_not_called
S11 test_identity.py::test_the_account_is_the_processs_not_a_variables
S11 storage/test_verify.py::test_one_value_changed_anywhere_is_found
S11 cli/test_log_head.py::test_a_log_that_was_rewritten_as_a_whole_does_not_agree_with_the_head_that_was_signed
S12 test_threats.py::test_s12_a_secret_has_no_place_and_leaves_no_trace
S13 cli/test_report.py::test_a_file_is_new_private_and_of_the_form_its_name_says
S13 cli/test_export.py::test_a_file_is_new_and_private
S13 cli/test_main.py::test_the_unforeseen_leaves_a_private_report_without_values
S13 test_paths.py::test_a_private_folder_is_made_private_whatever_the_umask
S14 cli/test_export.py::test_a_link_is_neither_followed_nor_written_through
S14 storage/test_place.py::test_a_planted_link_beside_it_is_refused
S14 test_threats.py::test_s14_every_new_file_is_new_and_no_link
S14 services/test_team_backups.py::test_who_puts_something_else_in_the_place_of_the_private_folder_gets_nothing
S14 services/test_team_backups.py::test_what_is_no_backup_counts_for_nothing_and_stays
S15 test_themes.py::test_a_name_is_no_path
S15 test_threats.py::test_s15_a_name_of_a_template_is_no_path
S16 test_wheel.py::test_planted_modules_are_not_run
S16 cli/test_main.py::test_only_a_checkouts_own_folder_may_run_it_as_a_module
S17 test_threats.py::test_s17_no_program_is_started_but_the_editor
S17 test_threats.py::test_s17_an_editor_is_not_looked_for_where_one_happens_to_be
S18 test_threats.py::test_s18_no_reader_that_runs_what_it_reads
S19 test_identity.py::test_a_hostile_name_is_cleaned
S19 test_threats.py::test_s19_the_name_of_a_program_is_cleaned
S20 storage/test_concurrency.py::test_a_stopped_program_is_named_to_those_it_keeps_waiting
S20 storage/test_store.py::test_ctrl_z_waits_until_the_lock_is_given_back
S21 storage/test_store.py::test_bytes_that_are_no_text_are_shown_as_such
S21 test_threats.py::test_s21_a_number_without_end_is_shown_and_breaks_nothing
S22 test_threats.py::test_s22_no_picture_is_written_where_somebody_else_says
"""


@pytest.mark.parametrize("threat", [f"S{number}" for number in range(1, 23)])
def test_every_threat_has_its_tests(threat: str) -> None:
    named = [line.split()[1] for line in DEFENDED.splitlines() if line.startswith(f"{threat} ")]
    assert named
    for name in named:
        file, _, test = name.partition("::")
        defined = {
            node.name
            for node in ast.walk(ast.parse((ROOT / "tests" / file).read_text("utf-8")))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert test in defined, name


class Source(NamedTuple):
    """What one file of the program calls and imports."""

    name: str
    tree: ast.Module
    calls: list[ast.Call]
    called: set[str]
    imported: set[str]


SUSPECT = re.compile(
    r"\b(open|eval|exec|__import__|pickle|marshal|runpy|load_extension|subprocess|webbrowser|pty|yaml|shelve|dill|minidom"
    r"|os\.(system|popen|exec|spawn|posix_spawn|startfile))"
)


@cache
def sources() -> list[Source]:
    """The files in which anything of that kind is named."""
    found = []
    for file in sorted((ROOT / "kpitui").rglob("*.py")):
        text = file.read_text("utf-8")
        if not SUSPECT.search(text):
            continue
        tree = ast.parse(text)
        calls, names = [], set[str]()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                calls.append(node)
            elif isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module or "")
        simple = [call for call in calls if isinstance(call.func, ast.Name | ast.Attribute)]
        found.append(Source(file.name, tree, calls, {_dotted(call.func) for call in simple}, names))
    return found


def _dotted(node: ast.expr) -> str:
    """`os.open` of the expression that says so; of what is worked out, the last part."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id] if isinstance(node, ast.Name) else [*parts, ""]))


RUNS = re.compile(
    r"(subprocess\.\w+|os\.(system|popen|exec\w+|spawn\w+|posix_spawn\w*|startfile)|webbrowser\.\w+|pty\.spawn)$"
)
READS_AND_RUNS = re.compile(r"(eval|exec|__import__|pickle\.loads?|marshal\.loads?|runpy\.\w+|\w+\.load_extension)$")


def test_s8_s9_nothing_stored_is_ever_run() -> None:
    # Stored text reaches a program or an interpreter by one of these; the exceptions are the person's own editor, and
    # what the second process of the start hands to the first.
    found = {(one.name, name) for one in sources() for name in one.called if READS_AND_RUNS.match(name)}
    assert found == {("ahead.py", "pickle.loads")}
    assert READS_AND_RUNS.match("eval") and RUNS.match("os.execvp") and not RUNS.match("os.environ.get")


def test_s17_no_program_is_started_but_the_editor() -> None:
    found = {one.name for one in sources() if any(RUNS.match(name) for name in one.called)}
    # `kpitui demo` from the first-run page is the program itself again.
    assert found == {"editor.py", "home_start.py"}


def test_s17_an_editor_is_not_looked_for_where_one_happens_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, here = tmp_path / "bin", tmp_path / "shared"
    for folder in (trusted, here):
        folder.mkdir()
        (folder / "edit").write_text("#!/bin/sh\n")
        (folder / "edit").chmod(0o755)
    monkeypatch.chdir(here)
    monkeypatch.setenv("PATH", f".::{trusted}")
    assert command_of("edit -w 'a b'") == [str(trusted / "edit"), "-w", "a b"]
    monkeypatch.setenv("PATH", ".:")
    for line in ("edit", ""):
        with pytest.raises(FileNotFoundError):
            command_of(line)


def test_s18_no_reader_that_runs_what_it_reads() -> None:
    unsafe = {"yaml", "ruamel.yaml", "shelve", "marshal", "dill", "xml.dom.minidom"}
    assert not [one.name for one in sources() if one.imported & unsafe]
    assert [one.name for one in sources() if "pickle" in one.imported] == ["ahead.py"]


def test_s10_functions_in_a_hostile_schema_are_not_called(tmp_path: Path) -> None:
    made(tmp_path / "a.db").close()
    raw(
        tmp_path / "a.db",
        "CREATE TRIGGER quick BEFORE INSERT ON txn BEGIN SELECT load_extension('/tmp/x'); END",
        "CREATE VIEW looked AS SELECT writefile('/tmp/x', 'theirs')",
    )
    written: list[object] = []
    with opened(tmp_path / "a.db") as store:
        # As a library might bring it along.
        store._connection.create_function("writefile", 2, lambda *given: written.append(given))
        for attempt in (lambda: store.rows("SELECT * FROM looked"), lambda: add_scope(store)):
            with pytest.raises(Damaged, match="did not make, and they were not run"):
                attempt()
        assert store.one("SELECT count(*) FROM txn") == 0 and written == []


@pytest.mark.parametrize("key", ["password", "token", "secret", "api_key"])
def test_s12_a_secret_has_no_place_and_leaves_no_trace(tmp_path: Path, kpitui: Callable[..., Any], key: str) -> None:
    path = build(tmp_path, '[[metric]]\nslug = "visits"').path
    model = tmp_path / "model" / "m.toml"
    model.parent.mkdir()
    for table in ("[workspace]\n", '[[metric]]\nslug = "visits"\n', '[[scope]]\nslug = "org"\n'):
        model.write_text(f'{table}{key} = "hunter2-{key}"\n')
        ran = kpitui("model", "apply", model, "--yes", "--db", path)
        assert ran.code == 1 and f"no key “{key}”" in ran.err and "hunter2" not in ran.err
    stored = [file.read_bytes() for file in tmp_path.iterdir() if file.is_file()]
    assert stored and not any(b"hunter2" in content for content in stored)


def test_s14_every_new_file_is_new_and_no_link() -> None:
    # A file that is made by a plain open() may be somebody's link, and one with a name that can be guessed, his file.
    opens = [(one, call) for one in sources() for call in one.calls if _dotted(call.func) in ("open", "io.open")]
    writing = [
        (one.name, call)
        for one, call in opens
        if any(isinstance(arg, ast.Constant) and re.match("[wax]", str(arg.value)) for arg in call.args[1:2])
    ]
    # Over a descriptor that was opened with care, or in a folder of a random name that nobody else can enter.
    careless = {name for name, call in writing if ast.unparse(call.args[0]) not in ("descriptor", "handle")}
    assert writing and careless <= {"editor.py", "cell_notes.py"}
    made_by_hand = [
        (one.name, ast.unparse(call), _flags(call, one.tree))
        for one in sources()
        for call in one.calls
        if _dotted(call.func) == "os.open"
    ]
    making = [(name, flags) for name, _, flags in made_by_hand if "O_CREAT" in flags]
    assert len(making) > 5 and not [name for name, flags in making if "O_NOFOLLOW" not in flags]


def _flags(call: ast.Call, tree: ast.AST) -> str:
    """What the flags of an os.open are, also when they have a name."""
    said = ast.unparse(call.args[1])
    names = {name.id for name in ast.walk(call.args[1]) if isinstance(name, ast.Name) and name.id != "os"}
    for node in ast.walk(tree) if names else ():
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in names for t in node.targets):
            said += " " + ast.unparse(node.value)
    return said


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..", "a/b", "x\x1b[2J", "\u202ea", "a\0b", "~root"]
)
def test_s15_a_name_of_a_template_is_no_path(tmp_path: Path, kpitui: Callable[..., Any], name: str) -> None:
    path = build(tmp_path).path
    ran = kpitui("library", "show", name, "--db", path)
    assert (ran.code, ran.out) == (1, "") and "has no template" in ran.err and "\x1b" not in ran.err
    assert "root:" not in ran.err


def test_s19_the_name_of_a_program_is_cleaned() -> None:
    if not os.path.isdir("/proc/self"):
        pytest.skip("this system does not say what runs")
    hostile = subprocess.Popen(["\x1b]0;evil\x07\u202ekpitui", "60"], executable="/bin/sleep")
    try:
        while not (said := str(holder.process(hostile.pid))).count("kpitui"):
            pass
        assert all(sign.isprintable() for sign in said) and "\u202e" not in said
    finally:
        hostile.send_signal(signal.SIGKILL)
        hostile.wait()


@pytest.mark.parametrize("value", ["9e999", "-9e999", "1.7e308"])
def test_s21_a_number_without_end_is_shown_and_breaks_nothing(
    tmp_path: Path, kpitui: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    model = '[[metric]]\nslug = "visits"\nkind = "flow"\ncadence = "week"\n'
    path = build(tmp_path, model, "visits 2026-W30 1 2 3 4 5 6 7 8 9 10 11 12").path
    with sqlite3.connect(path) as other:
        for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            other.execute(f"DROP TRIGGER {name}")
        other.execute(f"UPDATE point SET value = {value} WHERE start % 2 = 0")
    other.close()
    for words in ("status --json", "show visits --json", "signals visits", "forecast visits", "export", "--plain"):
        ran = kpitui(*words.split(), "--db", path)
        assert ran.code in (0, 1, 4) and "Something went wrong" not in ran.err, (words, ran.err)
        assert not re.search(r"\b(NaN|Infinity)\b", ran.out), words


async def test_s22_no_picture_is_written_where_somebody_else_says(tmp_path: Path) -> None:
    from tests.tui.sample import sample_app

    app = sample_app()
    delivered: list[object] = []
    app.deliver_screenshot = lambda *given, **_: delivered.append(given)  # type: ignore[method-assign, assignment]
    async with app.run_test(size=(80, 24)):
        for action in (f"app.screenshot('x.svg', '{tmp_path}')", "app.simulate_key('q')"):
            assert await app.run_action(action)
        assert app.is_running and delivered == list(tmp_path.iterdir()) == []


def test_s10_what_a_hostile_schema_does_is_a_sentence_for_people(tmp_path: Path, kpitui: Callable[..., Any]) -> None:
    path = build(tmp_path, '[[metric]]\nslug = "visits"\ncadence = "week"', "visits 2026-W02 3").path
    raw(Path(path), "CREATE TRIGGER quick BEFORE INSERT ON txn BEGIN SELECT load_extension('/tmp/x'); END")
    ran = kpitui("record", "visits", "5", "--on", "2026-W01", "--db", path)
    assert ran.code == 4 and "did not make, and they were not run. NOT saved." in ran.err
    raw(Path(path), "DROP TRIGGER quick", "CREATE TRIGGER quick AFTER INSERT ON txn BEGIN DELETE FROM point; END")
    ran = kpitui("record", "visits", "5", "--on", "2026-W01", "--db", path)
    assert ran.code == 4 and "there is a trigger quick that is not kpitui's" in ran.err
