// One Access-Request and its answer over UDP. Repeats are the same bytes (RFC 5080 section 2.2.1), so a server counts one login, not several.
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Secret } from '../../kit/secret.ts';
import { decodeReply, encodeAccessRequest, type NoReply, type Reply } from './packet.ts';

export type RadiusServer = { readonly host: string; readonly port: number };
export type Login = { readonly user: string; readonly secret: Secret; readonly nasIdentifier: string };
/** `deadline` in milliseconds of performance.now(). */
export type Until = { readonly deadline: number; readonly signal: AbortSignal };

/** `silent`: no answer that counts came in time. `code` names what came instead (`forged`, `unsigned`), or the transport's error, or ETIMEDOUT. */
export type Asked = { readonly kind: 'reply'; readonly reply: Reply } | { readonly kind: 'silent'; readonly code: string };

/** Twice, and early: servers remember a request for a few seconds only, after which a repeat is a login of its own. */
const repeatAfterMs: readonly number[] = [1000, 3000];

export async function accessRequest(server: RadiusServer, shared: Secret, login: Login, until: Until): Promise<Asked> {
  const left = (): number => until.deadline - performance.now();
  if (until.signal.aborted) return { kind: 'silent', code: 'ABORTED' };
  const address = await addressOf(server.host, left());
  if (address === undefined) return { kind: 'silent', code: 'ENOTFOUND' };
  if (left() <= 0 || until.signal.aborted) return { kind: 'silent', code: until.signal.aborted ? 'ABORTED' : 'ETIMEDOUT' };
  const asked = { identifier: randomInt(256), authenticator: randomBytes(16) };
  const { user, nasIdentifier } = login;
  const packet = shared.use((key) =>
    login.secret.use((password) => encodeAccessRequest({ ...asked, shared: key, user, password, nasIdentifier })),
  );
  // A port of its own for each request: nobody off the path can guess both, and no answer of another request can arrive here.
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
  const timers: NodeJS.Timeout[] = [];
  let stop = (): void => {};
  try {
    return await new Promise<Asked>((resolve) => {
      let instead: NoReply | undefined;
      const silent = (code: string) => (): void => resolve({ kind: 'silent', code });
      stop = silent('ABORTED');
      until.signal.addEventListener('abort', stop, { once: true });
      timers.push(setTimeout(() => resolve({ kind: 'silent', code: instead ?? 'ETIMEDOUT' }), Math.max(1, left())));
      socket.on('error', (error: NodeJS.ErrnoException) => silent(error.code ?? 'ESOCKET')());
      socket.on('message', (datagram) => {
        const read = shared.use((key) => decodeReply(datagram, { ...asked, shared: key }));
        // A forged answer must not silence the true one behind it: it is remembered and the wait goes on.
        if (typeof read !== 'string') resolve({ kind: 'reply', reply: read });
        else instead = instead === 'unsigned' ? instead : read;
      });
      const send = (): void => socket.send(packet);
      // Connected: the kernel drops what comes from any other address. Without a callback a failure comes as 'error'.
      socket.connect(server.port, address);
      socket.once('connect', () => {
        send();
        for (const ms of repeatAfterMs) timers.push(setTimeout(send, ms));
      });
    });
  } finally {
    for (const timer of timers) clearTimeout(timer);
    until.signal.removeEventListener('abort', stop);
    packet.fill(0);
    socket.close();
  }
}

/** The resolver cannot be stopped: it is left behind at the deadline. */
async function addressOf(host: string, withinMs: number): Promise<string | undefined> {
  if (isIP(host) !== 0) return host;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(1, withinMs));
  });
  try {
    return await Promise.race([
      lookup(host).then(
        ({ address }) => address,
        () => undefined,
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
