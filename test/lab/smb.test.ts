// NTLMv2 logons at a real Samba file server: what each status means, and that the password is seen by nobody on the way.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { type Smbd, startSmbd } from '../../lab/smbd.ts';
import { smb } from '../../src/connectors/smb/smb.ts';
import type { Io } from '../../src/kit/connector.ts';
import { accountOf, pathIo, say } from './path-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-lab-smb-'));
const wrong = 'cnry-Never-Set-9f3c';
let lab: Smbd;

beforeAll(async () => {
  lab = await startSmbd({ dir: join(folder, 'main'), users: ['games', 'man', 'news', 'lp', 'mail', 'uucp'], lockoutThreshold: 3 });
});
afterAll(async () => {
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const open = (settings: Record<string, unknown> = {}, more: Partial<Io> = {}) =>
  smb.open(smb.config.parse({ servers: [{ host: lab.host, port: lab.port }], ...settings }), pathIo({}, more));
const right = (name: string): string => lab.secrets[name] as string;

test('a right password is accepted, a wrong one is rejected as a logon failure', async () => {
  const on = await open({ workgroup: lab.workgroup });
  expect(await say(on, accountOf('games'), right('games'))).toBe('accepted NT_STATUS_OK');
  expect(await say(on, accountOf('games'), wrong)).toBe('rejected NT_STATUS_LOGON_FAILURE');
  expect(await say(on, accountOf('games'), right('games'))).toBe('accepted NT_STATUS_OK');
});

test('after a reset the old password is rejected and the new one accepted', async () => {
  const on = await open();
  lab.setPassword('man', 'New-Pass-4711-xyz');
  expect(await say(on, accountOf('man'), 'New-Pass-4711-xyz')).toBe('accepted NT_STATUS_OK');
  expect(await say(on, accountOf('man'), right('man'))).toBe('rejected NT_STATUS_LOGON_FAILURE');
});

test('passwords with blanks at their ends, quotes, percent signs and letters of any script arrive as they are', async () => {
  const on = await open();
  for (const text of [' leading and trailing ', `'"\\$(x)%secret;#`, 'Zażółć-gęślą-密码-1', 'x'.repeat(126)]) {
    lab.setPassword('news', text);
    expect(await say(on, accountOf('news'), text)).toBe('accepted NT_STATUS_OK');
    expect(await say(on, accountOf('news'), text.trim().slice(0, -1))).toBe('rejected NT_STATUS_LOGON_FAILURE');
    expect(await say(on, accountOf('news'), text)).toBe('accepted NT_STATUS_OK');
  }
});

test('what the program would cut short or take apart is not sent', async () => {
  const on = await open();
  for (const text of ['x'.repeat(127), 'a\nb', 'a\0b', 'a\rb'])
    expect(await say(on, accountOf('games'), text)).toBe('indeterminate secret-form');
  expect(await say(on, accountOf('games'), '')).toBe('indeterminate empty-secret');
  for (const name of ['games%guess', 'a\nb']) expect(await say(on, accountOf(name), wrong)).toBe('indeterminate user-form');
});

test('a disabled account and one whose password must be changed are blocked with the right password', async () => {
  const on = await open();
  lab.disable('lp');
  expect(await say(on, accountOf('lp'), right('lp'))).toBe('blocked NT_STATUS_ACCOUNT_DISABLED');
  lab.mustChange('mail');
  expect(await say(on, accountOf('mail'), right('mail'))).toBe('blocked NT_STATUS_PASSWORD_MUST_CHANGE');
});

test('a locked account does not reject its own password', async () => {
  const on = await open();
  for (let n = 0; n < 3; n++) await say(on, accountOf('uucp'), wrong);
  expect(await say(on, accountOf('uucp'), right('uucp'))).toBe('blocked NT_STATUS_ACCOUNT_LOCKED_OUT');
});

test('a server that makes a guest of whoever is refused does not accept: a guest session is no login', async () => {
  const lax = await startSmbd({
    dir: join(folder, 'guest'),
    users: ['games'],
    settings: ['map to guest = bad password', 'guest account = nobody'],
  });
  try {
    const on = await smb.open(smb.config.parse({ servers: [{ host: lax.host, port: lax.port }] }), pathIo());
    expect(await say(on, accountOf('games'), lax.secrets.games as string)).toBe('accepted NT_STATUS_OK');
    expect(await say(on, accountOf('games'), wrong)).toBe('indeterminate NT_STATUS_ACCESS_DENIED');
    expect(await say(on, accountOf('no-such-user'), wrong)).toBe('indeterminate NT_STATUS_ACCESS_DENIED');
  } finally {
    await lax.stop();
  }
});

test('a server that is down says nothing, and no other is asked in its place', async () => {
  const on = await open({
    servers: [
      { host: lab.host, port: await freePort() },
      { host: lab.host, port: lab.port },
    ],
  });
  expect(await say(on, accountOf('games'), right('games'), 0)).toBe('indeterminate NT_STATUS_CONNECTION_REFUSED');
  expect(await say(on, accountOf('games'), right('games'), 1)).toBe('accepted NT_STATUS_OK');
});

test('a missing smbclient is said by name', async () => {
  const path = process.env.PATH;
  process.env.PATH = '/nowhere';
  try {
    expect(await say(await open(), accountOf('games'), right('games'))).toBe('indeterminate smbclient-not-installed');
  } finally {
    process.env.PATH = path;
  }
});

test('while it runs, the password is in no argument, variable or file; afterwards the program and its folder are gone', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  const { port } = silent.address() as AddressInfo;
  const on = await open({ servers: [{ host: '127.0.0.1', port }] }, { timeoutMs: 1500 });
  const probed = say(on, accountOf('games'), wrong);
  let pid: string | undefined;
  await expect.poll(() => (pid = processOf(port)), { timeout: 1400 }).toBeDefined();
  const home = environment(pid as string)
    .find((each) => each.startsWith('HOME='))
    ?.slice(5) as string;
  const shown = [readFileSync(`/proc/${pid}/cmdline`, 'utf8'), ...environment(pid as string)];
  for (const name of readdirSync(home)) if (name.endsWith('.conf')) shown.push(readFileSync(join(home, name), 'utf8'));
  for (const each of shown) expect(each).not.toContain(wrong);
  expect(shown.join()).toContain('client signing = required');
  expect(await probed).toBe('indeterminate ETIMEDOUT');
  await expect.poll(() => processOf(port)).toBeUndefined();
  expect(() => readdirSync(home)).toThrow(/ENOENT/);
  silent.close();
});

test('a stop ends the probe', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  const controller = new AbortController();
  const on = await open({ servers: [{ host: '127.0.0.1', port: (silent.address() as AddressInfo).port }] }, { signal: controller.signal });
  const stopped = say(on, accountOf('games'), wrong);
  setTimeout(() => controller.abort(), 100);
  expect(await stopped).toBe('indeterminate ABORTED');
  silent.close();
});

test('no password stands in the log of the server', () => {
  const log = readFileSync(lab.log, 'utf8');
  expect(log).toContain('games');
  for (const text of [wrong, right('games')]) expect(log).not.toContain(text);
});

/** The pid of the smbclient that talks to this port. */
function processOf(port: number): string | undefined {
  return readdirSync('/proc').find((each) => {
    if (!/^\d+$/.test(each)) return false;
    try {
      const line = readFileSync(`/proc/${each}/cmdline`, 'utf8');
      return line.startsWith('smbclient') && line.includes(`--port=${port}`);
    } catch {
      return false; // It has just ended.
    }
  });
}

const environment = (pid: string): string[] => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
