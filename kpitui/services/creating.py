"""New goals, KPIs, metrics and scopes from one typed line, with what it does not say taken from where it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kpitui.domain.figures import show
from kpitui.domain.line_goal import GoalLine, read_goal
from kpitui.domain.line_metric import CADENCES, MetricLine, read_metric
from kpitui.domain.line_target import TargetLine
from kpitui.domain.periods import to_date
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.domain.starting_target import without_owner
from kpitui.errors import Refused
from kpitui.services.book import Book
from kpitui.services.naming import Done, everything, free_slug, meant, refuse_twin
from kpitui.text import check_name, clean, fold

if TYPE_CHECKING:
    from datetime import date

    from kpitui.domain.model import Cadence, Kind, Metric, ScopeKind, Unit
    from kpitui.services.hierarchy import Node, Tree
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn

SCOPES: tuple[ScopeKind, ...] = ("team", "role", "person", "campaign", "client")
LEVELS = frozenset("mrr arr balance cash runway headcount inventory stock followers subscribers backlog".split())
"""Words of names whose number stands at a level and is never added up."""
SHARES = frozenset("average avg mean median rate ratio price".split())
"""Words of names whose number is one of many divided by another: weeks of it make no month."""
MONEY = frozenset("arr mrr acv tcv gmv revenue turnover profit income ebit ebitda".split())
"""Last words of names whose number is an amount."""


class Place(NamedTuple):
    """Where a line is typed: what a new one hangs on, and what it inherits."""

    what: str
    """What the line makes unless it says otherwise: goal, kpi, metric or scope."""
    name: str
    """Of the line it goes under; empty at the outermost."""
    goal_id: int | None
    feeds: int | None
    """The metric that a new one feeds."""
    scope_id: int
    owner: str
    cadence: str
    deadline: int | None
    after: int | None
    """The metric or definition behind which it goes; None is the first place."""
    kpi_id: int | None = None
    """The KPI it goes under, for a counter metric."""


class Line(NamedTuple):
    """What was understood of a typed line, every default filled in."""

    what: str
    name: str
    kind: str
    """lead, lag, counter, or the kind of a scope."""
    cadence: str
    owner: str
    target: str
    metric: MetricLine | None = None
    goal: GoalLine | None = None
    said: frozenset[str] = frozenset()
    """The fields that were typed, not inherited."""


def place_of(tree: Tree, node: Node | None, *, sibling: bool = False, root: int = 0) -> Place:
    """Where `n` (or `N`, a sibling) on this line writes."""
    after: int | None = None
    if node is not None and sibling:
        above = tree.node(node.parent)
        after = node.metric_id if node.kind in ("kpi", "metric") else node.id
        if above is None and node.kind == "scope":
            return Place("scope", "", None, None, root, "", "week", None, node.id)
        node = above
    if node is None:
        return Place("goal", "", None, None, root, "", "week", None, after)
    row = tree.row_of(node)
    cadence = row.cadence if row is not None else "week"
    if node.kind == "goal":
        goal = tree.goals.get(node.id)
        return Place("kpi", node.name, node.id, None, node.scope_id, node.owner, "week",
                     goal.deadline if goal else None, after)  # fmt: skip
    if node.kind in ("kpi", "metric"):
        return Place("metric", node.name, None, node.metric_id, node.scope_id, node.owner, cadence, None, after,
                     node.id if node.kind == "kpi" else None)  # fmt: skip
    if node.kind == "scope":
        return Place("scope", node.name, None, None, node.id, node.owner, "week", None, after)
    return Place("metric", "", None, None, node.scope_id, "", "week", None, after)


def read_line(text: str, place: Place, today: date, currency: str) -> Line:
    """What a line means at a place. Raises Problem with what is missing or not understood."""
    said = text.strip()
    first, _, rest = said.partition(" ")
    word = first.casefold().rstrip(":")
    if word in SCOPES and (place.what in ("scope", "goal") or rest) and place.what != "metric":
        return _scope_line(rest, word, place)
    if word == "goal" and rest:
        return _goal_line(rest, place, today, currency)
    if place.what == "goal":
        return _goal_line(said, place, today, currency)
    if place.what == "scope" and "," not in said:
        return _scope_line(said, "team", place)
    return _metric_line(said, place, today, currency)


def _scope_line(text: str, kind: str, place: Place) -> Line:
    words, owner = without_owner(text)
    if not words:
        raise Problem(f"What is the {kind} called? Type {kind} Sales @bo.")
    return Line("scope", words, kind, "", owner or place.owner, "", said=frozenset({"owner"} if owner else ()))


def _goal_line(text: str, place: Place, today: date, currency: str) -> Line:
    words, owner = without_owner(text)
    goal = read_goal(words, today, currency)
    return Line("goal", goal.title, "", span_word(goal.deadline, today), owner or place.owner,
                show(goal.value, goal.unit, currency=currency, compact=True), goal=goal,
                said=frozenset({"owner"} if owner else ()))  # fmt: skip


def _metric_line(text: str, place: Place, today: date, currency: str) -> Line:
    said = read_named(text, today, currency)
    kind = "counter" if said.counter else {"leading": "lead", "lagging": "lag"}.get(said.timing or "", "?")
    what = "metric" if place.what in ("metric", "scope") else "kpi"
    if what == "metric" and said.target is not None and said.target.deadline is not None:
        raise Problem("A target with a date is for KPIs: leave the date out here, p makes it a KPI later.")
    # What comes in on working days comes in by the day, unless the line says otherwise.
    cadence = said.cadence or ("day" if said.days else place.cadence)
    if said.target is not None and said.target.time.grains:
        from kpitui.domain.line_window import refuse_kind, refuse_other_grain

        refuse_other_grain(said.target.time, cadence, said.name)
        refuse_kind(said.target.time, said.target.kind)
    given = {name for name in ("cadence", "days", "owner", "timing", "target") if getattr(said, name)}
    return Line(what, said.name, kind, cadence, said.owner or place.owner,
                target_words(said.target, unit_of(said), currency), said, None, frozenset(given))  # fmt: skip


def read_named(text: str, today: date, currency: str) -> MetricLine:
    """A metric's line; a name that holds a comma stands in quotes."""
    if text.startswith('"') and '"' in text[1:]:
        name, _, rest = text[1:].partition('"')
        return read_metric(f"x, {rest.lstrip(', ')}", today, currency=currency)._replace(name=name.strip())
    return read_metric(text, today, currency=currency)


