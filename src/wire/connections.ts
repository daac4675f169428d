// Opens each system of the estate at most once per process, with its own limits, and closes them all. Part of the composition: it alone joins estate, registry and seal.

import { setMaxListeners } from 'node:events';
import { isAbsolute, join } from 'node:path';
import { Problem } from '../domain/problem.ts';
import type { Where } from '../domain/verdict.ts';
import type { AccessPath, Estate, SystemSpec } from '../estate/estate.ts';
import type { Connection, Connector, Io } from '../kit/connector.ts';
import type { SecretRef } from '../kit/secret.ts';
import { resolveSecret } from '../seal/secret-ref.ts';
import type { ProbePath } from '../verify/verify-item.ts';

export type AnyConnector = Connector<unknown>;
export type Registry = { readonly [id: string]: () => Promise<AnyConnector> };

export type OpenSystem = {
  readonly spec: SystemSpec;
  readonly connector: AnyConnector;
  readonly connection: Connection;
  readonly limits: { readonly concurrency: number; readonly perSecond: number };
  /** The system's own paths and the estate file's extra ones. */
  paths(): Promise<readonly ProbePath[]>;
};

/** 10 s: long enough for a slow directory under load, short enough that a dead one is known before the coffee is cold. */
const timeoutMs = 10_000;

const unlimited = 1e9;

export class Connections {
  readonly #estate: Estate;
  readonly #registry: Registry;
  readonly #env: NodeJS.ProcessEnv;
  readonly #abort = new AbortController();
  readonly #open = new Map<string, Promise<OpenSystem>>();
  readonly #extra: Connection[] = [];

  constructor(estate: Estate, registry: Registry, env: NodeJS.ProcessEnv) {
    this.#estate = estate;
    this.#registry = registry;
    this.#env = env;
    // One listener per open system is no leak, however many systems an estate has.
    setMaxListeners(0, this.#abort.signal);
  }

  /** A failed opening is forgotten: the next call tries again. A store connector that needs no configuration may be named by its id. */
  open(system: string): Promise<OpenSystem> {
    const known = this.#open.get(system);
    if (known !== undefined) return known;
    const opening = this.#openNow(system).catch((error: unknown) => {
      this.#open.delete(system);
      throw error;
    });
    this.#open.set(system, opening);
    return opening;
  }

  /** One access path of the estate file by itself. Whoever opens it closes it. */
  async openDoor(spec: SystemSpec, path: AccessPath): Promise<Connection> {
    return this.#connect(await this.connector(path.probe), spec, path.config);
  }

  async connector(id: string): Promise<AnyConnector> {
    const load = this.#registry[id];
    if (load === undefined)
      throw new Problem('invalid-config', {
        message: `there is no connector "${id}"`,
        hint: `one of: ${Object.keys(this.#registry).join(', ')}`,
      });
    return load();
  }

  async close(): Promise<void> {
    this.#abort.abort();
    const opened = await Promise.all([...this.#open.values()].map((opening) => opening.catch(() => undefined)));
    this.#open.clear();
    // One that fails to say goodbye keeps no other open, nor the store that is closed after them.
    await Promise.allSettled([...opened.flatMap((o) => o?.connection ?? []), ...this.#extra].map((c) => c[Symbol.asyncDispose]()));
  }

  async #openNow(system: string): Promise<OpenSystem> {
    const spec = this.#estate.systems.find((s) => s.id === system) ?? (await this.#implicitStore(system));
    const connector = await this.connector(spec.connector);
    const connection = await this.#connect(connector, spec, spec.config);
    // What a connector declares as its pace is for predictions; only the estate file limits, and the target by its answers.
    const limits = {
      concurrency: spec.limits.concurrency ?? connector.pace.concurrency,
      perSecond: spec.limits.perSecond ?? unlimited,
    };
    let known: Promise<readonly ProbePath[]> | undefined;
    const paths = (): Promise<readonly ProbePath[]> => {
      // A target that did not answer may answer the next time.
      known ??= this.#paths(spec, connection).catch((error: unknown) => {
        known = undefined;
        throw error;
      });
      return known;
    };
    return { spec, connector, connection, limits, paths };
  }

  async #implicitStore(id: string): Promise<SystemSpec> {
    const connector = this.#registry[id] === undefined ? undefined : await this.connector(id);
    if (connector?.role !== 'store')
      throw new Problem('not-found', { message: `the estate has no system "${id}"`, hint: 'add it to rekey.yaml under systems' });
    return { id, connector: id, tier: 3, config: {}, limits: {}, password: {}, paths: [], specHash: '' };
  }

  async #connect(connector: AnyConnector, spec: SystemSpec, config: unknown): Promise<Connection> {
    return connector.open(connector.config.parse(config), this.#io(spec));
  }

  #io(spec: SystemSpec): Io {
    const folder = this.#estate.folder;
    const limit = spec.limits.timeoutMs ?? timeoutMs;
    return {
      system: spec.id,
      timeoutMs: limit,
      signal: this.#abort.signal,
      now: () => new Date(),
      resolve: (ref: SecretRef) => resolveSecret(ref, { folder, env: this.#env, timeoutMs: limit }),
      path: (relative: string) => (isAbsolute(relative) ? relative : join(folder, relative)),
    };
  }

  async #paths(spec: SystemSpec, connection: Connection): Promise<readonly ProbePath[]> {
    const own =
      connection.probe === undefined ? [] : (await connection.probe.paths()).map((where) => ({ where, connection, record: where.replica }));
    const first = own[0]?.where ?? { path: 'state', replica: (await connection.state?.replicas())?.[0] ?? spec.id };
    const extra: ProbePath[] = [];
    for (const path of spec.paths) {
      const door = await this.openDoor(spec, path);
      this.#extra.push(door);
      for (const where of (await door.probe?.paths()) ?? []) {
        // Another door of the same machine knows what that machine has received.
        const home = own.find((each) => hostOf(each.where.replica) === hostOf(where.replica))?.where ?? first;
        extra.push({
          where: { path: path.id, replica: where.replica },
          connection: behind(door, where, { system: connection, home }),
          record: home.replica,
        });
      }
    }
    return [...own, ...extra];
  }
}

/** Of an address or host:port, as connectors name replicas. */
const hostOf = (replica: string): string => /^(?:[a-z+]+:\/\/)?(\[[^\]]*\]|[^:/]+)/i.exec(replica)?.[1] ?? replica;

/**
 * An extra path is shown under the estate's name for it and probed under the connector's own. A refused login there is counted where the account
 * lives, unless the door counts by itself.
 */
function behind(door: Connection, where: Where, { system, home }: { system: Connection; home: Where }): Connection {
  const { probe } = door;
  const [lockout, counted] = door.lockout === undefined ? [system.lockout, home] : [door.lockout, where];
  return {
    ...(probe === undefined
      ? {}
      : { probe: { paths: () => probe.paths(), attempt: (account, secret) => probe.attempt(account, secret, where) } }),
    ...(lockout === undefined ? {} : { lockout: { read: (account) => lockout.read(account, counted) } }),
    [Symbol.asyncDispose]: () => door[Symbol.asyncDispose](),
  };
}
