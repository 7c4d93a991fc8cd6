"""Is the file still sound? The quick look that the screens take once a day."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.storage.store import Store


def quick(store: Store) -> str:
    """A sentence when SQLite finds damage in the workspace's pages; empty when it is sound."""
    from kpitui.storage import verify

    found = verify.quick_damage(store)
    if not found:
        return ""
    way = "kpitui check --full says more, kpitui restore puts a backup in its place"
    return f"{store.path} is damaged ({found[0]}): {way}."
