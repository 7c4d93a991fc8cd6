"""Every field of a metric, KPI, goal or scope, as text to be read and typed; each is saved by itself."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from kpitui.domain import checking, model, rules
from kpitui.domain.day_words import read_date
from kpitui.domain.periods import to_date, to_day
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.errors import NotFound, Refused
from kpitui.services.book import Book
from kpitui.services.editing import day_said, plain
from kpitui.services.goal_total import became_total
from kpitui.services.naming import Done, as_seen, everything, follow, meant, refuse_twin, rename_metric
from kpitui.text import check_name, clean

if TYPE_CHECKING:
    from kpitui.services.hierarchy import Node
    from kpitui.storage.store import Store

NUMBERS = frozenset(
    {
        "baseline",
        "target",
        "low",
        "high",
        "floor",
        "stretch",
        "hard_min",
        "hard_max",
        "good_low",
        "good_high",
        "watch_band",
    }
)
SHARES = frozenset({"watch_band"})
COUNTS = frozenset({"window", "sustain"})
"""Whole numbers of periods, one where nothing is said."""
WHOLE = COUNTS | frozenset({"decimals", "grace_days", "kpi_notice", "kpi_warn", "kpi_strong"})
DAYS = frozenset({"start", "deadline"})
METRICS = {"numerator_id", "denominator_id", "weight_id", "counter_id", "metric_id"}
PARTS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "metric": (
        ("What it is", ("name", "definition", "unit", "currency", "decimals", "kind", "aggregation", "formula",
                        "numerator_id", "denominator_id", "weight_id")),
        ("When and who", ("cadence", "days", "grace_days", "owner", "updater", "source", "how", "effort", "audience")),
        ("What is good", ("direction", "good_low", "good_high", "watch_band", "hard_min", "hard_max", "benchmark")),
        ("What it is for", ("timing", "nature", "counter", "level", "influence", "kept_because")),
    ),
    "kpi": (
        ("Role", ("goal_id", "state", "owner", "counter_id", "tolerance", "review", "objective")),
        ("Target", ("target_kind", "baseline", "target", "low", "high", "floor", "stretch", "start", "deadline",
                    "window", "sustain", "watch_band", "trajectory")),
        ("Is it really key?", ("answer_impact", "answer_results", "answer_measured", "answer_purpose",
                               "answer_success", "answer_change")),
    ),
    "goal": (
        ("Goal", ("title", "description", "why", "owner", "main", "parent_id", "metric_id")),
        ("Target", ("target_kind", "baseline", "target", "low", "high", "start", "deadline", "unit", "currency")),
    ),
    "scope": (("Who", ("name", "kind", "owner")), ("Limits", ("kpi_notice", "kpi_warn", "kpi_strong"))),
}  # fmt: skip
LABELS = {
    "cadence": "every", "days": "days expected", "grace_days": "grace, days", "timing": "leading or lagging",
    "nature": "activity or outcome",
    "counter": "counter metric", "influence": "can we move it", "level": "level", "how": "how to measure",
    "good_low": "good from", "good_high": "good up to", "hard_min": "never below", "hard_max": "never above",
    "watch_band": "watch band", "kept_because": "kept because", "updater": "entered by", "effort": "effort",
    "numerator_id": "numerator", "denominator_id": "denominator", "weight_id": "weight", "goal_id": "goal",
    "counter_id": "guarded by", "metric_id": "measured by", "parent_id": "part of", "target_kind": "kind of target",
    "window": "judged over, periods", "sustain": "held for, periods", "tolerance": "worsening tolerated",
    "kpi_notice": "KPIs, notice above", "kpi_warn": "KPIs, warn above", "kpi_strong": "KPIs, strongly above",
    "why": "why it matters", "main": "main goal", "review": "reviewed",
    "answer_impact": "Will a change impact the business?", "answer_results": "Which results does it measure?",
    "answer_measured": "How will it be measured?", "answer_purpose": "What is its purpose?",
    "answer_success": "How do we know we succeeded?", "answer_change": "How do we know what to change?",
}  # fmt: skip
CLASSES = {"metric": model.Metric, "kpi": model.Kpi, "goal": model.Goal, "scope": model.Scope}
RHYTHMS = ("weekly", "monthly", "quarterly", "annual")


def at_once(field: Field) -> bool:
    """Whether a field is one word, which is typed anew rather than mended: a choice, a code, a figure or a day."""
    return bool(field.choices) or field.name == "currency" or field.name in NUMBERS | WHOLE | DAYS


class Field(NamedTuple):
    """One field. `text` is its value as it would be typed; `choices` are all it may be, when there are few."""

    table: str
    name: str
    label: str
    text: str
    choices: tuple[str, ...]


class Form(NamedTuple):
    title: str
    parts: tuple[tuple[str, tuple[Field, ...]], ...]
    revs: tuple[tuple[str, int, int], ...]
    """Table, id and revision of what the form shows."""
    names: tuple[str, ...]
    """Of metrics, for completing."""


def form(store: Store, node: Node, today: int) -> Form:
    """All fields of the line's definitions: of a KPI those of its role, then those of its metric. Raises NotFound."""
    with store.snapshot():
        book = Book(store, today)
        parts: list[tuple[str, tuple[Field, ...]]] = []
        revs: list[tuple[str, int, int]] = []
        title = node.name
        for table, id in _tables(node):
            one: Any = as_seen(store, CLASSES[table], id)
            revs.append((table, id, one.rev))
            metric = book.metrics.get(one.metric_id) if table == "kpi" else one if table == "metric" else None
            title = getattr(one, "title", "") or getattr(one, "name", "") or title
            for name, listed in PARTS[table]:
                shown = tuple(
                    Field(table, field, LABELS.get(field, field.replace("_", " ")), _text(book, one, field, metric),
                          tuple(choice.replace("_", " ") for choice in choices(CLASSES[table], field)))
                    for field in listed
                )  # fmt: skip
                parts.append((name, shown))
        return Form(title, tuple(parts), tuple(revs), tuple(one.name for one in book.metrics.values()))


