"""A team's own templates: a scope saved as a file, a copy of another one, and what is written into it by hand.

They are files in a folder beside the workspace, as readable to others as the workspace is; numbers that are a team's
own (baselines, owners, dates) stay behind.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from typing import TYPE_CHECKING, Any

from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.domain.slugs import slugify
from kpitui.errors import NotFound, Refused
from kpitui.services import library
from kpitui.services.model_export import written
from kpitui.services.model_keys import KEYS
from kpitui.services.naming import Done
from kpitui.storage import write_rules
from kpitui.text import check_name, clean, fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpitui.domain.model import Goal, Kpi, Metric
    from kpitui.services.model_standing import Standing
    from kpitui.storage.store import Store

FOLDER = "templates"
HEAD = """\
# A template of kpitui: a model file (docs/model.md) with a header. Numbers are asked when it is used; the usual
# targets below are only starting points.
"""
LEFT_OUT = frozenset({"slug", "owner", "updater", "scope", "audience", "feeds"})
"""Keys of a metric that are not a template's, or are written by themselves."""
ROLE = ("counter", "tolerance", "window", "sustain", "objective", "review", "weight", *(f"answer_{word}" for word in
        ("impact", "results", "measured", "purpose", "success", "change")))  # fmt: skip


def folder_of(workspace: str) -> str:
    return os.path.join(os.path.dirname(os.path.abspath(workspace)), FOLDER)


def save_scope(store: Store, scope: str, title: str, today: int, left_out: str = "") -> Done:
    """Saves a scope, by name or slug, as a template file beside the workspace: its KPIs, its metrics, what they are
    worked out from, and its playbook. Raises NotFound, NotAllowed, and Refused for a name that is taken."""
    from kpitui.services.model_standing import standing

    title = check_name(title, "name of the template")
    write_rules.require(store, "template")
    with store.snapshot():
        now = standing(store)
        found = next((one for one in now.setup.scopes.values() if fold(scope) in (fold(one.name), one.slug)), None)
        if found is None:
            names = ", ".join(sorted(quote(one.name) for one in now.setup.scopes.values())[:8])
            raise NotFound(f"There is no scope “{quote(scope)}”: there are {names}.")
        text = _text(store, now, found.id, title, today, left_out)
    path = _write(store.path, title, text)
    return Done(f"Saved {clean(found.name)} as the template {clean(title)}: {clean(path)}", _stem(path))


def copy(store: Store, template: library.Template, title: str) -> Done:
    """Saves a template under another title beside the workspace, to be changed there. Raises Refused."""
    title = check_name(title, "name of the template")
    write_rules.require(store, "template")
    text = _retitled(library.text_of(template.path), template, title)
    path = _write(store.path, title, text)
    return Done(f"Copied {clean(template.title)} to yours as {clean(title)}: e edits it", _stem(path))


