// Connections that are logged in as an account, from cn=Monitor of every server. No server gives anybody a way to end one: they are counted, not killed.
import { type AccountRef, done, type Outcome, refused, type Session } from '../../kit/kit.ts';
import { normalDn } from '../../protocols/ldap/dn.ts';
import { present } from '../../protocols/ldap/filter.ts';
import { type Entry, firstOf } from '../../protocols/ldap/message.ts';
import { fromGeneralizedTime } from '../../protocols/ldap/time.ts';
import type { Accounts } from './account.ts';
import type { Directory, Server } from './directory.ts';
import { connectionsOf } from './netscape.ts';

type ByDn = ReadonlyMap<string, readonly Session[]>;
type Connection = { readonly dn: string; readonly session: Session };

const attributes = ['monitorConnectionNumber', 'monitorConnectionAuthzDN', 'monitorConnectionPeerAddress', 'monitorConnectionStartTime'];

/** OpenLDAP's, and 389 Directory Server's. */
const idleTimeouts = ['olcIdleTimeout', 'nsslapd-idletimeout'];

const spacingMs = 200;

export class Sessions {
  readonly #directory: Directory;
  readonly #accounts: Accounts;
  readonly #snapshots = new Map<string, { running: Promise<Outcome<ByDn>>; next?: Promise<Outcome<ByDn>> }>();
  readonly #lastRead = new Map<string, number>();
  #idleSeconds: Promise<number> | undefined;

  constructor(directory: Directory, accounts: Accounts) {
    this.#directory = directory;
    this.#accounts = accounts;
  }

  async list(account: AccountRef): Promise<Outcome<readonly Session[]>> {
    const dn = await this.#accounts.dnOf(account);
    if (dn.kind !== 'done') return dn;
    const key = normalDn(dn.value);
    const found: Session[] = [];
    for (const read of await Promise.all(this.#directory.servers.map((server) => this.#snapshot(server)))) {
      if (read.kind !== 'done') return read;
      found.push(...(read.value.get(key) ?? []));
    }
    return done(found);
  }

  async end(account: AccountRef, before: Date): Promise<Outcome<{ ended: number; left: number; residualMs?: number }>> {
    const listed = await this.list(account);
    if (listed.kind !== 'done') return listed;
    const left = listed.value.filter(({ own, startedAt }) => !own && startedAt < before).length;
    if (left === 0) return done({ ended: 0, left });
    const idle = await this.#idle();
    return done({ ended: 0, left, ...(idle > 0 ? { residualMs: idle * 1000 } : {}) });
  }

  /** Many accounts ask at once: whoever asks while a reading runs shares the next one, which begins after every one of them asked. */
  #snapshot(server: Server): Promise<Outcome<ByDn>> {
    const kept = this.#snapshots.get(server.url);
    if (kept === undefined) {
      const slot = { running: this.#spaced(server) };
      this.#snapshots.set(server.url, slot);
      void slot.running.finally(() => this.#turn(server));
      return slot.running;
    }
    kept.next ??= kept.running.then(() => this.#spaced(server));
    return kept.next;
  }

  /** Making the list costs the server an entry for each connection: with hundreds open, back-to-back lists took a third of its time from the resets. */
  async #spaced(server: Server): Promise<Outcome<ByDn>> {
    const wait = (this.#lastRead.get(server.url) ?? 0) + spacingMs - Date.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    this.#lastRead.set(server.url, Date.now());
    return this.#read(server);
  }

  #turn(server: Server): void {
    const next = this.#snapshots.get(server.url)?.next;
    this.#snapshots.delete(server.url);
    if (next === undefined) return;
    this.#snapshots.set(server.url, { running: next });
    void next.finally(() => this.#turn(server));
  }

  async #read(server: Server): Promise<Outcome<ByDn>> {
    const base = `cn=Connections,${this.#directory.settings.monitorBase}`;
    const found = await this.#directory.search(server, { base, scope: 'one', filter: present('monitorConnectionAuthzDN'), attributes });
    if (found.kind !== 'done') return found;
    if (found.value.length === 0) {
      const connections = await this.#netscape(server);
      if (connections.length > 0) return done(byName(connections));
      // Our own connection is always among them: an empty answer is one that was withheld.
      return refused(
        'permission',
        `${server.url} does not show its connections: give Rekey's account read access to ${this.#directory.settings.monitorBase}.`,
      );
    }
    const own = new Set([...server.bound.peers, ...server.probes.peers]);
    const connections: Connection[] = [];
    for (const entry of found.value) {
      const dn = firstOf(entry, 'monitorConnectionAuthzDN') ?? '';
      const startedAt = fromGeneralizedTime(firstOf(entry, 'monitorConnectionStartTime'));
      if (dn === '' || startedAt === undefined) continue;
      const from = firstOf(entry, 'monitorConnectionPeerAddress') ?? '';
      const session = { id: `${server.url}#${firstOf(entry, 'monitorConnectionNumber') ?? entry.dn}`, startedAt, from, own: own.has(from) };
      connections.push({ dn: normalDn(dn), session });
    }
    return done(byName(connections));
  }

  async #netscape(server: Server): Promise<readonly Connection[]> {
    const { monitorBase } = this.#directory.settings;
    const search = { base: monitorBase, scope: 'base', filter: present('objectClass'), attributes: ['connection'] } as const;
    const found = await this.#directory.search(server, search);
    return found.kind === 'done' ? found.value.flatMap((entry) => connectionsOf(entry, server.url)) : [];
  }

  /** 0: no idle timeout, or cn=config is closed to us. It bounds silent connections only: one that keeps talking lives on. */
  #idle(): Promise<number> {
    this.#idleSeconds ??= this.#directory
      .search(this.#directory.primary, { base: 'cn=config', scope: 'base', filter: present('objectClass'), attributes: idleTimeouts })
      .then((found) =>
        found.kind === 'done' && found.value[0] !== undefined
          ? Number(idleTimeouts.map((name) => firstOf(found.value[0] as Entry, name)).find((value) => value !== undefined) ?? 0) // the line above
          : 0,
      );
    return this.#idleSeconds;
  }
}

function byName(connections: readonly Connection[]): ByDn {
  const found = new Map<string, Session[]>();
  for (const { dn, session } of connections) found.set(dn, [...(found.get(dn) ?? []), session]);
  return found;
}