def _tables(node: Node) -> list[tuple[str, int]]:
    if node.kind == "kpi":
        return [("kpi", node.id), ("metric", node.metric_id or 0)]
    if node.kind not in CLASSES:
        raise NotFound("This line only gathers what stands below it: it has no fields.")
    return [(node.kind, node.id)]


@cache
def choices(cls: Any, field: str) -> tuple[str, ...]:
    """What a field may be, the empty choice first where it may be left open."""
    if field == "review":
        return ()
    hint = get_type_hints(cls)[field]
    options = get_args(hint) if get_origin(hint) is not Literal else (hint,)
    empty = ("-",) if type(None) in options else ()
    for option in options:
        if get_origin(option) is Literal:
            return (*empty, *map(str, get_args(option)))
        if option is bool:
            return (*empty, "yes", "no")
    return ("yes", "no") if hint is bool else tuple(map(str, get_args(hint))) if get_origin(hint) is Literal else ()


def _text(book: Book, one: Any, field: str, metric: Any) -> str:
    value = getattr(one, field)
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field in METRICS:
        found = book.metrics.get(value)
        return found.name if found else ""
    if field == "goal_id" or (field == "parent_id" and isinstance(one, model.Goal)):
        goal = book.goals.get(value)
        return goal.title if goal else ""
    if field in DAYS:
        return day_said(value)
    if field in SHARES:
        return plain(value, "percent", "")
    if field == "tolerance":
        from kpitui.domain.guard import tolerance_words

        counter = book.metrics.get(one.counter_id or 0)
        return tolerance_words(value, counter.unit if counter else "number")
    if field in NUMBERS:
        of = metric if metric is not None else one
        return plain(value, of.unit, of.currency or book.currency)
    if field == "review":
        return str(value).replace(",", ", ")
    return str(value).replace("_", " ") if choices(one.__class__, field) else str(value)


def set_field(store: Store, table: str, id: int, rev: int, field: str, text: str, today: int) -> Done:
    """Saves one field as typed; an empty text or `-` leaves it open.

    Raises Problem and Refused for what it cannot be, Conflict when somebody changed the definition since `rev`.
    """
    from kpitui.services.goals import day_words
    from kpitui.storage import definitions

    cls: Any = CLASSES[table]
    one: Any = as_seen(store, cls, id, rev)
    book = Book(store, today)
    label = LABELS.get(field, field.replace("_", " "))
    metric = book.metrics.get(one.metric_id) if table == "kpi" else one if table == "metric" else None
    value = _value(book, cls, one, field, text, metric, label)
    wanted = replace(one, **{field: value})
    refuse_contradiction(store, table, one, wanted)
    name = metric.name if table == "kpi" and metric is not None else getattr(one, "title", "") or one.name
    before = _text(book, one, field, metric) or "-"
    said = ""
    with store.write(f"{table}.edit", summary=f"{label} of {name}") as tx:
        values: dict[str, object] = {field: value}
        if field in ("name", "title") and value != getattr(one, field):
            refuse_twin(book, table, str(value), one.id)
            if table == "metric":
                values, count = rename_metric(tx, store, one, str(value))
                said = f", {count} formula{'s' if count > 1 else ''} rewritten" if count else ""
            else:
                values = follow(store, one, str(value))
        if table == "goal" and field == "target_kind" and value == "reach":
            values = became_total(book, one)
            if values.get("start", one.start) != one.start:
                said = f", its total since {day_words(values['start'])}"  # type: ignore[arg-type]
        if table == "goal" and field == "main" and value:
            _only_main(book, one)
        new = definitions.change(tx, one, **values)
        if table == "kpi" and new.state == "draft":
            said += _finish(tx, new, metric)
    after = _text(Book(store, today), new, field, metric) or "-"
    if after == before:
        return Done(f"{label} of {clean(name)} is {clean(before)} already")
    return Done(f"Set {label} of {clean(name)}: {clean(after)[:60]} (was {clean(before)[:60]}){said}")


