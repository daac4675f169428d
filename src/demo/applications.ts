// The demo's applications: each reads its credential from a file of its own, takes a new one on reload, and says whether what it runs on is accepted.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { TwinOracle } from '../connectors/twin/oracle.ts';

export type Application = { readonly id: string; readonly system: string; readonly account: string; readonly accountId: string };
export type Running = { readonly rows: readonly string[]; close(): Promise<void> };

/** Rows are lines of consumers.csv. `deaf`: this application ignores its reload, as one always does. */
export async function startApplications(
  folder: string,
  applications: readonly (Application & { readonly secret: string })[],
  world: { readonly oracle: (system: string) => TwinOracle; readonly deaf: string },
): Promise<Running> {
  const byId = new Map(applications.map((a) => [a.id, a]));
  const read = (id: string): string => (JSON.parse(readFileSync(fileOf(folder, id), 'utf8')) as { password: string }).password; // written by us or by the file store
  for (const { id, account, secret } of applications) {
    mkdirSync(join(folder, id), { recursive: true });
    // One that ran before has what it was given since.
    if (existsSync(fileOf(folder, id))) continue;
    writeFileSync(fileOf(folder, id), `${JSON.stringify({ user: account, password: secret }, null, 2)}\n`, { mode: 0o600 });
  }
  const runningOn = new Map(applications.map((a) => [a.id, read(a.id)]));
  const server = createServer((request, reply) => {
    const [, id = '', what] = (request.url ?? '').split('/');
    const application = byId.get(id);
    if (application === undefined) return reply.writeHead(404).end();
    if (what === 'reload' && request.method === 'POST') {
      if (id !== world.deaf) runningOn.set(id, read(id));
      return reply.writeHead(204).end();
    }
    const healthy = world.oracle(application.system).accepts(application.accountId, runningOn.get(id) ?? '');
    return reply.writeHead(healthy ? 200 : 503).end();
  });
  // The estate knows its applications by this address: it stays the same when they start again.
  const portFile = join(folder, 'port');
  const port = await listen(server, existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : 0);
  writeFileSync(portFile, String(port));
  const url = `http://127.0.0.1:${port}`;
  return {
    rows: applications.map((a) =>
      [
        a.system,
        a.account,
        a.id,
        'file',
        `json:${fileOf(folder, a.id)}#/password`,
        'apps@harbour-pine.example',
        `http:POST ${url}/${a.id}/reload`,
        `http:GET ${url}/${a.id}/health`,
      ].join(','),
    ),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const fileOf = (folder: string, id: string): string => join(folder, id, 'database.json');

function listen(server: Server, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(wanted, '127.0.0.1', () => resolve((server.address() as { port: number }).port)); // an address object: it listens on TCP
  });
}
