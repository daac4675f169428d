// A login through a form, as a browser does it: the page with its cookies and token, the form, and what came of it.
import type { Probed, Secret } from '../../kit/kit.ts';
import { type Page, pageMeans, redirectOf } from '../../protocols/http/page-rule.ts';
import type { FormConfig } from './config.ts';
import { type Failed, type Site, unanswered } from './site.ts';

export async function formLogin(settings: FormConfig, site: Site, user: string, secret: Secret): Promise<Probed> {
  const page = await site.get(site.url);
  if ('kind' in page) return unanswered(page);
  // Without the page there is no form to fill in: nothing has been said about the secret.
  if (page.status !== 200) return { verdict: 'indeterminate', code: `login page ${page.status}` };
  const token = tokenIn(page, settings);
  if (token === undefined && settings.csrf !== undefined) return { verdict: 'indeterminate', code: 'no-csrf-token' };
  const submit = new URL(settings.submit ?? site.url, site.url);
  if (submit.origin !== site.url.origin) return { verdict: 'indeterminate', code: 'form-elsewhere' };
  const sent = await secret.text((text) =>
    site.post(submit, [
      ...Object.entries(settings.more ?? {}),
      ...(settings.csrf === undefined || token === undefined ? [] : [[settings.csrf.field, token] as const]),
      [settings.fields.user, user],
      [settings.fields.secret, text],
    ]),
  );
  const answer = await shownAfter(sent, settings, site);
  if ('kind' in answer) return unanswered(answer);
  const probed = verdictOf(answer, settings, [site.url, submit]);
  if (probed.verdict === 'accepted' && settings.logout !== undefined) await site.get(new URL(settings.logout, site.url));
  return probed;
}

/** A throttled or failed form says nothing, whatever the page for logged-in people shows then. */
async function shownAfter(sent: Page | Failed, { after }: FormConfig, site: Site): Promise<Page | Failed> {
  if ('kind' in sent || after === undefined || sent.status > 399) return sent;
  return site.get(new URL(after, site.url));
}

export function verdictOf(page: Page, { accepted, rejected, blocked = [] }: FormConfig, login: readonly URL[]): Probed {
  const code = String(page.status);
  const said = pageMeans(
    [
      { rules: accepted, means: 'accepted' as const },
      { rules: rejected, means: 'rejected' as const },
      { rules: blocked, means: 'blocked' as const },
    ],
    page,
  );
  const to = redirectOf(page);
  // Back to the form is no success, whatever a rule says.
  if (said === 'accepted' && to !== undefined && login.some((url) => url.origin === to.origin && url.pathname === to.pathname))
    return { verdict: 'indeterminate', code: `${code} back to the login` };
  return { verdict: said ?? 'indeterminate', code };
}

function tokenIn(page: Page, { csrf }: FormConfig): string | undefined {
  if (csrf === undefined) return undefined;
  const found = new RegExp(csrf.pattern).exec(page.text)?.[1];
  return found === undefined ? undefined : unescaped(found);
}

/** The token is cut out of HTML: its entities are characters. */
function unescaped(text: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(amp|lt|gt|quot|apos));/gi, (_, decimal, hex, name) =>
    name === undefined
      ? String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal))
      : (named[name.toLowerCase()] ?? ''),
  );
}
