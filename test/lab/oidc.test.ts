// OIDC clients on a real provider: secrets replaced through RFC 7592, captured refresh tokens revoked and tried again, the life of access
// tokens stated.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LabOidc, startOidc } from '../../lab/oidc-server.ts';
import { startSwallow } from '../../lab/swallow.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { clientRef, keeper, openOidc } from './oidc-open.ts';

let lab: LabOidc;
let keeps: LabOidc;
let replaces: LabOidc;
const names = Array.from({ length: 14 }, (_, n) => `client-${n}`);
let next = 0;
const some = (): string => names[next++] as string;

beforeAll(async () => {
  lab = await startOidc({ clients: names });
  keeps = await startOidc({ clients: ['kept'], rotates: false });
  replaces = await startOidc({ clients: ['replaced'], replacesToken: true });
});
afterAll(async () => {
  await lab?.stop();
  await keeps?.stop();
  await replaces?.stop();
});

const authenticates = async (on: LabOidc, id: string, secret: string): Promise<boolean> =>
  (await on.ask('/token', id, secret, { grant_type: 'client_credentials' })).status === 200;

test('the provider makes a new secret, and the one before is dead from that moment', async () => {
  const id = some();
  const connection = await openOidc(lab, id);
  const before = await connection.dualSecret.list(clientRef(id));
  const sealer = keeper();
  const issued = await connection.dualSecret.issue(clientRef(id), sealer, 'rekey-1');
  expect(issued.kind).toBe('done');
  expect(await authenticates(lab, id, sealer.sealed[0]?.text ?? '')).toBe(true);
  expect(await authenticates(lab, id, lab.secrets[id] ?? '')).toBe(false);
  const after = await connection.dualSecret.list(clientRef(id));
  if (before.kind !== 'done' || after.kind !== 'done' || issued.kind !== 'done') throw new Error('not listed');
  expect(after.value.map(({ slot }) => slot)).toEqual([issued.value.slot]);
  expect(before.value[0]?.slot).not.toBe(issued.value.slot);
  expect(await connection.dualSecret.retire(clientRef(id), before.value[0]?.slot ?? '')).toEqual({ kind: 'done', value: undefined });
  expect(await authenticates(lab, id, sealer.sealed[0]?.text ?? '')).toBe(true);
});

test('a lost answer leaves a secret nobody holds: it is found as a slot that was not there, and retired by being replaced', async () => {
  const id = some();
  const proxy = await startSwallow({ target: { host: '127.0.0.1', port: lab.port } });
  const armed = proxy.swallowReplies(Buffer.from('PUT '));
  const url = `http://127.0.0.1:${proxy.port}/reg/${id}`;
  const connection = await openOidc(lab, id, {}, {}, {}, { registration: { url, token: { env: 'RAT' } } });
  const before = await connection.dualSecret.list(clientRef(id));
  const lost = await connection.dualSecret.issue(clientRef(id), keeper(), 'rekey-1');
  expect(lost.kind).toBe('indeterminate');
  expect(armed.hits).toBe(1);
  expect(await authenticates(lab, id, lab.secrets[id] ?? '')).toBe(false);
  const after = await connection.dualSecret.list(clientRef(id));
  if (before.kind !== 'done' || after.kind !== 'done') throw new Error('not listed');
  const orphan = after.value[0]?.slot as string;
  expect(orphan).not.toBe(before.value[0]?.slot);
  expect((await connection.dualSecret.retire(clientRef(id), orphan)).kind).toBe('done');
  const sealer = keeper();
  expect((await connection.dualSecret.issue(clientRef(id), sealer, 'rekey-2')).kind).toBe('done');
  expect(await authenticates(lab, id, sealer.sealed[0]?.text ?? '')).toBe(true);
  await proxy.stop();
});

test('a provider that keeps the secret is told apart: nothing is called new that is not', async () => {
  const connection = await openOidc(keeps, 'kept');
  const issued = await connection.dualSecret.issue(clientRef('kept'), keeper(), 'rekey-1');
  expect(issued).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
  expect(await authenticates(keeps, 'kept', keeps.secrets.kept ?? '')).toBe(true);
});

test('a replaced registration token is sealed with the secret, and used from then on', async () => {
  const connection = await openOidc(replaces, 'replaced');
  const sealer = keeper();
  const first = await connection.dualSecret.issue(clientRef('replaced'), sealer, 'rekey-1');
  const sealed = JSON.parse(sealer.sealed[0]?.text ?? '{}') as Record<string, string>;
  expect(sealed.registration_access_token).not.toBe(replaces.registrationTokens.replaced);
  expect(await authenticates(replaces, 'replaced', sealed.client_secret ?? '')).toBe(true);
  if (first.kind !== 'done') throw new Error('not issued');
  const [where] = await connection.probe.paths();
  expect(await connection.probe.attempt(clientRef('replaced'), first.value.secret, where as never)).toMatchObject({ verdict: 'accepted' });
  expect((await connection.dualSecret.issue(clientRef('replaced'), sealer, 'rekey-2')).kind).toBe('done');
  // What the estate file still names opens nothing any more: that is said, not hidden.
  const stale = await openOidc(replaces, 'replaced');
  expect(await stale.dualSecret.list(clientRef('replaced'))).toMatchObject({ kind: 'refused', fault: { code: 'auth' } });
});

