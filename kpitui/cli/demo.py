"""`kpitui demo`: a made-up company with two years of data, to look at and to try things on."""

from __future__ import annotations

import os

import click

from kpitui.cli import output


@click.command(help="Open a made-up company with two years of data. Nothing of it is kept, unless --keep says where.")
@click.option("--seed", type=click.IntRange(0), default=1, metavar="N", help="Other numbers, the same company.")
@click.option("--size", type=click.Choice(["small", "large"]), default="small", help="large: 1.8 million more values.")
@click.option("--keep", metavar="PATH", help="Only write it to PATH, a new workspace, and open nothing.")
def command(seed: int, size: str, keep: str | None) -> int:
    if keep is not None:
        path = os.path.abspath(os.path.expanduser(keep))
        write(path, seed, size)
        output.say(f"Wrote the demo to {path}: open it with kpitui --db {quoted(path)}")
        return 0
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="kpitui-demo-")
    try:
        path = os.path.join(folder, "demo.db")
        write(path, seed, size)
        from kpitui.cli import tui

        output.say("A made-up company: nothing you do here is saved.")
        return tui.run([], path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write(path: str, seed: int, size: str) -> None:
    from kpitui import clock
    from kpitui.domain.periods import to_day
    from kpitui.services import demo

    demo.make(path, to_day(clock.today(os.environ, "UTC")), seed=seed, size=size).close()


def quoted(path: str) -> str:
    import shlex

    return shlex.quote(path)
