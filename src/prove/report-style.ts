// The report's typography: one measure, system fonts, grey that survives a printer, dark on request.

export const style = `
:root { --ink: #1a1c1f; --soft: #5a6068; --rule: #d5d9de; --page: #fff; --wash: #f4f5f7; --bar: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7e9ec; --soft: #a4abb4; --rule: #3a4048; --page: #16181b; --wash: #1f2226; --bar: #98a1ad; } }
* { box-sizing: border-box; }
html { background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
body { margin: 0 auto; max-width: 56rem; padding: 2.5rem 1.5rem 4rem; }
h1 { font-size: 2rem; line-height: 1.2; font-weight: 650; margin: .2rem 0 1rem; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; font-weight: 650; margin: 2.75rem 0 .75rem; }
.summary h2 { margin-top: 1.75rem; }
p { margin: .6rem 0; max-width: 42rem; }
.kicker, .plan, .small, footer { color: var(--soft); font-size: .875rem; }
.kicker { margin: 0; }
.sentence { font-size: 1.2rem; line-height: 1.5; max-width: 44rem; margin-bottom: 1.5rem; }
dl { margin: 0; border-top: 1px solid var(--rule); }
dl > div { display: grid; grid-template-columns: 9.5rem 1fr; gap: 1rem; padding: .45rem 0; border-bottom: 1px solid var(--rule); }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
ul { padding-left: 1.2rem; max-width: 44rem; }
li { margin: .25rem 0; }
.scroll { overflow-x: auto; margin: 1rem 0 1.5rem; }
.scroll:focus-visible { outline: 2px solid var(--soft); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .4rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--rule); overflow-wrap: break-word; }
td:last-child { overflow-wrap: anywhere; min-width: 9rem; }
td.n:last-child { min-width: 0; }
th { font-weight: 500; }
thead th { color: var(--soft); border-bottom-color: var(--soft); white-space: nowrap; }
tfoot th, tfoot td { font-weight: 650; border-bottom: 0; border-top: 1px solid var(--soft); }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
time { font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { display: block; width: 8rem; height: .55rem; margin-top: .45rem; background: var(--wash); border: 1px solid var(--rule); }
.bar i { display: block; height: 100%; background: var(--bar); }
code { font: .875em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; background: var(--wash); padding: .05em .3em; border-radius: 3px; }
.hash { overflow-wrap: anywhere; background: none; padding: 0; }
.demo, .alarm { border: 2px solid currentColor; padding: .6rem .9rem; margin: 0 0 1.5rem; max-width: none; }
footer { margin-top: 3rem; border-top: 1px solid var(--rule); padding-top: .75rem; }
@media (max-width: 34rem) {
  dl > div { grid-template-columns: 1fr; gap: 0; }
  .scroll table { min-width: 34rem; }
  .bar { width: 4rem; }
}
@media print {
  :root { --ink: #000; --soft: #444; --rule: #bbb; --page: #fff; --wash: #fff; --bar: #777; }
  @page { margin: 18mm 16mm; }
  html { font-size: 10.5pt; }
  body { max-width: none; padding: 0; }
  .summary { break-after: page; }
  .scroll { overflow: visible; }
  tr, dl > div, li { break-inside: avoid; }
  h2, caption { break-after: avoid; }
  thead { display: table-header-group; }
  .bar i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
