"""The table of keys: one verb a key in a place, nothing that terminals swallow, and what is made from it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kpitui import footers, key_list, keys
from kpitui.cli.keys import command
from kpitui.errors import WrongUsage
from kpitui.footers import Shown

ROOT = Path(__file__).resolve().parent.parent
TABLE = {verb.id: verb for verb in keys.VERBS}
FREE = {"Q", "Z"}


def test_no_key_has_two_verbs_in_one_place() -> None:
    assert keys.clashes(keys.VERBS) == []


def test_a_key_used_twice_is_found() -> None:
    twice = (
        *keys.VERBS,
        keys.Verb("second", "u", "u", "again", "Look"),
        keys.Verb("own", "C", "c", "c", "Go", ("tree",)),
    )
    assert next((key, second.id) for key, _, second, _ in keys.clashes(twice) if key == "u") == ("u", "second")
    on_detail = (*keys.VERBS, keys.Verb("own", "C", "c", "c", "Go", ("detail",)))
    assert [(key, where) for key, _, _, where in keys.clashes(on_detail)] == [("C", "detail")]


def test_ids_are_unique_and_each_verb_is_said() -> None:
    assert len(TABLE) == len(keys.VERBS)
    for verb in keys.VERBS:
        assert verb.help and verb.verb and verb.group in keys.GROUPS, verb.id


def test_no_hazard_key_is_needed_outside_text_lines() -> None:
    for verb in keys.VERBS:
        if "line" not in verb.screens:
            for key in verb.keys.split():
                assert not keys.hazard(key), (verb.id, key)


def test_function_keys_are_never_the_only_way() -> None:
    for verb in keys.VERBS:
        names = verb.keys.split()
        assert not names or any(not re.fullmatch(r"f\d+", key) for key in names), verb.id


def test_the_letters_kept_for_later_are_free() -> None:
    used = {key for verb in keys.VERBS for key in verb.keys.split() if len(key) == 1}
    assert not used & FREE
    assert "g" not in used


def test_the_keys_are_those_of_the_design() -> None:
    design = """j down  k up  h left  l right  G bottom  ctrl+d half_down  ctrl+u half_up  tab next_pane  enter open
        o open  escape back  q back_or_leave  ctrl+q quit  ? help  f1 help  : commands  ctrl+p commands  / filter
        u undo  U redo  ctrl+r redo  [ older  ] newer  t this_period  ( previous_item  ) next_item  < shorter
        > longer  F full  n new  e edit  d archive  M attach  c check_in  m note  a action  T target  i info  y copy
        p promote  P demote  r start_review  x close  z snooze  space mark  v mark_range  ! exceptions  @ mine
        f facet  s sort  S sort_reverse  w why  b cadence  ctrl+l redraw  ctrl+z suspend  1 home  5 review
        0 settings""".split()
    held = {key: verb.id for verb in keys.VERBS if not verb.screens for key in verb.keys.split()}
    for key, verb in zip(design[::2], design[1::2], strict=True):
        assert held.get(key) == verb, key
    after_g = "h home  t tree  e entry  i due  r review  a alerts  d doctor  l log  b library  s settings  g top"
    words = f"{after_g}  1 kpi_1  2 kpi_2  3 kpi_3".split()
    assert {verb.go: verb.id for verb in keys.VERBS if verb.go} == dict(zip(words[::2], words[1::2], strict=True))


# ------------------------------------------------------------------ rebinding


def test_a_key_of_ones_own_takes_the_place_of_the_shipped_ones() -> None:
    table = {verb.id: verb for verb in keys.rebound({"undo": "ctrl+y Z"})}
    assert table["undo"].keys == "ctrl+y Z"
    assert table["redo"] == TABLE["redo"]


def test_two_verbs_may_swap_their_keys() -> None:
    table = {verb.id: verb.keys for verb in keys.rebound({"edit": "d", "archive": "e"})}
    assert (table["edit"], table["archive"]) == ("d", "e")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"undo": "a"}, "keys: a cannot be 'undo', it is 'action' (action: what @who when)"),
        ({"undo": "N"}, "keys: N cannot be 'undo', it is 'new_sibling' (new sibling) on tree"),
        ({"undoo": "a"}, "there is no verb 'undoo'"),
        ({"undo": "alt+u"}, "alt+u cannot be 'undo'"),
        ({"undo": "ctrl+a"}, "ctrl+a cannot be 'undo'"),
        ({"undo": "g"}, "'g' starts the go-to keys"),
        ({"undo": " "}, "'undo' has no key"),
        ({"cell_none": "X"}, "'cell_none' belongs to value cells"),
        ({"undo": "Z", "redo": "Z"}, "keys: Z cannot be"),
    ],
)
def test_a_key_that_cannot_be_is_refused_with_the_reason(wanted: dict[str, str], said: str) -> None:
    with pytest.raises(WrongUsage, match=re.escape(said)):
        keys.rebound(wanted)


def test_keys_of_a_configuration_may_stand_behind_commas() -> None:
    assert keys.from_config({"undo": "u,Z", "filter": ","}) == {"undo": "u Z", "filter": ","}


@given(
    st.dictionaries(st.sampled_from(sorted(TABLE)), st.sampled_from([*"abcdefgWXYZ[(", "f5", "alt+x", ""]), max_size=4)
)
def test_rebinding_never_gives_a_table_with_clashes(wanted: dict[str, str]) -> None:
    try:
        table = keys.rebound(wanted)
    except WrongUsage as refused:
        assert str(refused).startswith("keys: ") and str(refused).endswith(".")
    else:
        assert keys.clashes(table) == []


# ------------------------------------------------------------------ footers


def footer(name: str, cells: int) -> str:
    fitting = footers.fit(footers.hints_of(name, TABLE, cells), footers.pinned(TABLE, cells), cells)
    return "  ".join(f"{hint.keys} {hint.word}".strip() for hint in fitting.hints) + f" +{fitting.dropped}"


@pytest.mark.parametrize("cells", [40, 60, 80, 120])
@pytest.mark.parametrize("name", sorted(footers.FOOTERS))
def test_a_footer_fits_with_help_and_commands_pinned(name: str, cells: int) -> None:
    pinned = footers.pinned(TABLE, cells)
    fitting = footers.fit(footers.hints_of(name, TABLE, cells), pinned, cells)
    assert fitting.hints, "a footer says something at every width"
    assert fitting.pinned == pinned
    shown = (*fitting.hints, *pinned)
    text = "  ".join(f"{hint.keys} {hint.word}".strip() for hint in shown)
    more = len(f"+{fitting.dropped}") if fitting.dropped else 0
    assert 1 + len(text) + more <= cells


@pytest.mark.parametrize("name", sorted(footers.FOOTERS))
def test_all_hints_fit_at_120(name: str) -> None:
    assert footer(name, 120).endswith(" +0")


def test_footers_at_80_are_those_of_the_mock_ups() -> None:
    assert footer("home", 80).startswith("⏎ open  c check-in  r review  ! exceptions  / filter  tab pane +")
    assert footer("tree", 80).startswith("⏎ open  n new child  e edit  p promote  J/K move  H/L indent +")
    assert footer("detail", 80).startswith("a action  m note  T target  c check-in  C chart  < > span +")
    assert footer("review_running", 80).startswith("l next  h back  m note  D decide  a action  I issue  ! all +")
    assert footer("doctor", 80).startswith("⏎ go fix  x not for us  f all  i why")


def test_at_40_columns_the_way_to_the_tabs_is_in_the_footer() -> None:
    assert footer("home", 40).startswith("c check-in  r review  g go +")


def test_footers_name_only_verbs_of_the_table() -> None:
    for name, hints in footers.FOOTERS.items():
        for hint in hints:
            for id_ in hint.verbs.split():
                assert id_ in TABLE, (name, id_)


def test_a_hint_shows_the_key_a_person_chose() -> None:
    table = {verb.id: verb for verb in keys.rebound({"check_in": "Z"})}
    assert Shown("Z", "check-in", 98) in footers.hints_of("home", table, 80)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "[ ]", "ctrl+t"]), st.sampled_from(["x", "open", "go fix"]), st.integers(0, 99)
        ),
        max_size=9,
    ),
    st.integers(20, 160),
)
def test_hints_are_dropped_whole_and_the_low_ranks_first(raw: list[tuple[str, str, int]], cells: int) -> None:
    hints = tuple(Shown(*hint) for hint in raw)
    fitting = footers.fit(hints, footers.pinned(TABLE, cells), cells)
    assert len(fitting.hints) + fitting.dropped == len(hints) or not fitting.hints
    assert list(fitting.hints) == [hint for hint in hints if hint in fitting.hints][: len(fitting.hints)] or len(
        set(hints)
    ) < len(hints)
    lost = list(hints)
    for hint in fitting.hints:
        lost.remove(hint)
    if fitting.hints and lost:
        assert max(hint.rank for hint in lost) <= min(hint.rank for hint in fitting.hints)


# ------------------------------------------------------------------ lists


def test_the_page_of_the_guide_is_in_step() -> None:
    page = ROOT / "docs" / "keys.md"
    assert page.read_text(encoding="utf-8") == key_list.as_markdown(), "kpitui keys --markdown > docs/keys.md"


def test_every_verb_is_in_every_list() -> None:
    markdown, text = key_list.as_markdown(), key_list.as_text()
    for verb in keys.VERBS:
        there = verb.id not in keys.KEPT_FREE
        assert (verb.help.replace("|", "\\|") in markdown) is there
        assert (verb.help in text) is there
    assert {row["id"] for row in key_list.as_rows()} == set(TABLE) - set(keys.KEPT_FREE)


def test_no_list_offers_a_screen_that_is_not_there() -> None:
    there = {path.stem for path in (ROOT / "kpitui" / "tui" / "screens").glob("*.py")}
    assert {name for name, *_ in keys.TABS} - there == set(keys.KEPT_FREE)


def test_the_command_prints_the_keys_in_force(own_world: Path) -> None:
    folder = own_world / ".config" / "kpitui"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('[keys]\nundo = "Z"\n', encoding="utf-8")
    shown = CliRunner().invoke(command, [])
    assert re.search(r"^  Z +undo the last change$", shown.output, re.MULTILINE)
    rows = json.loads(CliRunner().invoke(command, ["--json"]).output)
    assert next(row for row in rows if row["id"] == "undo")["keys"] == ["Z"]
    assert next(row for row in rows if row["id"] == "tree")["after_g"] == "t"


def test_the_page_for_the_guide_shows_the_shipped_keys() -> None:
    assert CliRunner().invoke(command, ["--markdown"]).output == key_list.as_markdown()


def test_the_command_refuses_keys_that_cannot_be(own_world: Path) -> None:
    folder = own_world / ".config" / "kpitui"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('[keys]\nundo = "a"\n', encoding="utf-8")
    assert isinstance(CliRunner().invoke(command, []).exception, WrongUsage)
