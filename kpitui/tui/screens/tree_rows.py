"""The lines of the tree as rows of a board, and which columns stay in which width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from kpitui.charts.glyphs import Glyphs, mark
from kpitui.domain.periods import to_date
from kpitui.reports.wording import goal_figure, target_text, value_text
from kpitui.tui.widgets.board import BoardRow, Cell, Column, Layout
from kpitui.tui.widgets.spark import spark_spans
from kpitui.tui.widgets.styled import Span, status_style

if TYPE_CHECKING:
    from kpitui.services.creating import Line
    from kpitui.services.goal_standing import GoalView
    from kpitui.services.hierarchy import Node, Tree
    from kpitui.services.judging import Row

DRAFT = "draft"
"""The key of the line being typed."""
KINDS = {"leading": "lead", "lagging": "lag"}
FACETS = ("", "KPIs", "lead", "lag", "counter", "?")


def layout(cells: int, plain: bool = False) -> Layout:
    """The columns for a board of that width; without signs (`plain`) a target is a cell wider."""
    spark = Column("spark", 26 if cells >= 110 else 13 if cells >= 92 else 8, lambda width: f"last {width}", "tail")
    if cells < 60:
        return Layout(
            (Column("name", 0, "name", gap=0, least=18), spark, Column("last", 7, "last", "right")), (("spark", 0),)
        )
    return Layout(
        (
            Column("name", 0, "name", gap=0, least=25),
            spark,
            Column("kind", 7, "kind"),
            Column("every", 7, "every"),
            Column("owner", 6, "owner"),
            Column("target", 8 if plain else 7, "target", "right"),
            Column("last", 6, "last", "right"),
            Column("edge", 1, gap=0),
        ),
        (("spark", 8), ("every", 0), ("owner", 0), ("kind", 0), ("spark", 0)),
    )


class Look(NamedTuple):
    """What the rows depend on besides the tree."""

    glyphs: Glyphs
    spark: int
    small: bool
    folded: frozenset[str]
    today: int
    offers: bool = True
    """Whether who looks may write goals, metrics and KPIs."""

    @property
    def step(self) -> int:
        """Cells a line is moved right for every parent."""
        return 1 if self.small else 2


class Drafting(NamedTuple):
    """A line being typed: behind which row it stands, how deep, and what is understood so far."""

    behind: str
    depth: int
    text: str
    line: Line | None
    what: str = "metric"
    """What it is to become."""
    said: str = ""
    """What is understood that the row does not show, or what is wrong."""


def seen(nodes: Sequence[Node], keep: set[str] | None, folded: frozenset[str]) -> list[Node]:
    """The lines that are not folded away; with `keep` those and what they stand under, folded or not."""
    above = {node.key: node.parent for node in nodes}
    if keep is not None:
        wanted = set(keep)
        for key in keep:
            while key := above.get(key, ""):
                wanted.add(key)
        return [node for node in nodes if node.key in wanted]
    hidden: set[str] = set()
    shown = []
    for node in nodes:
        if node.parent in hidden or node.parent in folded:
            hidden.add(node.key)
        else:
            shown.append(node)
    return shown


def tree_rows(tree: Tree, shown: Sequence[Node], look: Look, drafting: Drafting | None) -> list[BoardRow]:
    parents = {node.parent for node in tree.nodes}
    rows: list[BoardRow] = []
    scopes = False
    placed = drafting is None
    for node in shown:
        if node.kind == "scope" and not scopes and node.depth == 0:
            scopes = True
            title = (("   Teams and roles", "heading"), ("  each with KPIs of its own", "dim"))
            rows += [BoardRow("", (), "text"), BoardRow("", (title,), "text")]
        rows.append(row_of(tree, node, look, node.key in parents))
        if drafting is not None and not placed and drafting.behind == node.key:
            rows.append(draft_row(drafting, look))
            placed = True
    if drafting is not None and not placed:
        rows.append(draft_row(drafting, look))
    return rows


def row_of(tree: Tree, node: Node, look: Look, holds: bool) -> BoardRow:
    glyphs = look.glyphs
    fold: Span = ("  ", "")
    if holds:
        fold = (f"{glyphs.folds[1 if node.key in look.folded else 0]} ", "dim")
    style = "dim" if node.again else ""
    row = tree.row_of(node)
    cells: tuple[Cell, ...]
    if node.kind == "goal":
        view = tree.goals[node.id]
        cells = _goal(node, view, row, look, fold)
    elif node.kind == "scope":
        cells = _scope(tree, node, look, fold)
    elif node.kind == "group":
        cells = ([fold, (f"{node.name} ({node.beneath})", "dim")],)
    else:
        assert row is not None
        cells = _metric(node, row, look, fold)
    return BoardRow(node.key, cells, indent=node.depth * look.step, style=style)


def _counted(node: Node, look: Look) -> str:
    return f" ({node.beneath})" if node.beneath and node.key in look.folded else ""


def _goal(node: Node, view: GoalView, row: Row | None, look: Look, fold: Span) -> tuple[Cell, ...]:
    plain = look.glyphs.name == "ascii"
    sign: Span = (f"{look.glyphs.shared} ", "dim") if node.again else (f"{look.glyphs.goal} ", "marked")
    name: list[Span] = [fold, sign, (node.name, "" if node.again else "bold"), (_counted(node, look), "dim")]
    spark: Cell = spark_spans([cell.value for cell in row.series], look.spark, look.glyphs) if row else ""
    last: Cell = (goal_figure(view, view.value, ascii=plain), status_style(view.status))
    if look.small:
        return name, spark, last
    kind = KINDS.get(row.timing or "", "?") if row else "-"
    return name, spark, kind, _span_word(view), node.owner, goal_figure(view, view.target, ascii=plain), last


def _span_word(view: GoalView) -> str:
    if view.start is None or view.deadline is None:
        return ""
    days = view.deadline - view.start + 1
    return "year" if days > 300 else "quarter" if days > 80 else "month" if days > 26 else f"{days}d"


def _metric(node: Node, row: Row, look: Look, fold: Span) -> tuple[Cell, ...]:
    plain = look.glyphs.name == "ascii"
    said = status_style(row.status)
    if node.again:
        sign: list[Span] = [(f"{look.glyphs.shared} ", "dim")]
    elif row.status == "no_target":
        sign = [("  ", "")]
    else:
        sign = [(f"{mark(row.status, look.glyphs)} ", said)]
    role: list[Span] = [("KPI ", "key")] if node.kind == "kpi" else []
    name = [fold, *sign, *role, (node.name, ""), (_counted(node, look), "dim")]
    spark = spark_spans(
        [cell.value for cell in row.series], look.spark, look.glyphs, lambda at, _: row.missed(row.series[at])
    )
    last: Cell = (value_text(row, ascii=plain), said if row.status in ("off_track", "missed", "at_risk") else "")
    if look.small:
        return name, spark, last
    kind = "counter" if row.counter else KINDS.get(row.timing or "", "?")
    unset = "dim" if kind == "?" else ""
    return (
        name,
        spark,
        (kind, unset),
        row.cadence,
        node.owner or "-",
        target_text(row, ascii=plain),
        last,
    )


def _scope(tree: Tree, node: Node, look: Look, fold: Span) -> tuple[Cell, ...]:
    inside = below(tree, node)
    kpis = [one for one in inside if one.kind == "kpi"]
    metrics = sum(1 for one in inside if one.kind == "metric" and not one.again)
    parts = [f"{len(kpis)} KPI{'' if len(kpis) == 1 else 's'}"] if kpis else []
    parts += [f"{metrics} metric{'' if metrics == 1 else 's'}"] if metrics else []
    said = f" {look.glyphs.dot} ".join(parts) or f"nothing yet{': n' if look.offers else ''}"
    marks: list[Span] = []
    for one in kpis[:8]:
        row = tree.row_of(one)
        if row is not None:
            marks.append((mark(row.status, look.glyphs), status_style(row.status)))
    name: list[Span] = [fold, (node.name, ""), (f"  {said}", "dim")]
    kind = scope_kind(tree, node)
    if look.small:
        return [fold, (node.name, "")], marks, f"{len(kpis)} KPI{'' if len(kpis) == 1 else 's'}"
    return name, marks, kind, "", node.owner, "", ""


def scope_kind(tree: Tree, node: Node) -> str:
    return tree.scope_kinds.get(node.id, "")


def below(tree: Tree, node: Node) -> list[Node]:
    """Everything under a line, to the next line of the same depth or less."""
    found: list[Node] = []
    inside = False
    for one in tree.nodes:
        if inside and one.depth <= node.depth:
            break
        if inside:
            found.append(one)
        inside = inside or one.key == node.key
    return found


def draft_row(drafting: Drafting, look: Look) -> BoardRow:
    """The line as it is understood so far; what is inherited is dim."""
    line, glyphs = drafting.line, look.glyphs
    if line is None:
        name: list[Span] = [("  ", ""), (f"{glyphs.draft} ", "accent"), (drafting.text or glyphs.due, "accent")]
        return BoardRow(DRAFT, (name, "", "", "", "", "", ""), indent=drafting.depth * look.step)
    sign = glyphs.goal if line.what == "goal" else glyphs.draft
    role: list[Span] = [("KPI ", "key")] if line.what == "kpi" else []
    name = [("  ", ""), (f"{sign} ", "accent"), *role, (line.name, "accent")]

    def said(field: str, text: str) -> Span:
        return (text, "" if field in line.said else "dim")

    if look.small:
        return BoardRow(DRAFT, (name, "", line.target), indent=drafting.depth * look.step)
    cells: tuple[Cell, ...] = (
        name,
        "",
        said("timing", line.kind),
        said("cadence", line.cadence),
        said("owner", line.owner or "-"),
        said("target", line.target or "-"),
        "",
    )
    return BoardRow(DRAFT, cells, indent=drafting.depth * look.step)


def facet_of(tree: Tree, node: Node) -> str:
    """The facet a KPI or metric belongs to beside its role."""
    row = tree.row_of(node)
    if row is None or node.kind not in ("kpi", "metric"):
        return ""
    return "counter" if row.counter else KINDS.get(row.timing or "", "?")


def past_goals(tree: Tree) -> set[str]:
    """Keys of goals whose day is over in an earlier year: they begin folded."""
    year = to_date(tree.today).year
    return {
        node.key
        for node in tree.nodes
        if node.kind == "goal"
        and not node.again
        and (day := tree.goals[node.id].deadline) is not None
        and to_date(day).year < year
    }
