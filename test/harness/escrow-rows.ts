// Rows of an estate for delivery and proof tests: accounts, a plan, a run with items, and an escrow whose sealing is a known XOR.
import type { Secret } from '../../src/kit/secret.ts';
import { secretOf } from '../../src/seal/secret.ts';
import type { Sql } from '../../src/store/sql.ts';

export type SeedAccount = {
  readonly id: string;
  readonly name: string;
  readonly owners?: readonly string[];
  readonly identity?: string;
  readonly tier?: number;
};

const mask = 0x5a;
export const masked = (text: string): Buffer => Buffer.from(Buffer.from(text, 'utf8').map((b) => b ^ mask));
export const unmasked = (sealed: Uint8Array): Secret =>
  secretOf(
    'test',
    Buffer.from(sealed).map((b) => b ^ mask),
  );

export async function seedSystem(sql: Sql, system: string): Promise<string> {
  await sql.query("insert into system (id, connector, spec) values ($1, 'ldap', 'spec') on conflict do nothing", [system]);
  const [key] = await sql.query<{ key: string }>(
    "insert into data_key (purpose, ring, wrapped) values ('test', 'ring', '\\x00'::bytea) returning key::text as key",
  );
  return key?.key ?? '';
}

export async function seedAccount(sql: Sql, system: string, account: SeedAccount): Promise<string> {
  const [row] = await sql.query<{ key: string }>(
    'insert into account (system, id, name, owners, identity, tier) values ($1, $2, $3, $4::text[], $5, $6) returning key::text as key',
    [system, account.id, account.name, account.owners ?? [], account.identity ?? null, account.tier ?? 2],
  );
  return row?.key ?? '';
}

export async function seedSecret(
  sql: Sql,
  account: string,
  dataKey: string,
  secret: { origin?: string; version: number; state: string; text: string },
): Promise<void> {
  await sql.query('insert into secret (account, origin, version, state, data_key, sealed) values ($1::int8, $2, $3, $4, $5::int8, $6)', [
    account,
    secret.origin ?? 'generated',
    secret.version,
    secret.state,
    dataKey,
    masked(secret.text),
  ]);
}

export type SeedRun = { readonly key: string; readonly lane: string };

export async function seedRun(
  sql: Sql,
  run: { id: string; plan: string; planHash?: string; header?: string; state?: string; system: string; dataKey: string },
): Promise<SeedRun> {
  const hash = run.planHash ?? 'hash';
  await sql.query(
    "insert into plan (id, name, hash, header, created_by, expires_at) values ($1, 'a plan', $2, $3, 'alice', now() + interval '1 day') on conflict do nothing",
    [run.plan, hash, run.header ?? '{}'],
  );
  const [row] = await sql.query<{ key: string }>(
    "insert into run (id, plan, plan_hash, state, mode, data_key, started_by, started_at, ended_at) values ($1, $2, $3, $4, 'contain', $5::int8, 'alice', '2026-11-20T10:00:00Z', '2026-11-20T10:00:40Z') returning key::text as key",
    [run.id, run.plan, hash, run.state ?? 'complete', run.dataKey],
  );
  const key = row?.key ?? '';
  await sql.query("insert into wave (run, n, name, mode) values ($1::int8, 1, 'first', 'contain')", [key]);
  const [lane] = await sql.query<{ key: string }>(
    'insert into lane (run, wave, system) values ($1::int8, 1, $2) returning key::text as key',
    [key, run.system],
  );
  return { key, lane: lane?.key ?? '' };
}

export async function seedItem(
  sql: Sql,
  run: SeedRun,
  account: string,
  item: { state: string; version?: number; error?: string },
): Promise<string> {
  const [row] = await sql.query<{ key: string }>(
    'insert into item (run, lane, wave, account, state, version, error, open) values ($1::int8, $2::int8, 1, $3::int8, $4, $5, $6, false) returning key::text as key',
    [run.key, run.lane, account, item.state, item.version ?? null, item.error ?? null],
  );
  return row?.key ?? '';
}
