"""What the verbs save, by the tables they write to: who may not write there is told before anything is typed.

A screen whose verb saves something else says so in its own `SAVES`, or in `saves` where it depends on the row. Nothing
(an empty name) is no part of the workspace: one's own settings, what is only supposed, what is only looked at.
"""

from __future__ import annotations

from collections.abc import Mapping

from kpitui.domain.roles import ANY

NOTHING = ""

SAVES: Mapping[str, str] = {
    "check_in": ANY,
    "new": "metric",
    "new_sibling": "metric",
    "edit": "metric",
    "archive": "metric",
    "attach": "metric",
    "row_down": "metric",
    "row_up": "metric",
    "indent": "metric",
    "outdent": "metric",
    "note": "annotation",
    "action": "action",
    "target": "target",
    "promote": "kpi",
    "demote": "kpi",
    "override": "override",
    "limits": "phase",
    # Joining one that runs saves nothing; the review itself asks when one is to be started.
    "start_review": NOTHING,
    "decision": "review_line",
    "issue": "review_line",
    "pause": NOTHING,
    "close": ANY,
    "snooze": NOTHING,
    "accept_all": "point",
    "answer": ANY,
    "undo": ANY,
    "redo": ANY,
    "revert": "point",
    "audit": NOTHING,
}
"""For every verb that `keys.py` marks as one that writes."""
