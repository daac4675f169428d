// Secrets of clients at a real OpenID provider, which makes them anew and keeps one.
import { startOidc } from '../../../lab/oidc-server.ts';
import { clientRef, openOidc } from '../../lab/oidc-open.ts';
import { names } from '../io.ts';
import type { CrashTarget } from '../target.ts';

export async function start(accounts: number): Promise<CrashTarget> {
  const clients = names(accounts, 'crash-');
  const lab = await startOidc({ clients });
  const variable = (id: string): string => id.replace('-', '_');
  const env = Object.fromEntries(clients.map((id) => [variable(id), lab.registrationTokens[id] ?? '']));
  const own = { host: '127.0.0.1', port: lab.port };
  return {
    accounts: clients.map((id) => ({ ref: clientRef(id), old: lab.secrets[id] ?? '' })),
    open: (reach, at = own) =>
      openOidc(lab, clients[0] ?? '', env, reach, {
        clients: clients.map((id) => ({
          id,
          registration: { url: lab.registrationUrl(id).replace(`:${own.port}/`, `:${at.port}/`), token: { env: variable(id) } },
        })),
      }),
    accepts: async ({ ref }, text) => (await lab.ask('/token', ref.id, text, { grant_type: 'client_credentials' })).status === 200,
    behind: own,
    stop: () => lab.stop(),
  };
}
