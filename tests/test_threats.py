"""The threats to a file that colleagues share, S1 to S22 (docs/security.md), each with the tests that defend it.

What has a place of its own is tested there and named here; what has none is tested below. `python -m soak hostile` and
its like try the same with thousands of texts and files.
"""

from __future__ import annotations

import ast
import grp
import os
import pwd
import re
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kpitui import identity
from kpitui.errors import Damaged
from kpitui.services import judging
from kpitui.storage import driver, failing, holder
from kpitui.tui.editor import command_of
from tests.storage.processes import add_scope, made, opened, raw
from tests.workspace import build

ROOT = Path(__file__).resolve().parent.parent

DEFENDED = """
S1  test_architecture.py::test_the_source_keeps_the_rule
S1  tui/test_app.py::test_hostile_names_are_shown_as_text
S1  reports/test_report.py::test_text_makes_no_element_of_the_page
S1  reports/test_report.py::test_text_makes_nothing_of_markdown
S1  reports/test_report.py::test_the_page_forbids_what_is_not_in_it
S2  test_text.py::test_nothing_that_steers_or_hides_is_left
S2  test_text.py::test_a_hostile_name_is_refused_and_the_sentence_is_clean
S2  test_text.py::test_a_whole_sequence_goes_and_what_was_said_stays
S2  tui/test_app.py::test_hostile_names_are_shown_as_text
S2  tui/test_launch.py::test_what_is_said_when_the_screens_are_gone_is_cleaned
S2  cli/test_output.py::test_lines_for_people_are_cleaned
S2  cli/test_main.py::test_what_cannot_be_done_is_one_sentence_and_its_code
S2  test_dangerous_calls.py::test_what_is_written_to_the_terminal_is_cleaned_there
S2  test_threats.py::test_s2_a_slug_that_steers_is_answered_and_never_obeyed
S2  cli/test_hostile.py::test_text_put_in_by_another_program_is_shown_and_never_obeyed
S3  test_text.py::test_nothing_that_steers_or_hides_is_left
S3  test_text.py::test_what_is_drawn_as_nothing_makes_no_other_name_and_only_what_scripts_need_stays
S3  test_text.py::test_names_that_look_the_same_are_the_same
S3  services/test_model_file.py::test_names_that_look_alike_are_refused
S4  cli/test_output.py::test_what_a_spreadsheet_would_run_is_only_text
S4  cli/test_output.py::test_csv_is_read_back_as_written
S4  cli/test_export.py::test_texts_that_a_spreadsheet_would_run_are_guarded
S5  connectors/test_tables.py::test_what_is_no_table_is_refused_with_a_sentence
S5  connectors/test_tables.py::test_json_that_is_no_table
S5  connectors/test_tables.py::test_json_that_is_too_large_is_not_read
S5  connectors/test_tables.py::test_standard_input_and_pipes_are_read_whole
S5  cli/test_hostile.py::test_a_pipe_that_nobody_fills_is_refused_and_never_waited_for
S5  services/test_toml_depth.py::test_a_key_of_too_many_parts_is_not_read
S5  connectors/test_tables.py::test_a_file_that_is_too_large_is_not_opened
S6  connectors/test_workbooks.py::test_a_bomb_is_not_unpacked
S6  connectors/test_workbooks.py::test_many_small_bombs_are_one
S6  connectors/test_workbooks.py::test_more_columns_than_allowed
S6  connectors/test_workbooks.py::test_a_cell_that_is_too_long_is_refused
S6  connectors/test_workbooks.py::test_too_many_members_are_refused
S6  connectors/test_workbooks.py::test_entities_are_not_expanded
S7  domain/test_formula.py::test_published_hostile_expressions_are_refused_and_the_good_ones_worked_out
S7  domain/test_formula.py::test_everything_else_is_refused_in_one_sentence
S7  domain/test_formula.py::test_no_value_says_why_and_missing_is_not_undefined
S7  domain/test_formula.py::test_no_text_makes_anything_but_a_formula_or_a_problem
S8  test_dangerous_calls.py::test_nothing_stored_is_ever_run_and_no_program_started_but_the_editor
S8  test_dangerous_calls.py::test_what_runs_something_is_found_by_whatever_name
S9  test_dangerous_calls.py::test_no_sql_is_asked_from_outside_of_storage
S9  test_architecture.py::test_the_source_keeps_the_rule
S9  test_threats.py::test_s9_no_text_that_is_stored_gets_into_sql
S9  services/test_as_known.py::test_every_table_of_ours_has_a_past_and_no_name_of_others_gets_into_sql
S10 test_threats.py::test_s10_what_a_hostile_schema_does_is_a_sentence_for_people
S10 storage/test_store.py::test_a_file_of_another_program_is_not_taken_for_a_workspace
S10 storage/test_store.py::test_a_new_workspace_says_what_it_is
S10 test_threats.py::test_s10_a_view_without_end_can_be_left
S10 storage/test_verify.py::test_tables_and_guards_that_were_changed_are_found
S10 test_threats.py::test_s10_functions_in_a_hostile_schema_are_not_called
S11 test_identity.py::test_the_account_is_the_processs_not_a_variables
S11 storage/test_verify.py::test_rows_that_were_added_removed_or_moved_are_found
S11 storage/test_verify.py::test_a_whole_transaction_cut_out_of_the_middle_is_found
S11 cli/test_check.py::test_a_log_that_was_cut_off_or_rewritten_is_said_once_and_stays_a_problem_until_it_is_trusted
S11 storage/test_verify.py::test_one_value_changed_anywhere_is_found
S11 cli/test_log_head.py::test_a_log_that_was_rewritten_as_a_whole_does_not_agree_with_the_head_that_was_signed
S12 storage/test_store.py::test_a_new_workspace_says_what_it_is
S12 test_threats.py::test_s12_a_secret_has_no_place_and_leaves_no_trace
S13 cli/test_report.py::test_a_file_is_new_private_and_of_the_form_its_name_says
S13 cli/test_export.py::test_a_file_is_new_and_private
S13 cli/test_main.py::test_the_unforeseen_leaves_a_private_report_without_values
S13 services/test_backup.py::test_a_private_one_is_private_and_a_teams_lies_in_a_folder_of_the_team
S13 tui/test_drafts.py::test_a_draft_belongs_to_one_workspace_and_to_nobody_else
S13 cli/test_check.py::test_what_was_seen_is_private_and_a_file_made_anew_is_not_held_against_it
S13 storage/test_staging.py::test_the_bytes_of_a_damaged_workspace_are_copied_for_its_owner_alone_and_over_nothing
S13 storage/test_store.py::test_a_new_workspace_has_the_permissions_asked_for
S13 test_paths.py::test_an_open_folder_is_closed
S13 test_paths.py::test_a_folder_of_somebody_else_is_refused
S13 test_paths.py::test_a_private_folder_is_made_private_whatever_the_umask
S14 cli/test_export.py::test_what_is_no_file_is_not_replaced_by_one
S14 cli/test_export.py::test_a_link_is_neither_followed_nor_written_through
S14 storage/test_place.py::test_a_planted_link_beside_it_is_refused
S14 test_dangerous_calls.py::test_every_new_file_is_new_and_no_link
S14 test_dangerous_calls.py::test_a_file_that_is_made_without_care_is_found
S14 storage/test_staging.py::test_a_folder_that_others_enter_or_own_and_a_link_are_not_worked_in
S14 storage/test_staging.py::test_no_link_in_it_is_followed_and_none_that_a_colleague_made_to_it
S14 storage/test_staging.py::test_what_stands_under_the_name_meanwhile_is_kept
S14 storage/test_staging.py::test_nobody_can_know_the_name_of_a_file_before_it_is_whole
S14 storage/test_place.py::test_a_second_name_is_refused
S14 storage/test_place.py::test_a_log_by_somebody_who_may_not_read_the_file_is_refused
S14 test_paths.py::test_a_planted_link_is_refused
S14 services/test_team_backups.py::test_who_puts_something_else_in_the_place_of_the_private_folder_gets_nothing
S14 services/test_team_backups.py::test_what_is_no_backup_counts_for_nothing_and_stays
S15 test_themes.py::test_a_name_is_no_path
S15 test_threats.py::test_s15_a_name_of_a_template_is_no_path
S16 test_wheel.py::test_planted_modules_are_not_run
S16 test_dangerous_calls.py::test_programs_are_started_without_a_shell_and_ours_not_from_where_one_is
S16 cli/test_main.py::test_only_a_checkouts_own_folder_may_run_it_as_a_module
S17 test_dangerous_calls.py::test_nothing_stored_is_ever_run_and_no_program_started_but_the_editor
S17 test_dangerous_calls.py::test_programs_are_started_without_a_shell_and_ours_not_from_where_one_is
S17 test_threats.py::test_s17_an_editor_is_not_looked_for_where_one_happens_to_be
S18 test_dangerous_calls.py::test_no_reader_that_runs_what_it_reads
S19 test_identity.py::test_a_hostile_name_is_cleaned
S19 test_threats.py::test_s19_names_of_accounts_and_groups_are_cleaned
S19 test_threats.py::test_s19_the_name_of_a_program_is_cleaned
S20 storage/test_concurrency.py::test_a_stopped_program_is_named_to_those_it_keeps_waiting
S20 storage/test_store.py::test_a_new_workspace_has_the_permissions_asked_for
S20 storage/test_unlocked.py::test_a_full_disk_can_be_read_from_and_says_so_when_something_is_to_be_saved
S20 storage/test_unlocked.py::test_it_knows_the_journal_mode_that_the_file_asks_for
S20 storage/test_place.py::test_a_log_that_was_left_by_another_says_what_to_type
S20 storage/test_store.py::test_ctrl_z_waits_until_the_lock_is_given_back
S21 storage/test_store.py::test_bytes_that_are_no_text_are_shown_as_such
S21 test_threats.py::test_s21_a_whole_number_without_end_keeps_nobody
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


def test_s2_a_slug_that_steers_is_answered_and_never_obeyed(tmp_path: Path, kpitui: Callable[..., Any]) -> None:
    path = build(tmp_path, '[[metric]]\nslug = "visits"\nname = "Visits"\nkind = "flow"\ncadence = "week"').path
    with sqlite3.connect(path) as other:
        other.execute("DROP TRIGGER metric_update")
        other.execute("UPDATE metric SET slug = ?", ("vis\x1b]0;evil\x07\x9b2J\u202eits",))
    other.close()
    for words in ("record Visits 5 --on 2026-W40", "record Visits 6 --on 2026-W40 --json", "export --format json"):
        ran = kpitui(*words.split(), "--db", path)
        assert (ran.code, ran.err) == (0, "") and not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", ran.out), words
        assert ran.out.isascii()


def test_s9_no_text_that_is_stored_gets_into_sql(
    tmp_path: Path, kpitui: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    model = '[[metric]]\nslug = "visits"\nname = "x\'); DROP--"\ndefinition = "SELECT x\'); DROP--"\ncadence = "week"'
    path = build(tmp_path, model, "visits 2026-W30 1 2 3 4 5 6").path
    asked: list[str] = []

    class Heard(driver.sqlite3.Connection):
        def execute(self, sql: str, *args: Any) -> Any:
            asked.append(sql)
            return super().execute(sql, *args)

    connect = driver.sqlite3.connect
    monkeypatch.setattr(driver.sqlite3, "connect", lambda *given, **more: connect(*given, factory=Heard, **more))
    with opened(Path(path)) as store:
        assert store.one("SELECT name FROM metric") == "x'); DROP--" and asked
    words = "record visits 5 --on 2026-W40 --note x');DROP--", "undo", "log", "show visits", "status --as-of 2026-11-20"
    for one in (*words, "review list", "model export", "export", "check --full"):
        assert kpitui(*one.split(), "--db", path).code in (0, 1), one
    assert len(asked) > 100 and not [sql for sql in asked if "DROP--" in sql.replace(" ", "")]


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
    for line in ("edit", "", "./edit", "../shared/edit"):
        with pytest.raises(FileNotFoundError):
            command_of(line)
    assert command_of(f"{here}/edit") == [f"{here}/edit"]


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


def test_s10_a_view_without_end_can_be_left(tmp_path: Path) -> None:
    made(tmp_path / "a.db").close()
    # Not quite without end, or this test would be when it fails.
    steps = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000000) SELECT i FROM n"
    raw(tmp_path / "a.db", f"CREATE VIEW looked AS {steps}")

    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, pressed)
    try:
        with opened(tmp_path / "a.db") as store, pytest.raises(KeyboardInterrupt) as left:
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            store.one("SELECT count(*) FROM looked")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert str(left.value.__cause__) == "interrupted"


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


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..", "a/b", "x\x1b[2J", "\u202ea", "a\0b", "~root"]
)
def test_s15_a_name_of_a_template_is_no_path(tmp_path: Path, kpitui: Callable[..., Any], name: str) -> None:
    path = build(tmp_path).path
    ran = kpitui("library", "show", name, "--db", path)
    assert (ran.code, ran.out) == (1, "") and "has no template" in ran.err and "\x1b" not in ran.err
    assert "root:" not in ran.err


def test_s19_names_of_accounts_and_groups_are_cleaned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    evil = "\x1b]0;evil\x07\u202eana"
    monkeypatch.setattr(pwd, "getpwuid", lambda number: SimpleNamespace(pw_name=evil))
    monkeypatch.setattr(grp, "getgrgid", lambda number: SimpleNamespace(gr_name=evil))
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(nodename=evil))
    one, system = identity.who(), (failing.account(1), failing.group(str(tmp_path)), str(holder.process(os.getpid())))
    for said in (*system, one.name, one.host):
        assert "ana" in said and said.isprintable()


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


def test_s21_a_whole_number_without_end_keeps_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(judging, "last_cells", lambda book, metric, count: asked.append(count) or ())
    judging.silent(None, SimpleNamespace(grace_days=2**63 - 1, cadence="day"))  # type: ignore[arg-type]
    assert asked == [judging.SILENT + 366]


async def test_s22_no_picture_is_written_where_somebody_else_says(tmp_path: Path) -> None:
    from tests.tui.sample import sample_app

    app = sample_app()
    delivered: list[object] = []
    app.deliver_screenshot = lambda *given, **_: delivered.append(given)  # type: ignore[method-assign]
    async with app.run_test(size=(80, 24)) as pilot:
        for action in (f"app.screenshot('x.svg', '{tmp_path}')", "app.simulate_key('q')"):
            assert await app.run_action(action)
            await pilot.pause()
        assert app.is_running and delivered == list(tmp_path.iterdir()) == []


def test_s10_what_a_hostile_schema_does_is_a_sentence_for_people(tmp_path: Path, kpitui: Callable[..., Any]) -> None:
    path = build(tmp_path, '[[metric]]\nslug = "visits"\ncadence = "week"', "visits 2026-W02 3").path
    raw(Path(path), "CREATE TRIGGER quick BEFORE INSERT ON txn BEGIN SELECT load_extension('/tmp/x'); END")
    ran = kpitui("record", "visits", "5", "--on", "2026-W01", "--db", path)
    assert ran.code == 4 and "did not make, and they were not run. NOT saved." in ran.err
    raw(Path(path), "DROP TRIGGER quick", "CREATE TRIGGER quick AFTER INSERT ON txn BEGIN DELETE FROM point; END")
    ran = kpitui("record", "visits", "5", "--on", "2026-W01", "--db", path)
    assert ran.code == 4 and "there is a trigger quick that is not kpitui's" in ran.err
