// A TCP, TLS or unix-socket connection of its own, made within a deadline; and a short conversation on one, where every end has a code.
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Io } from '../../kit/kit.ts';
import type { Tls } from '../../kit/settings.ts';

/** `replica` is the name the server has in every cell: `host:port`. A host that starts with / is the path of a unix socket. */
export type Endpoint = { readonly host: string; readonly port: number; readonly replica: string; readonly tls: Tls | undefined };
/** `until` on the clock of performance.now(): one deadline for all steps of a call. */
export type Limits = { readonly until: number; readonly signal: AbortSignal };
export type Failed = { readonly failed: string };

export const limitsOf = (io: Pick<Io, 'timeoutMs' | 'signal'>): Limits => ({
  until: performance.now() + io.timeoutMs,
  signal: io.signal,
});
export const endpointOf = (at: { readonly host: string; readonly port: number }, tls: Tls | undefined): Endpoint => ({
  host: at.host,
  port: at.port,
  replica: at.host.startsWith('/') ? at.host : `${isIP(at.host) === 6 ? `[${at.host}]` : at.host}:${at.port}`,
  tls,
});

/** The codes of a TLS handshake that failed on the server's certificate or on the wrong port, not on the network. */
export const isTlsCode = (code: string): boolean => /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO|EPROTO/.test(code);

/** Runs `give` when the deadline passes (ETIMEDOUT) or the call is stopped (ABORTED). The answer undoes it. */
export function onEnd(limits: Limits, give: (code: string) => void): () => void {
  const aborted = (): void => give('ABORTED');
  const timer = setTimeout(() => give('ETIMEDOUT'), Math.max(1, limits.until - performance.now()));
  limits.signal.addEventListener('abort', aborted, { once: true });
  return () => {
    clearTimeout(timer);
    limits.signal.removeEventListener('abort', aborted);
  };
}

export function dial(at: Endpoint, limits: Limits): Promise<Socket | Failed> {
  if (limits.signal.aborted) return Promise.resolve({ failed: 'ABORTED' });
  const socket = open(at);
  return new Promise((resolve) => {
    const end = (answer: Socket | Failed): void => {
      stop();
      socket.removeAllListeners();
      // A socket without a listener for errors would end the process.
      socket.on('error', () => {});
      if ('failed' in answer) socket.destroy();
      resolve(answer);
    };
    // The port is open, and silent or closed under a TLS greeting: most likely it does not speak TLS.
    const fail = (code: string): void => {
      const inGreeting = at.tls !== undefined && !socket.connecting && (code === 'ETIMEDOUT' || code === 'ECONNRESET');
      end({ failed: inGreeting ? 'ENOTLS' : code });
    };
    const stop = onEnd(limits, fail);
    socket.once('error', (error) => fail(codeOf(error)));
    socket.once('close', () => fail('ECONNRESET'));
    socket.once(at.tls === undefined ? 'connect' : 'secureConnect', () => end(socket));
  });
}

function open(at: Endpoint): Socket {
  const to = at.host.startsWith('/') ? { path: at.host } : { host: at.host, port: at.port };
  if (at.tls === undefined) return connectTcp({ ...to, noDelay: true });
  const { ca, servername } = at.tls;
  const name = servername ?? (isIP(at.host) === 0 ? at.host : undefined);
  return connectTls({
    ...to,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(name === undefined ? {} : { servername: name }),
  });
}

export const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && code !== '' ? code : 'EPROTO';
};

/** What a conversation does with the bytes received so far: nothing yet, an answer and on, or its end. `used` bytes are not shown again. */
export type Step<T> = { readonly used: number; readonly send?: Uint8Array; readonly done?: T };

/** Talks until `step` is done, on a connection of its own that ends with it. `farewell` is sent before the connection is closed. */
export async function converse<T>(
  at: Endpoint,
  limits: Limits,
  opening: Uint8Array,
  step: (received: Buffer) => Step<T>,
  farewell?: Uint8Array,
): Promise<T | Failed> {
  const socket = await dial(at, limits);
  if ('failed' in socket) return socket;
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const end = (answer: T | Failed, polite: boolean): void => {
      stop();
      socket.removeAllListeners('data').removeAllListeners('close');
      if (polite && farewell !== undefined) socket.end(farewell, () => socket.destroy());
      else socket.destroy();
      resolve(answer);
    };
    const stop = onEnd(limits, (failed) => end({ failed }, false));
    socket.on('error', (error) => end({ failed: codeOf(error) }, false));
    socket.on('close', () => end({ failed: 'ECLOSED' }, false));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        const next = step(received);
        received = received.subarray(next.used);
        if (next.done !== undefined) return end(next.done, true);
        if (next.send !== undefined) socket.write(next.send);
        if (next.used === 0 || received.length === 0) return;
      }
    });
    socket.write(opening);
  });
}
