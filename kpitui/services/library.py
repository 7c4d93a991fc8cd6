"""The library: templates to start from, shipped ones and those a team saved, each a model file with a header.

A template is read from the folders it is told, later ones winning by name. The list reads only the headers.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.errors import NotFound
from kpitui.services.toml_depth import too_deep
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.services.model_read import Entry, Model

HEADER = "template"
GROUPS: dict[str, str] = {
    "business": "Business",
    "goal": "Yearly goal",
    "stage": "Stage",
    "team": "Team",
    "role": "Role",
    "campaign": "Campaign",
    "yours": "Yours",
}
"""What templates are sorted by, with the heading of each."""
LARGEST = 1_000_000
_TEXTS = ("title", "by", "for_whom", "goal", "example", "goal_metric", "left_out", "source", "saved")
_LONGEST = 600


class Template(NamedTuple):
    """The header of a template."""

    name: str
    """The name of its file, without the ending: what commands call it."""
    path: str
    title: str
    by: str
    """A key of GROUPS."""
    order: float
    for_whom: str
    goal: str
    """What the goal counts and by when, the number left out: `ARR by 31 dec`."""
    example: str
    """A number for it."""
    goal_metric: str
    """Slug of the line that says how far the goal is."""
    left_out: str
    source: str
    saved: str
    """Of a team's own: where it was saved from."""
    off: frozenset[str]
    """Lines that are not taken unless asked for."""
    kpis: int
    """Lines taken by default: KPIs, and metrics without that role."""
    metrics: int
    usual: tuple[tuple[str, str], ...]
    """Usual targets by slug, as `domain/starting_target.py` reads them."""

    @property
    def own(self) -> bool:
        return self.by == "yours"


class Line(NamedTuple):
    """One metric of a template as it is shown before anything is created."""

    slug: str
    name: str
    kpi: bool
    depth: int
    kind: str
    """lead, lag, counter, or ? where it is not said."""
    cadence: str
    direction: str
    usual: str
    """The usual target in signs: `≥ 70%`, `base +10%`."""
    picked: bool
    """Taken unless somebody leaves it out."""
    counter: str
    """Of a KPI: the name of the metric that guards it."""
    definition: str
    source: str
    worked_out: str
    """How it follows from other lines; empty when it is entered."""
    objective: str


class Preview(NamedTuple):
    """A template in full."""

    template: Template
    lines: tuple[Line, ...]
    """In the order of the tree: each KPI with what feeds it, then what feeds nothing."""
    scope: tuple[str, str] | None
    """Kind and name of whom it is for; None for the organisation."""
    playbook: bool
    model: Model


class Shelf(NamedTuple):
    """All templates, and what is wrong with files that hold none."""

    templates: tuple[Template, ...]
    problems: tuple[str, ...]


def shelf(folders: Sequence[str], kept: dict[str, Any] | None = None) -> Shelf:
    """Every template in these folders by group and order; a file that cannot be read is a problem, not the end.

    `kept` is where the shelf is kept for the next time, while the files are the same.
    """
    files = tuple(stamp for folder in folders for path in _files(folder) if (stamp := _stamp(path)))
    if kept is not None and kept.get("library", (None,))[0] == files:
        there: Shelf = kept["library"][1]
        return there
    made = _read_all(folders)
    if kept is not None:
        kept["library"] = (files, made)
    return made


