// Which processes are an account's sessions, out of what ps prints on a real host: forwardings are, parents, pre-login children and others are not.
import { expect, test } from 'vitest';
import { liveSessions, parseProcesses } from './sessions.ts';

/** OpenSSH 9.2; the last two as from 9.8 on. Columns are padded as ps does. */
const listing = `1795271631
      1       0     0     900 /sbin/init
     29       1     0     900 sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups
     31      29     0     120 sshd: bob [priv]
     34      31 20001     119 sshd: bob@notty
     37      34 20001     119 sh -c sleep 500
     38      37     0     100 sudo -i
     39      38     0     100 -bash
     33      29     0      60 sshd: bob [priv]
     36      33 20001      60 sshd: bob
     40      29     0      50 sshd: bobby [priv]
     41      40 20002      50 sshd: bobby@pts/3
     42      29     0       2 sshd: bob [net]
     50       1 20001     800 tmux new
     51       1 20001     800 sshd: bob@evil
     60      29     0      10 sshd: rekey [priv]
     61      60 20000      10 sshd: rekey@notty
     62      61 20000       0 sh -c date +%s; ps
     70      29 20001       5 sshd-session: bob@pts/4,pts/5
self 62
`;

test('a login, a forwarding and what hangs below them are sessions; everything else is not', () => {
  const tree = parseProcesses(listing);
  if (tree === undefined) throw new Error('the listing was not read');
  const live = liveSessions(tree, 'bob', 20001);
  expect(live.map(({ session, pids }) => [session.id, pids])).toEqual([
    ['34@notty', [34, 37, 38, 39]],
    ['36@forwarding', [36]],
    // A title that the account gave to a process of its own: it may end its own processes.
    ['51@evil', [51]],
    ['70@pts/4,pts/5', [70]],
  ]);
  expect(live[0]?.session.startedAt.getTime()).toBe(1795271631_000 - 119_000);
  expect(live.every(({ session }) => !session.own)).toBe(true);
});

test("the connection that asks is known by its shell's parents, and nothing else is ours", () => {
  const tree = parseProcesses(listing);
  expect([...(tree?.own ?? [])].sort((a, b) => a - b)).toEqual([29, 60, 61, 62]);
  expect(liveSessions(tree as NonNullable<typeof tree>, 'rekey', 20000).map(({ session }) => session.own)).toEqual([true]);
});

test('what is no listing of procps is not taken for an empty one', () => {
  for (const text of ['', 'ps: bad -o argument', '1795271631\n 1 0 0 1 init\n', listing.replace('self 62\n', 'self \n')])
    expect(parseProcesses(text), text).toBeUndefined();
});
