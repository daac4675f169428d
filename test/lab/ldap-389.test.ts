// On a real 389 Directory Server: its own names for ids, locks, counts and policies, and what its password-modify operation does and does not say.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DirectoryServer, startDirectoryServer } from '../../lab/directory-server.ts';
import { sleep } from '../../lab/process.ts';
import type { Check, Found } from '../../src/kit/capability.ts';
import type { AccountRef, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { accountsOf, doneOf, type Opened, openLdap, refOf } from './ldap-open.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-389-'));
const sent: string[] = [];
function fresh(): Secret {
  const value = `${randomBytes(18).toString('base64url')}-aA1`;
  sent.push(value);
  return secretOf('fresh', value);
}

let lab: DirectoryServer;
let ldap: Opened;
let accounts: ReadonlyMap<string, Found>;
let next = 0;
const someone = (): { readonly ref: AccountRef; readonly old: Secret; readonly dn: string; readonly uid: string } => {
  const uid = lab.people[next++] as string; // the lab has more people than this file has tests
  return { uid, ref: refOf(accounts, uid), old: secretOf('old', lab.initialPassword(uid)), dn: lab.dn(uid) };
};
const at = () => ({ path: 'bind', replica: lab.ldapsUrl });
const probe = (ref: AccountRef, secret: Secret) => ldap.probe.attempt(ref, secret, at());
const verdict = async (ref: AccountRef, secret: Secret) => (await probe(ref, secret)).verdict;
const state = async (ref: AccountRef) => doneOf(await ldap.state.read(ref, lab.ldapsUrl));
const lockout = async (ref: AccountRef) => doneOf(await ldap.lockout.read(ref, at()));
const change = (dn: string, ...lines: readonly string[]) => lab.asRoot(`dn: ${dn}\nchangetype: modify\n${lines.join('\n')}\n`);
/** Looks at one entry within a quarter of a second are one read, and what the directory manager changes is not known to the connector. */
const forgotten = () => sleep(300);

