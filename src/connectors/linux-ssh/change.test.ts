// chpasswd: what it says decides, and one bad line never makes another account's outcome wrong.
import { expect, test } from 'vitest';
import { done, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { Changes, type Line, meaningOf } from './change.ts';

test('only what chpasswd says before it writes is a refusal; everything else may have happened', () => {
  for (const [err, kind, code] of [
    ["chpasswd: line 1: user 'x' does not exist\nchpasswd: error detected, changes ignored\n", 'refused', 'not-found'],
    ['chpasswd: cannot lock /etc/shadow; try again later.\n', 'refused', 'conflict'],
    ['chpasswd: Permission denied.\n', 'refused', 'permission'],
    ['chpasswd: line 1: missing new password\nchpasswd: error detected, changes ignored\n', 'refused', 'policy'],
    ['chpasswd: error detected, changes ignored\n', 'refused', 'conflict'],
    ['chpasswd: failure while writing changes to /etc/shadow\n', 'indeterminate', 'protocol'],
    ['chpasswd: something new\n', 'indeterminate', 'protocol'],
    ['', 'indeterminate', 'protocol'],
  ] as const)
    expect(meaningOf(1, err), err).toMatchObject({ kind, fault: { code, target: '1' } });
});

type Sent = { readonly names: readonly string[] };
function recorder(answer: (lines: readonly Line[]) => Outcome<void>): { sent: Sent[]; changes: Changes } {
  const sent: Sent[] = [];
  const changes = new Changes(async (lines) => {
    sent.push({ names: lines.map(({ name }) => name) });
    await new Promise((resolve) => setTimeout(resolve, 5));
    return answer(lines);
  });
  return { sent, changes };
}
const line = (name: string, field = 'h'): Line => ({ name, field });

test('changes that come while one is under way go out together', async () => {
  const { sent, changes } = recorder(() => done(undefined));
  await Promise.all(['a', 'b', 'c'].map((name) => changes.change(line(name))));
  expect(sent).toEqual([{ names: ['a'] }, { names: ['b', 'c'] }]);
});

test('after a refusal each goes alone: the bad line is refused and the good ones are done', async () => {
  const { changes } = recorder((lines) =>
    lines.some(({ name }) => name === 'bad') ? refused('not-found', 'no such user') : done(undefined),
  );
  const outcomes = await Promise.all(['first', 'good', 'bad', 'fine'].map((name) => changes.change(line(name))));
  expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'done', 'refused', 'done']);
});

test('after a lost answer everyone of the batch is in doubt, and nothing is sent again', async () => {
  const { sent, changes } = recorder((lines) => (lines.length > 1 ? indeterminate('unreachable', 'lost') : done(undefined)));
  const outcomes = await Promise.all(['first', 'a', 'b'].map((name) => changes.change(line(name))));
  expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'indeterminate', 'indeterminate']);
  expect(sent).toHaveLength(2);
});

test('two changes of one account never share a call: each is told what became of its own', async () => {
  const { sent, changes } = recorder(() => done(undefined));
  await Promise.all([line('x'), line('a', '1'), line('a', '2')].map((each) => changes.change(each)));
  expect(sent.map(({ names }) => names)).toEqual([['x'], ['a'], ['a']]);
});
