"""Names and slugs of what is set up: free ones, the one that is meant, and renaming with all that names it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from kpitui.domain.named import NamedTuple
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.domain.slugs import slugify
from kpitui.errors import NotFound, Refused
from kpitui.text import fold

if TYPE_CHECKING:
    from kpitui.domain.model import Goal, Metric, Scope
    from kpitui.services.book import Book
    from kpitui.storage.definitions import Definition
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn

    D = TypeVar("D", bound=Definition)

TABLES = ("metric", "goal", "scope")


class Done(NamedTuple):
    """What was saved: a sentence in the past tense, and the line of the tree it is about."""

    sentence: str
    key: str = ""
    warning: str = ""
    """What should be looked at although it was saved."""


class Named(NamedTuple):
    """Something with a name. `kind` is metric, goal or scope."""

    kind: str
    id: int
    slug: str
    name: str


def free_slug(store: Store, name: str) -> str:
    """A slug for a new name; none that anything has or had, so that what was put away can come back."""
    from kpitui.storage import names

    return slugify(name, names.taken(store))


def as_seen(store: Store, cls: type[D], id: int, rev: int = 0) -> D:
    """The definition, to be changed as it was seen at revision `rev` (0: as it stands). Raises NotFound when it was
    put away."""
    from dataclasses import replace

    from kpitui.storage import definitions

    found = definitions.get(store, cls, id)
    if getattr(found, "archived", False):
        raise NotFound("It was put away meanwhile. u takes back your own last change, the log shows whose it was.")
    return replace(found, rev=rev) if rev else found


def everything(book: Book, kinds: Iterable[str] = TABLES) -> list[Named]:
    found: list[Named] = []
    if "metric" in kinds:
        found += [Named("metric", one.id, one.slug, one.name) for one in book.metrics.values()]
    if "goal" in kinds:
        found += [Named("goal", one.id, one.slug, one.title) for one in book.goals.values()]
    if "scope" in kinds:
        found += [Named("scope", one.id, one.slug, one.name) for one in book.scopes.values()]
    return found


def meant(known: Iterable[Named], text: str) -> Named:
    """The one whose name or slug this is, or of which it is the only one to begin so. Raises NotFound, naming those
    that are near."""
    known, wanted = list(known), fold(text)
    if not wanted:
        raise Problem("Type a name: tab completes it.")
    for same in (
        [one for one in known if fold(one.name) == wanted],
        [one for one in known if one.slug == wanted],
        [one for one in known if fold(one.name).startswith(wanted)],
        [one for one in known if all(any(w.startswith(p) for w in fold(one.name).split()) for p in wanted.split())],
    ):
        if len(same) == 1 or (same and len({(one.kind, one.id) for one in same}) == 1):
            return same[0]
        if len(same) > 1:
            # A metric is meant before a goal or a scope of the same name.
            first = [one for one in same if one.kind == same[0].kind]
            if len(first) == 1 and fold(first[0].name) == wanted:
                return first[0]
            names = ", ".join(quote(one.name) for one in same[:3])
            raise NotFound(f"“{quote(text)}” may be {names}{' and more' if len(same) > 3 else ''}: type more of it.")
    from difflib import get_close_matches

    near = get_close_matches(text.strip(), [one.name for one in known], 2, 0.5)
    hint = f"did you mean {' or '.join(map(quote, near))}?" if near else "type its name as it stands in the tree."
    raise NotFound(f"There is nothing called “{quote(text.strip())}” here: {hint}")


def refuse_twin(book: Book, kind: str, name: str, but: int = 0) -> None:
    """Raises Refused where another one of that kind is called so already."""
    for one in everything(book, (kind,)):
        if one.id != but and fold(one.name) == fold(name):
            way = "M attaches that one here, too" if kind == "metric" else "choose another name"
            raise Refused(f"There is a {kind} called {quote(one.name)} already: {way}.")


def rename_metric(tx: Txn, store: Store, metric: Metric, name: str) -> tuple[dict[str, object], int]:
    """The fields a metric gets with its new name, and how many formulas were rewritten on the way.

    The slug follows the name where it came from the old one; one that was chosen otherwise stays.
    """
    from kpitui.domain import formula, model
    from kpitui.storage import definitions

    if slugify(metric.name, ()) != metric.slug and not metric.slug.startswith(slugify(metric.name, ()) + "_"):
        return {"name": name}, 0
    slug = free_slug(store, name) if slugify(name, ()) != slugify(metric.name, ()) else metric.slug
    if slug == metric.slug:
        return {"name": name}, 0
    rewritten = 0
    for other in definitions.all_of(store, model.Metric, archived=True):
        if not other.formula or metric.slug not in other.formula:
            continue
        try:
            text = formula.rename(other.formula, metric.slug, slug)
        except Problem:
            continue  # cannot be read; the doctor says so
        if text != other.formula:
            definitions.change(tx, other, formula=text)
            rewritten += 1
    return {"name": name, "slug": slug}, rewritten


def follow(store: Store, one: Goal | Scope, name: str) -> dict[str, object]:
    """The fields a goal or scope gets with its new name; the slug follows as a metric's does."""
    old = one.name if hasattr(one, "name") else one.title
    field = "name" if hasattr(one, "name") else "title"
    if slugify(old, ()) != one.slug or slugify(name, ()) == one.slug:
        return {field: name}
    return {field: name, "slug": free_slug(store, name)}
