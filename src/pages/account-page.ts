// One account before its secret is shown: what can be done now, until when, and what comes next. Opening this page uses up nothing.
import type { ClaimView } from '../deliver/my-claims.ts';
import { type Html, html } from './html.ts';
import { accountPath, clock, type Page } from './layout.ts';

export type Form = { readonly csrf: string; readonly reRevealMinutes: number };

export function accountPage(claim: ClaimView, form: Form): Page {
  return {
    title: `${claim.login} on ${claim.system}`,
    body: html`${state(claim, form)}
<p><a href="/my">Back to my list</a></p>`,
  };
}

const thing = ({ service }: ClaimView): string => (service ? 'secret' : 'password');

function state(claim: ClaimView, form: Form): Html {
  const { until, revealedAt, setAt, elsewhere } = claim;
  switch (claim.state) {
    case 'waiting':
      return html`<p>This account was reset at ${clock(setAt)}. Its new ${thing(claim)} is ready.</p>
<p class="note">Get it by ${clock(until ?? setAt)}. Once it was shown, you can see it again in this browser for ${form.reRevealMinutes} minutes. Then it is gone from here.</p>
${acts(claim, form, 'Show it')}
${after(claim)}`;
    case 'revealed':
      if (elsewhere)
        return html`<p class="note warn">This ${thing(claim)} was shown in another browser at ${clock(revealedAt ?? setAt)}. You can only see it there.</p>
<p><strong>Was that not you?</strong> Then ask for help now. Somebody else may have it.</p>`;
      return html`<p>You got it at ${clock(revealedAt ?? setAt)}.</p>
<p class="note">You can see it again in this browser until ${clock(until ?? setAt)}.</p>
${acts(claim, form, 'Show it again')}
<form method="post" action="${accountPath(claim.system, claim.id)}/saved">${fields(claim, form)}<button class="other">I have saved it</button></form>
${after(claim)}`;
    case 'used':
      return html`<p>This ${thing(claim)} was shown at ${clock(revealedAt ?? setAt)}. It can not be shown again.</p>
<h2>Did you lose it?</h2>
<p>Ask for help below. The help desk can have the account reset once more. You then get a new one here.</p>
<p><strong>Did you never see it?</strong> Then say so at once. Somebody else may have it.</p>`;
    case 'expired':
      return html`<p>The time to get this ${thing(claim)} is over. Nobody has seen it.</p>
<p>Ask for help below. The help desk can open it again for you. Then you get it here.</p>`;
    case 'withdrawn':
      return html`<p>A later reset took its place. Go back to your list and open the account again.</p>`;
    case 'not-ready':
      return html`<p>This account is being reset right now. We do not yet know which ${thing(claim)} works.</p>
<p>Open this page again in a few minutes.</p>`;
  }
}

function acts(claim: ClaimView, form: Form, show: string): Html {
  return html`<form method="post" action="${accountPath(claim.system, claim.id)}/show">${fields(claim, form)}<button>${show}</button><button type="button" class="other" id="copy" hidden>Copy it without showing</button></form>
<p id="copied" hidden>Copied. Paste it where you need it. It was not shown on the screen.</p>
<p id="not-copied" hidden>Your browser did not let us copy. Choose “Show it” instead.</p>`;
}

function fields({ version }: ClaimView, { csrf }: Form): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="version" value="${version}">`;
}

function after({ service }: ClaimView): Html {
  return service
    ? html`<h2>What comes next</h2><p>Put it where the service reads it, then restart the service. The old one no longer works.</p>`
    : html`<h2>What comes next</h2><p>Save it in your password manager. Your phone and laptop will ask for it soon: the old one no longer works.</p>`;
}
