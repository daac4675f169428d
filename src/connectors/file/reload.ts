// Tells a consumer to take up its new secret, and asks whether it is well. What cannot be known is indeterminate.
import { readFile } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { done, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { type Action, parseAction } from './action.ts';
import { type Answered, callUrl } from './call-url.ts';
import type { FileConfig } from './config.ts';
import type { Limits } from './file-lock.ts';
import { errorCode, ioFault } from './io-fault.ts';
import { type Ended, runCommand } from './run-command.ts';

export type Place = { readonly config: FileConfig; readonly root: string; readonly limits: Limits };

export async function reload(text: string, place: Place): Promise<Outcome<void>> {
  const action = parseAction(text);
  if (action.kind !== 'done') return action;
  switch (action.value.kind) {
    case 'exec':
      return reloaded(await started(action.value.argv, place));
    case 'http':
      return accepted(await callUrl(action.value.method, action.value.url, place.config.hosts, place.limits));
    case 'signal':
      return signalled(action.value, place.root);
  }
}

/** `false` is the consumer's own word; a check that could not be made is not one. */
export async function healthy(text: string, place: Place): Promise<Outcome<boolean>> {
  const action = parseAction(text);
  if (action.kind !== 'done') return action;
  if (action.value.kind === 'signal') return refused('unsupported', 'a signal does not answer: use exec: or http:GET for a health check');
  if (action.value.kind === 'exec') {
    const ended = await started(action.value.argv, place);
    return ended.kind === 'exit' ? done(ended.code === 0) : stoppedShort(ended);
  }
  if (action.value.method !== 'GET' && action.value.method !== 'HEAD')
    return refused('unsupported', 'a health check changes nothing: use http:GET');
  const answered = await callUrl(action.value.method, action.value.url, place.config.hosts, place.limits);
  if (answered.kind === 'status') return done(answered.status >= 200 && answered.status < 300);
  // Nobody listens: the consumer is down, and that is an answer.
  if (answered.kind === 'not-sent' && answered.code === 'ECONNREFUSED') return done(false);
  return unanswered(answered);
}

async function started(argv: readonly [string, ...string[]], { config, root, limits }: Place): Promise<Ended> {
  if (config.commands !== undefined && !config.commands.includes(argv[0]))
    return { kind: 'not-started', why: 'it is not among the commands of this store' };
  return runCommand(argv, root, limits);
}

function reloaded(ended: Ended): Outcome<void> {
  if (ended.kind !== 'exit') return stoppedShort(ended);
  return ended.code === 0
    ? done(undefined)
    : indeterminate('protocol', `the command ended with exit code ${ended.code}`, { target: String(ended.code) });
}

function stoppedShort(ended: Exclude<Ended, { kind: 'exit' }>): Outcome<never> {
  if (ended.kind === 'cut-off') return indeterminate('unreachable', `the command was cut off: ${ended.why}`, { target: 'ETIMEDOUT' });
  return refused(ended.why === 'ENOENT' ? 'not-found' : 'permission', `the command was not started: ${ended.why}`, { target: ended.why });
}

function accepted(answered: Answered): Outcome<void> {
  return answered.kind === 'status' ? ofStatus(answered.status, answered.retryAfterMs) : unanswered(answered);
}

function unanswered(answered: Exclude<Answered, { kind: 'status' }>): Outcome<never> {
  switch (answered.kind) {
    case 'forbidden':
      return refused('permission', answered.why);
    case 'not-sent':
      return refused('unreachable', `nothing was sent: ${answered.code}`, { target: answered.code });
    case 'no-answer':
      return indeterminate('unreachable', `no answer: ${answered.code}`, { target: answered.code });
  }
}

function ofStatus(status: number, retryAfterMs: number | undefined): Outcome<void> {
  const target = String(status);
  if (status >= 200 && status < 300) return done(undefined);
  if (status === 429) return refused('throttled', 'too many calls', { target, retryAfterMs: retryAfterMs ?? 1000 });
  if (status === 401 || status === 403) return refused('permission', `the consumer answered ${status}`, { target });
  if (status === 404 || status === 405) return refused('not-found', `the consumer answered ${status}`, { target });
  if (status === 400 || status === 422) return refused('protocol', `the consumer answered ${status}`, { target });
  // Redirects are not followed, and a 5xx may come after the reload.
  return indeterminate('protocol', `the consumer answered ${status}`, { target });
}

async function signalled(action: Action & { kind: 'signal' }, root: string): Promise<Outcome<void>> {
  const file = isAbsolute(action.pidFile) ? action.pidFile : resolve(root, action.pidFile);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return { kind: 'refused', fault: ioFault(error, file) };
  }
  const pid = Number(/^\s*(\d{1,10})\s*$/.exec(text)?.[1] ?? Number.NaN);
  if (!(pid > 1) || pid === process.pid) return refused('protocol', `${file} does not hold the number of a process`);
  try {
    process.kill(pid, `SIG${action.signal}`);
    return done(undefined);
  } catch (error) {
    const gone = errorCode(error) === 'ESRCH';
    return refused(
      gone ? 'not-found' : 'permission',
      gone ? `no process has the number in ${file}` : `the process of ${file} belongs to another user`,
      { target: errorCode(error) },
    );
  }
}
