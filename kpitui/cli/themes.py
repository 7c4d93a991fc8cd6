"""`kpitui themes`: the colour themes, where each comes from, and what is wrong with those that cannot be used."""

from __future__ import annotations

import click

from kpitui import config, paths
from kpitui.cli import output


@click.command(help="The colour themes, where each comes from, and what is wrong with files that cannot be used.")
@click.option("--themes", "folder", metavar="DIR", help="Look in this folder, too; its themes win.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def command(context: click.Context, folder: str | None, as_json: bool) -> None:
    from kpitui import themes

    found = themes.load_themes(paths.theme_folders(extra=folder))
    chosen = found.find(config.load().config.theme)
    listed = []
    for spec in sorted(found.by_name.values()):
        theme = spec.textual()
        least = min(themes.contrasts(theme).values(), default=None)
        listed.append(
            {
                "name": spec.name,
                "path": spec.path,
                "in_use": spec is chosen,
                "dark": theme.dark,
                "terminal_colours": theme.ansi,
                "least_contrast": None if least is None else round(least, 2),
            }
        )
    if as_json:
        output.emit_json({"themes": listed, "problems": found.problems})
    else:
        rows = [
            (
                ">" if theme["in_use"] else " ",
                theme["name"],
                "terminal" if theme["terminal_colours"] else "dark" if theme["dark"] else "light",
                theme["least_contrast"],
                theme["path"],
            )
            for theme in listed
        ]
        output.emit(output.table(("", "theme", "ground", "contrast", "from"), rows, right=(3,), widest=200))
        for problem in found.problems:
            output.say(problem)
    if found.problems:
        context.exit(1)
