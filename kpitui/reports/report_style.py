"""How a report looks in a browser and on paper. The colours are those of the themes kpitui-light and kpitui-dark."""

STYLE = """
:root { color-scheme: light dark; --text: #1a1a1a; --soft: #4f4f4f; --page: #ffffff; --rule: #d5d5d5; --band: #f5f5f5;
  --on: #3558c8; --watch: #66601a; --off: #6e0f3c; --none: #595959; --spark: #3a4654; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e4e4; --soft: #a8adb5; --page: #121212; --rule: #3a3f46; --band: #1e1e1e;
    --on: #5bc0f0; --watch: #f5e960; --off: #e8788a; --none: #a0a6ae; --spark: #c3ccd6; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 2rem 1.25rem; color: var(--text); background: var(--page);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--rule); }
header p { color: var(--soft); margin: .25rem 0 0; }
p, ul, ol { margin: .5rem 0; max-width: 48rem; }
ul, ol { padding-left: 1.4rem; }
li { margin: .2rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .925rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--rule); vertical-align: middle;
  overflow-wrap: normal; }
td { white-space: nowrap; }
td:last-child { white-space: normal; }
.c9 th:nth-child(1) { width: 21%; }
.c9 th:nth-child(2) { width: 14%; }
.c9 th:nth-child(3) { width: 12%; }
.c9 th:nth-child(4) { width: 13%; }
.c9 th:nth-child(n+5) { width: 8%; }
thead th { color: var(--soft); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; min-width: 9rem; }
tbody tr:nth-child(even) { background: var(--band); }
.n { text-align: right; }
.kpi-on { color: var(--on); }
.kpi-watch { color: var(--watch); }
.kpi-off { color: var(--off); font-weight: 600; }
.kpi-none { color: var(--none); }
.spark { display: block; color: var(--spark); }
footer { margin-top: 2.5rem; padding-top: .75rem; border-top: 1px solid var(--rule); color: var(--soft);
  font-size: .85rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; }
dd { margin: 0; }
@media print {
  :root { --text: #000000; --soft: #4f4f4f; --page: #ffffff; --rule: #bbbbbb; --band: #ffffff;
    --on: #3558c8; --watch: #66601a; --off: #6e0f3c; --none: #595959; --spark: #3a4654; }
  @page { margin: 14mm; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  table { font-size: 8pt; }
  th, td { padding: .25rem .35rem; }
  tbody th { min-width: 0; }
  .spark { width: 20mm; height: auto; }
  h2 { break-after: avoid; }
  tr, li, svg { break-inside: avoid; }
  thead { display: table-header-group; }
  .wide { overflow: visible; } }
"""
