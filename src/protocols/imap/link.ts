// One IMAP connection read line by line, each read within a deadline. What was said before TLS is never taken for the server's word after it.
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { codeOf, dial, type Failed, type Limits, onEnd } from '../tcp/dial.ts';
import type { ImapServer } from './settings.ts';

/** A line longer than this, ended or not, says nothing we could use. */
const mostBytes = 64 * 1024;

export class Link {
  #socket: Socket;
  readonly #limits: Limits;
  #received = Buffer.alloc(0);
  #failed: string | undefined;
  #wake: () => void = () => {};

  private constructor(socket: Socket, limits: Limits) {
    this.#limits = limits;
    this.#socket = socket;
    this.#listen(socket);
  }

  static async open(server: ImapServer, limits: Limits): Promise<Link | Failed> {
    const socket = await dial({ ...server.at, tls: server.upgrade ? undefined : server.at.tls }, limits);
    return 'failed' in socket ? socket : new Link(socket, limits);
  }

  write(bytes: Uint8Array | string): void {
    this.#socket.write(bytes);
  }

  async line(): Promise<string | Failed> {
    for (;;) {
      const end = this.#received.indexOf('\n');
      if ((end < 0 ? this.#received.length : end) > mostBytes) return { failed: 'EPROTO' };
      if (end >= 0) {
        const text = this.#received.subarray(0, end).toString('utf8').replace(/\r$/, '');
        this.#received = this.#received.subarray(end + 1);
        return text;
      }
      if (this.#failed !== undefined) return { failed: this.#failed };
      const failed = await new Promise<string | undefined>((resolve) => {
        const stop = onEnd(this.#limits, (code) => resolve(code));
        this.#wake = () => {
          stop();
          resolve(undefined);
        };
      });
      if (failed !== undefined) return { failed };
    }
  }

  /** After the server's OK to STARTTLS. Bytes that came with that OK in the clear may be anybody's: the connection ends. */
  async protect({ at }: ImapServer): Promise<Failed | undefined> {
    if (this.#received.length > 0) return { failed: 'INJECTED' };
    const plain = this.#socket;
    plain.removeAllListeners('data').removeAllListeners('close');
    const name = at.tls?.servername ?? (isIP(at.host) === 0 ? at.host : undefined);
    const secured = connectTls({
      socket: plain,
      host: at.host,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ...(at.tls?.ca === undefined ? {} : { ca: at.tls.ca }),
      ...(name === undefined ? {} : { servername: name }),
    });
    this.#socket = secured;
    const failed = await new Promise<string | undefined>((resolve) => {
      const stop = onEnd(this.#limits, (code) => resolve(code));
      const end = (code: string | undefined): void => {
        stop();
        resolve(code);
      };
      secured.once('secureConnect', () => end(undefined));
      secured.once('error', (error) => end(codeOf(error)));
      secured.once('close', () => end('ECLOSED'));
    });
    secured.removeAllListeners('error').removeAllListeners('close');
    this.#listen(secured);
    return failed === undefined ? undefined : { failed };
  }

  /** Says goodbye where that is still possible; never waits for the answer. */
  end(): void {
    if (this.#failed === undefined && !this.#socket.destroyed) this.#socket.end('z LOGOUT\r\n', () => this.#socket.destroy());
    else this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    const fail = (code: string) => (): void => {
      this.#failed ??= code;
      this.#wake();
    };
    socket.on('error', (error) => fail(codeOf(error))());
    socket.on('close', fail('ECLOSED'));
    socket.on('end', fail('ECLOSED'));
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
  }
}
