"""What a model file can speak about, as it stands: the live set-up, and what was put away and may return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kpitui.domain.days_of_calendar import Holiday, Period
from kpitui.domain.member import Member
from kpitui.domain.model import Annotation, Driver, Goal, Kpi, Metric, Playbook, Scope, Target, Waiver
from kpitui.domain.phase import Phase
from kpitui.domain.rules import Setup
from kpitui.domain.workspace import Workspace
from kpitui.errors import Damaged
from kpitui.storage import definitions, settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpitui.storage.store import Store

NoteKey = tuple[int | None, int | None, int, str]
BookKey = tuple[int | None, int | None]
"""KPI or scope of a playbook."""
WaiverKey = tuple[str, int | None, int | None, int | None, int | None, int]
"""Rule, KPI, metric, goal, scope, place."""


class Standing(NamedTuple):
    """All definitions by what names them in a file. Where several rows share a name (a retired KPI and its successor,
    two targets from one day), the one that counts is here; the others are history and stay as they are."""

    workspace: Workspace
    scopes: dict[str, Scope]
    metrics: dict[str, Metric]
    goals: dict[str, Goal]
    kpis: dict[tuple[int, int], Kpi]
    targets: dict[tuple[int, int], Target]
    drivers: dict[tuple[int, int], Driver]
    notes: dict[NoteKey, list[Annotation]]
    root: Scope
    setup: Setup
    """The live ones among them, whose references are live, too."""
    playbooks: dict[BookKey, Playbook]
    waivers: dict[WaiverKey, Waiver]
    phases: dict[tuple[int, int], Phase]
    periods: dict[tuple[str, int], Period]
    holidays: dict[tuple[int], Holiday]
    members: dict[tuple[str], Member]


def standing(store: Store) -> Standing:
    """Reads it inside one snapshot."""
    with store.snapshot():
        workspace = settings.workspace(store)
        scopes = _by_slug(definitions.all_of(store, Scope, archived=True))
        metrics = _by_slug(definitions.all_of(store, Metric, archived=True))
        goals = _by_slug(definitions.all_of(store, Goal, archived=True))
        kpis: dict[tuple[int, int], Kpi] = {}
        for kpi in definitions.all_of(store, Kpi, archived=True):
            _keep(kpis, (kpi.metric_id, kpi.scope_id), kpi, retired=kpi.state == "retired")
        targets: dict[tuple[int, int], Target] = {}
        for target in definitions.all_of(store, Target, archived=True):
            _keep(targets, (target.kpi_id, target.start), target)
        drivers: dict[tuple[int, int], Driver] = {}
        for edge in definitions.all_of(store, Driver, archived=True):
            _keep(drivers, (edge.metric_id, edge.feeds_id), edge)
        notes: dict[NoteKey, list[Annotation]] = {}
        for note in sorted(definitions.all_of(store, Annotation, archived=True), key=lambda one: one.archived):
            notes.setdefault((note.metric_id, note.goal_id, note.day, note.text), []).append(note)
        playbooks: dict[BookKey, Playbook] = {}
        for book in definitions.all_of(store, Playbook, archived=True):
            _keep(playbooks, (book.kpi_id, book.scope_id), book)
        waivers: dict[WaiverKey, Waiver] = {}
        for waiver in definitions.all_of(store, Waiver, archived=True):
            _keep(waivers, waiver_key(waiver), waiver)
        phases: dict[tuple[int, int], Phase] = {}
        for phase in definitions.all_of(store, Phase, archived=True):
            if phase.who:  # What a review locked is made of its values, and no more set-up than they are.
                _keep(phases, (phase.metric_id, phase.start), phase)
        periods: dict[tuple[str, int], Period] = {}
        for period in definitions.all_of(store, Period, archived=True):
            _keep(periods, (period.grain, period.start), period)
        holidays: dict[tuple[int], Holiday] = {}
        for holiday in definitions.all_of(store, Holiday, archived=True):
            _keep(holidays, (holiday.day,), holiday)
        members: dict[tuple[str], Member] = {}
        for member in definitions.all_of(store, Member, archived=True):
            _keep(members, (member.account,), member)
    root = next((one for one in scopes.values() if one.parent_id is None and not one.archived), None)
    if root is None:
        raise Damaged("The workspace has lost the scope that all others lie in: kpitui check says what else is wrong.")
    setup = _live(scopes, metrics, goals, kpis, targets, drivers)
    return Standing(
        workspace, scopes, metrics, goals, kpis, targets, drivers, notes, root, setup, playbooks, waivers, phases,
        periods, holidays, members,
    )  # fmt: skip


def waiver_key(one: Waiver) -> WaiverKey:
    return one.rule, one.kpi_id, one.metric_id, one.goal_id, one.scope_id, one.place


def _by_slug(found: Iterable[Any]) -> dict[str, Any]:
    return {one.slug: one for one in found}


def _keep(into: dict[Any, Any], key: tuple[object, ...], one: Any, *, retired: bool = False) -> None:
    """Of several rows, live before retired before put away, then the newest."""
    rank = (not one.archived, not retired, one.id)
    kept = into.get(key)
    if kept is None or rank > (not kept.archived, getattr(kept, "state", "") != "retired", kept.id):
        into[key] = one


def _live(
    scopes: dict[str, Scope],
    metrics: dict[str, Metric],
    goals: dict[str, Goal],
    kpis: dict[tuple[int, int], Kpi],
    targets: dict[tuple[int, int], Target],
    drivers: dict[tuple[int, int], Driver],
) -> Setup:
    def live(found: Iterable[Any]) -> dict[int, Any]:
        return {one.id: one for one in found if not one.archived}

    known_metrics, known_scopes = live(metrics.values()), live(scopes.values())
    known_kpis = {
        key: kpi
        for key, kpi in live(kpis.values()).items()
        if kpi.metric_id in known_metrics and kpi.scope_id in known_scopes
    }
    return Setup(
        known_scopes,
        known_metrics,
        live(goals.values()),
        known_kpis,
        {key: one for key, one in live(targets.values()).items() if one.kpi_id in known_kpis},
        {
            key: one
            for key, one in live(drivers.values()).items()
            if one.metric_id in known_metrics and one.feeds_id in known_metrics
        },
    )
