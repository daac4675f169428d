// Users of a real SCIM service. SCIM has no login: the application's own is the path that is proved.
import { startScim } from '../../../lab/scim-server.ts';
import { done } from '../../../src/kit/kit.ts';
import { openScim, userRef } from '../../lab/scim-open.ts';
import { names } from '../io.ts';
import type { CrashTarget } from '../target.ts';

const verdicts = {
  in: { verdict: 'accepted', code: '200' },
  wrong: { verdict: 'rejected', code: '401' },
  deactivated: { verdict: 'blocked', code: '403' },
} as const;

export async function start(accounts: number): Promise<CrashTarget> {
  const users = names(accounts);
  const lab = await startScim({ users });
  const own = { host: '127.0.0.1', port: lab.port };
  return {
    accounts: users.map((name) => ({ ref: userRef(lab, name), old: lab.first[name] ?? '' })),
    open: async (reach, at = own) => ({
      ...(await openScim(lab, reach, { url: `http://${at.host}:${at.port}/scim/v2` })),
      probe: {
        paths: async () => [{ path: 'application', replica: lab.loginUrl }],
        attempt: async (account, secret) => {
          const said = await secret.text((text) => lab.logsIn(account.name, text)).catch(() => undefined);
          return said === undefined ? { verdict: 'indeterminate', code: 'no answer' } : verdicts[said];
        },
      },
      lockout: { read: async () => done({ threshold: 0, failures: 0, resetsOnSuccess: true }) },
    }),
    accepts: async ({ ref }, text) => (await lab.logsIn(ref.name, text)) === 'in',
    behind: own,
    stop: () => lab.stop(),
  };
}
