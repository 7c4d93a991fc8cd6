from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.app import App, ComposeResult
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme
from textual.widgets import Static

from kpitui import paths, themes
from kpitui.theme_file import ThemeFile, check
from kpitui.themes import ThemeSpec, ThemeWatch, load_themes, read_theme
from tests.colour_vision import MACHADO, delta_e, seen

SHIPPED = load_themes([paths.shipped_themes()])
NAMES = sorted(SHIPPED.by_name)
COLOURED = [name for name in NAMES if name != "terminal"]
STATUSES = ("kpi-on", "kpi-watch", "kpi-off")
ROOT = Path(__file__).parent.parent


def shipped(name: str) -> Theme:
    return SHIPPED.by_name[name].textual()


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def two_lines(name: str, primary: str = "#3C78D8") -> str:
    return f'name = "{name}"\nprimary = "{primary}"\n'


def test_the_shipped_themes_are_those_of_the_design_and_load_without_a_word():
    assert NAMES == ["green-amber-red", "high-contrast", "kpitui-dark", "kpitui-light", "mono", "terminal"]
    assert SHIPPED.problems == [] and SHIPPED.notice() is None
    for name, spec in SHIPPED.by_name.items():
        assert read_theme(spec.path) == (spec, "") and spec.fields["name"] == name
    assert themes.DEFAULT in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_theme_stands_the_check_of_a_users_own_and_leaves_nothing_open(name):
    spec = SHIPPED.by_name[name]
    assert check(dict(spec.fields)) is None
    assert Path(spec.path).name == f"{name}.toml"
    variables = spec.fields["variables"]
    assert isinstance(variables, dict) and set(themes.VARIABLES) <= set(variables)


@pytest.mark.parametrize("name", COLOURED)
def test_every_text_is_legible_on_every_ground(name):
    found = themes.contrasts(shipped(name))
    assert len(found) == len(themes.TEXTS) * len(themes.GROUNDS) + 3
    wanted = 7.0 if name == "high-contrast" else themes.LEGIBLE
    assert {pair: ratio for pair, ratio in found.items() if ratio < wanted} == {}


@pytest.mark.parametrize("name", COLOURED)
def test_the_row_under_the_cursor_is_another_ground(name):
    theme = shipped(name)
    assert Color.parse(theme.variables["cursor-row"]) not in {
        Color.parse(str(colour)) for colour in (theme.background, theme.surface, theme.panel)
    }


@pytest.mark.parametrize("name", COLOURED)
@pytest.mark.parametrize("system", [ColorSystem.EIGHT_BIT, ColorSystem.TRUECOLOR])
def test_statuses_differ(name, system):
    theme = shipped(name)
    colours = [
        RichColor.parse(theme.variables[variable]).downgrade(system) for variable in (*STATUSES, "kpi-none")
    ]  # fmt: skip
    assert len({(colour.type, colour.number, colour.triplet) for colour in colours}) == 4


def test_statuses_differ_in_the_terminals_own_sixteen():
    theme = shipped("terminal")
    colours = [theme.variables[variable] for variable in (*STATUSES, "kpi-none")]
    assert theme.ansi and len(set(colours)) == 4
    assert all(Color.parse(colour).ansi is not None for colour in colours)


def nearest(theme: Theme, vision: str) -> float:
    colours = [seen(Color.parse(theme.variables[status]).rgb, vision) for status in STATUSES]
    return min(delta_e(one, other) for one, other in combinations(colours, 2))


@pytest.mark.parametrize("vision", MACHADO)
@pytest.mark.parametrize("name", ["kpitui-dark", "kpitui-light", "high-contrast"])
def test_statuses_stay_apart_with_any_colour_vision(name, vision):
    assert nearest(shipped(name), vision) > 20


def test_the_figures_of_the_palettes_are_those_they_were_chosen_by():
    dark = [nearest(shipped("kpitui-dark"), vision) for vision in MACHADO]
    assert dark == pytest.approx([53, 24, 25, 27], abs=0.6)
    light = [nearest(shipped("kpitui-light"), vision) for vision in MACHADO]
    assert light == pytest.approx([33, 27, 21, 23], abs=0.6)
    # What that guards against: the traffic light, as few see it.
    assert nearest(shipped("green-amber-red"), "protan") < 10


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1, 2), (50, 0, 0), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((50, 2.5, 0), (58, 24, 15), 19.4535),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_distance_is_that_of_its_authors(one, other, wanted):
    """Sharma, Wu and Dalal (2005), table 1."""
    assert delta_e(one, other) == pytest.approx(wanted, abs=5e-5)


