"""The model file's tables and keys: which field of `domain/model.py` each stands for, in the order they are written."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, NamedTuple

from kpitui.domain.days_of_calendar import Holiday, Period
from kpitui.domain.member import Member
from kpitui.domain.model import Annotation, Goal, Kpi, Metric, Playbook, Scope, Target, Waiver
from kpitui.domain.phase import Phase
from kpitui.domain.workspace import Workspace


class Key(NamedTuple):
    """One key of a table. `kind` is plain, ref, day, last (a last day, stored as the one after it), words or
    feeds; `to` is the table whose slug it names."""

    name: str
    field: str
    kind: str = "plain"
    to: str = ""


CLASSES: dict[str, Any] = {
    "scope": Scope,
    "metric": Metric,
    "goal": Goal,
    "kpi": Kpi,
    "target": Target,
    "annotation": Annotation,
    "playbook": Playbook,
    "waiver": Waiver,
    "phase": Phase,
    "period": Period,
    "holiday": Holiday,
    "member": Member,
}
"""Tables of the file in the order they depend on each other."""


def plain(*names: str) -> tuple[Key, ...]:
    return tuple(Key(name, name) for name in names)


AIM = (
    *plain("target_kind", "baseline", "target", "low", "high"),
    Key("start", "start", "day"),
    Key("deadline", "deadline", "day"),
)
SCOPE = Key("scope", "scope_id", "ref", "scope")

KEYS: dict[str, tuple[Key, ...]] = {
    "workspace": plain(*(field.name for field in fields(Workspace))),
    "scope": (
        *plain("slug", "kind", "name"),
        Key("parent", "parent_id", "ref", "scope"),
        *plain("owner", "kpi_notice", "kpi_warn", "kpi_strong"),
    ),
    "metric": (
        *plain("slug", "name", "definition", "unit", "currency", "decimals", "kind", "aggregation"),
        Key("numerator", "numerator_id", "ref", "metric"),
        Key("denominator", "denominator_id", "ref", "metric"),
        Key("weight", "weight_id", "ref", "metric"),
        *plain(
            "formula", "cadence", "days", "direction", "hard_min", "hard_max", "good_low", "good_high", "watch_band"
        ),
        *plain("timing", "nature", "counter", "level", "influence", "owner", "updater"),
        SCOPE,
        *plain("audience", "source", "how", "effort", "benchmark", "grace_days"),
        Key("feeds", "feeds", "feeds", "metric"),
        *plain("kept_because"),
    ),
    "goal": (
        *plain("slug", "title"),
        SCOPE,
        Key("parent", "parent_id", "ref", "goal"),
        *plain("main"),
        Key("metric", "metric_id", "ref", "metric"),
        *AIM,
        *plain("unit", "currency", "owner", "description", "why", "weight"),
    ),
    "kpi": (
        Key("metric", "metric_id", "ref", "metric"),
        SCOPE,
        Key("goal", "goal_id", "ref", "goal"),
        *plain("state"),
        *AIM,
        *plain("floor", "stretch", "window", "sustain", "watch_band", "trajectory"),
        Key("counter", "counter_id", "ref", "metric"),
        *plain("tolerance", "owner"),
        Key("review", "review", "words"),
        *plain("weight", "confidence", "objective", "answer_impact", "answer_results", "answer_measured"),
        *plain("answer_purpose", "answer_success", "answer_change"),
    ),
    "target": (
        Key("kpi", "kpi_id", "ref", "kpi"),
        Key("from", "start", "day"),
        *plain("value", "low", "high", "floor", "stretch", "why"),
    ),
    "annotation": (
        Key("metric", "metric_id", "ref", "metric"),
        Key("goal", "goal_id", "ref", "goal"),
        Key("day", "day", "day"),
        *plain("text", "who"),
    ),
    "playbook": (
        Key("kpi", "kpi_id", "ref", "kpi"),
        SCOPE,
        *plain("causes", "support", "steps"),
    ),
    "waiver": (
        *plain("rule"),
        Key("kpi", "kpi_id", "ref", "kpi"),
        Key("metric", "metric_id", "ref", "metric"),
        Key("goal", "goal_id", "ref", "goal"),
        SCOPE,
        *plain("place", "why"),
        Key("until", "until", "day"),
        *plain("who"),
    ),
    "phase": (
        Key("metric", "metric_id", "ref", "metric"),
        Key("from", "start", "day"),
        Key("locked", "locked", "day"),
        *plain("why", "who"),
        Key("day", "day", "day"),
    ),
    "period": (*plain("name", "grain"), Key("from", "start", "day"), Key("to", "end", "last")),
    "holiday": (Key("day", "day", "day"), *plain("name")),
    "member": plain("account", "role"),
}
"""`workspace` is one table `[workspace]`; the others are lists of tables `[[scope]]`."""

NAMED_BY = {
    "scope": ("slug",),
    "metric": ("slug",),
    "goal": ("slug",),
    "kpi": ("metric",),
    "target": ("kpi", "from"),
    "annotation": ("day", "text"),
    "playbook": (),
    "waiver": ("rule", "why", "until"),
    "phase": ("metric", "from", "why"),
    "period": ("name", "from", "to"),
    "holiday": ("day",),
    "member": ("account", "role"),
}
"""The keys every table must have: they say which one is meant."""

KEYED_BY = {
    "target": ("kpi_id", "start"),
    "playbook": ("kpi_id", "scope_id"),
    "waiver": ("rule", "kpi_id", "metric_id", "goal_id", "scope_id", "place"),
    "phase": ("metric_id", "start"),
    "period": ("grain", "start"),
    "holiday": ("day",),
    "member": ("account",),
}
"""The fields that say which one of a table is meant where it has no slug."""

ON = {
    "annotation": (("metric", "goal"), 1, "an annotation is on a metric or on a goal"),
    "playbook": (("kpi", "scope"), 1, "a playbook is of a KPI or of a scope"),
    "waiver": (("kpi", "metric", "goal", "scope"), 0, "a waiver is for a KPI, a metric, a goal or a scope"),
}
"""What hangs on one of several things: their keys, how many must be given at least, and the sentence."""

NAMES = frozenset({"name", "title"})
"""Keys that hold a name: one line, visible."""
LONG = frozenset(
    {"definition", "source", "how", "benchmark", "kept_because", "description", "why", "objective", "text"}
    | {"causes", "support", "steps"}
    | {f"answer_{word}" for word in ("impact", "results", "measured", "purpose", "success", "change")}
)
"""Keys that hold text of several lines."""


def title(table: str) -> str:
    """How a table's own noun is said to people."""
    return "KPI" if table == "kpi" else table
