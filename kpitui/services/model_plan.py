"""The set-up a model file wants, and the steps from the one that stands to it.

New definitions have negative ids until they are stored, so that they can refer to each other in any order.
"""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from kpitui.domain import rules
from kpitui.domain.checking import nearest
from kpitui.domain.model import Driver, Kpi
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.domain.rules import Setup
from kpitui.domain.workspace import Workspace
from kpitui.services.calendar_table import check_table
from kpitui.services.model_keys import CLASSES, KEYED_BY, KEYS
from kpitui.services.model_names import alike
from kpitui.services.model_standing import NoteKey, Standing, standing
from kpitui.services.promotion import judged
from kpitui.services.setup import check_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpitui.services.model_read import Entry, Model
    from kpitui.storage.store import Store

ORDERED = ("scope", "metric", "goal", "kpi", "driver")
"""Tables whose order in the file is their order in the workspace."""
WRITTEN = ("scope", "metric", "goal", "kpi", "target", "driver", "annotation", "playbook", "waiver", "phase", "period",
           "holiday", "member")  # fmt: skip
"""All tables of a set-up, in the order they depend on each other."""
SLUGGED = ("scope", "metric", "goal")


class Step(NamedTuple):
    """One definition before and after: `add` (before is None), `change`, `revive` or `archive`."""

    what: str
    table: str
    before: Any
    after: Any


class Plan(NamedTuple):
    steps: list[Step]
    workspace: Workspace
    seen: Workspace
    """The settings as they stand."""
    setup: Setup
    """The live set-up as the file wants it."""


def plan(store: Store, model: Model, *, prune: bool = False) -> Plan:
    """What has to be done for the workspace to be as the file says.

    What the file does not mention stays; with `prune` the file is the whole truth: other definitions are put away,
    keys that are not written go back to their defaults, and the order becomes the file's. (Notes and members are put
    away only when the file has some.) Raises Problem for names that do not exist and for what contradicts itself.
    """
    now = standing(store)
    wanted = Wanted(now, model, prune, store.who.name)
    wanted.read()
    wanted.contradictions()
    return Plan(wanted.steps(), wanted.workspace, now.workspace, wanted.setup())


