"""`kpitui signals`: the natural limits of a metric, and which of its values are more than noise."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from kpitui.cli.looking_back import open_known, options
from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import emit, emit_json, table

if TYPE_CHECKING:
    from kpitui.domain.signal_phases import Phase
    from kpitui.services.signals import Chart

SPARK = 60
MOST = 20
"""Signals told of; programs get all."""
NOW = "now"
"""Of `--lock` without a period: at the last whole one."""
SCREENS = 26
"""Periods that Home and Detail judge by."""


@click.command(name="signals")
@click.argument("item", metavar="METRIC")
@click.option("--grain", type=click.Choice(["day", "week", "month", "quarter", "year"]), help="Of the series.")
@click.option(
    "--lock",
    "locks",
    metavar="[PERIOD | FROM..TO]",
    multiple=True,
    is_flag=False,
    flag_value=NOW,
    help="Keep the current limits as they are at PERIOD, or now. FROM..TO only looks: limits from these periods, as in "
    "2026-W01..2026-W20; given again, it begins a new phase.",
)
@click.option("--split", metavar="PERIOD", help="Draw limits anew from this period on, for good; needs --why.")
@click.option("--unlock", is_flag=True, help="Let all values of the current phase make its limits again.")
@click.option("--join", "joined", is_flag=True, help="Take the current phase back; needs --why.")
@click.option("--why", default="", help="The reason, kept in the log.")
@click.option(
    "--rules",
    type=click.Choice(["wheeler", "western", "nelson", "nhs"]),
    default="wheeler",
    show_default=True,
    help="Which patterns count as signals.",
)
@click.option("--median", is_flag=True, help="Limits by the median moving range.")
@click.option("--screened", is_flag=True, help="Leave very large moving ranges out, once.")
@click.option("--trend", is_flag=True, help="Limits along the trend of the values.")
@click.option("--season", is_flag=True, help="Take the season out first.")
@click.option("--log", "log", is_flag=True, help="Limits on a log scale.")
@click.option("--last", type=click.IntRange(1, 5000), help="Only so many periods; all without it.")
@options
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(
    db: str | None,
    item: str,
    grain: str | None,
    locks: tuple[str, ...],
    split: str | None,
    unlock: bool,
    joined: bool,
    why: str,
    rules: str,
    median: bool,
    screened: bool,
    trend: bool,
    season: bool,
    log: bool,
    last: int | None,
    as_of: str | None,
    as_known: str | None,
    as_json: bool,
) -> int:
    """The natural limits of a metric, and which of its values are more than noise. Partial periods are left out."""
    from kpitui.services.signals import How, signals

    how = How(rules, median, trend, season, screened, log)
    stored = [lock for lock in locks if ".." not in lock]
    asked = [
        *([f"from {split}"] if split is not None else []),
        *("lock" if lock == NOW else f"lock {lock}" for lock in stored),
        *(["unlock"] if unlock else []),
        *(["join"] if joined else []),
    ]
    if asked:
        if len(asked) > 1 or len(stored) < len(locks):
            raise click.UsageError("Do one thing at a time: --split, --lock, --unlock or --join.")
        if (split is not None or joined) and not why.strip():
            raise click.UsageError("Limits are drawn anew for a reason: add --why.")
        if as_of or as_known:
            raise click.UsageError("Limits are drawn today: leave out --as-of and --as-known.")
        emit(f"{drawn(db, item, asked[0], why)}.")
        return 0
    if why:
        raise click.UsageError("--why is the reason for --split, --lock, --unlock or --join: add one of them.")
    with open_known(db, as_of, as_known) as looked:
        chart = signals(looked.store, looked.day, item, grain=grain, locks=locks, last=last, how=how)
    if as_json:
        emit_json(chart_json(chart) | looked.json)
    else:
        looked.say()
        show_chart(chart)
    return 0


def drawn(db: str | None, item: str, text: str, why: str) -> str:
    """Draws the limits anew, locks them or lets go, and says so."""
    from kpitui.services.book import Book
    from kpitui.services.detail import metric_named
    from kpitui.services.redrawing import read_typed, redraw
    from kpitui.text import clean

    with open_store(db, write=True) as store:
        today = today_of(store)
        with store.snapshot():
            book = Book(store, today)
            metric, _ = metric_named(book, item)
            typed = read_typed(clean(f"{text} ; {why}"), book.calendar, today, metric.cadence)
        return redraw(store, metric.slug, typed, today).sentence


def chart_json(chart: Chart) -> dict[str, Any]:
    """What `signals --json` promises. Percent values are fractions; `index` counts from the first period judged.

    Centre and limits are those of the current phase, at its last value where there is a trend; null where a limit lies
    beyond a hard bound. On a log scale moving ranges are factors.
    """
    from kpitui.domain.periods import iso
    from kpitui.reports.signal_words import warning_sentences

    now = phase_json(chart, chart.phases[-1]) if chart.phases else {}
    return {
        **{key: now.get(key) for key in ("centre", "upper", "lower", "mr_centre", "mr_upper")},
        "phases": [phase_json(chart, phase) for phase in chart.phases],
        "hits": [
            {
                "index": hit.index - chart.begin,
                "start": iso(chart.spans[hit.index].start),
                "rule": hit.rule,
                "direction": hit.direction,
            }
            for hit in chart.hits
        ],
        "n": now.get("n", 0),
        "state": chart.state,
        "warnings": warning_sentences(chart),
    }


def phase_json(chart: Chart, phase: Phase) -> dict[str, Any]:
    """`start` and `end` of what the phase judges, half-open; `n` values of its baseline make the limits."""
    from kpitui.domain.periods import iso

    at, by = phase.end - 1, phase.limits
    first, end = phase.made_of
    # A person drew it where its first period is the one that somebody named.
    by_hand = next((row for row in reversed(chart.drawn) if row.start < chart.spans[first].end), None)
    return {
        "locked": by_hand is not None and by_hand.locked is not None,
        "why": by_hand.why if by_hand else None,
        "who": by_hand.who or None if by_hand else None,
        "start": iso(chart.spans[max(phase.first, chart.begin)].start),
        "end": iso(chart.spans[at].end),
        "locked_start": iso(chart.spans[first].start),
        "locked_end": iso(chart.spans[end - 1].end),
        "centre": chart.unit(phase.centre(at)),
        "upper": chart.unit(phase.upper(at)),
        "lower": chart.unit(phase.lower(at)),
        "mr_centre": chart.unit(by.mr_centre) if by else None,
        "mr_upper": chart.unit(by.mr_upper) if by else None,
        "slope": phase.trend.slope if phase.trend else None,
        "n": by.n if by else sum(value is not None for value in chart.judged[first:end]),
        "state": by.state if by else "too_early",
    }


def show_chart(chart: Chart) -> None:
    """The chart in lines: the series, its limits, its signals, and what speaks against them."""
    from kpitui.charts.glyphs import choose
    from kpitui.charts.sparkline import sparkline
    from kpitui.reports import signal_words as words
    from kpitui.reports.wording import ADVERBS

    glyphs = choose(os.environ)
    row, how = chart.row, chart.how
    asked = [
        name
        for name, on in (
            ("median moving range", how.median),
            ("screened", how.screened),
            ("along the trend", how.trend),
            ("season taken out", how.season),
            ("log scale", how.log),
        )
        if on
    ]
    emit(f"{row.name}   {ADVERBS[chart.grain]}   {', '.join([words.SETS[how.rules], *asked])}")
    if not chart.spans:
        emit("  No whole period has a value yet: limits need 6.")
        return
    shown = chart.raw[chart.begin :]
    cells = min(len(shown), SPARK)
    emit(f"  {sparkline(shown, cells, glyphs)}  {words.between(chart, len(chart.labels) - cells, len(chart.labels))}")
    for phase in chart.phases:
        where = ""
        if len(chart.phases) > 1:
            where = f"{words.between(chart, max(phase.first, chart.begin), phase.end)}: "
        text = words.limits_sentence(chart, phase)
        emit(f"  {where}{text if where else text[0].upper() + text[1:]}.")
    by = chart.limits
    if by is not None and by.mr_centre and not how.log:
        kind = "median" if how.median else "mean"
        emit(f"  Moving range: {kind} {words.value(chart, by.mr_centre)}, limit {words.value(chart, by.mr_upper)}.")
    lines = words.told(chart)
    if lines:
        emit()
        emit(
            table(
                ("period", "adjusted" if how.season else "value", "signal", ""),
                [(*one[:3], f"{one[3]}.") for one in lines[-MOST:]],
                right=(1,),
                widest=110,
            )
        )
        if len(lines) > MOST:
            emit(f"and {len(lines) - MOST} earlier ones; --last {SCREENS} looks at the last {SCREENS} periods only.")
        emit()
    elif chart.state != "too_early":
        emit("  No signal: the values vary as noise does.")
    for sentence in words.warning_sentences(chart):
        emit(wrapped(f"{glyphs.signal} {sentence}."))
    if locked := words.standing_sentence(chart, SCREENS):
        emit(wrapped(f"{locked}."))
    if chart.runs.n >= 10:
        emit(wrapped(f"{words.runs_sentence(chart)}."))
    if sampling := words.sampling_sentence(chart):
        emit(wrapped(f"{sampling}."))
    if proposal := words.proposal_sentence(chart):
        emit(wrapped(f"{proposal}:"))
        emit(f"    {split_words(chart)}")
        emit("  To look at it first, without drawing anything:")
        emit(f"    {lock_words(chart)}")


def wrapped(sentence: str) -> str:
    import textwrap

    return textwrap.fill(sentence, 100, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def lock_words(chart: Chart) -> str:
    """The options that draw the proposed limits; the current ones stay for what came before."""
    from kpitui.domain.periods import iso

    run = chart.proposed
    if run is None:
        return ""
    start = run.points[0]
    stretches = [phase.made_of for phase in chart.phases]
    stretches[-1] = stretches[-1][0], min(stretches[-1][1], start)
    # Written as days: a label may be short of its year.
    kept = [f"--lock {iso(chart.spans[first].start)}..{iso(chart.spans[end - 1].start)}" for first, end in stretches]
    return " ".join([*kept, f"--lock {iso(chart.spans[start].start)}.."])


def split_words(chart: Chart) -> str:
    """The command that draws the proposed limits for good."""
    from kpitui.domain.periods import iso

    run = chart.proposed
    return (
        ""
        if run is None
        else f"kpitui signals {chart.row.slug} --split {iso(chart.spans[run.points[0]].start)} --why …"
    )
