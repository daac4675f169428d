// What went otherwise, in plain words and with the next step; and the page for who is not signed in.
import { html } from './html.ts';
import type { Page } from './layout.ts';

export type SignIn = { readonly passkeyOptions: string; readonly passkeyFinish: string; readonly oidc: string | null };

export function signInPage({ passkeyOptions, passkeyFinish, oidc }: SignIn): Page {
  return {
    title: 'Sign in',
    body: html`<p>Sign in to get the new passwords of your accounts.</p>
<p class="note">Check the address of this page. It must be the one your company told you. We ask for no password here.</p>
<button type="button" id="passkey" data-options="${passkeyOptions}" data-finish="${passkeyFinish}" hidden>Sign in with your passkey</button>
<p id="passkey-asks" hidden>Follow what your phone or computer asks.</p>
<p id="passkey-failed" class="note warn" hidden>That did not work. Try again, or ask for help below.</p>
${oidc === null ? undefined : html`<p><a class="button" href="${oidc}">Sign in with your company account</a></p>`}
<noscript><p>A passkey needs JavaScript. ${oidc === null ? 'Turn it on, use another phone or computer, or ask for help below: someone can print it for you.' : 'Turn it on, or use your company account.'}</p></noscript>`,
  };
}

export function messagePage(title: string, said: string, next: string): Page {
  return { title, body: html`<p>${said}</p><p>${next}</p><p><a href="/my">Back to my list</a></p>` };
}
