"""`kpitui demo`: a made-up company with two years of data, to look at and to try things on."""

from __future__ import annotations

import os

import click

from kpitui.cli import output

FOLDER = "kpitui-demo-"
WORDS = "A made-up company: try anything, nothing is saved"


@click.command(help="Open a made-up company with two years of data. Nothing of it is kept, unless --keep says where.")
@click.option("--seed", type=click.IntRange(0), default=1, metavar="N", help="Other numbers, the same company.")
@click.option("--size", type=click.Choice(["small", "large"]), default="small", help="large: 1.8 million more values.")
@click.option("--keep", metavar="PATH", help="Only write it to PATH, a new workspace, and open nothing.")
@click.pass_obj
def command(db: str | None, seed: int, size: str, keep: str | None) -> int:
    if db is not None:
        raise click.UsageError("The demo has a workspace of its own: kpitui demo --keep PATH says where.")
    if keep is not None:
        path = os.path.abspath(os.path.expanduser(keep))
        write(path, seed, size)
        output.say(f"Wrote the demo to {path}. Open it: kpitui --db {quoted(path)}")
        return 0
    import shutil
    import tempfile

    remove_left_behind(tempfile.gettempdir())
    folder = tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-")
    try:
        path = os.path.join(folder, "demo.db")
        write(path, seed, size)
        return show(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write(path: str, seed: int, size: str) -> None:
    from kpitui import clock, witness
    from kpitui.domain.periods import to_day
    from kpitui.services import demo

    if size == "large":
        output.say("Making 1.8 million values: this takes about half a minute.")
    witness.forget(path)
    demo.make(path, to_day(clock.today(os.environ, "UTC")), seed=seed, size=size).close()


def show(path: str) -> int:
    """The screens, or plain lines where there are none."""
    from kpitui.tui.terminal import too_plain

    if too_plain(os.environ):
        from kpitui.cli.plain import print_plain

        print_plain("home", path)
        output.say(f"{WORDS}.")
        return 0
    from kpitui.tui.launch import launch

    return launch(path, messages=(WORDS,), watch=False)


def remove_left_behind(folder: str) -> None:
    """Removes the demos of this account whose terminal was closed under them: nobody tidied up then."""
    import shutil

    for name in os.listdir(folder):
        number = name.removeprefix(FOLDER).partition("-")[0]
        path = os.path.join(folder, name)
        if name.startswith(FOLDER) and number.isdecimal() and mine(path) and not running(int(number)):
            shutil.rmtree(path, ignore_errors=True)


def mine(path: str) -> bool:
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return os.path.isdir(path) and not os.path.islink(path) and (os.name == "nt" or found.st_uid == os.getuid())


def running(pid: int) -> bool:
    if os.name == "nt":
        return True  # there, asking would end it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def quoted(path: str) -> str:
    import shlex

    return shlex.quote(path)
