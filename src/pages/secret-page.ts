// The one page that shows a secret: the answer to a button, never to a link. Grouped for the eye, spelled for the ear, fit for paper.
import type { ClaimView } from '../deliver/my-claims.ts';
import type { Form } from './account-page.ts';
import { type Html, html, verbatim } from './html.ts';
import { accountPath, clock, type Page } from './layout.ts';
import { groupsOf, isTyped, spelled } from './spelling.ts';

export type Shown = { readonly secret: string; readonly version: number; readonly until: string | null; readonly now: string };

export function secretPage(claim: ClaimView, { secret, until, now }: Shown, { csrf }: Form): Page {
  const what = claim.service ? 'secret' : 'password';
  return {
    title: `${claim.login} on ${claim.system}`,
    body: html`<p class="note" id="is-over" hidden>The time to see it is over. It is no longer on this page.</p>
<dl><dt>User name</dt><dd><code translate="no">${claim.login}</code></dd><dt>New ${what}</dt></dl>
<div id="shown">${value(secret, until, now)}</div>
<div id="acts" class="screen">
<button type="button" id="take" hidden>Copy</button><button type="button" class="other" id="hide" aria-pressed="false" hidden>Hide</button><button type="button" class="other" id="print" hidden>Print</button>
<form method="post" action="${accountPath(claim.system, claim.id)}/saved"><input type="hidden" name="csrf" value="${csrf}"><button class="other">I have saved it</button></form>
</div>
<p id="copied" hidden>Copied. Paste it where you need it.</p>
<p id="not-copied" hidden>Your browser did not let us copy. Mark the text and copy it by hand.</p>
<p id="is-hidden" hidden>Hidden.</p>
<p id="is-shown" hidden>Shown.</p>
${until === null ? undefined : html`<p class="note screen">You can see it in this browser until ${clock(until)}. Reload this page, or open it from your list. It is still the same ${what}.</p>`}
${isTyped(secret) ? html`<details id="spelled"><summary>Spell it out, letter by letter</summary><ol>${spelled(secret).map((each) => html`<li>${each}</li>`)}</ol></details>` : undefined}
<p class="screen"><a href="/my">Back to my list</a></p>`,
  };
}

/** Groups are spans with a gap, so that what is marked and copied is the value and nothing else. */
function value(secret: string, until: string | null, now: string): Html {
  const times = { until: until ?? '', now };
  if (!isTyped(secret))
    return html`<pre class="secret" id="secret" translate="no" tabindex="0" data-until="${times.until}" data-now="${times.now}">${verbatim(exact(secret))}</pre>`;
  return html`<code class="secret" id="secret" translate="no" data-until="${times.until}" data-now="${times.now}">${groupsOf(secret).map((group) => html`<span>${verbatim(group)}</span><wbr>`)}</code>`;
}

/** A parser drops the first line break of a pre. */
const exact = (secret: string): string => (secret.startsWith('\n') ? `\n${secret}` : secret);
