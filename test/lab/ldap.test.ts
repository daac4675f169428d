// On a real OpenLDAP with a replica: what a reset kills, what it does not, and that every trap on the way is seen.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sleep } from '../../lab/process.ts';
import { type Slapd, startSlapd } from '../../lab/slapd.ts';
import { startSwallow } from '../../lab/swallow.ts';
import type { Found } from '../../src/kit/capability.ts';
import type { AccountRef, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { accountsOf, doneOf, type Opened, openLdap, refOf } from './ldap-open.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-ldap-'));
const sent: string[] = [];
/** A fresh password, remembered for the last test: none of them may stand in any log. */
function fresh(): Secret {
  const value = `${randomBytes(18).toString('base64url')}-aA1`;
  sent.push(value);
  return secretOf('fresh', value);
}

let lab: Slapd;
let ldap: Opened;
let accounts: ReadonlyMap<string, Found>;
let primary: string;
let replica: string;
let next = 0;
/** Each test has an account of its own. */
const someone = (): { readonly ref: AccountRef; readonly old: Secret; readonly dn: string; readonly uid: string } => {
  const uid = lab.people.uid(next++);
  return { uid, ref: refOf(accounts, uid), old: secretOf('old', lab.initialPassword(uid)), dn: `uid=${uid},ou=people,${lab.base}` };
};
const probe = async (ref: AccountRef, secret: Secret, at = primary) =>
  (await ldap.probe.attempt(ref, secret, { path: 'bind', replica: at })).verdict;
const state = async (ref: AccountRef, at = primary) => doneOf(await ldap.state.read(ref, at));
const eventually = async (what: () => Promise<boolean>) => {
  for (let waited = 0; waited < 10_000 && !(await what()); waited += 100) await sleep(100);
};

