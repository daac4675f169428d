// One request to one KDC over TCP, ended at its deadline. No other KDC is ever asked instead: a verdict is about the one that was named.
import { connect } from 'node:net';

export type Kdc = { readonly host: string; readonly port: number };
/** `deadline` in milliseconds of performance.now(). */
export type Until = { readonly deadline: number; readonly signal: AbortSignal };

/** No answer that counts: `code` is the transport's (`ECONNREFUSED`, `ETIMEDOUT`) or ours. */
export class KdcError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** An AS-REP with a large authorisation record stays below this; more is not a KDC's answer. */
const maxAnswer = 1024 * 1024;

/** A length of four bytes before each message (RFC 4120 section 7.2.2). TCP, so that no answer is cut short and asked for twice. */
export function askKdc(kdc: Kdc, message: Uint8Array, until: Until): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (until.signal.aborted) return reject(new KdcError('ABORTED'));
    const socket = connect({ host: kdc.host, port: kdc.port, noDelay: true });
    let received = Buffer.alloc(0);
    const finish = (settle: () => void) => (): void => {
      clearTimeout(timer);
      until.signal.removeEventListener('abort', stop);
      socket.destroy();
      settle();
    };
    const fail = (code: string) => finish(() => reject(new KdcError(code)));
    const timer = setTimeout(fail('ETIMEDOUT'), Math.max(1, until.deadline - performance.now()));
    const stop = fail('ABORTED');
    until.signal.addEventListener('abort', stop, { once: true });
    const length = Buffer.alloc(4);
    length.writeUInt32BE(message.length);
    socket.once('connect', () => socket.write(Buffer.concat([length, message])));
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'ESOCKET')());
    socket.on('close', fail('ECONNRESET'));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4) return;
      const size = received.readUInt32BE(0);
      if (size > maxAnswer) return fail('EPROTO')();
      if (received.length >= 4 + size) finish(() => resolve(received.subarray(4, 4 + size)))();
    });
  });
}
