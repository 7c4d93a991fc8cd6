"""Commands in the hands of the hostile and the clumsy: one sentence, the right exit code, nothing half saved."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpitui import cli
from kpitui.cli.main import COMMANDS, main
from tests.workspace import build

pytestmark = pytest.mark.usefixtures("at_home")

MODEL = """
[[metric]]
slug = "cac"
name = "CAC"
cadence = "week"
kind = "level"
direction = "down"

[[metric]]
slug = "visits"
name = "Visits"
cadence = "day"
kind = "flow"

[[goal]]
slug = "grow"
title = "Grow"
metric = "visits"
main = true
baseline = 0
target = 5000
start = 2026-01-01
deadline = 2026-12-31

[[kpi]]
metric = "cac"
goal = "grow"
baseline = 400
target = 300
start = 2026-01-01
deadline = 2026-12-31
state = "live"
"""
SEEN = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff]")
READING = (
    *("status", "status --json", "show cac", "show grow", "history cac", "log", "log --json", "due", "tell", "actions"),
    *("review list", "export", "export log", "model export", "check", "--plain", "--plain log", "--plain tree"),
    *("why cac", "why cac --json"),
)


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[str]:
    store = build(tmp_path, MODEL, "cac 2026-W45 410\ncac 2026-W46 395\nvisits 2026-11-18 120")
    path = store.path
    store.close()
    yield path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(list(words))
    told = capsys.readouterr()
    return code, told.out, told.err


def own(*words: str, **more: object) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "kpitui", *words]
    folder = Path(cli.__file__).parents[2]
    return subprocess.run(command, capture_output=True, timeout=60, cwd=folder, **more)  # type: ignore[call-overload, no-any-return]


def changes(path: str) -> int:
    with sqlite3.connect(path) as raw:
        return int(raw.execute("SELECT count(*) FROM txn").fetchone()[0])


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("[workspace]\nfiscal_year_start = 0x" + "f" * 5000, "line 2, workspace: .* far too many digits"),
        ("[[metric]]\nslug = 0x" + "f" * 5000, "slug must be text in quotes, not a number of far too many"),
        ("[workspace]\n__pydantic_config__ = {}", "no key “__pydantic_config__”: there are name, currency"),
        ("[workspace]\ncurrency = ''", "currency is empty"),
        ("[workspace]\ntime_zone = 'Mars/X'", "m.toml, workspace: The time zone “Mars/X” is not known"),
        ("[[annotation]]\nmetric = 'cac'\nday = 2026-11-01\ntext = ''", "text is empty"),
        ("[[annotation]]\nmetric = 'cac'\nday = 2026-11-01\ntext = '''\n'''", "text is empty"),
        ("[[metric]]\nslug = 'a'\nowner = '" + "o" * 500 + "'", "owner has 500 characters: 120 are the most"),
        ("[[metric]]\nslug = 'a'\ngrace_days = 5000", "grace_days is 5000: it must be at most 366"),
        (
            "[[kpi]]\nmetric = 'visits'\nstart = 0001-01-01\ndeadline = 0001-12-31",
            "0001-01-01 is not between the years",
        ),
        (
            "[[kpi]]\nmetric = 'cac'\n[[target]]\nkpi = 'cac'\nfrom = 9999-01-01\nvalue = 1",
            "not between the years 1900",
        ),
        ("[[goal]]\nslug = 'g'\ntitle = 'G'\nstart = 2026-01-01\ndeadline = 9999-12-31", "9999-12-31 is not between"),
    ],
)
def test_a_model_file_that_cannot_be_is_refused_whole(
    db: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], model: str, says: str
) -> None:
    (tmp_path / "m.toml").write_text("[[metric]]\nslug = 'first'\n" + model if "workspace" not in model else model)
    before = changes(db)
    code, out, err = run(capsys, "model", "apply", "m.toml", "--yes", "--db", db)
    assert (code, out) == (1, "")
    assert re.search(says, err) and err.count("\n") == 1
    assert changes(db) == before


@pytest.mark.parametrize("command", [("model", "apply"), ("model", "diff"), ("import",)])
def test_a_pipe_that_nobody_fills_is_refused_and_never_waited_for(
    db: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    code, _, err = run(capsys, *command, "pipe", "--db", db)
    assert code == 1 and "pipe is a pipe that nobody writes into" in err


def test_a_pipe_that_is_filled_is_read(db: str) -> None:
    script = '"$1" -m kpitui model apply <(sleep 0.1; echo "[workspace]"; echo "name = \'Piped\'") --db "$2"'
    folder = Path(cli.__file__).parents[2]
    done = subprocess.run(
        ["bash", "-c", script, "bash", sys.executable, db], cwd=folder, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(db) as raw:
        assert raw.execute("SELECT value FROM setting WHERE key = 'name'").fetchone() == ("Piped",)


@pytest.mark.parametrize("path", ["folder", "nothing", "/proc/self/mem", "x\x1b[2J", "n" * 300])
@pytest.mark.parametrize("command", [("model", "apply"), ("import",)])
def test_what_is_no_file_to_read_is_told_by_its_name(
    db: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...], path: str
) -> None:
    (tmp_path / "folder").mkdir()
    code, out, err = run(capsys, *command, path, "--db", db)
    assert (code, out) == (1, "") and not SEEN.search(err) and err.count("\n") == 1
    assert os.path.basename(path) in err or len(path) == 300 or "\x1b" in path


def test_closed_streams_lead_nowhere_and_what_is_asked_for_is_done(db: str) -> None:
    folder = Path(cli.__file__).parents[2]
    for closing in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        before = changes(db)
        script = f'"$1" -m kpitui record cac $RANDOM --on 2026-W40 --db "$2" {closing}'
        done = subprocess.run(["bash", "-c", script, "bash", sys.executable, db], cwd=folder, capture_output=True)
        assert done.returncode == 0 and b"Something went wrong" not in done.stderr
        assert changes(db) == before + 1
    script = '"$1" -m kpitui import - --db "$2" <&-'
    done = subprocess.run(["bash", "-c", script, "bash", sys.executable, db], cwd=folder, capture_output=True)
    assert done.returncode == 1 and b"standard input is empty" in done.stderr


def test_bytes_that_are_no_text_end_no_stream_of_values(db: str) -> None:
    for locale in ("C", "C.UTF-8", "en_US.UTF-8"):
        lines = b"cac\t2026-W40\t401\n\xff\xfe\t2026-W41\t1\nca\x00c\t2026-W41\t1\ncac\t2026-W42\t402\n"
        done = own("record", "-", "--db", db, input=lines, env={**os.environ, "LC_ALL": locale, "PYTHONUTF8": "0"})
        assert done.returncode == 1
        assert re.findall(rb"^(ok|refused)", done.stdout, re.M) == [b"ok", b"refused", b"refused", b"ok"]
        assert b"line 2: There is no metric" in done.stderr and b"Something" not in done.stderr


def test_a_word_of_the_call_that_is_no_text_is_told(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = changes(db)
    code, out, err = run(capsys, "record", os.fsdecode(b"\xff"), "5", "--db", db)
    assert (code, out) == (2, "") and "no UTF-8 text" in err
    assert changes(db) == before


def test_a_folder_that_was_removed_is_told(db: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "gone").mkdir()
    os.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    code, _, err = run(capsys, "status", "--db", "team.db")
    assert code == 1 and "The folder you are in does not exist any more" in err
    assert run(capsys, "status", "--db", db)[0] == 0


@pytest.mark.parametrize("today", ["9999-12-31", "0001-01-01", "2026-02-30", "20261120", "\x1b[2J"])
def test_a_today_that_nothing_can_be_worked_out_for(
    db: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, today: str
) -> None:
    monkeypatch.setenv("KPITUI_TODAY", today)
    code, out, err = run(capsys, "record", "cac", "5", "--db", db)
    assert (code, out) == (1, "") and err.startswith("kpitui: KPITUI_TODAY is ") and not SEEN.search(err)


@pytest.mark.parametrize(
    "text", ["db = 5", "db = 'team.db'", "x", "a = " + "[" * 5000, "db = 0x" + "f" * 5000, b"\xff"]
)
def test_a_config_that_leaves_open_which_workspace_is_meant_is_not_guessed_at(
    db: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str | bytes
) -> None:
    config = tmp_path / "config" / "kpitui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_bytes(text if isinstance(text, bytes) else text.encode())
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("KPITUI_DB", raising=False)
    code, _, err = run(capsys, "record", "cac", "5")
    assert code == 1 and "config.toml" in err and "--db" in err and err.count("\n") == 1
    assert run(capsys, "record", "cac", "5", "--note", "sure", "--db", db)[0] == 0


def test_a_pipe_in_the_place_of_the_config_stops_nothing(
    db: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config" / "kpitui").mkdir(parents=True)
    os.mkfifo(tmp_path / "config" / "kpitui" / "config.toml")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert run(capsys, "record", "cac", "396", "--db", db)[0] == 0


def spoil(path: str, sql: str, *args: object) -> None:
    """Another program's write: the guards are taken off first, as somebody hostile would."""
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute(sql, args)
    raw.close()


