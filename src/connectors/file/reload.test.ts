// Reloads and health checks: what is done, what certainly was not, and what nobody can know.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseAction } from './action.ts';
import { fileConfig } from './config.ts';
import { healthy, type Place, reload } from './reload.ts';

let root: string;
const servers: Server[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rekey-reload-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

const place = (config: object = {}, timeoutMs = 5000, signal = new AbortController().signal): Place => ({
  config: fileConfig.parse(config),
  root,
  limits: { timeoutMs, signal },
});

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('exec: runs in the store folder without a shell and without the environment of Rekey', async () => {
  process.env.REKEY_TEST_KEY = 'hidden';
  const script = 'require("fs").writeFileSync("out", JSON.stringify([process.argv.slice(1), process.env]))';
  expect(await reload(`exec:${process.execPath} -e '${script}' -- "a b" $HOME *`, place())).toEqual({ kind: 'done', value: undefined });
  const out = readFileSync(join(root, 'out'), 'utf8');
  expect(JSON.parse(out)[0]).toEqual(['a b', '$HOME', '*']);
  expect(out).not.toContain('hidden');
});

test.each([
  ['exec:/no/such/command', 'refused', 'not-found'],
  ['exec:false', 'indeterminate', 'protocol'],
  ['exec:sleep 30', 'indeterminate', 'unreachable'],
  ['exec:"open', 'refused', 'unsupported'],
  ['exec:', 'refused', 'unsupported'],
  ['restart the app', 'refused', 'unsupported'],
  ['http:POST http://user:pass@host/', 'refused', 'unsupported'],
  ['http:POST file:///etc/passwd', 'refused', 'unsupported'],
  ['http:GET http://169.254.169.254/latest', 'refused', 'permission'],
  ['http:GET http://[fe80::1]/', 'refused', 'permission'],
  ['http:POST http://127.0.0.1:1/', 'refused', 'unreachable'],
  ['signal:KILL:/run/x.pid', 'refused', 'unsupported'],
  ['signal:HUP:missing.pid', 'refused', 'not-found'],
])('%s is %s (%s)', async (text, kind, code) => {
  expect(await reload(text, place({}, 300))).toMatchObject({ kind, fault: { code } });
});

test('a command that does not end is ended with everything it started', async () => {
  const alive = join(root, 'alive');
  const outcome = await reload(`exec:sh -c '(sleep 1; touch ${alive}) & sleep 30'`, place({}, 200));
  expect(outcome.kind).toBe('indeterminate');
  await new Promise((resolve) => setTimeout(resolve, 1300));
  expect(existsSync(alive)).toBe(false);
});

test('an aborted run does not wait for the command', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  const started = performance.now();
  expect((await reload('exec:sleep 30', place({}, 20_000, controller.signal))).kind).toBe('indeterminate');
  expect(performance.now() - started).toBeLessThan(5000);
});

test('only listed commands and hosts are used when a list is given', async () => {
  const url = await serving((_, answer) => answer.end());
  expect((await reload('exec:true', place({ commands: ['true'] }))).kind).toBe('done');
  expect(await reload('exec:false', place({ commands: ['true'] }))).toMatchObject({ kind: 'refused', fault: { code: 'permission' } });
  expect((await reload(`http:POST ${url}/`, place({ hosts: ['127.0.0.1'] }))).kind).toBe('done');
  expect(await reload(`http:POST ${url}/`, place({ hosts: ['other.example'] }))).toMatchObject({
    kind: 'refused',
    fault: { code: 'permission' },
  });
});

test.each([
  [204, 'done', undefined],
  [302, 'indeterminate', 'protocol'],
  [403, 'refused', 'permission'],
  [404, 'refused', 'not-found'],
  [429, 'refused', 'throttled'],
  [503, 'indeterminate', 'protocol'],
])('an HTTP answer %i is %s', async (status, kind, code) => {
  const url = await serving((_, answer) => answer.writeHead(status, { 'retry-after': '7', location: '/elsewhere' }).end());
  const outcome = await reload(`http:POST ${url}/reload`, place());
  expect(outcome).toMatchObject(code === undefined ? { kind } : { kind, fault: { code } });
  if (status === 429) expect(outcome).toMatchObject({ fault: { retryAfterMs: 7000 } });
});

test('an answer that never comes and a connection that breaks are indeterminate', async () => {
  const silent = await serving(() => {});
  expect((await reload(`http:POST ${silent}/`, place({}, 200))).kind).toBe('indeterminate');
  const broken = await serving((request) => request.socket.destroy());
  expect((await reload(`http:POST ${broken}/`, place())).kind).toBe('indeterminate');
});

test('signal: reaches the process of the pid file and refuses what is none', async () => {
  const child = spawn(
    process.execPath,
    ['-e', 'process.on("SIGHUP", () => process.exit(7)); setInterval(() => {}, 1000); console.log(1)'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  await new Promise((resolve) => child.stdout.once('data', resolve));
  writeFileSync(join(root, 'app.pid'), `${child.pid}\n`);
  const code = new Promise((resolve) => child.once('exit', resolve));
  expect((await reload('signal:HUP:app.pid', place())).kind).toBe('done');
  expect(await code).toBe(7);
  expect(await reload('signal:HUP:app.pid', place())).toMatchObject({ kind: 'refused', fault: { target: 'ESRCH' } });
  for (const text of ['1', '0', '-5', 'x', '12 13', String(process.pid)]) {
    writeFileSync(join(root, 'app.pid'), text);
    expect(await reload('signal:HUP:app.pid', place()), text).toMatchObject({ kind: 'refused', fault: { code: 'protocol' } });
  }
});

test('health is the consumer’s own word; what could not be asked is no word', async () => {
  const sick = await serving((_, answer) => answer.writeHead(500).end());
  const silent = await serving(() => {});
  expect(await healthy('exec:true', place())).toEqual({ kind: 'done', value: true });
  expect(await healthy('exec:false', place())).toEqual({ kind: 'done', value: false });
  expect(await healthy(`http:GET ${sick}/`, place())).toEqual({ kind: 'done', value: false });
  expect(await healthy('http:GET http://127.0.0.1:1/', place())).toEqual({ kind: 'done', value: false });
  expect((await healthy(`http:GET ${silent}/`, place({}, 200))).kind).toBe('indeterminate');
  expect((await healthy(`http:POST ${sick}/`, place())).kind).toBe('refused');
  expect((await healthy('exec:sleep 9', place({}, 200))).kind).toBe('indeterminate');
});

test('an action is split like a shell line, and nothing of it is expanded', () => {
  expect(parseAction('exec:a "b \\" c" \'d e\'f g\\ h')).toEqual({
    kind: 'done',
    value: { kind: 'exec', argv: ['a', 'b " c', 'd ef', 'g h'] },
  });
});
