"""A line of the hierarchy written out, to be changed and read again: only what was changed on it is saved."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from kpitui.domain.currencies import symbol_of
from kpitui.domain.figure_style import style
from kpitui.domain.figures import show
from kpitui.domain.line_band import MARKS
from kpitui.domain.line_metric import MetricLine
from kpitui.domain.line_target import TargetLine, read_target
from kpitui.domain.line_window import time_words
from kpitui.domain.periods import iso, to_date
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.domain.starting_target import without_owner
from kpitui.errors import Conflict, Refused
from kpitui.services.book import Book
from kpitui.services.creating import SCOPES, read_named, thresholds
from kpitui.services.naming import Done, as_seen, everything, follow, meant, refuse_twin, rename_metric
from kpitui.services.revisions import who_edited
from kpitui.text import check_name, clean, fold

if TYPE_CHECKING:
    from kpitui.domain.model import Metric, Unit
    from kpitui.services.calendar_change import Difference
    from kpitui.services.hierarchy import Node
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn

ADVERBS = {"day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly"}


def line_of(store: Store, node: Node, today: int) -> str:
    """The line as it would be typed, from what stands now."""
    book = Book(store, today)
    if node.kind == "goal":
        goal = book.goals[node.id]
        parts = [goal.title]
        if goal.target is not None and goal.deadline is not None:
            target = plain(goal.target, goal.unit, goal.currency or book.currency)
            parts.append(f"{target} by {day_said(goal.deadline)}")
        line = ", ".join(parts)
        return f"{line} @{goal.owner}" if goal.owner else line
    if node.kind == "scope":
        scope = book.scopes[node.id]
        return f"{scope.kind} {scope.name}{f' @{scope.owner}' if scope.owner else ''}"
    return metric_line(book, node.metric_id or 0, node.id if node.kind == "kpi" else None)


def plain(value: float | None, unit: Unit, currency: str) -> str:
    """A number as it is typed: nothing rounded, nothing between its digits."""
    if value is None:
        return ""
    digits = f"{value * 100 if unit == 'percent' else value:.10f}".rstrip("0").rstrip(".").replace(".", style().decimal)
    return f"{digits}%" if unit == "percent" else f"{symbol_of(currency)}{digits}" if unit == "currency" else digits


def day_said(day: int) -> str:
    said = to_date(day)
    return f"{said.day} {said:%b} {said.year}".lower()


def metric_line(book: Book, metric_id: int, kpi_id: int | None) -> str:
    metric = book.metrics[metric_id]
    kpi = book.kpis.get(kpi_id or 0)
    currency = book.currency_of(metric)
    name = f'"{metric.name}"' if "," in metric.name else metric.name
    words = [ADVERBS[metric.cadence], *(["workdays"] if metric.days == "working" else [])]
    owner = (kpi.owner if kpi else "") or metric.owner
    if owner:
        words.append(f"@{owner}")
    if metric.timing:
        words.append("lead" if metric.timing == "leading" else "lag")
    if metric.counter:
        words.append("counter")
    words += [metric.unit, metric.kind, metric.direction]
    target = _target_said(book, metric_id, kpi_id, currency)
    feeds = [book.metrics[one] for one in book.feeds(metric_id)]
    named = ", ".join(one.slug if "," in one.name else one.name for one in feeds)
    return " ".join([f"{name},", *words, *([target] if target else []), *([f"feeds {named}"] if named else [])])


def _target_said(book: Book, metric_id: int, kpi_id: int | None, currency: str) -> str:
    metric, kpi = book.metrics[metric_id], book.kpis.get(kpi_id or 0)

    def number(value: float | None) -> str:
        return plain(value, metric.unit, currency)

    low, high, value, kind, band = metric.good_low, metric.good_high, None, "at_least", ""
    if kpi is not None:
        from kpitui.domain.target import in_force
        from kpitui.services.promotion import aim_of

        aim = in_force(aim_of(kpi), book.steps.get(kpi.id, ()), book.today)
        low, high, value, kind = aim.low, aim.high, aim.value, aim.kind
        band = "".join(f" {name} {number(one)}" for name in MARKS if (one := getattr(aim, name)) is not None)
        band += time_words(kpi.window, kpi.sustain, metric.cadence).replace(",", "")
        if kind in ("from_to", "reach"):
            if value is None or kpi.deadline is None:
                return ""
            total = " total" if kind == "reach" else ""
            return f"target {number(value)}{total}{band} by {day_said(kpi.deadline)}"
        if kind == "milestone":
            return ""
    elif high is not None:
        kind = "between" if low is not None else "at_most"
    if kind == "between":
        return f"target {number(low)} to {number(high)}" if low is not None and high is not None else ""
    bound = value if value is not None else low if kind == "at_least" else high
    if bound is None:
        return ""
    return f"{'>=' if kind == 'at_least' else '<='}{number(bound)}{band}"


def check_line(node: Node, text: str, today: date, currency: str) -> str:
    """What an edited line says, for its preview. Raises Problem with what is not understood."""
    if node.kind == "goal":
        title, tail, owner = _goal_parts(text)
        said = read_target(tail, today, _unit_of(tail), currency=currency) if tail else None
        when = f" by {day_said(said.deadline)}" if said and said.deadline else ""
        return f"{title}{when}{f', @{owner}' if owner else ''}"
    if node.kind == "scope":
        kind, name, owner = _scope_parts(text)
        return f"{kind} {name}{f', @{owner}' if owner else ''}"
    line = read_named(text, today, currency)
    every = ADVERBS.get(line.cadence or "", "as it was") + (" on working days" if line.days else "")
    return f"{line.name}, {every}{f', @{line.owner}' if line.owner else ''}"


def edit(store: Store, node: Node, before: str, after: str, today: int) -> Done:
    """Saves what differs between the line as it was shown and as it was left.

    Raises Conflict when somebody changed it since `node.rev`, or what is changed here since the line was shown; Refused
    and Problem for what cannot be.
    """
    if before.strip() == after.strip():
        return Done(f"{clean(node.name)} is as it was", node.key)
    if node.kind == "goal":
        return _goal(store, node, after, today)
    if node.kind == "scope":
        return _scope(store, node, after, today)
    return _metric(store, node, before, after, today)


def recut(store: Store, node: Node, before: str, after: str, today: int) -> Difference | None:
    """What another cadence in an edited line changes in what is counted; None where there is none."""
    from kpitui.services import calendar_change

    if node.metric_id is None or node.kind in ("goal", "scope"):
        return None
    currency, day = Book(store, today).currency, to_date(today)
    old, new = (read_named(text, day, currency).cadence for text in (before, after))
    return None if new is None or new == old else calendar_change.recut(store, today, node.metric_id, new)


# ---- goals and scopes --------------------------------------------------------------------------------------------


def _unit_of(text: str) -> Any:
    return "percent" if "%" in text else "currency" if any(sign in text for sign in "$€£¥") else "number"


def _goal_parts(text: str) -> tuple[str, str, str]:
    line, owner = without_owner(text)
    title, comma, tail = line.rpartition(",")
    if not comma or not any(char.isdigit() for char in tail):
        title, tail = line, ""
    return check_name(title, "title"), tail.strip(), owner


def _goal(store: Store, node: Node, after: str, today: int) -> Done:
    from dataclasses import replace

    from kpitui.domain import rules
    from kpitui.domain.model import Goal
    from kpitui.services.model_standing import standing
    from kpitui.storage import definitions

    goal = as_seen(store, Goal, node.id, node.rev)
    book = Book(store, today)
    currency = goal.currency or book.currency
    title, tail, owner = _goal_parts(after)
    values: dict[str, object] = {"owner": owner}
    if title != goal.title:
        refuse_twin(book, "goal", title, goal.id)
        values |= follow(store, goal, title)
    if tail:
        said = read_target(
            tail, to_date(min(today, goal.start or today)), goal.unit, currency=(goal.currency or book.currency)
        )
        values |= {"target": said.value, "deadline": said.deadline or goal.deadline}
        if said.low is not None:
            values |= {"target_kind": "between", "low": said.low, "high": said.high}
    wanted = replace(goal, **values)  # type: ignore[arg-type]
    setup = standing(store).setup
    texts = rules.of_goal(wanted, setup._replace(goals={**setup.goals, goal.id: wanted}))
    if texts:
        raise Refused(f"{texts[0][:1].upper()}{texts[0][1:]}")
    with store.write("goal.edit", summary=f"goal {goal.title}") as tx:
        definitions.change(tx, goal, **values)
        changed = tx.count
    fields: dict[str, tuple[str, Any]] = {
        "title": ("title", str),
        "owner": ("owner", str),
        "deadline": ("by", lambda day: iso(day) if day else "-"),
        "target": ("target", lambda value: show(value, goal.unit, currency=currency, compact=True)),
    }
    return Done(_said(goal, wanted, fields, goal.title, changed), node.key)


def _scope_parts(text: str) -> tuple[str, str, str]:
    line, owner = without_owner(text)
    words, kind = line.split(), ""
    if words and words[0].casefold() in ("org", *SCOPES):
        kind, words = words[0].casefold(), words[1:]
    return kind, check_name(" ".join(words)), owner


def _scope(store: Store, node: Node, after: str, today: int) -> Done:
    from dataclasses import replace

    from kpitui.domain.model import Scope
    from kpitui.storage import definitions

    scope = as_seen(store, Scope, node.id, node.rev)
    kind, name, owner = _scope_parts(after)
    values: dict[str, object] = {"owner": owner, "kind": kind or scope.kind}
    if scope.parent_id is not None and values["kind"] == "org":
        raise Refused("There is one organisation, the outermost: this one may be a team, role, person or the like.")
    if name != scope.name:
        refuse_twin(Book(store, today), "scope", name, scope.id)
        values |= follow(store, scope, name)
    with store.write("scope.edit", summary=f"{scope.kind} {scope.name}") as tx:
        definitions.change(tx, scope, **values)
        changed = tx.count
    wanted = replace(scope, **values)  # type: ignore[arg-type]
    said = {"name": ("name", str), "owner": ("owner", str), "kind": ("kind", str)}
    return Done(_said(scope, wanted, said, scope.name, changed), node.key)


def _said(old: Any, new: Any, fields: dict[str, tuple[str, Any]], name: str, changed: int) -> str:
    """`Saved MRR: owner bo (was ana), every month (was week)`."""
    said = []
    for field, (word, text) in fields.items():
        before, now = getattr(old, field), getattr(new, field)
        if before != now:
            said.append(f"{word} {clean(text(now)) or '-'} (was {clean(text(before)) or '-'})")
    return f"Saved {clean(name)}: {', '.join(said)}" if said and changed else f"{clean(name)} is as it was"


# ---- metrics -----------------------------------------------------------------------------------------------------


def _metric(store: Store, node: Node, before: str, after: str, today: int) -> Done:
    from kpitui.domain.model import Kpi, Metric
    from kpitui.storage import definitions

    book = Book(store, today)
    row = book.metrics[node.metric_id or 0]
    currency, day = book.currency_of(row), to_date(today)
    old, new = read_named(before, day, currency), read_named(after, day, currency)
    check_name(new.name)
    if fold(new.name) != fold(row.name):
        refuse_twin(book, "metric", new.name, row.id)
    kpi = as_seen(store, Kpi, node.id, node.rev) if node.kind == "kpi" else None
    metric = as_seen(store, Metric, row.id, 0 if kpi else node.rev)
    values = _changed(old, new)
    _refuse(store, metric, values, book)
    own_owner = values.pop("owner", None)
    said: list[str] = [f"{_WORDS.get(key, key)} {_word(now)} (was {_word(getattr(metric, key))})"
                       for key, now in values.items() if now != getattr(metric, key)]  # fmt: skip
    if own_owner is not None:
        said.append(f"owner {_word(own_owner)} (was {node.owner or '-'})")
    with store.write("metric.edit", summary=f"{metric.name}") as tx:
        if kpi is not None:
            _refuse_overtaken(store, node, before, after, today)
        if new.name != old.name:
            renamed, rewritten = rename_metric(tx, store, metric, new.name)
            values |= renamed
            formulas = f", {rewritten} formula{'s' if rewritten > 1 else ''} rewritten" if rewritten else ""
            said.insert(0, f"now called {clean(new.name)}{formulas}")
        if own_owner is not None and (kpi is None or not kpi.owner):
            values["owner"] = own_owner
        if new.target != old.target and kpi is None:
            values |= thresholds(new.target) if new.target else {"good_low": None, "good_high": None}
            said.append("target changed" if new.target else "target taken away")
        definitions.change(tx, metric, **values)
        if kpi is not None and kpi.owner and own_owner is not None:
            definitions.change(tx, kpi, owner=own_owner)
        if new.feeds != old.feeds:
            said.append(_feeds(tx, store, book, metric, new.feeds))
        if new.target != old.target and kpi is not None:
            said.append(_kpi_target(tx, store, kpi.id, metric, old.target, new.target, today))
    return Done(f"Saved {clean(metric.name)}: {', '.join(said)}" if said else f"{clean(metric.name)} is as it was",
                node.key)  # fmt: skip


def _refuse_overtaken(store: Store, node: Node, before: str, after: str, today: int) -> None:
    """Raises Conflict where somebody changed meanwhile what the edited line changes, too. A KPI's line is of several
    definitions (its metric, its role, dated targets), of which a revision tells one."""
    book = Book(store, today)
    now = metric_line(book, node.metric_id or 0, node.id)
    if now == before:
        return
    currency, day = book.currency_of(book.metrics[node.metric_id or 0]), to_date(today)
    shown, mine, theirs = (read_named(text, day, currency) for text in (before, after, now))
    for was, wanted, stands in zip(shown, mine, theirs, strict=True):
        if was != wanted and stands not in (was, wanted):
            by = who_edited(store, node.kind, node.id, node.metric_id)
            raise Conflict(f"{by} made it “{now}” meanwhile. NOT saved: look again.")


_WORDS = {"cadence": "every", "days": "days expected", "timing": "moves", "counter": "counter"}


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return clean(str(value)) if value else "-"


def _changed(old: MetricLine, new: MetricLine) -> dict[str, object]:
    """The fields of the metric that the two lines say differently; what was taken out goes back to its default."""
    defaults: dict[str, object] = {"unit": "number", "kind": "flow", "direction": "up", "days": "every"}
    values: dict[str, object] = {}
    for field in ("cadence", "days", "owner", "timing", "counter", "unit", "kind", "direction"):
        before, now = getattr(old, field), getattr(new, field)
        if before == now:
            continue
        if now is None and field == "cadence":
            continue
        values[field] = defaults.get(field) if now is None else now
    return values


def _refuse(store: Store, metric: Metric, values: dict[str, object], book: Book) -> None:
    from dataclasses import replace

    from kpitui.domain import rules
    from kpitui.services.model_standing import standing

    owner = values.get("owner")
    if isinstance(owner, str) and owner:
        check_name(owner, "owner", 40)
    if "kind" in values and metric.numerator_id is not None:
        raise Refused(f"{quote(metric.name)} is worked out from two others and stays a ratio.")
    wanted = replace(metric, **values)  # type: ignore[arg-type]
    setup = standing(store).setup
    before = set(rules.of_metric(metric, setup))
    texts = [text for text in rules.of_metric(wanted, setup) if text not in before]
    if texts:
        raise Refused(f"{texts[0][:1].upper()}{texts[0][1:]}")


def _feeds(tx: Txn, store: Store, book: Book, metric: Metric, names: tuple[str, ...]) -> str:
    from kpitui.domain.model import Driver
    from kpitui.services.shaping import place_behind, refuse_loop
    from kpitui.storage import definitions

    known = everything(book, ("metric",))
    wanted = {meant(known, name).id for name in names}
    have = {edge.feeds_id: edge.id for edge in book.drivers if edge.metric_id == metric.id}
    edges = {(e.metric_id, e.feeds_id) for e in book.drivers if e.metric_id != metric.id}
    fresh = [(metric.id, id) for id in wanted]
    refuse_loop(book, edges | set(fresh), fresh)
    for id, edge in have.items():
        if id not in wanted:
            definitions.archive(tx, definitions.get(store, Driver, edge))
    for id in wanted - set(have):
        siblings = definitions.all_of(store, Driver, feeds_id=id)
        place = place_behind(tx, siblings, siblings[-1].id if siblings else None)
        definitions.add(tx, Driver(metric_id=metric.id, feeds_id=id, position=place))
    return f"feeds {', '.join(clean(book.metrics[id].name) for id in wanted) or 'nothing'}"


def _kpi_target(
    tx: Txn, store: Store, kpi_id: int, metric: Metric, was: TargetLine | None, target: TargetLine | None, today: int
) -> str:
    from kpitui.services.targets import set_target

    if target is None:
        raise Problem("A KPI keeps its target: T gives it another, P makes it a plain metric.")
    gone = tuple(name for name in MARKS if getattr(was, name, None) is not None and getattr(target, name) is None)
    time = target.time
    if was is not None:
        # What the line said and says no more is taken away.
        time = time._replace(
            window=1 if time.window is None and was.time.window else time.window,
            sustain=1 if time.sustain is None and was.time.sustain else time.sustain,
        )
    target = target._replace(without=gone, time=time)
    done = set_target(store, metric.id, kpi_id, target, today, within=tx)
    return done.sentence[:1].lower() + done.sentence[1:]