class Wanted:
    """The set-up that a file asks for, while it is put together."""

    def __init__(self, now: Standing, model: Model, prune: bool, who: str) -> None:
        self.now = now
        self.model = model
        self.prune = prune
        self.who = who
        self.made = 0
        self.before: dict[tuple[str, int], Any] = {}
        self.after: dict[tuple[str, int], Any] = {}
        """What the file mentions, by table and id, in its order."""
        self.where: dict[tuple[str, int], str] = {}
        self.ids: dict[str, dict[str, int]] = {
            "scope": {slug: one.id for slug, one in now.scopes.items()},
            "metric": {slug: one.id for slug, one in now.metrics.items()},
            "goal": {slug: one.id for slug, one in now.goals.items()},
        }
        self.in_file = {table: {one.values["slug"] for one in model.of(table)} for table in SLUGGED}
        self.put_away: set[tuple[str, int]] = set()
        self.seen: set[tuple[object, ...]] = set()
        self.workspace = self._settings()

    def _settings(self) -> Workspace:
        given = self.model.workspace
        if given is None:
            return self.now.workspace
        base = Workspace() if self.prune else self.now.workspace
        wanted = replace(base, **given)
        if wanted.time_zone != self.now.workspace.time_zone:
            try:
                check_settings(wanted)
            except Problem as problem:
                raise Problem(f"{self.model.filename}, workspace: {problem}") from None
        return wanted

    # ---- reading the file's tables ---------------------------------------------------------------------------------

    def read(self) -> None:
        root = self._root()
        for table in SLUGGED:
            for entry in self.model.of(table):
                slug = entry.values["slug"]
                if entry is not root and slug not in self.ids[table]:
                    self.ids[table][slug] = self._new_id()
        known: dict[str, dict[str, Any]] = {
            "scope": {**self.now.scopes, **({root.values["slug"]: self.now.root} if root else {})},
            "metric": dict(self.now.metrics),
            "goal": dict(self.now.goals),
        }
        for table in SLUGGED:
            for entry in self.model.of(table):
                slug = entry.values["slug"]
                base = known[table].get(slug)
                defaults: dict[str, Any] = {}
                if table == "scope" and base is not self.now.root:
                    defaults["parent_id"] = self.now.root.id
                if table == "metric":
                    defaults = {"scope_id": self.now.root.id, "name": spelled_out(slug)}
                if table == "scope":
                    defaults["name"] = spelled_out(slug)
                if table == "goal":
                    defaults = {"scope_id": self.now.root.id, **self._goal_unit(entry)}
                self._mention(table, entry, base, self.ids[table][slug], defaults)
        for entry in self.model.of("kpi"):
            self._kpi(entry)
        for table in KEYED_BY:
            for entry in self.model.of(table):
                self._keyed(table, entry)
        self._drivers()
        self._notes()
        if self.prune:
            self._prune()

    def _root(self) -> Entry | None:
        """The file's root scope where it is the workspace's under another name: that one is renamed."""
        scopes = self.model.of("scope")
        if any(entry.values["slug"] == self.now.root.slug for entry in scopes):
            return None
        for entry in scopes:
            fresh = entry.values["slug"] not in self.now.scopes
            if fresh and entry.values.get("kind") == "org" and entry.values.get("parent") is None:
                self.ids["scope"][entry.values["slug"]] = self.now.root.id
                return entry
        return None

    def _goal_unit(self, entry: Entry) -> dict[str, Any]:
        """A goal is counted in what its metric is counted in, unless it says otherwise."""
        if "metric" not in entry.values:
            return {}
        metric = self.after.get(("metric", self._ref("metric", entry.values["metric"], entry, "metric")))
        metric = metric or self.now.metrics.get(entry.values["metric"])
        return {} if metric is None else {"unit": metric.unit, "currency": metric.currency}

    def _mention(self, table: str, entry: Entry, base: Any, id: int, defaults: dict[str, Any]) -> None:
        cls = CLASSES[table]
        values: dict[str, Any] = {}
        for key in KEYS[table]:
            if key.name not in entry.values or key.kind == "feeds":
                continue
            given = entry.values[key.name]
            values[key.field] = self._ref(key.to, given, entry, key.name) if key.kind == "ref" and given else given
            if key.kind == "ref" and not given:
                values[key.field] = None
        for name in [name for name, given in values.items() if given is None and name in defaults]:
            values[name] = defaults[name]
        if base is None or self.prune:
            standard = {
                field.name: field.default
                for field in fields(cls)
                if field.default is not MISSING and field.name not in ("id", "rev", "position", "archived")
            }
            if table == "kpi":
                standard["state"] = "live"
            values = {**standard, **defaults, **values}
        if base is None:
            if table == "goal" and "title" not in values:
                raise Problem(f"{entry.where}: title is missing.")
            obj = cls(**{"id": id, **values})
        else:
            obj = replace(base, **values, archived=False)
        place = (table, obj.id)
        self.before[place] = base
        self.after[place] = judged(obj) if table == "kpi" else obj
        self.where[place] = entry.where

    def _ref(self, table: str, name: str, entry: Entry, key: str) -> int:
        """The id of what a key names; it must be there, or be in the file."""
        if table == "kpi":
            return self._kpi_named(name, entry)
        id = self.ids[table].get(name)
        in_file = name in self.in_file[table]
        stored: dict[str, Any] = getattr(self.now, f"{table}s")
        if id is None or not (in_file or not stored[name].archived):
            names = [*self.in_file[table]]
            names += [slug for slug, one in stored.items() if not one.archived]
            near = nearest(name, names)
            gone = id is not None and not near
            hint = f"did you mean {near}?" if near else "it was put away: bring it back." if gone else "add it."
            raise Problem(f"{entry.where}: {key} names the {table} “{quote(name)}”, which does not exist: {hint}")
        if self.prune and not in_file and id != self.now.root.id:
            raise Problem(
                f"{entry.where}: {key} names the {table} {quote(name)}, which is not in the file and would be put "
                "away: add it, or apply without --prune."
            )
        return id

    def _kpi(self, entry: Entry) -> None:
        metric_id = self._ref("metric", entry.values["metric"], entry, "metric")
        scope = entry.values.get("scope")
        scope_id = self._ref("scope", scope, entry, "scope") if scope else self.now.root.id
        self._once(entry, "kpi", metric_id, scope_id)
        base = self.now.kpis.get((metric_id, scope_id))
        values = entry.values
        if base is not None and base.state == "retired" and "state" not in values:
            values = {**values, "state": "live"}  # to name it is to want it, as with what was put away
        entry, id = entry._replace(values=values), base.id if base else self._new_id()
        self._mention("kpi", entry, base, id, {"scope_id": self.now.root.id})

    def _keyed(self, table: str, entry: Entry) -> None:
        """What is known by what it is about, not by a slug."""
        cls, named = CLASSES[table], {key.field: key for key in KEYS[table]}
        place: list[Any] = []
        for field in KEYED_BY[table]:
            key, default = named[field], cls.__dataclass_fields__[field].default
            given = entry.values.get(key.name, None if default is MISSING else default)
            place.append(self._ref(key.to, given, entry, key.name) if key.kind == "ref" and given else given)
        self._once(entry, table, *place)
        base = getattr(self.now, f"{table}s").get(tuple(place))
        defaults: dict[str, Any] = {}
        if "who" in named:
            defaults["who"] = base.who if base else self.who
        if table == "phase":
            defaults["day"] = base.day if base else entry.values["from"]
        self._mention(table, entry, base, base.id if base else self._new_id(), defaults)

    def _once(self, entry: Entry, *place: object) -> None:
        """Two names may mean one thing: `conversion` and `conversion@org`."""
        if place in self.seen:
            raise Problem(f"{entry.where}: the file says it twice. Take one of them out.")
        self.seen.add(place)

    def _kpi_named(self, name: str, entry: Entry) -> int:
        """The KPI of a slug or `slug@scope`, of the file or the workspace."""
        slug, _, scope = name.partition("@")
        found: dict[int, Kpi] = {one.id: one for (table, _), one in self.after.items() if table == "kpi"}
        if not self.prune:
            found = {**self.now.setup.kpis, **found}
        metric_id, scope_id = self.ids["metric"].get(slug), self.ids["scope"].get(scope)
        of_metric = [kpi for kpi in found.values() if kpi.metric_id == metric_id]
        exact = [kpi for kpi in of_metric if not scope or kpi.scope_id == scope_id]
        if len(exact) == 1:
            return exact[0].id
        slugs = {id: slug for slug, id in self.ids["scope"].items()}
        if exact:
            choice = " or ".join(f"{slug}@{slugs[kpi.scope_id]}" for kpi in exact)
            raise Problem(f"{entry.where}: {quote(slug)} is a KPI in several scopes: write {choice}.")
        raise Problem(
            f"{entry.where}: there is no KPI {quote(name)}: "
            + (f"there is {slug}@{slugs[of_metric[0].scope_id]}." if of_metric else "add it as a [[kpi]].")
        )

    def _drivers(self) -> None:
        for entry in self.model.of("metric"):
            if "feeds" not in entry.values and not self.prune:
                continue
            metric_id = self.ids["metric"][entry.values["slug"]]
            fed = [self._ref("metric", slug, entry, "feeds") for slug in entry.values.get("feeds") or ()]
            for feeds_id in fed:
                if feeds_id == metric_id:
                    raise Problem(f"{entry.where}: a metric cannot feed itself: take it out of feeds.")
                base = self.now.drivers.get((metric_id, feeds_id))
                obj = (
                    Driver(id=self._new_id(), metric_id=metric_id, feeds_id=feeds_id)
                    if base is None
                    else replace(base, archived=False)
                )
                self.before["driver", obj.id] = base
                self.after["driver", obj.id] = obj
                self.where["driver", obj.id] = entry.where
            for edge in self.now.setup.drivers.values():
                if edge.metric_id == metric_id and edge.feeds_id not in fed:
                    self.put_away.add(("driver", edge.id))

    def _notes(self) -> None:
        used: dict[NoteKey, int] = {}
        for entry in self.model.of("annotation"):
            metric, goal = entry.values.get("metric"), entry.values.get("goal")
            metric_id = self._ref("metric", metric, entry, "metric") if metric else None
            goal_id = self._ref("goal", goal, entry, "goal") if goal else None
            key = (metric_id, goal_id, entry.values["day"], entry.values["text"])
            nth = used[key] = used.get(key, -1) + 1
            there = self.now.notes.get(key, [])
            base = there[nth] if nth < len(there) else None
            self._mention(
                "annotation", entry, base, base.id if base else self._new_id(), {"who": base.who if base else self.who}
            )

    def _prune(self) -> None:
        for table, live in self._live_tables():
            if table in ("annotation", "member") and not self.model.of(table):
                continue
            self.put_away |= {(table, id) for id in live if (table, id) not in self.after}
        self.put_away.discard(("scope", self.now.root.id))

    def _live_tables(self) -> Iterable[tuple[str, dict[int, Any]]]:
        setup = self.now.setup
        yield from (("scope", dict(setup.scopes)), ("metric", dict(setup.metrics)), ("goal", dict(setup.goals)))
        yield from (("kpi", dict(setup.kpis)), ("target", dict(setup.targets)), ("driver", dict(setup.drivers)))
        notes = (note for several in self.now.notes.values() for note in several if not note.archived)
        yield "annotation", {note.id: note for note in notes}
        for table in KEYED_BY:
            if table != "target":
                live: dict[tuple[object, ...], Any] = getattr(self.now, f"{table}s")
                yield table, {one.id: one for one in live.values() if not one.archived}

    def _new_id(self) -> int:
        self.made -= 1
        return self.made

    # ---- the result ------------------------------------------------------------------------------------------------

    def live(self, table: str) -> dict[int, Any]:
        """The live definitions of a table as they are wanted."""
        kept = {id: one for id, one in dict(self._live_tables())[table].items() if (table, id) not in self.put_away}
        return {**kept, **{id: one for (name, id), one in self.after.items() if name == table}}

    def setup(self) -> Setup:
        return Setup(*(self.live(table) for table in ("scope", "metric", "goal", "kpi", "target", "driver")))

    def contradictions(self) -> None:
        """Refuses what the file would newly break; what was wrong before is the doctor's business."""
        check_table(self.workspace, self.live("period").values(), self.model.filename)
        before, after = self.now.setup, self.setup()
        known = {finding.text for finding in (*rules.findings(before), *alike(before))}
        fresh = [finding for finding in (*rules.findings(after), *alike(after)) if finding.text not in known]
        if not fresh:
            return
        first = fresh[0]
        places = [(first.table, id) for id in (first.id, *first.others)]
        said = next((self.where[place] for place in places if place in self.where), self.model.filename)
        where = said.partition(",")[0]
        more = f" ({len(fresh) - 1} more after that.)" if len(fresh) > 1 else ""
        raise Problem(f"{where}: {first.text}{more}")

    def steps(self) -> list[Step]:
        """What has to be written, definitions in the order they depend on each other."""
        self._place()
        found = []
        for table, live in self._live_tables():
            for id, one in live.items():
                if (table, id) in self.put_away:
                    found.append(Step("archive", table, one, replace(one, archived=True)))
        for table in WRITTEN:
            for (name, id), after in self.after.items():
                if name != table:
                    continue
                before = self.before[name, id]
                if before is None:
                    found.append(Step("add", table, None, after))
                elif before != after:
                    found.append(Step("revive" if before.archived else "change", table, before, after))
        return found

    def _place(self) -> None:
        """Gives new definitions their place: after all others, or with `prune` where the file has them."""
        for table in ORDERED:
            mentioned = [place for place in self.after if place[0] == table]
            last = max((one.position for one in self.live(table).values()), default=0.0)
            for place in mentioned:
                if self.before[place] is None:
                    last = float(int(last) + 1)
                    self.after[place] = replace(self.after[place], position=last)
            if not self.prune:
                continue
            if table == "scope" and ("scope", self.now.root.id) in mentioned:
                mentioned.sort(key=lambda place: place[1] != self.now.root.id)
            # New ones come after those that are stored: their ids will be higher.
            order = [
                (self.after[place].position, place[1] if place[1] > 0 else 2**62 - place[1]) for place in mentioned
            ]
            if order != sorted(order):
                for number, place in enumerate(mentioned, 1):
                    self.after[place] = replace(self.after[place], position=float(number))


def spelled_out(slug: str) -> str:
    """A name for a slug: `site_visits` is Site visits."""
    words = slug.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
