// Shows one live secret to a person entitled to it. That it was shown is on record before it is shown, also when we crash in between.
import { entryLine } from '../domain/entry.ts';
import { Problem } from '../domain/problem.ts';
import type { Caller, DeliveryAccount, DeliveryStore, Held, OpenSecret } from './port.ts';

export type RevealDeps = { readonly store: DeliveryStore; readonly openSecret: OpenSecret; readonly now: () => Date };
export type Revealed = { readonly secret: string; readonly version: number };

export async function reveal(deps: RevealDeps, caller: Caller, system: string, account: string): Promise<Revealed> {
  const found = oneOf(await deps.store.find(system, account), `${system}/${account}`);
  const audit = (data: { outcome: string; version?: number }): Promise<void> =>
    deps.store.audit([
      entryLine('reveal', deps.now(), { item: `${found.system}/${found.id}`, account: found.name, by: caller.name, ...data }),
    ]);
  if (!mayHave(caller, found)) {
    await audit({ outcome: 'refused: not entitled' });
    throw new Problem('not-permitted', {
      message: `${caller.name} may not have the secret of ${found.system}/${found.name}: only its owner, its identity or a custodian may`,
      hint: `see who that is: rekey account show ${found.system}/${found.name}`,
    });
  }
  const row = liveRow(await deps.store.escrow(found.key), `${found.system}/${found.name}`);
  await audit({ outcome: 'given', version: row.version });
  const secret = await deps.openSecret(found.key, row);
  return { secret: secret.text((text) => text), version: row.version };
}

function oneOf(found: readonly DeliveryAccount[], name: string): DeliveryAccount {
  const [first, second] = found;
  if (first === undefined) throw new Problem('not-found', { message: `there is no account ${name}`, hint: 'run: rekey account ls' });
  if (second === undefined) return first;
  throw new Problem('conflict', {
    message: `${name} names ${found.length} accounts`,
    hint: `use the id: ${found
      .slice(0, 3)
      .map((each) => `${each.system}/${each.id}`)
      .join(', ')}`,
  });
}

/** A manager is not enough: the inventory's owner answers for the account, the identity uses it. */
function mayHave(caller: Caller, account: DeliveryAccount): boolean {
  return caller.custodian || (caller.name !== '' && (caller.name === account.owner || caller.name === account.identity));
}

/** A version in doubt may already be the one that works: then no other is given out as live. */
function liveRow(rows: readonly Held[], name: string): Held {
  const live = rows.find((row) => row.state === 'live');
  const doubt = rows.find((row) => row.doubt);
  if (doubt !== undefined && doubt !== live)
    throw new Problem('conflict', {
      message: `whether version ${doubt.version} of ${name} is in place is in doubt, so no version can be called live`,
      hint: 'let the run ask the target: rekey run retry RUN --state in-doubt',
    });
  if (live !== undefined) return live;
  const [newest] = rows;
  if (newest === undefined)
    throw new Problem('not-found', {
      message: `Rekey holds no secret of ${name}: it never set one`,
      hint: 'plan a reset that selects it: rekey plan --where …',
    });
  throw new Problem('conflict', {
    message: `no version of ${name} is live: the newest, version ${newest.version}, is ${words[newest.state]}`,
    hint: `see its runs: rekey account show ${name}`,
  });
}

const words = {
  candidate: 'a candidate that was sealed but not put in place yet',
  live: 'live',
  previous: 'a previous one, replaced since',
  disproved: 'disproved: the target refuses it',
} as const;