test('refresh tokens captured before go on after a new secret, and are dead after the end: each is tried again', async () => {
  const id = some();
  const captured = [await lab.refreshToken(id), await lab.refreshToken(id)];
  const connection = await openOidc(lab, id, { TOKENS: captured.join('\n') }, {}, {}, { tokens: { env: 'TOKENS' } });
  const sealer = keeper();
  await connection.dualSecret.issue(clientRef(id), sealer, 'rekey-1');
  const secret = sealer.sealed[0]?.text ?? '';
  const open = await connection.sessions.list(clientRef(id));
  expect(open.kind === 'done' && open.value.map(({ id }) => id)).toEqual(['refresh-token:1', 'refresh-token:2']);
  const replay = (token: string) => lab.ask('/token', id, secret, { grant_type: 'refresh_token', refresh_token: token });
  // The one thing a new secret does not do: here is the token, used with it.
  const survived = await lab.refreshToken(id);
  expect((await replay(survived)).status).toBe(200);
  const ended = await connection.sessions.end(clientRef(id), new Date(Date.now() + 1000));
  expect(ended).toEqual({ kind: 'done', value: { ended: 2, left: 0 } });
  for (const token of captured) expect(await replay(token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect(await connection.sessions.list(clientRef(id))).toEqual({ kind: 'done', value: [] });
});

test('a refresh token from after the change is not ended', async () => {
  const id = some();
  const token = await lab.refreshToken(id);
  const connection = await openOidc(lab, id, { TOKENS: token }, {}, {}, { tokens: { env: 'TOKENS' } });
  expect(await connection.sessions.end(clientRef(id), new Date(Date.now() - 60_000))).toEqual({
    kind: 'done',
    value: { ended: 0, left: 0 },
  });
  const list = await connection.sessions.list(clientRef(id));
  expect(list.kind === 'done' && list.value.length).toBe(1);
});

test('a 200 of the revocation endpoint is no evidence: a token counts as ended once a try with it was refused', async () => {
  const id = some();
  const token = await lab.refreshToken(id);
  // Revocation answered by somebody who answers 200 to everything: RFC 7009 allows it for tokens it does not know.
  const { createServer } = await import('node:http');
  const liar = createServer((_, response) => response.writeHead(200).end());
  await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
  const liarPort = (liar.address() as { port: number }).port;
  const front = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const to = request.url?.startsWith('/token/revocation') === true ? `http://127.0.0.1:${liarPort}` : lab.issuer;
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => name !== 'host' && name !== 'content-length' && name !== 'connection'),
    );
    const sent = request.method === 'GET' ? {} : { body: Buffer.concat(chunks) };
    const answer = await fetch(`${to}${request.url}`, {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...sent,
    });
    const text = (await answer.text()).replaceAll(lab.issuer, `http://127.0.0.1:${frontPort}`);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const frontPort = (front.address() as { port: number }).port;
  const connection = await openOidc(
    lab,
    id,
    { TOKENS: token },
    {},
    { issuer: `http://127.0.0.1:${frontPort}` },
    { tokens: { env: 'TOKENS' } },
  );
  const ended = await connection.sessions.end(clientRef(id), new Date(Date.now() + 1000));
  // oidc-provider ends the family itself when a used token comes again: the second try is refused, and only that counts.
  expect(ended).toEqual({ kind: 'done', value: { ended: 1, left: 0 } });
  for (const server of [front, liar]) {
    server.closeAllConnections();
    server.close();
  }
});

test('access tokens that services check by themselves stay for their life: it is stated, and over when it is over', async () => {
  const id = some();
  const connection = await openOidc(lab, id, {}, {}, { accessTokens: { form: 'jwt', seconds: 600 } });
  const fresh = await connection.sessions.end(clientRef(id), new Date());
  if (fresh.kind !== 'done') throw new Error('not ended');
  expect(fresh.value).toMatchObject({ ended: 0, left: 1 });
  expect(fresh.value.residualMs).toBeGreaterThan(595_000);
  expect(await connection.sessions.end(clientRef(id), new Date(Date.now() - 601_000))).toEqual({
    kind: 'done',
    value: { ended: 0, left: 0 },
  });
});

test('a probe tells the right secret, a wrong one, and a provider that asks to wait', async () => {
  const id = some();
  for (const probe of ['revocation', 'client_credentials']) {
    const connection = await openOidc(lab, id, {}, {}, { probe });
    const [where] = await connection.probe.paths();
    const say = async (text: string) => (await connection.probe.attempt(clientRef(id), secretOf('x', text), where as never)).verdict;
    expect(await say(lab.secrets[id] ?? '')).toBe('accepted');
    expect(await say('nonsense')).toBe('rejected');
    expect(await say('')).toBe('indeterminate');
    lab.throttled = 7;
    expect(await connection.probe.attempt(clientRef(id), secretOf('x', 'y'), where as never)).toMatchObject({
      verdict: 'indeterminate',
      retryAfterMs: 7000,
    });
    lab.throttled = undefined;
  }
});

test('a discovery document of another issuer is not believed', async () => {
  const id = some();
  const connection = await openOidc(lab, id, {}, {}, { issuer: `${lab.issuer.replace('127.0.0.1', 'localhost')}` });
  const checks = [];
  for await (const check of connection.check.run()) checks.push(check);
  expect(checks).toMatchObject([{ id: 'reach', verdict: 'fail' }]);
});

test('doctor says for each client whether its registration and its secret are good', async () => {
  const id = some();
  const good = [];
  for await (const check of (await openOidc(lab, id)).check.run()) good.push(check);
  expect(good.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  const bad = [];
  for await (const check of (await openOidc(lab, id, { RAT: 'wrong' })).check.run()) bad.push(check);
  expect(bad.filter(({ verdict }) => verdict === 'fail')).toMatchObject([{ id: 'auth' }]);
});

test('no secret and no token is part of an address', () => {
  const lines = [...lab.seen, ...keeps.seen, ...replaces.seen].join('\n');
  for (const text of [...Object.values(lab.secrets), ...Object.values(lab.registrationTokens)]) expect(lines).not.toContain(text);
});