beforeAll(async () => {
  lab = await startSlapd({ dir: join(folder, 'main'), people: 2_300, services: 5, replicas: 1, ppolicy: { maxFailure: 3 } });
  replica = (lab.replicas[0] as Slapd['replicas'][number]).ldapsUrl;
  primary = lab.ldapsUrl;
  ldap = await openLdap(lab, { replicas: [replica] });
  accounts = await accountsOf(ldap);
});
afterAll(async () => {
  await ldap?.[Symbol.asyncDispose]();
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('proof', () => {
  test('after a reset NEW is accepted, NONSENSE and OLD are rejected on every server, and a threshold of 3 never locks', async () => {
    const { ref, old } = someone();
    const secret = fresh();
    expect(await probe(ref, old)).toBe('accepted');
    expect((await ldap.setSecret.set(ref, secret)).kind).toBe('done');
    await eventually(async () => (await state(ref, replica)).marker === (await state(ref)).marker);
    for (const at of [primary, replica]) {
      const verdicts = [];
      for (const each of [secret, fresh(), old, secret]) verdicts.push(await probe(ref, each, at));
      expect(verdicts).toEqual(['accepted', 'rejected', 'rejected', 'accepted']);
      const lockout = doneOf(await ldap.lockout.read(ref, { path: 'bind', replica: at }));
      expect(lockout).toMatchObject({ threshold: 3, resetsOnSuccess: true });
      expect((await state(ref, at)).usable).toBe(true);
    }
  });

  test('a second stored password shows in the state, and the next reset leaves one', async () => {
    const { ref, old, dn } = someone();
    const second = 'Second-Stored-Value-1';
    lab.asRoot(`dn: ${dn}\nchangetype: modify\nadd: userPassword\nuserPassword: ${second}\n`);
    expect((await state(ref)).values).toBe(2);
    expect([await probe(ref, old), await probe(ref, secretOf('second', second))]).toEqual(['accepted', 'accepted']);
    const secret = fresh();
    doneOf(await ldap.setSecret.set(ref, secret));
    expect((await state(ref)).values).toBe(1);
    expect([await probe(ref, old), await probe(ref, secretOf('second', second)), await probe(ref, secret)]).toEqual([
      'rejected',
      'rejected',
      'accepted',
    ]);
  });

  test('a replica that lags still accepts OLD and shows another marker; once it has caught up it denies', async () => {
    const { ref, old } = someone();
    const line = lab.replicas[0] as Slapd['replicas'][number];
    line.pause();
    const secret = fresh();
    doneOf(await ldap.setSecret.set(ref, secret));
    await sleep(400);
    expect(await probe(ref, old, replica)).toBe('accepted');
    expect((await state(ref, replica)).marker).not.toBe((await state(ref)).marker);
    line.resume();
    await eventually(async () => (await state(ref, replica)).marker === (await state(ref)).marker);
    expect([await probe(ref, secret, replica), await probe(ref, old, replica), await probe(ref, secret, replica)]).toEqual([
      'accepted',
      'rejected',
      'accepted',
    ]);
  });

  test('a verdict never depends on the bind before it on the same connection', async () => {
    const people = [someone(), someone(), someone()];
    const tries = Array.from({ length: 120 }, (_, n) => ({ who: people[n % 3] as (typeof people)[number], right: n % 2 === 0 }));
    for (const { who, right } of tries)
      expect(await probe(who.ref, right ? who.old : secretOf('wrong', 'wrong-password-1A'))).toBe(right ? 'accepted' : 'rejected');
  });

  test('the marker changes with the password and not with failed logins, and changedAt is on the server clock', async () => {
    const { ref } = someone();
    const before = await state(ref);
    await probe(ref, fresh());
    expect((await state(ref)).marker).toBe(before.marker);
    doneOf(await ldap.setSecret.set(ref, fresh()));
    const after = await state(ref);
    expect(after.marker).not.toBe(before.marker);
    expect(after.changedAt?.getTime()).toBeGreaterThanOrEqual((before.now as Date).getTime());
    expect((after.now as Date).getTime() - (after.changedAt as Date).getTime()).toBeLessThan(5_000);
  });

  test('failed logins are counted on the server they happened on', async () => {
    const { ref, old } = someone();
    await probe(ref, fresh());
    const failures = async () => doneOf(await ldap.lockout.read(ref, { path: 'bind', replica: primary })).failures;
    expect(await failures()).toBe(1);
    expect(await probe(ref, old)).toBe('accepted');
    expect(await failures()).toBe(0);
  });
});

describe('writes', () => {
  test('setting the same password again is done, and three changes within one second all arrive', async () => {
    const { ref } = someone();
    const secret = fresh();
    expect((await ldap.setSecret.set(ref, secret)).kind).toBe('done');
    expect((await ldap.setSecret.set(ref, secret)).kind).toBe('done');
    for (const each of [fresh(), fresh(), fresh()]) {
      expect((await ldap.setSecret.set(ref, each)).kind).toBe('done');
      expect(await probe(ref, each)).toBe('accepted');
    }
  });

  test('what the policy refuses is refused, and the old password stays', async () => {
    const { ref, old } = someone();
    const outcome = await ldap.setSecret.set(ref, secretOf('short', 'Short-1'));
    expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'policy', target: '19' } });
    expect(await probe(ref, old)).toBe('accepted');
  });

  test.each([
    ['the answer is lost after the change: NEW is found in force', 'swallowReplies', ['accepted', 'rejected']],
    ['the request is lost before the change: OLD is found in force', 'loseRequests', ['rejected', 'accepted']],
  ] as const)('indeterminate when %s', async (_name, fault, expected) => {
    const { ref, old } = someone();
    const proxy = await startSwallow({ target: { host: '127.0.0.1', port: Number(new URL(lab.url).port) } });
    const through = await openLdap(lab, { url: `ldap://127.0.0.1:${proxy.port}` }, {}, 1_000);
    try {
      const armed = proxy[fault](Buffer.from('1.3.6.1.4.1.4203.1.11.1'));
      const secret = fresh();
      expect((await through.setSecret.set(ref, secret)).kind).toBe('indeterminate');
      if (fault === 'swallowReplies') await armed.answered;
      expect([await probe(ref, secret), await probe(ref, old)]).toEqual(expected);
      // The same connection object recovers by binding again, and the replay of the same value is safe.
      expect((await through.setSecret.set(ref, secret)).kind).toBe('done');
      expect(await probe(ref, secret)).toBe('accepted');
    } finally {
      await through[Symbol.asyncDispose]();
      await proxy.stop();
    }
  });

  test('a server that hangs is indeterminate after the timeout, and a bind there is no verdict', async () => {
    const { ref, old } = someone();
    const proxy = await startSwallow({ target: { host: '127.0.0.1', port: Number(new URL(lab.url).port) } });
    const through = await openLdap(lab, { url: `ldap://127.0.0.1:${proxy.port}` }, {}, 500);
    try {
      proxy.swallowReplies(Buffer.from('1.3.6.1.4.1.4203.1.11.1'), { sees: 'hang' });
      expect(await through.setSecret.set(ref, fresh())).toMatchObject({ kind: 'indeterminate', fault: { target: 'ETIMEDOUT' } });
      proxy.swallowReplies(Buffer.from(ref.locator as string), { sees: 'hang' });
      const [where] = await through.probe.paths();
      expect(await through.probe.attempt(ref, old, where as NonNullable<typeof where>)).toEqual({
        verdict: 'indeterminate',
        code: 'ETIMEDOUT',
      });
    } finally {
      await through[Symbol.asyncDispose]();
      await proxy.stop();
    }
  });

  test('an account that moved is reset where it is now, and whoever has its old name is left alone', async () => {
    const { ref, old, dn, uid } = someone();
    lab.asRoot(`dn: ${dn}\nchangetype: moddn\nnewrdn: uid=${uid}-moved\ndeleteoldrdn: 1\n`);
    lab.asRoot(
      `dn: ${dn}\nchangetype: add\nobjectClass: account\nobjectClass: simpleSecurityObject\nuid: ${uid}\nuserPassword: Somebody-Else-1\n`,
    );
    const secret = fresh();
    expect((await ldap.setSecret.set(ref, secret)).kind).toBe('done');
    expect(await probe(ref, secret)).toBe('accepted');
    expect(await probe(ref, old)).toBe('rejected');
    const other = refOf(await accountsOf(ldap), uid);
    expect(await probe(other, secretOf('else', 'Somebody-Else-1'))).toBe('accepted');
  });

  test('an account that is gone is refused as not found', async () => {
    const { ref, dn } = someone();
    lab.asRoot(`dn: ${dn}\nchangetype: delete\n`);
    expect(await ldap.setSecret.set(ref, fresh())).toMatchObject({ kind: 'refused', fault: { code: 'not-found' } });
  });

  test('Rekey does not cut off its own login', async () => {
    const own = [...accounts.values()].find(({ facts }) => facts.own === true) as Found;
    expect(own.privileged).toBe(true);
    const outcome = await ldap.setSecret.set({ system: 'lab', id: own.id, name: own.name, locator: own.locator as string }, fresh());
    expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
  });
});