def test_contrast_is_that_of_the_standard():
    assert themes.contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert themes.contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.005)


def test_a_file_may_say_what_textual_can_be_told():
    assert sorted(ThemeFile.model_fields) == sorted(field.name for field in dataclasses.fields(Theme))


def test_a_name_and_a_primary_are_a_whole_theme(tmp_path):
    write(tmp_path, "a.toml", two_lines("ours"))
    found = load_themes([str(tmp_path)])
    assert found.problems == []
    theme = found.by_name["ours"].textual()
    assert theme.dark and set(themes.VARIABLES) <= set(theme.variables)
    ratios = {pair: ratio for pair, ratio in themes.contrasts(theme).items() if pair[0] in themes.COLOURS}
    assert min(ratios.values()) >= themes.LEGIBLE


@pytest.mark.parametrize(("background", "dark"), [("#FAFAFA", False), ("#101010", True)])
def test_dark_follows_from_the_background(tmp_path, background, dark):
    write(tmp_path, "a.toml", two_lines("ours") + f'background = "{background}"\n')
    assert load_themes([str(tmp_path)]).by_name["ours"].textual().dark is dark


def test_what_a_file_sets_is_not_worked_out(tmp_path):
    write(tmp_path, "a.toml", two_lines("ours") + '[variables]\nkpi-off = "#FF0000"\n')
    variables = load_themes([str(tmp_path)]).by_name["ours"].textual().variables
    assert variables["kpi-off"] == "#FF0000" and variables["kpi-on"] == "#5BC0F0"


@pytest.mark.parametrize("name", sorted(BUILTIN_THEMES))
def test_the_themes_of_textual_get_statuses_that_are_legible_and_stay_apart(name):
    theme = BUILTIN_THEMES[name]
    before = dict(theme.variables)
    worked_out = themes.defaults(theme)
    assert set(worked_out) == set(themes.VARIABLES) and theme.variables == before
    ratios = {pair: ratio for pair, ratio in themes.contrasts(theme).items() if pair[0] in themes.COLOURS}
    assert all(ratio >= themes.LEGIBLE for ratio in ratios.values())
    if not theme.ansi:
        shown = dataclasses.replace(theme, variables=worked_out)
        assert all(nearest(shown, vision) > 10 for vision in MACHADO)


def test_the_later_folder_wins_by_name(tmp_path):
    write(tmp_path / "system", "x.toml", two_lines("ours", "#111111"))
    write(tmp_path / "system", "dark.toml", two_lines("kpitui-dark", "#222222"))
    write(tmp_path / "user", "y.toml", two_lines("ours", "#333333"))
    folders = [paths.shipped_themes(), str(tmp_path / "system"), str(tmp_path / "none"), str(tmp_path / "user")]
    found = load_themes(folders)
    assert found.problems == []
    assert found.by_name["ours"].textual().primary == "#333333"
    assert found.by_name["kpitui-dark"].textual().primary == "#222222"
    assert set(NAMES) < set(found.by_name)


def test_a_bad_file_leaves_the_earlier_theme_of_its_name_in_force(tmp_path):
    write(tmp_path, "kpitui-dark.toml", 'name = "kpitui-dark"\n')
    found = load_themes([paths.shipped_themes(), str(tmp_path)])
    assert found.by_name["kpitui-dark"] == SHIPPED.by_name["kpitui-dark"]
    assert found.notice() == f"{tmp_path}/kpitui-dark.toml, primary: missing, a theme needs name and primary."


