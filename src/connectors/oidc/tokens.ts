// Refresh tokens others may hold: revoked (RFC 7009), asked about (RFC 7662), and then tried. Only a refused try shows that one is dead.
import { type Capabilities, done, type Outcome, refused, type Session } from '../../kit/kit.ts';
import { type Answered, member, outcomeOf, type Reply, textAt } from '../../protocols/http/call.ts';
import type { OauthClient } from '../../protocols/oauth/client.ts';
import type { Endpoints } from '../../protocols/oauth/discovery.ts';
import { introspect, requestToken, revokeToken } from '../../protocols/oauth/endpoints.ts';
import type { Client } from './config.ts';
import { heldText } from './held-text.ts';
import type { Provider } from './provider.ts';

/** `iat` counts seconds. */
export const grainMs = 1000;
const undated = new Date(0);

type Known = { readonly id: string; readonly text: string };
type Ready = { readonly client: Client; readonly as: OauthClient; readonly at: Endpoints; readonly tokens: readonly Known[] };

export function sessions(provider: Provider): Capabilities['sessions'] {
  const { form, seconds } = provider.settings.accessTokens;
  const lifeMs = form === 'jwt' ? seconds * 1000 : 0;
  const given: Session = { id: 'access-tokens', startedAt: undated, from: 'services that check access tokens by themselves', own: false };
  return {
    grainMs,
    async list(account) {
      const ready = await prepare(provider, account);
      if (ready.kind !== 'done') return ready;
      const open: Session[] = [];
      for (const token of ready.value.tokens) {
        const session = await sessionOf(provider, ready.value, token);
        if (session.kind !== 'done') return session;
        if (session.value !== undefined) open.push(session.value);
      }
      return done(lifeMs > 0 ? [...open, given] : open);
    },
    async end(account, before) {
      const ready = await prepare(provider, account);
      if (ready.kind !== 'done') return ready;
      let ended = 0;
      let alive = 0;
      for (const token of ready.value.tokens) {
        const session = await sessionOf(provider, ready.value, token);
        if (session.kind !== 'done') return session;
        if (session.value !== undefined && session.value.startedAt >= before) continue;
        const dead = await endOne(provider, ready.value, token);
        if (dead.kind !== 'done') return dead;
        if (!dead.value) alive++;
        else if (session.value !== undefined) ended++;
      }
      const lifeLeft = lifeMs - Math.max(0, provider.io.now().getTime() - before.getTime());
      const given = lifeMs > 0 && lifeLeft > 0 ? 1 : 0;
      const left = alive + given;
      // Time ends access tokens; a refresh token that is still good it does not.
      return done({ ended, left, ...(alive === 0 && given > 0 ? { residualMs: lifeLeft } : {}) });
    },
  };
}

async function prepare(provider: Provider, account: Parameters<Provider['client']>[0]): Promise<Outcome<Ready>> {
  const client = provider.client(account);
  if (client.kind !== 'done') return client;
  const at = await provider.endpoints();
  if (at.kind !== 'done') return at;
  const as = await provider.current(client.value);
  if (as.kind !== 'done') return as;
  const { tokens } = client.value;
  const written = tokens === undefined ? [] : await provider.io.resolve(tokens).then(linesOf, () => undefined);
  if (written === undefined) return refused('auth', 'the known tokens of this client cannot be read: see where config.tokens points');
  return done({ client: client.value, as: as.value, at: at.value, tokens: written });
}

/** Numbered by line: a name made from a token would tell something about it. */
const linesOf = (secret: Parameters<typeof requestToken>[1]['secret'] & object): Known[] =>
  secret.text((text) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((line, n) => ({ id: `refresh-token:${n + 1}`, text: line })),
  );

/** Undefined: the provider calls it inactive. That may also mean that this client must not ask (RFC 7662 section 2.2). */
async function sessionOf(provider: Provider, { as, at, client }: Ready, token: Known): Promise<Outcome<Session | undefined>> {
  // Without introspection nobody dates it: it counts as older than any change.
  if (at.introspection === undefined) return done({ id: token.id, startedAt: undated, from: client.id, own: false });
  const reply = await introspect(at.introspection, as, token.text, 'refresh_token', provider.io);
  if (reply.kind !== 'answered' || reply.status !== 200) return outcomeOf(reply, clientRefused);
  if (member(reply.body, 'active') !== true) return done(undefined);
  const iat = member(reply.body, 'iat');
  const startedAt = typeof iat === 'number' ? new Date(iat * 1000) : undated;
  return done({ id: token.id, startedAt, from: textAt(reply.body, 'sub') ?? client.id, own: false });
}

const clientRefused = {
  400: { fault: 'protocol', certain: true, say: 'the provider does not take this request' },
  401: {
    fault: 'auth',
    certain: true,
    say: 'the provider does not take the secret of this client, and only the client may end its tokens',
  },
} as const;

/** True once a try with it was refused. What a try that succeeds gives out is revoked with it, and it is tried once more. */
async function endOne(provider: Provider, ready: Ready, token: Known): Promise<Outcome<boolean>> {
  const { at, as } = ready;
  for (let turn = 1; turn <= 2; turn++) {
    if (at.revocation !== undefined) {
      // 200 also for a token the provider never saw: no evidence, so the answer is not looked into further.
      const revoked = await revokeToken(at.revocation, as, token.text, 'refresh_token', provider.io);
      if (revoked.kind !== 'answered' || revoked.status !== 200) return outcomeOf(revoked, clientRefused);
    }
    const tried = await replay(provider, ready, token);
    if (tried.kind === 'answered' && tried.status === 400 && textAt(tried.body, 'error') === 'invalid_grant') return done(true);
    if (tried.kind !== 'answered' || tried.status !== 200) return outcomeOf(tried, clientRefused);
    await revokeAll(provider, ready, tried);
  }
  return done(false);
}

async function replay(provider: Provider, { at, as }: Ready, token: Known): Promise<Reply> {
  if (at.token === undefined) return { kind: 'not-sent', code: 'no-token-endpoint' };
  return requestToken(at.token, as, { kind: 'refresh_token', token: heldText('captured', token.text) }, undefined, provider.io);
}

async function revokeAll(provider: Provider, { at, as }: Ready, reply: Answered): Promise<void> {
  if (at.revocation === undefined) return;
  for (const hint of ['refresh_token', 'access_token'] as const) {
    const text = textAt(reply.body, hint);
    if (text !== undefined) await revokeToken(at.revocation, as, text, hint, provider.io);
  }
}
