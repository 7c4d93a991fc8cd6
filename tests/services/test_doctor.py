"""The KPI doctor over real workspaces: the demo's planted findings, the seeds of truth, and waivers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpitui.cli import doctor as cli
from kpitui.domain.periods import to_day
from kpitui.domain.problem import Problem
from kpitui.errors import Refused
from kpitui.services import doctor, history, review
from kpitui.services.review_session import session
from kpitui.storage.store import Store
from tests.company import company
from tests.workspace import NAME, build, clock, person

TODAY = to_day(date(2026, 11, 20))

WORKED_EXAMPLE = """
[[goal]]
slug = "leads_500"
title = "500 qualified leads in three months"
main = true
metric = "leads"
target_kind = "reach"
target = 500
start = 2026-10-01
deadline = 2026-12-31
owner = "ana"

[[metric]]
slug = "leads"
name = "Qualified leads"
definition = "People who asked for an offer and fit."
source = "CRM"
timing = "lagging"
nature = "outcome"
owner = "ana"

[[metric]]
slug = "spend"
name = "Ad spend"
definition = "What the accounts charged."
source = "Ad account"
unit = "currency"
timing = "leading"
nature = "activity"
owner = "bo"

[[metric]]
slug = "traffic"
name = "Website traffic"
definition = "Visits, bots left out."
source = "Web statistics"
timing = "leading"
nature = "activity"
owner = "bo"
feeds = ["leads"]

[[metric]]
slug = "impressions"
name = "Impressions"
definition = "How often an ad was shown."
source = "Ad account"
timing = "leading"
nature = "activity"
owner = "bo"
feeds = ["traffic"]

[[metric]]
slug = "engagement"
name = "Engagement rate"
definition = "Reactions per impression."
source = "Social tool"
unit = "percent"
kind = "index"
timing = "leading"
nature = "activity"
owner = "bo"
feeds = ["traffic"]

[[metric]]
slug = "ctr"
name = "Click-through rate"
definition = "Clicks per impression."
kind = "ratio"
unit = "percent"
numerator = "traffic"
denominator = "impressions"
timing = "leading"
nature = "activity"
owner = "bo"
feeds = ["traffic"]

[[metric]]
slug = "cost_per_lead"
name = "Cost per lead"
definition = "Spend per qualified lead."
kind = "ratio"
unit = "currency"
direction = "down"
numerator = "spend"
denominator = "leads"
timing = "lagging"
nature = "outcome"
owner = "ana"

[[metric]]
slug = "conversion"
name = "Conversion rate"
definition = "Leads per visit."
kind = "ratio"
unit = "percent"
numerator = "leads"
denominator = "traffic"
timing = "lagging"
nature = "outcome"
owner = "ana"
"""
ANSWERS = "\n".join(
    f'answer_{word} = "yes"' for word in ("impact", "results", "measured", "purpose", "success", "change")
)
KPIS = f"""
[[kpi]]
metric = "leads"
goal = "leads_500"
target_kind = "reach"
target = 500
start = 2026-10-01
deadline = 2026-12-31
counter = "conversion"
{ANSWERS}

[[kpi]]
metric = "cost_per_lead"
goal = "leads_500"
target_kind = "at_most"
target = 40
deadline = 2026-12-31
counter = "leads"
{ANSWERS}

