"""Templates: all that are shipped, what using one makes, and a team's own."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest

from kpitui import paths
from kpitui.domain.periods import to_day
from kpitui.domain.problem import Problem
from kpitui.domain.starting_target import read_usual
from kpitui.errors import Conflict, NotFound, Refused
from kpitui.services import creating, doctor, history, library, library_save, library_use, model_file
from kpitui.services.book import Book
from kpitui.services.naming import Done
from kpitui.storage import reading
from kpitui.storage.store import Store
from tests.workspace import build, join, record

SHIPPED = paths.template_folders()[:1]
DAY = to_day(date(2026, 1, 5))
ALL = {
    *("saas", "ecommerce", "retail", "online_media", "professional_services", "agency"),
    *("goal_revenue", "goal_profit", "goal_growth"),
    *("startup", "established", "service_company", "manufacturing"),
    *("finance", "marketing", "operations", "customer_service", "sales"),
    *("social", "seo", "email", "paid_search"),
    *("writer", "marketer", "salesperson", "qualified_leads"),
}


def fresh(tmp_path: Path, today: str = "2026-01-05") -> Store:
    return build(tmp_path, today=today)


def answered(
    store: Store, name: str, goal: str = "", kpis: tuple[str, ...] = (), picked: set[str] | None = None, scope: str = ""
) -> library_use.Answers:
    found = library.preview(library.named(SHIPPED, name))
    offer = library_use.offer(store, DAY, found, picked, scope)
    answers = library_use.Answers(offer, library_use.goal_said(goal, found.template.goal, DAY, "USD"))
    for ask, text in zip(offer.asks, kpis, strict=False):
        answers.keep(ask, text)
    return answers


def use(store: Store, name: str, *args: object, **kw: object) -> Done:
    return library_use.use(store, answered(store, name, *args, **kw))  # type: ignore[arg-type]


def write_goal(store: Store, text: str) -> None:
    place = creating.Place("goal", "", None, None, 0, "", "week", None, None)
    creating.add_goal(store, creating.read_line(text, place, date(2026, 1, 5), "USD"), place, DAY)


def test_every_template_that_is_promised_is_there_and_sound() -> None:
    shelf = library.shelf(SHIPPED)
    assert not shelf.problems
    assert {one.name for one in shelf.templates} == ALL


@pytest.mark.parametrize("name", sorted(ALL))
def test_each_template_is_complete(name: str) -> None:
    """Kind, unit, direction, timing, nature and definition of every line; a banded counter and something leading for
    every KPI; what is left out."""
    found = library.preview(library.named(SHIPPED, name))
    assert found.template.left_out and found.template.for_whom and found.template.source and found.template.goal
    metrics = {entry.values["slug"]: entry.values for entry in found.model.of("metric")}
    for slug, values in metrics.items():
        for key in ("name", "definition", "unit", "kind", "cadence", "direction", "timing", "nature"):
            assert values.get(key), f"{name}: {slug} has no {key}"
        assert values.get("source") or library.parts_of(values), f"{name}: {slug} has no source"
        assert values["kind"] != "ratio" or values.get("numerator"), f"{name}: the ratio {slug} would be averaged"
    usual = dict(found.template.usual)
    roles = found.model.of("kpi")
    assert 2 <= len(roles) <= 3
    for role in roles:
        slug, counter = role.values["metric"], role.values["counter"]
        assert metrics[counter]["counter"] and role.values["objective"] and slug in usual
        read_usual(usual[counter], metrics[counter]["unit"], "USD", metrics[counter]["direction"])
        below, waiting = {slug}, [slug]
        while waiting:
            at = waiting.pop()
            more = [one for one, values in metrics.items() if at in values.get("feeds", ()) and one not in below]
            below |= set(more)
            waiting += more
        assert any(metrics[one]["timing"] == "leading" for one in below), f"{name}: nothing leads to {slug}"
    assert found.template.goal_metric in metrics


@pytest.mark.parametrize("name", sorted(ALL))
def test_each_template_can_be_used_undone_and_used_again(tmp_path: Path, name: str) -> None:
    store = fresh(tmp_path)
    before = model_file.export(store)
    example = library.named(SHIPPED, name).example
    done = use(store, name, example)
    assert done.sentence.startswith("Created from") and "1 goal" in done.sentence
    first = model_file.export(store)
    history.undo(store, today=DAY)
    assert model_file.export(store) == before
    use(store, name, example)
    again = model_file.export(store)
    assert again == first


def test_a_goal_written_before_is_measured_by_the_templates_metric_of_that_name(tmp_path: Path) -> None:
    store = fresh(tmp_path)
    write_goal(store, "5m ARR by 31 dec")
    use(store, "saas", kpis=("356k>400k", "2.5 > 3", ""))
    book = Book(store, DAY)
    goal = book.main_goal
    assert goal is not None and goal.metric_id is not None
    assert (book.metrics[goal.metric_id].slug, goal.baseline, goal.unit) == ("arr", 356_000 * 12, "currency")
    assert len(book.goals) == 1


def test_a_goal_that_names_something_else_is_not_touched_by_a_template(tmp_path: Path) -> None:
    store = fresh(tmp_path)
    write_goal(store, "200 new clients by 31 dec")
    use(store, "saas", kpis=("356k>400k", "", ""))
    goal = Book(store, DAY).main_goal
    assert goal is not None and (goal.metric_id, goal.unit) == (None, "number")


def test_a_percent_far_beyond_any_is_refused_at_its_own_line(tmp_path: Path) -> None:
    store = fresh(tmp_path)
    answers = answered(store, "saas", "5m")
    rate = next(one for one in answers.offer.asks if one.unit == "percent")
    for typed in ("417k", "2 > 4000"):
        with pytest.raises(Problem, match=r"\? Type percent points: 3 for 3 %"):
            answers.words(rate, typed)


def test_the_answers_become_goal_kpis_targets_and_bounds(tmp_path: Path) -> None:
    store = fresh(tmp_path)
    done = use(store, "saas", "5m", ("356k>400k", "2.5 > +0.5 @bo", "98>100"))
    assert done.sentence == "Created from SaaS / subscription: 1 goal, 3 KPIs, 11 metrics"
    book = Book(store, DAY)
    goal = book.main_goal
    assert goal is not None
    # ARR is worked out from the MRR that was typed.
    assert (goal.title, goal.baseline, goal.target) == ("$5.0M ARR by 31 Dec", 356_000 * 12, 5_000_000)
    kpis = {book.metrics[kpi.metric_id].slug: kpi for kpi in book.kpis.values()}
    assert {slug: (kpi.state, kpi.baseline, kpi.target) for slug, kpi in kpis.items()} == {
        "mrr": ("live", 356_000, 400_000),
        "trial_to_paid": ("live", 0.025, 0.03),
        "net_revenue_retention": ("live", 0.98, 1.0),
    }
    assert all(kpi.goal_id == goal.id and kpi.deadline == to_day(date(2026, 12, 31)) for kpi in kpis.values())
    metrics = {one.slug: one for one in book.metrics.values()}
    assert metrics["churned_mrr"].good_high == pytest.approx(0.004 * 356_000)
    assert metrics["first_reply"].good_high == 4 and metrics["first_reply"].owner == "bo"
    assert "lifetime_value" not in metrics
    assert kpis["mrr"].counter_id == metrics["churned_mrr"].id
    assert store.one("SELECT count(*) FROM txn WHERE what = 'library.use'") == 1


def test_without_answers_kpis_are_drafts_unless_the_usual_target_needs_no_number(tmp_path: Path) -> None:
    store = fresh(tmp_path)
    done = use(store, "saas", "5m")
    assert done.sentence.endswith("2 are drafts until T gives a target")
    states = dict(store.rows("SELECT m.slug, k.state FROM kpi k CROSS JOIN metric m ON m.id = k.metric_id"))
    assert states == {"mrr": "draft", "trial_to_paid": "draft", "net_revenue_retention": "live"}


def test_a_yearly_total_counts_from_the_first_of_january_and_a_campaign_from_today(tmp_path: Path) -> None:
    store = fresh(tmp_path)
    use(store, "goal_revenue", "2m")
    use(store, "qualified_leads", "500")
    goals = {one.title: one for one in reading.goals(store)}
    year, leads = goals["$2.0M revenue by 31 Dec"], goals["500 qualified leads by 5 Apr"]
    assert (year.target_kind, year.start) == ("reach", to_day(date(2026, 1, 1)))
    assert (leads.target_kind, leads.start, leads.parent_id) == ("reach", DAY, year.id)


def test_a_team_template_makes_the_team_and_takes_what_is_there(tmp_path: Path) -> None:
    store = fresh(tmp_path)
    use(store, "ecommerce", "2m")
    metrics = {one.slug: one.id for one in reading.metrics(store)}
    answers = answered(store, "paid_search")
    done = library_use.use(store, answers)
    assert "1 team" in done.sentence
    book = Book(store, DAY)
    team = next(one for one in book.scopes.values() if one.name == "Paid search")
    assert all(kpi.goal_id for kpi in book.kpis_of(team.id)), "without a goal of its own the main goal is meant"
    assert {one.slug: one.id for one in book.metrics.values() if one.slug in metrics} == metrics
    again = answered(store, "paid_search", scope="paid search")
    assert not again.offer.asks and len(again.offer.there) == len(again.offer.lines)
    assert "was there already" in library_use.use(store, again).sentence


def test_what_another_made_of_the_template_meanwhile_is_not_made_twice_nor_given_another_owner(tmp_path: Path) -> None:
    store = fresh(tmp_path)
    write_goal(store, "$5m ARR by 31 dec")
    with join(store, "bo") as bo:
        mine, theirs = answered(bo, "saas"), answered(store, "saas")
        library_use.use(store, theirs)
        before = store.rows("SELECT slug, owner FROM metric ORDER BY slug")
        with pytest.raises(Conflict, match=r"ana at .*\d\d:\d\d made .+ and \d+ more meanwhile. NOT saved"):
            library_use.use(bo, mine)
        assert "was there already" in use(bo, "saas").sentence
    assert store.rows("SELECT slug, owner FROM metric ORDER BY slug") == before


def test_a_name_that_counts_something_else_gets_another_one(tmp_path: Path) -> None:
    store = build(tmp_path, '[[metric]]\nslug = "visits"\nname = "Visits"\nunit = "currency"', today="2026-01-05")
    use(store, "ecommerce", "2m")
    names = {one.name: one.slug for one in reading.metrics(store)}
    assert names["Visits (Acme)"] == "visits_2"
    conversion = next(one for one in reading.metrics(store) if one.slug == "conversion")
    assert conversion.denominator_id == next(one.id for one in reading.metrics(store) if one.slug == "visits_2")


def test_left_out_lines_are_not_made_and_those_below_go_to_what_stands_above(tmp_path: Path) -> None:
    store = fresh(tmp_path)
    found = library.preview(library.named(SHIPPED, "saas"))
    picked = {line.slug for line in found.lines if line.picked} - {"new_mrr"}
    use(store, "saas", "5m", picked=picked)
    book = Book(store, DAY)
    slugs = {one.slug: one.id for one in book.metrics.values()}
    assert "new_mrr" not in slugs
    assert book.feeds(slugs["demos_booked"]) == [slugs["mrr"]]
    assert library.needed_by(found, "trials", picked - {"trials"}) == "Trial>paid conversion"
    with pytest.raises(Refused, match="Every line is left out"):
        library_use.offer(store, DAY, found, set())


def test_the_workspaces_limit_is_kept(tmp_path: Path) -> None:
    store = build(tmp_path, "[workspace]\nkpi_refuse = true\nkpi_strong = 2", today="2026-01-05")
    with pytest.raises(Refused, match="leave some out"):
        use(store, "saas", "5m", ("1>2", "1>2", "90>100"))
    assert not reading.metrics(store)


def test_the_worked_example_passes_the_doctor_once_filled_in(tmp_path: Path) -> None:
    """500 qualified leads in three months: what is left are the reviews that nobody held yet."""
    start = to_day(date(2026, 8, 31))
    store = build(tmp_path, today="2026-08-31")
    found = library.preview(library.named(SHIPPED, "qualified_leads"))
    offer = library_use.offer(store, start, found, None, "Acme")
    answers = library_use.Answers(offer, library_use.goal_said("500", found.template.goal, start, "USD"))
    for ask, text in zip(offer.asks, ("", "60 > 50", "1.5 > 2"), strict=True):
        answers.keep(ask, text)
    library_use.use(store, answers)
    record(
        store,
        """
        qualified_leads 2026-W36 35 41 38 44 37 40 36 42 39 43 41
        traffic 2026-W36 2300 2500 2350 2600 2250 2400 2300 2550 2450 2500 2480
        clicks 2026-W36 1900 2000 1950 2100 1850 2000 1900 2050 1950 2000 1980
        impressions 2026-W36 90000 91000 88000 92000 87000 90000 89000 91000 90500 92000 91500
        engagements 2026-W36 3000 3100 2950 3200 2900 3000 3050 3100 3000 3150 3100
        leads_accepted 2026-W36 84% 82% 86% 85% 83% 87% 84% 82% 85% 86% 84%
        campaign_cost 2026-W36 2100 2250 2150 2300 2080 2200 2050 2200 2100 2250 2200
        pages_tested 2026-W36 1 2 1 1 2 1 1 2 1 1 1
        """,
    )
    cases = doctor.examine(store, to_day(date(2026, 11, 16))).cases
    assert {case.finding.rule for case in cases} <= {"R01", "R02"}


# ---- a team's own ------------------------------------------------------------------------------------------------


def test_a_scope_saved_as_a_template_makes_the_same_set_elsewhere(tmp_path: Path) -> None:
    store = fresh(tmp_path)
    use(store, "salesperson", "300k", ("", "20>25", "3>4"))
    done = library_save.save_scope(store, "Salesperson", "Our sellers", DAY, "hours on the phone")
    folder = tmp_path / "templates"
    file = folder / "our_sellers.toml"
    assert done.key == "our_sellers" and file.exists()
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(Path(store.path).stat().st_mode)
    text = file.read_text()
    assert "ana" not in text.replace("organic", "") and "baseline" not in text and "deadline" not in text
    own = library.named([*SHIPPED, str(folder)], "Our sellers")
    assert own.own and own.left_out == "hours on the phone" and dict(own.usual)["close_rate"] == "base +5"
    (tmp_path / "other").mkdir()
    other = fresh(tmp_path / "other")
    offer = library_use.offer(other, DAY, library.preview(own))
    library_use.use(other, library_use.Answers(offer))
    wanted = {(m.slug, m.name, m.unit, m.kind, m.cadence, m.timing) for m in reading.metrics(store)}
    assert {(m.slug, m.name, m.unit, m.kind, m.cadence, m.timing) for m in reading.metrics(other)} == wanted
    assert other.one("SELECT count(*) FROM playbook") == 1
    with pytest.raises(Refused, match="choose another name"):
        library_save.save_scope(store, "Salesperson", "Our sellers", DAY)
    with pytest.raises(NotFound, match="There is no scope"):
        library_save.save_scope(store, "Nobody", "x", DAY)


def test_a_copy_is_ones_own_and_can_be_rewritten(tmp_path: Path) -> None:
    store = fresh(tmp_path)
    shipped = library.named(SHIPPED, "seo")
    library_save.copy(store, shipped, "Our SEO")
    folders = [*SHIPPED, str(tmp_path / "templates")]
    own = library.named(folders, "our_seo")
    assert (own.own, own.saved, own.kpis) == (True, "a copy of Channel: SEO", 3)
    text = Path(own.path).read_text()
    library_save.rewrite(store, own, text.replace("High-intent words in the top 3", "Words that sell"))
    assert "Words that sell" in {line.name for line in library.preview(own).lines}
    with pytest.raises(Problem, match="does not hold"):
        library_save.rewrite(store, own, text.replace('feeds = ["organic_traffic"]', 'feeds = ["nothing"]'))
    assert "Words that sell" in Path(own.path).read_text()
    with pytest.raises(Refused, match="not one of yours"):
        library_save.rewrite(store, shipped, text)


def test_a_bad_file_is_told_and_the_others_are_there(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[[metric]]\nslug = 'x'\n")
    (tmp_path / "worse.toml").write_text("[template]\ntitle = 5\n")
    (tmp_path / "odd.toml").write_text('[template]\ntitle = "x"\ncolour = "red"\n')
    shelf = library.shelf([*SHIPPED, str(tmp_path)])
    assert len(shelf.templates) == len(ALL) and len(shelf.problems) == 3
    assert all(name in " ".join(shelf.problems) for name in ("bad.toml", "worse.toml", "colour"))


def test_a_name_that_is_not_there_names_what_is_near() -> None:
    with pytest.raises(NotFound, match="saas"):
        library.named(SHIPPED, "sasa")
    assert library.named(SHIPPED, "SaaS / subscription").name == "saas"


@pytest.mark.parametrize(
    ("text", "title", "baseline"),
    [
        ("5m", "$5.0M ARR by 31 Dec", None),
        ("3.2m > 5m", "$5.0M ARR by 31 Dec", 3_200_000),
        ("5m ARR by 30 jun @bo", "$5.0M ARR by 30 Jun", None),
        ("6m bookings", "$6.0M bookings by 31 Dec", None),
    ],
)
def test_a_goal_may_be_a_number_a_way_or_a_whole_line(text: str, title: str, baseline: float | None) -> None:
    said = library_use.goal_said(text, "ARR by 31 dec", DAY, "USD")
    assert said is not None and (said.line.title, said.baseline) == (title, baseline)


def test_no_goal_yet_gives_the_advice_by_profitability() -> None:
    assert library_use.goal_said(" ", "ARR by 31 dec", DAY, "USD") is None
    words = library_use.goal_words("", "ARR by 31 dec", DAY, "USD")
    assert "profitable: revenue, break even: profit, venture: users" in words
