"""Every rule of the KPI doctor, once firing and once silent, over facts made by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from kpitui.domain import lint
from kpitui.domain.lint_facts import DataFact, Facts, GoalFact, KpiFact, MetricFact, ReviewFact, ScopeFact
from kpitui.domain.workdays import workdays

TODAY = 20_777  # 2026-11-20
YEAR = (20_454, 20_819)


@dataclass
class Setup:
    """A sound workspace of two KPIs, to be broken in one place."""

    scopes: dict[int, ScopeFact] = field(default_factory=dict)
    goals: dict[int, GoalFact] = field(default_factory=dict)
    metrics: dict[int, MetricFact] = field(default_factory=dict)
    kpis: dict[int, KpiFact] = field(default_factory=dict)
    edges: list[tuple[int, int]] = field(default_factory=list)
    playbooks: set[tuple[str, int]] = field(default_factory=set)
    data: DataFact = field(default_factory=DataFact)
    gone: tuple[tuple[str, str], ...] = ()

    def change(self, what: str, id: int, **values: Any) -> None:
        known: dict[int, Any] = getattr(self, what)
        known[id] = known[id]._replace(**values)

    def facts(self) -> Facts:
        return Facts(
            TODAY, YEAR, "2026", self.scopes, self.goals, self.metrics, self.kpis, tuple(self.edges),
            playbooks=frozenset(self.playbooks), data=self.data, gone=self.gone,
        )  # fmt: skip


WAVES = tuple(100.0 + (4 if week % 2 else -4) for week in range(30))
CUSTOMERS, RATE, CALLS, REFUNDS = 1, 2, 3, 4


def metric(id: int, name: str, **values: Any) -> MetricFact:
    sound: dict[str, Any] = {
        "owner": "ana", "last_end": TODAY - 4, "values": WAVES, "typed": WAVES[-10:], "show": "{:g}".format
    }  # fmt: skip
    return MetricFact(id, name.lower(), name, 1, **{**sound, **values})


def sound() -> Setup:
    rate: dict[str, Any] = {"unit": "percent", "kind": "ratio", "rule": "ratio", "parts": (CUSTOMERS, CALLS)}
    return Setup(
        {1: ScopeFact(1, "org", "Acme", "org", owner="ana")},
        {1: GoalFact(1, "year", "500 customers", 1, main=True, start=YEAR[0], deadline=YEAR[1] - 1, owner="ana",
                     metric_id=CUSTOMERS)},
        {
            CUSTOMERS: metric(CUSTOMERS, "Customers", timing="lagging", nature="outcome"),
            RATE: metric(RATE, "Rate", timing="lagging", nature="outcome", **rate),
            CALLS: metric(CALLS, "Calls", timing="leading", nature="activity"),
            REFUNDS: metric(REFUNDS, "Refunds", direction="down", counter=True, banded=True),
        },
        {
            1: KpiFact(1, CUSTOMERS, 1, 1, owner="ana", counter_id=RATE, target=70.0),
            2: KpiFact(2, RATE, 1, 1, owner="ana", counter_id=REFUNDS, target=70.0),
        },
        [(CALLS, CUSTOMERS)],
    )  # fmt: skip


def found(setup: Setup, rule: str) -> list[lint.Finding]:
    return [one for one in lint.check(setup.facts()) if one.rule == rule]


def test_nothing_is_wrong_with_a_sound_workspace() -> None:
    assert lint.check(sound().facts()) == ()
    assert lint.health((), 0) == 100


def main_twice(it: Setup) -> None:
    it.goals[2] = it.goals[1]._replace(id=2, title="Profit")


def far_away(it: Setup) -> None:
    it.change("goals", 1, times_best=2.1, best="2025 with 240")


def no_number(it: Setup) -> None:
    it.change("goals", 1, has_number=False, owner="")


def of_one_week(it: Setup) -> None:
    it.change("goals", 1, of_one="week", target=5000.0, baseline=100.0)


def twenty(it: Setup) -> None:
    for id in range(10, 28):
        it.metrics[id] = metric(id, f"M{id}", timing="leading", kind="level")
        it.kpis[id] = KpiFact(id, id, 1, 1, owner="ana", counter_id=REFUNDS, target=95.0)


def one_alone(it: Setup) -> None:
    del it.kpis[2]


def lagging_only(it: Setup) -> None:
    it.edges.clear()


def no_target(it: Setup) -> None:
    it.change("kpis", 1, lacks=("target", "deadline"))


def a_mean(it: Setup) -> None:
    it.change("metrics", CUSTOMERS, rule="mean", kind="index")


def no_answers(it: Setup) -> None:
    it.change("kpis", 1, open_questions=2)


def unbanded(it: Setup) -> None:
    it.change("metrics", REFUNDS, banded=False)


def unguarded(it: Setup) -> None:
    it.change("kpis", 1, counter_id=None)


def tolerant_of_nothing(it: Setup) -> None:
    it.change("kpis", 1, counter_id=None, tolerated=True)


def unreachable(it: Setup) -> None:
    it.change("kpis", 1, target=150.0)


def averaged(it: Setup) -> None:
    it.change("metrics", RATE, parts=(), rule="mean")


def only_quantity(it: Setup) -> None:
    it.change("metrics", RATE, unit="number", kind="flow", direction="up")
    it.change("kpis", 1, counter_id=None)


def only_just(it: Setup) -> None:
    it.change("kpis", 1, target=95.0)
    close = tuple(95.0 + (0.4 if week % 2 else 0.1) for week in range(26))
    it.change("metrics", CUSTOMERS, values=close)


def nowhere(it: Setup) -> None:
    it.kpis[3] = KpiFact(3, CALLS, 1, None, owner="ana", counter_id=RATE, target=95.0)
    it.edges.clear()
    it.change("metrics", RATE, parts=())


def busy(it: Setup) -> None:
    it.scopes[2] = ScopeFact(2, "team", "Team", "team", 1)
    it.metrics[5] = metric(5, "Likes", timing="leading", nature="activity")
    it.kpis[3] = KpiFact(3, 5, 2, 1, owner="ana", counter_id=RATE, target=95.0)


def stand_in(it: Setup) -> None:
    it.metrics[5] = metric(5, "Leads", timing="leading", nature="outcome")
    it.metrics[6] = metric(6, "Traffic", timing="leading", nature="activity")
    it.edges += [(6, 5)]
    it.kpis[3] = KpiFact(3, 6, 1, 1, owner="ana", counter_id=RATE, target=95.0)


def measured(it: Setup) -> None:
    it.scopes[1] = ScopeFact(1, "org", "Role: caller", "role", owner="ana")


def nobodys(it: Setup) -> None:
    it.change("metrics", CALLS, owner="")


def undefined(it: Setup) -> None:
    it.change("metrics", CALLS, definition=False, source=False)


def adrift(it: Setup) -> None:
    it.metrics[5] = metric(5, "Lines of code")


def climbing(it: Setup) -> None:
    it.metrics[5] = metric(5, "Followers", values=tuple(1000.0 + 20 * week + (week % 3) for week in range(30)))


def shown_vain(it: Setup) -> None:
    it.change("metrics", CALLS, vanity="Customers")


def on_workdays(it: Setup) -> None:
    it.change("metrics", CALLS, fed_on_workdays=True)


def silent_for_three_days(it: Setup) -> None:
    it.change("metrics", CALLS, period_days=1.0, last_end=TODAY - 2)


def late(it: Setup) -> None:
    it.data = DataFact(entered=40, on_time=0.7, slowest="dee 50 %")


def old(it: Setup) -> None:
    it.change("metrics", CALLS, last_end=TODAY - 30)


def mended(it: Setup) -> None:
    it.data = DataFact(entered=40, on_time=1.0, corrected=3)


def looks_wrong(it: Setup) -> None:
    it.change(
        "metrics", CALLS, to_look_at=(("error", "W44: -3 is below 0"), ("warning", "W40: 9,000 between 90 and 91"))
    )


def copied(it: Setup) -> None:
    it.change("metrics", CALLS, typed=(90.0, 91.0, 92.0, *[95.0] * 8))


def skipped(it: Setup) -> None:
    it.data = DataFact(reviews=(ReviewFact("weekly", (("W45", TODAY - 5, False), ("W44", TODAY - 12, True))),))


def no_quarter(it: Setup) -> None:
    it.data = DataFact(reviews=(ReviewFact("quarterly", (("Q3", TODAY - 20, False),)),))


def left_behind(it: Setup) -> None:
    it.gone = (("ana", "no member any more"),)


def promised_by_nobody(it: Setup) -> None:
    it.data = DataFact(gone=(("cy", 2, "no account here"), ("dee", 1, "no member")))


def undone(it: Setup) -> None:
    it.data = DataFact(actions=4, late_actions=1)


@pytest.mark.parametrize(
    ("rule", "breaks", "severity", "text"),
    [
        ("G01", main_twice, "error", "2 main goals in one year"),
        ("G01", lambda it: it.goals.clear(), "error", "no main goal for 2026"),
        ("G02", far_away, "notice", "2.1 x the best year so far, 2025 with 240"),
        ("G03", no_number, "error", "no number and owner"),
        ("G04", of_one_week, "warning", "read as one week of 5000, the best so far 104"),
        ("K01", twenty, "error", "20 KPIs, more than 7"),
        ("K02", one_alone, "warning", "Customers is its only KPI"),
        ("K03", lagging_only, "error", "nothing feeds it"),
        ("K04", no_target, "error", "no target, deadline"),
        ("K05", a_mean, "warning", "only a mean"),
        ("K06", no_answers, "warning", "2 of 6 questions not answered"),
        ("K07", unbanded, "warning", "counter metric Refunds without a band"),
        ("K07", unguarded, "warning", "no counter metric"),
        ("K07", tolerant_of_nothing, "warning", "no counter metric, so the worsening it tolerates is nobody's"),
        ("K08", unreachable, "warning", "target 150 is above what the process does, at most 121.28"),
        ("K09", averaged, "error", "without numerator and denominator"),
        ("K10", only_quantity, "warning", "nothing says how good"),
        ("K11", only_just, "notice", "met 26 times of 26"),
        ("K12", nowhere, "warning", "no path to revenue"),
        ("K13", busy, "warning", "an activity"),
        ("K14", stand_in, "warning", "stands in for Leads"),
        ("P01", measured, "warning", "measures Role: caller"),
        ("M01", nobodys, "warning", "no owner"),
        ("M02", undefined, "notice", "no definition and no source"),
        ("M03", adrift, "warning", "feeds no KPI"),
        ("M04", climbing, "warning", "vanity? climbs, feeds no KPI"),
        ("M05", on_workdays, "warning", "on working days only, 8 weeks"),
        ("M06", left_behind, "warning", "its owner ana is no member any more"),
        ("R04", promised_by_nobody, "warning", "nobody does them: 2 of cy (no account here), 1 of dee (no member)"),
        ("M04", shown_vain, "warning", "climbs while Customers stays where it is"),
        ("D01", late, "warning", "70% of 40 on time in 13 weeks, dee 50 %"),
        ("D02", silent_for_three_days, "error", "stale: 3 days"),
        ("D02", old, "error", "stale: 31 days"),
        ("D03", mended, "warning", "3 of 40 values corrected"),
        ("D03", copied, "warning", "8 times the same value in a row: 95"),
        ("D04", looks_wrong, "error", "W44: -3 is below 0, and 1 more"),
        ("R01", skipped, "warning", "not held for W45"),
        ("R02", no_quarter, "warning", "not held for Q3"),
        ("R03", undone, "warning", "1 of 4 action is late"),
    ],
)
def test_a_rule_fires_on_what_it_is_for(rule: str, breaks: Callable[[Setup], Any], severity: str, text: str) -> None:
    assert not found(sound(), rule)
    it = sound()
    breaks(it)
    first = found(it, rule)[0]
    assert first.severity == severity and text in first.text
    assert first.fix.screen and first.fix.words
    known = lint.rules()[rule]
    assert known.why and known.mend and known.title


@pytest.mark.parametrize(
    ("rule", "breaks", "mends"),
    [
        ("K08", unreachable, lambda it: it.change("kpis", 1, kind="from_to")),
        ("K03", lagging_only, lambda it: it.change("metrics", CUSTOMERS, timing="leading")),
        ("K05", a_mean, lambda it: it.change("metrics", CALLS, rule="max")),
        (
            "K07",
            unbanded,
            lambda it: it.kpis.update({9: KpiFact(9, REFUNDS, 1, 1, owner="ana", counter_id=RATE, target=5.0)}),
        ),
        ("K07", unbanded, lambda it: it.change("kpis", 2, tolerated=True)),
        ("K12", nowhere, lambda it: it.change("kpis", 3, goal_id=1)),
        ("K13", busy, lambda it: it.edges.append((5, CUSTOMERS))),
        ("K14", stand_in, lambda it: it.change("scopes", 1, kind="person")),
        ("P01", measured, lambda it: it.playbooks.add(("scope", 1))),
        ("M01", nobodys, lambda it: it.change("metrics", CALLS, owner="bo")),
        ("M02", undefined, lambda it: it.change("metrics", CALLS, owner="", last_end=None)),
        ("M03", adrift, lambda it: it.change("metrics", 5, kept=True)),
        ("M03", adrift, climbing),
        ("M04", climbing, lambda it: it.change("metrics", 5, banded=True)),
        ("M05", on_workdays, lambda it: it.change("metrics", CALLS, fed_on_workdays=False)),
        (
            "D02",
            silent_for_three_days,
            lambda it: it.change("metrics", CALLS, work=workdays(range(5), range(TODAY - 2, TODAY + 1))),
        ),
        ("D01", late, lambda it: setattr(it, "data", DataFact(entered=10, on_time=0.5))),
        ("D02", old, lambda it: it.change("metrics", CALLS, grace_days=30)),
        ("D03", copied, lambda it: it.change("metrics", CALLS, typed=tuple([95.0] * 11))),
        ("D04", looks_wrong, lambda it: it.change("metrics", CALLS, to_look_at=(("notice", "nothing for W40"),))),
        ("K11", only_just, lambda it: it.change("metrics", CUSTOMERS, values=(94.0, *[95.2] * 25))),
        ("R03", undone, lambda it: setattr(it, "data", DataFact(actions=5, late_actions=1))),
        ("G02", far_away, lambda it: it.change("goals", 1, deadline=TODAY - 1)),
        ("G04", of_one_week, lambda it: it.change("goals", 1, target=150.0)),
        ("G04", of_one_week, lambda it: it.change("goals", 1, of_one="")),
    ],
)
def test_a_rule_is_silent_once_it_is_mended(
    rule: str, breaks: Callable[[Setup], Any], mends: Callable[[Setup], Any]
) -> None:
    it = sound()
    breaks(it)
    assert found(it, rule)
    mends(it)
    assert not found(it, rule)


def test_a_total_that_the_process_cannot_bring_is_named_until_somebody_says_what_changes() -> None:
    it = sound()
    it.change("kpis", 1, kind="reach", target=5000.0, needed=140.0, change_said=False)
    assert "needs 140 a period, the process gives at most" in found(it, "K08")[0].text
    it.change("kpis", 1, change_said=True)
    assert not found(it, "K08")


def test_what_is_over_or_paused_is_left_alone() -> None:
    for state in ({"ended": True}, {"state": "paused"}):
        it = sound()
        no_target(it)
        no_answers(it)
        it.change("kpis", 1, **state)
        assert not found(it, "K04") and not found(it, "K06")


def test_the_number_of_kpis_weighs_more_the_more_they_are() -> None:
    severities = []
    for count in (3, 4, 6, 8):
        it = sound()
        twenty(it)
        it.kpis = dict(list(it.kpis.items())[:count])
        severities.append([one.severity for one in found(it, "K01")])
    assert severities == [[], ["notice"], ["warning"], ["error"]]


def test_health_counts_errors_warnings_notices_and_waivers() -> None:
    it = sound()
    for breaks in (lagging_only, far_away, undefined):
        breaks(it)
    findings = lint.check(it.facts())
    costs = {"error": 8, "warning": 2, "notice": 1}
    assert lint.health(findings, 2) == 100 - sum(costs[one.severity] for one in findings) - 2
    assert [one.severity for one in findings] == sorted((one.severity for one in findings), key=lint.SEVERITIES.index)
