// A run over simulated systems mails its people over a real SMTP server: where to go, once each, and no value that the escrow holds is in any mail.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LabSmtp, startSmtp } from '../../lab/smtp.ts';
import { initEstate, type Opened, openEstate } from '../../src/app.ts';
import { signApproval } from '../../src/approve/sign.ts';
import { writeKeyPair } from '../../src/demo/key-pair.ts';
import { withStore } from './estate/escrow-dump.ts';
import { searchFor } from './estate/secret-search.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-employees-'));
const estate = join(folder, 'estate');
const mails = join(folder, 'smtp');
const file = join(estate, 'rekey.yaml');
let smtp: LabSmtp;
let opened: Opened | undefined;

beforeAll(async () => {
  smtp = await startSmtp({ dir: mails, tls: 'none' });
  cpSync(new URL('../../examples/twin-estate', import.meta.url).pathname, estate, { recursive: true });
  const key = writeKeyPair(join(folder, 'alice.key'), 'alice');
  const text = readFileSync(file, 'utf8').replace(/key: "ssh-ed25519[^"]*"/, `key: "${key}"`);
  writeFileSync(
    file,
    `${text}
notify:
  from: Rekey <rekey@example.test>
  publicUrl: https://rekey.example.test
  digestMinutes: 0
  employees: {}
  smtp: { host: ${smtp.host}, port: ${smtp.port}, tls: none }
`,
  );
  await initEstate({ folder: estate, name: 'northwind-twin' });
  opened = await openEstate({ folder: estate, worker: true });
});
afterAll(async () => {
  await opened?.close();
  await smtp.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function api(method: 'GET' | 'POST', url: string, payload?: object) {
  const reply = await opened?.api.inject({ method, url, ...(payload === undefined ? {} : { payload }) });
  expect(reply?.statusCode, reply?.body).toBeLessThan(300);
  return JSON.parse(reply?.body ?? 'null');
}
const own = (): string[] => smtp.received().filter((mail) => /^Subject: .*A new credential waits for you/m.test(mail));
const to = (mail: string): string => /^To: (.*)$/m.exec(mail)?.[1]?.trim() ?? '';
/** Quoted-printable and base64 undone: what a reader would see. */
const decoded = (mail: string): string =>
  mail.replaceAll(/=\r?\n/g, '').replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

it('each person reset is mailed once, in words that name the known address and nothing that signs in or tells what was reset', async () => {
  await opened?.api.inject({ method: 'POST', url: '/v1/discover' });
  const where = 'system = staff-directory and kind = human';
  const { items } = await api('GET', `/v1/accounts?where=${encodeURIComponent(where)}&limit=100`);
  const people: string[] = items.map(({ account }: { account: string }) => account);
  expect(people.length).toBe(40);
  const payload = ['system,account,identity', ...people.map((name) => `staff-directory,${name},${name}`), ''].join('\n');
  const imported = await opened?.api.inject({
    method: 'POST',
    url: '/v1/imports/owners',
    headers: { 'content-type': 'text/csv' },
    payload,
  });
  expect(imported?.statusCode, imported?.body).toBe(200);
  const plan = await api('POST', '/v1/plans', { where, reason: 'directory dump found', name: 'evict' });
  expect(plan.warnings.join('\n')).toMatch(/Mail about their own credential .* goes to mailboxes whose account this plan resets/);
  const signature = signApproval(
    { id: plan.id, hash: plan.hash, estate: 'northwind-twin' },
    readFileSync(join(folder, 'alice.key'), 'utf8'),
    'alice',
  );
  await api('POST', `/v1/approvals/${plan.id}`, { approver: 'alice', signature });
  const run = await api('POST', '/v1/runs', { plan: plan.id });
  await expect
    .poll(async () => (await api('GET', `/v1/runs/${run.id}`)).state, { timeout: 120_000, interval: 500 })
    .toMatch(/complete|residual/);
  await expect.poll(() => own().length, { timeout: 60_000, interval: 500 }).toBe(40);
  expect(new Set(own().map(to)).size).toBe(40);
  expect(
    own()
      .map(to)
      .every((address) => address.endsWith('@northwind.example')),
  ).toBe(true);
  for (const mail of own()) {
    expect(decoded(mail)).toContain('https://rekey.example.test/my');
    expect(decoded(mail)).not.toMatch(/href|directory dump found|evict|staff-directory|token=|code=/);
  }
}, 240_000);

it('no value that the escrow holds is in any mail; one planted there is found', async () => {
  await opened?.close();
  opened = undefined;
  const held = await withStore(estate, async (_store, escrowed) => escrowed());
  const values = new Map(held.map(({ secret, system, account }) => [secret, `${system}/${account}`]));
  expect(values.size).toBeGreaterThan(40);
  const read = join(folder, 'read');
  writeFileSync(read, smtp.received().map(decoded).join('\n'));
  const find = searchFor(join(folder, 'patterns'), values);
  expect(find([mails, read])).toEqual([]);
  writeFileSync(read, [...values.keys()][0] ?? '');
  expect(find([read])).toHaveLength(1);
}, 60_000);
