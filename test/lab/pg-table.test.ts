// Secrets in a table, on a real PostgreSQL: nothing else changes, nothing is logged, nothing is half done.
import { chownSync, copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serversCertificate } from '../../lab/slapd-tls.ts';
import { startSwallow } from '../../lab/swallow.ts';
import type { Check } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { account, type Ground, ground } from './pg-table-ground.ts';

let on: Ground;
beforeAll(async () => {
  on = await ground();
}, 60_000);
afterAll(() => on?.stop());

const fresh = (tail = ''): string => `cnry-${Math.random().toString(36).slice(2)}-${tail}`;
const consumer = (ref: string) => ({ consumer: 'app', ref });
async function checks(more: object = {}): Promise<Check[]> {
  const found: Check[] = [];
  for await (const check of (await on.open(more)).check.run()) found.push(check);
  return found;
}

test('only the one column of the one row changes', async () => {
  const { storeConsumer } = await on.open();
  const [mine, other] = [await on.row('before'), await on.row('other')];
  const [text] = [fresh()];
  expect((await storeConsumer.put(consumer(mine.ref), account, secretOf('v1', text))).kind).toBe('done');
  const rows = await on.lab.sql('SELECT id, owner, password FROM app.settings WHERE id = ANY ($1) ORDER BY id', [[mine.id, other.id]]);
  expect(rows).toEqual([
    { id: mine.id, owner: 'olga', password: text },
    { id: other.id, owner: 'olga', password: 'other' },
  ]);
});

test('the value is in no log, though the server writes down every statement with its parameters', async () => {
  const { storeConsumer } = await on.open();
  const { ref, id } = await on.row('before');
  const text = fresh('\\.\t"\'$1');
  expect((await storeConsumer.put(consumer(ref), account, secretOf('v1', text))).kind).toBe('done');
  expect(await storeConsumer.holds(consumer(ref), account, secretOf('v1', text))).toEqual({ kind: 'done', value: true });
  expect(await on.value(id)).toBe(text);
  const log = on.log();
  // The log is long: it is not to be printed when this fails.
  expect(['UPDATE "app"."settings"', "$1 = '", text.slice(0, 14)].map((part) => log.includes(part))).toEqual([true, true, false]);
});

test('the version differs with every put, of the same value too', async () => {
  const { storeConsumer } = await on.open();
  const { ref } = await on.row('before');
  const versions = [];
  for (let n = 0; n < 2; n++) versions.push(await storeConsumer.put(consumer(ref), account, secretOf('v1', 'the-same')));
  const [first, second] = versions.map((put) => (put.kind === 'done' ? put.value.storeVersion : put.fault.message));
  expect(first).toMatch(/^tx-\d+$/);
  expect(second).not.toBe(first);
});

describe('a value the table would not keep as it is', () => {
  test('is refused when it is too long, never cut off', async () => {
    const { storeConsumer } = await on.open();
    const { ref, id } = await on.row('before');
    const put = await storeConsumer.put(consumer(ref), account, secretOf('v1', fresh('x'.repeat(60))));
    expect(put).toMatchObject({ kind: 'refused', fault: { code: 'policy', target: '22001' } });
    expect(await on.value(id)).toBe('before');
  });

  test('is refused when a trigger rewrites it, and the row is as before', async () => {
    await on.lab.sql(`CREATE TABLE app.upper (id int PRIMARY KEY, password text);
      CREATE FUNCTION app.up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.password := upper(NEW.password); RETURN NEW; END $$;
      INSERT INTO app.upper VALUES (1, 'before');
      CREATE TRIGGER up BEFORE UPDATE ON app.upper FOR EACH ROW EXECUTE FUNCTION app.up();
      GRANT SELECT (id, password), UPDATE (password) ON app.upper TO rekey_store`);
    const { storeConsumer } = await on.open({ tables: [{ table: 'app.upper', key: ['id'], value: 'password' }] });
    const put = await storeConsumer.put(consumer('app.upper#id=1'), account, secretOf('v1', fresh()));
    expect(put).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
    expect(await on.lab.sql('SELECT password FROM app.upper')).toEqual([{ password: 'before' }]);
  });

  test('is refused by a constraint checked at the commit, and certainly not stored', async () => {
    await on.lab.sql(`CREATE TABLE app.late (id int PRIMARY KEY, password text UNIQUE DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO app.late VALUES (1, 'before'), (2, 'taken');
      GRANT SELECT (id, password), UPDATE (password) ON app.late TO rekey_store`);
    const { storeConsumer } = await on.open({ tables: [{ table: 'app.late', key: ['id'], value: 'password' }] });
    const put = await storeConsumer.put(consumer('app.late#id=1'), account, secretOf('v1', 'taken'));
    expect(put).toMatchObject({ kind: 'refused', fault: { code: 'policy', target: '23505' } });
    expect(await on.lab.sql('SELECT password FROM app.late WHERE id = 1')).toEqual([{ password: 'before' }]);
  });
});

