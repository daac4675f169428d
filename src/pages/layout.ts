// The frame of every delivery page: one heading, the same help at the same place, style and script in the page under its nonce.
import { type Html, html, trusted } from './html.ts';
import { script } from './script.ts';
import { style } from './style.ts';

export type Frame = {
  readonly nonce: string;
  readonly estate: string;
  readonly demo: boolean;
  /** Who is signed in; null = nobody. */
  readonly person: string | null;
  /** Whom to ask, in the estate's own words. */
  readonly help: string | null;
};
export type Page = { readonly title: string; readonly body: Html };

export function document(frame: Frame, { title, body }: Page): string {
  const { nonce, estate, person, help } = frame;
  return html`<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>${title} – ${estate}</title>
<style nonce="${nonce}">${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the page</a>
<header><a href="/my">My new passwords</a>${person === null ? undefined : html`<span>Signed in as ${person}</span>`}</header>
<main id="main">
${frame.demo ? html`<p class="note warn">DEMO: a made-up company. Nothing here is real.</p>` : undefined}
<h1>${title}</h1>
${body}
<p id="live" role="status" aria-live="polite"></p>
</main>
<footer><p>Need help? ${help ?? 'Call your help desk.'}</p><p>We never ask you for a password, by mail, by phone or here.</p></footer>
<script nonce="${nonce}">${trusted(script)}</script>
</body>
</html>
`.toString();
}

/** Without JavaScript in UTC, with it on the reader's own clock. */
export function clock(iso: string): Html {
  const words = new Date(iso).toLocaleString('en-GB', {
    timeZone: 'UTC',
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  return html`<time datetime="${iso}">${words} UTC</time>`;
}

export const accountPath = (system: string, id: string): string => `/my/${encodeURIComponent(system)}/${encodeURIComponent(id)}`;