def _finish(tx: Any, kpi: Any, metric: Any) -> str:
    """A draft that has all it needs is live."""
    from kpitui.services.promotion import is_live
    from kpitui.storage import definitions

    if metric is None or not is_live(kpi, metric.owner):
        return ""
    definitions.change(tx, kpi, state="live")
    return ", no draft any more"


def _only_main(book: Book, goal: Any) -> None:
    year = to_date(goal.deadline).year if goal.deadline is not None else None
    for other in book.goals.values():
        if other.id != goal.id and other.main and other.deadline and to_date(other.deadline).year == year:
            raise Refused(f"{quote(other.title)} is the main goal of {year}: there is one a year. Unmark that first.")


def _value(book: Book, cls: Any, one: Any, field: str, text: str, metric: Any, label: str) -> Any:
    said = text.strip()
    empty = said in ("", "-")
    optional = type(None) in get_args(get_type_hints(cls)[field]) or field in METRICS | {"goal_id", "parent_id"}
    if empty and optional:
        return None
    if field in METRICS:
        return meant(everything(book, ("metric",)), said).id
    if field in ("goal_id", "parent_id"):
        return meant(everything(book, ("goal",)), said).id
    if field in DAYS:
        return _day(book, field, said, one.deadline)
    if field in NUMBERS:
        from kpitui.domain.numbers import read_number

        of = metric if metric is not None else one
        unit: Any = "percent" if field in SHARES else of.unit
        number = read_number(said, unit, currency=of.currency or book.currency).value
        return checking.value(cls, field, number, "Not saved", label)
    if field in ("name", "title"):
        return check_name(said, label)
    listed = choices(cls, field)
    if "yes" in listed:
        words = {"y": True, "yes": True, "n": False, "no": False}
        if said.casefold() not in words:
            raise Problem(f"{label} is yes or no.")
        return words[said.casefold()]
    if listed:
        near = [choice for choice in listed if choice.startswith(said.casefold().replace(" ", "_"))]
        return checking.value(cls, field, near[0] if len(near) == 1 else said, "Not saved", label)
    if field == "review":
        rhythms = [word for word in said.replace(",", " ").split() if word]
        wrong = next((word for word in rhythms if word not in RHYTHMS), None)
        if wrong:
            raise Problem(f"“{quote(wrong)}” is no rhythm of a review: {', '.join(RHYTHMS)}.")
        return ",".join(rhythms)
    if field == "tolerance":
        from kpitui.domain.guard import read_tolerance

        counter = book.metrics.get(one.counter_id or 0)
        return checking.value(cls, field, read_tolerance(said, counter and counter.unit), "Not saved", label)
    if field in COUNTS and empty:
        return 1
    if field in WHOLE:
        if not said.isdecimal():
            raise Problem(f"{label} is a whole number.")
        return checking.value(cls, field, int(said), "Not saved", label)
    if field == "currency" and not empty:
        from kpitui.domain.currencies import code_of

        return checking.value(cls, field, code_of(said, book.currency), "Not saved", label)
    return checking.value(cls, field, "" if empty else clean(text, keep_newlines=True).strip(), "Not saved", label)


def _day(book: Book, field: str, said: str, deadline: int | None) -> int:
    """A first or last day. A first one that says no year is not the one after the deadline, but the one before it."""
    today = to_date(book.today)
    if field == "deadline":
        return to_day(read_date(said, today, edge="end"))
    start = to_day(read_date(said, today, edge="start"))
    if deadline is not None and start > deadline:
        before = to_day(read_date(said, today, edge="start", past=True))
        start = before if before <= deadline else start
    return start


def refuse_contradiction(store: Store, table: str, before: Any, wanted: Any) -> None:
    """Raises Refused with the first thing that the set-up would newly contradict itself in."""
    from kpitui.services.model_standing import standing

    setup = standing(store).setup
    plural = {"metric": "metrics", "kpi": "kpis", "goal": "goals", "scope": "scopes"}[table]
    have = getattr(setup, plural)
    known = {finding.text for finding in rules.findings(setup)}
    after = setup._replace(**{plural: {**have, wanted.id: wanted}})
    fresh = [finding for finding in rules.findings(after) if finding.text not in known]
    if fresh:
        raise Refused(f"{fresh[0].text[:1].upper()}{fresh[0].text[1:]}")
