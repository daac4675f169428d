// One lab controller with the connector open on it, and what every test of it asks: somebody to reset, a login, a version, a change past every rule.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LabSamba, startSamba } from '../../lab/samba.ts';
import { bindPath, kerberosPath } from '../../src/connectors/active-directory/probe.ts';
import type { AccountRef, Facts, Found, Probed, Secret } from '../../src/kit/kit.ts';
import { accountsOf, type Opened, openAd, refOf } from './active-directory-ground.ts';

export type One = {
  readonly lab: LabSamba;
  readonly ad: Opened;
  readonly url: string;
  readonly accounts: ReadonlyMap<string, Found>;
  /** A person nobody has touched yet. */
  someone(): AccountRef;
  ldaps(opened: Opened, account: AccountRef, secret: Secret): Promise<Probed>;
  kerberos(opened: Opened, account: AccountRef, secret: Secret): Promise<Probed>;
  /** A login by NTLM over LDAP (SASL), as an old client makes it. */
  ntlm(name: string, text: string): Promise<boolean>;
  facts(name: string): Promise<Facts>;
  /** How often the password was set, by the controller's own record. */
  version(account: AccountRef): Promise<unknown>;
  /** LDIF lines on one account, past every access rule. */
  change(name: string, lines: string): Promise<void>;
  stop(): Promise<void>;
};

/** Its password filter refuses what holds the word Filtered. */
export async function oneController(): Promise<One> {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-ad-'));
  const filter = join(folder, 'password-filter');
  writeFileSync(filter, '#!/bin/sh\n! grep -q Filtered\n', { mode: 0o755 });
  const lab = await startSamba({ dir: join(folder, 'lab'), passwordFilter: filter });
  const url = lab.controllers[0]?.url as string;
  const ad = await openAd(lab);
  const accounts = await accountsOf(ad);
  const facts = async (name: string) => (await accountsOf(ad)).get(name)?.facts ?? {};
  let next = 0;
  return {
    lab,
    ad,
    url,
    accounts,
    facts,
    someone: () => refOf(accounts, lab.names.person(next++)),
    ldaps: (opened, account, secret) => opened.probe.attempt(account, secret, { path: bindPath, replica: url }),
    kerberos: (opened, account, secret) => opened.probe.attempt(account, secret, { path: kerberosPath, replica: url }),
    ntlm: (name, text) => ntlmOn(lab, join(folder, 'ntlm'), name, text),
    version: async ({ name }) => (await facts(name)).passwordVersion,
    change: (name, lines) => lab.modify(`dn: ${lab.dn(name)}\nchangetype: modify\n${lines}\n`),
    stop: async () => {
      await ad[Symbol.asyncDispose]();
      await lab.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function ntlmOn(lab: LabSamba, file: string, name: string, text: string): Promise<boolean> {
  writeFileSync(file, `username = ${name}\npassword = ${text}\ndomain = LAB\n`, { mode: 0o600 });
  const ask = ['-H', `ldap://${lab.controllers[0]?.ip}`, '-A', file, '--use-kerberos=off', '-s', 'base', '-b', lab.base, 'dn'];
  return lab.tool('ldbsearch', ask).then(
    () => true,
    (error: Error) => {
      if (!/INVALID_CREDENTIALS|LOGON_FAILURE/.test(error.message)) throw error;
      return false;
    },
  );
}
