"""The KPI doctor: what it finds in a workspace, and what has been waived, with a reason and until a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpitui.domain import lint
from kpitui.domain.lint import Finding, Rule
from kpitui.domain.named import NamedTuple
from kpitui.domain.periods import iso
from kpitui.errors import NotFound, Refused
from kpitui.services.book import Book
from kpitui.services.doctor_facts import gather
from kpitui.services.naming import Done
from kpitui.services.waivers import in_force
from kpitui.storage import names
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.domain.lint_facts import Facts
    from kpitui.services.doctor_history import Since
    from kpitui.storage.store import Store


GLANCED = 120
"""Metrics up to which the doctor looks by himself, after every change."""


class Case(NamedTuple):
    """A finding with where it hangs, and its waiver if it has one."""

    finding: Finding
    slug: str
    """Of what it is about: `nrr`, `nrr@sales`; empty for the workspace."""
    tree: str
    """How the tree is told to go there: `kpi:nrr`."""
    metric: str
    """Slug of the metric to enter or edit; empty where there is none."""
    waiver_id: int | None = None
    why: str = ""
    until: int | None = None
    who: str = ""

    @property
    def waived(self) -> bool:
        return self.waiver_id is not None


class Doctor(NamedTuple):
    """What the doctor says of a workspace as of a day."""

    cases: tuple[Case, ...]
    """Not waived: errors first."""
    waived: tuple[Case, ...]
    rules: tuple[tuple[Rule, str], ...]
    """Every rule, with the worst severity found of it, or empty where it holds."""
    health: int
    counts: dict[str, int]
    """Of the cases, by severity; and the rules that hold, under `passing`."""
    since: Since | None = None
    """What changed since some days ago, where somebody looked."""

    def mine(self, who: str) -> int:
        return sum(1 for case in self.cases if case.finding.owner == who)


def examine(store: Store, today: int) -> Doctor:
    """Runs every rule over the workspace at the end of `today`."""
    with store.snapshot():
        book = Book(store, today)
        facts = gather(book)
        waivers = _waivers(store, today)
        found = [_case(facts, one, waivers) for one in lint.check(facts)]
    cases = tuple(case for case in found if not case.waived)
    waived = tuple(case for case in found if case.waived)
    worst: dict[str, str] = {}
    for case in cases:
        worst.setdefault(case.finding.rule, case.finding.severity)
    rules = tuple((rule, worst.get(rule.id, "")) for rule in lint.rules().values())
    counts = {name: sum(1 for case in cases if case.finding.severity == name) for name in lint.SEVERITIES}
    counts["passing"] = sum(1 for _, severity in rules if not severity)
    return Doctor(cases, waived, rules, lint.health(tuple(case.finding for case in cases), len(waived)), counts)


def glance(store: Store, today: int) -> tuple[int, str]:
    """How many findings there are, and the first in words: `Net rev. retention: no leading indicator under it`.

    Nothing of a workspace with more than `GLANCED` metrics: looking at all their values takes a second, and is done
    when the doctor is opened.
    """
    if names.metric_count(store) > GLANCED:
        return 0, ""
    found = examine(store, today).cases
    if not found:
        return 0, ""
    first = found[0].finding
    return len(found), f"{first.on}: {first.text}"


def _waivers(store: Store, today: int) -> dict[str, Any]:
    """Those in force, by what `Finding.key` says."""
    found: dict[str, Any] = {}
    for one in in_force(store, today):
        kinds = (("kpi", one.kpi_id), ("metric", one.metric_id), ("goal", one.goal_id), ("scope", one.scope_id))
        kind, on = next(((kind, on) for kind, on in kinds if on is not None), ("workspace", one.place))
        found[f"{one.rule}:{kind}:{on}"] = (one.id, one.why, one.until, one.who)
    return found


def _case(facts: Facts, finding: Finding, waivers: dict[str, Any]) -> Case:
    slug = tree = ""
    if finding.kind == "kpi":
        kpi = facts.kpis[finding.id]
        metric = facts.metric(kpi)
        alone = sum(1 for other in facts.kpis.values() if other.metric_id == metric.id) == 1
        scope = facts.scopes.get(kpi.scope_id)
        slug = metric.slug if alone or scope is None else f"{metric.slug}@{scope.slug}"
        tree = f"kpi:{metric.slug}"
    elif finding.kind != "workspace":
        known: dict[str, dict[int, Any]] = {
            "goal": {**facts.goals},
            "metric": {**facts.metrics},
            "scope": {**facts.scopes},
        }
        slug = known[finding.kind][finding.id].slug
        tree = f"{finding.kind}:{slug}"
    about = facts.metrics.get(finding.metric_id or 0)
    return Case(finding, slug, tree, about.slug if about else "", *waivers.get(finding.key, (None, "", None, "")))


# ---- waivers -----------------------------------------------------------------------------------------------------


def waive(store: Store, finding: Finding, why: str, today: int, until: int | None = None) -> Done:
    """Lets a rule be for one thing, for a reason and until a day (half a year from `today` when none is given)."""
    return waive_all(store, [finding], why, today, until)


def waive_all(store: Store, findings: Sequence[Finding], why: str, today: int, until: int | None = None) -> Done:
    """The same for several at once, as one change. Raises Refused without a reason, and for what is waived already."""
    from kpitui.domain.model import Waiver
    from kpitui.storage import definitions

    why = clean(why).strip()
    if not why:
        raise Refused("A waiver needs a reason: say why the rule is not for this one.")
    until = today + lint.WAIVED_FOR if until is None else until
    if until < today:
        raise Refused("A waiver ends after today: type a later day.")
    if not findings:
        raise Refused("Nothing is left to waive: f shows the waivers, x takes one back there.")
    first = findings[0]
    many = f" and {len(findings) - 1} more" if len(findings) > 1 else ""
    with store.write("doctor.waive", why=why, summary=f"{first.rule} waived for {first.on}{many}") as tx:
        # Looked at where nobody else writes: two may waive the same at once.
        known = _waivers(store, today)
        if any(finding.key in known for finding in findings):
            raise Refused("This one is waived already: f shows the waivers, x takes it back there.")
        for finding in findings:
            on: dict[str, Any] = {f"{finding.kind}_id": finding.id}
            if finding.kind == "workspace":
                on = {"place": finding.id}
            definitions.add(tx, Waiver(rule=finding.rule, why=why, until=until, who=store.who.name, **on))
    return Done(f"{first.rule} is waived for {clean(first.on)}{many} until {iso(until)}", first.key)


def unwaive(store: Store, waiver_id: int) -> Done:
    """Asks again for what was waived."""
    from kpitui.domain.model import Waiver
    from kpitui.storage import definitions

    waiver = definitions.get(store, Waiver, waiver_id)
    if waiver.archived:
        raise NotFound("This waiver was taken back already.")
    with store.write("doctor.ask", summary=f"{waiver.rule} is asked again") as tx:
        definitions.archive(tx, waiver)
    return Done(f"{waiver.rule} is asked again", f"waiver:{waiver.id}")


def parse_waiver(text: str, today: int) -> tuple[str, int]:
    """`too early to say until 1 mar`: the reason, and the last day it holds. Raises Problem for a day that is past.

    Without a day it is half a year.
    """
    from kpitui.domain.dates import read_date
    from kpitui.domain.periods import to_date, to_day
    from kpitui.domain.problem import Problem

    reason, mark, day = text.rpartition(" until ")
    if not mark:
        return text.strip(), today + lint.WAIVED_FOR
    until = to_day(read_date(day.strip(), to_date(today)))
    if until < today:
        raise Problem("A waiver ends after today: type a later day.")
    return reason.strip(), until
