// What `doctor` says of a directory: every cause under its own name with a next step, and never a change to anyone.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort, sleep } from '../../lab/process.ts';
import { type Slapd, startSlapd } from '../../lab/slapd.ts';
import { serversCertificate } from '../../lab/slapd-tls.ts';
import type { Check } from '../../src/kit/capability.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { accountsOf, doneOf, type Opened, openLdap, type Reach, refOf } from './ldap-open.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-ldap-check-'));
let lab: Slapd;
beforeAll(async () => {
  // bind_anon_cred: a bind with an empty password says success, the worst of the settings a real directory may have.
  lab = await startSlapd({
    dir: join(folder, 'main'),
    people: 5,
    services: 2,
    replicas: 1,
    idleTimeoutSeconds: 1,
    directives: ['allow bind_anon_cred'],
  });
});
afterAll(async () => {
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function checked(reach: Reach, more: Record<string, unknown> = {}): Promise<readonly Check[]> {
  const opened = await openLdap(lab, reach, more);
  const out: Check[] = [];
  for await (const check of opened.check.run()) out.push(check);
  await opened[Symbol.asyncDispose]();
  return out;
}
const failures = (checks: readonly Check[]) => checks.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
const one = (checks: readonly Check[], id: string): Check => {
  const found = checks.find((check) => check.id === id);
  if (found === undefined) throw new Error(`no check ${id} in ${checks.map((check) => check.id)}`);
  return found;
};

describe('doctor', () => {
  test('says ok for a sound directory and leaves every entry as it was', async () => {
    const opened = await openLdap(lab);
    const ref = refOf(await accountsOf(opened), lab.people.uid(0));
    const before = doneOf(await opened.state.read(ref, lab.ldapsUrl));
    const checks = await checked({ replicas: [(lab.replicas[0] as Slapd['replicas'][number]).ldapsUrl] });
    expect(checks.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
      'reach ok',
      'tls ok',
      'auth ok',
      'rights ok',
      'policy ok',
      'clock ok',
      'replicas ok',
    ]);
    await sleep(300);
    expect(doneOf(await opened.state.read(ref, lab.ldapsUrl)).marker).toBe(before.marker);
    expect(doneOf(await opened.state.read(ref, lab.ldapsUrl)).usable).toBe(true);
    await opened[Symbol.asyncDispose]();
  });

  test('tells an unreachable server, a foreign CA, a wrong bind password and a missing right apart', async () => {
    const foreign = serversCertificate(folder, 'foreign').ca;
    const cases: readonly (readonly [Reach, string, RegExp])[] = [
      [{ url: `ldaps://127.0.0.1:${await freePort()}` }, 'reach', /listens on that port/],
      [{ ca: foreign }, 'tls', /config\.ca/],
      [{ url: `ldaps://127.0.0.1:${new URL(lab.url).port}` }, 'tls', /speaks TLS/],
      [{ password: 'Wrong-Password-1' }, 'auth', /bind\.password/],
      [{ password: '' }, 'auth', /bind\.password/],
      [{ unreadable: 'LAB_BIND is not set' }, 'auth', /bind\.password/],
      [{ dn: lab.services.dn(0), password: lab.initialPassword(lab.services.uid(0)) }, 'rights', /userPassword by dn\.exact/],
    ];
    for (const [reach, id, next] of cases) {
      const checks = await checked(reach);
      expect(failures(checks)).toEqual([id]);
      expect(one(checks, id).next).toMatch(next);
      expect(JSON.stringify(checks)).not.toContain('Wrong-Password-1');
    }
  });

  test('names an account that the password policy does not bind', async () => {
    const checks = await checked({ dn: lab.rootDn, password: lab.rootPassword });
    expect(one(checks, 'rights-policy')).toMatchObject({ verdict: 'warn', next: expect.stringMatching(/level write/) });
  });

  test('names a replica that lags and one that is down', async () => {
    const line = lab.replicas[0] as Slapd['replicas'][number];
    const down = `ldaps://127.0.0.1:${await freePort()}`;
    line.pause();
    const opened = await openLdap(lab);
    const ref = refOf(await accountsOf(opened), lab.people.uid(1));
    doneOf(await opened.setSecret.set(ref, secretOf('fresh', 'Lag-Makes-A-Change-1')));
    await opened[Symbol.asyncDispose]();
    const checks = await checked({ replicas: [line.ldapsUrl, down] });
    line.resume();
    const replicas = checks.filter(({ id }) => id === 'replicas');
    expect(replicas.map(({ verdict }) => verdict)).toEqual(['warn', 'fail']);
    expect(replicas[0]?.message).toContain('does not have every change');
    expect(replicas[1]?.message).toContain(down);
  });

  test('StartTLS is TLS, and plain ldap is named as such', async () => {
    expect(one(await checked({ url: lab.url }, { startTls: true }), 'tls').verdict).toBe('ok');
    expect(one(await checked({ url: lab.url }), 'tls')).toMatchObject({ verdict: 'warn' });
  });
});

describe('a server that takes unauthenticated binds and cuts idle connections', () => {
  let opened: Opened;
  afterAll(() => opened?.[Symbol.asyncDispose]());

  test('an empty password is no verdict, and after an idle cut the next write is made by an authenticated connection', async () => {
    opened = await openLdap(lab);
    const ref = refOf(await accountsOf(opened), lab.people.uid(2));
    const where = { path: 'bind', replica: lab.ldapsUrl };
    expect(await opened.probe.attempt(ref, secretOf('empty', ''), where)).toEqual({ verdict: 'indeterminate', code: 'empty-secret' });
    for (let n = 0; n < 2; n++) {
      await sleep(2_600);
      const secret = secretOf('fresh', `After-Idle-${n}-aA1`);
      expect((await opened.setSecret.set(ref, secret)).kind).toBe('done');
      expect((await opened.probe.attempt(ref, secret, where)).verdict).toBe('accepted');
    }
  });

  test('a password that cannot be read is a refusal, and a closed connection stays closed', async () => {
    const ref = refOf(await accountsOf(opened), lab.people.uid(2));
    const blind = await openLdap(lab, { unreadable: 'LAB_BIND is not set' });
    expect(await blind.setSecret.set(ref, secretOf('fresh', 'Never-Sent-1-aA'))).toMatchObject({
      kind: 'refused',
      fault: { code: 'auth', message: expect.stringContaining('LAB_BIND is not set') },
    });
    await blind[Symbol.asyncDispose]();
    const shut = await openLdap(lab);
    await shut[Symbol.asyncDispose]();
    expect(await shut.setSecret.set(ref, secretOf('fresh', 'Never-Sent-1-aA'))).toMatchObject({
      kind: 'refused',
      fault: { target: 'ECLOSED' },
    });
    expect((await shut.probe.attempt(ref, secretOf('v', 'Never-Sent-1-aA'), { path: 'bind', replica: lab.ldapsUrl })).verdict).toBe(
      'indeterminate',
    );
  });

  test('the idle timeout is the time a silent old session has left', async () => {
    const { Client } = await import('ldapts');
    const ref = refOf(await accountsOf(opened), lab.people.uid(3));
    const client = new Client({ url: lab.url });
    await client.bind(lab.people.dn(3), lab.initialPassword(lab.people.uid(3)));
    expect(doneOf(await opened.sessions.end(ref, new Date(Date.now() + 5_000)))).toEqual({ ended: 0, left: 1, residualMs: 1_000 });
    await client.unbind();
  });

  test('who may not read cn=Monitor is told so, and is not told there are no sessions', async () => {
    const uid = lab.services.uid(0);
    const blind = await openLdap(lab, { dn: lab.services.dn(0), password: lab.initialPassword(uid) });
    const ref = refOf(await accountsOf(opened), lab.people.uid(3));
    expect(await blind.sessions.list(ref)).toMatchObject({ kind: 'refused', fault: { code: 'permission' } });
    const lockout = doneOf(await blind.lockout.read(ref, { path: 'bind', replica: lab.ldapsUrl }));
    expect(lockout.failures).toBeUndefined();
    expect(await blind.setSecret.set(ref, secretOf('fresh', 'Not-Permitted-1'))).toMatchObject({
      kind: 'refused',
      fault: { code: 'permission', target: '50' },
    });
    await blind[Symbol.asyncDispose]();
  });
});
