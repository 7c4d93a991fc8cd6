"""What makes a metric a KPI, how many of them a scope has, and the way back to a plain metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpitui.domain.line_target import TargetLine
from kpitui.domain.quoting import quote
from kpitui.domain.target import Aim, has_target, lacks
from kpitui.errors import Refused
from kpitui.services.book import Book
from kpitui.services.naming import Done, as_seen
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.domain.model import Kpi
    from kpitui.storage.store import Store

PERIODS = 3
"""Closed periods that the baseline offered is the mean of."""


def demote(store: Store, kpi_id: int, why: str, *, rev: int = 0) -> Done:
    """Takes the role away; values, targets and reviews of it stay. Names the actions that are open on it."""
    from kpitui.domain.model import Kpi, Metric
    from kpitui.storage import definitions

    kpi = as_seen(store, Kpi, kpi_id, rev)
    metric = definitions.get(store, Metric, kpi.metric_id)
    if kpi.state == "retired":
        raise Refused(f"{quote(metric.name)} is a plain metric already.")
    with store.write("kpi.demote", why=why.strip(), summary=f"{metric.name} is a plain metric again") as tx:
        definitions.change(tx, kpi, state="retired")
    reason = f" · {clean(why.strip())}" if why.strip() else ""
    return Done(
        f"{clean(metric.name)} is a plain metric again{reason}{open_actions(store, metric.id)}", f"metric:{metric.id}"
    )


def open_actions(store: Store, metric_id: int) -> str:
    """`; 1 open action: bo, Rewrite the mail`."""
    from kpitui.storage import reading

    rows = [one for one in reading.actions(store, state="open") if one.metric_id == metric_id]
    if not rows:
        return ""
    named = "; ".join(f"{clean(one.owner)}, {clean(one.text)}" for one in rows[:2])
    noun = "1 action stays open" if len(rows) == 1 else f"{len(rows)} actions stay open"
    return f" · {noun}: {named}{' and more' if len(rows) > 2 else ''}"


# ---- what makes it a KPI -----------------------------------------------------------------------------------------


def aim_fields(target: TargetLine, today: int, deadline: int | None) -> dict[str, Any]:
    """The fields of a KPI that a target line fills."""
    fields: dict[str, Any] = {
        "target_kind": target.kind,
        "target": target.value,
        "low": target.low,
        "high": target.high,
        "floor": target.floor,
        "stretch": target.stretch,
        "start": target.start,
        "deadline": target.deadline if target.deadline is not None else deadline,
    }
    if target.baseline is not None:
        fields["baseline"] = target.baseline
    return {**fields, **time_fields(target)}


def time_fields(target: TargetLine) -> dict[str, Any]:
    """The periods that a target line says it is judged over, and has to hold for."""
    given = {"window": target.time.window, "sustain": target.time.sustain}
    return {name: count for name, count in given.items() if count is not None}


def aim_of(kpi: Kpi | Any, direction: str = "up") -> Aim:
    return Aim(kpi.target_kind, kpi.baseline, kpi.target, kpi.low, kpi.high, kpi.start, kpi.deadline, direction,
               floor=kpi.floor, stretch=kpi.stretch, window=kpi.window, sustain=kpi.sustain)  # fmt: skip


def lacking(kpi: Kpi, owner: str) -> list[str]:
    """What a KPI still needs before it wears the badge, in words."""
    missing = ["goal"] if kpi.goal_id is None else []
    words = {"value": "target", "low": "target", "high": "target"}
    missing += [words.get(name, name) for name in lacks(aim_of(kpi))]
    if kpi.deadline is None:
        missing.append("deadline")
    if not (kpi.owner or owner):
        missing.append("owner")
    return list(dict.fromkeys(missing))


def judged(kpi: Kpi) -> Kpi:
    """The KPI as a file may give it: with a target that has no start or no deadline it is a draft until it has them, as
    every face tells it, not a live KPI that nobody can judge."""
    from dataclasses import replace

    aim = aim_of(kpi)
    if kpi.state == "live" and has_target(aim) and {"start", "deadline"} & set(lacks(aim)):
        return replace(kpi, state="draft")
    return kpi


def is_live(kpi: Kpi, owner: str) -> bool:
    return not lacking(kpi, owner)


def slots(book: Book, scope_id: int, more: int = 0) -> str:
    """A sentence where a scope with `more` KPIs has more than its limits; empty below the first."""
    count = sum(1 for kpi in book.kpis.values() if kpi.scope_id == scope_id and kpi.state == "live") + more
    notice, warn, strong = book.limits_of(scope_id)
    where = clean(book.scopes[scope_id].name)
    if count <= notice:
        return ""
    if count <= warn:
        return f"{where} has {count} KPIs now, {notice} keep the eye on what matters"
    if count <= strong:
        return f"{where} has {count} KPIs now, more than {warn}: P makes one a plain metric, or M gives it to a team"
    return f"{where} has {count} KPIs now, far more than {notice}: nobody steers by so many. P makes one a plain metric"


def refuse_full(book: Book, scope_id: int) -> None:
    if str(book.settings.get("kpi_refuse", "")).lower() not in ("1", "true", "yes"):
        return
    strong = book.limits_of(scope_id).strong
    count = sum(1 for kpi in book.kpis.values() if kpi.scope_id == scope_id and kpi.state == "live")
    if count >= strong:
        where = clean(book.scopes[scope_id].name)
        noun = "KPI" if count == 1 else "KPIs"
        raise Refused(
            f"{where} has {count} {noun} and this workspace allows {strong}: make one a plain metric first (P), or "
            f"raise the limit {_where(book, scope_id)}."
        )


def _where(book: Book, scope_id: int) -> str:
    scope = book.scopes[scope_id]
    return "in Settings" if scope.kpi_strong is None else f"of {clean(scope.name)} (e on it in the tree)"


def refuse_contradiction(store: Store, kpi: Kpi) -> None:
    """Raises Refused with the first thing that a KPI contradicts itself in."""
    from kpitui.domain import rules
    from kpitui.services.model_standing import standing

    setup = standing(store).setup
    setup = setup._replace(kpis={**setup.kpis, kpi.id: kpi})
    texts = rules.of_kpi(kpi, setup)
    if texts:
        raise Refused(f"{texts[0][:1].upper()}{texts[0][1:]}")
