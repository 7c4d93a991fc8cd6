"""Which of the metrics that an import makes are of working days: those whose column is fed so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.expected import fed_on_workdays
from kpitui.services.import_plan import Batch, NewMetric
from kpitui.text import cut

if TYPE_CHECKING:
    from kpitui.domain.workdays import Workdays

NAMED = 3


def on_their_days(batches: list[Batch], work: Workdays) -> list[str]:
    """Makes new daily metrics ones of working days where no value of the column stands on another weekday and where the
    doctor would find it for the eight weeks before its last value (M05). Gives what the preview says of it."""
    found = []
    for at, batch in enumerate(batches):
        new = batch.metric
        if not isinstance(new, NewMetric) or new.cadence != "day":
            continue
        days = batch.starts
        if all(map(work.in_week, days)) and fed_on_workdays(days, days[-1] + 1, work):
            batches[at] = batch._replace(metric=new._replace(days="working"))
            found.append(new.name)
    if not found:
        return []
    named = ", ".join(f"“{cut(name, 30)}”" for name in found[:NAMED])
    more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
    one = len(found) == 1
    return [
        f"{named}{more} {'is a metric' if one else 'are metrics'} of working days: no value stands on another day "
        f"(“days expected” in {'its' if one else 'their'} form)."
    ]