beforeAll(async () => {
  lab = await startDirectoryServer({ dir: join(folder, 'main'), people: 30 });
  ldap = await openLdap(lab);
  accounts = await accountsOf(ldap);
});
afterAll(async () => {
  await ldap?.[Symbol.asyncDispose]();
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('accounts', () => {
  test('the id is nsUniqueId, though the server gives an entryUUID as well, and an account that moved is reset where it is now', async () => {
    const { ref, old, dn, uid } = someone();
    expect(ref.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{8}){3}$/);
    lab.asRoot(`dn: ${dn}\nchangetype: moddn\nnewrdn: uid=${uid}-moved\ndeleteoldrdn: 1\n`);
    lab.asRoot(
      `dn: ${dn}\nchangetype: add\nobjectClass: account\nobjectClass: simpleSecurityObject\nuid: ${uid}\nuserPassword: Somebody-Else-1\n`,
    );
    const secret = fresh();
    doneOf(await ldap.setSecret.set(ref, secret));
    expect([await verdict(ref, secret), await verdict(ref, old)]).toEqual(['accepted', 'rejected']);
    const other = refOf(await accountsOf(ldap), uid);
    expect(await verdict(other, secretOf('else', 'Somebody-Else-1'))).toBe('accepted');
  });

  test('pages hold every account once, and Rekey does not reset its own', async () => {
    const found = await accountsOf(ldap, 7);
    expect(lab.people.filter((uid) => !found.has(uid) && !found.has(`${uid}-moved`))).toEqual([]);
    const own = found.get('rekey') as Found;
    expect(own).toMatchObject({ privileged: true, facts: { own: true } });
    const outcome = await ldap.setSecret.set({ system: 'lab', id: own.id, name: own.name, locator: own.locator as string }, fresh());
    expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
  });
});

describe('proof', () => {
  test('after a reset NEW is accepted, NONSENSE and OLD are rejected, also after a restart, and the change is dated on the server clock', async () => {
    const { ref, old } = someone();
    const before = await state(ref);
    expect(await verdict(ref, old)).toBe('accepted');
    const secret = fresh();
    doneOf(await ldap.setSecret.set(ref, secret));
    const after = await state(ref);
    expect(after.marker).not.toBe(before.marker);
    expect(after.changedAt?.getTime()).toBeGreaterThanOrEqual((before.now as Date).getTime());
    expect(after).toMatchObject({ values: 1, usable: true });
    expect([await verdict(ref, fresh()), await verdict(ref, old), await verdict(ref, secret)]).toEqual([
      'rejected',
      'rejected',
      'accepted',
    ]);
    await lab.restart();
    expect([await verdict(ref, old), await verdict(ref, secret)]).toEqual(['rejected', 'accepted']);
  });

  test('the password-modify operation replaces every stored value', async () => {
    const { ref, old, dn } = someone();
    change(dn, 'add: userPassword', 'userPassword: Second-Stored-Value-1');
    const second = secretOf('second', 'Second-Stored-Value-1');
    expect((await state(ref)).values).toBe(2);
    expect([await verdict(ref, old), await verdict(ref, second)]).toEqual(['accepted', 'accepted']);
    doneOf(await ldap.setSecret.set(ref, fresh()));
    expect((await state(ref)).values).toBe(1);
    expect([await verdict(ref, old), await verdict(ref, second)]).toEqual(['rejected', 'rejected']);
  });

  test('a login writes the hash of an older scheme anew: the marker moves, the date of the change does not', async () => {
    const { ref, dn } = someone();
    const salt = randomBytes(8);
    const digest = createHash('sha512').update('Of-Another-Scheme-1').update(salt).digest();
    change(dn, 'replace: userPassword', `userPassword: {SSHA512}${Buffer.concat([digest, salt]).toString('base64')}`);
    await forgotten();
    const before = await state(ref);
    expect(await verdict(ref, secretOf('old', 'Of-Another-Scheme-1'))).toBe('accepted');
    await expect.poll(async () => (await state(ref)).marker, { timeout: 10_000 }).not.toBe(before.marker);
    expect((await state(ref)).changedAt).toEqual(before.changedAt);
    // What a reset stores is of the scheme of the day: logins leave it as it is.
    const secret = fresh();
    doneOf(await ldap.setSecret.set(ref, secret));
    const reset = await state(ref);
    expect(await verdict(ref, secret)).toBe('accepted');
    await forgotten();
    expect((await state(ref)).marker).toBe(reset.marker);
  });
});

describe('writes', () => {
  test('setting the same password again is done: the operation says only 19, a replace says that it is in the history', async () => {
    const { ref, old } = someone();
    const secret = fresh();
    doneOf(await ldap.setSecret.set(ref, secret));
    doneOf(await ldap.setSecret.set(ref, secret));
    expect([await verdict(ref, secret), await verdict(ref, old)]).toEqual(['accepted', 'rejected']);
    const other = fresh();
    doneOf(await ldap.setSecret.set(ref, other));
    // One from before the last is in the history too, and is not the present one.
    expect(await ldap.setSecret.set(ref, secret)).toMatchObject({ kind: 'indeterminate', fault: { code: 'policy' } });
    expect(await verdict(ref, other)).toBe('accepted');
  });

  test('what the policy refuses is refused with its reason, and the old password stays', async () => {
    const { ref, old } = someone();
    const outcome = await ldap.setSecret.set(ref, secretOf('short', 'Short-1'));
    expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'policy', target: '19', message: expect.stringContaining('policy') } });
    expect(await verdict(ref, old)).toBe('accepted');
  });

  test('without TLS the password-modify operation is not taken (13), and a replace is: it is stored as a hash', async () => {
    const { ref, old, dn } = someone();
    const plain = await openLdap(lab, { url: lab.url });
    const secret = fresh();
    doneOf(await plain.setSecret.set(ref, secret));
    await plain[Symbol.asyncDispose]();
    expect([await verdict(ref, secret), await verdict(ref, old)]).toEqual(['accepted', 'rejected']);
    const client = new Client({ url: lab.url });
    await client.bind(lab.bindDn, lab.bindPassword);
    const { searchEntries } = await client.search(dn, { scope: 'base', attributes: ['userPassword'] });
    await client.unbind();
    expect(String(searchEntries[0]?.userPassword)).toMatch(/^\{PBKDF2/);
  });
});