def target_words(target: TargetLine | None, unit: Unit, currency: str) -> str:
    from kpitui.domain.figures import show_target
    from kpitui.domain.line_band import band_words
    from kpitui.domain.line_window import typed_words

    if target is None:
        return ""
    said = show_target(target.kind, target.value, target.low, target.high, unit, currency=currency)
    return said + band_words(target.floor, target.stretch, unit, currency) + typed_words(target.time)


def span_word(deadline: int, today: date) -> str:
    left = deadline - (today.toordinal() - 719163)
    return "year" if left > 190 or to_date(deadline).month == 12 else "quarter" if left > 45 else "month"


# ---- saving ------------------------------------------------------------------------------------------------------


def add(store: Store, line: Line, place: Place, today: int) -> Done:
    """Saves what the line says, in one change. Raises Refused for a name that is taken, NotFound for one it `feeds`."""
    check_name(line.name)
    if line.owner:
        check_name(line.owner, "owner", 40)
    if line.what == "goal":
        return add_goal(store, line, place, today)
    if line.what == "scope":
        return add_scope(store, line, place, today)
    return add_metric(store, line, place, today)


def add_scope(store: Store, line: Line, place: Place, today: int) -> Done:
    from kpitui.domain.model import Scope
    from kpitui.services.shaping import place_behind
    from kpitui.storage import definitions

    book = Book(store, today)
    refuse_twin(book, "scope", line.name)
    parent = place.scope_id or (book.root.id if book.root else 0)
    with store.write("scope.add", summary=f"new {line.kind} {line.name}") as tx:
        siblings = definitions.all_of(store, Scope, parent_id=parent)
        after = place.after if place.after is not None else siblings[-1].id if siblings else None
        scope = definitions.add(
            tx,
            Scope(
                slug=free_slug(store, line.name),
                name=line.name,
                kind=line.kind,  # type: ignore[arg-type]
                parent_id=parent,
                owner=line.owner,
                position=place_behind(tx, siblings, after),
            ),
        )
    return Done(f"New {line.kind}: {clean(line.name)}", f"scope:{scope.id}")


