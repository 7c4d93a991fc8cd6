"""Picks the command, and turns whatever goes wrong into one sentence and an exit code.

Only the module of the command asked for is imported, and click only for those that use it: `kpitui tell` runs at every
login and `kpitui record` in loops.
"""

from __future__ import annotations

import gc
import os
import sys

from kpitui import __version__
from kpitui.cli import streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# name: (module, what it does). The module holds a click command named `command`, or, where speed counts,
# `run(argv, db) -> exit code`.
COMMANDS: dict[str, tuple[str, str]] = {
    "tui": ("kpitui.cli.tui", "open the screens (so does kpitui alone)"),
    "init": ("kpitui.cli.init", "make a workspace"),
    "demo": ("kpitui.cli.demo", "open, or keep, a made-up company with two years of data"),
    "calendar": ("kpitui.cli.calendar", "how time is cut: weeks, fiscal or 52/53-week years, periods, holidays"),
    "model": ("kpitui.cli.model", "the whole set-up as one TOML file: export, apply, diff"),
    "library": ("kpitui.cli.library", "templates to start from: list, show, use, save"),
    "record": ("kpitui.cli.record", "save one value, or many from standard input"),
    "history": ("kpitui.cli.history", "every revision of a metric's values"),
    "import": ("kpitui.cli.imports", "values from a CSV, TSV, JSON or XLSX file: preview, then all or nothing"),
    "status": ("kpitui.cli.status", "the scorecard"),
    "show": ("kpitui.cli.show", "one goal, KPI or metric in full"),
    "why": ("kpitui.cli.why", "what moved a metric from one period to another"),
    "leading": ("kpitui.cli.leading", "which metrics have moved before which KPIs"),
    "whatif": ("kpitui.cli.whatif", "what would be with other values, and what each driver must reach"),
    "forecast": ("kpitui.cli.forecast", "where a metric is heading, and the chance of making it"),
    "signals": ("kpitui.cli.signals", "natural limits of a metric, and which of its values are more than noise"),
    "goals": ("kpitui.cli.goals", "the goals, how past ones ended, and rolling one over to next year"),
    "due": ("kpitui.cli.due", "what is owed, late first"),
    "report": ("kpitui.cli.report", "a week, month or quarter to be read: txt, md, html or json"),
    "tell": ("kpitui.cli.tell", "the goal, its pace and what I owe, in three lines"),
    "review": ("kpitui.cli.review", "reviews: start, follow, write, sign, and the past ones"),
    "actions": ("kpitui.cli.actions", "what was agreed, by whom, until when"),
    "annotate": ("kpitui.cli.annotate", "a dated note on a metric or goal"),
    "audit": ("kpitui.cli.audit", "values that somebody should look at, and accepting them"),
    "doctor": ("kpitui.cli.doctor", "what is wrong with the set-up or the data"),
    "members": ("kpitui.cli.members", "who may do what: reader, contributor, editor, admin"),
    "propose": ("kpitui.cli.propose", "ask for a correction that is somebody else's to make"),
    "proposals": ("kpitui.cli.proposals", "what is proposed; accept or decline it"),
    "close": ("kpitui.cli.close", "close a period: what changes there needs a reason and is shown"),
    "reopen": ("kpitui.cli.reopen", "open a closed period again"),
    "restatements": ("kpitui.cli.restatements", "values changed in closed periods: was, now, by whom, why"),
    "log": ("kpitui.cli.log", "who changed what, when and why"),
    "undo": ("kpitui.cli.undo", "take back your last change"),
    "redo": ("kpitui.cli.redo", "put back what undo took"),
    "export": ("kpitui.cli.export", "points, definitions or the log as CSV or JSON"),
    "backup": ("kpitui.cli.backup", "a verified copy of the workspace; the list of those there are"),
    "restore": ("kpitui.cli.restore", "a backup back in the place of the workspace"),
    "check": ("kpitui.cli.check", "is this workspace sound, its permissions right, its log intact"),
    "where": ("kpitui.cli.where", "every path in use"),
    "keys": ("kpitui.cli.keys", "every key"),
    "themes": ("kpitui.cli.themes", "themes and their errors"),
}
PLAIN = "kpitui.cli.plain"
USAGE = "Usage: kpitui [COMMAND] [--db PATH] …"
SHORT = ("tell", "record")
"""Commands that are over before there is garbage: to look for it would take a twentieth of their time."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command named by `argv` (default: the process's) and give its exit code."""
    streams.make_usable()
    words = list(sys.argv[1:] if argv is None else argv)
    code = _guarded(words)
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _broken(error) if code == 0 else code
        _silence_stdout()
    if argv is None:
        # The process ends here, and nobody needs to look through what it held.
        gc.freeze()
    return code


