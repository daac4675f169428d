// Client certificates of a real CA, in front of an nginx that reads its revocation list.
import { request } from 'node:https';
import { identityIn } from '../../../src/protocols/tls/pem.ts';
import { fileText, ground } from '../../lab/x509-ground.ts';
import { names } from '../io.ts';
import type { CrashTarget } from '../target.ts';

export async function start(accounts: number): Promise<CrashTarget> {
  const users = names(accounts, 'svc-');
  const on = await ground(users);
  return {
    accounts: users.map((name) => ({ ref: { id: name, name }, old: on.ca.secrets[name] ?? '' })),
    open: (reach) => on.open({}, { ...reach, timeoutMs: 20_000 }),
    accepts: (_account, text) => {
      const identity = identityIn(text);
      if (identity === undefined) return false;
      const options = {
        port: on.ports.nginx,
        host: '127.0.0.1',
        ca: fileText(on.ca.certificate),
        key: identity.keyText,
        cert: identity.chain,
      };
      return new Promise((resolve) => {
        request({ ...options, agent: false }, (answer) => resolve(answer.resume().statusCode === 200))
          .once('error', () => resolve(false))
          .end();
      });
    },
    // The CA's index is a file of one writer.
    atOnce: 1,
    most: 10,
    stop: () => on.stop(),
  };
}
