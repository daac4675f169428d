// htpasswd files in front of a real nginx and Apache's own tools: what is written is taken, at once, and parallel writers lose nothing of ours.
import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { htpasswdLine, type LabNginx, startNginx } from '../../lab/nginx.ts';
import { freePort } from '../../lab/process.ts';
import { htpasswd } from '../../src/connectors/htpasswd/htpasswd.ts';
import { httpLogin } from '../../src/connectors/http-login/http-login.ts';
import type { Check } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { accountOf, pathIo, say } from './path-ground.ts';

const exec = promisify(execFile);
const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-htpasswd-'));
const file = join(dir, 'htpasswd');
const users = Array.from({ length: 12 }, (_, n) => `user${n}`);
let nginx: LabNginx;
let port: number;
let n = 0;

const oldOf = (name: string): string => `0ld-of-${name}-7x`;
const seed = (): void => {
  writeFileSync(file, users.map((name) => htpasswdLine(name, oldOf(name))).join(''));
  chmodSync(file, 0o644);
};
beforeAll(async () => {
  port = await freePort();
  seed();
  nginx = await startNginx({
    dir,
    ports: [port],
    servers: `server { listen 127.0.0.1:${port}; auth_basic lab; auth_basic_user_file ${file}; }`,
  });
}, 30_000);
afterAll(async () => {
  await nginx?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const open = (more: Record<string, unknown> = {}) => htpasswd.open(htpasswd.config.parse({ file, ...more }), pathIo());
const page = () => httpLogin.open(httpLogin.config.parse({ kind: 'basic', url: `http://127.0.0.1:${port}/` }), pathIo());
const fresh = (): string => `cnry-${++n}-Wq"7\\ :x`;
const text = (): string => readFileSync(file, 'latin1');

test('a reset is proved by the page behind the file, at once and without a reload', async () => {
  const [on, web, account] = [await open(), await page(), accountOf('user0')];
  expect(await say(web, account, oldOf('user0'))).toBe('accepted 200');
  for (const secret of [fresh(), fresh()]) {
    expect((await on.setSecret.set(account, secretOf('v', secret))).kind).toBe('done');
    expect(await say(web, account, secret)).toBe('accepted 200');
    expect(await say(web, account, `${secret}!`)).toBe('rejected 401');
    expect(await say(web, account, oldOf('user0'))).toBe('rejected 401');
  }
});

test('bcrypt is made by the tool of Apache, which hears the secret on its standard input and nowhere else', async () => {
  const log = join(dir, 'arguments');
  const tool = join(dir, 'tool');
  writeFileSync(tool, `#!/bin/sh\necho "$@" >> ${log}\nenv >> ${log}\nexec htpasswd "$@"\n`, { mode: 0o755 });
  const on = await open({ hash: { scheme: 'bcrypt', cost: 5, tool: [tool] } });
  const [web, account, secret] = [await page(), accountOf('user1'), fresh()];
  expect((await on.setSecret.set(account, secretOf('v', secret))).kind).toBe('done');
  expect(text()).toMatch(/^user1:\$2y\$05\$[./A-Za-z0-9]{53}$/m);
  expect(await say(web, account, secret)).toBe('accepted 200');
  expect(await say(web, account, oldOf('user1'))).toBe('rejected 401');
  expect(readFileSync(log, 'utf8')).toContain('-niB');
  expect(readFileSync(log, 'utf8')).not.toContain(secret);
  // bcrypt would look at 72 bytes and no more.
  expect(await on.setSecret.set(account, secretOf('v', 'x'.repeat(73)))).toMatchObject({ kind: 'refused', fault: { code: 'policy' } });
});

test('a tool that is missing or makes no hash leaves the file as it is', async () => {
  const before = text();
  for (const tool of [['/no/such/htpasswd'], ['false'], ['echo', 'x:$2y$05$short']]) {
    const on = await open({ hash: { scheme: 'bcrypt', tool } });
    expect((await on.setSecret.set(accountOf('user1'), secretOf('v', fresh()))).kind).toBe('refused');
  }
  expect(text()).toBe(before);
});

test("Apache's own check takes what is written, with the default and with other rounds", async () => {
  for (const hash of [{ scheme: 'sha512-crypt' }, { scheme: 'sha512-crypt', rounds: 12_345 }]) {
    const secret = fresh();
    const on = await open({ hash });
    expect((await on.setSecret.set(accountOf('user2'), secretOf('v', secret))).kind).toBe('done');
    const verify = (input: string): string =>
      execFileSync('sh', ['-c', `htpasswd -vi ${file} user2 2>&1 || true`], { input, encoding: 'utf8' });
    expect(verify(`${secret}\n`)).toContain('correct');
    expect(verify('wrong\n')).toContain('verification failed');
  }
});

test('eight writers at once lose entries with htpasswd alone; ours, in several processes, lose none', async () => {
  const lone = join(dir, 'lone');
  let lost = 0;
  for (let round = 0; round < 20 && lost === 0; round++) {
    writeFileSync(lone, '');
    await Promise.all(users.slice(0, 8).map((name) => exec('htpasswd', ['-bB', '-C', '4', lone, name, 'x']).catch(() => undefined)));
    lost = 8 - readFileSync(lone, 'utf8').split('\n').filter(Boolean).length;
  }
  expect(lost).toBeGreaterThan(0);

  seed();
  const names = users.slice(0, 8);
  const other = users.slice(8);
  const script = join(dir, 'writer.mts');
  const source = (path: string): string => JSON.stringify(resolve(path));
  writeFileSync(
    script,
    `import { htpasswd } from ${source('src/connectors/htpasswd/htpasswd.ts')};
    import { secretOf } from ${source('src/seal/secret.ts')};
    const io = { system: 'lab', timeoutMs: 20_000, signal: new AbortController().signal, now: () => new Date(), resolve: async () => secretOf('', ''), path: (p) => p };
    const on = await htpasswd.open(htpasswd.config.parse({ file: ${JSON.stringify(file)} }), io);
    const sets = process.argv.slice(2).map((name) => on.setSecret.set({ system: 'lab', id: name, name }, secretOf('v', 'n3w-' + name)));
    process.exit((await Promise.all(sets)).every(({ kind }) => kind === 'done') ? 0 : 1);`,
  );
  const child = (part: readonly string[]) => exec(process.execPath, ['--import', 'tsx', script, ...part]);
  const on = await open();
  const mine = other.map((name) => on.setSecret.set(accountOf(name), secretOf('v', `n3w-${name}`)));
  await Promise.all([child(names.slice(0, 4)), child(names.slice(4)), ...mine]);
  const web = await page();
  for (const name of users) expect(await say(web, accountOf(name), `n3w-${name}`), name).toBe('accepted 200');
});

test('comments, line ends, a missing last line break, owner and mode stay; a link stays a link', async () => {
  const odd = join(dir, 'odd');
  const link = join(dir, 'odd.link');
  const before = `# users\r\n\nalice:{SHA}old=:Alice, the first\r\nb\xe9a:$apr1$x$y\n  \nno-colon\nlast:x`;
  writeFileSync(odd, before, 'latin1');
  chmodSync(odd, 0o640);
  chownSync(odd, 33, 33);
  symlinkSync(odd, link);
  const on = await open({ file: link });
  for (const name of ['alice', 'last']) expect((await on.setSecret.set(accountOf(name), secretOf('v', fresh()))).kind).toBe('done');
  const after = readFileSync(odd, 'latin1');
  expect(after.replace(/alice:\$6\$[^:]+/, 'alice:{SHA}old=').replace(/last:\$6\$.+/, 'last:x')).toBe(before);
  expect(after).not.toBe(before);
  expect(statSync(odd)).toMatchObject({ uid: 33, gid: 33, mode: 0o100640 });
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
});

test('a user with several lines keeps the old secret in none of them', async () => {
  const web = await page();
  const line = htpasswdLine('user3', oldOf('user3'));
  writeFileSync(file, `${text()}${line}`);
  const [on, secret] = [await open(), fresh()];
  expect((await on.setSecret.set(accountOf('user3'), secretOf('v', secret))).kind).toBe('done');
  // Somebody removes the first of the two.
  writeFileSync(file, text().replace(/^user3:.*\n/m, ''));
  expect(await say(web, accountOf('user3'), secret)).toBe('accepted 200');
  const state = await on.state.read(accountOf('user3'), file);
  expect(state).toMatchObject({ kind: 'done', value: { values: 1, usable: true } });
  expect(await on.lockout.read(accountOf('user3'), { path: 'basic', replica: '' })).toMatchObject({ value: { threshold: 0 } });
});

test('an old line put in front of the new one is a second value, and opens the page', async () => {
  const [on, web, account] = [await open(), await page(), accountOf('user4')];
  expect((await on.setSecret.set(account, secretOf('v', fresh()))).kind).toBe('done');
  writeFileSync(file, `${htpasswdLine('user4', oldOf('user4'))}${text()}`);
  expect(await on.state.read(account, file)).toMatchObject({ kind: 'done', value: { values: 2 } });
  expect(await say(web, account, oldOf('user4'))).toBe('accepted 200');
});

test('doctor names weak entries, and a file in a folder it cannot replace', async () => {
  const weak = join(dir, 'weak');
  writeFileSync(weak, `a:{SHA}x\nb:plain\nc:$2y$05$x\na:{SHA}y\n`);
  const found: Check[] = [];
  for await (const check of (await open({ file: weak })).check.run()) found.push(check);
  expect(found.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(['reach ok', 'rights ok', 'policy warn', 'policy warn']);
  expect(found.at(-1)?.message).toContain('3 entries');
});

test('no secret stands in a log or a file of the web server, and nothing is left beside the file', () => {
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    expect(entry.name).not.toContain('rekey-');
    if (entry.isFile()) expect(readFileSync(join(entry.parentPath, entry.name), 'latin1').includes('cnry-'), entry.name).toBe(false);
  }
});
