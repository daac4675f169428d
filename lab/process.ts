// Starts a real server as a child of the lab, remembers its pid in a file, and stops exactly that pid: never by name.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';

export type Running = { readonly pid: number; stop(): Promise<void> };

/** `log` receives stdout and stderr; a daemon that inherited a pipe would hang its caller. */
export type Start = {
  readonly command: string;
  readonly args: readonly string[];
  readonly log: string;
  readonly pidFile: string;
  readonly env?: NodeJS.ProcessEnv;
};

export async function startServer(start: Start): Promise<Running> {
  mkdirSync(dirname(start.log), { recursive: true });
  const log = openSync(start.log, 'a');
  const child = spawn(start.command, start.args, { detached: true, stdio: ['ignore', log, log], env: start.env ?? process.env });
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.unref();
  const pid = child.pid as number;
  writeFileSync(start.pidFile, `${pid}\n${startOf(pid) ?? ''}\n`);
  return { pid, stop: () => stopServer(start.pidFile) };
}

/** TERM, then KILL after 10 s. Does nothing when the recorded process is gone. `group`: where the first process dies before its children do. */
export async function stopServer(pidFile: string, what: 'process' | 'group' = 'process'): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGTERM', 10_000],
    ['SIGKILL', 2_000],
  ] as const) {
    if (!signalServer(pidFile, signal, what)) break;
    for (let waited = 0; waited < waitMs && signalServer(pidFile, 0, what); waited += 20) await sleep(20);
  }
  rmSync(pidFile, { force: true });
}

/** False when the recorded process is gone. Its number may belong to somebody else by then: a busy machine gives out all of them within minutes. */
export function signalServer(pidFile: string, signal: NodeJS.Signals | 0, what: 'process' | 'group' = 'process'): boolean {
  if (!existsSync(pidFile)) return false;
  const [pid, began] = readFileSync(pidFile, 'utf8').split('\n');
  const now = startOf(Number(pid));
  // A number stays taken while a group bears it, so a group without its first process is still the one that was started.
  if (now === undefined ? what === 'process' : now !== began) return false;
  try {
    return process.kill(what === 'group' ? -Number(pid) : Number(pid), signal);
  } catch {
    return false;
  }
}

/** When the kernel started it, in ticks since boot (proc_pid_stat(5), field 22). Undefined when it is gone. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold spaces: fields are counted from its end, which is followed by the third.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves when something listens on the port; rejects after `timeoutMs` with the server's name. */
export async function portOpen(port: number, name: string, timeoutMs = 15_000, host = '127.0.0.1'): Promise<void> {
  for (let waited = 0; waited < timeoutMs; waited += 25) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host }, () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await sleep(25);
  }
  throw new Error(`${name} did not listen on ${host}:${port} within ${timeoutMs} ms`);
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
