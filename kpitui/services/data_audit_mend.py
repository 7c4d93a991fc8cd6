"""Mending what the audit found, where a cell cannot: a value under the wrong date is moved, or taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.errors import NotFound, Refused
from kpitui.storage import points

if TYPE_CHECKING:
    from kpitui.services.data_audit import Finding
    from kpitui.storage.points import PointRow
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn


def move(store: Store, finding: Finding, why: str = "") -> str:
    """Moves a value to the period that was probably meant, as one change with one undo; its note goes along.

    Raises Refused where no other period was meant or something stands there by now, NotFound where the value is gone.
    """
    span = finding.meant_span
    if span is None:
        raise Refused(f"{finding.name} {finding.period}: no other period was meant. Correct the value, or accept it.")
    summary = f"{finding.name}: {finding.period} was meant for {finding.meant}"
    with store.write("audit.move", why=why.strip() or f"was entered for {finding.period}", summary=summary) as tx:
        old = _standing(tx, finding)
        there = points.point(tx, finding.metric_id, *span)
        if there is not None and there.state != points.CLEARED:
            raise Refused(f"{finding.name} has a value for {finding.meant} by now. NOT moved.")
        points.save(
            tx, finding.metric_id, finding.slug, *span, value=old.value, entered=old.entered, note=old.note,
            odd=bool(old.odd),
        )  # fmt: skip
        _clear(tx, finding)
    return f"Moved {finding.name} from {finding.period} to {finding.meant}"


def take_out(store: Store, finding: Finding, why: str = "") -> str:
    """Empties the period of a finding, also one that no cell stands for; the value stays in the history.

    Raises Refused where the finding is about no single value, NotFound where it is gone.
    """
    if finding.value is None or finding.rule == "run":
        raise Refused(f"{finding.name} {finding.period} is no single value: open it and correct what is wrong.")
    with store.write("audit.clear", why=why.strip(), summary=f"{finding.name} {finding.period} emptied") as tx:
        _standing(tx, finding)
        _clear(tx, finding)
    return f"Emptied {finding.name} {finding.period}"


def _standing(tx: Txn, finding: Finding) -> PointRow:
    old = points.point(tx, finding.metric_id, *finding.span)
    if old is None or old.value is None or old.value != finding.value:
        raise NotFound(f"{finding.name} {finding.period} is another value by now: look at it anew.")
    return old


def _clear(tx: Txn, finding: Finding) -> None:
    points.save(
        tx, finding.metric_id, finding.slug, *finding.span, value=None, entered="", note="", state=points.CLEARED
    )
