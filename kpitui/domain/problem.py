"""The one exception of the domain."""

from __future__ import annotations


class Problem(ValueError):
    """Something a person typed or set up cannot be right. The text is a sentence: what, where, what to do."""