describe('locks', () => {
  test('a blocked account answers blocked to the right password, and a reset lifts our own block', async () => {
    const { ref, old } = someone();
    doneOf(await ldap.contain.block(ref));
    expect(await probe(ref, old)).toBe('blocked');
    expect((await state(ref)).usable).toBe(false);
    doneOf(await ldap.setSecret.set(ref, fresh()));
    // A second reset (a canary's, a rollback) does not take the lifted block for an administrator's.
    const secret = fresh();
    doneOf(await ldap.setSecret.set(ref, secret));
    expect(await probe(ref, secret)).toBe('accepted');
    doneOf(await ldap.contain.unblock(ref));
    expect([await probe(ref, secret), await probe(ref, old)]).toEqual(['accepted', 'rejected']);
  });

  test("a reset keeps an administrator's lock closed, and unblock opens it", async () => {
    const { ref, dn } = someone();
    lab.asRoot(`dn: ${dn}\nchangetype: modify\nreplace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n`);
    const secret = fresh();
    doneOf(await ldap.setSecret.set(ref, secret));
    expect(await probe(ref, secret)).toBe('blocked');
    doneOf(await ldap.contain.unblock(ref));
    expect(await probe(ref, secret)).toBe('accepted');
  });

  test('the same value again on a locked account is refused, and leaves no doubt: nothing was changed, and another value can be set', async () => {
    const { ref, dn } = someone();
    lab.asRoot(`dn: ${dn}\nchangetype: modify\nreplace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n`);
    const secret = fresh();
    doneOf(await ldap.setSecret.set(ref, secret));
    expect(await ldap.setSecret.set(ref, secret)).toMatchObject({ kind: 'refused', fault: { code: 'policy' } });
    const other = fresh();
    doneOf(await ldap.setSecret.set(ref, other));
    doneOf(await ldap.contain.unblock(ref));
    expect([await probe(ref, other), await probe(ref, secret)]).toEqual(['accepted', 'rejected']);
  });

  test('an account locked by failed logins is blocked, not rejected', async () => {
    const { ref, old } = someone();
    for (let n = 0; n < 3; n++) await probe(ref, fresh());
    expect(await probe(ref, old)).toBe('blocked');
    expect((await state(ref)).usable).toBe(false);
  });

  test('a password that must be changed first is blocked although the server says success; a reset of a service clears that', async () => {
    const uid = lab.services.uid(1);
    const ref = refOf(accounts, uid);
    const policy = `cn=must-change,ou=policies,${lab.base}`;
    lab.asRoot(
      `dn: ${policy}\nchangetype: add\nobjectClass: device\nobjectClass: pwdPolicy\ncn: must-change\npwdAttribute: userPassword\npwdMustChange: TRUE\npwdMinLength: 15\n`,
    );
    lab.asRoot(
      `dn: ${lab.services.dn(1)}\nchangetype: modify\nadd: pwdPolicySubentry\npwdPolicySubentry: ${policy}\n-\nreplace: pwdReset\npwdReset: TRUE\n`,
    );
    expect(doneOf(await ldap.passwordPolicy.read(ref))).toEqual({ minLength: 15 });
    expect(doneOf(await ldap.passwordPolicy.read())).toMatchObject({ minLength: 12, history: 3 });
    const where = { path: 'bind', replica: primary };
    expect(await ldap.probe.attempt(ref, secretOf('old', lab.initialPassword(uid)), where)).toEqual({
      verdict: 'blocked',
      code: '0/2',
      right: true,
    });
    const secret = fresh();
    doneOf(await ldap.setSecret.set(ref, secret));
    expect(await ldap.probe.attempt(ref, secret, where)).toEqual({ verdict: 'accepted', code: '0' });
  });
});

