// The composition root: opens an estate as a set of services behind the API, and makes new estates. Nothing imports this but the CLI's door.
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { houseCaller } from './access/caller.ts';
import { clientAuthorities } from './deliver/workload-certificate.ts';
import { Problem } from './domain/problem.ts';
import type { Estate } from './estate/estate.ts';
import { writeStarter } from './estate/init.ts';
import { estateFileName, loadEstate } from './estate/load.ts';
import type { KnownConnectors } from './estate/rules.ts';
import { estateSchema, schemaFileName } from './estate/schema.ts';
import type { AccessServices } from './http/access-services.ts';
import { buildApi } from './http/api.ts';
import { authenticator } from './http/authenticate.ts';
import type { Services } from './http/services.ts';
import { createKeyring } from './seal/keyring.ts';
import { scrub } from './seal/live-secrets.ts';
import type { Level } from './serve/log.ts';
import type { ServeOptions, Serving } from './serve/serve.ts';
import { changes } from './store/changes.ts';
import { keptReplies } from './store/kept-replies.ts';
import { openStore } from './store/open.ts';
import { rateLimits } from './store/rate-limits.ts';
import { serverNumbers } from './store/server-numbers.ts';
import { accessOf } from './wire/access-house.ts';
import { approvalServices } from './wire/approval-services.ts';
import { deliveryServices } from './wire/delivery-services.ts';
import { estateServices } from './wire/estate-services.ts';
import { evidenceServices } from './wire/evidence-services.ts';
import { inventoryServices } from './wire/inventory-services.ts';
import { keyringServices } from './wire/keyring-services.ts';
import { noticeServices } from './wire/notice-services.ts';
import { NoticeWorker } from './wire/notice-worker.ts';
import { nowServices } from './wire/now-services.ts';
import { allConnectors, demoMark, openParts } from './wire/parts.ts';
import { planServices } from './wire/plan-services.ts';
import { playbookServices } from './wire/playbook-services.ts';
import { assertReady, Heart } from './wire/ready.ts';
import { runServices } from './wire/run-services.ts';
import { systemServices } from './wire/system-services.ts';
import { triggerServices } from './wire/trigger-services.ts';
import { startUpkeep } from './wire/upkeep.ts';
import { workerOf } from './wire/worker.ts';
import { withWorkloadStore } from './wire/workload-store.ts';

export type OpenOptions = { readonly folder?: string; readonly worker?: boolean };
export type Opened = {
  readonly services: Services;
  readonly access: AccessServices;
  readonly api: FastifyInstance;
  readonly estateName: string;
  readonly demo: boolean;
  listen(socketPath: string): Promise<void>;
  /** For browsers and other machines, until `close`: nobody is trusted for being able to connect. `code` makes the first administrator. */
  serve(options: ServeOptions & { readonly logLevel: Level }): Promise<Serving & { readonly code: string | null }>;
  close(): Promise<void>;
};

/** Two minutes for a consumer to be seen on the new value, a quarter of an hour for a replica to catch up. */
const settings = { adoptionMs: 120_000, patienceMs: 15 * 60_000 };
/** The demo's unreachable host is given up in seconds: nobody is waiting for a simulation to come back. */
const demoSettings = { adoptionMs: 5000, patienceMs: 10_000, breaker: { failures: 6, coolMs: 400, trials: 2 } };

/** A request that another command of this machine has begun to send is here within this time. */
const comingInMs = 50;

