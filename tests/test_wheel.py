"""The wheel, built and installed with pip alone into an environment that has no checkout beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def run(*words: str | Path, cwd: Path) -> str:
    ran = subprocess.run(
        [str(word) for word in words], cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert ran.returncode == 0, f"{words}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out, cwd=ROOT)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment's programs, kpitui among them; the libraries are borrowed from this one."""
    place = tmp_path_factory.mktemp("installed") / "env"
    run(sys.executable, "-m", "venv", "--without-pip", place, cwd=place.parent)
    python = place / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "-qq", "--no-deps", "--no-index", wheel, cwd=ROOT)
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=place).strip())
    # Appended as a plain folder: the .pth in it, which names the checkout, is not followed.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place / "bin"


def test_the_wheel_holds_the_themes_and_the_style_sheets_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for shipped in [*(ROOT / "themes").glob("*.toml"), *(ROOT / "kpitui").rglob("*.tcss")]:
        inside = f"kpitui/themes/{shipped.name}" if shipped.parent.name == "themes" else str(shipped.relative_to(ROOT))
        assert inside in names
    assert any(name.startswith("kpitui/themes/") and name.endswith(".toml") for name in names)
    assert "kpitui/py.typed" in names
    assert not [name for name in names if not name.startswith(("kpitui/", "kpitui-"))]


def test_it_finds_its_own_themes(installed: Path, tmp_path: Path) -> None:
    found = json.loads(run(installed / "kpitui", "where", "--json", cwd=tmp_path))
    shipped = next(place for place in found if place["what"] == "themes")
    assert shipped["exists"]
    assert Path(shipped["path"]).is_relative_to(installed.parent)
    assert "dark" in run(installed / "kpitui", "themes", cwd=tmp_path)


def test_it_makes_and_reads_the_demo(installed: Path, tmp_path: Path) -> None:
    kept = tmp_path / "demo.db"
    run(installed / "kpitui", "demo", "--keep", kept, cwd=tmp_path)
    assert json.loads(run(installed / "kpitui", "--db", kept, "status", "--json", cwd=tmp_path))["goal"]["slug"]


def test_planted_modules_are_not_run(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("print('planted')")
    assert "planted" not in run(installed / "kpitui", "where", cwd=tmp_path)
    python = [str(installed / "python"), "-m", "kpitui", "where"]
    refused = subprocess.run(python, cwd=tmp_path, capture_output=True, text=True, env=os.environ)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "python -P -m kpitui" in refused.stderr
    assert "workspace" in run(installed / "python", "-P", "-m", "kpitui", "where", cwd=tmp_path)
