// The SSH sessions of an account, with all that still hangs below them, and their end by process number: never by name, never our own.
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountRef, type Capabilities, done, type Outcome, refused, type Session } from '../../kit/kit.ts';
import { exitOf, type Host, ran } from './host.ts';

/** etimes counts whole seconds. */
const grainMs = 1_000;
/** A killed process is gone within milliseconds; a client that reconnects with the old secret is seen by the second round. */
const rounds = 2;
const waitMs = 2_000;

/** The shell's own number is printed last: it and those above it are this connection. `-ww`: titles are not cut. */
const listScript = 'date +%s; ps -ww -eo pid=,ppid=,uid=,etimes=,args=; echo "self $$"';

export type Process = {
  readonly pid: number;
  readonly parent: number;
  readonly uid: number;
  readonly seconds: number;
  readonly title: string;
};
export type Tree = { readonly now: Date; readonly own: ReadonlySet<number>; readonly processes: readonly Process[] };

export function parseProcesses(text: string): Tree | undefined {
  const lines = text.trim().split('\n');
  const [first = '', last = ''] = [lines[0], lines.at(-1)];
  const self = Number(/^self (\d+)$/.exec(last)?.[1]);
  if (!/^\d+$/.test(first) || Number.isNaN(self)) return undefined;
  const processes = lines.slice(1, -1).flatMap((line): Process[] => {
    const found = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    if (found === null) return [];
    const [, pid, parent, uid, seconds, title = ''] = found;
    return [{ pid: Number(pid), parent: Number(parent), uid: Number(uid), seconds: Number(seconds), title }];
  });
  const own = new Set<number>();
  for (let at: number | undefined = self; at !== undefined && at > 1 && !own.has(at); at = processes.find(({ pid }) => pid === at)?.parent)
    own.add(at);
  return { now: new Date(Number(first) * 1000), own, processes };
}

export type Live = { readonly session: Session; readonly pids: readonly number[] };

/**
 * sshd calls the process that serves a connection `sshd: alice@pts/0`, or `sshd: alice` as long as it only forwards ports, and runs it as the
 * account (`sshd-session:` from OpenSSH 9.8 on). `sshd: alice [priv]` is its parent and ends with it.
 */
export function liveSessions({ now, own, processes }: Tree, name: string, uid: number): Live[] {
  const placeOf = ({ title }: Process): string | undefined => {
    const at = ['sshd: ', 'sshd-session: '].find((each) => title.startsWith(each + name));
    if (at === undefined) return undefined;
    const rest = title.slice(at.length + name.length).trim();
    return rest === '' ? 'forwarding' : rest.startsWith('@') ? rest.slice(1) : undefined;
  };
  const served = processes.filter((process) => process.uid === uid && placeOf(process) !== undefined);
  return served.map((process) => {
    const place = placeOf(process) ?? '';
    const startedAt = new Date(now.getTime() - process.seconds * 1000);
    const session: Session = { id: `${process.pid}@${place}`, startedAt, from: place, own: own.has(process.pid) };
    return { session, pids: [process.pid, ...below(processes, process.pid)] };
  });
}

/** Also what became another user in between (sudo): it lives from this login. */
function below(processes: readonly Process[], pid: number): number[] {
  return processes.filter(({ parent }) => parent === pid).flatMap((child) => [child.pid, ...below(processes, child.pid)]);
}

export function sessions(host: Host): Capabilities['sessions'] {
  return {
    grainMs,
    async list(account) {
      const live = await liveOf(host, account);
      return live.kind === 'done' ? done(live.value.map(({ session }) => session)) : live;
    },
    async end(account, before) {
      const seen = new Set<string>();
      let left: readonly Live[] = [];
      for (let round = 1; round <= rounds; round++) {
        const old = await oldOf(host, account, before);
        if (old.kind !== 'done') return old;
        left = old.value;
        if (left.length === 0) break;
        for (const { session } of left) seen.add(session.id);
        const pids = left.flatMap((each) => each.pids).map(String);
        // Some may have gone meanwhile: what is left is looked at, not the exit status.
        const exit = exitOf(await host.once({ argv: ['kill', '-KILL', ...pids], as: 'root' }));
        if (!ran(exit)) return exit;
        for (let waited = 0; waited < waitMs && left.length > 0; waited += 50) {
          if (waited > 0) await sleep(50);
          const now = await oldOf(host, account, before);
          if (now.kind !== 'done') return now;
          left = now.value;
        }
      }
      const ended = [...seen].filter((id) => !left.some(({ session }) => session.id === id)).length;
      return done({ ended, left: left.length });
    },
  };
}

async function oldOf(host: Host, account: AccountRef, before: Date): Promise<Outcome<readonly Live[]>> {
  const live = await liveOf(host, account);
  return live.kind === 'done' ? done(live.value.filter(({ session }) => !session.own && session.startedAt < before)) : live;
}

async function liveOf(host: Host, account: AccountRef): Promise<Outcome<readonly Live[]>> {
  const uid = /^(\d+):/.exec(account.id)?.[1];
  if (uid === undefined) return refused('not-found', `the account id "${account.id}" is not a number and a name: run rekey discover`);
  const exit = exitOf(await host.ask({ argv: ['sh', '-c', listScript] }));
  if (!ran(exit)) return exit;
  const tree = parseProcesses(exit.out);
  if (tree === undefined) return refused('unsupported', 'the host does not list its processes as procps does');
  // With hidepid the list holds nothing but our own: an empty answer would read as "no sessions".
  if (host.user !== 'root' && !tree.processes.some(({ uid: owner, pid }) => owner === 0 && !tree.own.has(pid)))
    return refused('permission', "the processes of others are hidden from Rekey's login (hidepid)");
  return done(liveSessions(tree, account.name, Number(uid)));
}
