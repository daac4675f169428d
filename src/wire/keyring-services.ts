// The keyring's turn, wired for the doors. On record before the old key may go.
import { entryLine } from '../domain/entry.ts';
import type { Services } from '../http/services.ts';
import { openKeyring } from '../seal/keyring.ts';
import { removeRingKey, rewrap, turnKeyring } from '../seal/turn-keyring.ts';
import { dataKeysIn } from '../store/data-keys.ts';
import { appendEntries } from '../store/evidence.ts';
import type { Parts } from './parts.ts';

export function keyringServices({ estate, store, now }: Parts): Pick<Services, 'changeKeyring'> {
  return {
    changeKeyring: async (caller, { turn, remove }) => {
      const spec = estate.keyring;
      const dataKeys = dataKeysIn(store);
      const turned = turn ? await turnKeyring(spec) : await openKeyring(spec);
      const rewrapped = await rewrap({ keyring: turned, dataKeys });
      await appendEntries(store, 'estate', [
        entryLine('keyring', now(), { by: caller.name, current: turned.current, turned: turn, rewrapped, removed: remove }),
      ]);
      if (remove !== undefined) await removeRingKey(spec, remove, dataKeys);
      const { current, ids } = remove === undefined ? turned : await openKeyring(spec);
      return { current, keys: ids, rewrapped };
    },
  };
}
