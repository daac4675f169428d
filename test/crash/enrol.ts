// One account of a target as one system of the store, its first secret in the escrow as leaked, and one consumer that holds it.
import { secretAad } from '../../src/seal/envelope.ts';
import type { Hands } from './hands.ts';
import type { Ground, Subject } from './sweep.ts';
import type { CrashAccount } from './target.ts';

export type Enrolled = {
  /** The system's id, and its store's. */
  readonly system: string;
  readonly place: string;
  readonly account: CrashAccount;
  readonly key: string;
  readonly ref: string;
  readonly hands: Hands;
};

let serial = 0;

export async function enrol({ store, seal }: Ground, subject: Subject, account: CrashAccount, hands: Hands): Promise<Enrolled> {
  const n = ++serial;
  const system = `system-${n}`;
  const place = `place-${n}`;
  const { ref, old } = account;
  await store.query(`insert into system(id, connector, spec) values ($1, 'swept', '')`, [system]);
  const [row] = await store.query<{ key: string }>(
    `insert into account(system, id, name, locator, login, owners) values ($1, $2, $3, $4, $5, '{sweep}') returning key::text as key`,
    [system, ref.id, ref.name, ref.locator ?? null, ref.login ?? null],
  );
  const key = row?.key ?? '';
  const dataKey = await seal.newDataKey(system);
  const sealed = (await seal.dataKey(dataKey)).seal(secretAad(key, 'leaked', 1, dataKey), Buffer.from(old));
  await store.query(
    `insert into secret(account, origin, version, state, data_key, sealed) values ($1::int8, 'leaked', 1, 'previous', $2::int8, $3)`,
    [key, dataKey, sealed],
  );
  const at = await subject.store.place(old);
  await store.query(`insert into consumer(account, consumer, store, ref, owner, health) values ($1::int8, 'app', $2, $3, 'sweep', $4)`, [
    key,
    place,
    at.ref,
    at.health ?? null,
  ]);
  return { system, place, account, key, ref: at.ref, hands };
}
