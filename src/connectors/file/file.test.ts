// The store as an engine meets it: boundaries, concurrency, what stays of a file, and what is never told.
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AccountRef, Io } from '../../kit/kit.ts';
import { secretOf } from '../../seal/secret.ts';
import { bounded } from './bounded.ts';
import { file } from './file.ts';
import { lockPath, withLock } from './file-lock.ts';
import { replaceFile } from './replace-file.ts';

const account: AccountRef = { system: 'db', id: '1', name: 'app' };
const canary = 'C4nary# "quoted" \\ $x';
const secret = secretOf('v2', canary);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekey-file-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const inFolder = (name: string): string => join(folder, name);

async function store(config: object = {}, signal = new AbortController().signal) {
  const io: Io = {
    system: 'files',
    timeoutMs: 5000,
    signal,
    now: () => new Date(),
    resolve: () => Promise.reject(new Error('not asked for')),
    path: (relative) => join(folder, relative),
  };
  return (await file.open(file.config.parse(config), io)).storeConsumer;
}
const consumer = (ref: string) => ({ consumer: 'app', ref });

test('put replaces the value, says a version that is no hash of it, and holds proves it', async () => {
  writeFileSync(inFolder('app.env'), 'A=1\nP=old\n');
  const files = await store();
  const first = await files.put(consumer('app.env#P'), account, secret);
  const second = await files.put(consumer('app.env#P'), account, secret);
  expect([first.kind, second.kind]).toEqual(['done', 'done']);
  // The same value twice gives two versions: nobody can compare values by their versions.
  expect(first).not.toEqual(second);
  expect(await files.holds(consumer('app.env#P'), account, secret)).toEqual({ kind: 'done', value: true });
  expect(await files.holds(consumer('app.env#P'), account, secretOf('old', 'old'))).toEqual({ kind: 'done', value: false });
  expect(readdirSync(folder)).toEqual(['app.env']);
});

test('mode and the other content stay, also for a file nobody else may read', async () => {
  writeFileSync(inFolder('db.json'), '{ "p": "old",   "q": 1.0 }');
  chmodSync(inFolder('db.json'), 0o640);
  const files = await store();
  expect((await files.put(consumer('db.json#/p'), account, secretOf('v1', 'n'))).kind).toBe('done');
  expect(readFileSync(inFolder('db.json'), 'utf8')).toBe('{ "p": "n",   "q": 1.0 }');
  expect(statSync(inFolder('db.json')).mode & 0o7777).toBe(0o640);
});

test.skipIf(process.getuid?.() !== 0)('owner and group stay when root writes', async () => {
  const { chownSync } = await import('node:fs');
  writeFileSync(inFolder('a.env'), 'P=old');
  chownSync(inFolder('a.env'), 1234, 2345);
  await (await store()).put(consumer('a.env#P'), account, secret);
  expect(statSync(inFolder('a.env'))).toMatchObject({ uid: 1234, gid: 2345 });
});

const hasXattr = process.platform === 'linux' && spawnSync('python3', ['-c', 'import os']).status === 0;
test.skipIf(!hasXattr)('extended attributes stay where the file system has them', async () => {
  writeFileSync(inFolder('a.env'), 'P=old');
  const python = (code: string) => spawnSync('python3', ['-c', code, inFolder('a.env')], { encoding: 'utf8' });
  const set = python('import os,sys; os.setxattr(sys.argv[1], "user.label", b"kept")');
  await (await store()).put(consumer('a.env#P'), account, secret);
  const got = python('import os,sys; print(os.getxattr(sys.argv[1], "user.label").decode(), end="")');
  // A file system without user attributes (some temporary ones) has nothing to keep.
  if (set.status === 0) expect(got.stdout).toBe('kept');
});

test('nothing outside the folder is written, by dots, by an absolute path or through a link', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'rekey-outside-'));
  writeFileSync(join(outside, 'x.env'), 'P=old\n');
  symlinkSync(outside, inFolder('link'));
  symlinkSync(join(outside, 'x.env'), inFolder('x.env'));
  const files = await store();
  for (const path of [join(outside, 'x.env'), `../${outside.split('/').at(-1)}/x.env`, 'link/x.env', 'x.env']) {
    expect(await files.put(consumer(`${path}#P`), account, secret), path).toMatchObject({
      kind: 'refused',
      fault: { code: 'permission', target: 'OUTSIDE' },
    });
  }
  expect(readFileSync(join(outside, 'x.env'), 'utf8')).toBe('P=old\n');
  rmSync(outside, { recursive: true });
});

