// Puts the present secret of a canary into the escrow where the estate file says where it lives, so that one reset proves its paths instead of two.
import type { Estate } from '../estate/estate.ts';
import { resolveAccount } from '../inventory/accounts.ts';
import { secretAad } from '../seal/envelope.ts';
import { resolveSecret } from '../seal/secret-ref.ts';
import type { Parts } from './parts.ts';

export async function knowCanaries(parts: Parts, header: { readonly systems: readonly { readonly id: string }[] }): Promise<void> {
  for (const spec of parts.estate.systems) if (header.systems.some((s) => s.id === spec.id)) await knowCanary(parts, spec);
}

async function knowCanary(parts: Parts, spec: Estate['systems'][number]): Promise<void> {
  const { canary } = spec;
  if (canary?.secret === undefined) return;
  const account = await resolveAccount({ inventory: parts.inventory }, spec.id, canary.account);
  const held = await parts.store.query(
    `select 1 from secret where account = $1::int8 and state = 'live' and origin in ('generated', 'known')`,
    [account],
  );
  if (held.length > 0) return;
  const value = await resolveSecret(canary.secret, { folder: parts.estate.folder, env: process.env, timeoutMs: 10_000 });
  const key = await parts.seal.dataKey(await parts.seal.newDataKey(`canary ${spec.id}`));
  const sealed = value.use((bytes) => key.seal(secretAad(account, 'known', 1, key.key), bytes));
  await parts.store.query(
    `insert into secret(account, origin, version, state, data_key, sealed) values ($1::int8, 'known', 1, 'live', $2::int8, $3) on conflict do nothing`,
    [account, key.key, sealed],
  );
}
