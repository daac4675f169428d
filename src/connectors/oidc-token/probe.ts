// One token request with one secret at one node. What is given is handed back: a probe leaves nothing alive that it can end.
import type { AccountRef, Capabilities, Io, Probed, Secret } from '../../kit/kit.ts';
import { userOf } from '../../kit/settings.ts';
import { type Reply, type Target, textAt } from '../../protocols/http/call.ts';
import { hostOf, targetOf } from '../../protocols/http/settings.ts';
import type { OauthClient } from '../../protocols/oauth/client.ts';
import { requestToken, revokeToken } from '../../protocols/oauth/endpoints.ts';
import { gaveToken, verdictOf } from '../../protocols/oauth/verdict.ts';
import type { Config } from './config.ts';

export const tokenPath = 'oidc-token';

export function probe(settings: Config, io: Io): Capabilities['probe'] {
  const at = (url: string): Target => targetOf({ url, tls: settings.tls }, io);
  const nodes = [settings.tokenUrl, ...settings.replicas].map(at);
  const revocation = settings.revocationUrl === undefined ? undefined : at(settings.revocationUrl);
  return {
    paths: async () => nodes.map(({ base }) => ({ path: tokenPath, replica: hostOf(base) })),
    async attempt(account, secret, where) {
      const node = where.path === tokenPath ? nodes.find(({ base }) => hostOf(base) === where.replica) : undefined;
      if (node === undefined) return { verdict: 'indeterminate', code: 'no-such-path' };
      if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
      const client = await clientOf(settings, io, account, secret).catch(() => undefined);
      if (client === undefined) return { verdict: 'indeterminate', code: 'own-credential' };
      const user = userOf(settings.user, account);
      const grant =
        settings.grant === 'password' ? ({ kind: 'password', user, secret } as const) : ({ kind: 'client_credentials' } as const);
      const reply = await requestToken(node, client, grant, settings.scope, io);
      const probed: Probed = verdictOf(reply, settings.grant === 'password' ? 'user' : 'client', gaveToken);
      if (revocation !== undefined && probed.verdict === 'accepted') await handBack(revocation, client, reply, io);
      return probed;
    },
  };
}

async function clientOf(settings: Config, io: Io, account: AccountRef, secret: Secret): Promise<OauthClient> {
  if (settings.grant === 'client_credentials') return { id: userOf(settings.user, account), secret, auth: settings.auth };
  const { client } = settings;
  if (client === undefined) throw new Error('the config was not parsed');
  return {
    id: client.id,
    secret: client.secret === undefined ? undefined : await io.resolve(client.secret),
    auth: client.secret === undefined ? 'none' : client.auth,
  };
}

async function handBack(revocation: Target, client: OauthClient, reply: Reply, io: Io): Promise<void> {
  if (reply.kind !== 'answered') return;
  for (const [name, hint] of [
    ['refresh_token', 'refresh_token'],
    ['access_token', 'access_token'],
  ] as const) {
    const token = textAt(reply.body, name);
    if (token !== undefined) await revokeToken(revocation, client, token, hint, io);
  }
}
