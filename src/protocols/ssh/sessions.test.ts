// Which processes are an account's sessions, out of what ps prints on a real host: forwardings are, parents, pre-login children and others are not.
import { expect, test } from 'vitest';
import { liveSessions, parseProcesses } from './sessions.ts';

/** OpenSSH 9.2; the last as from 9.8 on. Columns are padded as ps does. Up for 900 s when it was taken. */
const listing = `btime 1795270000
100
      1       0     0 /sbin/init
     29       1     0 sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups
     31      29     0 sshd: bob [priv]
     34      31 20001 sshd: bob@notty
     37      34 20001 sh -c sleep 500
     38      37     0 sudo -i
     39      38     0 -bash
     33      29     0 sshd: bob [priv]
     36      33 20001 sshd: bob
     40      29     0 sshd: bobby [priv]
     41      40 20002 sshd: bobby@pts/3
     42      29     0 sshd: bob [net]
     50       1 20001 tmux new
     51       1 20001 sshd: bob@evil
     60      29     0 sshd: rekey [priv]
     61      60 20000 sshd: rekey@notty
     62      61 20000 sh -c date +%s; ps
     70      29 20001 sshd-session: bob@pts/4,pts/5
starts
1 (sbin/init) S 0 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 1 100 1
29 (sshd) S 1 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 1 100 1
31 (sshd) S 29 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 78001 100 1
34 (sshd) S 31 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 78101 100 1
37 (sh) S 34 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 78101 100 1
38 (sudo) S 37 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 80001 100 1
39 (bash) S 38 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 80001 100 1
33 (sshd) S 29 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 84001 100 1
36 (sshd) S 33 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 84001 100 1
40 (sshd) S 29 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 85001 100 1
41 (sshd) S 40 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 85001 100 1
42 (sshd) S 29 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 89801 100 1
50 (tmux: a) S (b) ) S 1 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 10001 100 1
51 (sshd) S 1 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 10001 100 1
60 (sshd) S 29 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 89001 100 1
61 (sshd) S 60 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 89001 100 1
62 (sh) S 61 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 90001 100 1
70 (sshd-session) S 29 1 1 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 89501 100 1
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
  expect(live[0]?.session.startedAt.getTime()).toBe(1795270000_000 + 781_010);
  expect(live.every(({ session }) => !session.own)).toBe(true);
});

test("the connection that asks is known by its shell's parents, and nothing else is ours", () => {
  const tree = parseProcesses(listing);
  expect([...(tree?.own ?? [])].sort((a, b) => a - b)).toEqual([29, 60, 61, 62]);
  expect(liveSessions(tree as NonNullable<typeof tree>, 'rekey', 20000).map(({ session }) => session.own)).toEqual([true]);
});

test('what is no listing of procps is not taken for an empty one', () => {
  for (const text of [
    '',
    'ps: bad -o argument',
    'btime 1\n100\n 1 0 0 init\n',
    listing.replace('self 62', 'self '),
    listing.replace('btime', 'x'),
  ])
    expect(parseProcesses(text), text).toBeUndefined();
});