describe('locks', () => {
  test('failures are read as the server counts them, and an account locked by them is blocked, not rejected', async () => {
    const { ref, old } = someone();
    expect(await lockout(ref)).toEqual({ threshold: 3, failures: 0, resetsOnSuccess: true, windowSeconds: 600 });
    expect(await verdict(ref, fresh())).toBe('rejected');
    expect((await lockout(ref)).failures).toBe(1);
    expect(await verdict(ref, old)).toBe('accepted');
    expect((await lockout(ref)).failures).toBe(0);
    for (let n = 0; n < 3; n++) await verdict(ref, fresh());
    expect((await lockout(ref)).failures).toBe(3);
    expect(await probe(ref, old)).toEqual({ verdict: 'blocked', code: '19/1' });
    expect((await state(ref)).usable).toBe(false);
    // A reset ends that lock, and leaves its instant standing in the entry.
    const secret = fresh();
    doneOf(await ldap.setSecret.set(ref, secret));
    expect((await state(ref)).usable).toBe(true);
    expect(await verdict(ref, secret)).toBe('accepted');
  });

  test('nsAccountLock: a blocked account is blocked to any password, and a reset lifts our own block', async () => {
    const { ref, old } = someone();
    doneOf(await ldap.contain.block(ref));
    expect(await probe(ref, old)).toEqual({ verdict: 'blocked', code: '53/1' });
    expect(await probe(ref, fresh())).toEqual({ verdict: 'blocked', code: '53/1' });
    expect((await state(ref)).usable).toBe(false);
    const secret = fresh();
    doneOf(await ldap.setSecret.set(ref, secret));
    expect([await verdict(ref, secret), await verdict(ref, old)]).toEqual(['accepted', 'rejected']);
    doneOf(await ldap.contain.unblock(ref));
    expect((await state(ref)).usable).toBe(true);
  });

  test("a reset keeps an administrator's nsAccountLock closed, and unblock opens it", async () => {
    const { ref, dn, uid } = someone();
    change(dn, 'replace: nsAccountLock', 'nsAccountLock: true');
    expect((await accountsOf(ldap)).get(uid)?.enabled).toBe(false);
    const secret = fresh();
    doneOf(await ldap.setSecret.set(ref, secret));
    expect(await verdict(ref, secret)).toBe('blocked');
    doneOf(await ldap.contain.unblock(ref));
    expect(await verdict(ref, secret)).toBe('accepted');
  });
});

