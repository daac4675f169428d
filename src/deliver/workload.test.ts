// A workload gets what rekey.yaml says it may have when it proves who it is, and nobody gets anything by a proof that is old, borrowed, weak or made up.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfSigned } from '../../lab/self-signed.ts';
import { type Delivery, deliveryGround } from '../../test/harness/delivery.ts';
import type { WorkloadSpec } from '../estate/delivery.ts';
import { claimMatches, matchesPattern } from './claim-pattern.ts';
import { clientAuthorities } from './workload-certificate.ts';

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
type Issuer = { readonly url: string; readonly keys: Keys; readonly kid: string; readonly server: Server };

async function issuerOf(kid: string): Promise<Issuer> {
  const keys = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(keys.publicKey)), kid, alg: 'RS256', use: 'sig' };
  const server = createServer((request, answer) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    answer.setHeader('content-type', 'application/json');
    if (request.url === '/.well-known/openid-configuration') answer.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks` }));
    else if (request.url === '/jwks') answer.end(JSON.stringify({ keys: [jwk] }));
    else answer.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, keys, kid, server };
}

describe('a pattern', () => {
  test.each([
    ['repo:acme/*:ref:refs/heads/main', 'repo:acme/orders:ref:refs/heads/main', true],
    ['repo:acme/*:ref:refs/heads/main', 'repo:acme/orders/evil:ref:refs/heads/main', false],
    ['repo:acme/*:ref:refs/heads/main', 'repo:acme/evil:environment:x:ref:refs/heads/main', false],
    ['repo:acme/*:ref:refs/heads/main', 'xrepo:acme/orders:ref:refs/heads/main', false],
    ['repo:acme/*:ref:refs/heads/main', 'repo:acme/orders:ref:refs/heads/main2', false],
    ['system:serviceaccount:prod:*', 'system:serviceaccount:prod:orders', true],
    ['system:serviceaccount:prod:*', 'system:serviceaccount:prod:a:b', false],
    ['a*b*c', 'aXXbYbZc', true],
    ['a.c', 'abc', false],
    ['*', '', true],
  ])('%s against %s is %s', (pattern, text, is) => expect(matchesPattern(pattern, text)).toBe(is));
  test('of many stars against a long text ends at once', () => {
    const started = performance.now();
    expect(matchesPattern(`${'*a'.repeat(200)}b`, 'a'.repeat(16_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
  test('needs a text, number, truth value or a list that has one', () => {
    expect([claimMatches('1', 1), claimMatches('true', true), claimMatches('a', ['b', 'a']), claimMatches('a', [['a']])]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    for (const claim of [null, undefined, {}, { toString: () => 'a' }]) expect(claimMatches('*', claim)).toBe(false);
  });
});

describe('with a token', () => {
  let ground: Delivery;
  let ours: Issuer;
  let theirs: Issuer;
  const sub = 'repo:acme/orders:ref:refs/heads/main';
  beforeAll(async () => {
    [ours, theirs] = [await issuerOf('k1'), await issuerOf('k1')];
    const token = {
      issuer: ours.url,
      audience: 'rekey',
      algorithms: ['RS256', 'ES256'],
      claims: { sub: 'repo:acme/*:ref:refs/heads/main' },
    } as const;
    const workloads: WorkloadSpec[] = [
      { id: 'acme-ci', token, may: ['orders-db/app'] },
      { id: 'other', token: { ...token, issuer: theirs.url }, may: ['orders-db/other'] },
    ];
    ground = await deliveryGround({ workloads });
    await ground.add({ id: 'app', secret: 'app-secret', version: 3 });
    await ground.add({ id: 'other', secret: 'other-secret' });
  });
  afterAll(async () => {
    ours.server.close();
    theirs.server.close();
    await ground.close();
  });
  const claims = (more: JWTPayload = {}): JWTPayload => {
    const at = Math.floor(ground.clock.now.getTime() / 1000);
    return { iss: ours.url, aud: 'rekey', sub, iat: at, exp: at + 300, ...more };
  };
  const signed = (payload: JWTPayload, issuer = ours, header: { alg?: string; kid?: string } = {}) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: issuer.kid, ...header }).sign(issuer.keys.privateKey);
  const ask = (token: string | undefined, payload: object = { system: 'orders-db', account: 'app' }) =>
    ground.api.inject({
      method: 'POST',
      url: '/v1/workload/credential',
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      payload,
    });

  test('gets the live value, on record before it leaves, never cached', async () => {
    const reply = await ask(await signed(claims()));
    expect([reply.statusCode, reply.json()]).toEqual([200, { secret: 'app-secret', version: 3, setAt: expect.any(String) }]);
    expect([reply.headers['cache-control'], reply.headers.etag]).toEqual(['no-store', '"3"']);
    expect((await ground.lines()).at(-1)).toMatchObject({
      kind: 'reveal',
      by: 'workload acme-ci',
      subject: sub,
      outcome: 'given',
      version: 3,
    });
  });
  test('that knows the version already gets no value, and nothing is opened', async () => {
    const opened = ground.opened.count;
    const reply = await ask(await signed(claims()), { system: 'orders-db', account: 'app', known: 3 });
    expect([reply.statusCode, reply.json().secret, ground.opened.count]).toEqual([200, null, opened]);
    expect((await ask(await signed(claims()), { system: 'orders-db', account: 'app', known: 2 })).json().secret).toBe('app-secret');
  });
  test.each<[string, () => Promise<string | undefined> | string | undefined]>([
    ['none at all', () => undefined],
    ['no token', () => 'not.a.token'],
    ['alg none', () => new UnsecuredJWT(claims()).encode()],
    ['an issuer nobody named', () => signed(claims({ iss: 'https://evil.example.test' }))],
    ['the key of another issuer under the same kid', () => signed(claims(), theirs)],
    ['an unknown kid', () => signed(claims(), ours, { kid: 'k2' })],
    ['another audience', () => signed(claims({ aud: 'vault' }))],
    ['no audience', () => signed({ ...claims(), aud: undefined } as unknown as JWTPayload)], // the type forbids what a broken issuer sends
    ['expired', () => signed(claims({ exp: Math.floor(ground.clock.now.getTime() / 1000) - 31 }))],
    ['no expiry', () => signed({ ...claims(), exp: undefined } as unknown as JWTPayload)],
    ['not yet valid', () => signed(claims({ nbf: Math.floor(ground.clock.now.getTime() / 1000) + 120 }))],
    ['another branch', () => signed(claims({ sub: 'repo:acme/orders:ref:refs/heads/dev' }))],
    ['a subject that is a list', () => signed(claims({ sub: [sub] as unknown as string }))],
    [
      'a payload changed after signing',
      async () => (await signed(claims())).replace(/\.[^.]+\./, `.${Buffer.from(JSON.stringify(claims())).toString('base64url')}A.`),
    ],
    [
      "the issuer's public key used as a shared secret",
      async () =>
        new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
          .sign(Buffer.from(JSON.stringify(await exportJWK(ours.keys.publicKey)))),
    ],
    ['longer than any real one', async () => signed(claims({ pad: 'x'.repeat(14_000) } as JWTPayload))],
  ])('%s is refused with 401, opens nothing and is not audited as a person', async (_name, make) => {
    const before = [ground.opened.count, (await ground.lines()).length];
    const reply = await ask(await make());
    expect([reply.statusCode, reply.json().code]).toEqual([401, 'not-signed-in']);
    expect([ground.opened.count, (await ground.lines()).length]).toEqual(before);
  });
  test('an account it may not have, and one that is not there, are refused alike; the first is on record', async () => {
    const opened = ground.opened.count;
    const [foreign, missing] = [
      await ask(await signed(claims()), { system: 'orders-db', account: 'other' }),
      await ask(await signed(claims()), { system: 'orders-db', account: 'nobody' }),
    ];
    expect([foreign.statusCode, missing.statusCode]).toEqual([403, 403]);
    expect(foreign.json().detail.replace('other', 'X')).toBe(missing.json().detail.replace('nobody', 'X'));
    expect((await ground.lines()).at(-1)).toMatchObject({ outcome: 'refused: not entitled', item: 'orders-db/other' });
    expect(ground.opened.count).toBe(opened);
  });
  test('an issuer that cannot be reached is said as that, and gives nothing', async () => {
    const gone = await issuerOf('k1');
    const lonely = await deliveryGround({
      workloads: [
        { id: 'a', token: { issuer: gone.url, audience: 'rekey', algorithms: ['RS256'], claims: { sub: 'a' } }, may: ['orders-db/app'] },
      ],
    });
    gone.server.close();
    const reply = await lonely.api.inject({
      method: 'POST',
      url: '/v1/workload/credential',
      headers: { authorization: `Bearer ${await signed(claims({ iss: gone.url, sub: 'a' }), gone)}` },
      payload: { system: 'orders-db', account: 'app' },
    });
    await lonely.close();
    expect([reply.statusCode, reply.json().code]).toEqual([502, 'target-unreachable']);
  });
  test('a fetch is delivered, and not adopted: the consumer stays as it was until the target shows a session', async () => {
    const [{ item } = { item: '' }] = await ground.store.query<{ item: string }>(
      "select i.key::text as item from item i join account a on a.key = i.account where a.id = 'app'",
    );
    await ground.store.query(
      "insert into consumer (account, consumer, store, ref) select account, 'ci', 'workload', 'acme-ci' from item where key = $1::int8",
      [item],
    );
    await ground.store.query(
      "insert into item_consumer (item, consumer, state) select $1::int8, key, 'updated' from consumer where consumer = 'ci'",
      [item],
    );
    await ask(await signed(claims()));
    const rows = await ground.store.query('select state, detail from item_consumer where item = $1::int8', [item]);
    expect(rows).toEqual([{ state: 'updated', detail: expect.stringContaining('delivered: fetched by its workload at ') }]);
  });
});

describe('with a client certificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-mtls-'));
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe', timeout: 30_000 });
  const authority = (name: string) => selfSigned({ key: file(`${name}.key`), certificate: file(`${name}.pem`) }, name);
  const leaf = (name: string, ca: string, san: string, usage: string) => {
    openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/O=acme/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    );
    writeFileSync(file(`${name}.ext`), `subjectAltName=${san}\nextendedKeyUsage=${usage}\n`);
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      `${ca}.pem`,
      '-CAkey',
      `${ca}.key`,
      '-CAcreateserial',
      '-days',
      '1',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    );
  };
  let ground: Delivery;
  let port: number;
  beforeAll(async () => {
    for (const ca of ['ca', 'other-ca', 'stray-ca']) await authority(ca);
    leaf('server', 'ca', 'IP:127.0.0.1', 'serverAuth');
    leaf('batch', 'ca', 'URI:spiffe://acme/batch', 'clientAuth');
    leaf('web', 'ca', 'URI:spiffe://acme/web', 'clientAuth');
    leaf('imposter', 'other-ca', 'URI:spiffe://acme/batch', 'clientAuth');
    leaf('stray', 'stray-ca', 'URI:spiffe://acme/batch', 'clientAuth');
    leaf('odd', 'ca', 'URI:spiffe://acme/batch', 'serverAuth');
    const workloads: WorkloadSpec[] = [
      { id: 'batch', certificate: { ca: file('ca.pem'), san: 'URI:spiffe://acme/batch' }, may: ['orders-db/app'] },
      { id: 'elsewhere', certificate: { ca: file('other-ca.pem'), subject: 'CN=somebody,O=acme' }, may: ['orders-db/app'] },
    ];
    const asked = await clientAuthorities(workloads);
    ground = await deliveryGround({
      workloads,
      https: { ...asked, key: readFileSync(file('server.key')), cert: readFileSync(file('server.pem')) },
    });
    await ground.add({ id: 'app', secret: 'app-secret' });
    await ground.api.listen({ port: 0, host: '127.0.0.1' });
    port = (ground.api.server.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await ground.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = (as: string | undefined): Promise<{ status: number; body: { secret?: string; code?: string } }> =>
    new Promise((resolve, reject) => {
      const request = httpsRequest(
        {
          host: '127.0.0.1',
          port,
          path: '/v1/workload/credential',
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          ca: readFileSync(file('ca.pem')),
          agent: false,
          timeout: 10_000,
          ...(as === undefined ? {} : { cert: readFileSync(file(`${as}.pem`)), key: readFileSync(file(`${as}.key`)) }),
        },
        async (answer) => {
          let body = '';
          for await (const chunk of answer) body += chunk;
          resolve({ status: answer.statusCode ?? 0, body: JSON.parse(body) });
        },
      );
      request.on('error', reject);
      request.end('{"system":"orders-db","account":"app"}');
    });

  test('of its own authority and name it gets the value', async () => {
    expect(await ask('batch')).toMatchObject({ status: 200, body: { secret: 'app-secret', version: 1 } });
    expect((await ground.lines()).at(-1)).toMatchObject({ by: 'workload batch', subject: 'CN=batch,O=acme', outcome: 'given' });
  });
  test.each([
    ['none', undefined],
    ['the right authority and another name', 'web'],
    ['the right name by the authority of another workload', 'imposter'],
    ['the right name by an authority nobody named', 'stray'],
    ['one that is for servers', 'odd'],
  ])('%s is refused', async (_name, as) => {
    const opened = ground.opened.count;
    expect(await ask(as)).toMatchObject({ status: 401, body: { code: 'not-signed-in' } });
    expect(ground.opened.count).toBe(opened);
  });
  test('names that hold punctuation of the list are read as one name', () => {
    expect(new X509Certificate(readFileSync(file('batch.pem'))).subjectAltName).toBe('URI:spiffe://acme/batch');
  });
});
