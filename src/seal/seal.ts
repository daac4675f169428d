// Seals and opens values with data keys that exist in the clear only inside this process. Sealing itself is synchronous: it is on the hot path.
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { Problem } from '../domain/problem.ts';
import { drawFrom } from './draw.ts';
import { openWith, sealWith } from './envelope.ts';
import type { Draw } from './generate.ts';
import { keyBytes } from './key-folder.ts';
import type { Keyring } from './keyring.ts';
import type { DataKeys } from './port.ts';

export interface DataKey {
  /** Its number in the store. */
  readonly key: string;
  seal(aad: string, bytes: Uint8Array): Buffer;
  /** Throws when a bit differs or `aad` is not the one it was sealed for. */
  open(aad: string, sealed: Uint8Array): Buffer;
  /** The same draws for the same context wherever this data key is held. */
  draw(context: string): Draw;
}

export interface Seal {
  /** Made, wrapped, stored, read back. Joins the caller's transaction. `purpose` says what for: "run R-7K3QX2MA", "import". */
  newDataKey(purpose: string): Promise<string>;
  dataKey(key: string): Promise<DataKey>;
}

export function openSeal({ keyring, dataKeys }: { readonly keyring: Keyring; readonly dataKeys: DataKeys }): Seal {
  const cache = new Map<string, Promise<DataKey>>();

  async function load(key: string): Promise<DataKey> {
    const row = await dataKeys.find(key);
    if (!row)
      throw new Problem('internal', {
        message: `Data key ${key} is not in the store.`,
        place: 'store',
        hint: 'The store is damaged or incomplete: restore it from a backup before any further reset.',
      });
    const bytes = keyring.unwrap(dataKeyAad(row.purpose), row.ring, row.wrapped);
    const secret = createSecretKey(bytes);
    bytes.fill(0);
    return dataKeyOf(key, secret);
  }

  return {
    async newDataKey(purpose) {
      const bytes = randomBytes(keyBytes);
      try {
        const key = await dataKeys.add({ purpose, ...keyring.wrap(dataKeyAad(purpose), bytes) });
        const back = await dataKeys.find(key);
        if (!back || !keyring.unwrap(dataKeyAad(back.purpose), back.ring, back.wrapped).equals(bytes))
          throw new Error(`data key ${key} did not read back as written`);
        return key;
      } finally {
        bytes.fill(0);
      }
    },
    dataKey(key) {
      let found = cache.get(key);
      if (!found) {
        found = load(key);
        cache.set(key, found);
        // A missing key may be one whose transaction is not committed yet: ask again next time.
        found.catch(() => cache.delete(key));
      }
      return found;
    },
  };
}

export const dataKeyAad = (purpose: string): string => JSON.stringify(['data-key', purpose]);

function dataKeyOf(key: string, secret: KeyObject): DataKey {
  return {
    key,
    seal: (aad, bytes) => sealWith(secret, aad, bytes),
    open: (aad, sealed) => openWith(secret, aad, sealed),
    draw: (context) => drawFrom(secret, context),
  };
}
