"""Whether the workspace is sound and its log the one that this account knows: asked some time after the first frame."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kpitui import witness
from kpitui.services import soundness
from kpitui.services.witness import look

if TYPE_CHECKING:
    from kpitui.storage.store import Store


def examine(store: Store) -> list[str]:
    """On the store thread: holds the log against what was seen of it, and looks through the file once a day, and once
    more when the machine was started since: it may have stopped without a word."""
    said = remember(store)
    today = f"{store.now().date().isoformat()} {started()}".rstrip()
    seen = witness.load(store.path)
    if seen is None or seen.checked == today:
        return said
    damage = soundness.quick(store)
    if damage:
        return [*said, damage]
    witness.save(store.path, seen._replace(checked=today))
    return said


def started() -> str:
    """What stands for the machine's present run; empty where the system does not say."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read(8)
    except (OSError, ValueError):
        return ""


def remember(store: Store) -> list[str]:
    """What of the log is to be told, mostly nothing; it is remembered as it is now."""
    return witness.remember(store.path, partial(look, store))
