"""Writing the model file: the whole set-up as TOML a person can read and edit, always in the same order."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from kpitui.domain.model import Kpi
from kpitui.domain.periods import iso, to_date
from kpitui.domain.workspace import Workspace
from kpitui.services.model_keys import CLASSES, KEYS, Key
from kpitui.services.model_standing import standing
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpitui.services.model_standing import Standing
    from kpitui.storage.store import Store

HEAD = """\
# The set-up of a kpitui workspace. kpitui model diff FILE says what would change, kpitui model apply FILE does it.
# Percent values are fractions (0.03 is 3 %). What is not written has its default; what is taken out of the file stays
# in the workspace unless you apply with --prune.
"""
ABOUT = {
    "workspace": "",
    "scope": "# Whoever a set of KPIs belongs to. Scopes without a parent lie in the first one.",
    "goal": "# Results wanted: a number and a date.",
    "metric": "# Everything that is counted.",
    "kpi": "# The role of a metric: tied to a goal, with baseline, target and deadline.",
    "target": "# Targets that changed: each holds from its day on.",
    "annotation": "# Dated notes.",
    "playbook": "# What to do about a miss: of a KPI, or of every KPI in a scope.",
    "waiver": "# What the KPI doctor does not ask for, until a day.",
    "phase": "# Where natural limits were drawn anew; locked: only values before that day make them.",
    "period": "# The periods that the calendar is cut by where it is a table; `to` is the last day itself.",
    "holiday": "# Days that are no working days: for a pace by working days, and for metrics of working days.",
    "member": "# Who may do what, by account or @group of the system; only an admin's apply changes it.",
}
ORDER = ("scope", "goal", "metric", "kpi", "target", "annotation", "playbook", "waiver", "phase", "period", "holiday",
         "member")  # fmt: skip
ALWAYS = {
    "workspace": ("name", "currency", "week_start", "fiscal_year_start", "time_zone"),
    "scope": ("kind",),
    "goal": ("target_kind",),
    "metric": ("unit", "kind", "cadence", "direction"),
    "period": ("grain",),
    "kpi": ("target_kind",),
}
"""Keys that are written even where they are the default, because a reader looks for them."""
LONG_LIST = 100
LARGEST_WHOLE = 1e15


class Names(NamedTuple):
    """Ids to the names that the file uses."""

    scopes: Mapping[int, str]
    metrics: Mapping[int, str]
    goals: Mapping[int, str]
    kpis: Mapping[int, Kpi]

    def slug(self, table: str, id: int) -> str:
        if table == "kpi":
            return self.kpi(id)
        known: dict[str, Mapping[int, str]] = {"scope": self.scopes, "metric": self.metrics, "goal": self.goals}
        return known[table].get(id, "?")

    def kpi(self, id: int) -> str:
        """`slug`, or `slug@scope` where the metric is a KPI in several scopes."""
        kpi = self.kpis[id]
        slug = self.metrics.get(kpi.metric_id, "?")
        alone = sum(other.metric_id == kpi.metric_id for other in self.kpis.values()) == 1
        return slug if alone else f"{slug}@{self.scopes.get(kpi.scope_id, '?')}"

    def value(self, key: Key, given: Any) -> str | None:
        """A value as the file writes it; None for none."""
        if given is None:
            return None
        if key.kind == "ref":
            return written(self.slug(key.to, given))
        if key.kind in ("day", "last"):
            return to_date(given - (key.kind == "last")).isoformat()
        if key.kind == "words":
            return written([word for word in given.split(",") if word])
        return written(given)

    def item(self, table: str, one: Any) -> str:
        """What a definition is called in a list of changes."""
        if table == "kpi":
            return self.kpi(one.id) if one.id in self.kpis else self.metrics.get(one.metric_id, "?")
        if table == "target":
            return f"{self.kpi(one.kpi_id)} from {iso(one.start)}"
        if table == "driver":
            return f"{self.metrics.get(one.metric_id, '?')} → {self.metrics.get(one.feeds_id, '?')}"
        if table == "annotation":
            on = self.metrics.get(one.metric_id) or self.goals.get(one.goal_id) or "?"
            return f"{on} {iso(one.day)}"
        if table == "playbook":
            return f"of {self.kpi(one.kpi_id) if one.kpi_id is not None else self.scopes.get(one.scope_id, '?')}"
        if table == "waiver":
            return str(one.rule)
        if table == "period":
            return f"{one.grain} {one.name}"
        if table == "holiday":
            return f"{iso(one.day)} {one.name}".rstrip()
        if table == "member":
            return str(one.account)
        if table == "phase":
            return f"limits of {self.metrics.get(one.metric_id, '?')} from {iso(one.start)}"
        return str(one.slug)


def export(store: Store) -> str:
    """The set-up of the workspace as the text of a model file. The same set-up gives the same text."""
    now = standing(store)
    names = Names(
        {id: one.slug for id, one in now.setup.scopes.items()},
        {id: one.slug for id, one in now.setup.metrics.items()},
        {id: one.slug for id, one in now.setup.goals.items()},
        now.setup.kpis,
    )
    parts = [HEAD, _table("[workspace]", _settings(now.workspace))]
    for table in ORDER:
        found = _in_order(table, now)
        if found:
            parts.append(ABOUT[table] + "\n")
        parts += [_table(f"[[{table}]]", _lines(table, one, names, now)) for one in found]
    return "\n".join(parts)


def _in_order(table: str, now: Standing) -> list[Any]:
    setup = now.setup
    if table == "annotation":
        notes = [one for several in now.notes.values() for one in several if not one.archived]
        live = (setup.metrics, setup.goals)
        notes = [one for one in notes if one.metric_id in live[0] or one.goal_id in live[1]]
        return sorted(notes, key=lambda one: (one.day, one.id))
    if table == "member":
        return sorted((one for one in now.members.values() if not one.archived), key=lambda one: one.account)
    if table in ("period", "holiday"):
        own = [one for one in getattr(now, f"{table}s").values() if not one.archived]
        return sorted(own, key=lambda one: (getattr(one, "grain", ""), getattr(one, "start", None) or one.day))
    if table in ("playbook", "waiver", "phase"):
        rest = [one for one in getattr(now, f"{table}s").values() if not one.archived]
        known = {"kpi_id": setup.kpis, "metric_id": setup.metrics, "goal_id": setup.goals, "scope_id": setup.scopes}
        gone = [one for one in rest for field, live in known.items() if getattr(one, field, None) not in (None, *live)]
        return sorted((one for one in rest if one not in gone), key=lambda one: one.id)
    kept: list[Any] = list(getattr(setup, f"{table}s").values())
    if table == "target":
        place = {kpi.id: number for number, kpi in enumerate(_in_order("kpi", now))}
        return sorted(kept, key=lambda one: (place[one.kpi_id], one.start))
    return sorted(kept, key=lambda one: (one.id != now.root.id and table == "scope", one.position, one.id))


def _settings(workspace: Workspace) -> list[str]:
    standard, lines = Workspace(), []
    for key in KEYS["workspace"]:
        given = getattr(workspace, key.field)
        if key.name in ALWAYS["workspace"] or given != getattr(standard, key.field):
            lines.append(f"{key.name} = {written(given)}")
    return lines


def _lines(table: str, one: Any, names: Names, now: Standing) -> list[str]:
    setup = now.setup
    defaults = {field.name: field.default for field in fields(CLASSES[table]) if field.default is not MISSING}
    if table == "kpi":
        defaults["state"] = "live"
    if table == "scope" and one.id != now.root.id:
        defaults["parent_id"] = now.root.id
    if table == "metric":
        defaults["scope_id"] = now.root.id
    if table == "goal" and one.metric_id in setup.metrics:
        metric = setup.metrics[one.metric_id]
        defaults |= {"unit": metric.unit, "currency": metric.currency}
    if table == "annotation":
        defaults["who"] = None  # written even when empty: without it the one who applies the file is meant
    live: dict[str, Any] = {
        "scope": setup.scopes,
        "metric": setup.metrics,
        "goal": setup.goals,
        "kpi": setup.kpis,
    }
    lines = []
    for key in KEYS[table]:
        if key.kind == "feeds":
            edges = [edge for edge in setup.drivers.values() if edge.metric_id == one.id]
            fed = [names.metrics[edge.feeds_id] for edge in sorted(edges, key=lambda edge: (edge.position, edge.id))]
            if fed:
                lines.append(f"feeds = {written(fed)}")
            continue
        given = getattr(one, key.field)
        if key.kind == "ref" and given is not None and given not in live[key.to]:
            continue  # what it names was put away
        named = table in ("goal", "kpi") and key.name == "scope"
        if not named and key.name not in ALWAYS.get(table, ()):
            if key.field in defaults and given == defaults[key.field]:
                continue
        if given is not None:
            lines.append(f"{key.name} = {names.value(key, given)}")
    return lines


def _table(head: str, lines: list[str]) -> str:
    return "\n".join([head, *lines]) + "\n"


def written(given: Any) -> str:
    """A value as TOML."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int):
        return _whole(given)
    if isinstance(given, float):
        return _whole(int(given)) if given.is_integer() and abs(given) < LARGEST_WHOLE else repr(given)
    if isinstance(given, list):
        items = [written(one) for one in given]
        flat = f"[{', '.join(items)}]"
        return flat if len(flat) <= LONG_LIST else "[\n" + "".join(f"  {item},\n" for item in items) + "]"
    return _string(str(given))


def _whole(number: int) -> str:
    return f"{number:_}" if abs(number) >= 10_000 else str(number)


def _string(text: str) -> str:
    """A string, over several lines where it has some; nothing in it that a terminal obeys or hides."""
    if "\n" not in text:
        return f'"{_escaped(text)}"'
    lines = [_escaped(line) for line in text.split("\n")]
    # Blanks at an end of line are lost to the eye and to editors.
    lines = [line[:-1] + "\\u0020" if line.endswith(" ") else line for line in lines]
    return '"""\n' + "\n".join(lines) + '"""'


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    if clean(text) == text:
        return text
    return "".join(sign if clean(sign) == sign else _code(ord(sign)) for sign in text)


def _code(number: int) -> str:
    short = {0x08: "\\b", 0x09: "\\t", 0x0C: "\\f", 0x0D: "\\r"}
    if 0xD800 <= number < 0xE000:
        return "\ufffd"
    return short.get(number) or (f"\\u{number:04X}" if number < 0x10000 else f"\\U{number:08X}")
