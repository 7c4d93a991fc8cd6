"""The audit by sample: values drawn at random, compared with their source, the outcome kept as notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from kpitui.services.log_words import Teller

if TYPE_CHECKING:
    from kpitui.storage.store import Store

SIZE = 5
"""Values in a sample."""


class Sampled(NamedTuple):
    """A value to look up at its source."""

    metric_id: int
    name: str
    period: str
    value: str
    who: str
    source: str


class Audited(NamedTuple):
    """What an audit found."""

    sentence: str
    agree: int
    total: int


def draw(store: Store, today: int, seed: int, size: int = SIZE) -> list[Sampled]:
    """`size` values of the last year at random; the same `seed` over the same values draws the same."""
    from random import Random

    from kpitui.domain.periods import Span, grain_of, short_label
    from kpitui.storage import incoming

    with store.snapshot():
        teller = Teller(store, today)
        found = incoming.standing(store, today - 365)
        chosen = Random(seed).sample(found, min(size, len(found)))
        out = []
        for metric_id, start, end, value, who, source in chosen:
            span = Span(start, end)
            grain = grain_of(span, teller.calendar)
            period = short_label(grain, span, teller.calendar, today) if grain else teller.short_day(start)
            out.append(
                Sampled(metric_id, teller.metrics[metric_id].name, period, teller.value(metric_id, value), who, source)
            )
        return out


def sign_off(store: Store, today: int, answers: Sequence[tuple[Sampled, bool]]) -> Audited:
    """Keep what was found, one note a value, as one change. Raises Refused when nothing was compared."""
    from kpitui.domain.model import Annotation
    from kpitui.errors import Refused
    from kpitui.storage import definitions

    if not answers:
        raise Refused("Nothing was compared, so there is nothing to keep: answer y or n for at least one value.")
    agree = sum(1 for _, same in answers if same)
    sentence = f"Audit sample: {agree} of {len(answers)} values agree with their source"
    with store.write("audit", summary=sentence) as tx:
        for sampled, same in answers:
            said = "agrees with its source" if same else "differs from its source: correct it, or say why"
            text = f"audit: {sampled.period} = {sampled.value} {said}"
            definitions.add(tx, Annotation(metric_id=sampled.metric_id, day=today, text=text, who=store.who.name))
    return Audited(sentence, agree, len(answers))
