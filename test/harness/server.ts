// A listening server over the fake house, and a client that sends exactly what it is told: no normalised paths, no forbidden headers.
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { houseCaller } from '../../src/access/caller.ts';
import { buildApi } from '../../src/http/api.ts';
import type { RateLimits } from '../../src/http/port.ts';
import type { Services } from '../../src/http/services.ts';
import { scrub } from '../../src/seal/live-secrets.ts';
import { openLog } from '../../src/serve/log.ts';
import { type ServeOptions, type Serving, serve } from '../../src/serve/serve.ts';
import { FakeServices } from '../cli/fake-services.ts';

const open: Serving[] = [];
const folders: string[] = [];

/** After each test. */
export async function closeServers(): Promise<void> {
  for (const server of open.splice(0)) await server.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A console of four files, in a folder beside which lies one that nobody may have. */
function builtConsole(): string {
  const home = mkdtempSync(join(tmpdir(), 'rekey-console-'));
  folders.push(home);
  const folder = join(home, 'console');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(home, 'outside.txt'), 'outside');
  writeFileSync(join(folder, 'index.html'), '<script nonce="__CSP_NONCE__" src="/assets/main-AbCd1234.js"></script>');
  writeFileSync(join(folder, 'assets', 'main-AbCd1234.js'), 'plain');
  writeFileSync(join(folder, 'assets', 'main-AbCd1234.js.gz'), gzipSync('packed'));
  writeFileSync(join(folder, 'mark.svg'), '<svg/>');
  return folder;
}

export const numbers = { items: { 'in-doubt': 3 }, lanes: { halted: 1 }, runs: { running: 1 }, queued: { lane: 2 }, oldestBeat: 4 };

export type Served = Serving & { readonly lines: string[] };

export async function served(change: Partial<ServeOptions> = {}, services: Services = new FakeServices()): Promise<Served> {
  const lines: string[] = [];
  const log = openLog((line) => lines.push(line), scrub);
  const report = (error: unknown, requestId: string): void =>
    log('error', 'error.unexpected', { requestId, detail: error instanceof Error ? error.message : String(error) });
  const server = await serve(
    { listen: { host: '127.0.0.1', port: 0 }, proxies: [], consoleFolder: builtConsole(), ...change },
    {
      build: (listener, before) => buildApi({ services, caller: () => houseCaller('alice'), version: '0.0.0', listener, before, report }),
      limits: counting(),
      numbers: async () => numbers,
      log,
    },
  );
  open.push(server);
  return { ...server, lines };
}

/** The store's promise in memory, in one window that never ends. */
function counting(): RateLimits {
  const hits = new Map<string, number>();
  return {
    async hit(key, { limit, cost = 1, windowMs }) {
      const now = (hits.get(key) ?? 0) + cost;
      hits.set(key, now);
      return now <= limit ? { ok: true, retryAfterMs: 0 } : { ok: false, retryAfterMs: windowMs };
    },
  };
}

export type Asked = { readonly method?: string; readonly path: string; readonly headers?: Record<string, string>; readonly body?: string };
export type Said = { readonly status: number; readonly headers: Record<string, string | string[] | undefined>; readonly body: string };

export async function ask(port: number, { path, method = 'GET', headers = {}, body }: Asked): Promise<Said> {
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
  sent.end(body);
  const [answer] = await once(sent, 'response');
  let text = '';
  for await (const chunk of answer) text += chunk;
  return { status: answer.statusCode, headers: answer.headers, body: text };
}