test('a lost answer to COMMIT is in doubt and holds settles it; anything lost before COMMIT is refused and changed nothing', async () => {
  const proxy = await startSwallow({ target: { host: on.lab.host, port: on.lab.port } });
  const { storeConsumer } = await on.open({ port: proxy.port }, { timeoutMs: 800 });
  const { ref, id } = await on.row('before');
  const secret = secretOf('v1', fresh());
  const lost = proxy.swallowReplies(Buffer.from('COMMIT\0'));
  expect((await storeConsumer.put(consumer(ref), account, secret)).kind).toBe('indeterminate');
  await lost.answered;
  expect(await storeConsumer.holds(consumer(ref), account, secret)).toEqual({ kind: 'done', value: true });
  for (const step of ['BEGIN', 'FOR UPDATE', 'CREATE TEMP', 'COPY', 'UPDATE "app"', 'txid_current']) {
    const armed = proxy.swallowReplies(Buffer.from(step));
    expect((await storeConsumer.put(consumer(ref), account, secretOf('v2', fresh()))).kind, step).toBe('refused');
    expect(armed.hits, step).toBe(1);
  }
  expect(await on.value(id)).toBe(secret.text((text) => text));
  await proxy.stop();
});

test('a row that somebody holds locked is not waited for beyond the call', async () => {
  const { ref, id } = await on.row('before');
  const holder = new pg.Client({ connectionString: on.lab.url, ssl: false });
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM app.settings WHERE id = $1 FOR UPDATE', [id]);
  const { storeConsumer } = await on.open({}, { timeoutMs: 600 });
  const put = await storeConsumer.put(consumer(ref), account, secretOf('v1', fresh()));
  expect(put).toMatchObject({ kind: 'refused', fault: { code: 'throttled', target: '55P03' } });
  await holder.end();
  expect(await on.value(id)).toBe('before');
});

test('two writers of one row end with one of the two values, and neither is told the other one is stored', async () => {
  const { storeConsumer } = await on.open();
  const { ref, id } = await on.row('before');
  const texts = [fresh('a'), fresh('b')];
  const puts = await Promise.all(texts.map((text) => storeConsumer.put(consumer(ref), account, secretOf('v', text))));
  const stored = await on.value(id);
  expect(texts).toContain(stored);
  expect(puts[texts.indexOf(String(stored))]?.kind).toBe('done');
  for (const put of puts) if (put.kind !== 'done') expect(put).toMatchObject({ kind: 'indeterminate', fault: { code: 'conflict' } });
});

test('a key that meets two rows is refused, and both stay', async () => {
  await on.lab.sql(`CREATE TABLE app.twice (id int, password text); INSERT INTO app.twice VALUES (1, 'a'), (1, 'b');
    GRANT SELECT (id, password), UPDATE (password) ON app.twice TO rekey_store`);
  const { storeConsumer } = await on.open({ tables: [{ table: 'app.twice', key: ['id'], value: 'password' }] });
  const put = await storeConsumer.put(consumer('app.twice#id=1'), account, secretOf('v1', fresh()));
  expect(put).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
  expect(await on.lab.sql('SELECT password FROM app.twice ORDER BY 1')).toEqual([{ password: 'a' }, { password: 'b' }]);
});

