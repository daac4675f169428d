// Notices and playbooks by command, over an opened estate: what was sent, how it looks, whether a channel works; what a trigger may start and who signed for it.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initEstate, type Opened, openEstate } from '../../src/app.ts';
import { house } from '../../src/cli/open.ts';
import { writeKeyPair } from '../../src/demo/key-pair.ts';
import { type Ran, rekey } from './rekey.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-notice-'));
const calls: string[] = [];
let answer = 204;
let server: Server;
let opened: Opened;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      calls.push(body);
      response.writeHead(answer).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.ROOM_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  cpSync(fileURLToPath(new URL('../../examples/twin-estate', import.meta.url)), folder, { recursive: true });
  const key = writeKeyPair(join(folder, 'alice.key'), 'alice');
  writeKeyPair(join(folder, 'eve.key'), 'eve');
  const { port } = server.address() as AddressInfo; // listens on TCP
  const file = join(folder, 'rekey.yaml');
  const text = readFileSync(file, 'utf8').replace(/key: "ssh-ed25519[^"]*"/, `key: "${key}"`);
  writeFileSync(
    file,
    `${text}
notify:
  from: rekey@example.test
  webhooks: [ { id: room, url: "http://127.0.0.1:${port}/", secret: { env: ROOM_SECRET }, private: true, style: chat } ]
  people: [ { name: alice, channel: room } ]
playbooks:
  - { id: contain, where: "system = $system and account = $account", reason: contain, parameters: [account, system], cap: { credentials: 3, systems: 1 }, preApproved: { by: [alice], until: "2099-01-01T00:00:00Z" } }
  - { id: ask-first, where: "system = $system and account = $account", reason: ask, parameters: [account, system], cap: { credentials: 3, systems: 1 } }
`,
  );
  await initEstate({ folder, name: 'northwind-twin' });
  opened = await openEstate({ folder });
  await opened.listen(join(folder, '.rekey', 'rekey.sock'));
  const found = await run('discover');
  expect(found.exit, found.err).toBe(0);
});
afterAll(async () => {
  await opened.close();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...argv: string[]): Promise<Ran> => rekey(house, folder, argv);
const data = async (...argv: string[]) => {
  const ran = await run(...argv, '--json');
  expect([ran.exit, ran.err], argv.join(' ')).toEqual([0, '']);
  return JSON.parse(ran.out).data;
};

describe('rekey notice', () => {
  it('test sends over one channel now; a channel that refuses fails with the reason', async () => {
    const sent = await run('notice', 'test', 'room');
    expect([sent.exit, sent.err]).toEqual([0, expect.stringContaining('room took the message')]);
    expect(calls).toHaveLength(1);
    answer = 410;
    const refused = await run('notice', 'test', 'room');
    answer = 204;
    expect([refused.exit, refused.err]).toEqual([
      1,
      expect.stringMatching(/room did not take the message: .*410[\s\S]*next: mend the block "notify"/),
    ]);
  });

  it('preview shows a template as text and as HTML; a template that there is not is said', async () => {
    const text = await run('notice', 'preview', 'decision');
    expect([text.exit, text.err]).toEqual([0, '']);
    expect(text.out).toMatch(/^Subject: .+\n\n/);
    expect(text.out).not.toContain('<');
    const html = await run('notice', 'preview', 'decision', '--to', 'html');
    expect(html.out).toMatch(/<html|<!doctype/i);
    const none = await run('notice', 'preview', 'poem');
    expect(none.exit).not.toBe(0);
    expect(none.err).toMatch(/next: /);
  });

  it('ls says that there is none and refuses a state that there is not', async () => {
    const none = await run('notice', 'ls', '--state', 'dead');
    expect([none.exit, none.out, none.err]).toEqual([0, '', 'no message is dead\n']);
    expect(await data('notice', 'ls')).toEqual([]);
    const wrong = await run('notice', 'ls', '--state', 'lost');
    expect([wrong.exit, wrong.err]).toEqual([2, expect.stringContaining('dead')]);
  });
});

describe('rekey playbook', () => {
  it('show lists all with how they stand and one with its cap; one that there is not is said', async () => {
    const all = await run('playbook', 'show');
    expect(all.exit, all.err).toBe(0);
    expect(all.out).toMatch(/^contain +\w+ +0 of 1 signatures, until .*system = \$system/m);
    expect(all.out).toMatch(/^ask-first +\w+ +every plan waits for approval/m);
    expect((await run('playbook', 'show', 'contain')).out).toMatch(
      /at most 3 credentials, 1 systems, 0 of tier 0\nhash [0-9a-f]{64}\nmay sign: alice\n$/,
    );
    const none = await run('playbook', 'show', 'contian');
    expect([none.exit, none.err]).toEqual([6, expect.stringMatching(/contian[\s\S]*next: /)]);
  });

  it('approve takes the signature of whom it names, and no other; --message prints what is signed', async () => {
    const message = await run('playbook', 'approve', 'contain', '--message');
    expect(message.out).toContain((await data('playbook', 'show', 'contain')).hash);
    const half = await run('playbook', 'approve', 'contain', '--as', 'alice');
    expect([half.exit, half.err]).toEqual([2, expect.stringContaining('--as NAME --key FILE')]);
    const missing = await run('playbook', 'approve', 'contain', '--as', 'alice', '--key', 'none.key');
    expect([missing.exit, missing.err]).toEqual([6, expect.stringContaining('none.key')]);
    const strange = await run('playbook', 'approve', 'contain', '--as', 'alice', '--key', 'eve.key');
    expect(strange.exit).not.toBe(0);
    expect((await data('playbook', 'show', 'contain')).preApproved).toMatchObject({ inForce: false, given: [] });
    const signed = await run('playbook', 'approve', 'contain', '--as', 'alice', '--key', 'alice.key');
    expect([signed.exit, signed.err]).toEqual([0, expect.stringContaining('contain: approved in advance until')]);
    expect((await data('playbook', 'show', 'contain')).preApproved).toMatchObject({ inForce: true });
  });

  it('fire starts what was approved in advance, leaves the rest to people with exit 5, and needs ticket and reason', async () => {
    const about = ['--system', 'orders-db', '--account', 'svc-orders', '--incident', 'INC-42', '--reason', 'impossible travel'];
    const waits = await run('playbook', 'fire', 'ask-first', ...about);
    expect([waits.exit, waits.out]).toEqual([5, expect.stringMatching(/ · waits-for-approval · P-[0-9A-Z]{8}\n$/)]);
    expect(waits.err).toMatch(/not approved in advance\nnext: rekey approve P-/);
    const fired = await run('playbook', 'fire', 'contain', ...about);
    expect([fired.exit, fired.out], fired.err).toEqual([0, expect.stringMatching(/ · R-[0-9A-Z]{8}\n$/)]);
    expect(fired.err).toMatch(/next: rekey run watch R-/);
    const bare = await run('playbook', 'fire', 'contain', '--incident', 'INC-42');
    expect([bare.exit, bare.err]).toEqual([2, expect.stringContaining('--reason is missing')]);
    const less = await run('playbook', 'fire', 'contain', '--system', 'orders-db', '--incident', 'INC-42', '--reason', 'x');
    expect(less.exit).not.toBe(0);
    expect(less.err).toContain('needs the parameter account');
  });
});
