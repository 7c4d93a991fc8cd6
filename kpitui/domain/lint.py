"""The KPI doctor: the rules of a good set of KPIs, why each is asked, and where it is mended.

A rule is a function from `Facts` to findings; `check` runs them all. What is waived is the caller's business. The rules
are those of the seeds this program grew from, and of Goodhart, Wheeler (Understanding Variation) and Doerr where noted.
"""

from __future__ import annotations

from kpitui.domain.lint_facts import Facts
from kpitui.domain.named import NamedTuple

SEVERITIES = ("error", "warning", "notice")
COST = {"error": 8, "warning": 2, "notice": 1, "waived": 1}
"""What a finding takes off a health of 100."""
WAIVED_FOR = 183
"""Days a waiver holds unless another date is given."""


class Rule(NamedTuple):
    """One thing the doctor looks at."""

    id: str
    title: str
    """What holds when nothing is wrong."""
    severity: str
    why: str
    """Why it matters."""
    mend: str
    """What to do about it."""


class Fix(NamedTuple):
    """Where a finding is mended: the screen, the verb there (an id of keys.py), and how that is said."""

    screen: str
    verb: str
    key: str
    words: str

    @property
    def text(self) -> str:
        return f"{self.key} {self.words}"


class Finding(NamedTuple):
    """What a rule says about one thing."""

    rule: str
    severity: str
    kind: str
    """goal, kpi, metric, scope, or workspace."""
    id: int
    on: str
    """Its name."""
    text: str
    fix: Fix
    owner: str = ""
    since: int | None = None
    """Epoch day since when it is so, where that is known."""
    metric_id: int | None = None

    @property
    def key(self) -> str:
        """Names the finding as long as it stands: what a waiver is for."""
        return f"{self.rule}:{self.kind}:{self.id}"


# Where things are mended.
ADD_UNDER = Fix("tree", "new", "n", "add one")
EDIT = Fix("tree", "edit", "e", "edit it")
TOTAL = Fix("form", "edit", "e e", "as a total")
TARGET = Fix("detail", "target", "T", "set a target")
ATTACH = Fix("tree", "attach", "M", "attach it")
PROMOTE = Fix("promote", "promote", "p", "finish it")
DEMOTE = Fix("tree", "demote", "P", "demote one")
ENTER = Fix("detail", "check_in", "c", "enter it")
REVIEW = Fix("review", "start_review", "r", "hold it")


def rules() -> dict[str, Rule]:
    """Every rule by its id, in the order they are shown."""
    from kpitui.domain import lint_data, lint_goals, lint_kpis, lint_metrics, lint_targets

    found: dict[str, Rule] = {}
    for part in (lint_goals, lint_kpis, lint_targets, lint_metrics, lint_data):
        found |= {rule.id: rule for rule in part.RULES}
    order = "GKPMDR"
    return dict(sorted(found.items(), key=lambda item: (order.index(item[0][0]), item[0])))


def check(facts: Facts) -> tuple[Finding, ...]:
    """All findings, errors first, then by rule and by the order people gave."""
    from kpitui.domain import lint_data, lint_goals, lint_kpis, lint_metrics, lint_targets

    found: list[Finding] = []
    for part in (lint_goals, lint_kpis, lint_targets, lint_metrics, lint_data):
        for look in part.CHECKS:
            found += look(facts)
    order = {name: place for place, name in enumerate(rules())}
    return tuple(sorted(found, key=lambda one: (SEVERITIES.index(one.severity), order[one.rule])))


def health(findings: tuple[Finding, ...], waived: int) -> int:
    """100 less 8 for an error, 2 for a warning, 1 for a notice and for a waiver, at least 0: a to-do list, no KPI."""
    return max(0, 100 - sum(COST[one.severity] for one in findings) - COST["waived"] * waived)
