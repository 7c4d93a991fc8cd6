from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click
import pytest

from kpitui import __main__, __version__, errors, paths
from kpitui.cli import main as cli
from kpitui.domain.problem import Problem

Kpitui = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a command called `probe` among the others: a click command, or a `run` function."""

    def put(**attributes: object) -> None:
        module = ModuleType("kpitui.cli.probe")
        vars(module).update(attributes)
        monkeypatch.setitem(sys.modules, "kpitui.cli.probe", module)
        monkeypatch.setitem(cli.COMMANDS, "probe", ("kpitui.cli.probe", "a probe"))

    return put


@pytest.fixture
def words(command: Callable[..., None]) -> list[object]:
    """What the probe was called with: its words and the workspace."""
    seen: list[object] = []

    def run(argv: list[str], db: str | None) -> int:
        seen.extend((argv, db))
        return 0

    command(run=run)
    return seen


def raising(command: Callable[..., None], error: BaseException) -> None:
    def run(argv: list[str], db: str | None) -> int:
        raise error

    command(run=run)


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"], ["--db", "x", "--help"]])
def test_help_lists_every_command(kpitui: Kpitui, words: list[str]) -> None:
    code, out, err = kpitui(*words)
    assert (code, err) == (0, "")
    assert all(f"  {name}" in out for name in cli.COMMANDS)


def test_version(kpitui: Kpitui) -> None:
    assert kpitui("--version") == (0, f"kpitui {__version__}\n", "")


def test_every_command_has_its_module_and_its_help(kpitui: Kpitui) -> None:
    for name, (module, _) in cli.COMMANDS.items():
        found = import_module(module)
        assert hasattr(found, "run") or isinstance(found.command, click.Command), module
        code, out, err = kpitui(name, "--help")
        assert (code, err) == (0, ""), name
        assert "Usage: kpitui" in out, name


def test_an_unknown_command_is_answered_with_the_nearest(kpitui: Kpitui) -> None:
    assert kpitui("tree")[2].endswith("no command “tree”: kpitui tui tree opens that screen.\n")
    assert kpitui("staus") == (2, "", "kpitui: kpitui has no command “staus”. Did you mean kpitui status?\n")
    assert "kpitui --help lists" in kpitui("xyzzy")[2]
    assert "\x1b" not in kpitui("\x1b]0;x\x07")[2]


@pytest.mark.parametrize(
    "given",
    [
        ("--db", "a.db", "probe", "x", "-y"),
        ("--db=a.db", "probe", "x", "-y"),
        ("probe", "--db", "a.db", "x", "-y"),
        ("probe", "x", "-y", "--db=a.db"),
    ],
)
def test_the_workspace_may_be_named_before_or_after(
    kpitui: Kpitui, words: list[object], given: tuple[str, ...]
) -> None:
    assert kpitui(*given)[0] == 0
    assert words == [["x", "-y"], "a.db"]


def test_after_two_dashes_nothing_is_an_option_of_ours(kpitui: Kpitui, words: list[object]) -> None:
    kpitui("probe", "--", "--db", "-5")
    assert words == [["--", "--db", "-5"], None]


@pytest.mark.parametrize("given", [("probe", "--db"), ("probe", "--db="), ("--db", "", "probe")])
def test_a_workspace_without_a_path_is_wrong_usage(kpitui: Kpitui, words: list[object], given: tuple[str, ...]) -> None:
    code, _, err = kpitui(*given)
    assert code == 2
    assert err.startswith("kpitui: --db ")
    assert not words


@pytest.mark.parametrize(
    ("given", "module", "rest"),
    [
        ((), "kpitui.cli.tui", []),
        (("--mouse",), "kpitui.cli.tui", ["--mouse"]),
        (("--plain",), "kpitui.cli.plain", []),
        (("--plain", "tree"), "kpitui.cli.plain", ["tree"]),
        (("tree", "--plain"), "kpitui.cli.plain", ["tree"]),
    ],
)
def test_without_a_command_the_screens_open(
    kpitui: Kpitui, monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...], module: str, rest: list[str]
) -> None:
    seen: list[object] = []
    stand_in = ModuleType(module)
    vars(stand_in)["run"] = lambda argv, db: seen.append(argv) or 0
    monkeypatch.setitem(sys.modules, module, stand_in)
    assert kpitui(*given)[0] == 0
    assert seen == [rest]


KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.KpituiError)]


@pytest.mark.parametrize("kind", [*KINDS, Problem])
def test_what_cannot_be_done_is_one_sentence_and_its_code(
    kpitui: Kpitui, command: Callable[..., None], kind: type[Exception]
) -> None:
    raising(command, kind("No such\nmetric \x1b[31m“x”."))
    # The screens ask for the reason themselves.
    hint = " --why TEXT does." if kind is errors.NeedsReason else ""
    assert kpitui("probe") == (getattr(kind, "exit_code", 1), "", f"kpitui: No such metric “x”.{hint}\n")


def test_ctrl_c_is_quiet(kpitui: Kpitui, command: Callable[..., None]) -> None:
    raising(command, KeyboardInterrupt())
    assert kpitui("probe") == (130, "", "")


def test_what_the_system_refuses_is_said_with_its_file(kpitui: Kpitui, command: Callable[..., None]) -> None:
    raising(command, PermissionError(13, "Permission denied", "/root/x"))
    assert kpitui("probe") == (1, "", "kpitui: Permission denied (/root/x).\n")
    raising(command, OSError(28, "No space left on device"))
    assert kpitui("probe")[0] == 7


def test_the_unforeseen_leaves_a_private_report_without_values(kpitui: Kpitui, command: Callable[..., None]) -> None:
    def run(argv: list[str], db: str | None) -> int:
        secret = "hunter" + "2"
        raise RuntimeError("the cause" + secret[:0])

    command(run=run)
    code, out, err = kpitui("probe", "some-value")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    (report,) = Path(paths.crash_folder()).iterdir()
    assert str(report) in err
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert stat.S_IMODE(report.parent.stat().st_mode) == 0o700
    text = report.read_text()
    assert "RuntimeError: the cause" in text
    assert f"kpitui {__version__}" in text
    assert "hunter2" not in text and "some-value" not in text


def test_another_version_installed_meanwhile_is_said_and_no_report_is_left(
    kpitui: Kpitui, command: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed = tmp_path / "__init__.py"
    installed.write_text('__version__ = "99.1"')
    monkeypatch.setattr("kpitui.__file__", str(installed))
    raising(command, ImportError("cannot import name 'Overtaken' from 'kpitui.errors'"))
    code, _, err = kpitui("probe")
    assert code == 1 and "kpitui 99.1 was installed while" in err and "start it again" in err
    assert not Path(paths.crash_folder()).exists()


def test_without_a_place_for_the_report_the_sentence_still_comes(kpitui: Kpitui, command: Callable[..., None]) -> None:
    raising(command, RuntimeError("x"))
    Path(paths.state_folder()).parent.mkdir(parents=True)
    Path(paths.state_folder()).write_text("in the way")
    code, _, err = kpitui("probe")
    assert code == 1
    assert "no report could be written" in err


@click.command()
@click.argument("item")
@click.option("--last", type=int)
@click.pass_obj
def probe(db: str | None, item: str, last: int | None) -> int | None:
    if item == "ask":
        raise click.Abort
    click.echo(f"{item} {last} {db}")
    return last


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        (("x", "--db", "a.db"), (0, "x None a.db\n", "")),
        (("x", "--last", "3"), (3, "x 3 None\n", "")),
        ((), (2, "", "kpitui: Missing argument 'ITEM'. See kpitui probe --help.\n")),
        (("x", "--lst"), (2, "", "kpitui: No such option '--lst'. Did you mean '--last'? See kpitui probe --help.\n")),
        (("ask",), (1, "", "")),
    ],
)
def test_click_commands_get_the_workspace_and_end_as_the_others(
    kpitui: Kpitui, command: Callable[..., None], given: tuple[str, ...], answer: tuple[int, str, str]
) -> None:
    command(command=probe)
    assert kpitui("probe", *given) == answer


def test_help_of_a_command_names_the_workspace(kpitui: Kpitui, command: Callable[..., None]) -> None:
    command(command=probe)
    code, out, _ = kpitui("help", "probe")
    assert code == 0
    assert "Usage: kpitui probe [OPTIONS] ITEM" in out
    assert "--db PATH" in out


def run_shell(line: str) -> subprocess.CompletedProcess[str]:
    kpitui = f"{sys.executable} -c 'import sys; from kpitui.cli.main import main; sys.exit(main())'"
    line = f"set -o pipefail; {line.replace('kpitui', kpitui)}"
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=Path(__file__).parents[2])


def test_a_reader_who_leaves_is_no_error() -> None:
    ran = run_shell("(kpitui --help; kpitui --help) | true")
    assert (ran.returncode, ran.stderr) in [(141, ""), (0, "")]


def test_a_full_disk_behind_the_output_is_said() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    ran = run_shell("kpitui where > /dev/full")
    assert ran.returncode == 7
    assert ran.stderr.startswith("kpitui: The disk is full: ") and ran.stderr.endswith(
        "look before you type it again.\n"
    )


def test_a_terminal_without_unicode_gets_the_sentence() -> None:
    ran = run_shell("PYTHONIOENCODING=ascii kpitui xyzzy")
    assert ran.returncode == 2
    assert "no command ?xyzzy?" in ran.stderr


def test_only_a_checkouts_own_folder_may_run_it_as_a_module(tmp_path: Path) -> None:
    package = str(tmp_path / "checkout" / "kpitui")
    checkout, shared = str(tmp_path / "checkout"), str(tmp_path / "shared")
    os.makedirs(package)
    os.makedirs(shared)
    (tmp_path / "link").symlink_to(shared)
    assert not __main__.planted(checkout, checkout, package)
    assert __main__.planted(shared, shared, package)
    assert __main__.planted("", shared, package)
    assert __main__.planted(str(tmp_path / "link"), shared, package)
    assert not __main__.planted("/usr/lib/python3", shared, package)
