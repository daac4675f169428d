// Application credentials and EC2 keys on a real Keystone: slots side by side, orphans found by label, rights never wider, and what
// outlives a deletion.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LabKeystone, startKeystone } from '../../lab/keystone.ts';
import { startSwallow } from '../../lab/swallow.ts';
import { signedRequest } from '../../src/connectors/keystone-credentials/ec2.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { holderRef, type Kind, keeper, made, openCredentials } from './keystone-credentials-open.ts';
import { value } from './keystone-open.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-lab-kscred-'));
let lab: LabKeystone;
beforeAll(async () => {
  lab = await startKeystone({ dir: join(folder, 'ks'), users: ['ci', 'backup', 'wide', 'expiring', 'off', 'lost'], debug: true });
}, 300_000);
afterAll(async () => {
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Connection = Awaited<ReturnType<typeof openCredentials>>;
async function say(connection: Connection, name: string, text: string): Promise<string> {
  const [where] = await connection.probe.paths();
  if (where === undefined) throw new Error('no path');
  const { verdict, code } = await connection.probe.attempt(holderRef(lab, name), secretOf('x', text), where);
  return `${verdict} ${code}`;
}

describe.each<Kind>(['application', 'ec2'])('%s', (kind) => {
  test('the label is stored at the service, and a credential whose answer was lost is found by it and deleted', async () => {
    const proxy = await startSwallow({ target: { host: '127.0.0.1', port: lab.port } });
    const ref = holderRef(lab, 'lost');
    const connection = await openCredentials(lab, kind, {}, { url: `http://127.0.0.1:${proxy.port}` });
    value(await connection.dualSecret.list(ref));
    const request = kind === 'ec2' ? 'POST /v3/credentials' : `POST /v3/users/${lab.users.get('lost')?.id}/application_credentials`;
    const armed = proxy.swallowReplies(Buffer.from(request));
    const sealer = keeper();
    expect((await connection.dualSecret.issue(ref, sealer, `rekey-lost-${kind}-1`)).kind).toBe('indeterminate');
    expect([armed.hits, sealer.sealed.length]).toEqual([1, 0]);
    await armed.answered;
    const orphan = value(await connection.dualSecret.list(ref)).find(({ label }) => label === `rekey-lost-${kind}-1`);
    expect(orphan).toBeDefined();
    value(await connection.dualSecret.retire(ref, orphan?.slot ?? ''));
    expect(value(await connection.dualSecret.list(ref)).map(({ label }) => label)).not.toContain(`rekey-lost-${kind}-1`);
    value(await connection.dualSecret.issue(ref, sealer, `rekey-lost-${kind}-2`));
    expect(await say(connection, 'lost', sealer.sealed[0]?.text ?? '')).toBe('accepted 201');
    await proxy.stop();
  });

  test('a wrong secret beside a live id is rejected, a deleted credential too; a user that is switched off is blocked', async () => {
    const connection = await openCredentials(lab, kind);
    const first = await made(lab, kind, 'off');
    expect(await say(connection, 'off', first.text)).toBe('accepted 201');
    expect(await say(connection, 'off', 'no-pair-at-all')).toBe('rejected 401');
    const user = lab.users.get('off')?.id ?? '';
    await lab.ask('PATCH', `/users/${user}`, { user: { enabled: false } });
    expect(await say(connection, 'off', first.text)).toBe('blocked 401-disabled');
    await lab.ask('PATCH', `/users/${user}`, { user: { enabled: true } });
    value(await connection.dualSecret.retire(holderRef(lab, 'off'), first.slot));
    expect(await say(connection, 'off', first.text)).toBe('rejected 404');
    expect(await say(connection, 'off', '')).toBe('indeterminate empty-secret');
  });

  test('every holder is found once for each project, with what it holds', async () => {
    await made(lab, kind, 'ci', `found-${kind}`);
    const connection = await openCredentials(lab, kind);
    const found = value(await connection.inventory.page({ limit: 50 })).items.find(({ login }) => login === 'ci');
    expect(found).toMatchObject({ id: holderRef(lab, 'ci').id, kind: 'service', enabled: true });
    expect(found?.facts.credentials).toBeGreaterThan(0);
  });
});

test('tokens got with an application credential die with it; tokens got with an EC2 key do not, and their life is stated', async () => {
  const application = await made(lab, 'application', 'backup');
  const { id, secret } = JSON.parse(application.text) as { id: string; secret: string };
  const auth = { identity: { methods: ['application_credential'], application_credential: { id, secret } } };
  const byApplication = (await lab.ask('POST', '/auth/tokens', { auth })).token ?? '';
  const key = await made(lab, 'ec2', 'backup');
  const pair = JSON.parse(key.text) as { access: string; secret: string };
  const byKey = (await lab.ask('POST', '/ec2tokens', { credentials: signedRequest(pair.access, pair.secret, new Date()) })).token ?? '';
  expect([await lab.alive(byApplication), await lab.alive(byKey)]).toEqual([true, true]);
  const applications = await openCredentials(lab, 'application');
  const keys = await openCredentials(lab, 'ec2');
  value(await applications.dualSecret.retire(holderRef(lab, 'backup'), application.slot));
  value(await keys.dualSecret.retire(holderRef(lab, 'backup'), key.slot));
  expect([await lab.alive(byApplication), await lab.alive(byKey)]).toEqual([false, true]);
  expect(value(await applications.sessions.end(holderRef(lab, 'backup'), new Date()))).toEqual({ ended: 0, left: 0 });
  const left = value(await keys.sessions.end(holderRef(lab, 'backup'), new Date()));
  expect(left.left).toBe(1);
  expect(left.residualMs).toBeGreaterThan(3_590_000);
});

test('a new application credential has the rights of the one it replaces, not all the rights of its owner', async () => {
  const narrow = await made(lab, 'application', 'wide', 'narrow', { roles: [{ name: 'reader' }], unrestricted: false });
  const connection = await openCredentials(lab, 'application', {}, { lifetimeDays: 30 });
  const sealer = keeper();
  const issued = value(await connection.dualSecret.issue(holderRef(lab, 'wide'), sealer, 'rekey-wide-1'));
  const user = lab.users.get('wide')?.id ?? '';
  const shown = (await lab.ask('GET', `/users/${user}/application_credentials/${issued.slot}`)).body as {
    application_credential: { roles: { name: string }[]; expires_at: string };
  };
  expect(shown.application_credential.roles.map(({ name }) => name)).toEqual(['reader']);
  expect(shown.application_credential.expires_at).not.toBeNull();
  await made(lab, 'application', 'wide', 'other-rights');
  const refused = await connection.dualSecret.issue(holderRef(lab, 'wide'), sealer, 'rekey-wide-2');
  expect(refused).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
  const chosen = await openCredentials(lab, 'application', {}, { roles: ['reader'] });
  value(await chosen.dualSecret.retire(holderRef(lab, 'wide'), narrow.slot));
  expect((await chosen.dualSecret.issue(holderRef(lab, 'wide'), sealer, 'rekey-wide-3')).kind).not.toBe('indeterminate');
});

test('an expired application credential is blocked, not rejected: its secret may be the right one', async () => {
  const soon = new Date(Date.now() + 3000).toISOString().slice(0, 19);
  const short = await made(lab, 'application', 'expiring', 'short', { expires_at: soon });
  const connection = await openCredentials(lab, 'application');
  await expect.poll(() => say(connection, 'expiring', short.text), { timeout: 15_000 }).toBe('blocked 401-expired');
});

test('nobody but the owner makes an application credential: without its password that is said, and nothing is tried', async () => {
  const connection = await openCredentials(lab, 'application', {}, { owners: [] });
  const issued = await connection.dualSecret.issue(holderRef(lab, 'ci'), keeper(), 'rekey-ci-1');
  expect(issued).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
});

test('no secret is in what the server wrote down, at its most talkative', async () => {
  const connection = await openCredentials(lab, 'ec2');
  const sealer = keeper();
  value(await connection.dualSecret.issue(holderRef(lab, 'ci'), sealer, 'rekey-ci-log'));
  const { secret } = JSON.parse(sealer.sealed[0]?.text ?? '{}') as { secret: string };
  expect(await say(connection, 'ci', sealer.sealed[0]?.text ?? '')).toBe('accepted 201');
  expect(secret.length).toBeGreaterThan(20);
  expect(lab.logs()).not.toContain(secret);
  for (const { password } of lab.users.values()) expect(lab.logs()).not.toContain(password);
});
