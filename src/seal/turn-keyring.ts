// Turning the keyring: a new current key, every data key wrapped anew, and only then may the old key go. Sealed secrets are not touched.
import { Problem } from '../domain/problem.ts';
import { addNextKey, removeKey } from './key-folder.ts';
import { type Keyring, type KeyringSpec, openKeyring } from './keyring.ts';
import type { DataKeys } from './port.ts';
import { dataKeyAad } from './seal.ts';

const page = 500;

/** A new current key beside the old ones. Then `rewrap`. */
export async function turnKeyring(spec: KeyringSpec): Promise<Keyring> {
  if (spec.provider === 'env')
    throw new Problem('invalid-config', {
      message: 'A keyring in the environment is turned by you: Rekey cannot change its own environment.',
      place: `keyring.variable (${spec.variable})`,
      hint: `Put the new key first: ${spec.variable}="k2:$(openssl rand -base64 32),<the old value>", then re-wrap.`,
    });
  await openKeyring(spec);
  await addNextKey(spec.path);
  return await openKeyring(spec);
}

/** Wraps every data key that is not under the current key. Interrupted, it goes on where it stopped; run twice, it does nothing. */
export async function rewrap({ keyring, dataKeys }: { readonly keyring: Keyring; readonly dataKeys: DataKeys }): Promise<number> {
  let done = 0;
  let after = '0';
  for (;;) {
    const rows = await dataKeys.notUnder(keyring.current, after, page);
    if (rows.length === 0) return done;
    for (const row of rows) {
      const bytes = keyring.unwrap(dataKeyAad(row.purpose), row.ring, row.wrapped);
      try {
        const to = keyring.wrap(dataKeyAad(row.purpose), bytes);
        // Opened again before the only other copy is replaced.
        if (!keyring.unwrap(dataKeyAad(row.purpose), to.ring, to.wrapped).equals(bytes))
          throw new Error(`data key ${row.key} does not open after wrapping`);
        if (await dataKeys.rewrap(row.key, row.ring, to)) done++;
      } finally {
        bytes.fill(0);
      }
      after = row.key;
    }
  }
}

/** Refuses while the key is current or a data key still needs it, and says which. */
export async function removeRingKey(spec: KeyringSpec, id: string, dataKeys: DataKeys): Promise<void> {
  const keyring = await openKeyring(spec);
  if (!keyring.ids.includes(id))
    throw new Problem('not-found', {
      message: `The keyring has no key "${id}".`,
      place: keyring.place,
      hint: `It has ${keyring.ids.join(', ')}.`,
    });
  if (id === keyring.current)
    throw new Problem('conflict', { message: `"${id}" is the current key.`, place: keyring.place, hint: 'Turn the keyring first.' });
  const { count, sample } = await dataKeys.under(id);
  if (count > 0)
    throw new Problem('conflict', {
      message: `${count} data ${count === 1 ? 'key still needs' : 'keys still need'} "${id}": ${sample.join(', ')}${count > sample.length ? ', …' : ''}.`,
      place: keyring.place,
      hint: 'Re-wrap first; it goes on where it stopped.',
    });
  if (spec.provider === 'file') return await removeKey(spec.path, id);
  throw new Problem('invalid-config', {
    message: `No data key needs "${id}" any more.`,
    place: keyring.place,
    hint: `Remove it from ${spec.variable} yourself.`,
  });
}
