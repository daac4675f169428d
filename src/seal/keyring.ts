// The keys that wrap data keys. They live outside the store: in a folder only this user can read, or in the environment.
import { createSecretKey, type KeyObject } from 'node:crypto';
import { Problem } from '../domain/problem.ts';
import { openWith, sealWith } from './envelope.ts';
import { createKeyFolder, keyBytes, readKeyFolder } from './key-folder.ts';

/** As in the estate file. */
export type KeyringSpec = { readonly provider: 'file'; readonly path: string } | { readonly provider: 'env'; readonly variable: string };

export interface Keyring {
  /** Where it comes from, for messages. */
  readonly place: string;
  /** Id of the key new data keys are wrapped with. */
  readonly current: string;
  readonly ids: readonly string[];
  wrap(aad: string, bytes: Uint8Array): { readonly ring: string; readonly wrapped: Buffer };
  /** Throws invalid-config naming the ring key it needs. */
  unwrap(aad: string, ring: string, wrapped: Uint8Array): Buffer;
}

export async function openKeyring(spec: KeyringSpec, env: NodeJS.ProcessEnv = process.env): Promise<Keyring> {
  if (spec.provider === 'env') return keyringOf(`environment variable ${spec.variable}`, parseKeys(spec.variable, env[spec.variable]));
  const keys = await readKeyFolder(spec.path);
  if (keys.length === 0)
    throw new Problem('invalid-config', {
      message: 'The keyring has no key.',
      place: spec.path,
      hint: 'Run rekey init for a new estate; for an existing store restore the folder from its backup: without it no sealed secret opens.',
    });
  return keyringOf(spec.path, keys);
}

/** A new keyring with one key. Never touches an existing one. */
export async function createKeyring(spec: KeyringSpec): Promise<Keyring> {
  if (spec.provider === 'env')
    throw new Problem('invalid-config', {
      message: 'A keyring in the environment is made by you, not by Rekey.',
      place: `keyring.variable (${spec.variable})`,
      hint: `export ${spec.variable}="k1:$(openssl rand -base64 32)" and keep it where you keep the most important secrets.`,
    });
  await createKeyFolder(spec.path);
  return await openKeyring(spec);
}

type Named = { readonly id: string; readonly key: KeyObject };

/** First = current. */
function keyringOf(place: string, keys: readonly Named[]): Keyring {
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  const [current] = keys;
  if (!current) throw new Error('a keyring has at least one key');
  return {
    place,
    current: current.id,
    ids: keys.map(({ id }) => id),
    wrap: (aad, bytes) => ({ ring: current.id, wrapped: sealWith(current.key, aadOf(current.id, aad), bytes) }),
    unwrap: (aad, ring, wrapped) => {
      const key = byId.get(ring);
      if (!key)
        throw new Problem('invalid-config', {
          message: `The keyring has no key "${ring}"; it has ${keys.map(({ id }) => id).join(', ')}.`,
          place,
          hint: `Put key "${ring}" back from the keyring's backup; if the keyring was turned just now, start this process again.`,
        });
      try {
        return openWith(key, aadOf(ring, aad), wrapped);
      } catch {
        throw new Problem('invalid-config', {
          message: `Key "${ring}" of this keyring is not the "${ring}" this store was sealed with.`,
          place,
          hint: 'Use the keyring that belongs to this store, from its backup.',
        });
      }
    },
  };
}

const aadOf = (ring: string, aad: string): string => JSON.stringify(['ring', ring, aad]);

/** `id:base64,id:base64`; a single key may stand without id and is then k1. Messages name the position, never the text. */
function parseKeys(variable: string, text: string | undefined): Named[] {
  if (text === undefined || text.trim() === '')
    throw new Problem('invalid-config', {
      message: `The environment variable ${variable} is not set.`,
      place: 'keyring.variable',
      hint: `export ${variable}="k1:…" as it was when the store was made.`,
    });
  const parts = text.split(',').map((part) => part.trim());
  const keys = parts.map((part, i) => {
    const [, id = parts.length === 1 ? 'k1' : '', base64 = ''] = /^(?:([A-Za-z0-9._-]{1,40}):)?([A-Za-z0-9+/_-]+=*)$/.exec(part) ?? [];
    const bytes = Buffer.from(base64, 'base64');
    if (id === '' || bytes.length !== keyBytes)
      throw new Problem('invalid-config', {
        message: `Key ${i + 1} of ${parts.length} in ${variable} is not id:base64 of ${keyBytes} bytes.`,
        place: 'keyring.variable',
        hint: 'openssl rand -base64 32 makes one; the first is the current key: k2:…,k1:…',
      });
    const key = createSecretKey(bytes);
    bytes.fill(0);
    return { id, key };
  });
  const twice = keys.find(({ id }, i) => keys.findIndex((other) => other.id === id) !== i);
  if (twice)
    throw new Problem('invalid-config', {
      message: `${variable} holds two keys named ${twice.id}.`,
      place: 'keyring.variable',
      hint: 'Give each key its own id.',
    });
  return keys;
}