describe('policy', () => {
  test('is read from cn=config, and an account with a policy of its own has that', async () => {
    const { ref, dn } = someone();
    expect(doneOf(await ldap.passwordPolicy.read(ref))).toEqual({ minLength: 12, history: 3 });
    const own = `cn=strict,ou=people,${lab.base}`;
    lab.asRoot(
      `dn: ${own}\nchangetype: add\nobjectClass: ldapSubentry\nobjectClass: passwordPolicy\ncn: strict\npasswordMinLength: 20\npasswordMaxFailure: 5\n`,
    );
    change('cn=config', 'replace: nsslapd-pwpolicy-local', 'nsslapd-pwpolicy-local: on');
    change(dn, 'replace: pwdpolicysubentry', `pwdpolicysubentry: ${own}`);
    const reader = await openLdap(lab);
    expect(doneOf(await reader.passwordPolicy.read(ref))).toEqual({ minLength: 20, history: 3 });
    expect(doneOf(await reader.lockout.read(ref, at())).threshold).toBe(5);
    await reader[Symbol.asyncDispose]();
    change('cn=config', 'replace: nsslapd-pwpolicy-local', 'nsslapd-pwpolicy-local: off');
  });

  test('who may not read cn=config is told that the threshold is unknown, not that there is none', async () => {
    const { ref, dn, uid } = someone();
    const blind = await openLdap(lab, { dn, password: lab.initialPassword(uid) });
    expect(doneOf(await blind.passwordPolicy.read())).toEqual({});
    const read = await blind.lockout.read(ref, at());
    if (read.kind === 'done') expect(read.value).toMatchObject({ threshold: undefined, failures: undefined });
    expect(await blind.setSecret.set(refOf(accounts, lab.people[0] as string), fresh())).toMatchObject({ kind: 'refused' });
    await blind[Symbol.asyncDispose]();
  });

  test('a password that must be changed first is blocked and right; a reset of a service clears that', async () => {
    const { uid } = someone();
    const service = `cn=batch-${uid},${lab.base}`;
    lab.asRoot(
      `dn: ${service}\nchangetype: add\nobjectClass: applicationProcess\nobjectClass: simpleSecurityObject\ncn: batch-${uid}\nuserPassword: Of-A-Service-1\n`,
    );
    change('cn=config', 'replace: passwordMustChange', 'passwordMustChange: on');
    const opened = await openLdap(lab);
    try {
      const all = await accountsOf(opened);
      const { ref: person } = someone();
      const first = fresh();
      doneOf(await opened.setSecret.set(person, first));
      expect(await probe(person, first)).toEqual({ verdict: 'blocked', code: '0/2', right: true });
      expect(all.get(`batch-${uid}`)?.kind).toBe('service');
      const ref = refOf(all, `batch-${uid}`);
      const secret = fresh();
      doneOf(await opened.setSecret.set(ref, secret));
      expect(await probe(ref, secret)).toEqual({ verdict: 'accepted', code: '0' });
    } finally {
      change('cn=config', 'replace: passwordMustChange', 'passwordMustChange: off');
      await opened[Symbol.asyncDispose]();
    }
  });
});

describe('the server itself', () => {
  test('a connection from before the reset is seen, survives it, and ends with the idle timeout', async () => {
    const { ref, dn, uid } = someone();
    const client = new Client({ url: lab.url });
    await client.bind(dn, lab.initialPassword(uid));
    expect(doneOf(await ldap.sessions.list(ref))).toMatchObject([{ from: '127.0.0.1', own: false }]);
    doneOf(await ldap.setSecret.set(ref, fresh()));
    expect(doneOf(await ldap.sessions.end(ref, new Date(Date.now() + 5_000)))).toEqual({ ended: 0, left: 1, residualMs: 3_600_000 });
    await client.unbind();
    await expect.poll(async () => doneOf(await ldap.sessions.end(ref, new Date(Date.now() + 5_000))).left, { timeout: 10_000 }).toBe(0);
  });

  test('doctor says ok for a sound server, and names what a login without rights cannot do in the words of this server', async () => {
    const read = async (opened: Opened): Promise<readonly Check[]> => {
      const out: Check[] = [];
      for await (const check of opened.check.run()) out.push(check);
      await opened[Symbol.asyncDispose]();
      return out;
    };
    const sound = await read(await openLdap(lab));
    expect(sound.map(({ id, verdict: said }) => `${id} ${said}`)).toEqual([
      'reach ok',
      'tls ok',
      'auth ok',
      'rights ok',
      'policy ok',
      'clock ok',
    ]);
    change(
      lab.base,
      'add: aci',
      'aci: (targetattr="objectClass || uid || nsUniqueId")(version 3.0; acl "people"; allow (read,search,compare) userdn="ldap:///all";)',
    );
    const { dn, uid } = someone();
    const poor = await read(await openLdap(lab, { dn, password: lab.initialPassword(uid) }));
    expect(poor.find(({ verdict: said }) => said === 'fail')).toMatchObject({
      id: 'rights',
      next: expect.stringContaining('aci: (targetattr="userPassword")'),
    });
  });

  test('no password stands in a log of the server', () => {
    const logs = lab.logs();
    expect(logs).toContain('389-Directory');
    expect(sent.length).toBeGreaterThan(15);
    for (const value of [...sent, lab.bindPassword]) expect(logs.includes(value)).toBe(false);
  });
});
