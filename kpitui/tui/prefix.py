"""`g`, then a letter: a key that waits for another one, as long as it takes."""

from __future__ import annotations

from collections.abc import Mapping

from kpitui.footers import Shown
from kpitui.keys import PREFIX, Verb


class PrefixState:
    """Whether `g` was pressed and what may follow."""

    def __init__(self, continuations: Mapping[str, Verb]) -> None:
        self.continuations = dict(continuations)
        self.waiting = False

    def press(self, key: str) -> Verb | None:
        """The verb of the key after `g`; any other key only ends the waiting."""
        self.waiting = False
        return self.continuations.get(key)

    def hints(self, able: set[str], small: bool) -> tuple[Shown, ...]:
        """What the footer shows while it waits: only the tabs that are there."""
        shown = [Shown(PREFIX, "then", 99)]
        for letter, verb in self.continuations.items():
            if verb.id not in able:
                continue
            if verb.id.startswith("kpi_"):
                if verb.id == "kpi_1":
                    shown.append(Shown("1-3", "KPI", 40))
                continue
            shown.append(Shown(letter, verb.verb[:3] if small else verb.verb, 90 - len(shown)))
        return (*shown, Shown("", "esc stops", 30))
