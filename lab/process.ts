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
  writeFileSync(start.pidFile, `${pid}\n`);
  return { pid, stop: () => stopServer(start.pidFile) };
}

/** TERM, then KILL after 10 s. Does nothing when the recorded process is gone. */
export async function stopServer(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  for (const [signal, waitMs] of [
    ['SIGTERM', 10_000],
    ['SIGKILL', 2_000],
  ] as const) {
    if (!signalled(pid, signal)) break;
    for (let waited = 0; waited < waitMs && signalled(pid, 0); waited += 20) await sleep(20);
  }
  rmSync(pidFile, { force: true });
}

function signalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
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
