"""Which metrics an import makes metrics of working days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kpitui.services import import_file, imports
from kpitui.services.imports import Wanted
from tests.services.test_imports import TODAY, VISITS, preview
from tests.workspace import build


def test_a_new_metric_fed_on_working_days_is_one_of_working_days(tmp_path: Path) -> None:
    """By the doctor's rule, on the last eight weeks of the column; one value at a weekend is enough for every day."""
    lines = ["day,Calls,Orders,New one"]
    for day in range(TODAY - 80, TODAY + 1):
        works = (day + 3) % 7 < 5
        lines.append(
            f"{date.fromordinal(day + 719_163)},{5 if works else ''},{5 if works or day == TODAY - 76 else ''},"
            f"{5 if works and day > TODAY - 20 else ''}"
        )
    store = build(tmp_path, VISITS)
    plan = preview(store, "\n".join(lines), Wanted(create=True))
    assert [(metric.slug, metric.days) for metric in plan.created] == [
        ("calls", "working"),
        ("orders", "every"),
        ("new_one", "every"),
    ]
    said = "“Calls” is a metric of working days: no value stands on another day (“days expected” in its form)."
    assert said in plan.notes
    assert "makes 3 metrics, 1 of working days" in import_file.question(plan)
    imports.save(store, plan)
    assert store.one("SELECT days FROM metric WHERE slug = 'calls'") == "working"
