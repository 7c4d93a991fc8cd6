"""`kpitui keys`: every key, as you have set them."""

from __future__ import annotations

import click

from kpitui import config, key_list, keys
from kpitui.cli import output


@click.command(help="Every key and what it does, with your own settings in place.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--markdown", is_flag=True, help="The shipped keys as the page of the guide.")
def command(as_json: bool, markdown: bool) -> None:
    if markdown:
        output.for_files()
        click.echo(key_list.as_markdown(), nl=False)
        return
    loaded = config.load()
    table = keys.rebound(keys.from_config(loaded.config.keys))
    for message in loaded.messages:
        output.say(message)
    if as_json:
        output.emit_json(key_list.as_rows(table))
    else:
        output.emit(key_list.as_text(table))