def _guarded(words: list[str]) -> int:
    from kpitui.domain.problem import Problem
    from kpitui.errors import KpituiError, NeedsReason

    name, db = "kpitui", None
    try:
        db, words = _without_db(words)
        name, rest = _chosen(words)
        return _run(name, rest, db)
    except NeedsReason as error:
        return _say(f"{error} --why TEXT does.", error.exit_code)
    except (Problem, KpituiError) as error:
        return _say(str(error), getattr(error, "exit_code", 1))
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        return _broken(error)
    except UnicodeEncodeError as error:
        if not _not_text(words):
            return _unexpected(error, name, db)
        return _say("The command has bytes in it that are no UTF-8 text, and they cannot be kept: type it anew.", 2)
    except OverflowError as error:
        if not any(word.lstrip("-").isdigit() and len(word) > 18 for word in words):
            return _unexpected(error, name, db)
        return _say("A number in the command is too large to be one of anything here: type it anew.", 2)
    except Exception as error:
        return _unexpected(error, name, db)


def _not_text(words: list[str]) -> bool:
    """Whether a word has bytes that are no UTF-8. Paths may; SQLite takes them for nothing else."""
    return any("\ud800" <= char <= "\udfff" for word in words for char in word)


def _without_db(words: list[str]) -> tuple[str | None, list[str]]:
    """The value of `--db`, wherever it stands before a `--`, and the other words."""
    from kpitui.errors import WrongUsage

    db, rest = None, []
    position = 0
    while position < len(words):
        word = words[position]
        if word == "--":
            rest += words[position:]
            break
        if word == "--db":
            position += 1
            if position == len(words):
                raise WrongUsage("--db needs the path of a workspace after it.")
            db = words[position]
        elif word.startswith("--db="):
            db = word[len("--db=") :]
        else:
            rest.append(word)
        position += 1
    if db == "":
        raise WrongUsage("--db is empty: give the path of a workspace.")
    return db, rest


def _chosen(words: list[str]) -> tuple[str, list[str]]:
    """The command's name and its own words; options alone belong to the screens."""
    if not words:
        return "tui", []
    first = words[0]
    if first in COMMANDS or first in ("--help", "-h", "help", "--version"):
        return first, words[1:]
    if "--plain" in words:
        words.remove("--plain")
        return "--plain", words
    if first.startswith("-"):
        return "tui", words
    raise _unknown(first)


def _run(name: str, words: list[str], db: str | None) -> int:
    if name in ("--help", "-h", "help"):
        if words and words[0] in COMMANDS:
            return _run(words[0], ["--help"], db)
        from kpitui.cli.output import showable

        sys.stdout.write(showable(usage()))
        return 0
    if name == "--version":
        sys.stdout.write(f"kpitui {__version__}\n")
        return 0
    if name in SHORT:
        gc.disable()
    try:
        return _by_name(name, words, db)
    finally:
        if name in SHORT:
            gc.enable()


def _by_name(name: str, words: list[str], db: str | None) -> int:
    import importlib

    module = importlib.import_module(PLAIN if name == "--plain" else COMMANDS[name][0])
    run: Callable[[list[str], str | None], int] | None = getattr(module, "run", None)
    if run is not None:
        return run(words, db)
    return _click(module.command, f"kpitui {name}", words, db)


def _click(command: object, name: str, words: list[str], db: str | None) -> int:
    """Run a click command with `db` as its object. Its own `main` would print errors and leave by itself."""
    import click

    from kpitui.cli.output import showable

    class Formatter(click.HelpFormatter):
        def getvalue(self) -> str:
            return showable(super().getvalue())

    assert isinstance(command, click.Command)
    click.Context.formatter_class = Formatter
    command.epilog = command.epilog or "--db PATH, or the variable KPITUI_DB, chooses the workspace."
    try:
        with command.make_context(name, words, obj=db) as context:
            result = command.invoke(context)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.exceptions.NoArgsIsHelpError as missing:
        sys.stderr.write(showable(missing.format_message()) + "\n")
        return 2
    except click.UsageError as error:
        return _say(f"{_sentence(error.format_message())} See {_path(error, name)} --help.", 2)
    except click.ClickException as error:
        return _say(_sentence(error.format_message()), error.exit_code)
    except click.Abort as stopped:
        return 130 if isinstance(stopped.__cause__, KeyboardInterrupt) else 1
    # True and False are answers of a function, not exit codes.
    return result if type(result) is int else 0


