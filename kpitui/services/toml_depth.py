"""How deep the tables of a TOML text may lie, asked before it is read.

`tomllib` takes time that grows with the square of the parts of a dotted key: 200 KB of `a.a.a…`, in a template that
somebody puts beside a team's workspace, would keep everybody's library for minutes.
"""

from __future__ import annotations

import re

DEEPEST = 50
# A part is a bare word or a quoted one, which may hold anything. Longer ones are not looked through: of those a file
# has few, and to look for the end of each would itself take time that grows with the square.
_PART = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.){0,200}+"|'[^'\n]{0,200}+')"""
_DOTTED = re.compile(rf"(?<![\w\"'-])(?:{_PART}[ \t]*+\.[ \t]*+){{{DEEPEST}}}")


def too_deep(text: str) -> bool:
    """Whether a key in it has more parts than any file of ours."""
    return _DOTTED.search(text) is not None
