"""The head of a log in words: the line that is signed, the short form for people, and finding either in a text."""

from __future__ import annotations

import re

from kpitui.domain.named import NamedTuple

SHORT = 16
"""Hexadecimal figures of a hash that people read: enough that nobody works out a second log with the same."""
NARROW = 10
"""The same where a row of the screen has no room for more."""

# As any report, export, backup or JSON says it: `change 812, head 3f2a…`; the line that is signed names its log, too.
SAID = re.compile(
    r'(?:\blog (?P<log>[0-9a-f]{16}) )?\bchange"?:? ?(?P<txn>[0-9]{1,18}),?'
    r'\s+"?head"?:?\s+"?(?P<hash>[0-9a-f]{8,64})\b',
    re.IGNORECASE,
)


class Head(NamedTuple):
    """The newest transaction of a log; its hash (hex) stands for everything before it."""

    txn: int
    hash: str
    at: str
    """When it was saved: UTC, ISO 8601."""
    log: str
    """What tells this log from others: the first figures of its first transaction's hash."""
    workspace: str


class Named(NamedTuple):
    """A head as a text names it: its hash may be cut short, and `log` empty."""

    txn: int
    hash: str
    log: str


def short(txn: int, hashed: str, figures: int = SHORT) -> str:
    """`change 812, head 3f2a91bc04d51e77`: what reports, exports, backups, checks and screens say."""
    return f"change {txn}, head {hashed[:figures]}"


def line(head: Head) -> str:
    """The one line that is signed, in ASCII: of one log, it is the same for ever while nothing is added."""
    import json

    name = json.dumps(" ".join(head.workspace.split()))
    return f"kpitui-head 1 log {head.log} change {head.txn} head {head.hash} at {head.at} workspace {name}"


def named_in(text: str) -> tuple[Named, ...]:
    """The heads that a text names, each once, in their order: a signed line, or what any document of kpitui says."""
    found = (Named(int(one["txn"]), one["hash"].lower(), (one["log"] or "").lower()) for one in SAID.finditer(text))
    return tuple(dict.fromkeys(found))
