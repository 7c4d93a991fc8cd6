"""The table of keys written out: for a person, for programs, and as the page of the guide."""

from __future__ import annotations

from collections.abc import Iterable

from kpitui.keys import GROUPS, KEPT_FREE, PREFIX, VERBS, Verb, label, shown


def as_rows(table: Iterable[Verb] = VERBS) -> list[dict[str, object]]:
    """The table for programs."""
    return [
        {
            "id": verb.id,
            "keys": verb.keys.split(),
            "after_g": verb.go or None,
            "verb": verb.verb,
            "help": verb.help,
            "group": verb.group,
            "screens": list(verb.screens),
        }
        for verb in _there(table)
    ]


def as_text(table: Iterable[Verb] = VERBS) -> str:
    """The table for a person, a group a paragraph."""
    table = _there(table)
    lines: list[str] = []
    for group in GROUPS:
        lines += ["", group] if lines else [group]
        for verb in table:
            if verb.group == group:
                where = f"{verb.screens[0]}: " if group == "Only here" else ""
                lines.append(f"  {label(verb, 'enter'):<24} {where}{verb.help}")
    return "\n".join(lines)


def as_markdown(table: Iterable[Verb] = VERBS) -> str:
    """docs/keys.md; a test holds the file to it."""
    table = _there(table)
    lines = [
        "# Keys",
        "",
        "Written by `kpitui keys --markdown`; a test keeps it in step with the program. `g h` is `g`, then `h`, with",
        "all the time you want between them. The keys of everything but value cells and text lines can be changed: in",
        'Settings, or in the configuration file under `[keys]` by name, as in `undo = "ctrl+y"`.',
    ]
    for group in GROUPS:
        lines += ["", f"## {group}", "", "| Key | Does | Name |", "|---|---|---|"]
        for verb in table:
            if verb.group == group:
                keys = ", ".join(f"`{key}`" for key in [*(shown(k, "enter") for k in verb.keys.split())])
                if verb.go:
                    keys += (", " if keys else "") + f"`{PREFIX} {verb.go}`"
                where = f"{verb.screens[0].capitalize()}: " if group == "Only here" else ""
                lines.append(f"| {keys} | {where}{verb.help} | {verb.id} |".replace("`|`", "`\\|`"))
    return "\n".join(lines) + "\n"


def _there(table: Iterable[Verb]) -> tuple[Verb, ...]:
    return tuple(verb for verb in table if verb.id not in KEPT_FREE)
