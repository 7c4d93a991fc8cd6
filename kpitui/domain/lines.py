"""One-line grammars, what people type on the prompt row: the one place to import them from.

Each gives back what was understood, so that it can be shown before Enter, and raises `Problem` with what is missing.
"""

from kpitui.domain.line_action import ActionLine, read_action
from kpitui.domain.line_filter import Filter, read_filter
from kpitui.domain.line_goal import GoalLine, read_goal
from kpitui.domain.line_metric import MetricLine, read_metric
from kpitui.domain.line_target import TargetLine, read_target

__all__ = [
    "ActionLine",
    "Filter",
    "GoalLine",
    "MetricLine",
    "TargetLine",
    "read_action",
    "read_filter",
    "read_goal",
    "read_metric",
    "read_target",
]
