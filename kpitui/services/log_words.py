"""The words of the log: what a line is called, which item and period it is about, and what stood before and after."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from kpitui.domain.periods import Calendar, Span, grain_of, iso, label, short_label, span_of, to_day
from kpitui.storage import reviewing

if TYPE_CHECKING:
    from datetime import tzinfo

    from kpitui.domain.member import Proposal
    from kpitui.domain.model import Annotation
    from kpitui.storage.changes import ChangeRow
    from kpitui.storage.definitions import D
    from kpitui.storage.store import Store

KINDS: dict[str, tuple[str, ...]] = {
    "values": ("point", "proposal", "acceptance"),
    "targets": ("target", "override"),
    "structure": ("scope", "goal", "metric", "kpi", "driver", "playbook", "waiver", "phase"),
    "notes": ("annotation",),
    "reviews": ("review", "review_line", "review_figure", "action"),
    "settings": ("setting", "closing", "member", "period", "holiday", "workspace"),
}
"""What the log can be narrowed to, and the tables behind each."""

WORDS = {
    ("point", "record"): "value",
    ("point", "correct"): "corrected",
    ("point", "none"): "none",
    ("point", "clear"): "cleared",
    ("point", "import"): "import",
    ("annotation", "add"): "note",
    ("target", "add"): "target",
    ("target", "change"): "target",
    ("kpi", "add"): "promoted",
    ("action", "add"): "action",
    ("setting", "change"): "setting",
    ("closing", "add"): "closed",
    ("closing", "archive"): "reopened",
    ("member", "add"): "member",
    ("member", "change"): "member",
    ("member", "archive"): "no member",
    ("proposal", "add"): "proposed",
    ("proposal", "change"): "answered",
    ("acceptance", "add"): "accepted",
    ("phase", "add"): "limits",
    ("phase", "change"): "limits",
    ("phase", "archive"): "limits back",
    ("workspace", "restore"): "restored",
    ("review_figure", "add"): "frozen",
    ("review", "add"): "started",
}
"""What a line is called, by table and what was done; anything else by what was done."""

GRAINS = {"weekly": "week", "monthly": "month", "quarterly": "quarter", "annual": "year"}
DAYS = ("start", "deadline", "due", "day", "held", "closed", "locked", "first_due", "until")
"""Fields that hold a day."""
FIGURES = ("target", "baseline", "low", "high", "value", "good_low", "good_high", "hard_min", "hard_max")
UNSAID = ("position", "rev", "ended_at", "minutes", "first_due", "carried_from")
"""Fields that a line has no room for; the change in full has them."""

PAST = {"add": "created", "change": "changed", "archive": "archived", "restore": "restored"}


class Line(NamedTuple):
    """One line of the log. `old` and `new` are words; `before` and `after` the fields that changed."""

    id: int
    batch: int
    """The transaction it belongs to."""
    at: str
    """UTC, ISO 8601."""
    day: int
    """In the workspace's time zone."""
    time: str
    who: str
    via: str
    kind: str
    what: str
    on: str
    """The item, with its period in full."""
    on_short: str
    metric_id: int | None
    span: Span | None
    old: str
    new: str
    why: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    undone: bool


class Reviewed(NamedTuple):
    """A signed review that a value stands in."""

    review_id: int
    label: str
    signed: int
    value: float | None


