"""Metric to KPI: the page opens from the line under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.tui.screens.base import KpiScreen

if TYPE_CHECKING:
    from kpitui.services.hierarchy import Node


class Promoting(KpiScreen):
    """Mixed into a screen with a `node` under the cursor."""

    @property
    def node(self) -> Node | None:
        raise NotImplementedError

    async def action_promote(self) -> None:
        """Opens the page of a metric, or of a KPI that is to be finished."""
        node = self.node
        if node is None or node.metric_id is None or node.kind == "goal":
            self.say("p makes a metric a KPI: put the cursor on one.")
            return
        await self.app.open(self.app.made("promote", node.metric_id, node.id if node.kind == "kpi" else None))
