// What sign-in is promised by its store, held against the SQL on both stores and against the twin in memory that its other tests use.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashOf } from '../../src/access/opaque.ts';
import type { AccessStore, JoinCode, Member, StoredPasskey, StoredSession, StoredToken } from '../../src/access/port.ts';
import { accessStore } from '../../src/store/access.ts';
import { rateLimits } from '../../src/store/rate-limits.ts';
import type { Store } from '../../src/store/sql.ts';
import { type Bench, benchOf, kinds } from '../harness/both-stores.ts';
import { MemoryAccess } from '../harness/memory-access.ts';

const at = (minutes: number) => new Date(Date.now() + minutes * 60_000);
const [now, soon, ago] = [at(0), at(60), at(-60)];
let made = 0;

const aMember = (more: Partial<Member> = {}): Member => {
  made += 1;
  return {
    id: `M-${String(made).padStart(4, '0')}`,
    name: `Person ${made}`,
    email: `person${made}@example.test`,
    identity: `person${made}`,
    roles: ['viewer'],
    disabledAt: null,
    expiresAt: null,
    handle: hashOf(`handle ${made}`),
    issuer: null,
    subject: null,
    createdBy: 'alice',
    createdAt: now,
    seenAt: null,
    ...more,
  };
};
const aCode = (more: Partial<JoinCode> = {}): JoinCode => {
  made += 1;
  const hash = hashOf(`code ${made}`);
  return {
    id: `I-${made}`,
    hash,
    kind: 'invitation',
    name: 'Otto',
    email: null,
    identity: null,
    roles: ['operator', 'owner'],
    forMember: null,
    createdBy: 'alice',
    expiresAt: soon,
    ...more,
  };
};
const aPasskey = (member: string, more: Partial<StoredPasskey> = {}): StoredPasskey => {
  made += 1;
  const publicKey = new Uint8Array([1, 2, 0, 255]);
  return {
    id: `key-${made}`,
    member,
    name: 'laptop',
    publicKey,
    counter: 0,
    transports: ['usb', 'nfc'],
    backedUp: true,
    createdAt: at(made),
    usedAt: null,
    ...more,
  };
};
const aSession = (member: string, more: Partial<StoredSession> = {}): StoredSession => {
  made += 1;
  return {
    id: `L-${made}`,
    member,
    method: 'passkey',
    address: '192.0.2.1',
    agent: null,
    passkeyAt: now,
    createdAt: now,
    seenAt: now,
    expiresAt: soon,
    ...more,
  };
};
const aToken = (member: string, more: Partial<StoredToken> = {}): StoredToken => {
  made += 1;
  return {
    id: `T-${made}`,
    member,
    name: 'ci',
    permissions: ['run.read', 'plan.read'],
    createdBy: 'alice',
    createdAt: now,
    expiresAt: soon,
    usedAt: null,
    revokedAt: null,
    ...more,
  };
};
const bytes = (m: Member | undefined) => m && { ...m, handle: Buffer.from(m.handle).toString('hex') };

type Place = { readonly access: AccessStore; readonly store?: Store; end(): Promise<void> };
const places: Record<string, () => Promise<Place>> = {
  memory: async () => ({ access: new MemoryAccess(), end: async () => {} }),
};
for (const kind of kinds)
  places[kind] = async () => {
    const bench: Bench = await benchOf(kind);
    const store = await bench.open(await bench.newPlace());
    return { access: accessStore(store), store, end: () => bench.end() };
  };