describe('sessions', () => {
  test('one opened before the reset is seen, survives it, and is not called ended; ours are marked as ours', async () => {
    const { ref, old, dn, uid } = someone();
    const client = new Client({ url: lab.url });
    await client.bind(dn, lab.initialPassword(uid));
    const secret = fresh();
    doneOf(await ldap.setSecret.set(ref, secret));
    expect(await probe(ref, old)).toBe('rejected');
    expect(await probe(ref, secret)).toBe('accepted');
    expect((await client.search(lab.base, { scope: 'base' })).searchEntries).toHaveLength(1);
    const listed = doneOf(await ldap.sessions.list(ref));
    expect(listed.filter(({ own }) => !own)).toHaveLength(1);
    expect(listed.some(({ own }) => own)).toBe(true);
    const inAMoment = new Date(Date.now() + 5_000);
    expect(doneOf(await ldap.sessions.end(ref, inAMoment))).toEqual({ ended: 0, left: 1 });
    await client.unbind();
    await eventually(async () => doneOf(await ldap.sessions.end(ref, inAMoment)).left === 0);
    expect(doneOf(await ldap.sessions.end(ref, inAMoment)).left).toBe(0);
  });

  test('one on a replica is seen as well', async () => {
    const { ref, dn, uid } = someone();
    const client = new Client({ url: (lab.replicas[0] as Slapd['replicas'][number]).url });
    await client.bind(dn, lab.initialPassword(uid));
    expect(doneOf(await ldap.sessions.list(ref)).filter(({ own, id }) => !own && id.startsWith(replica))).toHaveLength(1);
    await client.unbind();
  });
});

