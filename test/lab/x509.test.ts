// Certificates of a real CA on real servers: the old serial number is refused by handshake, by the list and by OCSP; whatever cannot be told is not told.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secretOf } from '../../src/seal/secret.ts';
import { fileText, type Ground, ground, sealing, value } from './x509-ground.ts';

let on: Ground;
const names = ['svc-orders', 'svc-lost', 'svc-late', 'svc-alert', 'svc-index', 'svc-stale'];
beforeAll(async () => {
  on = await ground(names);
}, 60_000);
afterAll(() => on?.stop());

const old = (name: string) => secretOf('old', on.ca.secrets[name] ?? '');
const serialsOf = async (name: string, more = {}) =>
  value(await (await on.open(more)).dualSecret.list(on.ref(name))).map(({ slot }) => slot);

test('a renewed certificate is accepted beside the old one; retired, the old one is refused by server, list and responder', async () => {
  const connection = await on.open();
  const account = on.ref('svc-orders');
  const { sealer, sealed } = sealing();
  expect(await on.say(connection, old('svc-orders'))).toEqual(['mtls accepted 200', 'crl accepted not-revoked', 'ocsp accepted good']);
  const [first = ''] = await serialsOf('svc-orders');
  const { slot, secret } = value(await connection.dualSecret.issue(account, sealer, 'rekey-r1-1'));
  expect(sealed.map((each) => each.slot)).toEqual([slot]);
  expect(sealed[0]?.text).toMatch(/^-----BEGIN PRIVATE KEY-----[\s\S]+-----BEGIN CERTIFICATE-----/);
  expect(await on.say(connection, secret)).toEqual(['mtls accepted 200', 'crl accepted not-revoked', 'ocsp accepted good']);
  expect((await on.say(connection, old('svc-orders')))[0]).toBe('mtls accepted 200');

  expect((await connection.dualSecret.retire(account, first)).kind).toBe('done');
  expect(await on.say(connection, old('svc-orders'))).toEqual(['mtls rejected 400', 'crl rejected revoked', 'ocsp rejected revoked']);
  expect(await on.say(connection, secret)).toEqual(['mtls accepted 200', 'crl accepted not-revoked', 'ocsp accepted good']);
  expect(await serialsOf('svc-orders')).toEqual([slot]);
  expect((await connection.dualSecret.retire(account, first)).kind).toBe('done');
  expect((await connection.dualSecret.retire(account, 'no-such-slot')).kind).toBe('done');
});

test('a certificate of the right form that the CA never issued is rejected on every path, though it names the CA', async () => {
  const connection = await on.open();
  const nonsense = secretOf('nonsense', await connection.secretForm.nonsense());
  expect(await on.say(connection, nonsense)).toEqual(['mtls rejected 400', 'crl rejected not-issued', 'ocsp rejected not-issued']);
  const password = secretOf('nonsense', 'not a certificate');
  expect((await on.say(connection, password)).every((said) => said.includes('indeterminate no-key-with-certificate'))).toBe(true);
});

test('TLS 1.3: the alert that comes after the handshake is waited for, and a revoked certificate is told from an unknown one', async () => {
  const connection = await on.open({ servers: [], ocsp: undefined });
  const { secret } = value(await connection.dualSecret.issue(on.ref('svc-alert'), sealing().sealer, 'rekey-r1-2'));
  const [first = ''] = (await serialsOf('svc-alert')).filter((slot) => slot !== secret.label);
  expect((await connection.dualSecret.retire(on.ref('svc-alert'), first)).kind).toBe('done');
  const server = await on.strict();
  try {
    const strict = await on.open({
      servers: [{ host: '127.0.0.1', port: server.port, ca: './ca/ca.pem' }],
      crl: undefined,
      ocsp: undefined,
    });
    expect(await on.say(strict, secret)).toEqual(['mtls accepted open']);
    expect(await on.say(strict, old('svc-alert'))).toEqual(['mtls rejected alert 44']);
    expect(await on.say(strict, secretOf('nonsense', await strict.secretForm.nonsense()))).toEqual([
      expect.stringMatching(/^mtls rejected alert (48|42|46|51)$/),
    ]);
  } finally {
    await server.stop();
  }
});

test('a revocation list that has ended makes a server refuse everybody: nobody is called rejected by the list itself or by an alert', async () => {
  const connection = await on.open();
  await on.ca.publishUntil(-3600);
  const server = await on.strict();
  try {
    expect((await on.say(connection, old('svc-stale')))[1]).toBe('crl indeterminate expired');
    const strict = await on.open({
      servers: [{ host: '127.0.0.1', port: server.port, ca: './ca/ca.pem' }],
      crl: undefined,
      ocsp: undefined,
    });
    expect(await on.say(strict, old('svc-stale'))).toEqual(['mtls indeterminate alert 45']);
    const checks = [];
    for await (const check of connection.check.run()) checks.push(check);
    expect(checks.find(({ id }) => id === 'crl')).toMatchObject({ verdict: 'fail', message: 'the revocation list is expired' });
  } finally {
    await server.stop();
    await on.ca.run('publish');
  }
});

