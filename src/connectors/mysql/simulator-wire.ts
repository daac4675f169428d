// The client/server protocol of MySQL as its manual describes it, server side: greeting, three ways to check a password, results as text.
import { constants, createHash, generateKeyPairSync, privateDecrypt, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH, TRANSACTIONS, CONNECT_WITH_DB and LONG_PASSWORD: a MySQL server, without TLS. */
const capabilities = 0x0000_0001 | 0x0000_0008 | 0x0000_0200 | 0x0000_2000 | 0x0000_8000 | 0x0008_0000;
const sha1 = (...parts: readonly Uint8Array[]): Buffer => createHash('sha1').update(Buffer.concat(parts)).digest();

/** What a client shows of its password: a token over the nonce that only the double SHA-1 checks, or the password itself. */
export type Shown = { readonly native: (doubleSha1: Buffer) => boolean } | { readonly password: Buffer };

/** One client's connection: whole packets in, whole packets out. */
export class Wire {
  readonly #socket: Socket;
  #buffer = Buffer.alloc(0);
  #sequence = 0;
  readonly #waiting: ((packet: Buffer | undefined) => void)[] = [];
  readonly #packets: Buffer[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('close', () => {
      for (const resolve of this.#waiting.splice(0)) resolve(undefined);
    });
    socket.on('error', () => {});
  }

  /** The next packet; undefined when the client has gone. */
  next(): Promise<Buffer | undefined> {
    const packet = this.#packets.shift();
    if (packet !== undefined) return Promise.resolve(packet);
    return this.#socket.destroyed ? Promise.resolve(undefined) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Greets, learns who it is, and has the password shown in the way the account's plugin wants it. */
  async login(id: number, version: string, pluginOf: (user: string) => string): Promise<{ user: string; shown: Shown } | undefined> {
    const nonce = randomBytes(20).map((byte) => (byte % 94) + 33);
    this.#send(greeting(id, version, nonce));
    const reply = await this.next();
    if (reply === undefined) return undefined;
    const user = reply.subarray(32, reply.indexOf(0, 32)).toString('utf8');
    const plugin = pluginOf(user);
    this.#send(Buffer.concat([Buffer.of(0xfe), Buffer.from(`${plugin}\0`), nonce, Buffer.of(0)]));
    const token = await this.next();
    if (token === undefined) return undefined;
    if (plugin === 'mysql_native_password') return { user, shown: { native: nativeCheck(token, nonce) } };
    // caching_sha2_password, nothing cached: full authentication, by RSA where there is no TLS.
    this.#send(Buffer.of(1, 4));
    if ((await this.next())?.[0] !== 2) return undefined;
    this.#send(Buffer.concat([Buffer.of(1), Buffer.from(keys.publicKey)]));
    const sealed = await this.next();
    if (sealed === undefined) return undefined;
    const mixed = privateDecrypt({ key: keys.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, sealed);
    const password = Buffer.from(mixed.map((byte, n) => byte ^ (nonce[n % nonce.length] as number))).subarray(0, -1);
    return { user, shown: { password } };
  }

  ok(): void {
    this.#send(Buffer.of(0, 0, 0, 2, 0, 0, 0));
  }
  error(errno: number, text: string): void {
    const head = Buffer.alloc(3);
    head[0] = 0xff;
    head.writeUInt16LE(errno, 1);
    this.#send(Buffer.concat([head, Buffer.from(`#HY000${text}`)]));
  }
  rows(
    rows: readonly Readonly<Record<string, string | null>>[],
    columns: readonly string[] = Object.keys(rows[0] ?? { none: null }),
  ): void {
    this.#send(Buffer.of(columns.length));
    for (const name of columns) this.#send(column(name));
    this.#send(Buffer.of(0xfe, 0, 0, 2, 0));
    for (const row of rows)
      this.#send(Buffer.concat(columns.map((name) => (row[name] === null ? Buffer.of(0xfb) : lengthed(row[name] ?? '')))));
    this.#send(Buffer.of(0xfe, 0, 0, 2, 0));
  }
  end(): void {
    this.#socket.destroy();
  }

  #received(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    while (this.#buffer.length >= 4 && this.#buffer.length >= 4 + this.#buffer.readUIntLE(0, 3)) {
      const end = 4 + this.#buffer.readUIntLE(0, 3);
      this.#sequence = (this.#buffer[3] as number) + 1;
      const packet = Buffer.from(this.#buffer.subarray(4, end));
      this.#buffer = this.#buffer.subarray(end);
      const resolve = this.#waiting.shift();
      if (resolve === undefined) this.#packets.push(packet);
      else resolve(packet);
    }
  }
  #send(payload: Uint8Array): void {
    const head = Buffer.alloc(4);
    head.writeUIntLE(payload.length, 0, 3);
    head[3] = this.#sequence++ & 0xff;
    if (!this.#socket.destroyed) this.#socket.write(Buffer.concat([head, payload]));
  }
}

function greeting(id: number, version: string, nonce: Uint8Array): Buffer {
  const numbers = Buffer.alloc(4 + 8 + 1);
  numbers.writeUInt32LE(id, 0);
  numbers.set(nonce.subarray(0, 8), 4);
  const middle = Buffer.alloc(18);
  middle.writeUInt16LE(capabilities & 0xffff, 0);
  middle[2] = 45; // utf8mb4
  middle.writeUInt16LE(2, 3);
  middle.writeUInt16LE(capabilities >>> 16, 5);
  middle[7] = 21;
  return Buffer.concat([
    Buffer.of(10),
    Buffer.from(`${version}\0`),
    numbers,
    middle,
    nonce.subarray(8),
    Buffer.of(0),
    Buffer.from('caching_sha2_password\0'),
  ]);
}

/** The manual's check: SHA1(password) is the token without SHA1(nonce, SHA1(SHA1(password))). */
const nativeCheck =
  (token: Buffer, nonce: Uint8Array) =>
  (doubleSha1: Buffer): boolean => {
    if (token.length !== 20) return false;
    const mask = sha1(nonce, doubleSha1);
    return sha1(token.map((byte, n) => byte ^ (mask[n] as number))).equals(doubleSha1);
  };

/** VAR_STRING in utf8mb4, whatever it holds: clients of text results read numbers from it as well. */
function column(name: string): Buffer {
  const tail = Buffer.from([0x0c, 45, 0, 0xff, 0xff, 0, 0, 0xfd, 0, 0, 0, 0, 0]);
  return Buffer.concat([...['def', '', '', '', name, name].map(lengthed), tail]);
}

function lengthed(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length < 251) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const length = Buffer.alloc(3);
  length[0] = 0xfc;
  length.writeUInt16LE(bytes.length, 1);
  return Buffer.concat([length, bytes]);
}
