"""kpitui with one of its protections taken out, for mutants of parts that run the program itself: `python -m
soak.mutated NAME …` as `kpitui …`."""

from __future__ import annotations

import sys


def take_out(name: str) -> None:
    if name == "drafts":
        from kpitui.tui.drafts import Draft

        Draft.keep = lambda self, kind, text: None  # type: ignore[method-assign]
    elif name == "sentences":
        from kpitui.storage import store

        vars(store)["told"] = lambda error, path, **_: error
    elif name == "revisions":
        from kpitui.services import entry

        before = entry.record_value

        def over_anything(*args, **kw):  # type: ignore[no-untyped-def]
            return before(*args, **{**kw, "if_rev": None})

        entry.record_value = over_anything

        # The screens look, too, as soon as theirs was read: which of the two comes first is chance.
        from kpitui.tui.screens.value_screen import ValueScreen

        kept = ValueScreen.commit

        def commit(self, at, text):  # type: ignore[no-untyped-def]
            self._seen.pop(at, None)
            return kept(self, at, text)

        ValueScreen.commit = commit  # type: ignore[method-assign]
    elif name == "roles":
        from kpitui.storage import write_rules

        vars(write_rules)["check"] = lambda tx: None
    elif name == "leave":
        from kpitui.tui.presence import PresentApp

        PresentApp.refused = lambda self, table: ""  # type: ignore[method-assign]
    else:
        raise ValueError(name)


if __name__ == "__main__":
    take_out(sys.argv.pop(1))
    from kpitui.cli.main import main

    sys.exit(main())
