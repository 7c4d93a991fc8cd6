"""Which metric a column, a key or a row of a table belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from kpitui.domain.slugs import slugify
from kpitui.errors import Refused
from kpitui.services.import_map import Roles
from kpitui.services.import_read import Series
from kpitui.storage.reading import MetricRow
from kpitui.text import cut, fold


class Labelled(NamedTuple):
    """The cells of what will be one metric, under the name that the table gives it."""

    label: str
    series: list[Series]


class Names:
    """The metrics of a workspace by slug, name and the slug their name would make."""

    def __init__(self, metrics: Iterable[MetricRow]) -> None:
        self._slugs: dict[str, MetricRow] = {}
        self._names: dict[str, list[MetricRow]] = {}
        self._known: dict[str, MetricRow | None] = {}
        for metric in metrics:
            self._slugs[metric.slug] = metric
            self._names.setdefault(fold(metric.name), []).append(metric)

    def find(self, name: str) -> MetricRow | None:
        """The metric meant. Raises Refused when two are called so, or when it was put away."""
        if name not in self._known:
            self._known[name] = self._find(name)
        found = self._known[name]
        if found is not None and found.archived:
            raise Refused(
                f"The metric {found.slug} was put away: restore it, or leave “{cut(name, 40)}” out with --map."
            )
        return found

    def known(self, name: str) -> bool:
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name] is not None

    def free_slug(self, name: str, taken: set[str]) -> str:
        return slugify(name, taken | self._slugs.keys())

    def near(self, name: str) -> str | None:
        """The slug of a metric that is spelled almost so; None when there is none."""
        from difflib import get_close_matches

        slugs = [slug for slug, metric in self._slugs.items() if not metric.archived]
        return next(iter(get_close_matches(slugify(name, ()), slugs, 1, 0.85)), None)

    def _find(self, name: str) -> MetricRow | None:
        if found := self._slugs.get(name):
            return found
        called = self._names.get(fold(name), [])
        live = [metric for metric in called if not metric.archived] or called
        if len(live) > 1:
            slugs = ", ".join(metric.slug for metric in live[:4])
            raise Refused(f"“{cut(name, 40)}” can be {slugs}: write the slug of the one that is meant.")
        return live[0] if live else self._slugs.get(slugify(name, ()))


def label_series(series: Sequence[Series], roles: Roles, header: Sequence[str], names: Names) -> list[Labelled]:
    """Puts together what belongs to one metric, and names it.

    A naming column counts where it is needed: when a column has two values for one date, its metrics are called by
    column and key; else by the column alone, unless the metrics by column and key exist already.
    """
    if roles.alone:
        return merged((" ".join(filter(None, one.key)), [one]) for one in series)
    by_column: dict[int, list[Series]] = {}
    for one in series:
        by_column.setdefault(one.column, []).append(one)
    found: list[tuple[str, list[Series]]] = []
    owners: dict[str, int] = {}
    for column, mine in by_column.items():
        base = roles.slugs.get(column, header[column])
        for label, part in _named(base, mine, len(roles.names), roles.must_name, names).items():
            if owners.setdefault(label, column) != column:
                raise Refused(
                    f"The columns “{cut(header[owners[label]], 40)}” and “{cut(header[column], 40)}” would both be the "
                    f"metric “{cut(label, 60)}”: say with --map which is which."
                )
            found.append((label, part))
    return merged(found)


def _named(base: str, series: list[Series], keys: int, must_name: bool, names: Names) -> Mapping[str, list[Series]]:
    """The series of one column by the name of their metric."""

    def grouped(count: int) -> dict[str, list[Series]]:
        groups: dict[str, list[Series]] = {}
        for one in series:
            groups.setdefault(" ".join((base, *filter(None, one.key[:count]))), []).append(one)
        return groups

    if must_name or not keys:
        return grouped(keys)
    for count in range(keys, 0, -1):
        if all(map(names.known, groups := grouped(count))):
            return groups
    for count in range(keys + 1):
        if not any(map(_meets_itself, (groups := grouped(count)).values())):
            return groups
    return grouped(keys)


def _meets_itself(series: list[Series]) -> bool:
    """Whether two cells of these have one date."""
    return sum(len(one.dates) for one in series) > len(set().union(*(one.dates for one in series)))


def merged(found: Iterable[tuple[str, list[Series]]]) -> list[Labelled]:
    """Names that look the same are the same."""
    together: dict[str, Labelled] = {}
    for label, series in found:
        together.setdefault(fold(label), Labelled(label, [])).series.extend(series)
    return list(together.values())