test('a key of the wrong type is refused with the ref to blame', async () => {
  const { storeConsumer } = await on.open();
  const put = await storeConsumer.put(consumer('app.settings#id=seven'), account, secretOf('v1', fresh()));
  expect(put).toMatchObject({ kind: 'refused', fault: { code: 'unsupported', target: '22P02' } });
});

test('notify: wakes those who listen, with nothing in it', async () => {
  const listener = new pg.Client({ connectionString: on.lab.url, ssl: false });
  await listener.connect();
  await listener.query('LISTEN settings_changed');
  const heard = new Promise((resolve) => listener.once('notification', ({ channel, payload }) => resolve([channel, payload])));
  const { storeConsumer } = await on.open();
  expect((await storeConsumer.reload({ ...consumer('app.settings#id=1'), reload: 'notify:settings_changed' })).kind).toBe('done');
  expect(await heard).toEqual(['settings_changed', '']);
  await listener.end();
  const bad = await storeConsumer.reload({ ...consumer('app.settings#id=1'), reload: 'exec:true' });
  expect(bad).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
});

describe('doctor', () => {
  test('is content with the rights of the README', async () => {
    expect((await checks()).map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(['reach ok', 'auth ok', 'rights ok']);
  });

  test('names missing rights as the GRANT to run, and rights beyond the need', async () => {
    await on.lab.sql(
      'CREATE TABLE app.closed (id int PRIMARY KEY, password text); CREATE TABLE app.wide (id int PRIMARY KEY, password text); GRANT ALL ON app.wide TO rekey_store',
    );
    const tables = ['closed', 'wide', 'none'].map((name) => ({ table: `app.${name}`, key: ['id'], value: 'password' }));
    const [closed, wide, none] = (await checks({ tables })).filter(({ id }) => id === 'rights');
    expect(closed).toMatchObject({
      verdict: 'fail',
      next: 'GRANT SELECT (id), SELECT (password), UPDATE (password) ON "app"."closed" TO "rekey_store".',
    });
    expect(wide).toMatchObject({ verdict: 'warn', message: expect.stringContaining('INSERT, DELETE, TRUNCATE, UPDATE') });
    expect(none).toMatchObject({ verdict: 'fail', message: expect.stringContaining('does not exist') });
  });

  test('tells a wrong password from a server that is down', async () => {
    const wrong = await on.open({}, { resolve: async () => secretOf('own', 'not-it') });
    const found: Check[] = [];
    for await (const check of wrong.check.run()) found.push(check);
    expect(found).toMatchObject([{ id: 'auth', verdict: 'fail' }]);
    expect(await checks({ port: 1 })).toMatchObject([{ id: 'reach', verdict: 'fail' }]);
  });
});

test('over TLS the certificate is verified, the name in it too, before a password or a value is sent', async () => {
  const { ca, certificate, key } = serversCertificate(on.dir);
  const data = join(on.dir, 'data');
  const { uid, gid } = statSync(data);
  for (const [from, to] of [
    [certificate, 'server.crt'],
    [key, 'server.key'],
  ] as const) {
    copyFileSync(from, join(data, to));
    chownSync(join(data, to), uid, gid);
  }
  await on.lab.sql('ALTER SYSTEM SET ssl = on');
  await on.lab.reload();
  const { ref } = await on.row('before');
  const put = async (tls: object) => (await on.open({ tls })).storeConsumer.put(consumer(ref), account, secretOf('v1', fresh()));
  expect(await put({ mode: 'verify-full' })).toMatchObject({ kind: 'refused', fault: { code: 'unreachable' } });
  expect(await put({ ca, servername: 'db.example.test' })).toMatchObject({
    kind: 'refused',
    fault: { target: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  });
  expect((await put({ ca })).kind).toBe('done');
  expect((await checks({ tls: {} })).map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(['tls fail']);
});