describe('inventory', () => {
  test('every account is found once, with kind, owner and the secrets a reset does not cover', async () => {
    lab.asRoot(`dn: ${lab.people.dn(9)}\nchangetype: modify\nadd: sshPublicKey\nsshPublicKey: ssh-ed25519 AAAA\n`);
    const found = await accountsOf(ldap, 37);
    expect(found.size).toBeGreaterThanOrEqual(2_300 + 5 + 1 - 2);
    expect(found.get(lab.people.uid(9))).toMatchObject({
      kind: 'human',
      owner: lab.people.dn(1),
      name: `uid=${lab.people.uid(9)}`,
      facts: { otherSecrets: ['sshPublicKey'] },
    });
    expect(found.get(lab.services.uid(0))).toMatchObject({ kind: 'service', enabled: true });
    expect(new Set([...found.values()].map(({ id }) => id)).size).toBe(found.size);
  });

  test('a walk taken up by another process misses nobody, also when the entry it stopped at is gone', async () => {
    const all = new Set([...(await accountsOf(ldap)).values()].map(({ id }) => id));
    // 1000 and 2000 end where a page of the search for the place ends; 1100 lies inside one.
    for (const [limit, remove] of [
      [20, false],
      [1_000, false],
      [1_100, false],
      [2_000, false],
      [1_100, true],
    ] as const) {
      const first = doneOf(await ldap.inventory.page({ limit }));
      const seen = new Set(first.items.map(({ id }) => id));
      const last = first.items[first.items.length - 1] as Found;
      if (remove) lab.asRoot(`dn: ${last.locator}\nchangetype: delete\n`);
      const other = await openLdap(lab);
      let delivered = first.items.length;
      for (let cursor = first.next; cursor !== undefined; ) {
        const page = doneOf(await other.inventory.page({ cursor, limit: 500 }));
        for (const { id } of page.items) seen.add(id);
        delivered += page.items.length;
        cursor = page.next;
      }
      await other[Symbol.asyncDispose]();
      expect([...all].filter((id) => !seen.has(id))).toEqual([]);
      // A place found again is not paid for with a whole second walk.
      if (!remove) expect(delivered).toBeLessThanOrEqual(all.size + 1_000);
    }
  });

  test('filters of the estate file decide kind and choice', async () => {
    const narrow = await openLdap(lab, {}, { filter: '(|(uid=svc-*)(uid=p00000*))', serviceFilter: '(uid=p000003)' });
    const found = await accountsOf(narrow);
    expect(found.get('p000003')?.kind).toBe('service');
    expect(found.get('p000004')?.kind).toBe('human');
    expect([...found.keys()].every((login) => /^(svc-|p00000)/.test(login))).toBe(true);
    await narrow[Symbol.asyncDispose]();
  });
});

describe('restart', () => {
  test('the old password stays dead after the server restarts, and the connection logs in again by itself', async () => {
    const { ref, old } = someone();
    const secret = fresh();
    doneOf(await ldap.setSecret.set(ref, secret));
    await lab.restart();
    await sleep(100);
    expect([await probe(ref, secret), await probe(ref, old), await probe(ref, secret)]).toEqual(['accepted', 'rejected', 'accepted']);
    const again = fresh();
    doneOf(await ldap.setSecret.set(ref, again));
    expect(await probe(ref, again)).toBe('accepted');
  });
});

describe('secrecy', () => {
  test('no password stands in a server log, and an empty one never reaches a server', async () => {
    const ref = refOf(accounts, lab.services.uid(4));
    const where = { path: 'bind', replica: primary };
    expect(await ldap.probe.attempt(ref, secretOf('empty', ''), where)).toEqual({ verdict: 'indeterminate', code: 'empty-secret' });
    const logs = [lab.log, ...lab.replicas.map(({ log }) => log)].map((log) => readFileSync(log, 'utf8')).join('');
    expect(logs).toContain(`BIND dn="${lab.people.dn(0)}"`);
    expect(logs).not.toContain(`BIND dn="${lab.services.dn(4)}"`);
    expect(sent.length).toBeGreaterThan(20);
    for (const value of [...sent, lab.bindPassword]) expect(logs.includes(value)).toBe(false);
  });
});
