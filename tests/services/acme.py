"""A small company for tests: three KPIs of the whole, one of a team, metrics good and bad, a goal behind its pace."""

MODEL = """
[workspace]
name = "Acme"

[[scope]]
slug = "org"
kind = "org"
name = "Acme"

[[scope]]
slug = "sales"
kind = "team"
name = "Sales"
parent = "org"

[[metric]]
slug = "arr"
name = "ARR"
unit = "currency"
kind = "level"
cadence = "month"
owner = "ana"

[[goal]]
slug = "arr_2026"
title = "$5.0M ARR by 31 Dec"
scope = "org"
main = true
metric = "arr"
unit = "currency"
baseline = 3_200_000
target = 5_000_000
start = 2026-01-01
deadline = 2026-12-31
owner = "ana"

[[metric]]
slug = "mrr"
name = "MRR"
unit = "currency"
kind = "level"
cadence = "week"
owner = "ana"
timing = "lagging"

[[metric]]
slug = "nrr"
name = "Net rev. retention"
unit = "percent"
kind = "level"
cadence = "week"
owner = "cy"

[[metric]]
slug = "trial"
name = "Trial>paid conv."
unit = "percent"
kind = "level"
cadence = "week"
owner = "bo"

[[metric]]
slug = "demos"
name = "Demos booked"
cadence = "week"
good_low = 30
owner = "bo"
timing = "leading"
feeds = ["mrr"]

[[metric]]
slug = "cac"
name = "CAC"
unit = "currency"
kind = "level"
direction = "down"
cadence = "week"
good_high = 400
owner = "bo"

[[metric]]
slug = "csat"
name = "CSAT"
unit = "percent"
kind = "level"
cadence = "week"
good_low = 0.8
owner = "dee"

[[metric]]
slug = "calls"
name = "Calls made"
cadence = "day"
scope = "sales"
owner = "bo"

[[kpi]]
metric = "nrr"
goal = "arr_2026"
scope = "org"
target_kind = "at_least"
target = 1.02
start = 2026-07-01
deadline = 2026-12-31

[[kpi]]
metric = "trial"
goal = "arr_2026"
scope = "org"
target_kind = "at_least"
target = 0.03
start = 2026-07-01
deadline = 2026-12-31

[[kpi]]
metric = "mrr"
goal = "arr_2026"
scope = "org"
target_kind = "from_to"
baseline = 300_000
target = 400_000
start = 2026-01-01
deadline = 2026-12-31

[[kpi]]
metric = "calls"
goal = "arr_2026"
scope = "sales"
target_kind = "at_least"
target = 12
start = 2026-07-01
deadline = 2026-12-31
"""
POINTS = """
arr 2026-01 3300000 3400000 3500000 3600000 3700000 3800000 3900000 4000000 4100000 4310000
mrr 2026-W40 330000 332000 331000 335000 340000 343000 345000 -
nrr 2026-W40 1.03 1.02 1.03 1.03 1.04 1.03 1.03 1.04
trial 2026-W40 0.031 0.03 0.031 0.03 0.029 0.03 0.0294 -
demos 2026-W40 33 34 32 31 33 30 27 26
cac 2026-W40 390 395 389 392 391 398 399 412
csat 2026-W40 0.9 0.91 0.9 0.92 0.9 0.91 0.9 -
calls 2026-11-09 12 13 11 14 12 15 13 12 13 14 13
"""
TODAY = 20777
"""20 November 2026, a Friday: the day of the weekly review."""
