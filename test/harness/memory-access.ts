// The store of sign-in in memory, for tests of its rules: what the SQL promises, without a database. test/store/access.test.ts holds the SQL against the same promises.
import type {
  About,
  AccessStore,
  JoinCode,
  LogFilter,
  Member,
  Purpose,
  StoredPasskey,
  StoredSession,
  StoredToken,
} from '../../src/access/port.ts';
import { Problem } from '../../src/domain/problem.ts';

type Held<T> = { value: T; hash: string; ended?: boolean };
const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');
const same = (a: string | null, b: string | null): boolean => a !== null && b !== null && a.toLowerCase() === b.toLowerCase();

const newestFirst = (a: { createdAt: Date }, b: { createdAt: Date }): number => b.createdAt.getTime() - a.createdAt.getTime();

export class MemoryAccess implements AccessStore {
  readonly lines: string[] = [];
  readonly #members = new Map<string, Member>();
  readonly #codes = new Map<string, { code: JoinCode; used: boolean }>();
  readonly #passkeys = new Map<string, StoredPasskey>();
  readonly #challenges = new Map<string, { purpose: Purpose; about: About; expiresAt: Date }>();
  readonly #sessions = new Map<string, Held<StoredSession>>();
  readonly #tokens = new Map<string, Held<StoredToken>>();

