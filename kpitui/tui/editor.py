"""A line written in the person's own editor."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING

from kpitui.domain.problem import Problem

if TYPE_CHECKING:
    from textual.app import App


def edited(app: App[None], text: str) -> str:
    """`text` as it is after $VISUAL or $EDITOR; the screens stand aside meanwhile.

    The file lies in a folder only its owner can enter. Raises Problem when no editor is set or it cannot be run.
    """
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not command:
        raise Problem("No editor is set: put its name into the variable EDITOR.")
    with tempfile.TemporaryDirectory(prefix="kpitui-") as folder:
        path = os.path.join(folder, "line.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        try:
            words = command_of(command)
            with app.suspend():
                code = subprocess.run([*words, path], check=False).returncode
        except (OSError, ValueError) as error:
            raise Problem(f"The editor {command} cannot be run ({error}). Check the variable EDITOR.") from error
        if code:
            raise Problem(f"The editor ended with {code}: the line is as it was.")
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()


def command_of(line: str) -> list[str]:
    """The words of a command, the program by its whole path; folders of PATH that depend on where one is do not count,
    or a program that somebody put into a shared folder would be run there. Raises FileNotFoundError, ValueError."""
    words = shlex.split(line)
    folders = [one for one in os.environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(one)]
    program = shutil.which(words[0], path=os.pathsep.join(folders)) if words else None
    if program is None:
        raise FileNotFoundError(errno.ENOENT, "not found in PATH")
    if not os.path.isabs(program):  # bin/vi: `which` does not look such words up
        raise FileNotFoundError(errno.ENOENT, "it depends on the folder you are in: give its whole path")
    return [program, *words[1:]]