describe.each(Object.keys(places))('%s', (kind) => {
  let place: Place;
  let access: AccessStore;
  beforeAll(async () => {
    place = await (places[kind] as () => Promise<Place>)(); // a key of this very table
    access = place.access;
  });
  afterAll(() => place.end());
  const joined = async (more: Partial<Member> = {}): Promise<Member> => {
    const member = aMember(more);
    expect(await access.members.create(member)).toBe(true);
    return member;
  };

  test('a member comes back as they were written, by id, by subject and by e-mail in any case of letters', async () => {
    const member = await joined({
      email: 'Mixed.Case@example.test',
      issuer: 'https://id.example.test',
      subject: 'sub-1',
      roles: ['administrator', 'owner'],
      expiresAt: soon,
    });
    expect(bytes(await access.members.get(member.id))).toEqual(bytes(member));
    expect((await access.members.byEmail('mixed.case@EXAMPLE.test'))?.id).toBe(member.id);
    expect((await access.members.bySubject('https://id.example.test', 'sub-1'))?.id).toBe(member.id);
    expect(await access.members.bySubject('https://other.example.test', 'sub-1')).toBeUndefined();
    expect(await access.members.get('M-none')).toBeUndefined();
    await access.members.change(member.id, { roles: [], disabledAt: now });
    await access.members.seen(member.id, soon);
    expect(await access.members.get(member.id)).toMatchObject({
      roles: [],
      disabledAt: now,
      seenAt: soon,
      expiresAt: soon,
      identity: member.identity,
    });
    await access.members.change(member.id, { identity: null, expiresAt: null, disabledAt: null });
    expect(await access.members.get(member.id)).toMatchObject({ roles: [], disabledAt: null, expiresAt: null, identity: null });
  });

  test('a name, an e-mail address, an identity and a subject are one person’s each', async () => {
    const first = await joined({ issuer: 'https://id.example.test', subject: 'sub-2' });
    for (const taken of [
      { name: first.name.toUpperCase() },
      { email: first.email?.toUpperCase() ?? null },
      { identity: first.identity?.toUpperCase() ?? null },
      { issuer: first.issuer, subject: first.subject },
    ])
      expect(await access.members.create(aMember(taken))).toBe(false);
    const other = await joined();
    await expect(access.members.change(other.id, { identity: first.identity?.toUpperCase() ?? null })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(access.members.bind(other.id, 'https://id.example.test', 'sub-2')).rejects.toMatchObject({ code: 'conflict' });
    await access.members.bind(other.id, 'https://other.example.test', 'sub-2');
    expect((await access.members.bySubject('https://other.example.test', 'sub-2'))?.id).toBe(other.id);
    const twins = [aMember({ name: 'Twin' }), aMember({ name: 'twin' })];
    expect((await Promise.all(twins.map((twin) => access.members.create(twin)))).sort()).toEqual([false, true]);
  });

  test('two who are given one identity at the same moment: one gets it, the other is told of a conflict', async () => {
    const pair = [await joined(), await joined()];
    const ends = await Promise.allSettled(pair.map(({ id }) => access.transaction(() => access.members.change(id, { identity: 'both' }))));
    expect(ends.map((end) => end.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(ends.find((end) => end.status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
  });

  test('pages of members go on after the last one seen and count passkeys', async () => {
    const [one, two] = [await joined(), await joined()];
    await access.passkeys.create(aPasskey(two.id));
    await access.passkeys.create(aPasskey(two.id));
    const [first] = await access.members.page(one.id, 1);
    expect([first?.id, first?.passkeys]).toEqual([two.id, 2]);
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await access.members.page(after, 3);
      seen.push(...page.map((m) => m.id));
      after = page.at(-1)?.id;
      if (page.length < 3) break;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining([one.id, two.id]));
  });

  test('a code is good once, also when two use it at the same moment, and not after its time', async () => {
    const [code, late] = [aCode(), aCode({ expiresAt: ago })];
    const people = [await joined(), await joined()];
    await access.codes.create(code);
    await access.codes.create(late);
    const { hash: _, ...told } = code;
    expect(await access.codes.find(code.hash, now)).toMatchObject(told);
    expect(await access.codes.find(code.hash, soon)).toBeUndefined();
    expect(await access.codes.find(hashOf('another'), now)).toBeUndefined();
    const used = await Promise.all(people.map(({ id }) => access.transaction(() => access.codes.use(code.hash, id, now))));
    expect(used.sort()).toEqual([false, true]);
    expect(await access.codes.find(code.hash, now)).toBeUndefined();
    expect(await access.codes.use(late.hash, people[0]?.id ?? '', now)).toBe(false);
  });

  test('dropping codes of one kind leaves those of the other', async () => {
    const [bootstrap, invitation] = [aCode({ kind: 'bootstrap', name: null }), aCode()];
    await access.codes.create(bootstrap);
    await access.codes.create(invitation);
    await access.codes.drop('bootstrap');
    expect(await access.codes.find(bootstrap.hash, now)).toBeUndefined();
    expect(await access.codes.find(invitation.hash, now)).toBeDefined();
  });

  test('a challenge is taken once, for its purpose alone and in its time', async () => {
    await access.challenges.put('c1', 'sign-in', { member: 'M-1', name: null }, soon);
    await access.challenges.put('c2', 'join', {}, ago);
    expect(await access.challenges.take('c1', 'join', now)).toBeUndefined();
    const taken = await Promise.all(Array.from({ length: 4 }, () => access.challenges.take('c1', 'sign-in', now)));
    expect(taken.filter((about) => about !== undefined)).toEqual([{ member: 'M-1', name: null }]);
    expect(await access.challenges.take('c2', 'join', now)).toBeUndefined();
  });

  test('a passkey’s counter only rises: of two answers with one count, one is heard', async () => {
    const member = await joined();
    const [counting, synced] = [aPasskey(member.id, { counter: 4_294_967_290 }), aPasskey(member.id)];
    expect(await access.passkeys.create(counting)).toBe(true);
    expect(await access.passkeys.create(synced)).toBe(true);
    expect(await access.passkeys.create({ ...synced, member: (await joined()).id })).toBe(false);
    expect(await access.passkeys.get(counting.id)).toEqual(counting);
    const next = counting.counter + 1;
    expect((await Promise.all([next, next].map((n) => access.passkeys.used(counting.id, n, soon)))).sort()).toEqual([false, true]);
    for (const old of [next, counting.counter, 0]) expect(await access.passkeys.used(counting.id, old, soon)).toBe(false);
    expect(await access.passkeys.get(counting.id)).toMatchObject({ counter: next, usedAt: soon });
    expect(await access.passkeys.used(synced.id, 0, soon)).toBe(true);
    expect(await access.passkeys.used(synced.id, 0, soon)).toBe(true);
    expect(await access.passkeys.used('key-none', 1, soon)).toBe(false);
    expect((await access.passkeys.of(member.id)).map((p) => p.id)).toEqual([counting.id, synced.id]);
    await access.passkeys.remove(counting.id);
    expect((await access.passkeys.of(member.id)).map((p) => p.id)).toEqual([synced.id]);
  });

  test('a session is found by its hash with its member, moved on by use, and gone once it is ended', async () => {
    const member = await joined();
    const session = aSession(member.id);
    const hash = hashOf(session.id);
    await access.sessions.create(session, hash);
    const found = await access.sessions.find(hash);
    expect(found?.session).toEqual(session);
    expect(bytes(found?.member)).toEqual(bytes(member));
    expect(await access.sessions.find(hashOf('another'))).toBeUndefined();
    await access.sessions.seen(session.id, soon);
    expect(await access.sessions.get(session.id)).toEqual({ ...session, seenAt: soon });
    await access.sessions.end(session.id, 'signed out', now);
    await access.sessions.end(session.id, 'another reason', soon);
    expect(await access.sessions.find(hash)).toBeUndefined();
    expect(await access.sessions.get(session.id)).toBeUndefined();
    expect(await access.sessions.of(member.id, now)).toEqual([]);
    const kept = await place.store?.query('select ended_why, ended_at from session where id = $1', [session.id]);
    if (kept !== undefined) expect(kept).toEqual([{ ended_why: 'signed out', ended_at: now }]);
  });

  test('a member’s open sessions are listed newest first without those whose time is over, and end together', async () => {
    const [member, other] = [await joined(), await joined()];
    const [older, newer, over] = [aSession(member.id, { createdAt: ago }), aSession(member.id), aSession(member.id, { expiresAt: ago })];
    const theirs = aSession(other.id);
    for (const session of [older, newer, over, theirs]) await access.sessions.create(session, hashOf(session.id));
    expect((await access.sessions.of(member.id, now)).map((s) => s.id)).toEqual([newer.id, older.id]);
    await access.sessions.end(newer.id, 'signed out', now);
    expect(await access.sessions.endAll(member.id, 'disabled', now)).toBe(2);
    expect(await access.sessions.endAll(member.id, 'disabled', now)).toBe(0);
    expect(await access.sessions.of(member.id, now)).toEqual([]);
    expect(await access.sessions.find(hashOf(theirs.id))).toBeDefined();
  });

  test('a token is found by its hash, listed newest first, and revoked once', async () => {
    const [member, other] = [await joined(), await joined()];
    const [older, newer, theirs] = [aToken(member.id, { createdAt: ago }), aToken(member.id), aToken(other.id)];
    for (const token of [older, newer, theirs]) await access.tokens.create(token, hashOf(token.id));
    const found = await access.tokens.find(hashOf(older.id));
    expect(found?.token).toEqual(older);
    expect(bytes(found?.member)).toEqual(bytes(member));
    expect((await access.tokens.list(member.id)).map((t) => t.id)).toEqual([newer.id, older.id]);
    expect((await access.tokens.list(undefined)).map((t) => t.id)).toEqual(expect.arrayContaining([newer.id, older.id, theirs.id]));
    await access.tokens.used(older.id, soon);
    const revoked = await Promise.all([1, 2].map(() => access.tokens.revoke(older.id, 'alice', soon)));
    expect(revoked.sort()).toEqual([false, true]);
    expect(await access.tokens.get(older.id)).toEqual({ ...older, usedAt: soon, revokedAt: soon });
    expect(await access.tokens.revoke('T-none', 'alice', soon)).toBe(false);
    expect((await access.tokens.find(hashOf(older.id)))?.token.revokedAt).toEqual(soon);
  });

  test('administrators are those who hold the role, are not disabled and whose time is not over', async () => {
    const before = await access.members.administrators(now);
    const holds = await joined({ roles: ['viewer', 'administrator'], expiresAt: soon });
    await joined({ roles: ['administrator'], disabledAt: ago });
    await joined({ roles: ['administrator'], expiresAt: ago });
    const after = await access.transaction(() => access.members.administrators(now));
    expect(after.filter((id) => !before.includes(id))).toEqual([holds.id]);
  });

  test('the log of sign-in is read newest first, page by page', async () => {
    const lines = ['one', 'two', 'three'].map((text) => JSON.stringify({ kind: 'access', text }));
    for (const line of lines) await access.record([line]);
    const [newest, second] = await access.log(undefined, 2);
    expect([newest?.line, second?.line]).toEqual([lines[2], lines[1]]);
    expect((await access.log(second?.cursor, 1)).map((l) => l.line)).toEqual([lines[0]]);
  });

  test('the log is read by who did what since when, page by page, and a cursor that is none of ours is refused', async () => {
    const at = (hour: number): string => `2031-05-01T${hour}:00:00.000Z`;
    const entry = (hour: number, by: string, event: string): string => JSON.stringify({ kind: 'access', at: at(hour), by, event });
    for (const line of [
      entry(10, 'ada', 'sign-in'),
      entry(11, 'Ada', 'sign-out'),
      entry(12, 'ben', 'sign-in'),
      entry(13, 'ada', 'sign-in'),
    ])
      await access.record([line]);
    const read = async (filter: object) => (await access.log(undefined, 10, filter)).map(({ line }) => JSON.parse(line).at);
    expect(await read({ by: 'ADA', since: new Date(at(10)) })).toEqual([at(13), at(11), at(10)]);
    expect(await read({ by: 'ada', event: 'sign-in' })).toEqual([at(13), at(10)]);
    expect(await read({ event: 'sign-in', since: new Date(at(11)) })).toEqual([at(13), at(12)]);
    const [first] = await access.log(undefined, 1, { by: 'ada', event: 'sign-in' });
    expect((await access.log(first?.cursor, 5, { by: 'ada', event: 'sign-in' })).map(({ line }) => JSON.parse(line).at)).toEqual([at(10)]);
    await access.record([JSON.stringify({ kind: 'import', file: '\ud800', reason: '"kind":"access"' })]);
    expect(await read({ since: new Date(at(13)) })).toEqual([at(13)]);
    for (const cursor of ['x', '99999999999999999999.1', '1.9999999999999999999', ''])
      await expect(access.log(cursor, 5)).rejects.toMatchObject({ code: 'usage', place: 'cursor' });
  });
});

describe.each(kinds)('%s alone', (kind) => {
  let bench: Bench;
  let stores: Store[];
  beforeAll(async () => {
    bench = await benchOf(kind);
    const where = await bench.newPlace();
    stores = [await bench.open(where)];
    // Two servers over one database; the embedded store is one process's own.
    stores.push(kind === 'postgres' ? await bench.open(where) : (stores[0] as Store));
  });
  afterAll(() => bench.end());
  const accesses = () => stores.map((store) => accessStore(store)) as [AccessStore, AccessStore]; // both are made above

  test('two administrators who take away each other’s role at the same moment leave one of them', async () => {
    const [here, there] = accesses();
    const [one, two] = [aMember({ roles: ['administrator'] }), aMember({ roles: ['administrator'] })];
    for (const member of [one, two]) await here.members.create(member);
    const demote = (access: AccessStore, whom: string) =>
      access.transaction(async () => {
        const left = (await access.members.administrators(now)).filter((id) => id !== whom);
        if (left.length > 0) await access.members.change(whom, { roles: [] });
      });
    await Promise.all([demote(here, one.id), demote(there, two.id)]);
    expect(await here.members.administrators(now)).toHaveLength(1);
  });

  test('work that fails half way leaves no member, no code used, no session and no entry in the log', async () => {
    const [access] = accesses();
    const [code, member] = [aCode(), aMember()];
    await access.codes.create(code);
    const session = aSession(member.id);
    const failed = access.transaction(async () => {
      await access.members.create(member);
      await access.codes.use(code.hash, member.id, now);
      await access.transaction(() => access.passkeys.create(aPasskey(member.id)));
      await access.sessions.create(session, hashOf(session.id));
      await access.record([JSON.stringify({ kind: 'access', text: 'joined' })]);
      throw new Error('the power went');
    });
    await expect(failed).rejects.toThrow('the power went');
    expect(await access.members.get(member.id)).toBeUndefined();
    expect(await access.passkeys.of(member.id)).toEqual([]);
    expect(await access.sessions.find(hashOf(session.id))).toBeUndefined();
    expect(await access.codes.find(code.hash, now)).toBeDefined();
    expect(await access.log(undefined, 10)).toEqual([]);
  });

  test('attempts are counted across servers, and the one too many is told how long to wait', async () => {
    const limits = stores.map((store) => rateLimits(store));
    const rule = { limit: 3, windowMs: 60_000 };
    const hits = await Promise.all([0, 1, 0, 1, 0].map((n) => limits[n]?.hit('sign-in 192.0.2.9', rule)));
    expect(hits.filter((hit) => hit?.ok)).toHaveLength(3);
    for (const hit of hits.filter((each) => !each?.ok)) expect(hit?.retryAfterMs).toBeGreaterThan(0);
    expect(await limits[0]?.hit('sign-in 192.0.2.10', rule)).toEqual({ ok: true, retryAfterMs: 0 });
  });
});