  /** Rolls nothing back: a test that needs that asks the real store. */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }
  async record(lines: readonly string[]): Promise<void> {
    this.lines.push(...lines);
  }
  async log(before: string | undefined, limit: number, { by, event, since }: LogFilter = {}) {
    if (before !== undefined && !/^\d{1,9}$/.test(before)) throw new Problem('usage', { message: 'no cursor', place: 'cursor' });
    const last = before === undefined ? this.lines.length : Number(before);
    const wanted = (line: string): boolean => {
      const entry = JSON.parse(line) as { at: string; event: string; by?: string }; // entryLine made it
      const late = since === undefined || entry.at >= since.toISOString();
      return late && (by === undefined || same(entry.by ?? null, by)) && (event === undefined || entry.event === event);
    };
    return this.lines
      .slice(0, last)
      .map((line, n) => ({ line, cursor: String(n) }))
      .filter(({ line }) => wanted(line))
      .reverse()
      .slice(0, limit);
  }

  readonly members: AccessStore['members'] = {
    get: async (id) => this.#members.get(id),
    bySubject: async (issuer, subject) => [...this.#members.values()].find((m) => m.issuer === issuer && m.subject === subject),
    byEmail: async (email) => [...this.#members.values()].find((m) => same(m.email, email)),
    page: async (after, limit) =>
      [...this.#members.values()]
        .filter((m) => after === undefined || m.id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .map((m) => ({ ...m, passkeys: [...this.#passkeys.values()].filter((p) => p.member === m.id).length })),
    create: async (member) => {
      const taken = [...this.#members.values()].some(
        (m) =>
          same(m.name, member.name) ||
          same(m.email, member.email) ||
          same(m.identity, member.identity) ||
          (m.subject !== null && m.subject === member.subject && m.issuer === member.issuer),
      );
      if (!taken) this.#members.set(member.id, member);
      return !taken;
    },
    change: async (id, change) => {
      const member = this.#members.get(id)!;
      if ([...this.#members.values()].some((m) => m.id !== id && same(m.identity, change.identity ?? null)))
        throw new Problem('conflict', { message: 'somebody else’s identity' });
      this.#members.set(id, { ...member, ...change });
    },
    bind: async (id, issuer, subject) => {
      if ([...this.#members.values()].some((m) => m.id !== id && m.issuer === issuer && m.subject === subject))
        throw new Problem('conflict', { message: 'somebody else’s subject' });
      this.#members.set(id, { ...this.#members.get(id)!, issuer, subject });
    },
    seen: async (id, at) => {
      this.#members.set(id, { ...this.#members.get(id)!, seenAt: at });
    },
    administrators: async (now) =>
      [...this.#members.values()]
        .filter((m) => m.roles.includes('administrator') && m.disabledAt === null && (m.expiresAt === null || m.expiresAt > now))
        .map((m) => m.id),
  };

  readonly codes: AccessStore['codes'] = {
    create: async (code) => {
      this.#codes.set(hex(code.hash), { code, used: false });
    },
    find: async (hash, now) => {
      const held = this.#codes.get(hex(hash));
      return held === undefined || held.used || held.code.expiresAt <= now ? undefined : held.code;
    },
    use: async (hash, _member, now) => {
      const held = this.#codes.get(hex(hash));
      if (held === undefined || held.used || held.code.expiresAt <= now) return false;
      held.used = true;
      return true;
    },
    drop: async (kind) => {
      for (const [key, { code }] of this.#codes) if (code.kind === kind) this.#codes.delete(key);
    },
    open: async (now) =>
      [...this.#codes.values()]
        .filter(({ code, used }) => code.kind === 'invitation' && !used && code.expiresAt > now)
        .map(({ code }) => code)
        .reverse(),
    revoke: async (id, now) => {
      const found = [...this.#codes].find(([, { code, used }]) => code.id === id && !used && code.expiresAt > now);
      if (found !== undefined) this.#codes.delete(found[0]);
      return found?.[1].code;
    },
    revokeFor: async (member) => {
      for (const [key, { code, used }] of this.#codes) if (code.forMember === member && !used) this.#codes.delete(key);
    },
  };

  readonly passkeys: AccessStore['passkeys'] = {
    get: async (id) => this.#passkeys.get(id),
    of: async (member) => [...this.#passkeys.values()].filter((p) => p.member === member),
    create: async (passkey) => {
      if (this.#passkeys.has(passkey.id)) return false;
      this.#passkeys.set(passkey.id, passkey);
      return true;
    },
    used: async (id, counter, at) => {
      const passkey = this.#passkeys.get(id);
      if (passkey === undefined || !(passkey.counter < counter || (passkey.counter === 0 && counter === 0))) return false;
      this.#passkeys.set(id, { ...passkey, counter, usedAt: at });
      return true;
    },
    remove: async (id) => {
      this.#passkeys.delete(id);
    },
  };

  readonly challenges: AccessStore['challenges'] = {
    put: async (value, purpose, about, expiresAt) => {
      this.#challenges.set(value, { purpose, about, expiresAt });
    },
    take: async (value, purpose, now) => {
      const held = this.#challenges.get(value);
      if (held === undefined || held.purpose !== purpose || held.expiresAt <= now) return undefined;
      this.#challenges.delete(value);
      return held.about;
    },
  };

  readonly sessions: AccessStore['sessions'] = {
    create: async (session, hash) => {
      this.#sessions.set(session.id, { value: session, hash: hex(hash) });
    },
    find: async (hash) => {
      const held = [...this.#sessions.values()].find((s) => s.hash === hex(hash) && !s.ended);
      return held === undefined ? undefined : { session: held.value, member: this.#members.get(held.value.member)! };
    },
    get: async (id) => {
      const held = this.#sessions.get(id);
      return held?.ended ? undefined : held?.value;
    },
    of: async (member, now) =>
      [...this.#sessions.values()]
        .filter((s) => s.value.member === member && !s.ended && s.value.expiresAt > now)
        .map((s) => s.value)
        .sort(newestFirst),
    seen: async (id, at) => {
      const held = this.#sessions.get(id)!;
      held.value = { ...held.value, seenAt: at };
    },
    end: async (id) => {
      const held = this.#sessions.get(id);
      if (held !== undefined) held.ended = true;
    },
    endAll: async (member) => {
      const open = [...this.#sessions.values()].filter((s) => s.value.member === member && !s.ended);
      for (const held of open) held.ended = true;
      return open.length;
    },
  };

  readonly tokens: AccessStore['tokens'] = {
    create: async (token, hash) => {
      this.#tokens.set(token.id, { value: token, hash: hex(hash) });
    },
    find: async (hash) => {
      const held = [...this.#tokens.values()].find((t) => t.hash === hex(hash));
      return held === undefined ? undefined : { token: held.value, member: this.#members.get(held.value.member)! };
    },
    get: async (id) => this.#tokens.get(id)?.value,
    list: async (member) =>
      [...this.#tokens.values()]
        .map((t) => t.value)
        .filter((t) => member === undefined || t.member === member)
        .sort(newestFirst),
    used: async (id, at) => {
      const held = this.#tokens.get(id)!;
      held.value = { ...held.value, usedAt: at };
    },
    revoke: async (id, _by, at) => {
      const held = this.#tokens.get(id);
      if (held === undefined || held.value.revokedAt !== null) return false;
      held.value = { ...held.value, revokedAt: at };
      return true;
    },
  };
}
