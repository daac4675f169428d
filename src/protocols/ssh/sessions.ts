// The SSH sessions of an account, with all that still hangs below them, and their end by process number: never by name, never our own.
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountRef, type Capabilities, done, type Outcome, refused, type Session } from '../../kit/kit.ts';
import { exitOf, type Host, ran } from './host.ts';

/** The kernel tells the time of its start in whole seconds, and counts from there. */
const grainMs = 1_000;
/** A killed process is gone within milliseconds; a client that reconnects with the old secret is seen by the second round. */
const rounds = 2;
const waitMs = 2_000;

/**
 * Start times come from the kernel: what ps makes of them moves by a second from one listing to the next. The shell's own number is printed last:
 * it and those above it are this connection. `-ww`: titles are not cut.
 */
const listScript = [
  'grep ^btime /proc/stat',
  'getconf CLK_TCK',
  'ps -ww -eo pid=,ppid=,uid=,args=',
  'echo starts',
  'cat /proc/[0-9]*/stat 2>/dev/null',
  'echo "self $$"',
].join('; ');

type Process = {
  readonly pid: number;
  readonly parent: number;
  readonly uid: number;
  readonly startedAt: Date;
  readonly title: string;
};
type Tree = { readonly own: ReadonlySet<number>; readonly processes: readonly Process[] };

/** `undefined`: this is not what such a host prints. */
export function parseProcesses(text: string): Tree | undefined {
  const found = /^btime (\d+)\n(\d+)\n([\s\S]*)^starts\n([\s\S]*)^self (\d+)\s*$/m.exec(text);
  if (found === null) return undefined;
  const [, boot, ticks, listing = '', stats = '', self] = found;
  const starts = startsIn(stats, Number(boot), Number(ticks));
  const processes = listing.split('\n').flatMap((line): Process[] => {
    const [, pid, parent, uid, title = ''] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    const startedAt = starts.get(Number(pid));
    // Without a start it ended between the two listings.
    return startedAt === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), uid: Number(uid), startedAt, title }];
  });
  const own = new Set<number>();
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  for (let at: number | undefined = Number(self); at !== undefined && at > 1 && !own.has(at); at = parents.get(at)) own.add(at);
  return { own, processes };
}

/** Field 22 of /proc/PID/stat, counted after the name, which may hold blanks and brackets of its own. */
function startsIn(stats: string, boot: number, ticks: number): Map<number, Date> {
  return new Map(
    stats.split('\n').flatMap((line): [number, Date][] => {
      const after = line.slice(line.lastIndexOf(') ') + 2).split(' ');
      const [pid, start] = [Number.parseInt(line, 10), Number(after[19])];
      return Number.isNaN(pid) || Number.isNaN(start) ? [] : [[pid, new Date(boot * 1000 + (start * 1000) / ticks)]];
    }),
  );
}

type Live = { readonly session: Session; readonly pids: readonly number[] };

/**
 * sshd calls the process that serves a connection `sshd: alice@pts/0`, or `sshd: alice` as long as it only forwards ports, and runs it as the
 * account (`sshd-session:` from OpenSSH 9.8 on). `sshd: alice [priv]` is its parent and ends with it.
 */
export function liveSessions({ own, processes }: Tree, name: string, uid: number): Live[] {
  const placeOf = ({ title }: Process): string | undefined => {
    const at = ['sshd: ', 'sshd-session: '].find((each) => title.startsWith(each + name));
    if (at === undefined) return undefined;
    const rest = title.slice(at.length + name.length).trim();
    return rest === '' ? 'forwarding' : rest.startsWith('@') ? rest.slice(1) : undefined;
  };
  const served = processes.filter((process) => process.uid === uid && placeOf(process) !== undefined);
  return served.map((process) => {
    const place = placeOf(process) ?? '';
    const session: Session = { id: `${process.pid}@${place}`, startedAt: process.startedAt, from: place, own: own.has(process.pid) };
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
