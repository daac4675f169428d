// Triggers on an opened estate: what was approved in advance runs within its cap, everything else waits for people, and all of it is told and proved.
import { createHmac } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initEstate, type Opened, openEstate } from '../../src/app.ts';
import { signApproval } from '../../src/approve/sign.ts';
import { approvalVerifier } from '../../src/approve/verify-approval.ts';
import { nodeCryptography } from '../../src/cryptography/node.ts';
import { writeKeyPair } from '../../src/demo/key-pair.ts';
import { parseEstate } from '../../src/estate/parse.ts';
import { verifyBundle } from '../../src/prove/verify.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-triggers-'));
const signingKey = Buffer.alloc(32, 7).toString('base64');
const calls: { headers: Record<string, string>; body: string }[] = [];
let server: Server;
let opened: Opened;
const file = join(folder, 'rekey.yaml');

const playbooks = (reason = 'a person asked for it'): string => `
playbooks:
  - id: contain-account
    where: system = $system and account = $account
    reason: ${reason}
    parameters: [account, system]
    cap: { credentials: 3, systems: 1 }
    cooldown: 15m
    preApproved: { by: [alice], until: "2099-01-01T00:00:00Z" }
  - { id: contain-system, where: "system = $system", reason: contain, parameters: [system], cap: { credentials: 3, systems: 1 }, preApproved: { by: [alice], until: "2099-01-01T00:00:00Z" } }
  - { id: ask-first, where: "system = $system and account = $account", reason: ask, parameters: [account, system], cap: { credentials: 3, systems: 1 } }
`;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      calls.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.SOAR_SECRET = `whsec_${signingKey}`;
  const key = writeKeyPair(join(folder, 'alice.key'), 'alice');
  cpSync(new URL('../../examples/twin-estate', import.meta.url).pathname, folder, { recursive: true });
  const text = readFileSync(file, 'utf8').replace(/key: "ssh-ed25519[^"]*"/, `key: "${key}"`);
  const { port } = server.address() as AddressInfo;
  writeFileSync(
    file,
    `${text}\nnotify:\n  from: rekey@example.test\n  webhooks: [ { id: soar, url: "http://127.0.0.1:${port}/", secret: { env: SOAR_SECRET }, private: true } ]\n${playbooks()}`,
  );
  await initEstate({ folder, name: 'northwind-twin' });
  opened = await openEstate({ folder, worker: true });
  await api('POST', '/v1/discover');
});
afterAll(async () => {
  await opened.close();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function api(method: 'GET' | 'POST', url: string, payload?: object, headers: Record<string, string> = {}) {
  const reply = await opened.api.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  return {
    status: reply.statusCode,
    body:
      /json(?!-)/.test(String(reply.headers['content-type'])) && !/ndjson/.test(String(reply.headers['content-type']))
        ? reply.json()
        : reply.body,
  };
}
const fire = (playbook: string, parameters: object, key: string) =>
  api('POST', `/v1/triggers/${playbook}`, { parameters, incident: 'INC-42', reason: 'impossible travel' }, { 'idempotency-key': key });
async function sign(playbook: string) {
  const { body } = await api('GET', `/v1/playbooks/${playbook}`);
  const signature = signApproval(
    { id: `playbook/${playbook}`, hash: body.hash, estate: 'northwind-twin' },
    readFileSync(join(folder, 'alice.key'), 'utf8'),
    'alice.key',
  );
  return api('POST', `/v1/playbooks/${playbook}/approvals`, { approver: 'alice', signature });
}
const page = readFileSync(new URL('../../docs/triggers.md', import.meta.url), 'utf8');
/** The curl of docs/triggers.md, as it stands there. */
const documented = {
  path: /\$REKEY_URL(\/v1\/triggers\/[^"]+)"/.exec(page)?.[1] ?? '',
  body: JSON.parse(/-d '(.*)'/.exec(page)?.[1] ?? 'null') as object,
};
const orders = { system: 'orders-db', account: 'svc-orders' };

describe('the documents', () => {
  it.each(['triggers', 'notifications'])('show blocks of the estate file in docs/%s.md that are right', (name) => {
    const text = readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');
    const blocks = [...text.matchAll(/```yaml\n((?:notify|playbooks):[\s\S]*?)```/g)].map(([, block]) => block);
    expect(blocks).toHaveLength(1);
    const approvers = ['alice', 'bob']
      .map((who) => `  - { name: ${who}, key: "${writeKeyPair(join(folder, `${who}.documented`), who)}" }`)
      .join('\n');
    const estate = parseEstate(`apiVersion: rekey/v1\nestate: acme\napprovers:\n${approvers}\nsystems: []\n${blocks[0]}`, {
      file: 'rekey.yaml',
      connectors: new Map(),
      env: {},
    });
    expect(estate.notify ?? estate.playbooks).toBeDefined();
  });
});

describe('a trigger', () => {
  it('that nobody approved in advance plans, starts nothing and says who must act', async () => {
    const { status, body } = await fire('ask-first', orders, 'k-ask');
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'waits-for-approval', run: null, proof: null, why: 'this playbook is not approved in advance' });
    expect(body.plan).toMatch(/^P-/);
  });

  it('without the signatures that its playbook names starts nothing; with them it runs, once, and says how far the proof is', async () => {
    const before = await fire('contain-account', { system: 'orders-db', account: 'rekey-canary' }, 'k-unsigned');
    expect(before.body).toMatchObject({ state: 'waits-for-approval', why: '0 of 1 signatures under the playbook count' });
    expect((await sign('contain-account')).body.preApproved.inForce).toBe(true);
    const { status, body } = await api('POST', documented.path, documented.body, { 'idempotency-key': 'k-run' });
    expect([status, body.why]).toEqual([200, null]);
    expect(body.run).toMatch(/^R-/);
    const again = await api('POST', documented.path, documented.body, { 'idempotency-key': 'k-run' });
    expect(again.body.run).toBe(body.run);
    await expect
      .poll(async () => (await api('GET', `/v1/triggers/contain-account/${body.id}`)).body.state, { timeout: 150_000, interval: 200 })
      .toMatch(/complete|residual|incomplete/);
    const { body: after } = await api('GET', `/v1/triggers/contain-account/${body.id}`);
    expect(after.proof.proved).toBeGreaterThan(0);
  });

  it('is told outside in order, signed so that a receiver can check it, and holds no secret', async () => {
    const types = () =>
      calls
        .map(({ body }) => JSON.parse(body))
        .filter((event) => event.data.run !== null)
        .map((event) => event.type);
    await expect.poll(types, { timeout: 15_000, interval: 100 }).toContain('wave.done');
    expect(types().indexOf('run.started')).toBeLessThan(types().indexOf('wave.running'));
    for (const { headers, body } of calls) {
      const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      const expected = createHmac('sha256', Buffer.from(signingKey, 'base64')).update(content).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    }
    expect(calls.map((c) => c.headers['webhook-id'])).toEqual([...new Set(calls.map((c) => c.headers['webhook-id']))]);
  });

  it('rests for its cooldown, refuses what it does not know, and never takes a value for language', async () => {
    const again = await fire('contain-account', orders, 'k-again');
    expect([again.status, again.body.code]).toEqual([409, 'guardrail']);
    expect(again.body.detail).toContain('rests for 15 minutes');
    const widened = await fire('contain-account', { system: 'orders-db', account: 'x" or all or account = "y' }, 'k-inject');
    expect(widened.body).toMatchObject({ run: null });
    const { body: plan } = await api('GET', `/v1/plans/${widened.body.plan}`);
    expect(plan.totals.selected).toBe(0);
    expect((await fire('contain-account', { system: 'orders-db' }, 'k-less')).body.detail).toContain('needs the parameter account');
    expect((await fire('contain-account', { ...orders, identity: 'eve' }, 'k-more')).body.detail).toContain('has no parameter identity');
    expect((await fire('contain-accounts', orders, 'k-none')).status).toBe(404);
  });

  it('whose plan passes the cap starts nothing, says by how much, and leaves the plan for people', async () => {
    await sign('contain-system');
    const { status, body } = await fire('contain-system', { system: 'staff-directory' }, 'k-over');
    expect([status, body.code]).toEqual([409, 'guardrail']);
    expect(body.detail).toMatch(/passes the cap of contain-system: \d+ credentials, \d+ more than the 3 it may/);
    expect((await api('GET', `/v1/plans/${body.place}`)).body.approvals).toMatchObject({ needed: 1, given: [] });
  });

  it('leaves evidence that verifies offline with the playbook’s signatures, and not with a wider playbook or a stranger’s', async () => {
    const { body: run } = await api('GET', '/v1/runs');
    const id = run.items[0].id;
    const { body: proof } = await api('POST', `/v1/runs/${id}/proof`);
    const out = mkdtempSync(join(tmpdir(), 'rekey-trigger-bundle-'));
    for (const name of proof.files) {
      const reply = await opened.api.inject({ method: 'GET', url: `/v1/runs/${id}/bundle/${name}` });
      writeFileSync(join(out, name), reply.rawPayload);
    }
    const approvals = JSON.parse(readFileSync(join(out, 'approvals.json'), 'utf8'));
    expect(JSON.parse(approvals.playbook)).toMatchObject({ id: 'contain-account', cap: { credentials: 3, systems: 1, tier0: 0 } });
    expect(approvals.approvals.map((a: { approver: string }) => a.approver)).toEqual(['alice']);
    expect(await verifyBundle(out, { verifyApproval: approvalVerifier(nodeCryptography) })).toMatchObject({ ok: true });
    rmSync(out, { recursive: true, force: true });
  });

  it('is void when a word of its playbook changes: the old signature counts for nothing', async () => {
    await opened.close();
    writeFileSync(file, readFileSync(file, 'utf8').replace('a person asked for it', 'another reason'));
    opened = await openEstate({ folder, worker: true });
    expect((await api('GET', '/v1/playbooks/contain-account')).body.preApproved).toMatchObject({ inForce: false, given: [] });
    const { body } = await fire('contain-account', { system: 'orders-db', account: 'svc-reports' }, 'k-void');
    expect(body).toMatchObject({ run: null, state: 'waits-for-approval' });
  });
});