test('nginx says 400 for an ended list too: with its own header named, only a revoked certificate is rejected', async () => {
  const rejected = [
    { status: 400, header: { 'x-client-verify': 'certificate revoked' } },
    { status: 400, header: { 'x-client-verify': 'certificate signature failure' } },
    { status: 400, header: { 'x-client-verify': 'unable to get local issuer certificate' } },
  ];
  const connection = await on.open({ servers: [{ host: '127.0.0.1', port: on.ports.nginx, ca: './ca/ca.pem', http: { rejected } }] });
  await on.ca.publishUntil(-3600);
  await on.nginx.reload();
  try {
    expect((await on.say(connection, old('svc-stale')))[0]).toBe('mtls indeterminate 400');
  } finally {
    await on.ca.run('publish');
  }
  await expect.poll(async () => (await on.say(connection, old('svc-stale')))[0]).toBe('mtls accepted 200');
  expect((await on.say(connection, old('svc-orders')))[0]).toBe('mtls rejected 400');
});

test('a retirement is not done before the published list shows it', async () => {
  const connection = await on.open({ publish: undefined });
  const [first = ''] = await serialsOf('svc-late');
  const early = await connection.dualSecret.retire(on.ref('svc-late'), first);
  expect(early).toMatchObject({ kind: 'indeterminate', fault: { target: 'not-published' } });
  expect((await on.say(connection, old('svc-late')))[1]).toBe('crl accepted not-revoked');
  await on.ca.run('publish');
  expect((await connection.dualSecret.retire(on.ref('svc-late'), first)).kind).toBe('done');
});

test('a certificate whose answer was lost is found by its label, and its key is nowhere', async () => {
  writeFileSync(join(on.ca.dir, 'slow'), '');
  const { sealer, sealed } = sealing();
  const connection = await on.open({}, { timeoutMs: 1500 });
  const lost = await connection.dualSecret.issue(on.ref('svc-lost'), sealer, 'rekey-r7-lost-1');
  rmSync(join(on.ca.dir, 'slow'));
  expect(lost.kind).toBe('indeterminate');
  expect(sealed).toEqual([]);
  const slots = value(await connection.dualSecret.list(on.ref('svc-lost')));
  expect(slots.map(({ label }) => label)).toEqual([undefined, 'rekey-r7-lost-1']);
  const orphan = slots.find(({ label }) => label !== undefined)?.slot ?? '';
  expect((await (await on.open()).dualSecret.retire(on.ref('svc-lost'), orphan)).kind).toBe('done');
  expect(await serialsOf('svc-lost')).toHaveLength(1);
});

test("a CA that says no is refused in its own words, one that breaks is in doubt, one that isn't there was never asked", async () => {
  const connection = await on.open();
  const issue = (name: string, more = {}) => on.open(more).then((c) => c.dualSecret.issue(on.ref(name), sealing().sealer, 'rekey-r1-9'));
  writeFileSync(join(on.ca.dir, 'refuse'), '');
  expect(await issue('svc-index')).toMatchObject({ kind: 'refused', fault: { code: 'policy', target: '65' } });
  rmSync(join(on.ca.dir, 'refuse'));
  writeFileSync(join(on.ca.dir, 'unrevokable'), '');
  const [first = ''] = await serialsOf('svc-index');
  expect(await connection.dualSecret.retire(on.ref('svc-index'), first)).toMatchObject({ kind: 'refused', fault: { code: 'permission' } });
  rmSync(join(on.ca.dir, 'unrevokable'));
  expect(await issue('svc-index', { issue: { command: ['/bin/false'] } })).toMatchObject({ kind: 'indeterminate', fault: { target: '1' } });
  expect(await issue('svc-index', { issue: { command: ['./no-such-program'] } })).toMatchObject({
    kind: 'refused',
    fault: { code: 'unreachable' },
  });
  expect(await issue('svc-unheard-of')).toMatchObject({ kind: 'refused', fault: { code: 'not-found' } });
  expect(await issue('--help')).toMatchObject({ kind: 'refused' });
  expect(await issue('svc-index', { issue: { command: ['/bin/cat', join(on.ca.dir, 'ca.pem')] } })).toMatchObject({
    kind: 'indeterminate',
    fault: { message: expect.stringContaining('another key') },
  });
});

test("openssl's own index is read like the command's list: live certificates only, names once", async () => {
  const index = { list: { index: './ca/index.txt' } };
  expect(await serialsOf('svc-index', index)).toEqual(await serialsOf('svc-index'));
  await on.ca.issue('svc-ended', { days: -1 });
  const connection = await on.open(index);
  const found = value(await connection.inventory.page({ limit: 100 }));
  expect(found.items.map(({ name }) => name)).toEqual([...names.filter((name) => name !== 'svc-late'), 'localhost'].sort());
  const pages = value(await connection.inventory.page({ limit: 3 }));
  expect(value(await connection.inventory.page({ limit: 100, cursor: pages.next ?? '' })).items[0]?.name).toBe(found.items[3]?.name);
});

test('no private key of ours is in a file of the CA or in a log of a server', async () => {
  const { sealer, sealed } = sealing();
  value(await (await on.open()).dualSecret.issue(on.ref('svc-orders'), sealer, 'rekey-r1-3'));
  const key = /KEY-----\n([^\n]+)/.exec(sealed[0]?.text ?? '')?.[1] ?? '';
  expect(key.length).toBeGreaterThan(40);
  const files = [on.ca.index, join(on.ca.dir, 'ca.log'), on.nginx.accessLog, on.nginx.errorLog].filter(existsSync);
  for (const file of files) expect(fileText(file)).not.toContain(key);
});
