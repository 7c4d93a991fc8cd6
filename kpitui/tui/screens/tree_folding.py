"""Folding and unfolding the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpitui.tui.screens.base import KpiScreen

if TYPE_CHECKING:
    from kpitui.services.hierarchy import Node
    from kpitui.tui.widgets.board import Board


class Folding(KpiScreen):
    """Mixed into a screen whose `view` is a tree."""

    view: Any
    folded: set[str]

    @property
    def node(self) -> Node | None:
        raise NotImplementedError

    @property
    def tree_board(self) -> Board:
        raise NotImplementedError

    def holds(self, key: str) -> bool:
        return any(node.parent == key for node in self.view.nodes)

    def toggle(self, key: str) -> bool:
        if not self.holds(key):
            return False
        self.folded ^= {key}
        self.redraw()
        if key not in self.folded:
            below = [node.key for node in self.view.nodes if node.parent == key]
            self.tree_board.bring_into_view(below[-1])
        return True

    def action_left(self) -> None:
        """Fold; from what is folded or holds nothing, up to what it stands under."""
        node = self.node
        if node is None:
            return
        if node.key not in self.folded and self.holds(node.key):
            self.toggle(node.key)
        elif node.parent:
            self.tree_board.go_to(node.parent)

    def action_right(self) -> None:
        """Unfold; from what is unfolded, to the first line below."""
        node = self.node
        if node is None:
            return
        if node.key in self.folded and self.holds(node.key):
            self.toggle(node.key)
        elif self.holds(node.key):
            self.tree_board.move(1)

    def action_fold_all(self) -> None:
        """Fold everything; when all is folded, unfold everything."""
        if self.view is None:
            return
        holding = {node.parent for node in self.view.nodes if node.parent}
        outer = {node.key for node in self.view.nodes if not node.parent and node.key in holding}
        node = self.node
        if outer <= self.folded:
            self.folded = set()
        else:
            self.folded = holding
            while node is not None and node.parent:
                node = self.view.node(node.parent)
        self.redraw()
        if node is not None:
            self.tree_board.go_to(node.key)