@pytest.mark.parametrize(
    "text",
    [
        "\x1b]52;c;aGk=\x07x",
        "\x9b2J\x1b[31mred",
        "\u202egnp.exe\u200b",
        "[bold]x[/bold] bad [/x] [@click=app.quit]q[/]",
        "X" * 10_000,
        "a\r\nb\x00c",
    ],
)
def test_text_put_in_by_another_program_is_shown_and_never_obeyed(
    db: str, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    for table, columns in {
        "metric": "name definition owner source",
        "goal": "title owner description",
        "scope": "name owner",
        "txn": "who host why summary",
        "change": "item what before after",
        "point": "entered note",
    }.items():
        for column in columns.split():
            spoil(db, f"UPDATE {table} SET {column} = ?", text)
    for command in READING:
        code, out, err = run(capsys, *command.split(), "--db", db)
        assert "Something went wrong" not in err, command
        assert code in (0, 1, 4), command
        assert not SEEN.search(out + err), command


@pytest.mark.parametrize("command", ["log", "log --json", "history cac", "show cac", "--plain log", "export log"])
def test_a_time_in_the_log_that_is_none_is_damage(db: str, capsys: pytest.CaptureFixture[str], command: str) -> None:
    spoil(db, "UPDATE txn SET at = ?", "\x1b]0;evil\x07zz")
    code, out, err = run(capsys, *command.split(), "--db", db)
    assert code in (0, 4) and "Something went wrong" not in err and not SEEN.search(out + err)
    if code == 4:
        assert "where a time must stand" in err and "kpitui check" in err


def test_a_value_that_its_column_cannot_hold_is_damage_in_every_command(
    db: str, capsys: pytest.CaptureFixture[str]
) -> None:
    loosely = "UPDATE sqlite_master SET sql = replace(sql, ') STRICT', ')') WHERE name = 'kpi'"
    strict = "UPDATE sqlite_master SET sql = sql || ' STRICT' WHERE name = 'kpi'"
    for sql in (loosely, "UPDATE kpi SET start = x'b4'", strict):
        with sqlite3.connect(db) as raw:
            raw.execute("PRAGMA writable_schema = ON")
            for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE name = 'kpi_update'").fetchall():
                raw.execute(f"DROP TRIGGER {name}")
            raw.execute(sql)
        raw.close()
    code, _, err = run(capsys, "status", "--db", db)
    assert code == 4 and "is damaged (non-INTEGER value in kpi.start" in err and err.count("\n") == 1


def test_a_file_that_is_emptied_while_open_acknowledges_nothing_more(db: str) -> None:
    command = [sys.executable, "-m", "kpitui", "record", "-", "--db", db]
    folder = Path(cli.__file__).parents[2]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=folder, text=True) as open_one:
        assert open_one.stdin and open_one.stdout
        open_one.stdin.write("cac\t2026-W40\t401\n")
        open_one.stdin.flush()
        assert open_one.stdout.readline().startswith("ok ")
        os.truncate(db, 0)
        out, err = open_one.communicate("cac\t2026-W41\t402\n", timeout=60)
    assert open_one.returncode == 9 and out.startswith("refused") and "NOT saved" in err


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE kpi SET start = 99999999, deadline = -99999999",
        "UPDATE kpi SET start = -700000, deadline = -699000",
        "UPDATE goal SET start = 99999999, deadline = -99999999",
        "UPDATE goal SET start = -700000, deadline = -699000",
        "UPDATE metric SET numerator_id = id, denominator_id = id",
        "UPDATE metric SET formula = slug",
        "UPDATE metric SET formula = 'a + ('",
        "UPDATE metric SET decimals = 500, hard_min = 5, hard_max = 1",
        "UPDATE goal SET parent_id = id",
        "UPDATE scope SET parent_id = id",
        "DELETE FROM scope",
        "DELETE FROM setting",
        "UPDATE change SET before = '{', after = '[1]'",
        'UPDATE change SET before = \'{"start": "x"}\', after = \'{"value": [1], "deadline": {}}\'',
    ],
)
def test_definitions_that_cannot_be_break_nothing_and_keep_nobody_waiting(
    db: str, capsys: pytest.CaptureFixture[str], sql: str
) -> None:
    spoil(db, sql)
    for command in READING:
        code, _, err = run(capsys, *command.split(), "--db", db)
        assert code in (0, 1, 4) and "Something went wrong" not in err, (command, err)


@pytest.mark.parametrize("command", ["status", "show cac"])
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-11-21"])
def test_as_of_a_day_that_nothing_is_known_of(
    db: str, capsys: pytest.CaptureFixture[str], command: str, day: str
) -> None:
    code, out, err = run(capsys, *command.split(), "--as-of", day, "--db", db)
    assert (code, out) == (1, "") and f"--as-of {day} is " in err and err.count("\n") == 1


@pytest.mark.parametrize("command", [f"actions done {10**22}", f"log --limit {10**22}", f"undo {10**22}"])
def test_a_number_that_nothing_can_have_is_wrong_usage(
    db: str, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    code, out, err = run(capsys, *command.split(), "--db", db)
    assert code in (1, 2) and out == "" and "Something went wrong" not in err and err.count("\n") == 1


def test_no_message_names_a_command_that_does_not_exist() -> None:
    package = Path(cli.__file__).parent.parent
    said = re.compile(r"(?:type|with|try|or|:|see|run|from) kpitui ([a-z]+)\b")
    named = {word for file in package.rglob("*.py") for word in said.findall(file.read_text(encoding="utf-8"))}
    unknown = named - set(COMMANDS) - {"opens", "help", "alone"}
    assert not unknown and {"init", "check", "status"} <= named