def rewrite(store: Store, template: library.Template, text: str) -> Done:
    """Puts another text into a template of the team's own. Raises Problem for a text that is no template, Refused for
    one that is not kept beside the workspace; the file stays as it was then."""
    if os.path.dirname(os.path.abspath(template.path)) != folder_of(store.path):
        raise Refused(f"{clean(template.title)} is not one of yours: e copies it first.")
    write_rules.require(store, "template")
    changed = library.header_of(template.path, text, own=True)
    library.preview_of(changed, text)
    mode = stat.S_IMODE(os.stat(store.path).st_mode) & 0o666
    # Nobody can put a file, a link or a pipe there before.
    waiting = f"{template.path}.{os.urandom(6).hex()}.new"
    file = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(file, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
            os.fchmod(out.fileno(), mode)
        os.replace(waiting, template.path)
    except BaseException:
        os.unlink(waiting)
        raise
    return Done(f"Saved the template {clean(changed.title)}", template.name)


def _write(workspace: str, title: str, text: str) -> str:
    from kpitui.services.minutes_file import opened_folder
    from kpitui.services.minutes_file import written as made

    mode = stat.S_IMODE(os.stat(workspace).st_mode) & 0o666
    name = f"{slugify(title, ())}.toml"
    try:
        folder = opened_folder(folder_of(workspace), mode)
    except OSError as error:
        raise Refused(f"The folder {clean(folder_of(workspace))} cannot be used ({error.strerror}).") from None
    try:
        if not made(folder, name, text.encode("utf-8"), mode):
            raise Refused(f"There is a template {name} already: choose another name.")
    except OSError as error:
        raise Refused(f"The template could not be written to {clean(name)} ({error.strerror}).") from None
    finally:
        os.close(folder)
    return os.path.join(folder_of(workspace), name)


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def _retitled(text: str, template: library.Template, title: str) -> str:
    """The same file with another title, sorted under Yours."""
    lines, done = [], set()
    for line in text.split("\n"):
        key = line.partition("=")[0].strip()
        if key == "title" and key not in done:
            line = f"title = {written(title)}"
            done.add(key)
        elif key == "by" and key not in done:
            line = f"by = {written('yours')}\nsaved = {written(f'a copy of {template.title}')}"
            done.add(key)
        elif key == "saved":
            continue
        lines.append(line)
    return "\n".join(lines)


# ---- a scope as text ---------------------------------------------------------------------------------------------


def _text(store: Store, now: Standing, scope_id: int, title: str, today: int, left_out: str) -> str:
    setup = now.setup
    roles = {kpi.metric_id: kpi for kpi in setup.kpis.values() if kpi.scope_id == scope_id and kpi.state != "retired"}
    wanted = {one.id for one in setup.metrics.values() if one.scope_id == scope_id} | set(roles)
    wanted |= {kpi.counter_id for kpi in roles.values() if kpi.counter_id is not None}
    goal = _goal(now, scope_id, today)
    if goal is not None and goal.metric_id is not None:
        wanted.add(goal.metric_id)
    metrics = _with_parts(setup.metrics, wanted)
    if not metrics:
        raise Refused(f"{quote(setup.scopes[scope_id].name)} has no metrics, so there is nothing to save.")
    slugs = {one.id: one.slug for one in setup.metrics.values()}
    usual = {slugs[id]: said for id, kpi in roles.items() if (said := _usual(kpi, setup.metrics[id], goal))}
    scope = setup.scopes[scope_id]
    head = {"title": title, "by": "yours", "for_whom": f"{scope.kind} {scope.name}", **_shape(goal, now)}
    head |= {"left_out": _one_line(left_out), "saved": f"{scope.name}, {_day(today)}"}
    parts = [HEAD, "[template]", *(f"{key} = {written(said)}" for key, said in head.items() if said)]
    if usual:
        parts += ["", "[template.usual]", *(f"{slug} = {written(said)}" for slug, said in usual.items())]
    if scope.parent_id is not None:
        named = {"slug": scope.slug, "kind": scope.kind, "name": scope.name}
        parts += ["", "[[scope]]", *(f"{key} = {written(said)}" for key, said in named.items())]
    for metric in metrics:
        parts += ["", "[[metric]]", *_metric_lines(metric, slugs, {one.id for one in metrics}, now)]
    for id, kpi in roles.items():
        parts += ["", "[[kpi]]", f"metric = {written(slugs[id])}", 'state = "draft"']
        parts += _role_lines(kpi, slugs, {one.id for one in metrics})
    if scope.parent_id is not None:
        for book in now.playbooks.values():
            if book.scope_id == scope_id and not book.archived:
                texts = {"scope": scope.slug, "causes": book.causes, "support": book.support, "steps": book.steps}
                parts += ["", "[[playbook]]", *(f"{key} = {written(text)}" for key, text in texts.items() if text)]
    return unicodedata.normalize("NFC", "\n".join(parts)) + "\n"


def _with_parts(known: Mapping[int, Metric], wanted: set[int]) -> list[Metric]:
    """The metrics and those that they are worked out from, in their order."""
    from kpitui.domain.formula import parse

    ids = {one.slug: one.id for one in known.values()}
    found: set[int] = set()
    waiting = [id for id in wanted if id in known]
    while waiting:
        id = waiting.pop()
        if id in found:
            continue
        found.add(id)
        one = known[id]
        parts = [one.numerator_id, one.denominator_id, one.weight_id]
        if one.formula:
            try:
                parts += [ids.get(name) for name in parse(one.formula).names]
            except Problem:
                pass  # the doctor says so; the template's reader will, too
        waiting += [part for part in parts if part is not None and part in known]
    return sorted((known[id] for id in found), key=lambda one: (one.position, one.id))


def _metric_lines(metric: Metric, slugs: Mapping[int, str], kept: set[int], now: Standing) -> list[str]:
    from dataclasses import MISSING, fields

    standard = {field.name: field.default for field in fields(metric) if field.default is not MISSING}
    lines = [f"slug = {written(metric.slug)}"]
    for key in KEYS["metric"]:
        given: Any = getattr(metric, key.field, None)
        if key.name in LEFT_OUT or given is None or (given == standard.get(key.field) and key.name != "cadence"):
            continue
        lines.append(f"{key.name} = {written(slugs[given] if key.kind == 'ref' else given)}")
    edges = sorted(now.setup.drivers.values(), key=lambda edge: (edge.position, edge.id))
    fed = [slugs[edge.feeds_id] for edge in edges if edge.metric_id == metric.id and edge.feeds_id in kept]
    return [*lines, f"feeds = {written(fed)}"] if fed else lines


def _role_lines(kpi: Kpi, slugs: Mapping[int, str], kept: set[int]) -> list[str]:
    lines = []
    for name in ROLE:
        if name == "counter":
            if kpi.counter_id in kept and kpi.counter_id is not None:
                lines.append(f"counter = {written(slugs[kpi.counter_id])}")
        elif name == "review":
            if kpi.review != "weekly,monthly":
                lines.append(f"review = {written([word for word in kpi.review.split(',') if word])}")
        elif name in ("weight", "window", "sustain"):
            lines += [f"{name} = {written(getattr(kpi, name))}"] if getattr(kpi, name) != 1 else []
        elif name == "tolerance":
            if kpi.tolerance is not None and kpi.counter_id in kept:
                lines.append(f"tolerance = {written(kpi.tolerance)}")
        elif getattr(kpi, name):
            lines.append(f"{name} = {written(getattr(kpi, name))}")
    return lines


def _usual(kpi: Kpi, metric: Metric, goal: Goal | None) -> str:
    """The KPI's target without what is the team's own: bounds as they are, a way as a step from the baseline."""
    if kpi.target_kind == "between" and kpi.low is not None and kpi.high is not None:
        return f"{_number(kpi.low, metric)}-{_number(kpi.high, metric)}" if kpi.low >= 0 else ""
    if kpi.target is None:
        return ""
    if kpi.target_kind in ("at_least", "at_most"):
        band = "".join(f" {name} {_number(number, metric)}" for name, number in (("floor", kpi.floor),
                       ("stretch", kpi.stretch)) if number is not None)  # fmt: skip
        return f"{'>=' if kpi.target_kind == 'at_least' else '<='} {_number(kpi.target, metric)}{band}"
    if goal is not None and goal.metric_id == metric.id:
        return "goal"
    if kpi.target_kind != "from_to" or kpi.baseline is None:
        return ""
    step = kpi.target - kpi.baseline
    sign = "+" if step >= 0 else "-"
    if metric.unit == "percent":
        return f"base {sign}{abs(step) * 100:.4g}" if step else "base"
    return f"base {sign}{abs(step / kpi.baseline) * 100:.3g}%" if step and kpi.baseline else ""


def _number(value: float, metric: Metric) -> str:
    if metric.unit == "percent":
        return f"{value * 100:.10g}%"
    return f"{value:.10g} h" if metric.unit == "duration" else f"{value:.15g}"


def _goal(now: Standing, scope_id: int, today: int) -> Goal | None:
    running = [
        goal
        for goal in now.setup.goals.values()
        if goal.scope_id == scope_id and (goal.deadline is None or goal.deadline >= today)
    ]
    return max(running, key=lambda goal: (goal.main, -(goal.deadline or 0)), default=None)


def _shape(goal: Goal | None, now: Standing) -> dict[str, str]:
    """What is asked for a goal: what it counts and its day, without the number; nothing where that reads as no goal."""
    from kpitui.domain.line_goal import read_goal
    from kpitui.domain.periods import to_date

    metric = now.setup.metrics.get(goal.metric_id or 0) if goal is not None else None
    if goal is None or goal.deadline is None or metric is None:
        return {}
    day = to_date(goal.deadline)
    shape = f"{metric.name} by {day.day} {day:%b}"
    try:
        read_goal(f"1 {shape}", day)
    except Problem:
        return {"goal_metric": metric.slug}
    example = "" if goal.target is None else _number(goal.target, metric)
    return {"goal": shape, "example": example, "goal_metric": metric.slug}


def _day(day: int) -> str:
    from kpitui.domain.periods import to_date

    date = to_date(day)
    return f"{date.day} {date:%b} {date.year}"


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())
