"""What was being typed in a review when the screens ended: offered again where it belongs."""

from __future__ import annotations

from kpitui.services import actions
from kpitui.storage.store import Store
from tests.review_sample import TODAY
from tests.tui.sample import text_of
from tests.tui.test_review import SIZE, app_on, begin, shows, store, until

__all__ = ["store"]


async def test_a_date_typed_for_one_action_is_not_offered_to_another_of_the_same_day(store: Store) -> None:
    for text in ("First", "Second"):
        actions.add(store, f"{text} @bo 2026-11-17", TODAY)
    for row, typed, before in (("gg", "mon", False), ("G", "", False), ("gg", "", True)):
        app = app_on(store)
        async with app.run_test(size=SIZE) as pilot:
            await begin(app, pilot)
            await until(pilot, shows(app, "Second"))
            await pilot.press(*row, "e", *typed)
            await until(pilot, shows(app, "new date or @who"))
            assert ("in 3 days" in text_of(app)[22]) is (before or bool(typed)), text_of(app)