export async function openEstate(options: OpenOptions = {}): Promise<Opened> {
  const parts = await openParts({
    ...(options.folder === undefined ? {} : { folder: options.folder }),
    demo: (folder) => existsSync(join(folder, demoMark)),
  });
  const servers: Serving[] = [];
  try {
    const access = accessOf(parts);
    const services: Services = {
      estateName: parts.estate.name,
      demo: parts.demo,
      ...inventoryServices(parts),
      ...planServices(parts),
      ...systemServices(parts),
      ...approvalServices(parts, access.site),
      ...runServices(parts),
      ...nowServices(parts),
      ...evidenceServices(parts),
      ...deliveryServices(parts),
      ...keyringServices(parts),
      ...estateServices(parts),
      changes: changes(parts.store),
      ...noticeServices(parts),
      ...playbookServices(parts, access.site),
      ...triggerServices(parts),
    };
    const replies = keptReplies(parts.store);
    const heart = new Heart();
    const ready = () => assertReady(parts.store, heart);
    const caller = houseCaller(process.env.REKEY_USER ?? userInfo().username);
    const api = buildApi({ services, access, caller: () => caller, version: parts.version, report: parts.report, replies, ready });
    await api.ready();
    const notices = new NoticeWorker(parts);
    // Reading never moves a run on: only a process that was asked to work does.
    if (options.worker === true) {
      if (parts.store.kind === 'pglite') await parts.runs.forgetHolders();
      const handlers = workerOf({ ...parts, connections: withWorkloadStore(parts), settings: parts.demo ? demoSettings : settings });
      await parts.engine.work(heart.of(handlers));
      for (const run of await parts.runs.running()) await parts.engine.sendAdvance(run);
      notices.start();
    }
    let door: string | undefined;
    return {
      services,
      access,
      api,
      estateName: parts.estate.name,
      demo: parts.demo,
      listen: async (socketPath) => {
        await api.listen({ path: socketPath });
        chmodSync(socketPath, 0o600);
        door = socketPath;
      },
      serve: async (wanted) => {
        // A command that serves nothing does not load what serving takes.
        const [{ serve }, { openLog }] = await Promise.all([import('./serve/serve.ts'), import('./serve/log.ts')]);
        const { version } = parts;
        const caller = authenticator(access);
        const log = openLog((line) => process.stderr.write(line), scrub, wanted.logLevel);
        const report = (error: unknown, requestId: string) =>
          log('error', 'error.unexpected', { requestId, detail: error instanceof Error ? error.message : String(error) });
        const clients = await clientAuthorities(parts.estate.workloads);
        const server = await serve(wanted, {
          ...(clients === undefined ? {} : { clients }),
          build: (listener, before) => buildApi({ services, access, caller, version, report, listener, before, replies, ready }),
          limits: rateLimits(parts.store),
          numbers: () => serverNumbers(parts.store),
          log,
        });
        const stopUpkeep = startUpkeep(parts.store, (error) => report(error, 'none'));
        servers.push({
          ...server,
          close: async () => {
            stopUpkeep();
            await server.close();
          },
        });
        access.servedAt(server.url);
        return { ...server, code: await access.bootstrapCode() };
      },
      close: async () => {
        await Promise.all(servers.map((server) => server.close()));
        // Whoever comes now finds no door and waits for the estate; whoever has just come in is heard before the door's own end.
        if (door !== undefined) {
          rmSync(door, { force: true });
          await new Promise((resolve) => setTimeout(resolve, comingInMs));
        }
        await api.close();
        await notices.stop();
        await parts.close();
      },
    };
  } catch (error) {
    await parts.close();
    throw error;
  }
}

/** Estate file, editor schema, keyring, embedded store. Never overwrites: an estate file that is already there, from version control say, gets what it lacks. */
export async function initEstate(options: {
  readonly folder: string;
  readonly name: string;
}): Promise<{ readonly files: readonly string[] }> {
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true });
  const connectors = (await allConnectors()) as KnownConnectors;
  const file = join(folder, estateFileName);
  const given = existsSync(file);
  if (given) assertUnfinished(loadEstate(folder, { connectors }), file);
  const written = given ? [] : [writeStarter(folder, options.name)];
  try {
    const inner = join(folder, '.rekey');
    mkdirSync(inner, { recursive: true, mode: 0o700 });
    const schema = join(inner, schemaFileName);
    writeFileSync(schema, `${JSON.stringify(estateSchema(connectors), null, 2)}\n`);
    const estate = loadEstate(folder, { connectors });
    if (estate.keyring.provider === 'file' && !existsSync(estate.keyring.path)) {
      await createKeyring(estate.keyring);
      written.push(estate.keyring.path);
    }
    const store = await openStore(estate.store);
    await store.close();
    if ('dataDir' in estate.store) written.push(estate.store.dataDir);
    return { files: [...written, schema].map((path) => relative(folder, path) || path) };
  } catch (error) {
    // The starter is what a second `init` would stop at: one that was only just written must not block it.
    if (!given) rmSync(file, { force: true });
    throw error;
  }
}

/** A keyring that is there means the estate is made; a store without its keyring means the keyring was lost, and a new one would open nothing. */
function assertUnfinished(estate: Estate, file: string): void {
  const hasKeyring = estate.keyring.provider === 'file' && existsSync(estate.keyring.path);
  const hasStore = 'dataDir' in estate.store && existsSync(estate.store.dataDir);
  if (hasKeyring)
    throw new Problem('conflict', {
      message: `${file} exists already and is left as it is`,
      hint: 'run `rekey doctor` to see its state, or init another folder',
    });
  if (hasStore && estate.keyring.provider === 'file')
    throw new Problem('conflict', {
      message: `there is a store but no keyring: a new keyring would open nothing of it`,
      place: estate.keyring.path,
      hint: 'restore the keyring from its copy',
    });
}