def add_goal(store: Store, line: Line, place: Place, today: int) -> Done:
    """A new goal; the main goal of its year when there is none, measured by the metric that it names."""
    from dataclasses import replace

    from kpitui.domain.model import Goal
    from kpitui.services.goal_total import measuring
    from kpitui.services.shaping import latest, place_behind
    from kpitui.storage import definitions

    said = line.goal
    assert said is not None
    book = Book(store, today)
    refuse_twin(book, "goal", line.name)
    root = book.root.id if book.root else 0
    scope = place.scope_id or root
    year = to_date(said.deadline).year
    mains = [one for one in book.goals.values() if one.main and one.deadline and to_date(one.deadline).year == year]
    main = not mains and place.goal_id is None and scope == root
    metric = next((one for one in book.metrics.values() if said.subject
                   and fold(said.subject) in (fold(one.name), one.slug)), None)  # fmt: skip
    if metric is not None and (metric.unit == "percent") != (said.unit == "percent"):
        metric = None
    with store.write("goal.add", summary=f"new goal {said.title}") as tx:
        siblings = definitions.all_of(store, Goal, parent_id=place.goal_id, scope_id=scope)
        new = Goal(
            slug=free_slug(store, f"{said.subject or said.title} {year}"),
            title=said.title,
            scope_id=scope,
            parent_id=place.goal_id,
            main=main,
            target=said.value,
            start=today,
            deadline=said.deadline,
            unit=said.unit,
            owner=line.owner or store.who.name,
            position=place_behind(tx, siblings, place.after),
        )
        goal = definitions.add(
            tx, replace(new, **measuring(book, new, metric, latest(book, metric.id))) if metric else new
        )
    role = f", main goal of {year}" if main else ""
    # Below a main goal of the year the first steps and the tree say M; the row has no room for it.
    tied = f", measured by {clean(metric.name)}" if metric else "" if main else ". M ties its metric"
    return Done(f"New goal: {clean(said.title)}{role}{tied}", f"goal:{goal.id}")


def add_metric(store: Store, line: Line, place: Place, today: int) -> Done:
    """A new metric that feeds its parent, or one with the role of a KPI under a goal."""
    from dataclasses import replace

    from kpitui.domain.model import Driver, Kpi
    from kpitui.services.promotion import aim_fields, is_live, lacking, slots
    from kpitui.services.shaping import place_behind
    from kpitui.storage import definitions

    said = line.metric
    assert said is not None
    book = Book(store, today)
    refuse_twin(book, "metric", line.name)
    named = [meant(everything(book, ("metric",)), name) for name in said.feeds]
    feeds = [one.id for one in named] or ([place.feeds] if place.feeds else [])
    scope = place.scope_id or (book.root.id if book.root else 0)
    warning = ""
    with store.write(f"{line.what}.add", summary=f"new {_noun(line.what)} {line.name}") as tx:
        metric = definitions.add(tx, _metric(store, line, said, scope, line.what == "metric"))
        for parent in feeds:
            siblings = definitions.all_of(store, Driver, feeds_id=parent)
            after = next((edge.id for edge in siblings if edge.metric_id == place.after), None)
            definitions.add(
                tx, Driver(metric_id=metric.id, feeds_id=parent, position=place_behind(tx, siblings, after))
            )
        if line.what == "kpi":
            fields: dict[str, Any] = {"deadline": place.deadline}
            if said.target:
                fields = aim_fields(said.target, today, place.deadline)
            others = definitions.all_of(store, Kpi, goal_id=place.goal_id, scope_id=scope)
            after = next((one.id for one in others if one.metric_id == place.after), None)
            kpi = Kpi(metric_id=metric.id, scope_id=scope, goal_id=place.goal_id, owner=metric.owner, start=today,
                      position=place_behind(tx, others, after))  # fmt: skip
            kpi = replace(kpi, **fields)
            kpi = definitions.add(tx, replace(kpi, state="live" if is_live(kpi, metric.owner) else "draft"))
            if kpi.state == "live":
                warning = slots(book, scope, 1)
            state = "" if kpi.state == "live" else f", a draft: {' and '.join(lacking(kpi, metric.owner))} missing"
            if kpi.state != "live" and not said.target:
                state = ", a draft until T gives it a target"
            tied = _tie(tx, store, book, metric, place.goal_id)
            said_line = f"New KPI: {clean(line.name)} under {clean(place.name)}{tied}{state}"
            return Done(said_line, f"kpi:{kpi.id}", warning)
        guards = _guard(tx, store, metric, place)
    under = ", ".join(clean(book.metrics[one].name) for one in feeds)
    return Done(f"New metric: {clean(line.name)}{f' under {under}' if under else ''}{guards}", f"metric:{metric.id}")


