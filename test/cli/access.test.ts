// Who may come in, by the commands that say so: members, tokens, sessions and a kept login, over an opened estate and its own server.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initEstate, type Opened, openEstate } from '../../src/app.ts';
import type { Serving } from '../../src/cli/house.ts';
import { house } from '../../src/cli/open.ts';
import { VirtualPasskey } from '../harness/virtual-passkey.ts';
import { type Ran, type RanOptions, rekey } from './rekey.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-access-'));
let opened: Opened;
let server: Serving;
/** Who made the first passkey: an administrator with an open session. */
let alice = '';
let unserved: Ran;

beforeAll(async () => {
  await initEstate({ folder, name: 'acme' });
  opened = await openEstate({ folder });
  // The commands find the process that has the estate open, as a second terminal does.
  await opened.listen(join(folder, '.rekey', 'rekey.sock'));
  unserved = await run(['member', 'invite', 'Otto Berg', '--roles', 'operator']);
  server = await opened.serve({ listen: { host: '127.0.0.1', port: 0 }, proxies: [], logLevel: 'error' });
  const origin = new URL(server.url).origin;
  const post = async <T>(path: string, body: object): Promise<T> => {
    const reply = await fetch(new URL(path, server.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify(body),
    });
    expect(reply.status, path).toBe(200);
    return reply.json() as Promise<T>; // what the route's schema says
  };
  const options = await post<PublicKeyCredentialCreationOptionsJSON>('/v1/bootstrap/options', {
    code: server.code,
    name: 'alice',
    email: 'alice@example.test',
  });
  alice = (await post<{ member: { id: string } }>('/v1/bootstrap', new VirtualPasskey({ origin }).register(options))).member.id;
});
afterAll(async () => {
  await opened.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (argv: readonly string[], options?: RanOptions): Promise<Ran> => rekey(house, folder, argv, options);
const data = async (...argv: string[]) => {
  const ran = await run([...argv, '--json']);
  expect([ran.exit, ran.err], argv.join(' ')).toEqual([0, '']);
  return JSON.parse(ran.out).data;
};
const lookingAt = (argv: readonly string[], token: string) => run([...argv, '--context', server.url], { env: { REKEY_TOKEN: token } });

describe('rekey member', () => {
  it('invites one person by a link with a code in it, which is not repeated anywhere', async () => {
    const ran = await run(['member', 'invite', 'Otto Berg', '--email', 'otto@example.test', '--roles', 'operator']);
    expect(ran.exit, ran.err).toBe(0);
    expect(ran.out).toMatch(/^http:\/\/localhost:\d+\/join#([0-9A-Z]{5}-){4}[0-9A-Z]{5}\n$/);
    expect(ran.err).toContain('good once');
    expect(ran.err).not.toContain(ran.out.split('#')[1]?.trim());
  });

  it('invites nobody where no address is known to come to', () => {
    expect([unserved.exit, unserved.out]).toEqual([2, '']);
    expect(unserved.err).toMatch(/nobody signs in here[\s\S]*next: start one with rekey serve/);
  });

  it('adds, lists, gives other roles and disables; what is not there or not a role is said with what is', async () => {
    const added = await run(['member', 'add', 'deploy', '--identity', 'deploy@example.test', '--roles', 'viewer', 'owner']);
    const id = added.out.trim();
    expect([added.exit, id]).toEqual([0, expect.stringMatching(/^M-[0-9A-Z]{8}$/)]);
    const listed = await run(['member', 'ls']);
    expect(listed.out).toMatch(new RegExp(`^${id} +deploy +viewer owner +active +-`, 'm'));
    expect(listed.out).toMatch(new RegExp(`^${alice} +alice +administrator +active`, 'm'));
    expect((await run(['member', 'roles', id, '--roles', 'operator'])).out).toBe(`${id} deploy: operator\n`);
    expect((await run(['member', 'roles', id, '--roles', 'none'])).out).toBe(`${id} deploy: no role\n`);
    expect((await run(['member', 'disable', id])).out).toBe(`${id} deploy: disabled\n`);
    expect((await data('member', 'ls')).find((m: { id: string }) => m.id === id)).toMatchObject({ disabled: true, roles: [] });
    const twice = await run(['member', 'add', 'Deploy', '--roles', 'viewer']);
    expect([twice.exit, twice.err]).toEqual([6, expect.stringContaining('already')]);
    const unknown = await run(['member', 'roles', 'M-N0THERE0', '--roles', 'viewer']);
    expect([unknown.exit, unknown.err]).toEqual([6, expect.stringContaining('M-N0THERE0')]);
    const wrong = await run(['member', 'roles', id, '--roles', 'king']);
    expect([wrong.exit, wrong.err]).toEqual([2, expect.stringMatching(/there is no role king[\s\S]*administrator/)]);
  });

  it('does not take the last administrator away', async () => {
    for (const argv of [
      ['member', 'roles', alice, '--roles', 'viewer'],
      ['member', 'disable', alice],
    ]) {
      const ran = await run(argv);
      expect([ran.exit, ran.err], argv.join(' ')).toEqual([6, expect.stringContaining('administrator')]);
    }
    expect((await data('member', 'ls')).find((m: { id: string }) => m.id === alice)).toMatchObject({ disabled: false });
  });
});

describe('rekey token', () => {
  it('is shown once, opens what it was made for and nothing else, and ends when it is revoked', async () => {
    const member = (await run(['member', 'add', 'ci', '--roles', 'viewer'])).out.trim();
    const made = await run(['token', 'new', 'nightly', '--member', member, '--may', 'run.read', '--days', '7']);
    const token = made.out.trim();
    expect([made.exit, token]).toEqual([0, expect.stringMatching(/^rekey_[A-Za-z0-9_-]{43}$/)]);
    const [id = ''] = /T-[0-9A-Z]{8}/.exec(made.err) ?? [];
    expect(made.err).toContain('not shown again');
    const looked = await lookingAt(['run', 'ls', '--json'], token);
    expect([looked.exit, JSON.parse(looked.out)]).toEqual([0, expect.objectContaining({ kind: 'RunList', data: [] })]);
    const beyond = await lookingAt(['plan', 'ls'], token);
    expect(beyond.exit).not.toBe(0);
    expect(beyond.err).toContain('this token was not made for plan.read');
    const listed = await run(['token', 'ls', '--member', member]);
    expect(listed.out).toMatch(new RegExp(`^${id} +nightly +${member} +run\\.read +until .+ \\d`, 'm'));
    expect(`${listed.out}${beyond.out}${beyond.err}`).not.toContain(token);
    expect((await run(['token', 'revoke', id])).out).toBe(`${id} revoked\n`);
    expect((await data('token', 'ls'))[0]).toMatchObject({ id, revokedAt: expect.stringMatching(/^20/) });
    const after = await lookingAt(['run', 'ls'], token);
    expect(after.exit).not.toBe(0);
    expect(after.err).toContain('next: ');
    expect(after.err).not.toContain(token);
  });

  it('reaches no further than its member, stands for somebody, and names permissions that there are', async () => {
    const member = (await run(['member', 'add', 'looker', '--roles', 'viewer'])).out.trim();
    for (const [argv, says] of [
      [['--member', member, '--may', 'run.start'], 'looker does not hold run.start'],
      [['--may', 'run.read'], '--member'],
      [['--member', member, '--may', 'run.everything'], 'there is no permission run.everything'],
      [['--member', 'M-N0THERE0', '--may', 'run.read'], 'M-N0THERE0'],
    ] as const) {
      const ran = await run(['token', 'new', 'x', ...argv]);
      expect([ran.exit === 0, ran.out], argv.join(' ')).toEqual([false, '']);
      expect(ran.err).toContain(says);
    }
    const gone = await run(['token', 'revoke', 'T-N0THERE0']);
    expect([gone.exit, gone.err]).toEqual([6, expect.stringContaining('rekey token ls')]);
  });
});

describe('rekey audit', () => {
  it('shows who did what since when, newest first, and says when there is more', async () => {
    const member = (await run(['member', 'add', 'audited', '--roles', 'viewer'])).out.trim();
    await run(['member', 'disable', member]);
    const [newest, second] = await data('audit', 'ls', '--limit', '2');
    expect([newest.event, second.event, newest.member, second.member]).toEqual(['member-changed', 'member-added', member, member]);
    const added = await data('audit', 'ls', '--event', 'member-added', '--by', newest.by.toUpperCase());
    expect(added.map((e: { event: string }) => e.event)).toEqual(added.map(() => 'member-added'));
    expect(added[0].member).toBe(member);
    expect(await data('audit', 'ls', '--by', 'nobody-of-this-name')).toEqual([]);
    expect(await data('audit', 'ls', '--since', '2999-01-01')).toEqual([]);
    const short = await run(['audit', 'ls', '--limit', '1']);
    expect(short.out.trimEnd().split('\n')).toHaveLength(2);
    expect(short.err).toContain('there are older ones');
    for (const bad of [
      ['--event', 'sneezed'],
      ['--since', 'yesterday'],
      ['--limit', '0'],
    ])
      expect((await run(['audit', 'ls', ...bad])).exit, bad.join(' ')).toBe(2);
  });
});

describe('rekey login', () => {
  it('keeps a token that the server knows, for this user alone to read, and uses it from then on', async () => {
    const env = { XDG_CONFIG_HOME: join(folder, 'config') };
    const member = (await run(['member', 'add', 'olga', '--roles', 'viewer'])).out.trim();
    const token = (await run(['token', 'new', 'laptop', '--member', member, '--may', 'run.read'])).out;
    const login = await run(['login', '--context', server.url], { env, input: token });
    expect([login.exit, login.out]).toEqual([0, '']);
    expect(login.err).toContain('signed in to acme as olga');
    expect(login.err).not.toContain(token.trim());
    const file = join(folder, 'config', 'rekey', 'tokens.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await run(['run', 'ls', '--context', server.url], { env })).exit).toBe(0);
    const before = readFileSync(file, 'utf8');
    const wrong = await run(['login', '--context', server.url], { env, input: `rekey_${'A'.repeat(43)}\n` });
    expect(wrong.exit).not.toBe(0);
    expect(wrong.err).toContain('next: ');
    expect(readFileSync(file, 'utf8')).toBe(before);
    const none = await run(['login', '--context', server.url], { env });
    expect([none.exit, none.err]).toEqual([2, expect.stringContaining('no token came in')]);
  });
});

describe('rekey session', () => {
  it('shows the open sessions of a member and ends one; without a member it says whose', async () => {
    const [session] = await data('session', 'ls', '--member', alice);
    expect(session).toMatchObject({ member: alice, method: 'passkey' });
    expect((await run(['session', 'ls', '--member', alice])).out).toMatch(
      new RegExp(`^${session.id} +${alice} +passkey +127\\.0\\.0\\.1 `, 'm'),
    );
    expect((await run(['session', 'revoke', session.id])).out).toBe(`${session.id} revoked\n`);
    expect(await data('session', 'ls', '--member', alice)).toEqual([]);
    const again = await run(['session', 'revoke', session.id]);
    expect([again.exit, again.err]).toEqual([6, expect.stringContaining(session.id)]);
    const whose = await run(['session', 'ls']);
    expect([whose.exit, whose.err]).toEqual([2, expect.stringContaining('--member')]);
  });
});
