// What doctor shows of one provider: reach, TLS, what it can end and show, and for each client whether its registration and its secret are
// good.
import type { Capabilities, Check } from '../../kit/kit.ts';
import { clockCheck, protectedBy, unreached } from '../../protocols/http/checks.ts';
import type { Endpoints } from '../../protocols/oauth/discovery.ts';
import { revokeToken } from '../../protocols/oauth/endpoints.ts';
import { verdictOf } from '../../protocols/oauth/verdict.ts';
import type { Client } from './config.ts';
import type { Provider } from './provider.ts';

export function check(provider: Provider): Capabilities['check'] {
  return {
    async *run() {
      const began = provider.io.now();
      const at = await provider.endpoints();
      if (at.kind !== 'done') {
        yield at.fault.code === 'unreachable'
          ? unreached(at.fault.target ?? '', provider.replica, 'config.issuer')
          : {
              id: 'reach',
              verdict: 'fail',
              message: at.fault.message,
              next: 'Write the issuer exactly as in /.well-known/openid-configuration.',
            };
        return;
      }
      yield { id: 'reach', verdict: 'ok', message: `${provider.replica} answers as ${at.value.issuer}` };
      yield protectedBy(provider.target.base);
      yield* abilities(at.value);
      for (const client of provider.settings.clients) yield* clientChecks(provider, at.value, client);
      if (at.value.date !== undefined) yield clockCheck(at.value.date, began, provider.io.now());
    },
  };
}

function* abilities(at: Endpoints): Generator<Check> {
  if (at.revocation === undefined)
    yield {
      id: 'rights',
      verdict: 'warn',
      message: 'the provider has no revocation endpoint: refresh tokens cannot be ended, and secrets are proved by client_credentials only',
      next: 'Set probe: client_credentials, and end tokens with the tools of the provider.',
    };
  if (at.introspection === undefined)
    yield {
      id: 'rights',
      verdict: 'warn',
      message: 'the provider has no introspection endpoint: that a token is dead shows only when it is tried',
      next: 'Nothing to do: each known token is tried after it was revoked.',
    };
  if (at.revocation !== undefined && at.introspection !== undefined)
    yield { id: 'rights', verdict: 'ok', message: 'tokens can be revoked and asked about' };
}

async function* clientChecks(provider: Provider, at: Endpoints, client: Client): AsyncGenerator<Check> {
  const registration = provider.registration(client);
  if (registration.kind !== 'done') {
    yield {
      id: 'rights',
      verdict: 'warn',
      message: `${client.id}: its secret cannot be replaced from here`,
      next: 'Give registration.url and registration.token of the client, or replace its secret at the provider.',
    };
  } else {
    const read = await registration.value.read();
    if (read.kind !== 'done')
      yield {
        id: 'auth',
        verdict: 'fail',
        message: `${client.id}: ${read.fault.message}`,
        next: 'Issue a new registration token for this client at the provider.',
      };
    else
      yield {
        id: 'policy',
        verdict: 'warn',
        message: `${client.id}: its secret is replaced at once; between that and its delivery the client cannot log in`,
        next: 'Plan its reset for a moment when that is bearable.',
      };
  }
  const as = await provider.current(client);
  if (as.kind !== 'done' || as.value.secret === undefined || at.revocation === undefined) return;
  const { verdict, code } = verdictOf(
    await revokeToken(at.revocation, as.value, 'rekey-probe-no-such-token', 'refresh_token', provider.io),
    'client',
    () => true,
  );
  if (verdict === 'accepted') yield { id: 'auth', verdict: 'ok', message: `${client.id}: the provider takes its secret` };
  else
    yield {
      id: 'auth',
      verdict: 'fail',
      message: `${client.id}: the provider does not take the secret we have (${code}): its tokens cannot be ended`,
      next: 'Put the right secret where secret of this client points, and check its auth method.',
    };
}
