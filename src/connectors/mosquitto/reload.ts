// Tells the broker to read its files again: SIGHUP to the process of a pid file, or a command. A pid that belongs to something else is never signalled.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { done, type Io, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { type Limits, onEnd } from '../../protocols/tcp/dial.ts';
import type { Config } from './config.ts';

/** Can be asked before anything is written: a broker that cannot be told must not have its file changed. */
export async function ready(reload: Config['reload'], io: Pick<Io, 'path'>): Promise<Outcome<number | undefined>> {
  if ('command' in reload) return done(undefined);
  const path = io.path(reload.pidFile);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return refused('unreachable', `${path}: the pid of the broker cannot be read`, { target: 'NO-PID' });
  const pid = Number(text.trim().split('\n')[0]);
  if (!Number.isInteger(pid) || pid < 2) return refused('unreachable', `${path} holds no pid`, { target: 'NO-PID' });
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EPERM')
      return refused('permission', 'the user Rekey runs as may not signal the broker', { target: 'EPERM' });
    return refused('unreachable', `${path}: the process ${pid} is not running`, { target: 'ESRCH' });
  }
  // SIGHUP ends most programs: a stale pid may by now be anybody's.
  const name = existsSync('/proc/self/comm') ? await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '') : 'mosquitto';
  if (!name.startsWith('mosquitto'))
    return refused('conflict', `${path}: the process ${pid} is not mosquitto`, { target: 'NOT-MOSQUITTO' });
  return done(pid);
}

/** The file is written by now: whatever fails here leaves it in doubt which secret the broker takes. */
export async function tell(reload: Config['reload'], io: Pick<Io, 'path'>, limits: Limits): Promise<Outcome<void>> {
  if ('command' in reload) return run(reload.command, limits);
  const now = await ready(reload, io);
  if (now.kind !== 'done') return { kind: 'indeterminate', fault: now.fault };
  try {
    process.kill(now.value as number, 'SIGHUP');
    return done(undefined);
  } catch {
    return indeterminate('unreachable', 'the file is written, but the broker could not be told', { target: 'ESRCH' });
  }
}

/** Rekey's own environment may hold keys: a command gets these variables of it and no more. Its output is thrown away. */
const passedOn = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS', 'DOCKER_HOST'];

function run(argv: readonly string[], limits: Limits): Promise<Outcome<void>> {
  const [command = '', ...args] = argv;
  const env = Object.fromEntries(passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: 'ignore' });
    const end = (outcome: Outcome<void>): void => {
      stop();
      resolve(outcome);
    };
    const stop = onEnd(limits, (target) => {
      child.kill('SIGKILL');
      end(indeterminate('unreachable', 'the file is written, but the reload command did not end in time', { target }));
    });
    child.once('error', () =>
      end(indeterminate('unsupported', `the file is written, but ${command} could not be started`, { target: 'NOT-STARTED' })),
    );
    child.once('exit', (code) =>
      end(
        code === 0
          ? done(undefined)
          : indeterminate('protocol', `the file is written, but ${command} ended with ${code ?? 'a signal'}`, {
              target: `exit-${code ?? 'signal'}`,
            }),
      ),
    );
  });
}