[[kpi]]
metric = "conversion"
goal = "leads_500"
target_kind = "at_least"
target = 0.03
deadline = 2026-12-31
counter = "cost_per_lead"
{ANSWERS}
"""


def rules_of(found: doctor.Doctor) -> set[str]:
    return {case.finding.rule for case in found.cases}


def test_the_worked_example_passes_once_filled_in(tmp_path: Path) -> None:
    store = build(tmp_path, WORKED_EXAMPLE + KPIS)
    found = doctor.examine(store, TODAY)
    assert [(case.finding.rule, case.finding.text) for case in found.cases] == []
    assert found.health == 100 and found.counts["passing"] == len(found.rules)
    assert doctor.glance(store, TODAY) == (0, "")


def test_the_worked_example_before_it_is_filled_in_is_told_what_is_missing(tmp_path: Path) -> None:
    store = build(tmp_path, WORKED_EXAMPLE + '[[kpi]]\nmetric = "leads"\nstate = "draft"\nowner = ""')
    assert rules_of(doctor.examine(store, TODAY)) >= {"K02", "K04", "K06", "K07", "K10"}


def test_engagement_alone_without_a_target_fails_by_name(tmp_path: Path) -> None:
    store = build(
        tmp_path,
        '[[metric]]\nslug = "engagement"\nname = "Engagement"\ntiming = "lagging"\nnature = "activity"\n'
        '[[kpi]]\nmetric = "engagement"',
    )
    found = doctor.examine(store, TODAY)
    assert rules_of(found) >= {"G01", "K02", "K03", "K04", "K06", "K07", "K10", "K12", "K13", "M01", "M02"}
    assert found.cases[0].finding.severity == "error" and found.health == 61
    missing = next(case for case in found.cases if case.finding.rule == "K04")
    assert missing.finding.text == "no goal, target, baseline, start, deadline, owner"
    assert (missing.slug, missing.tree, missing.metric) == ("engagement", "kpi:engagement", "engagement")


def test_twenty_kpis_fail_by_name(tmp_path: Path) -> None:
    parts = [
        f'[[metric]]\nslug = "m{n}"\nowner = "ana"\n[[kpi]]\nmetric = "m{n}"\ntarget_kind = "at_least"\ntarget = 3'
        for n in range(20)
    ]
    found = doctor.examine(build(tmp_path, "\n".join(parts)), TODAY)
    case = next(case for case in found.cases if case.finding.rule == "K01")
    assert case.finding.text == "20 KPIs, more than 7" and case.finding.severity == "error"
    assert case.finding.fix.verb == "demote" and case.tree == "scope:org"


def test_the_demo_company_has_the_planted_findings_and_no_others(tmp_path: Path) -> None:
    store = company(tmp_path / "demo.db")
    found = doctor.examine(store, TODAY)
    assert [(case.finding.rule, case.finding.on) for case in found.cases] == [
        ("K03", "Net rev. retention"),
        ("K03", "Expansion MRR"),
        ("D02", "NPS"),
        ("K02", "Role: writer"),
        ("K07", "Organic visits"),
        ("P01", "Articles published"),
        ("M01", "Partner leads"),
        ("M04", "Site visits"),
        ("M04", "Followers, all channels"),
        ("R02", "monthly review"),
        ("R02", "quarterly review"),
        ("G02", "$5.0M ARR by 31 Dec"),
    ]
    assert found.mine("dee") == 6
    assert doctor.glance(store, TODAY) == (12, "Net rev. retention: no leading indicator under it")


def test_a_waiver_takes_a_finding_away_until_its_day_and_can_be_taken_back(tmp_path: Path) -> None:
    store = build(tmp_path, WORKED_EXAMPLE + KPIS.replace('counter = "conversion"', ""))
    (case,) = doctor.examine(store, TODAY).cases
    assert (case.finding.rule, case.slug) == ("K07", "leads")
    with pytest.raises(Refused, match="needs a reason"):
        doctor.waive(store, case.finding, "  ", TODAY)
    done = doctor.waive(store, case.finding, "nothing can be gamed here", TODAY)
    assert done.sentence == "K07 is waived for Qualified leads until 2027-05-22"
    found = doctor.examine(store, TODAY)
    assert found.cases == () and found.health == 99
    (waived,) = found.waived
    assert (waived.why, waived.who, waived.until) == ("nothing can be gamed here", "ana", TODAY + 183)
    with pytest.raises(Refused, match="waived already"):
        doctor.waive(store, case.finding, "again", TODAY)
    assert doctor.examine(store, TODAY + 184).cases[0].finding.rule in {"G01", "K07"}
    assert waived.waiver_id is not None
    doctor.unwaive(store, waived.waiver_id)
    assert [one.finding.rule for one in doctor.examine(store, TODAY).cases] == ["K07"]
    history.undo(store, today=TODAY)
    assert doctor.examine(store, TODAY).cases == ()


def test_a_quarterly_review_looks_at_what_was_waived(tmp_path: Path) -> None:
    store = build(tmp_path, WORKED_EXAMPLE + KPIS.replace('counter = "conversion"', ""))
    (case,) = doctor.examine(store, TODAY).cases
    doctor.waive(store, case.finding, "nothing can be gamed here", TODAY)
    asked = session(store, review.start(store, "quarterly", TODAY).id, TODAY).questions
    assert asked[-1] == (
        "Waived for Qualified leads until 2027-05-22, “each KPI has a counter metric with a band”: "
        "nothing can be gamed here. Still right?"
    )
    assert session(store, review.start(store, "weekly", TODAY).id, TODAY).questions == ()


CLIMBING = """
[[metric]]
slug = "likes"
name = "Likes"
feeds = ["sales"]
[[metric]]
slug = "sales"
name = "Sales"
[[goal]]
slug = "year"
title = "5000 sales"
target = 5000
deadline = 2026-12-31
[[kpi]]
metric = "sales"
goal = "year"
target_kind = "at_least"
target = 100
start = 2026-01-01
deadline = 2026-12-31
"""


def test_a_metric_that_climbs_while_its_kpi_stays_is_vanity_and_one_that_moves_it_is_none(tmp_path: Path) -> None:
    def vain(sales: list[float]) -> list[str]:
        folder = tmp_path / str(sum(sales))
        folder.mkdir()
        likes = " ".join(str(200 + 12 * week + (week * 7) % 5) for week in range(40))
        store = build(folder, CLIMBING, f"likes 2026-W06 {likes}\nsales 2026-W06 {' '.join(map(str, sales))}")
        return [case.finding.text for case in doctor.examine(store, TODAY).cases if case.finding.rule == "M04"]

    flat = [100 + (0.4 if week % 2 else -0.4) + ((week * 5) % 3) / 10 for week in range(40)]
    assert vain(flat) == ["vanity? it climbs while Sales stays where it is"]
    assert not vain([value + 3 * week for week, value in enumerate(flat)])
    assert not vain([value + (week * 37) % 90 for week, value in enumerate(flat)])


def test_what_was_mended_and_what_came_since_a_day_is_said(tmp_path: Path) -> None:
    from kpitui.services import doctor_history, forms

    build(tmp_path, CLIMBING, today="2026-11-10").close()
    store = Store.open(str(tmp_path / NAME), who=person("ana"), via="test", now=clock("2026-11-20"))
    metric = store.one("SELECT id FROM metric WHERE slug = 'likes'")
    forms.set_field(store, "metric", metric, 0, "owner", "ana", TODAY)
    found = doctor_history.examined(store, TODAY)
    assert found.since is not None and found.since.day == TODAY - 7
    # With an owner it is no stray line any more, and is asked for its definition.
    assert found.since[2:] == (("M01 Likes",), ("M02 Likes",))
    assert found.since.health < found.health
    assert doctor_history.examined(store, TODAY, TODAY).since == (TODAY, found.health, (), ())
    assert doctor_history.examined(store, TODAY, TODAY - 30).since is None
    assert f"was {found.since.health} on 13 Nov; new: M02 Likes; closed: M01 Likes" in cli.summary(found, TODAY)


def test_a_waiver_says_until_when() -> None:
    assert doctor.parse_waiver("too early to say", TODAY) == ("too early to say", TODAY + 183)
    assert doctor.parse_waiver("too early until 1 mar", TODAY) == ("too early", to_day(date(2027, 3, 1)))
    with pytest.raises(Problem):
        doctor.parse_waiver("too early until nonsense", TODAY)


def test_values_brought_along_when_the_workspace_was_made_are_not_late(tmp_path: Path) -> None:
    store = build(tmp_path, WORKED_EXAMPLE + KPIS, "leads 2026-W20 " + " ".join(["9", "11"] * 13))
    assert not rules_of(doctor.examine(store, TODAY)) & {"D01", "R01", "R02"}
