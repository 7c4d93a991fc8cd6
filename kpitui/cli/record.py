"""`kpitui record`: one value, or a stream of them. It runs in loops and takes the short way: no click, no pydantic."""

from __future__ import annotations

import sys

from kpitui.errors import KpituiError, NeedsReason, WrongUsage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.periods import Span
    from kpitui.services.entry import Recorded
    from kpitui.storage.reading import MetricRow
    from kpitui.storage.store import Store

USAGE = "Usage: kpitui record METRIC VALUE [--on PERIOD] [--note TEXT] [--why TEXT] [--if-rev N] [--json]"
HELP = f"""{USAGE}
       kpitui record - [--why TEXT] [--json]

Save one value. It is on the disk when the answer comes: ok METRIC PERIOD rev N.

  METRIC          the metric's slug; kpitui status lists them
  VALUE           359, 12k, 1.2m, 3.4% (3.4 in a percent metric), =9*31+4, none, or "" to empty it. A sign is part of
                  the number; += and -= count from the last value: +=5, -=5%.
  --on PERIOD     2026-W47, w47, 2026-11, oct, 2026-Q4, 2026, yesterday or a date in the period; without it the last
                  period asked for when it has no value yet, else the present one
  --note TEXT     a note on the value; it also explains an odd one
  --why TEXT      why it is changed, for the log and the minutes; one of both is needed in a closed period, and is asked
                  for on a terminal where a signed review holds the value
  --if-rev N      save only over revision N (0: only where nothing is); else exit with 3
  --json          the answer as JSON
  -               lines of METRIC<tab>PERIOD<tab>VALUE[<tab>NOTE] from standard input, each saved by itself and answered
                  at once; a line that cannot be saved is answered with refused, and the others go on
  --db PATH       the workspace; also KPITUI_DB

Exit codes: 0 saved, 1 refused, 2 wrong usage, 3 somebody else changed it; of many lines the first that failed.
"""
VALUED = ("--on", "--note", "--why", "--if-rev")


def run(argv: list[str], db: str | None) -> int:
    """The command. Words like -5 are values; what begins with -- is an option until a lone -- ends them."""
    words, options = _parsed(argv)
    if "--help" in options or words == ["-h"]:
        sys.stdout.write(HELP)
        return 0
    as_json = "--json" in options
    if words == ["-"]:
        if bad := [name for name in VALUED if name in options and name != "--why"]:
            raise WrongUsage(f"kpitui record - takes no {bad[0]}: every line has its own.")
        return _stream(db, as_json, options.get("--why", ""))
    if len(words) != 2:
        missing = "a METRIC and a VALUE" if not words else "a VALUE" if len(words) == 1 else "one METRIC and one VALUE"
        hint = "" if len(words) < 3 else " Put a value with blanks in quotes."
        raise WrongUsage(f"kpitui record needs {missing}.{hint} {USAGE}")
    if_rev = _revision(options.get("--if-rev"))
    with _opened(db) as store:
        store.reason = options.get("--why", "")
        done = Recording(store, not as_json).record(
            words[0], options.get("--on"), words[1], options.get("--note"), if_rev
        )
    _answer(done, as_json)
    if done.odd and done.doubt is not None:
        from kpitui.cli.output import say

        say(f"kpitui: check it: {done.doubt.sentence}. Record it again, or with --note, to accept it.")
    return 0


class Recording:
    """Saves values one by one into an open store, with what is the same for all read once. `asking` says that somebody
    may be asked for a reason."""

    def __init__(self, store: Store, asking: bool = False) -> None:
        import os

        from kpitui import paths
        from kpitui.cli.opening import today_of
        from kpitui.services.calendar import calendar_in
        from kpitui.storage import settings

        self.store = store
        self.asking = asking
        self.settings = settings.load(store)
        self.calendar = calendar_in(store, self.settings)
        self.today = today_of(store)
        self.decimal = "."
        if os.path.exists(paths.config_file()):
            from kpitui import config

            self.decimal = config.load().config.decimal

    def record(self, slug: str, on: str | None, value: str, note: str | None, if_rev: int | None = None) -> Recorded:
        """Raises NotFound, Refused, Conflict, NeedsReason, Problem and what the store raises."""
        try:
            return self._saved(slug, on, value, note, if_rev, True)
        except NeedsReason as error:
            return self._with_reason(error, slug, on, value, note, if_rev)

    def _with_reason(
        self, error: NeedsReason, slug: str, on: str | None, value: str, note: str | None, if_rev: int | None
    ) -> Recorded:
        """Saves what asks for a reason with the one that is given; where nobody can be asked, without, and says so."""
        from kpitui.cli import reasons
        from kpitui.cli.output import say

        why = reasons.ask(str(error)) if self.asking else None
        if why is None:
            done = self._saved(slug, on, value, note, if_rev, False)
            say(f"kpitui: {done.slug} {done.label}: {reasons.unexplained(str(error).partition(': say why')[0])}")
            return done
        if not why:
            raise error
        self.store.reason = why
        try:
            return self._saved(slug, on, value, note, if_rev, True)
        finally:
            self.store.reason = ""

    def _saved(
        self, slug: str, on: str | None, value: str, note: str | None, if_rev: int | None, ask_why: bool
    ) -> Recorded:
        from kpitui.services import entry

        return entry.record_value(
            self.store,
            slug,
            self.period(on, entry.metric_named(self.store, slug)),
            value,
            today=self.today,
            if_rev=if_rev,
            note=note,
            decimal=self.decimal,
            judged=False,
            ask_why=ask_why,
        )

    def period(self, text: str | None, metric: MetricRow) -> Span:
        """The period of a metric that is meant; without words the last one asked for. Raises Problem."""
        if text is None or not text.strip():
            from kpitui.services import entry

            return entry.default_period(self.store, metric, self.today, self.settings)
        return self._period(text, metric.cadence)

    def _period(self, text: str, cadence: str) -> Span:
        from kpitui.domain.periods import parse_label, to_date
        from kpitui.domain.problem import Problem

        try:
            grain, span = parse_label(text, self.calendar)
        except Problem:
            from kpitui.domain.dates import read_period

            return read_period(text, self.calendar, to_date(self.today), cadence)[1]
        if grain == "day":
            # A date names the period that holds it.
            from kpitui.domain.periods import span_of

            return span_of(cadence, span.start, self.calendar)
        return span


