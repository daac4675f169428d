// What waits for one person: each account with what can be done about it now.
import type { ClaimView } from '../deliver/my-claims.ts';
import { type Html, html } from './html.ts';
import { accountPath, clock, type Page } from './layout.ts';

export function listPage(claims: readonly ClaimView[], cursor: string | undefined, more: boolean): Page {
  const next =
    cursor === undefined ? undefined : html`<p><a class="button" href="/my?cursor=${encodeURIComponent(cursor)}">Next accounts</a></p>`;
  if (claims.length === 0)
    return {
      title: 'My new passwords',
      body: more
        ? html`<p>There are no more accounts.</p>`
        : html`<p>Nothing waits for you. When one of your accounts is reset, its new password will be here.</p>
<p>Were you told to come here? Then look again in a few minutes, or ask for help below.</p>`,
    };
  return {
    title: 'My new passwords',
    body: html`<p>These accounts were reset. Open one to get its new password.</p>
<ul class="list">${claims.map(row)}</ul>
${next}`,
  };
}

function row(claim: ClaimView): Html {
  return html`<li><a href="${accountPath(claim.system, claim.id)}">${claim.login} on ${claim.system}</a>
<p>${says(claim)}</p></li>`;
}

function says({ state, until, revealedAt, setAt }: ClaimView): Html {
  switch (state) {
    case 'waiting':
      return html`Ready. Get it by ${clock(until ?? setAt)}.`;
    case 'revealed':
      return html`You got it. You can see it again until ${clock(until ?? setAt)}.`;
    case 'used':
      return html`Done${revealedAt === null ? undefined : html`: you got it at ${clock(revealedAt)}`}.`;
    case 'expired':
      return html`Too late: the time to get it is over.`;
    case 'withdrawn':
      return html`A later reset took its place.`;
    case 'not-ready':
      return html`Not ready yet. Look again in a few minutes.`;
  }
}
