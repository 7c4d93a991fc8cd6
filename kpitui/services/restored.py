"""Whether something took the place of a workspace that somebody has open, told to them before they save anything."""

from __future__ import annotations

from kpitui.storage import restored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.storage.restored import Seen as Seen
    from kpitui.storage.store import Store


def restored_since(store: Store, seen: Seen | None) -> tuple[Seen, str]:
    """What to ask with the next time (None at first), and the sentence about what took its place since `seen`; mostly
    empty."""
    now, found = restored.noticed(store.rows, seen) if seen is not None else (restored.seen_now(store.rows), None)
    if found is None:
        return restored.with_top(store.rows, now), ""
    if isinstance(found, str):
        return now, f"The file was replaced, {found}: what you saw may not be there any more. kpitui check says more."
    return now, f"{found.who} restored a backup: what was saved after it was made is not here any more."