BAD = {
    "no toml": ('name = "x', r"^{path}: not TOML: Unterminated string .*\.$"),
    "no name": ('primary = "red"', r"^{path}, name: missing"),
    "no colour": ('name = "x"\nprimary = "blu"', r"^{path}, primary: 'blu' is no colour: .*did you mean blue\?$"),
    "no text": ('name = "x"\nprimary = 255', r"^{path}, primary: has to be text in quotes\.$"),
    "no truth": ('name = "x"\nprimary = "red"\ndark = "yes"', r"^{path}, dark: has to be true or false\.$"),
    "unknown key": ('name = "x"\nprimry = "red"\nprimary = "red"', r"^{path}, primry: no key .*did you mean 'primary'"),
    "unknown variable": (
        'name = "x"\nprimary = "red"\n[variables]\nkpi-onn = "red"',
        r"^{path}, variables: 'kpi-onn' is no variable; did you mean 'kpi-on'\?$",
    ),
    "style sheet inside": (
        'name = "x"\nprimary = "red"\n[variables]\nborder = "red; } Screen { display: none"',
        r"^{path}, variables: border: 'red; .*' is no colour",
    ),
    "no text style": (
        'name = "x"\nprimary = "red"\n[variables]\ncursor-row-text-style = "bald"',
        r"^{path}, variables: cursor-row-text-style = 'bald' is no text style",
    ),
    "a share of our own": (
        'name = "x"\nprimary = "red"\n[variables]\nspark = "red 30%"',
        r"^{path}, variables: spark = 'red 30%': this one takes a colour without a percentage\.$",
    ),
    "too large": ('name = "x"\nprimary = "red"\n' + "#" * 70_000, r"^{path}: larger than 65536 bytes"),
    "two slips": ('name = "x"\nprimary = "blu"\nerror = 3', r"\(and 1 more\)\.$"),
}


@pytest.mark.parametrize("slip", BAD)
def test_what_is_wrong_with_a_file_is_said_with_its_place(tmp_path, slip):
    text, words = BAD[slip]
    path = write(tmp_path, "x.toml", text)
    found = load_themes([str(tmp_path)])
    assert found.by_name == {} and len(found.problems) == 1
    assert re.search(words.replace("{path}", re.escape(str(path))), found.problems[0]), found.problems[0]


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "a/b", "a\\\\b", "..", ".", "", "-x", "_x", ".hidden", "a b", "a.b", "x" * 65,
     "naïve", "x\\n", "x\\u0000", "~", "$(x)"],
)  # fmt: skip
def test_a_name_is_no_path(tmp_path, name):
    write(tmp_path, "x.toml", two_lines(name))
    found = load_themes([str(tmp_path)])
    assert found.by_name == {} and "a name is 1 to 64 letters" in found.problems[0]


@pytest.mark.parametrize("name", ["a", "7", "A_b-9", "x" * 64])
def test_a_plain_name_is_taken(tmp_path, name):
    write(tmp_path, "x.toml", two_lines(name))
    assert list(load_themes([str(tmp_path)]).by_name) == [name]


def test_the_problems_of_many_files_are_one_notice(tmp_path):
    for number in range(3):
        write(tmp_path, f"{number}.toml", "nonsense")
    found = load_themes([paths.shipped_themes(), str(tmp_path)])
    assert len(found.problems) == 3 and sorted(found.by_name) == NAMES
    assert found.notice() == "3 theme files cannot be used; kpitui themes says why."


def test_two_files_of_one_folder_with_one_name_are_a_problem(tmp_path):
    write(tmp_path, "a.toml", two_lines("ours", "#111111"))
    write(tmp_path, "b.toml", two_lines("ours", "#222222"))
    found = load_themes([str(tmp_path)])
    assert found.by_name["ours"].textual().primary == "#111111"
    assert found.problems == [f"{tmp_path}/b.toml: a.toml beside it is called 'ours', too. Rename one."]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_does_not_hold_up_the_start(tmp_path):
    os.mkfifo(tmp_path / "x.toml")
    assert load_themes([str(tmp_path)]).problems == [f"{tmp_path}/x.toml: this is no ordinary file."]