test('allow is the whole list: it leads out of root, and closes root for what it does not name', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'rekey-outside-'));
  mkdirSync(join(outside, 'deep'));
  for (const path of [join(outside, 'deep', 'x.env'), inFolder('in.env'), inFolder('no.env')]) writeFileSync(path, 'P=old\n');
  const files = await store({ allow: [`${outside}/**/*.env`, 'in.env'] });
  const kinds = [];
  for (const path of [`${outside}/deep/x.env`, 'in.env', 'no.env'])
    kinds.push((await files.put(consumer(`${path}#P`), account, secret)).kind);
  expect(kinds).toEqual(['done', 'done', 'refused']);
  rmSync(outside, { recursive: true });
});

test('a link inside the folder stays a link, and its file is replaced', async () => {
  writeFileSync(inFolder('real.env'), 'P=old\n');
  symlinkSync('real.env', inFolder('current.env'));
  expect((await (await store()).put(consumer('current.env#P'), account, secretOf('v1', 'new'))).kind).toBe('done');
  expect(readFileSync(inFolder('real.env'), 'utf8')).toBe('P=new\n');
});

test('a file with a second name is refused: the old secret would live on under it', async () => {
  writeFileSync(inFolder('a.env'), 'P=old\n');
  linkSync(inFolder('a.env'), inFolder('b.env'));
  expect(await (await store()).put(consumer('a.env#P'), account, secret)).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
});

test.each([
  ['notes.txt#P', /dotenv, json, yaml, ini, pgpass, line/],
  ['toml:a.toml#P', /dotenv, json, yaml, ini, pgpass, line/],
  ['a.env', /which key\? Write dotenv:a\.env#NAME/],
  ['line:a.secret#P', /has no keys/],
  ['#P', /names no file/],
  ['missing.env#P', /no such file.*create: true/],
])('%s is refused with the remedy', async (ref, message) => {
  const outcome = await (await store()).put(consumer(ref), account, secret);
  expect(outcome.kind).toBe('refused');
  expect(outcome.kind === 'refused' ? outcome.fault.message : '').toMatch(message);
});

test('create adds a file that only its owner can read', async () => {
  const files = await store({ create: true });
  expect((await files.put(consumer('new.json#/p'), account, secretOf('v1', 'x'))).kind).toBe('done');
  expect(readFileSync(inFolder('new.json'), 'utf8')).toBe('{"p": "x"}\n');
  expect(statSync(inFolder('new.json')).mode & 0o777).toBe(0o600);
});

test('eight processes writing eight keys of one file lose no update', async () => {
  writeFileSync(inFolder('all.env'), Array.from({ length: 8 }, (_, n) => `KEY_${n}=old\n`).join(''));
  const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const writer = (n: number): string => `
    import { file } from ${JSON.stringify(here('./file.ts'))};
    import { secretOf } from ${JSON.stringify(here('../../seal/secret.ts'))};
    const io = { system: 'f', timeoutMs: 60000, signal: new AbortController().signal, now: () => new Date(), path: () => ${JSON.stringify(folder)} };
    const open = await file.open(file.config.parse({ lockTimeoutMs: 60000 }), io);
    for (let turn = 1; turn <= 10; turn++) {
      const outcome = await open.storeConsumer.put({ consumer: 'c', ref: 'all.env#KEY_${n}' }, { system: 's', id: '1', name: 'a' }, secretOf('v', 'value-${n}-' + turn));
      if (outcome.kind !== 'done') { console.error(JSON.stringify(outcome)); process.exit(1); }
    }`;
  const ended = await Promise.all(
    Array.from({ length: 8 }, (_, n) => {
      writeFileSync(inFolder(`w${n}.mts`), writer(n));
      const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), inFolder(`w${n}.mts`)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      return new Promise((resolve) => child.once('exit', resolve));
    }),
  );
  expect(ended).toEqual(Array(8).fill(0));
  expect(readFileSync(inFolder('all.env'), 'utf8')).toBe(Array.from({ length: 8 }, (_, n) => `KEY_${n}=value-${n}-10\n`).join(''));
}, 60_000);

test('an edit that somebody makes without the lock between our read and our rename is not lost', async () => {
  const path = inFolder('a.env');
  writeFileSync(path, 'P=old\n');
  let calls = 0;
  const outcome = await replaceFile(path, (content) => {
    // The first time, another editor saves while we are at it.
    if (calls++ === 0) writeFileSync(path, 'P=old\nADDED=1\n');
    return { kind: 'done', value: Buffer.from(String(content).replace('old', 'new')) };
  });
  expect(outcome.kind).toBe('done');
  expect(readFileSync(path, 'utf8')).toBe('P=new\nADDED=1\n');
});

