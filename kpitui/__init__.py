"""Goals, metrics and KPIs of a team in one SQLite file, with keyboard-driven screens in any terminal."""

__version__ = "0.5.0"