def test_a_dangling_link_and_bytes_that_are_no_text_are_problems_and_other_files_are_not_read(tmp_path):
    (tmp_path / "a.toml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "b.toml").write_bytes(b'name = "\xff"')
    write(tmp_path, ".c.toml", "nonsense")
    write(tmp_path, "README.md", "nonsense")
    first, second = load_themes([str(tmp_path)]).problems
    assert "a.toml cannot be read: No such file" in first and "b.toml: not written in UTF-8" in second


def test_what_a_problem_quotes_cannot_steer_the_terminal(tmp_path):
    write(tmp_path, "x.toml", 'name = "x"\nprimary = "\\u001b]0;owned\\u0007"\n')
    (problem,) = load_themes([str(tmp_path)]).problems
    assert "\x1b" not in problem and "\x07" not in problem


def test_short_names_find_the_shipped_ones_unless_somebody_took_them(tmp_path):
    spec = SHIPPED.find("dark")
    assert spec is not None and spec.name == "kpitui-dark"
    contrast = SHIPPED.find("contrast")
    assert contrast is not None and contrast.name == "high-contrast"
    assert SHIPPED.find("nord") is None
    write(tmp_path, "x.toml", two_lines("dark"))
    own = load_themes([paths.shipped_themes(), str(tmp_path)]).find("dark")
    assert own is not None and own.name == "dark"


def watched(path: Path) -> tuple[ThemeSpec, ThemeWatch]:
    (spec,) = load_themes([str(path.parent)]).by_name.values()
    return spec, ThemeWatch(spec)


def test_a_change_of_the_file_in_use_is_told_once(tmp_path):
    path = write(tmp_path, "x.toml", two_lines("ours", "#111111"))
    _, watch = watched(path)
    assert watch.poll() is None
    write(tmp_path, "x.toml", two_lines("ours", "#22222222"))
    changed = watch.poll()
    assert isinstance(changed, ThemeSpec) and changed.textual().primary == "#22222222"
    assert watch.poll() is None


def test_a_change_that_cannot_be_used_is_said_and_the_next_good_one_taken(tmp_path):
    path = write(tmp_path, "x.toml", two_lines("ours"))
    spec, watch = watched(path)
    path.write_text("half a fi", encoding="utf-8")
    said = watch.poll()
    assert isinstance(said, str) and "not TOML" in said and watch.poll() is None
    path.write_text(two_lines("ours"), encoding="utf-8")
    assert watch.poll() == spec


def test_a_file_replaced_or_gone_for_a_moment_is_no_trouble(tmp_path):
    path = write(tmp_path, "x.toml", two_lines("ours"))
    spec, watch = watched(path)
    path.unlink()
    assert watch.poll() is None
    write(tmp_path, "new", two_lines("ours")).replace(path)
    assert watch.poll() == spec


async def test_every_theme_and_every_variable_works_in_an_app():
    class Small(App[None]):
        CSS = "\n".join(
            [f"#v{place} {{ color: ${name}; }}" for place, name in enumerate(themes.COLOURS)]
            + ["#style { text-style: $cursor-row-text-style; background: $cursor-row; }"]
        )

        def get_theme_variable_defaults(self) -> dict[str, str]:
            return themes.defaults(self.current_theme)

        def compose(self) -> ComposeResult:
            yield from (Static("x", id=f"v{place}") for place in range(len(themes.COLOURS)))
            yield Static("x", id="style")

    app = Small()
    for spec in SHIPPED.by_name.values():
        app.register_theme(spec.textual())
    async with app.run_test() as pilot:
        for name in (*NAMES, *sorted(BUILTIN_THEMES)):
            app.theme = name
            await pilot.pause()
            wanted = Color.parse(themes.defaults(app.current_theme)["kpi-off"])
            assert app.query_one("#v2").styles.color == wanted, name


async def test_a_users_own_theme_of_the_terminals_colours_starts(tmp_path):
    text = 'name = "mine"\nprimary = "ansi_blue"\nansi = true\nbackground = "ansi_default"\n'
    write(tmp_path, "mine.toml", text)
    app: App[None] = App()
    app.register_theme(load_themes([str(tmp_path)]).by_name["mine"].textual())
    async with app.run_test() as pilot:
        app.theme = "mine"
        await pilot.pause()
        assert app.theme_variables["kpi-off"] == "ansi_red"


LIGHT = """
import sys
from kpitui import paths, themes
found = themes.load_themes(paths.theme_folders(dict(XDG_CONFIG_HOME="/nowhere")))
assert not {"pydantic", "textual"} & set(sys.modules), "on the way to the start"
found.find("dark").textual()
assert "pydantic" not in sys.modules, "for a shipped theme"
"""


def test_a_start_with_a_shipped_theme_needs_no_pydantic():
    subprocess.run([sys.executable, "-c", LIGHT], check=True, cwd=ROOT)


def test_every_key_is_explained():
    text = (Path(paths.shipped_themes()) / "README.md").read_text(encoding="utf-8")
    for key in (*ThemeFile.model_fields, *themes.VARIABLES, *NAMES):
        assert f"`{key}`" in text or f"`[{key}]`" in text, key
    used = {key for spec in SHIPPED.by_name.values() for key in dict(spec.fields["variables"])}  # type: ignore[call-overload]
    assert {key for key in used if f"`{key}`" not in text and not key.endswith("text-style")} == set()
