// Draws that are the same wherever the same key and context are, and tell nothing of each other anywhere else: how lanes agree on a value without talking.
import { createCipheriv, hkdfSync, type KeyObject } from 'node:crypto';
import type { Draw } from './generate.ts';

const salt = Buffer.from('rekey/shared-value/1', 'utf8');
const bytesAtOnce = 64;

/** HKDF-SHA256 gives a key of its own to each context; AES-256-CTR under it gives as many bytes as are drawn. */
export function drawFrom(key: KeyObject, context: string): Draw {
  const seed = Buffer.from(hkdfSync('sha256', key, salt, Buffer.from(context, 'utf8'), 32));
  const stream = createCipheriv('aes-256-ctr', seed, Buffer.alloc(16));
  seed.fill(0);
  let bytes = Buffer.alloc(0);
  let at = 0;
  const next = (): number => {
    if (at === bytes.length) {
      bytes = stream.update(Buffer.alloc(bytesAtOnce));
      at = 0;
    }
    return bytes.readUInt8(at++);
  };
  return (below) => {
    if (!(below > 0 && below <= 256)) throw new RangeError(`one byte cannot draw below ${below}`);
    // Drawn again above the largest multiple: no modulo bias.
    const limit = 256 - (256 % below);
    for (;;) {
      const drawn = next();
      if (drawn < limit) return drawn % below;
    }
  };
}

/** What a shared value depends on. Each part is quoted, so that no two contexts read the same. */
export function sharedContext(shared: {
  readonly run: string;
  readonly group: string;
  readonly person: string;
  readonly attempt: number;
}): string {
  return JSON.stringify(['shared', shared.run, shared.group, shared.person, shared.attempt]);
}
