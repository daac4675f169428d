// One MQTT 3.1.1 CONNECT with name and password, as far as CONNACK: a connection of its own, ended at once.
import { randomBytes } from 'node:crypto';
import type { Secret } from '../../kit/kit.ts';
import { converse, type Endpoint, type Failed, type Limits, type Step } from '../tcp/dial.ts';

/** The return code of CONNACK (0: taken, 4: bad user name or password, 5: not authorised). */
export type Connack = { readonly code: number };

export async function login(at: Endpoint, user: string, secret: Secret, clientPrefix: string, limits: Limits): Promise<Connack | Failed> {
  // A name of its own: the same client name elsewhere would be thrown out. At most 23 characters, as the standard promises.
  const client = `${clientPrefix}${randomBytes(8).toString('hex')}`.slice(0, Math.max(23, clientPrefix.length + 8));
  const opening = secret.use((bytes) => connect(client, user, bytes));
  const step = (received: Buffer): Step<Connack | Failed> => {
    if (received.length < 4) return { used: 0 };
    // 0x20, two more bytes: anything else is no MQTT 3.1.1 broker.
    if (received[0] !== 0x20 || received[1] !== 2) return { used: 0, done: { failed: 'EPROTO' } };
    return { used: 4, done: { code: received[3] as number } };
  };
  return converse(at, limits, opening, step, disconnect);
}

/** Section 3.1: protocol name and level 4, flags user name + password + clean session, keep-alive, then the payload. */
export function connect(client: string, user: string, secret: Uint8Array): Buffer {
  const head = Buffer.concat([text('MQTT'), Buffer.from([4, 0b1100_0010, 0, 10])]);
  const body = Buffer.concat([head, text(client), text(user), field(secret)]);
  return Buffer.concat([Buffer.from([0x10, ...remaining(body.length)]), body]);
}

const disconnect = Buffer.from([0xe0, 0]);
const text = (value: string): Buffer => field(Buffer.from(value, 'utf8'));

function field(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Section 2.2.3: seven bits a byte, the eighth says that more follow. */
function remaining(length: number): number[] {
  const low = length & 0x7f;
  return length > 0x7f ? [low | 0x80, ...remaining(length >> 7)] : [low];
}
