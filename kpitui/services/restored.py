"""Whether a backup took the place of a workspace that somebody has open, told to them before they save anything."""

from __future__ import annotations

from kpitui.storage import restored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.storage.store import Store

Seen = tuple[int, str]


def restored_since(store: Store, seen: Seen | None) -> tuple[Seen, str]:
    """What to ask with the next time (None at first), and the sentence about a restore since `seen`; mostly empty."""
    now, one = restored.noticed(store, seen)
    if one is None:
        return now, ""
    return now, f"{one.who} restored a backup: what was saved after it was made is not here any more."