def _tie(tx: Txn, store: Store, book: Book, metric: Metric, goal_id: int | None) -> str:
    """A goal that nothing measures yet is measured by the KPI that is called what the goal is about."""
    from kpitui.domain.model import Goal
    from kpitui.services.goal_total import measuring, names_it
    from kpitui.storage import definitions

    goal = book.goals.get(goal_id or 0)
    if goal is None or not names_it(goal, metric.name) or (goal.unit == "percent") != (metric.unit == "percent"):
        return ""
    definitions.change(tx, definitions.get(store, Goal, goal.id), **measuring(book, goal, metric, None))
    return ", which it measures"


def _guard(tx: Txn, store: Store, metric: Metric, place: Place) -> str:
    """A counter metric written under a KPI guards it where nothing does yet."""
    from kpitui.domain.model import Kpi
    from kpitui.storage import definitions

    if not metric.counter or place.kpi_id is None:
        return ""
    kpi = definitions.get(store, Kpi, place.kpi_id)
    if kpi.counter_id is not None:
        return ""
    definitions.change(tx, kpi, counter_id=metric.id)
    return ", guarding it"


def _metric(store: Store, line: Line, said: MetricLine, scope: int, own: bool) -> Metric:
    from kpitui.domain.model import Metric
    from kpitui.storage import definitions

    unit = unit_of(said)
    cadence: Cadence = line.cadence  # type: ignore[assignment]
    metric = Metric(
        slug=free_slug(store, line.name),
        name=line.name,
        unit=unit,
        kind=said.kind or kind_of(line.name, unit),
        cadence=cadence,
        days=said.days or "every",
        direction=said.direction or "up",
        timing=said.timing,
        counter=said.counter,
        owner=line.owner,
        scope_id=scope,
        position=definitions.last_position(store, Metric) + 1,
    )
    if own and said.target is not None:
        from dataclasses import replace

        metric = replace(metric, **thresholds(said.target))  # type: ignore[arg-type]
    if not own and said.target is not None and said.target.kind == "between" and metric.direction != "range":
        raise Refused(f"{quote(line.name)} is good within a range: leave {metric.direction} out.")
    return metric


def thresholds(target: TargetLine) -> dict[str, float | None]:
    """A target as the thresholds of a metric that is no KPI."""
    from kpitui.domain.line_window import Time

    if target.floor is not None or target.stretch is not None or target.without:
        raise Problem("A floor and a stretch are for KPIs: leave them out, or p makes it a KPI.")
    if target.time != Time():
        raise Problem("A time that a target is judged over is for KPIs: leave it out, or p makes it a KPI.")
    if target.kind == "between":
        return {"good_low": target.low, "good_high": target.high}
    if target.kind == "at_most":
        return {"good_low": None, "good_high": target.value}
    if target.kind == "at_least":
        return {"good_low": target.value, "good_high": None}
    raise Problem("A target with a date or in total is for KPIs: type >=30, <=4 or 25-35, or p makes it a KPI.")


def unit_of(said: MetricLine) -> Unit:
    """The unit a line means: as typed, an amount for names like MRR, else a number."""
    return said.unit or ("currency" if MONEY & set(fold(said.name).split()[-1:]) else "number")


def kind_of(name: str, unit: Unit) -> Kind:
    """Whether values add up, when the line does not say: shares, scores and durations do not, nor what stands, nor
    `Cost per lead`; `Calls per week` does."""
    words = fold(name).split()
    if unit in ("percent", "score", "duration") or (LEVELS | SHARES) & set(words):
        return "level"
    each = words[words.index("per") + 1 :][:1] if "per" in words else []
    return "level" if each and each[0] not in CADENCES else "flow"


def _noun(what: str) -> str:
    return "KPI" if what == "kpi" else what
