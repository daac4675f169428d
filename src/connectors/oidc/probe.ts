// A client shows its secret at an endpoint that asks for it. The revocation endpoint is asked to end a token that never was: nothing is
// given out and nothing ends.
import type { Capabilities } from '../../kit/kit.ts';
import type { OauthClient } from '../../protocols/oauth/client.ts';
import { requestToken, revokeToken } from '../../protocols/oauth/endpoints.ts';
import { gaveToken, verdictOf } from '../../protocols/oauth/verdict.ts';
import { heldText } from './held-text.ts';
import type { Provider } from './provider.ts';
import { secretWithin } from './slots.ts';

const clientPath = 'client';

export function probe(provider: Provider): Capabilities['probe'] {
  const { io, settings } = provider;
  return {
    paths: async () => [{ path: clientPath, replica: provider.replica }],
    async attempt(account, secret, where) {
      if (where.path !== clientPath || where.replica !== provider.replica) return { verdict: 'indeterminate', code: 'no-such-path' };
      if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
      const client = provider.client(account);
      if (client.kind !== 'done') return { verdict: 'indeterminate', code: 'no-such-client' };
      const at = await provider.endpoints();
      if (at.kind !== 'done') return { verdict: 'indeterminate', code: at.fault.target ?? at.fault.code };
      const as: OauthClient = {
        id: client.value.id,
        secret: heldText(
          secret.label,
          secret.text((text) => secretWithin(text)),
        ),
        auth: client.value.auth,
      };
      if (settings.probe === 'revocation') {
        if (at.value.revocation === undefined) return { verdict: 'indeterminate', code: 'no-revocation-endpoint' };
        const reply = await revokeToken(at.value.revocation, as, 'rekey-probe-no-such-token', 'refresh_token', io);
        return verdictOf(reply, 'client', () => true);
      }
      if (at.value.token === undefined) return { verdict: 'indeterminate', code: 'no-token-endpoint' };
      return verdictOf(await requestToken(at.value.token, as, { kind: 'client_credentials' }, undefined, io), 'client', gaveToken);
    },
  };
}
