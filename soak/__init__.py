"""The long promises of docs/reliability.md, tried out: kills, power cuts, crowds, damaged files, hostile text."""
