"""A template and the answers as the entries of a model, with names that are free in the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from kpitui.domain.formula import evaluate, parse, rename
from kpitui.domain.model import Playbook
from kpitui.domain.periods import to_date
from kpitui.domain.problem import Problem
from kpitui.domain.slugs import slugify
from kpitui.domain.starting_target import read_usual, work_out
from kpitui.errors import Refused
from kpitui.services.library_use import same_metric
from kpitui.services.model_read import Entry, Model
from kpitui.services.promotion import aim_fields, is_live
from kpitui.services.shaping import refuse_loop
from kpitui.storage import definitions, names
from kpitui.text import fold

if TYPE_CHECKING:
    from kpitui.services.book import Book
    from kpitui.services.library_use import Answers
    from kpitui.storage.store import Store


class Wanted(NamedTuple):
    model: Model
    made: tuple[tuple[str, int], ...]
    """What is new: noun and count."""
    live: int
    """KPIs that wear the badge at once."""
    drafts: int
    scope: str
    """Slug of whom it is for."""


def entries_for(store: Store, book: Book, answers: Answers) -> Wanted:
    """What the answers make of the template, inside the transaction that applies it."""
    return _Writing(store, book, answers).wanted()


class _Writing:
    def __init__(self, store: Store, book: Book, answers: Answers) -> None:
        self.store, self.book, self.answers = store, book, answers
        self.offer = answers.offer
        self.template = self.offer.preview.template
        self.metrics: dict[str, Mapping[str, Any]] = {
            entry.values["slug"]: entry.values
            for entry in self.offer.preview.model.of("metric")
            if entry.values["slug"] in self.offer.lines
        }
        self.roles = {
            entry.values["metric"]: entry.values
            for entry in self.offer.preview.model.of("kpi")
            if entry.values["metric"] in self.metrics
        }
        self.taken = names.taken(store)
        self.known: dict[str, int] = {}
        """Lines of the template that are there already, with the metric that each is."""
        self.slugs: dict[str, str] = {}
        self.entries: list[Entry] = []

    def entry(self, table: str, values: dict[str, Any], label: str) -> None:
        self.entries.append(Entry(table, values, f"{self.template.title}, {table} {label}", label))

    def wanted(self) -> Wanted:
        self._names()
        scope = self._scope()
        goal, new_goal = self._goal(scope)
        owners = self._owners()
        for slug in self.offer.lines:
            self._metric(slug, scope, owners[slug])
        live = drafts = 0
        for ask in self.offer.asks:
            if self._kpi(ask.slug, scope, goal, owners[ask.slug]):
                live += 1
            else:
                drafts += 1
        self._playbooks(scope)
        order = {table: place for place, table in enumerate(("scope", "metric", "goal", "kpi", "playbook"))}
        self.entries.sort(key=lambda one: order[one.table])
        fresh = [slug for slug in self.offer.lines if slug not in self.known]
        asked = {ask.slug for ask in self.offer.asks}
        made = (
            (self.offer.scope_kind, int(not self.offer.scope_id)),
            ("goal", int(new_goal)),
            ("KPI", live + drafts),
            ("metric", sum(slug not in asked for slug in fresh)),
        )
        return Wanted(Model(self.template.title, None, tuple(self.entries)), made, live, drafts, scope)

    # ---- names ---------------------------------------------------------------------------------------------------

    def _names(self) -> None:
        """Each line's slug in the workspace: that of the metric that means the same, its own, or a free one."""
        for slug, values in self.metrics.items():
            same = same_metric(self.book, values)
            if same is not None:
                self.known[slug] = same
                self.slugs[slug] = self.book.metrics[same].slug
                continue
            self.slugs[slug] = slug if self._returns(values) else slugify(slug, self.taken)
            self.taken.add(self.slugs[slug])

    def _returns(self, values: Mapping[str, Any]) -> bool:
        """Whether this line was here and was put away, by undo for one: then it comes back as itself."""
        row = names.metric_put_away(self.store, values["slug"])
        wanted = (values.get("unit", "number"), values.get("kind", "flow"), values.get("cadence", "week"))
        name = fold(str(values.get("name", values["slug"])))
        return row is not None and fold(row[0]) == name and tuple(row[1:]) == wanted

    def _free(self, name: str, table: str, called: str) -> str:
        """A slug for a new scope or goal; its old one where it was here under that name and was put away."""
        slug = slugify(name, ())
        if names.put_away(self.store, table, slug, called):
            return slug
        slug = slugify(name, self.taken)
        self.taken.add(slug)
        return slug

    def _name(self, values: Mapping[str, Any]) -> str:
        """Its name, with whom it is for behind it where another metric is called so."""
        name = str(values.get("name", values["slug"]))
        taken = {fold(one.name) for one in self.book.metrics.values()}
        if fold(name) not in taken:
            return name
        longer = f"{name[:80]} ({self.offer.scope[:30]})"
        number = 2
        while fold(longer) in taken:
            longer = f"{name[:80]} ({self.offer.scope[:26]} {number})"
            number += 1
        return longer

    def _owners(self) -> dict[str, str]:
        """Whoever answers for a KPI has what feeds it, too, unless that is a KPI itself."""
        owners: dict[str, str] = {}
        at = self.offer.who
        for line in self.offer.preview.lines:
            if line.depth == 0:
                answer = self.answers.by_slug.get(line.slug)
                at = (answer.owner if answer else "") or self.offer.who
            owners[line.slug] = at
        return owners

    # ---- what is made --------------------------------------------------------------------------------------------

    def _scope(self) -> str:
        if self.offer.scope_id:
            return self.book.scopes[self.offer.scope_id].slug
        root = self.book.root
        assert root is not None
        slug = self._free(self.offer.scope, "scope", self.offer.scope)
        values = {"slug": slug, "kind": self.offer.scope_kind, "name": self.offer.scope, "parent": root.slug,
                  "owner": self.offer.who}  # fmt: skip
        self.entry("scope", values, slug)
        return slug

    def _goal(self, scope: str) -> tuple[str, bool]:
        """The slug of the goal the KPIs are tied to, and whether it is new."""
        said = self.answers.said
        if said is None:
            there = self.answers.goal
            if there is not None:
                self._measure(there.slug)
            return (there.slug if there else ""), False
        line, book = said.line, self.book
        root = book.root
        year = to_date(line.deadline).year
        mains = [one for one in book.goals.values() if one.main and one.deadline and to_date(one.deadline).year == year]
        outermost = root is not None and scope == root.slug
        slug = self._free(f"{line.subject or line.title} {year}", "goal", line.title)
        values: dict[str, Any] = {
            "slug": slug,
            "title": line.title,
            "scope": scope,
            "main": outermost and not mains,
            "target_kind": "from_to",
            "baseline": None,
            "target": line.value,
            "metric": "",
            "parent": "",
            "deadline": line.deadline,
            "start": self.answers.goal_start,
            "unit": line.unit,
            "owner": said.owner or self.offer.who,
        }
        if (
            not outermost
            and book.main_goal is not None
            and (book.main_goal.deadline or self.offer.today) >= self.offer.today
        ):
            values["parent"] = book.main_goal.slug
        metric = self.metrics.get(self.template.goal_metric)
        if metric is not None and (metric.get("unit") == "percent") == (line.unit == "percent"):
            values["metric"] = self.slugs[self.template.goal_metric]
            values["unit"] = metric.get("unit", "number")
            values["target_kind"] = "reach" if self.answers.counted else "from_to"
            baseline = said.baseline if said.baseline is not None else self._goal_baseline(metric)
            if not self.answers.counted and baseline is not None and baseline != line.value:
                values["baseline"] = baseline
        elif said.baseline is not None and said.baseline != line.value:
            values["baseline"] = said.baseline
        self.entry("goal", values, slug)
        return slug, True

    def _measure(self, slug: str) -> None:
        """A goal that was written before and names the template's goal metric is measured by it from now on."""
        metric = self.metrics.get(self.template.goal_metric)
        goal = next(one for one in self.book.goals.values() if one.slug == slug)
        if metric is None or goal.metric_id is not None or goal.scope_id != self.offer.scope_id:
            return
        named = f" {fold(str(metric.get('name', metric['slug'])))} " in f" {fold(goal.title)} "
        unit = metric.get("unit", "number")
        if not named or (unit == "percent") != (goal.unit == "percent"):
            return
        values: dict[str, Any] = {"slug": slug, "metric": self.slugs[self.template.goal_metric], "unit": unit}
        baseline = self._goal_baseline(metric)
        if goal.baseline is None and baseline is not None and baseline != goal.target:
            values["baseline"] = baseline
        self.entry("goal", values, slug)

    def _goal_baseline(self, metric: Mapping[str, Any]) -> float | None:
        """Where the goal's metric stands, as far as the answers say."""
        known = {name: one.baseline for name, one in self.answers.by_slug.items() if one.baseline is not None}
        if not metric.get("formula"):
            return known.get(str(metric["slug"]))
        try:
            return evaluate(parse(str(metric["formula"])), _Given(known)).value
        except Problem:
            return None

    def _metric(self, slug: str, scope: str, owner: str) -> None:
        values = self.metrics[slug]
        feeds = [self.slugs[one] for one in self._fed(slug)]
        if slug in self.known:
            self._feed_more(slug, feeds)
            return
        mine = {**values, "slug": self.slugs[slug], "name": self._name(values), "scope": scope, "feeds": feeds}
        mine.setdefault("owner", "")
        mine["owner"] = mine["owner"] or owner
        for key in ("numerator", "denominator", "weight"):
            if mine.get(key):
                mine[key] = self.slugs[mine[key]]
        if mine.get("formula"):
            # Through names that nothing has, so that two that change places do not meet.
            names = [name for name in parse(mine["formula"]).names if name in self.slugs]
            for number, name in enumerate(names):
                mine["formula"] = rename(mine["formula"], name, f"line_of_template_{number}")
            for number, name in enumerate(names):
                mine["formula"] = rename(mine["formula"], f"line_of_template_{number}", self.slugs[name])
        if slug not in {ask.slug for ask in self.offer.asks}:
            mine |= self._bounds(slug, values)
        self.entry("metric", mine, mine["slug"])

    def _fed(self, slug: str) -> list[str]:
        """What a line feeds: where that was left out, what it would have fed."""
        found: list[str] = []
        everything = {one.values["slug"]: one.values for one in self.offer.preview.model.of("metric")}
        waiting, seen = list(self.metrics[slug].get("feeds") or ()), set()
        while waiting:
            at = waiting.pop(0)
            if at in seen:
                continue
            seen.add(at)
            if at in self.metrics:
                found.append(at)
            else:
                waiting += list(everything[at].get("feeds") or ())
        return found

    def _feed_more(self, slug: str, feeds: list[str]) -> None:
        """A metric that is there keeps what it feeds, and feeds these, too, where that makes no circle."""
        id = self.known[slug]
        now = [self.book.metrics[one].slug for one in self.book.feeds(id)]
        ids = {one.slug: one.id for one in self.book.metrics.values()}
        edges = {(edge.metric_id, edge.feeds_id) for edge in self.book.drivers}
        more = []
        for one in feeds:
            if one in now or one == self.slugs[slug]:
                continue
            if one in ids:
                try:
                    refuse_loop(self.book, edges | {(id, ids[one])}, [(id, ids[one])])
                except Refused:
                    continue
                edges.add((id, ids[one]))
            more.append(one)
        if more:
            self.entry("metric", {"slug": self.slugs[slug], "feeds": [*now, *more]}, self.slugs[slug])

    def _bounds(self, slug: str, values: Mapping[str, Any]) -> dict[str, float]:
        """The usual target of a metric that is no KPI, as the thresholds it is judged by."""
        said = dict(self.template.usual).get(slug)
        if not said or "good_low" in values or "good_high" in values:
            return {}
        kind, direction = values.get("kind", "flow"), values.get("direction", "up")
        usual = read_usual(said, values.get("unit", "number"), self.offer.currency, direction)
        if usual.kind in ("goal", "base"):
            return {}  # its own values show first where it stands
        target = work_out(usual, kind, direction, self.answers.ground(slug))
        if target is None:
            return {}
        bounds = {"good_low": target.low, "good_high": target.high}
        if target.kind != "between":
            bounds = {"good_low" if target.kind == "at_least" else "good_high": target.value}
        return {key: value for key, value in bounds.items() if value is not None}

    def _kpi(self, slug: str, scope: str, goal: str, owner: str) -> bool:
        """Adds the KPI; gives whether it is live."""
        from kpitui.domain.model import Kpi

        ask = next(one for one in self.offer.asks if one.slug == slug)
        answer = self.answers.by_slug.get(slug)
        target = None
        if answer is not None:
            target = self.answers.target(ask, answer)
        elif ask.usual:
            target = self.answers.target(ask, self.answers.read(ask, ""))
        deadline = self.answers.goal.deadline if self.answers.goal else None
        fields: dict[str, Any] = {"deadline": deadline, "start": self.offer.today}
        if target is not None:
            fields = aim_fields(target, self.offer.today, deadline)
        if answer is not None and answer.baseline is not None and "baseline" not in fields:
            fields["baseline"] = answer.baseline
        if fields.get("target") is not None and fields.get("baseline") == fields["target"]:
            fields["target_kind"] = "at_most" if ask.direction == "down" else "at_least"
        trial = Kpi(metric_id=1, scope_id=1, goal_id=1 if goal else None, owner=owner, **fields)
        live = is_live(trial, owner)
        # Every one of them is said, so that a role that comes back has nothing left of what it was.
        empty = dict.fromkeys(("baseline", "target", "low", "high", "start", "deadline"))
        plain = {"window": 1, "sustain": 1, "tolerance": None}
        values: dict[str, Any] = {**plain, **self.roles[slug], "target_kind": "from_to", **empty, **fields}
        if values["target_kind"] in ("reach", "milestone"):
            values["window"] = 1
        if values["target_kind"] != "from_to":
            values["sustain"] = 1
        values |= {"metric": self.slugs[slug], "scope": scope, "owner": owner, "state": "live" if live else "draft"}
        if goal:
            values["goal"] = goal
        counter = values.pop("counter", None)
        if counter in self.slugs:
            values["counter"] = self.slugs[counter]
        else:
            values["tolerance"] = None
        self.entry("kpi", values, f"{self.slugs[slug]}@{scope}")
        return live

    def _playbooks(self, scope: str) -> None:
        """The template's playbook is that of whom it is for; one that is there stays."""
        if self.offer.scope_id and definitions.find(self.store, Playbook, scope_id=self.offer.scope_id):
            return
        for entry in self.offer.preview.model.of("playbook"):
            if "scope" in entry.values:
                self.entry("playbook", {**entry.values, "scope": scope}, f"of {scope}")


class _Given:
    """The numbers of an answer as a formula takes them: today's, and nothing of the past."""

    def __init__(self, known: Mapping[str, float]) -> None:
        self.known = known

    def value(self, name: str, lag: int) -> float | None:
        return self.known.get(name) if lag == 0 else None

    def ytd(self, name: str, lag: int = 0) -> float | None:
        return None

    def rolling(self, name: str, n: int, lag: int = 0) -> float | None:
        return None
