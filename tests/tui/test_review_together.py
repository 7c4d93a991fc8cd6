"""A review that several people have open: what each is told of the others, and what two change at once."""

from __future__ import annotations

import pytest

from kpitui.services import actions, review, review_lines
from kpitui.services.presence import Here
from kpitui.storage.store import Store
from kpitui.tui.widgets import prompt
from tests.review_sample import TODAY
from tests.tui.sample import text_of
from tests.tui.test_review import SIZE, app_on, begin, shows, store, until
from tests.workspace import join

__all__ = ["store"]


async def test_a_follower_is_told_who_leads_who_goes_and_what_is_written(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt, "READ", 0.0)
    number = review.start(store, "weekly", TODAY).id
    app = app_on(store, "bo")
    async with app.run_test(size=SIZE) as pilot:
        screen = await begin(app, pilot)
        await until(pilot, shows(app, "You follow ana: what you press to move takes you your own way"))
        review.place(store, number, 4, 0)
        review_lines.write(store, number, "decision", "Go on", TODAY, metric_id=5)
        await app._poll()
        await until(pilot, shows(app, "ana decided: Go on · on Demos booked"))
        assert "[4 Issues]" in text_of(app)[2]
        await pilot.press("h")
        await until(pilot, shows(app, "You go your own way: back where ana is, you follow again."))
        assert "ana leads, at step 4" in text_of(app)[0]
        await pilot.press("l")
        await until(pilot, shows(app, "You follow ana again."))
        assert screen.following
        assert screen.session is not None
        ana = Here("ana", 1, 1, "host", "review", screen.session.title)
        dee = ana._replace(who="dee", uid=2)
        # Whoever is seen at the first look has been there.
        app.looked, app.here = False, (ana,)
        screen.meet(screen.session)
        screen.show_here()
        assert "came into" not in text_of(app)[22]
        screen.meet(screen.session)
        app.looked = True
        screen.hear(screen.session)
        app.here = ()
        screen.show_here()
        await until(pilot, shows(app, "ana is not in the review any more"))
        app.looked, app.here = True, ()
        screen.meet(screen.session)
        # What was said a moment ago has not been read: both are said, over the lines above where that is long.
        monkeypatch.setattr(prompt, "READ", 60.0)
        screen.prompt.remark("bo parked an issue: Ask them · on MRR")
        assert screen.prompt.message.startswith("ana is not in the review any more")
        assert screen.prompt.message.endswith("; bo parked an issue: Ask them, on MRR")
        # The end of what was said at length does not lie over what is said next.
        await until(pilot, lambda: "Ask them, on MRR" in text_of(app)[22])
        monkeypatch.setattr(prompt, "READ", 0.0)
        for here, said in (
            ((ana, dee), "ana and dee came into the review"),
            ((ana, dee._replace(place="entry", what="W47")), "dee is entering W47"),
            (
                (dee._replace(place="entry", what="W47"),),
                "ana is not in the review any more, but leads it: you may take the lead (:)",
            ),
            ((ana, dee._replace(place="entry", what="W47")), "ana came into the review"),
            (
                (ana._replace(place="entry", what="W47"),),
                "ana is entering W47, but leads this review: you may take the lead (:)",
            ),
        ):
            app.here = here
            screen.show_here()
            await until(pilot, shows(app, said))
        assert "ana leads, away" in text_of(app)[0]
        # What was refused stays until something else is done.
        app.say("NOT saved", "error")
        app.here = (ana,)
        screen.show_here()
        assert "NOT saved" in text_of(app)[22] and "away" not in text_of(app)[0]


async def test_a_line_and_a_date_that_two_change_at_once_are_shown_side_by_side(store: Store) -> None:
    actions.add(store, "First @bo 2026-11-25", TODAY)
    number = review.start(store, "weekly", TODAY).id
    review_lines.write(store, number, "decision", "Go on", TODAY)
    app = app_on(store)
    with join(store, "bo") as bo:
        async with app.run_test(size=SIZE) as pilot:
            screen = await begin(app, pilot)
            await pilot.press("e", "m", "o", "n")
            actions.redate(bo, 1, "2026-12-01", TODAY)
            await pilot.press("enter")
            await until(pilot, shows(app, "made it “Tue 1 Dec”. Save yours, “mon”, over it?"))
            await pilot.press("n")
            await until(pilot, shows(app, "Kept theirs: Tue 1 Dec"))
            await pilot.press("5")
            await until(pilot, shows(app, "Go on"))
            for answer, said in (("n", "Kept theirs: Go"), ("y", "Saved decision: Go on, now! (was Went)")):
                screen.steps.go_to("line:1")
                await pilot.press("e", *(", now" if answer == "n" else ("ctrl+u", *"Go on, now!")))
                review_lines.reword(bo, 1, "Go" if answer == "n" else "Went")
                await pilot.press("enter")
                await until(
                    pilot, shows(app, f"made it “{'Go' if answer == 'n' else 'Went'}”. Save yours, “Go on, now")
                )
                await pilot.press(answer)
                await until(pilot, shows(app, said))
    assert store.rows("SELECT text FROM review_line") == [("Go on, now!",)]


async def test_who_led_is_told_that_somebody_else_leads_now(store: Store) -> None:
    app = app_on(store)
    with join(store, "bo") as bo:
        async with app.run_test(size=SIZE) as pilot:
            screen = await begin(app, pilot)
            review.lead(bo, 1)
            await app._poll()
            await until(pilot, shows(app, "bo leads this review now"))
            assert screen.following and "bo leads" in text_of(app)[0]
            await until(pilot, lambda: bo.rows("SELECT leader, people FROM review") == [("bo", "ana")])
