"""The screen that README shows is the one that the made-up company opens with."""

from __future__ import annotations

from pathlib import Path

from tests.company import company
from tests.tui.sample import app_over, at_rest, text_of


async def test_the_screen_in_the_readme_is_the_one_the_demo_opens_with(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    promised = readme.partition("```text\n")[2].partition("```")[0].splitlines()
    app = app_over(company(tmp_path / "demo.db"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app._free.wait()
        await at_rest(app)
        await pilot.pause()
        lines = text_of(app)
        for _ in range(100):
            if "Doctor" in lines[0]:
                break
            await pilot.pause(0.05)
            lines = text_of(app)
    assert [line.rstrip() for line in lines] == promised
