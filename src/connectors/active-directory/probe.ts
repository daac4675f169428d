// The ways in that each controller is proved on: a simple bind over LDAPS, and Kerberos where the estate file names the realm.
import type { Where } from '../../domain/verdict.ts';
import type { AccountRef, Probed, Secret } from '../../kit/kit.ts';
import { readAccount } from './account.ts';
import { bindOn, type Names } from './bind.ts';
import type { Domain } from './domain.ts';
import { KerberosHome, kinitVerdict } from './kerberos.ts';

export const bindPath = 'ldaps';
export const kerberosPath = 'kerberos';

export async function pathsOf(domain: Domain): Promise<readonly Where[]> {
  const controllers = await domain.inOrder();
  const kinds = domain.settings.kerberos === undefined ? [bindPath] : [bindPath, kerberosPath];
  return controllers.flatMap(({ url }) => kinds.map((path) => ({ path, replica: url })));
}

export async function attemptOn(domain: Domain, names: Names, account: AccountRef, secret: Secret, where: Where): Promise<Probed> {
  const controller = domain.controller(where.replica);
  const realm = domain.settings.kerberos;
  if (controller !== undefined && where.path === bindPath) return bindOn(names, controller, account.id, secret);
  if (controller === undefined || where.path !== kerberosPath || realm === undefined)
    return { verdict: 'indeterminate', code: 'unknown-path' };
  // A line break would end the password on kinit's stdin early; an empty one is never sent.
  if (secret.text((text) => text === '' || /[\r\n]/.test(text))) return { verdict: 'indeterminate', code: 'empty-secret' };
  const entry = await readAccount(domain, account, controller);
  if (entry.kind !== 'done') return { verdict: 'indeterminate', code: entry.fault.target ?? entry.fault.code };
  const home = new KerberosHome(
    { realm: realm.realm, kdc: controller.endpoint.host, port: realm.port },
    domain.io.timeoutMs,
    domain.io.signal,
  );
  try {
    return kinitVerdict(await home.ticket(entry.value.name, secret));
  } finally {
    home.remove();
  }
}