def _opened(db: str | None) -> Store:
    from kpitui.cli.opening import open_store

    return open_store(db, write=True)


def _stream(db: str | None, as_json: bool, why: str) -> int:
    from kpitui.domain.problem import Problem
    from kpitui.errors import Damaged, DiskFull, ReadOnly, Replaced

    code = 0
    with _opened(db) as store:
        store.reason = why
        recording = Recording(store, not as_json)
        # readline, because iterating reads ahead and a line must be answered before the next one is typed.
        for number, raw in enumerate(iter(sys.stdin.readline, ""), 1):
            line = raw.rstrip("\r\n")
            if not line.strip() or line.startswith("#"):
                continue
            fields = line.split("\t")
            try:
                if not 3 <= len(fields) <= 4:
                    count = f"{len(fields)} field{'s' * (len(fields) > 1)}"
                    raise WrongUsage(f"{count}: write METRIC<tab>PERIOD<tab>VALUE, and <tab>NOTE if any.")
                note = fields[3].strip() or None if len(fields) == 4 else None
                done = recording.record(fields[0].strip(), fields[1], fields[2], note)
                _answer(done, as_json, line=number)
            except (Problem, KpituiError) as error:
                failed = getattr(error, "exit_code", 1)
                code = code or failed
                hint = " --why TEXT does." if isinstance(error, NeedsReason) else ""
                _refused(number, fields, f"{error}{hint}", failed, as_json)
                if isinstance(error, (ReadOnly, DiskFull, Damaged, Replaced)):
                    # Nothing more can be saved: the lines that follow must not be read as if they were.
                    return code
            sys.stdout.flush()
    return code


def _answer(done: Recorded, as_json: bool, line: int | None = None) -> None:
    if not as_json:
        from kpitui.text import clean

        sys.stdout.write(clean(f"ok {done.slug} {done.label} rev {done.rev}") + "\n")
        return
    from kpitui.domain.periods import iso

    answer: dict[str, object] = {} if line is None else {"line": line}
    answer |= {
        "ok": True,
        "metric": done.slug,
        "period": {"label": done.label, "start": iso(done.period.start), "end": iso(done.period.end)},
        "value": done.value,
        "state": done.state,
        "rev": done.rev,
        "previous": None if done.previous is None else done.previous.value,
        "changed": done.changed,
        "odd": done.doubt.sentence if done.odd and done.doubt else None,
    }
    _json(answer)


def _refused(line: int, fields: list[str], why: str, code: int, as_json: bool) -> None:
    from kpitui.cli.output import say
    from kpitui.text import clean, cut

    if as_json:
        _json({"line": line, "ok": False, "code": code, "why": clean(why)})
    else:
        named = " ".join(cut(field.strip(), 64) for field in fields[:2] if field.strip())
        sys.stdout.write(f"refused {named}\n".replace("refused \n", "refused\n"))
        sys.stdout.flush()
    say(f"kpitui: line {line}: {clean(why)}")


def _json(answer: dict[str, object]) -> None:
    """One answer a line: what reads a stream of them splits at newlines."""
    import json

    sys.stdout.write(json.dumps(answer, ensure_ascii=True, allow_nan=False) + "\n")


def _parsed(argv: list[str]) -> tuple[list[str], dict[str, str]]:
    words: list[str] = []
    options: dict[str, str] = {}
    rest = iter(argv)
    for word in rest:
        if word == "--":
            words += rest
        elif not word.startswith("--"):
            words.append(word)
        elif word in ("--help", "--json"):
            options[word] = ""
        else:
            name, given, value = word.partition("=")
            if name not in VALUED:
                raise WrongUsage(f"kpitui record has no option {name}. {USAGE}")
            if not given:
                following = next(rest, None)
                if following is None:
                    raise WrongUsage(f"{name} needs a value after it. {USAGE}")
                value = following
            options[name] = value
    return words, options


def _revision(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise WrongUsage("--if-rev needs a revision: a whole number such as 3, or 0 for nothing there yet.")
    return int(text)
