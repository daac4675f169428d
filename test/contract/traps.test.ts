// Every trap of the list has a test that shows it, and every connector an answer to each regression; a name that no test has any more fails here.
import { describe, expect, test } from 'vitest';
import { hasTest, readTests } from '../harness/test-titles.ts';
import { areas, cells, isShown } from '../harness/traps.ts';

const all = areas().flatMap(({ area, traps }) => traps.map((trap) => ({ area, ...trap })));

test.each(all)('$area, $trap', ({ shown = [] }) => {
  expect(shown.filter((claim) => !isShown(claim))).toEqual([]);
});

test('no trap is told twice', () => {
  const names = all.map(({ trap }) => trap);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  expect(all.length).toBeGreaterThan(100);
});

test('each connector answers each regression by a test, or says why there is nothing to test', async () => {
  const asked = await cells();
  const open = asked.filter(({ answer }) => answer === undefined || (typeof answer === 'string' && !isShown(answer)));
  expect(open.map(({ connector, regression, answer }) => `${connector}: ${regression}: ${answer ?? 'nobody answered'}`)).toEqual([]);
});

describe('a name is looked up in the tests of the file', () => {
  const file = readTests(`
    // test('only in a comment', () => {})
    test('plain', () => {});
    test.skip('skipped', () => {});
    it.each([['left'], ['right']])('the %s one', () => {});
    test.skipIf(process.getuid?.() !== 0)('as root', () => {});
    for (const name of ['a door', 'a window']) it(\`\${name} is shut\`, () => {});
    call('no test');
    const fixture = { situations: { plain: 1, 'reply-lost': 2, ...(here ? { sessions: 3 } : {}) } };
  `);
  test.each(['plain', 'the left one', 'the %s one', 'as root', 'a window is shut'])('%s', (name) => expect(hasTest(file, name)).toBe(true));
  test.each(['only in a comment', 'skipped', 'no test', 'plain not really', 'the upper one', 'a gate is shut', ''])('not: %s', (name) =>
    expect(hasTest(file, name)).toBe(false),
  );
  test('situations of a fixture are those it spreads, too', () =>
    expect([...file.situations]).toEqual(['plain', 'reply-lost', 'sessions']));
});
