// Keystone users on a real server: what a reset ends and what it does not, what a 401 hides, and what a list that is cut must not pass for.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LabKeystone, startKeystone } from '../../lab/keystone.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { made } from './keystone-credentials-open.ts';
import { fresh, openKeystone, userRef, value } from './keystone-open.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-lab-keystone-'));
let lab: LabKeystone;
let own: Awaited<ReturnType<typeof openKeystone>>;
beforeAll(async () => {
  lab = await startKeystone({
    dir: join(folder, 'ks'),
    users: ['alice', 'kept', 'revoked', 'locked', 'expired', 'long', 'second', 'nova'],
    compliance: { lockout_failure_attempts: '3' },
    debug: true,
  });
  own = await openKeystone(lab);
}, 300_000);
afterAll(async () => {
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function say(name: string, text: string, connection = own): Promise<string> {
  const [where] = await connection.probe.paths();
  if (where === undefined) throw new Error('no path');
  const { verdict, code } = await connection.probe.attempt(userRef(lab, name), secretOf('x', text), where);
  return `${verdict} ${code}`;
}
const first = (name: string): string => lab.users.get(name)?.password ?? '';

test('a reset ends every token given out before it', async () => {
  const { id, password } = lab.users.get('alice') as { id: string; password: string };
  const token = (await lab.login(id, password)) ?? '';
  expect(await lab.alive(token)).toBe(true);
  value(await own.setSecret.set(userRef(lab, 'alice'), fresh()));
  expect(await lab.alive(token)).toBe(false);
});

test('application credentials and EC2 keys survive a reset: without leave to delete them they are listed and left', async () => {
  const application = await made(lab, 'application', 'kept');
  await made(lab, 'ec2', 'kept');
  const { id, secret } = JSON.parse(application.text) as { id: string; secret: string };
  const auth = { identity: { methods: ['application_credential'], application_credential: { id, secret } } };
  value(await own.setSecret.set(userRef(lab, 'kept'), fresh()));
  expect((await lab.ask('POST', '/auth/tokens', { auth })).status).toBe(201);
  expect(value(await own.sessions.list(userRef(lab, 'kept'))).map((session) => session.id.split(':')[0])).toEqual([
    'application-credential',
    'ec2',
  ]);
  expect(value(await own.sessions.end(userRef(lab, 'kept'), new Date()))).toEqual({ ended: 0, left: 2 });
  const found = value(await own.inventory.page({ limit: 100 })).items.find(({ name }) => name === 'kept');
  expect(found?.facts).toMatchObject({ applicationCredentials: 1, ec2Keys: 1 });
});

test('with leave they are deleted and counted, and the credential used before is refused afterwards', async () => {
  const application = await made(lab, 'application', 'revoked');
  await made(lab, 'ec2', 'revoked');
  const { id, secret } = JSON.parse(application.text) as { id: string; secret: string };
  const auth = { identity: { methods: ['application_credential'], application_credential: { id, secret } } };
  const connection = await openKeystone(lab, {}, { revokeApplicationCredentials: true });
  value(await connection.setSecret.set(userRef(lab, 'revoked'), fresh()));
  expect((await lab.ask('POST', '/auth/tokens', { auth })).status).toBe(201);
  expect(value(await connection.sessions.end(userRef(lab, 'revoked'), new Date()))).toEqual({ ended: 2, left: 0 });
  expect((await lab.ask('POST', '/auth/tokens', { auth })).status).toBe(404);
  expect(value(await connection.sessions.end(userRef(lab, 'revoked'), new Date()))).toEqual({ ended: 0, left: 0 });
});

test('services honour a token they have just checked: so long is what is left, until it is over', async () => {
  const connection = await openKeystone(lab, {}, { tokenCacheSeconds: 300 });
  const soon = value(await connection.sessions.end(userRef(lab, 'alice'), new Date()));
  expect(soon).toMatchObject({ ended: 0, left: 1 });
  expect(soon.residualMs).toBeGreaterThan(290_000);
  expect(value(await connection.sessions.end(userRef(lab, 'alice'), new Date(Date.now() - 301_000)))).toEqual({ ended: 0, left: 0 });
});

test('a locked user is told the same as a wrong password: after enough refusals in a row the probe says that it cannot tell', async () => {
  const connection = await openKeystone(lab, {}, { lockout: { attempts: 3, seconds: 60 } });
  for (let n = 0; n < 3; n++) expect(await say('locked', `wrong-${n}-wrong-1`, connection)).toBe('rejected 401');
  expect(await say('locked', first('locked'), connection)).toBe('indeterminate 401-perhaps-locked');
  const next = fresh();
  value(await connection.setSecret.set(userRef(lab, 'locked'), next));
  const text = next.text((plain) => plain);
  expect(await say('locked', text, connection), 'a reset by an admin clears the lock').toBe('accepted 201');
  for (let n = 0; n < 3; n++) await say('locked', `wrong-${n}-wrong-1`, connection);
  expect(await say('locked', text, connection)).toBe('indeterminate 401-perhaps-locked');
  value(await connection.contain.unblock(userRef(lab, 'locked')));
  expect(await say('locked', text, connection), 'so does switching it on').toBe('accepted 201');
  const [where] = await connection.probe.paths();
  expect(value(await connection.lockout.read(userRef(lab, 'locked'), where as never))).toMatchObject({ threshold: 3, windowSeconds: 60 });
});

test('the service looks at 72 bytes only: a longer secret is refused, not sent', async () => {
  const head = `Ab1${'x'.repeat(69)}`;
  const { id } = lab.users.get('long') as { id: string };
  await lab.ask('PATCH', `/users/${id}`, { user: { password: `${head}-and-more` } });
  expect(await lab.login(id, `${head}-and-other-things`)).toBeDefined();
  const outcome = await own.setSecret.set(userRef(lab, 'long'), secretOf('v1', `${head}y`));
  expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'policy' } });
  expect(value(await own.passwordPolicy.read()).maxLength).toBe(72);
});

