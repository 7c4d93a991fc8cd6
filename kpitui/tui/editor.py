"""A line written in the person's own editor."""

from __future__ import annotations

import os
import shlex
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
            with app.suspend():
                code = subprocess.run([*shlex.split(command), path], check=False).returncode
        except (OSError, ValueError) as error:
            raise Problem(f"The editor {command} cannot be run ({error}). Check the variable EDITOR.") from error
        if code:
            raise Problem(f"The editor ended with {code}: the line is as it was.")
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
