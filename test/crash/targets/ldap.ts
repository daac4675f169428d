// People of a real OpenLDAP, over its plain port so that a proxy can stand before it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { startSlapd } from '../../../lab/slapd.ts';
import { ldap } from '../../../src/connectors/ldap/ldap.ts';
import { accountsOf, openLdap, refOf } from '../../lab/ldap-open.ts';
import { io } from '../io.ts';
import type { CrashTarget } from '../target.ts';

export async function start(accounts: number): Promise<CrashTarget> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-crash-ldap-'));
  const lab = await startSlapd({ dir, people: accounts, services: 0, sync: false, ppolicy: { maxFailure: 8 } });
  const reader = await openLdap(lab);
  const refs = await accountsOf(reader);
  await reader[Symbol.asyncDispose]();
  const port = Number(new URL(lab.url).port);
  return {
    accounts: Array.from({ length: accounts }, (_, n) => lab.people.uid(n)).map((uid) => ({
      ref: refOf(refs, uid),
      old: lab.initialPassword(uid),
    })),
    open: (reach, at = { host: '127.0.0.1', port }) =>
      ldap.open(
        ldap.config.parse({ url: `ldap://${at.host}:${at.port}`, base: lab.base, bind: { dn: lab.bindDn, password: { env: 'OWN' } } }),
        io(reach, lab.bindPassword),
      ),
    accepts: async ({ ref }, text) => {
      const client = new Client({ url: lab.url, timeout: 5000, connectTimeout: 5000 });
      try {
        await client.bind(ref.locator ?? '', text);
        return true;
      } catch (error) {
        if ((error as { code?: number }).code === 49) return false; // ldapts gives each result code an error of its own
        throw error;
      } finally {
        await client.unbind().catch(() => undefined);
      }
    },
    behind: { host: '127.0.0.1', port },
    stop: async () => {
      await lab.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