test('an expired password is blocked, and only the right one is told that it expired', async () => {
  const { id } = lab.users.get('expired') as { id: string };
  const right = fresh();
  value(await own.setSecret.set(userRef(lab, 'expired'), right));
  const { stateOf } = {
    stateOf: async () => value(await own.state.read(userRef(lab, 'expired'), (await own.state.replicas())[0] as string)),
  };
  expect((await stateOf()).usable).toBe(true);
  const { execFileSync } = await import('node:child_process');
  const expire = `import sqlite3; c=sqlite3.connect(${JSON.stringify(join(folder, 'ks', 'ks.db'))}, timeout=30); c.execute("update password set expires_at='2020-01-01 00:00:00', expires_at_int=1577836800000000 where local_user_id in (select id from local_user where user_id='${id}')"); c.commit()`;
  execFileSync('/usr/bin/python3', ['-c', expire]);
  expect(
    await say(
      'expired',
      right.text((text) => text),
    ),
  ).toBe('blocked 401-expired');
  expect(await say('expired', 'wrong-wrong-wrong-1')).toBe('rejected 401');
  expect((await stateOf()).usable).toBe(false);
});

test('the password rule is read from the service, and its refusal is one of policy', async () => {
  expect(value(await own.passwordPolicy.read())).toMatchObject({ minLength: 12, classes: 3 });
  const outcome = await own.setSecret.set(userRef(lab, 'second'), secretOf('v1', 'OnlyLettersAndNoDigits'));
  expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'policy', target: '400' } });
  expect(await say('second', first('second'))).toBe('accepted 201');
});

test('the change is dated where passwords expire, and services are told from people', async () => {
  const dated = await openKeystone(lab, {}, { policy: { passwordExpiresDays: 90 } });
  const before = Date.now();
  value(await dated.setSecret.set(userRef(lab, 'second'), fresh()));
  const [replica] = await dated.state.replicas();
  const { changedAt, marker } = value(await dated.state.read(userRef(lab, 'second'), replica as string));
  expect(marker).not.toBe('');
  // The service keeps whole seconds.
  expect(changedAt?.getTime()).toBeGreaterThan(before - 2000);
  expect(changedAt?.getTime()).toBeLessThan(Date.now() + 2000);
  const all = value(await own.inventory.page({ limit: 100 })).items;
  expect(all.find(({ name }) => name === 'nova')?.kind).toBe('service');
  expect(all.find(({ name }) => name === 'admin')).toMatchObject({ privileged: true, facts: { own: true } });
  expect(all.find(({ name }) => name === 'alice')?.privileged).toBe(false);
});

test('a wrong login of Rekey is told from a server that is down, and from an address that is no Identity service', async () => {
  const failing = async (io: object, more: object) => {
    const failed = [];
    const connection = await openKeystone(lab, io, more);
    for await (const check of connection.check.run()) if (check.verdict === 'fail') failed.push(check.id);
    return failed;
  };
  expect(await failing({}, {})).toEqual([]);
  expect(await failing({}, { user: 'nobody' })).toEqual(['auth']);
  expect(await failing({}, { url: `${lab.url}/elsewhere` })).toEqual(['reach']);
  expect(await failing({}, { url: 'http://127.0.0.1:1' })).toEqual(['reach']);
});

test('a token given in the second of a reset is dead already: after its own reset Rekey goes on in the next, and never blocks itself', async () => {
  const connection = await openKeystone(lab, {}, { policy: {} });
  const all = value(await connection.inventory.page({ limit: 100 })).items;
  const me = all.find(({ facts }) => facts.own === true);
  const ref = { system: 'lab-keystone', id: me?.id ?? '', name: 'admin' };
  expect(await connection.contain.block(ref)).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
  value(await connection.setSecret.set(ref, secretOf('v1', lab.admin.password)));
  value(await connection.inventory.page({ limit: 2 }));
});

test('no secret and no token is in what the server wrote down, at its most talkative', async () => {
  const secret = fresh('logged');
  value(await own.setSecret.set(userRef(lab, 'second'), secret));
  const text = secret.text((plain) => plain);
  expect(await say('second', text)).toBe('accepted 201');
  const logs = lab.logs();
  expect(logs.length).toBeGreaterThan(10_000);
  for (const each of [text, lab.admin.password, first('second')]) expect(logs).not.toContain(each);
});

test('a list that the server cuts is no inventory: that is said, and nothing is handed out as if it were all', async () => {
  const cut = await startKeystone({ dir: join(folder, 'cut'), users: ['a', 'b', 'c', 'd'], listLimit: 2 });
  try {
    const connection = await openKeystone(cut);
    expect((await connection.inventory.page({ limit: 100 })).kind).toBe('indeterminate');
    const failed = [];
    for await (const check of connection.check.run()) if (check.verdict === 'fail') failed.push(check.id);
    expect(failed).toEqual(['rights']);
  } finally {
    await cut.stop();
  }
}, 300_000);
