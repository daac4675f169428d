// Runs doveadm without a shell and hands back what it printed; it ends in time, and so does what it started.
import { spawn } from 'node:child_process';
import { indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { type Limits, onEnd } from '../../protocols/tcp/dial.ts';

export type Printed = { readonly code: number; readonly text: string };

/** Rekey's own environment may hold keys: a command gets these variables of it and no more. */
const passedOn = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'DOCKER_HOST', 'XDG_RUNTIME_DIR'];
const mostBytes = 4 * 1024 * 1024;

export function doveadm(argv: readonly string[], args: readonly string[], limits: Limits): Promise<Outcome<Printed>> {
  const [command = '', ...first] = argv;
  const env = Object.fromEntries(passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  return new Promise((resolve) => {
    const child = spawn(command, [...first, ...args], { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (outcome: Outcome<Printed>): void => {
      stop();
      resolve(outcome);
    };
    const cut = (target: string): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Already gone.
      }
      end(indeterminate('unreachable', `${command} did not end in time`, { target }));
    };
    const stop = onEnd(limits, cut);
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostBytes) cut('TOO-MUCH');
      else chunks.push(chunk);
    });
    child.once('error', () => end(refused('unsupported', `${command} could not be started`, { target: 'NOT-STARTED' })));
    child.once('close', (code) =>
      end(
        code === null
          ? indeterminate('protocol', `${command} was ended by a signal`, { target: 'SIGNAL' })
          : { kind: 'done', value: { code, text: Buffer.concat(chunks).toString('utf8') } },
      ),
    );
  });
}
