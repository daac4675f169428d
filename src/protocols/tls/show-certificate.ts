// Shows a client certificate to a server and waits for what it says: under TLS 1.3 the refusal comes after the handshake looks finished.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { alertOf } from './alert.ts';
import type { Identity } from './pem.ts';

export type TlsServer = {
  readonly host: string;
  readonly port: number;
  /** PEM text. */
  readonly ca?: string;
  readonly servername?: string;
  /** Asks for a page once the certificate has been shown: servers such as nginx answer there instead of by an alert. */
  readonly page?: { readonly path: string; readonly host: string };
};
export type Limits = { readonly timeoutMs: number; readonly signal: AbortSignal };

/** `open`: the server had our certificate and kept the connection. `closed`: it ended it without a word. `failed`: nothing about the certificate. */
export type Shown =
  | { readonly kind: 'page'; readonly status: number; readonly headers: IncomingMessage['headers']; readonly text: string }
  | { readonly kind: 'alert'; readonly alert: number }
  | { readonly kind: 'open' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly code: string };

/** A refusal follows the handshake within a round trip; a third of a second is a round trip to anywhere. */
const settleMs = 350;
const mostText = 65_536;

/** A new context for each call: a session kept from an earlier one would be resumed without the certificate being looked at. */
export function showCertificate(server: TlsServer, identity: Identity, limits: Limits): Promise<Shown> {
  if (limits.signal.aborted) return Promise.resolve({ kind: 'failed', code: 'ABORTED' });
  return new Promise((resolve) => {
    let socket: TLSSocket;
    try {
      socket = connect({
        host: server.host,
        port: server.port,
        servername: server.servername ?? (isIP(server.host) === 0 ? server.host : ''),
        cert: identity.chain,
        key: identity.keyText,
        minVersion: 'TLSv1.2',
        // A server of another protocol may refuse a handshake that asks for HTTP.
        ...(server.page === undefined ? {} : { ALPNProtocols: ['http/1.1'] }),
        ...(server.ca === undefined ? {} : { ca: server.ca }),
      });
    } catch (error) {
      resolve({ kind: 'failed', code: codeOf(error) });
      return;
    }
    let timers: NodeJS.Timeout[] = [];
    const end = (shown: Shown): void => {
      for (const timer of timers) clearTimeout(timer);
      timers = [];
      limits.signal.removeEventListener('abort', aborted);
      resolve(shown);
      socket.destroy();
    };
    const aborted = (): void => end({ kind: 'failed', code: 'ABORTED' });
    limits.signal.addEventListener('abort', aborted, { once: true });
    timers.push(setTimeout(() => end({ kind: 'failed', code: 'ETIMEDOUT' }), limits.timeoutMs));
    let handshaken = false;
    const ended = (error?: unknown): void => {
      const alert = alertOf(error);
      if (alert !== undefined) end({ kind: 'alert', alert });
      else if (handshaken && (error === undefined || codeOf(error) === 'ECONNRESET' || codeOf(error) === 'EPIPE')) end({ kind: 'closed' });
      else end({ kind: 'failed', code: error === undefined ? 'ECONNRESET' : codeOf(error) });
    };
    socket.once('error', ended);
    socket.once('close', () => ended());
    socket.once('secureConnect', () => {
      handshaken = true;
      // Asking at once would be a race: a server that refuses closes with our question unread, and its alert is lost in the reset.
      const settled = (): void => {
        if (server.page === undefined) end({ kind: 'open' });
        else ask(socket, server.page, end, ended);
      };
      timers.push(setTimeout(settled, settleMs));
      // A server says more: what it says to a certificate it has taken. TLS alone stays until it has settled.
      socket.once('session', () => {
        if (server.page === undefined || socket.getProtocol() !== 'TLSv1.3') return;
        for (const timer of timers.slice(1)) clearTimeout(timer);
        timers.push(setTimeout(settled, ticketMs));
      });
    });
    // Without a reader the end of the stream is never seen.
    if (server.page === undefined) socket.resume();
  });
}

/** After the ticket of TLS 1.3 the certificate has been looked at: an alert would be in the same breath. */
const ticketMs = 20;

function ask(
  socket: TLSSocket,
  page: { readonly path: string; readonly host: string },
  end: (shown: Shown) => void,
  ended: (error?: unknown) => void,
): void {
  const call = httpRequest({
    createConnection: () => socket,
    path: page.path,
    headers: { host: page.host, 'user-agent': 'rekey', accept: '*/*', connection: 'close' },
  });
  call.once('error', ended);
  call.once('response', (answer) => {
    let text = '';
    answer.setEncoding('utf8');
    answer.on('data', (part: string) => {
      if (text.length < mostText) text += part;
    });
    answer.once('error', ended);
    answer.once('end', () => end({ kind: 'page', status: answer.statusCode ?? 0, headers: answer.headers, text }));
  });
  call.end();
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | undefined)?.code ?? 'ERROR';
