from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from kpitui.domain.problem import Problem
from kpitui.domain.workspace import Workspace
from kpitui.errors import Conflict
from kpitui.storage import changes, settings


def save(store, **values):
    with store.write("settings") as tx:
        return settings.save(tx, values)


def test_an_empty_workspace_has_the_defaults(store):
    assert settings.load(store) == {}
    assert settings.workspace(store) == Workspace()
    defaults = asdict(Workspace())
    assert settings.calendar_settings(store) == {key: defaults[key] for key in settings.CALENDAR}


def test_every_setting_comes_back_as_what_it_was(store):
    new = Workspace(
        name="Acme",
        week_min_days=1,
        fiscal_year_start=7,
        fiscal_year_name="first",
        kpi_refuse=True,
        watch_band=0.1,
        review_weekday=0,
        time_zone="Europe/Vienna",
    )
    with store.write("settings") as tx:
        keys = settings.save_workspace(tx, new)
    assert settings.workspace(store) == new
    assert set(keys) == set(settings.load(store)) and "kpi_warn" not in keys
    assert settings.calendar_settings(store)["fiscal_year_start"] == 7


def test_the_same_value_is_not_written_again(store):
    assert save(store, name="Acme") == ["name"]
    assert save(store, name="Acme", currency="EUR") == ["currency"]
    assert store.rows("SELECT key, rev FROM setting ORDER BY key") == [("currency", 1), ("name", 1)]


def test_a_change_is_logged_with_before_and_after(store):
    save(store, name="Acme")
    save(store, name="Apex")
    line = changes.log(store, limit=1)[0]
    assert (line.tbl, line.item, line.before, line.after) == ("setting", "name", {"value": "Acme"}, {"value": "Apex"})


def test_only_the_own_change_meets_another_s(store, open_as):
    seen = settings.workspace(store)
    bo = open_as("bo")
    with bo.write("settings") as tx:
        settings.save_workspace(tx, replace(seen, name="Bo's"), seen)
    with store.write("settings") as tx:
        assert settings.save_workspace(tx, replace(seen, currency="EUR"), seen) == ["currency"]
    assert settings.workspace(store) == replace(seen, currency="EUR", name="Bo's")
    with pytest.raises(Conflict, match=r"name was changed meanwhile by bo at 09:00: now Bo's"), store.write("s") as tx:
        settings.save_workspace(tx, replace(seen, name="Ana's"), seen)


@pytest.mark.parametrize(("key", "value"), [("kpi_warn", "many"), ("kpi_refuse", "maybe"), ("watch_band", "")])
def test_a_setting_that_cannot_be_read_is_named(store, key, value):
    save(store, **{key: value})
    with pytest.raises(Problem, match=f"The setting {key} is “{value}”"):
        settings.workspace(store)