def _path(error: object, name: str) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context else name


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "?", "!")) else text + "."


def usage() -> str:
    """What `kpitui --help` prints."""
    lines = [USAGE, "", "Goals, metrics and KPIs of a team in one SQLite file. Alone, kpitui opens the screens.", ""]
    lines += [f"  {name:<13}{does}" for name, (_, does) in COMMANDS.items()]
    lines += [
        "",
        "  --db PATH         the workspace, before or after the command; also KPITUI_DB",
        "  --plain [SCREEN]  a screen as plain lines",
        "  --version         the version",
        "",
        "kpitui COMMAND --help tells more. Exit codes: 0 done, 1 refused or findings, 2 wrong usage, 3 conflict,",
        "4 damaged or not ours, 5 busy, 6 read only, 7 disk full, 8 newer schema, 9 file replaced.",
    ]
    return "\n".join(lines) + "\n"


def _unknown(word: str) -> Exception:
    from difflib import get_close_matches

    from kpitui.errors import WrongUsage
    from kpitui.keys import KEPT_FREE, TABS
    from kpitui.text import cut

    if word in {name for name, *_ in TABS} - set(KEPT_FREE):
        return WrongUsage(f"kpitui has no command “{word}”: kpitui tui {word} opens that screen.")
    near = get_close_matches(word, COMMANDS, 1)
    hint = f"Did you mean kpitui {near[0]}?" if near else "kpitui --help lists the commands."
    return WrongUsage(f"kpitui has no command “{cut(word, 40)}”. {hint}")


def _say(text: str, code: int) -> int:
    from kpitui.cli.output import showable
    from kpitui.text import clean

    try:
        sys.stderr.write(showable(f"kpitui: {clean(text)}\n"))
        sys.stderr.flush()
    except OSError:
        pass  # nobody can be told; the exit code says it
    return code


def _broken(error: OSError) -> int:
    import errno

    if isinstance(error, BrokenPipeError):
        _silence_stdout()
        return 141  # as a shell would say: whoever read us has seen enough
    if isinstance(error, FileNotFoundError) and error.filename is None:
        # Only the system's answer to "where am I?" names no file.
        return _say("The folder you are in does not exist any more: change to another one, or give full paths.", 1)
    place = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        if not place:
            # Of what this program writes only its output has no name, and that comes after the saving.
            return _say("The disk is full: not all that was to be said could be written. What had been saved by then "
                        "is saved: look before you type it again.", 7)  # fmt: skip
        return _say(f"The disk is full{place}: make room and try again.", 7)
    return _say(f"{error.strerror or error}{place}.", 1)


def _silence_stdout() -> None:
    """Python flushes once more when it ends, and complains on the screen if that fails again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _replaced_by() -> str:
    """The version that stands where this program came from, when it is another one by now.

    Modules are loaded when they are needed: those of another version do not fit the ones that are here already.
    """
    import kpitui

    try:
        with open(kpitui.__file__, encoding="utf-8") as file:
            found = file.read().partition('__version__ = "')[2].partition('"')[0]
    except OSError:
        return ""
    return found if found != __version__ else ""


def _unexpected(error: Exception, name: str, db: str | None) -> int:
    from kpitui.cli.crash import write_report
    from kpitui.errors import Damaged

    spoiled = _damage(db)
    if spoiled:
        return _say(spoiled, Damaged.exit_code)
    if newer := _replaced_by():
        return _say(f"kpitui {newer} was installed while {__version__} ran here: start it again. What was saved before "
                    "is safe.", 1)  # fmt: skip
    report = write_report(error, name)
    kept = f"a report is in {report}" if report else "no report could be written"
    return _say(f"Something went wrong inside kpitui {name}; {kept}. What was saved before is safe.", 1)


def _damage(db: str | None) -> str:
    """The sentence for a workspace in which stands what cannot: nobody foresees all of that. Empty when it is sound."""
    from kpitui.cli.opening import open_store

    try:
        with open_store(db) as store:
            from kpitui.storage.verify import altered_schema, damage, verify

            found = damage(store) or altered_schema(store) or verify(store)
            if not found:
                return ""
            return (
                f"{store.path} is damaged ({found[0].rstrip('.')}). kpitui check says more: put a backup in its place."
            )
    except Exception:
        # Something went wrong already: that is what is told then.
        return ""
