"""What goes across the screens."""

from __future__ import annotations

from kpitui.domain.named import NamedTuple


class DataChanged(NamedTuple):
    """Published on `app.data_changed` after a save of ours, or when another process has written."""

    by_us: bool
    typing: bool = False
    """Somebody is typing here: show what is new when the line is done."""