class Teller:
    """Puts lines of the log into words: names, periods, values in their units."""

    def __init__(self, store: Store, today: int) -> None:
        from kpitui.services.calendar import calendar_in
        from kpitui.services.calendars_then import Calendars
        from kpitui.storage import reading, settings

        self.store, self.today = store, today
        values = settings.load(store)
        self.calendar: Calendar = calendar_in(store, values)
        self.calendars = Calendars(store, self.calendar)
        self.currency = values.get("currency", "USD")
        self.zone = _zone(values.get("time_zone", "UTC"))
        self.metrics = {row.id: row for row in reading.metrics(store, archived=True)}
        self.goals = {row.id: row for row in reading.goals(store, archived=True)}
        self.kpis = {row.id: row for row in reading.kpis(store, archived=True)}
        self.scopes = {row.id: row for row in reading.scopes(store, archived=True)}

    def when(self, at: str) -> tuple[int, str]:
        """The day and the clock time of a UTC time, where the workspace is."""
        from kpitui.storage import changes

        time = changes.moment(at).astimezone(self.zone)
        return to_day(time.date()), f"{time:%H:%M}"

    def short_day(self, day: int) -> str:
        return short_label("day", Span(day, day + 1), self.calendar, self.today)

    def value(self, metric_id: int | None, value: object) -> str:
        from kpitui.domain.figures import show

        if value is None:
            return ""
        metric = self.metrics.get(metric_id or 0)
        if metric is None or isinstance(value, bool) or not isinstance(value, (int, float)):
            return str(value)
        currency = metric.currency or self.currency
        whole = metric.unit == "currency" and float(value).is_integer()
        return show(value, metric.unit, currency=currency, decimals=0 if whole else metric.decimals)

    def _figure(self, row: ChangeRow, value: object) -> str:
        """A figure of whatever the line is about; that of a goal is in the goal's own unit, measured or not."""
        goal = self.goals.get(row.row_id or 0) if row.tbl == "goal" else None
        if goal is None or isinstance(value, bool) or not isinstance(value, (int, float)):
            return self.value(self.metric_of(row), value)
        from kpitui.domain.figures import show

        return show(value, goal.unit, currency=goal.currency or self.currency,
                    decimals=0 if float(value).is_integer() else None)  # fmt: skip

    def line(self, row: ChangeRow) -> Line:
        """One line in words."""
        day, time = self.when(row.at)
        span = None if row.start is None or row.end is None else Span(row.start, row.end)
        if row.tbl == "proposal" and row.row_id is not None:
            one = self._proposal(row.row_id)
            span = Span(one.start, one.end)
        metric_id = self.metric_of(row)
        name = self.name_of(row)
        full, short = name, name
        if span is not None:
            grain = grain_of(span, self.calendar)
            full = (
                f"{name} {label(grain, span, self.calendar)}" if grain else f"{name} {iso(span.start)}..{iso(span.end)}"
            )
            short = f"{name} {short_label(grain, span, self.calendar, self.today)}" if grain else full
        old, new = self.words(row)
        kind = next((kind for kind, tables in KINDS.items() if row.tbl in tables), "structure")
        what = self.what(row)
        if row.tbl == "review":
            short = self._review(name, row.txn_id)
        return Line(
            row.id, row.txn_id, row.at, day, time, row.who, row.via, kind, what, full, short, metric_id, span,
            old, new, row.why, row.before, row.after, row.undone_by is not None,
        )  # fmt: skip

    def what(self, row: ChangeRow) -> str:
        """What was done, in a word."""
        after = row.after or {}
        if row.tbl == "review" and row.what == "change" and "state" in after:
            return {"signed": "signed", "open": "reopened"}.get(str(after["state"]), str(after["state"]))
        if row.tbl == "review_line" and row.what == "add" and after.get("kind"):
            return str(after["kind"])
        return WORDS.get((row.tbl, row.what)) or PAST.get(row.what, row.what)

    def _review(self, item: str, transaction: int) -> str:
        """`weekly review W46` of `weekly review 2026-11-09`, by the calendar of then."""
        rhythm, _, start = item.rpartition(" review ")
        grain, calendar = GRAINS.get(rhythm), self.calendars.at(transaction)
        try:
            span = span_of(grain, to_day(date.fromisoformat(start)), calendar) if grain else None
        except ValueError:
            span = None
        return f"{rhythm} review {short_label(grain, span, calendar, self.today)}" if grain and span else item

    def metric_of(self, row: ChangeRow) -> int | None:
        if row.tbl in ("point", "metric"):
            return row.row_id
        if row.tbl == "kpi" and row.row_id in self.kpis:
            return self.kpis[row.row_id].metric_id
        given = {**(row.before or {}), **(row.after or {})}
        if row.tbl in ("target", "override") and given.get("kpi_id") in self.kpis:
            return self.kpis[given["kpi_id"]].metric_id
        if "metric_id" not in given and row.row_id is not None and row.tbl in ("phase", "proposal", "annotation"):
            from kpitui.domain.phase import Phase

            if row.tbl == "phase":
                return self._stored(Phase, row.row_id).metric_id
            return (self._proposal if row.tbl == "proposal" else self._note)(row.row_id).metric_id
        found = given.get("metric_id")
        return found if isinstance(found, int) else None

    def _stored(self, kind: type[D], number: int) -> D:
        from kpitui.storage import definitions

        return definitions.get(self.store, kind, number)

    def _proposal(self, number: int) -> Proposal:
        from kpitui.domain.member import Proposal

        return self._stored(Proposal, number)

    def _note(self, number: int) -> Annotation:
        from kpitui.domain.model import Annotation

        return self._stored(Annotation, number)

    def name_of(self, row: ChangeRow) -> str:
        metric = self.metrics.get(self.metric_of(row) or 0)
        named = ("point", "metric", "kpi", "target", "override", "annotation", "phase", "review_figure", "acceptance",
                 "proposal")  # fmt: skip
        if row.tbl in named and metric is not None:
            return metric.name
        if row.tbl == "goal" and row.row_id in self.goals:
            return self.goals[row.row_id].title
        if row.tbl == "scope" and row.row_id in self.scopes:
            return self.scopes[row.row_id].name
        if row.tbl == "member":
            return self._member(row)
        if row.tbl == "closing":
            # Its summary says the period as people call it.
            return row.summary or row.item
        return row.item or row.summary

    def _member(self, row: ChangeRow) -> str:
        """`bo: editor`, whom the line is about: one change may name several, as the first one names an admin, too."""
        from kpitui.domain.member import Member

        after = row.after or {}
        account = after.get("account") or (row.before or {}).get("account")
        if not account and row.row_id is not None:
            account = self._stored(Member, row.row_id).account
        return f"{account}: {after['role']}" if after.get("role") else str(account or row.item or row.summary)

    def words(self, row: ChangeRow) -> tuple[str, str]:
        """What stood before and what stands after, as far as a line has room for it."""
        before, after = row.before or {}, row.after or {}
        if list(after) == ["archived"] and row.what not in PAST:
            if row.tbl == "annotation" and row.row_id is not None:
                text = self._note(row.row_id).text
                return (text, "-") if after["archived"] else ("", text)
            return "", "archived" if after["archived"] else "there again"
        if row.tbl == "workspace":
            return "", f"up to change {after.get('change', '?')}"
        if row.tbl == "point":
            if row.what == "import":
                counts = (f"{count} {name}" for name, count in after.items() if isinstance(count, int) and count)
                return "", ", ".join("1 metric" if one == "1 metrics" else one for one in counts)
            if "value" in before or "value" in after:
                return self._point(row, before), self._point(row, after)
            if "note" in after:
                return "", f"note: {after['note']}"
            if "odd" in after:
                return ("accepted", "?") if after["odd"] else ("?", "accepted")
            return "", ""
        if row.tbl == "review_figure":
            said = (self.value(self.metric_of(row), after.get("value")), str(after.get("status", "")).replace("_", " "))
            return "", ", ".join(word for word in said if word)
        if row.tbl == "review" and "state" in after and before:
            rated = f", rated {after['rating']}" if after.get("rating") is not None else ""
            return "", f"minutes{rated}" if after["state"] == "signed" else ""
        if row.tbl == "phase" and ("locked" in after or "start" in after):
            return self._limits(row, before, after)
        if row.tbl == "acceptance" and not before:
            return "", f"{self.value(self.metric_of(row), after.get('value'))} {after.get('rule', '')}".strip()
        if row.tbl == "proposal" and "state" in after and before:
            return str(before.get("state", "")), str(after["state"])
        if row.what == "add" or not before:
            given = next((after[key] for key in ("text", "target", "value", "title", "name") if after.get(key)), None)
            if row.tbl in ("target", "kpi", "proposal", "goal"):
                return "", self._figure(row, given)
            return "", "" if given is None or str(given) == self.name_of(row) else str(given)
        shown = [name for name in after if name not in UNSAID] or list(after)
        olds = [f"{self._field(row, name, before.get(name))}" for name in shown[:2]]
        news = [f"{self._field(row, name, after.get(name))}" for name in shown[:2]]
        alone = len(shown) == 1 and shown[0] in ("value", "text", "target")
        names = "" if alone else f"{', '.join(map(named_field, shown[:2]))} "
        return f"{names}{', '.join(olds)}", ", ".join(news)

    def _limits(self, row: ChangeRow, before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
        """`from W39: new landing page`, `locked, made of W2 to W26: weekly review W27`; of a change up to where."""
        metric = self.metrics.get(self.metric_of(row) or 0)
        grain = metric.cadence if metric is not None else "day"

        def period(day: int) -> str:
            return short_label(grain, span_of(grain, day, self.calendar), self.calendar, self.today)

        def locked(fields: dict[str, Any]) -> str:
            return f"locked at {period(fields['locked'] - 1)}" if fields.get("locked") is not None else "not locked"

        if before:
            return locked(before), locked(after)
        said = f"from {period(after['start'])}"
        if after.get("locked") is not None:
            said = f"locked, made of {period(after['start'])} to {period(after['locked'] - 1)}"
        return "", f"{said}: {after.get('why', '')}"

    def _point(self, row: ChangeRow, fields: dict[str, Any]) -> str:
        if not fields:
            return ""
        if fields.get("value") is None:
            state = fields.get("state", "")
            return "-" if state in ("", "value", "cleared") else str(state)
        return self.value(row.row_id, fields["value"]) + ("?" if fields.get("odd") else "")

    def fields(self, row: ChangeRow) -> tuple[tuple[str, str, str], ...]:
        """What changed, field by field: its name, what stood before and what stands after; of something new, what it
        has."""
        before, after = row.before or {}, row.after or {}
        return tuple(
            (named_field(name), self._field(row, name, before.get(name)), self._field(row, name, after.get(name)))
            for name in after
            if name not in ("position", "rev", "review_id")
        )

    def _tolerance(self, row: ChangeRow, value: float) -> str:
        from kpitui.domain.guard import tolerance_words

        kpi = self.kpis.get(row.row_id or 0)
        counter = self.metrics.get(kpi.counter_id or 0) if kpi else None
        return tolerance_words(value, counter.unit if counter else "number")

    def _field(self, row: ChangeRow, name: str, value: object) -> str:
        if value is None or value == "":
            return "-"
        if name == "minutes":
            return f"{len(str(value).splitlines())} lines"
        if name in ("ended_at", "started_at", "at"):
            day, time = self.when(str(value))
            return f"{self.short_day(day)} {time}"
        if name == "tolerance" and isinstance(value, float):
            return self._tolerance(row, value)
        if name in FIGURES:
            return self._figure(row, value)
        if name in DAYS and isinstance(value, int):
            return self.short_day(value)
        if name in ("metric_id", "feeds_id", "counter_id", "numerator_id", "denominator_id", "weight_id"):
            metric = self.metrics.get(value if isinstance(value, int) else 0)
            return metric.name if metric else str(value)
        if name == "kpi_id" and value in self.kpis and self.kpis[value].metric_id in self.metrics:
            return self.metrics[self.kpis[value].metric_id].name
        if name == "goal_id" and value in self.goals:
            return self.goals[value].title
        if name in ("scope_id", "parent_id") and row.tbl != "goal" and value in self.scopes:
            return self.scopes[value].name
        if name == "status":
            return str(value).replace("_", " ")
        return ("no", "yes")[value] if isinstance(value, bool) else str(value)

    def reviews_of(self, metric_id: int, start: int) -> list[Reviewed]:
        """The signed reviews whose figures hold this metric and whose period holds the day `start`."""
        out = []
        for review_id, rhythm, first, end, held, value in reviewing.signed_with(self.store, metric_id, start):
            span, calendar = Span(first, end), self.calendars.of_review(review_id)
            grain = grain_of(span, calendar)
            period = short_label(grain, span, calendar, self.today) if grain else iso(first)
            out.append(Reviewed(review_id, f"{rhythm} review {period}", held, value))
        return out


def named_field(name: str) -> str:
    """`first due` of `first_due`, `metric` of `metric_id`."""
    return name.removesuffix("_id").removesuffix("_at").replace("_", " ")


def _zone(name: str) -> tzinfo:
    from datetime import UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC
