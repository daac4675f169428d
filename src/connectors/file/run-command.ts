// Starts one command without a shell and says how it ended. Its output is thrown away: it may hold secrets.
import { spawn } from 'node:child_process';
import type { Limits } from './file-lock.ts';
import { errorCode } from './io-fault.ts';

export type Ended =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'not-started'; readonly why: string }
  | { readonly kind: 'cut-off'; readonly why: string };

/** Rekey's own environment may hold keys: a command gets these variables of it and no more. */
const passedOn = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'];

export function runCommand(argv: readonly [string, ...string[]], cwd: string, limits: Limits): Promise<Ended> {
  const [command, ...args] = argv;
  const env = Object.fromEntries(passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  return new Promise((resolve) => {
    if (limits.signal.aborted) return resolve({ kind: 'not-started', why: 'stopped before it was started' });
    // Its own process group, so that what it started ends with it.
    const child = spawn(command, args, { cwd, env, stdio: 'ignore', detached: true });
    const cut = (why: string) => (): void => {
      endGroup(child.pid);
      finish({ kind: 'cut-off', why });
    };
    const timer = setTimeout(cut(`no end within ${limits.timeoutMs} ms`), limits.timeoutMs);
    const stopped = cut('the run was stopped');
    const finish = (ended: Ended): void => {
      clearTimeout(timer);
      limits.signal.removeEventListener('abort', stopped);
      resolve(ended);
    };
    limits.signal.addEventListener('abort', stopped, { once: true });
    child.once('error', (error) => finish({ kind: 'not-started', why: errorCode(error) }));
    child.once('exit', (code, signal) => finish(code === null ? { kind: 'cut-off', why: `ended by ${signal}` } : { kind: 'exit', code }));
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
