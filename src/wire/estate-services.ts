// What the estate file and the server are made of, wired for the doors.
import { type Caller, ownOnly } from '../access/caller.ts';
import { fingerprintOf } from '../approve/fingerprint.ts';
import { parsePublicKey } from '../approve/ssh-public-key.ts';
import { Malformed } from '../approve/ssh-wire.ts';
import type { Estate } from '../estate/estate.ts';
import type { EstateFacts, EstateServices } from '../http/estate-services.ts';
import type { Parts } from './parts.ts';

export function estateServices({ estate, signer }: Parts): EstateServices {
  return {
    estateFacts: async (caller) => ({
      name: estate.name,
      file: estate.file,
      store: storeOf(estate.store),
      keyring: estate.keyring.provider,
      logKey: signer.key.line,
      approvals: estate.approvals,
      approvers: estate.approvers.map(({ name, key }) => ({ name, fingerprint: shownKey(key) })),
      systems: theirs(caller, estate.systems).map(({ id, connector, tier, owner, limits, canary, paths }) => ({
        id,
        connector,
        tier,
        owner: owner ?? null,
        concurrency: limits.concurrency ?? null,
        perSecond: limits.perSecond ?? null,
        canary: canary?.account ?? null,
        paths: paths.map(({ id: path, probe }) => ({ id: path, probe })),
      })),
      sync: (estate.sync ?? []).map(({ name, systems }) => ({ name, systems })),
    }),
  };
}

function theirs(caller: Caller, systems: Estate['systems']): Estate['systems'] {
  const own = ownOnly(caller, 'estate.read');
  return own === null ? systems : systems.filter(({ owner }) => owner === own);
}

/** A store's address may hold a password: only host and database are told. */
function storeOf(store: Estate['store']): EstateFacts['store'] {
  if ('dataDir' in store) return { kind: 'embedded', where: store.dataDir };
  if (!URL.canParse(store.url)) return { kind: 'postgresql', where: 'as the estate file says' };
  const { host, pathname } = new URL(store.url);
  return { kind: 'postgresql', where: `${host}${pathname}` };
}

/** The estate file's own check reports a line that cannot be read. */
function shownKey(key: string): string {
  try {
    return fingerprintOf(parsePublicKey(key));
  } catch (error) {
    if (error instanceof Malformed) return 'not readable';
    throw error;
  }
}
