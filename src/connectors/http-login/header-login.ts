// A login that is one request with an Authorization header. A 401 that does not ask for this scheme has not looked at the secret.
import type { Probed, Secret } from '../../kit/kit.ts';
import { challenges } from '../../protocols/http/exchange.ts';
import { pageMeans, redirectOf } from '../../protocols/http/page-rule.ts';
import type { HeaderConfig } from './config.ts';
import { type Site, unanswered } from './site.ts';

export async function headerLogin(settings: HeaderConfig, site: Site, user: string, secret: Secret): Promise<Probed> {
  const authorization = headerOf(settings, user, secret);
  if (authorization === undefined) return { verdict: 'indeterminate', code: 'not-sendable' };
  const page = await site.get(site.url, { authorization });
  if ('kind' in page) return unanswered(page);
  const code = String(page.status);
  const scheme = settings.kind === 'basic' ? 'basic' : settings.scheme.toLowerCase();
  const asked = challenges(page.headers);
  if (page.status === 401 && asked.length > 0 && !asked.includes(scheme))
    return { verdict: 'indeterminate', code: `401 asks for ${asked.join(' ')}` };
  const said = pageMeans(
    [
      { rules: settings.accepted, means: 'accepted' as const },
      { rules: settings.rejected, means: 'rejected' as const },
      { rules: settings.blocked, means: 'blocked' as const },
    ],
    page,
  );
  if (said === undefined && redirectOf(page) !== undefined) return { verdict: 'indeterminate', code: `${code} elsewhere` };
  return { verdict: said ?? 'indeterminate', code };
}

/** Undefined = it cannot stand in the header: a colon in the user name would move into the password, a line break would end the header. */
function headerOf(settings: HeaderConfig, user: string, secret: Secret): string | undefined {
  return secret.text((text) => {
    if (settings.kind === 'basic')
      return user.includes(':') ? undefined : `Basic ${Buffer.from(`${user}:${text}`, 'utf8').toString('base64')}`;
    return /^[\x21-\x7e]+$/.test(text) ? `${settings.scheme} ${text}` : undefined;
  });
}
