// One command on an open SSH connection: how it exited, or that it was never started, or that nobody can tell. Secrets go by standard input.
import type { Client, ClientChannel } from 'ssh2';
import type { Io } from '../../kit/kit.ts';

/** What every call to a host ends within or on. */
export type Limits = Pick<Io, 'timeoutMs' | 'signal'>;

/** `unsent`: the host said that it did not start. `lost`: it may have run. */
export type Exit = { readonly kind: 'exited'; readonly code: number; readonly out: string; readonly err: string };
export type Ran =
  | Exit
  | { readonly kind: 'unsent'; readonly code: string; readonly message: string }
  | { readonly kind: 'lost'; readonly code: string; readonly message: string };

/** An account list of 100,000 lines is 10 MB; more than this is no answer of ours. */
const mostBytes = 64 * 1024 * 1024;

export class Link {
  readonly #client: Client;
  #usable = true;

  constructor(client: Client) {
    this.#client = client;
    const gone = (): void => {
      this.#usable = false;
    };
    // `end` comes before `close`; between the two the driver sends nothing any more.
    client.on('end', gone).on('close', gone).on('error', gone);
  }

  /** False when the connection ended, or a command on it did not: what comes next takes another one. */
  get usable(): boolean {
    return this.#usable;
  }

  run(command: string, input: string | Uint8Array | undefined, limits: Limits): Promise<Ran> {
    return new Promise((resolve) => {
      let channel: ClientChannel | undefined;
      const settle = (ran: Ran): void => {
        clearTimeout(timer);
        limits.signal.removeEventListener('abort', aborted);
        this.#client.removeListener('close', gone);
        resolve(ran);
      };
      const giveUp = (code: string, message: string): void => {
        this.#usable = false;
        settle({ kind: 'lost', code, message });
        channel?.destroy();
      };
      const aborted = (): void => giveUp('ABORTED', 'stopped');
      const gone = (): void => settle({ kind: 'lost', code: 'dropped', message: 'the connection ended' });
      const timer = setTimeout(() => giveUp('ETIMEDOUT', 'no answer in time'), limits.timeoutMs);
      if (limits.signal.aborted) {
        settle({ kind: 'unsent', code: 'ABORTED', message: 'stopped' });
        return;
      }
      limits.signal.addEventListener('abort', aborted, { once: true });
      this.#client.on('close', gone);
      const started = (error: (Error & { reason?: unknown }) | undefined, stream: ClientChannel): void => {
        if (error === undefined) {
          channel = stream;
          follow(stream, input, settle);
          return;
        }
        // The host's own word (no more channels, no commands) against a connection that ended in the middle.
        const said = error.reason !== undefined || error.message === 'Unable to exec';
        settle({ kind: said ? 'unsent' : 'lost', code: said ? 'no-channel' : 'dropped', message: error.message });
      };
      try {
        this.#client.exec(command, started);
      } catch {
        this.#usable = false;
        settle({ kind: 'unsent', code: 'closed', message: 'the connection was closed already' }); // the driver throws when its socket has gone
      }
    });
  }

  end(): void {
    this.#usable = false;
    this.#client.end();
  }
}

function follow(stream: ClientChannel, input: string | Uint8Array | undefined, settle: (ran: Ran) => void): void {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  let bytes = 0;
  let exit: number | undefined;
  let signal: string | undefined;
  const take = (into: Buffer[]) => (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= mostBytes) into.push(chunk);
  };
  stream.on('data', take(out));
  stream.stderr.on('data', take(err));
  stream.on('exit', (code: number | null, name?: string) => {
    exit = code ?? undefined;
    signal = name;
  });
  // Writing to a command that has gone already is not our failure: its exit status says what happened.
  stream.on('error', () => {});
  stream.on('close', () => {
    if (exit === undefined) settle({ kind: 'lost', code: signal ?? 'dropped', message: 'the command ended without an exit status' });
    else if (bytes > mostBytes) settle({ kind: 'lost', code: 'too-long', message: 'the answer is too long' });
    else settle({ kind: 'exited', code: exit, out: Buffer.concat(out).toString('utf8'), err: Buffer.concat(err).toString('utf8') });
  });
  stream.end(input === undefined ? undefined : Buffer.from(input as string)); // Buffer.from takes both; the cast picks one overload
}
