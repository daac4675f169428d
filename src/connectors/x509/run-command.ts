// Runs one command of the CA without a shell: what it reads and prints, how it ended. Ends with the call, with everything it started.
import { spawn } from 'node:child_process';
import type { Io } from '../../kit/kit.ts';

export type Ended =
  | { readonly kind: 'exit'; readonly code: number; readonly output: Buffer }
  | { readonly kind: 'not-started'; readonly why: string }
  | { readonly kind: 'cut-off'; readonly why: string };

/** Rekey's own environment may hold keys: a command gets these variables of it and no more. */
const passedOn = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];
/** A list of a hundred thousand certificates is about this large. */
const mostOutput = 32 * 1024 * 1024;

export function runCommand(argv: readonly string[], input: string, io: Pick<Io, 'timeoutMs' | 'signal' | 'path'>): Promise<Ended> {
  const [command = '', ...args] = argv;
  const env = Object.fromEntries(passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  if (io.signal.aborted) return Promise.resolve({ kind: 'not-started', why: 'stopped before it was started' });
  return new Promise((resolve) => {
    // Its own process group, so that what it started ends with it. What it says on stderr may hold anything and is not kept.
    const child = spawn(command, args, { cwd: io.path('.'), env, stdio: ['pipe', 'pipe', 'ignore'], detached: true });
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (ended: Ended): void => {
      clearTimeout(timer);
      io.signal.removeEventListener('abort', stopped);
      resolve(ended);
    };
    const cut = (why: string): void => {
      endGroup(child.pid);
      finish({ kind: 'cut-off', why });
    };
    const stopped = (): void => cut('the run was stopped');
    const timer = setTimeout(() => cut(`no end within ${io.timeoutMs} ms`), io.timeoutMs);
    io.signal.addEventListener('abort', stopped, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= mostOutput) chunks.push(chunk);
      else cut('its output is too large');
    });
    child.once('error', (error: NodeJS.ErrnoException) => finish({ kind: 'not-started', why: error.code ?? 'ERROR' }));
    child.once('close', (code, signal) =>
      finish(code === null ? { kind: 'cut-off', why: `ended by ${signal}` } : { kind: 'exit', code, output: Buffer.concat(chunks) }),
    );
    // A command that does not read its input is none of our trouble.
    child.stdin.once('error', () => undefined);
    child.stdin.end(input);
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
