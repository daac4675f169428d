// The look of the delivery pages: one column, large targets, both themes, a sheet for paper. Small enough to stand in every page.
export const style = `
:root{color-scheme:light dark;--ink:#1b1d22;--paper:#fff;--soft:#f1f3f6;--line:#6b7280;--act:#0b4fb3;--on-act:#fff;--warn:#8a2b06}
@media(prefers-color-scheme:dark){:root{--ink:#f2f3f5;--paper:#15171b;--soft:#23262c;--line:#9aa1ac;--act:#9cc2ff;--on-act:#10131a;--warn:#ffb590}}
*{box-sizing:border-box}
html{font:100%/1.5 system-ui,sans-serif;-webkit-text-size-adjust:100%}
body{margin:0;color:var(--ink);background:var(--paper);overflow-wrap:anywhere}
header,main,footer{max-width:38rem;margin:0 auto;padding:1rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;justify-content:space-between;align-items:center;border-bottom:1px solid var(--line)}
footer{border-top:1px solid var(--line);margin-top:2rem}
h1{font-size:1.5rem;line-height:1.25;margin:1rem 0}
h2{font-size:1.125rem;margin:1.5rem 0 .5rem}
a{color:var(--act)}
header a,footer a{display:inline-block;min-height:44px;padding:.6rem 0}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:1rem;padding:.6rem;background:var(--paper)}
ul.list{list-style:none;margin:0;padding:0}
ul.list li{border:1px solid var(--line);border-radius:.5rem;margin:.75rem 0;padding:.75rem 1rem}
ul.list a{display:block;min-height:44px;padding:.5rem 0;font-weight:600}
button,.button{font:inherit;font-weight:600;min-height:44px;min-width:44px;padding:.6rem 1.1rem;margin:.25rem .5rem .25rem 0;border-radius:.5rem;border:2px solid var(--act);background:var(--act);color:var(--on-act);cursor:pointer;text-decoration:none;display:inline-block}
button.other{background:transparent;color:var(--act)}
:focus-visible{outline:3px solid var(--act);outline-offset:3px}
form{margin:.5rem 0}
.note{background:var(--soft);border-left:.25rem solid var(--act);padding:.75rem 1rem;border-radius:.25rem}
.warn{border-color:var(--warn)}
dl{margin:0}dt{font-weight:600}dd{margin:0 0 .75rem}
code,.secret,pre{font-family:ui-monospace,Menlo,Consolas,monospace}
.secret{display:block;font-size:1.5rem;line-height:1.7;padding:1rem;border:2px solid var(--ink);border-radius:.5rem;background:var(--soft);user-select:all;direction:ltr;unicode-bidi:isolate-override}
.secret span{margin-inline-end:.6ch}
pre.secret{font-size:.9rem;white-space:pre-wrap}
.dots .secret span,.dots pre.secret{visibility:hidden}
summary{min-height:44px;padding:.6rem 0;cursor:pointer}
[hidden]{display:none!important}
@media(prefers-reduced-motion:no-preference){button{transition:background .1s}}
@media print{header,footer,form,button,summary,.screen{display:none!important}.secret{border:1px solid #000;background:none}details>ol{display:block}body{color:#000;background:#fff}}
`;
