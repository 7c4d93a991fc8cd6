"""`kpitui`: the screens; where there is no terminal for them, the same as plain lines."""

from __future__ import annotations

import os

from kpitui.errors import WrongUsage
from kpitui.keys import KEPT_FREE, TABS

USAGE = """Usage: kpitui [--db PATH] [tui] [SCREEN] [--mouse | --no-mouse] [--ascii] [--themes DIR]

Open the screens. SCREEN is one of {screens}.

  --mouse, --no-mouse  take the mouse, or leave it to the terminal for selecting text
  --ascii              signs that every terminal has
  --themes DIR         look for themes in this folder, too

Without a terminal, or with TERM=dumb, the screen is printed as plain lines.
"""


def run(words: list[str], db: str | None) -> int:
    """Open the screens of the chosen workspace."""
    start, mouse, ascii_only, themes = None, None, False, None
    names = [name for name, *_ in TABS if name not in KEPT_FREE]
    rest = iter(words)
    for word in rest:
        if word in ("--help", "-h"):
            from kpitui.cli.output import emit

            emit(USAGE.format(screens=", ".join(names)).rstrip())
            return 0
        if word in ("--mouse", "--no-mouse"):
            mouse = word == "--mouse"
        elif word == "--ascii":
            ascii_only = True
        elif word == "--themes":
            themes = next(rest, None)
            if themes is None:
                raise WrongUsage("--themes needs a folder after it.")
        elif word.startswith("--themes="):
            themes = word.removeprefix("--themes=")
        elif word in names and start is None:
            start = word
        else:
            from kpitui.text import cut

            raise WrongUsage(f"kpitui does not know “{cut(word, 40)}”. kpitui tui --help tells what it takes.")
    if themes is not None and not os.path.isdir(themes):
        from kpitui.text import cut

        raise WrongUsage(f"--themes {cut(themes, 60)} is no folder.")
    from kpitui.tui.terminal import too_plain

    if too_plain(os.environ):
        from kpitui.cli.plain import print_plain

        print_plain(start or "home", db)
        return 0
    from kpitui.cli.opening import absent, chosen_workspace, missing
    from kpitui.errors import NotFound
    from kpitui.tui.launch import launch

    chosen = chosen_workspace(db)
    own = chosen.by == "own"
    if not own and absent(chosen.path):
        raise NotFound(missing(chosen))
    return launch(chosen.path, own=own, start=start, mouse=mouse, ascii_only=ascii_only, themes=themes)