test('a file that never stands still is given up, unchanged by us', async () => {
  const path = inFolder('a.env');
  writeFileSync(path, 'P=old\n');
  let calls = 0;
  const outcome = await replaceFile(path, () => {
    writeFileSync(path, `P=${++calls}\n`);
    return { kind: 'done', value: Buffer.from('P=ours\n') };
  });
  expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
  expect(readFileSync(path, 'utf8')).toBe(`P=${calls}\n`);
});

test('a call that hangs ends at the timeout, and soon after an abort, as unknown', async () => {
  const io = (timeoutMs: number, signal: AbortSignal) => ({ timeoutMs, signal }) as Io; // the two members that bounded() reads
  const hang = () => new Promise<never>(() => {});
  const controller = new AbortController();
  expect(await bounded(io(50, controller.signal), hang)).toMatchObject({ kind: 'indeterminate', fault: { target: 'ETIMEDOUT' } });
  const call = bounded(io(60_000, controller.signal), hang);
  controller.abort();
  expect(await call).toMatchObject({ kind: 'indeterminate', fault: { target: 'ABORTED' } });
});

test('an abort while waiting for the lock is refused: nothing was written', async () => {
  const { hostname } = await import('node:os');
  writeFileSync(inFolder('a.env'), 'P=old\n');
  writeFileSync(lockPath(inFolder('a.env')), `${process.ppid} ${hostname()} x\n`);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 60);
  expect(await (await store({}, controller.signal)).put(consumer('a.env#P'), account, secret)).toMatchObject({
    kind: 'refused',
    fault: { target: 'ABORTED' },
  });
});

test('the lock of a killed process is taken over, that of a living one is waited for and named', async () => {
  writeFileSync(inFolder('a.env'), 'P=old\n');
  const dead = spawn('true');
  await new Promise((resolve) => dead.once('exit', resolve));
  const { hostname } = await import('node:os');
  writeFileSync(lockPath(inFolder('a.env')), `${dead.pid} ${hostname()} x\n`);
  expect((await (await store()).put(consumer('a.env#P'), account, secret)).kind).toBe('done');
  writeFileSync(lockPath(inFolder('a.env')), `${process.ppid} ${hostname()} x\n`);
  const outcome = await (await store({ lockTimeoutMs: 150 })).put(consumer('a.env#P'), account, secretOf('v3', 'x'));
  expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'conflict', target: 'LOCKED' } });
  expect(existsSync(lockPath(inFolder('a.env')))).toBe(true);
});

test('work that throws gives the lock back and lets the next in line go on', async () => {
  const path = inFolder('a.env');
  const limits = { timeoutMs: 1000, signal: new AbortController().signal };
  const failing = withLock(path, limits, () => Promise.reject(new Error('boom')));
  const next = withLock(path, limits, async () => ({ kind: 'done', value: 1 }) as const);
  await expect(failing).rejects.toThrow('boom');
  expect(await next).toEqual({ kind: 'done', value: 1 });
});

test('what a killed writer left behind is swept away by the next put', async () => {
  writeFileSync(inFolder('a.env'), 'P=old\n');
  writeFileSync(inFolder('.a.env.rekey-new-1-abc'), 'P=half');
  await (await store()).put(consumer('a.env#P'), account, secret);
  expect(readdirSync(folder)).toEqual(['a.env']);
});

test('no fault, version or inspection holds the secret', async () => {
  writeFileSync(inFolder('a.env'), `P=${'x'}\n`);
  writeFileSync(inFolder('bad.json'), `{"p": "${'C4nary'}" oops`);
  const files = await store();
  const seen: unknown[] = [];
  for (const ref of ['a.env#P', 'a.env#Q', 'bad.json#/p', 'nothing.env#P', '../x.env#P']) {
    seen.push(await files.put(consumer(ref), account, secret), await files.holds(consumer(ref), account, secret));
  }
  expect(seen.length).toBe(10);
  expect(JSON.stringify(seen) + inspect(seen, { depth: 9 })).not.toContain('C4nary');
});

test('a config error names the field', () => {
  expect(() => file.config.parse({ allow: 'x' })).toThrow(/allow/);
  expect(() => file.config.parse({ rot: 'x' })).toThrow(/rot/);
});
