"""The queue with a line a metric: its newest missing period, and the earlier ones behind it until they are unfolded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpitui.services.due_lines import earlier_words
from kpitui.text import cut
from kpitui.tui.screens import due_panes
from kpitui.tui.screens.value_screen import ValueScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from kpitui.services.due_queue import QueueLine


def with_metrics_together(lines: Iterable[QueueLine], owed: Container[str]) -> list[QueueLine]:
    """The lines with those that are or were `owed` (by key) side by side for each metric, oldest first, where the first
    of them stood. What only waits to be checked stays where it is."""
    places: dict[int | str, list[QueueLine]] = {}
    for line in lines:
        places.setdefault(line.owed.metric_id if line.key in owed else line.key, []).append(line)
    return [line for found in places.values() for line in sorted(found, key=lambda line: line.owed.period)]


class DueFolding(ValueScreen):
    """Which metrics are unfolded, and what is folded away behind the lines that are shown."""

    def __init__(self) -> None:
        super().__init__()
        self.unfolded: set[int] = set()
        self._owed: set[str] = set()
        """What was owed at some time since the queue was opened, by key."""
        self._lines: dict[str, QueueLine] = {}
        self._earlier: dict[str, list[QueueLine]] = {}
        """The lines behind a shown one, oldest first."""

    def fold(self, lines: Iterable[QueueLine]) -> list[QueueLine]:
        """The lines that are shown. What is being typed, saved or could not be saved is never folded away."""
        grid = self.grid
        held = {row for row, _ in (*grid.unsaved, *grid.pending)} | ({grid.cursor_key} if grid.typing else set())
        together = with_metrics_together(lines, self._owed)
        waiting: dict[int, list[QueueLine]] = {}
        for line in together:
            if line.key in self._owed and not line.done and not line.cell.odd:
                waiting.setdefault(line.owed.metric_id, []).append(line)
        self._earlier = {}
        away: set[str] = set()
        for metric_id, found in waiting.items():
            behind = [line for line in found[:-1] if line.key not in held]
            if behind and metric_id not in self.unfolded:
                self._earlier[found[-1].key] = behind
                away |= {line.key for line in behind}
        return [line for line in together if line.key not in away]

    def behind(self, key: str) -> list[QueueLine]:
        """The earlier periods that the line with this key stands for, too."""
        return self._earlier.get(key, [])

    def _named(self, line: QueueLine, room: int) -> str:
        """The metric; where no column says how many earlier periods stand behind the line, with that."""
        earlier = self.behind(line.key)
        if not earlier or (self.app.size.width >= 60 and not self.plain):
            return due_panes.name_text(line, room, self.app.glyphs.ellipsis)
        said = f" {earlier_words(len(earlier), earlier[0].owed.period_label, 0 if self.plain else 1)}"
        room = max(room - len(said), 4) if room else 0
        name = due_panes.name_text(line, room, self.app.glyphs.ellipsis)
        return (cut(name, room, self.app.glyphs.ellipsis) if room else name) + said

    def works(self, verb_id: str) -> bool:
        if verb_id == "right":
            return bool(self._earlier)
        return super().works(verb_id)

    def handler(self, verb_id: str) -> Callable[..., Any] | None:
        """`h` and `l` fold here: there is only one cell in a line to go to."""
        if verb_id in ("left", "right"):
            return self.action_left if verb_id == "left" else self.action_right
        return super().handler(verb_id)

    def action_right(self) -> None:
        """Every period of the metric that is owed; the cursor on the oldest, from where Enter goes on to the newest."""
        behind = self.behind(self.grid.cursor_key)
        if behind:
            self.unfolded.add(behind[0].owed.metric_id)
            self.draw(self.view)
            self.grid.go_to_cell(behind[0].key, 0)

    def action_left(self) -> None:
        """One line for the metric again."""
        line = self._lines.get(self.grid.cursor_key)
        if line is None or line.owed.metric_id not in self.unfolded:
            return
        self.unfolded.discard(line.owed.metric_id)
        self.draw(self.view)
        shown = (key for key, behind in self._earlier.items() if behind[0].owed.metric_id == line.owed.metric_id)
        self.grid.go_to_cell(next(shown, self.grid.cursor_key), 0)

    def all_shown_done(self) -> bool:
        """Whether nothing that is shown is left to fill, as it will look when the saves on their way are done."""
        grid = self.grid
        return all(
            value.done or (row.key, value.key) in grid.pending  # type: ignore[attr-defined]
            for row in grid.rows
            for value in row.values
        )