def _stamp(path: str) -> tuple[str, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return path, found.st_mtime_ns, found.st_size


def _read_all(folders: Sequence[str]) -> Shelf:
    found: dict[str, Template] = {}
    problems: list[str] = []
    for place, folder in enumerate(folders):
        for path in _files(folder):
            try:
                one = header(path, own=place > 0)
            except Problem as problem:
                problems.append(str(problem))
                continue
            found[one.name] = one
    order = list(GROUPS)
    listed = sorted(found.values(), key=lambda one: (order.index(one.by), one.order, one.title.casefold()))
    return Shelf(tuple(listed), tuple(problems))


def _files(folder: str) -> list[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if name.endswith(".toml") and not name.startswith(".")]


def header(path: str, *, own: bool) -> Template:
    """The header of a template file, which begins with it. Raises Problem."""
    return header_of(path, text_of(path), own=own)


def header_of(path: str, text: str, *, own: bool) -> Template:
    """The header of a template's text. Raises Problem."""
    at = text.find("\n[[")
    return _template(path, _parsed(text if at < 0 else text[:at], path), text, own)


def named(folders: Sequence[str], name: str) -> Template:
    """The template of that name or title. Raises NotFound, naming what is near."""
    from difflib import get_close_matches

    found = shelf(folders)
    wanted = name.strip().casefold().replace("-", "_").replace(" ", "_")
    for one in found.templates:
        if wanted == one.name or name.strip().casefold() == one.title.casefold():
            return one
    begins = [one for one in found.templates if one.name.startswith(wanted)] if wanted else []
    if len(begins) == 1:
        return begins[0]
    near = get_close_matches(wanted, [one.name for one in found.templates], 2, 0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "kpitui library list shows them all."
    raise NotFound(f"The library has no template “{quote(name)}”: {hint}")


def preview(template: Template) -> Preview:
    """A template with all its lines. Raises Problem for a file that contradicts itself."""
    return preview_of(template, text_of(template.path))


def preview_of(template: Template, text: str) -> Preview:
    """A template with all its lines, from its text. Raises Problem."""
    from kpitui.services.model_read import read

    model = read(text, os.path.basename(template.path), HEADER)
    allowed = {"scope", "metric", "kpi", "playbook"}
    for entry in model.entries:
        if entry.table not in allowed:
            raise Problem(f"{entry.where}: a template holds scope, metrics, KPIs and playbooks: take the others out.")
    metrics = {entry.values["slug"]: entry for entry in model.of("metric")}
    if not metrics:
        raise Problem(f"{model.filename} has no [[metric]]: a template needs at least one.")
    _refer(template, model, metrics)
    scopes = model.of("scope")
    scope = None
    if scopes:
        first = scopes[0].values
        scope = (str(first.get("kind", "team")), str(first.get("name", first["slug"])))
    return Preview(template, tuple(_lines(template, model)), scope, bool(model.of("playbook")), model)


def _refer(template: Template, model: Model, metrics: Mapping[str, Entry]) -> None:
    """Raises Problem for a name that the template does not hold."""
    for entry in model.entries:
        values = entry.values
        named = [values.get(key) for key in ("numerator", "denominator", "weight")]
        if entry.table == "kpi":
            named = [values["metric"], values.get("counter")]
        named += list(values.get("feeds") or ())
        for slug in named:
            if slug and slug not in metrics:
                raise Problem(f"{entry.where}: it names “{quote(str(slug))}”, which this template does not hold.")
    from kpitui.domain.starting_target import read_usual

    for slug, said in template.usual:
        if slug not in metrics:
            raise Problem(f"{model.filename}: usual names “{quote(slug)}”, which this template does not hold.")
        values = metrics[slug].values
        unit, direction = values.get("unit", "number"), values.get("direction", "up")
        usual = read_usual(said, unit, values.get("currency") or "USD", direction)
        if usual.of and usual.of not in metrics:
            raise Problem(f"{model.filename}: the usual target of {slug} names “{quote(usual.of)}”, which is not here.")


def parts_of(values: Mapping[str, Any]) -> list[str]:
    """The slugs that a metric is worked out from."""
    from kpitui.domain.formula import parse

    found = [values[key] for key in ("numerator", "denominator", "weight") if values.get(key)]
    if values.get("formula"):
        found += parse(str(values["formula"])).names
    return found


def needed_by(found: Preview, slug: str, taken: Iterable[str]) -> str:
    """The name of a line among the taken that is worked out from this one, when this one is not among them."""
    taken = set(taken)
    if slug in taken:
        return ""
    metrics = {entry.values["slug"]: entry.values for entry in found.model.of("metric")}
    return next((line.name for line in found.lines if line.slug in taken and slug in parts_of(metrics[line.slug])), "")


def _lines(template: Template, model: Model) -> Iterable[Line]:
    metrics = {entry.values["slug"]: entry.values for entry in model.of("metric")}
    roles = {entry.values["metric"]: entry.values for entry in model.of("kpi")}
    below: dict[str, list[str]] = {}
    for slug, values in metrics.items():
        for above in values.get("feeds") or ():
            below.setdefault(above, []).append(slug)
    usual = dict(template.usual)
    seen: set[str] = set()

    def line(slug: str, depth: int) -> Line:
        values, role = metrics[slug], roles.get(slug)
        kind = {"leading": "lead", "lagging": "lag"}.get(str(values.get("timing") or ""), "?")
        counter = str(role.get("counter") or "") if role else ""
        return Line(
            slug,
            str(values.get("name", slug)),
            role is not None,
            depth,
            "counter" if values.get("counter") else kind,
            str(values.get("cadence", "week")),
            str(values.get("direction", "up")),
            usual.get(slug, "").replace(">=", "≥").replace("<=", "≤"),
            slug not in template.off,
            str(metrics[counter].get("name", counter)) if counter in metrics else "",
            str(values.get("definition", "")),
            str(values.get("source", "")),
            " / ".join(str(metrics[part].get("name", part)) for part in parts_of(values) if part in metrics)
            if values.get("numerator")
            else str(values.get("formula", "")),
            str(role.get("objective", "")) if role else "",
        )

    def walk(slug: str, depth: int) -> Iterable[Line]:
        if slug in seen:
            return
        seen.add(slug)
        yield line(slug, depth)
        for one in below.get(slug, ()):
            # Another KPI stands by itself, with its own below it.
            if one not in roles:
                yield from walk(one, depth + 1)

    if template.goal_metric in metrics and not metrics[template.goal_metric].get("feeds"):
        yield from walk(template.goal_metric, 0)
    for slug in roles:
        yield from walk(slug, 0)
    for slug in metrics:
        if not metrics[slug].get("feeds"):
            yield from walk(slug, 0)
    for slug in metrics:
        yield from walk(slug, 0)


# ---- reading the header ------------------------------------------------------------------------------------------


def text_of(path: str) -> str:
    """The text of a template file. Raises Problem for what is no plain UTF-8 file of reasonable size."""
    name = os.path.basename(path)
    try:
        # A pipe or a device in a shared folder must not hold the screen up.
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(file, "rb") as source:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise Problem(f"{clean(name)} is not a plain file, and no template.")
            raw = source.read(LARGEST + 1)
    except OSError as error:
        raise Problem(f"{clean(name)} cannot be read ({error.strerror}).") from None
    if len(raw) > LARGEST:
        raise Problem(f"{clean(name)} has more than {LARGEST:,} bytes: is it the right file?")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Problem(f"{clean(name)} is not UTF-8 text: save it as UTF-8.") from None


def _parsed(text: str, path: str) -> dict[str, Any]:
    name = clean(os.path.basename(path))
    try:
        if too_deep(text):
            raise ValueError("nested too deeply")
        found = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise Problem(f"{name}: this is not TOML ({quote(str(error))}). Mend it there.") from None
    raw = found.get(HEADER)
    if not isinstance(raw, dict):
        raise Problem(f"{name} is no template: it must begin with [{HEADER}], before all other tables.")
    return raw


def _template(path: str, raw: Mapping[str, Any], text: str, own: bool) -> Template:
    name = clean(os.path.basename(path))
    stem = clean(os.path.splitext(name)[0])
    known = {*_TEXTS, "order", "off", "usual"}
    for key in raw:
        if key not in known:
            raise Problem(f"{name}: [{HEADER}] has no key “{quote(key)}”: there are {', '.join(sorted(known))}.")
    texts = {key: _header_text(raw, key, name) for key in _TEXTS}
    if not texts["title"]:
        raise Problem(f"{name}: [{HEADER}] needs a title.")
    by = "yours" if own else texts["by"]
    if by not in GROUPS:
        raise Problem(f"{name}: by is “{quote(by)}”: use {', '.join(GROUPS)}.")
    off, usual, order = raw.get("off", []), raw.get("usual", {}), raw.get("order", 0)
    if not isinstance(off, list) or not all(isinstance(one, str) for one in off):
        raise Problem(f'{name}: off is a list of slugs, like ["nps"].')
    if not isinstance(usual, dict) or not all(isinstance(one, str) for one in usual.values()):
        raise Problem(f'{name}: usual holds texts by slug, like nps = ">= 30".')
    if isinstance(order, bool) or not isinstance(order, (int, float)):
        raise Problem(f"{name}: order is a number.")
    kpis, metrics = text.count("\n[[kpi]]"), text.count("\n[[metric]]")
    return Template(
        stem, path, texts["title"], by, float(order), texts["for_whom"], texts["goal"], texts["example"],
        texts["goal_metric"], texts["left_out"], texts["source"], texts["saved"], frozenset(off), kpis,
        max(metrics - kpis - len(off), 0), tuple((clean(slug), clean(said)) for slug, said in usual.items()),
    )  # fmt: skip


def _header_text(raw: Mapping[str, Any], key: str, name: str) -> str:
    given = raw.get(key, "")
    if not isinstance(given, str):
        raise Problem(f"{name}: {key} is a text, in quotes.")
    if len(given) > _LONGEST:
        raise Problem(f"{name}: {key} has {len(given)} characters, at most {_LONGEST}.")
    return " ".join(clean(given).split())
