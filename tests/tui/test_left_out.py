"""What the first frame does without is not imported before it, and there for whoever asks for it afterwards."""

from __future__ import annotations

import subprocess
import sys

import pytest
from textual.design import ColorSystem
from textual.theme import Theme

from tests.tui.sample import sample_app

STARTED = (
    "from kpitui.tui import launch\n"
    "from kpitui.tui.left_out import left_out\n"
    "with left_out():\n    import kpitui.themes, kpitui.tui.app, kpitui.tui.drafts\n"
    "import kpitui.tui.screens.home\n"
)
"""What `launch` imports before the first frame."""


def printed(code: str) -> list[str]:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert not ran.stderr, ran.stderr
    return ran.stdout.split()


def test_nothing_that_the_first_frame_does_without_is_loaded_before_it() -> None:
    # The palette and the widgets that only it needs, folders for downloads, OpenSSL, SQLite: a tenth of the start.
    unwanted = {
        "textual.command", "textual.types", "textual.widgets._input", "textual.widgets._option_list",
        "textual.widgets._tree", "platformdirs", "tempfile", "uuid", "platform", "ssl",
        "hashlib", "sqlite3", "pysqlite3", "json",
    }  # fmt: skip
    loaded = set(printed(f"import sys\n{STARTED}print(*sys.modules)"))
    assert "textual.app" in loaded
    assert not loaded & unwanted


def test_afterwards_everything_is_there() -> None:
    code = (
        f"{STARTED}"
        "import asyncio.sslproto, platformdirs, ssl, textual.app, textual.command, textual.theme\n"
        "from kpitui.tui.palette import Commands, Palette\n"
        "from textual.screen import Screen\n"
        "assert asyncio.sslproto.ssl is None\n"
        "assert issubclass(Palette, Screen) and textual.command.CommandPalette is Palette.__mro__[1]\n"
        "real = textual.app.CommandPalette()\n"  # the name that Textual took while it was left out
        "assert type(real) is textual.command.CommandPalette and isinstance(real, textual.app.CommandPalette)\n"
        "assert not isinstance(3, textual.app.CommandPalette)\n"
        "assert textual.app.CommandPalette.run_on_select is textual.command.CommandPalette.run_on_select\n"
        "hit = textual.theme.DiscoveryHit('x', print)\n"
        "assert type(hit) is textual.command.DiscoveryHit\n"
        "assert textual.app.user_downloads_path() == platformdirs.user_downloads_path()\n"
        "from textual.notifications import Notification\n"
        "assert Notification('a').identity != Notification('a').identity and textual.app.uuid.uuid4().hex\n"
        "print(ssl.OPENSSL_VERSION)"
    )
    assert "OpenSSL" in printed(code) or "LibreSSL" in printed(code)


def test_who_asks_for_more_than_is_known_gets_the_module_itself() -> None:
    code = (
        "import sys\nfrom kpitui.tui.left_out import left_out\n"
        "with left_out():\n"
        "    from platformdirs import user_downloads_path, user_cache_dir\n"
        "    assert callable(user_cache_dir) and hasattr(sys.modules['platformdirs'], '__path__')\n"
        "    assert user_downloads_path()\n"
        "import platformdirs\nassert platformdirs.user_cache_dir is user_cache_dir\nprint('same')"
    )
    assert printed(code) == ["same"]


def test_what_is_loaded_already_is_left_alone() -> None:
    code = (
        "import sys, platformdirs, textual.app\nbefore = dict(sys.modules)\nfrom kpitui.tui.left_out import left_out\n"
        "with left_out():\n    assert sys.modules['textual.command'] is before['textual.command']\n"
        "print(sys.modules['platformdirs'] is platformdirs and sys.modules['ssl'] is before['ssl'])"
    )
    assert printed(code) == ["True"]


def test_reading_the_first_view_loads_nothing_that_reads_what_people_type() -> None:
    # It runs beside Textual's import, on two processors that are seldom both free.
    made = (
        "import sys\nfrom kpitui.tui import first\n"
        "from kpitui.services import due, glance, overview, review_exceptions, reworked, signals\n"
    )
    loaded = set(printed(f"{made}print(*sys.modules)"))
    assert "kpitui.domain.runs" in loaded
    assert not loaded & {"statistics", "random", "json", "hashlib", "dataclasses", "kpitui.domain.period_words"}


async def test_the_colours_of_one_theme_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    make = Theme.to_color_system

    def counted(theme: Theme) -> ColorSystem:
        made.append(theme.name)
        return make(theme)

    monkeypatch.setattr(Theme, "to_color_system", counted)
    app = sample_app()
    async with app.run_test():
        assert made == [app.theme]


async def test_a_theme_that_nobody_has_leaves_colours_all_the_same() -> None:
    app = sample_app(theme="nobody-has-it")
    async with app.run_test():
        assert app.theme in app.available_themes
        assert app.theme_variables["background"] and app.looks.variables is app.theme_variables
