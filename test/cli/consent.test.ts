// Nothing dangerous happens by a habit, by a pipe or by waiting: who must say what before a plan runs.
import { describe, expect, it } from 'vitest';
import type { FakeOptions } from './fake-services/state.ts';
import { FakeServices } from './fake-services.ts';
import { estateFolder, FakeHouse, type RanOptions, rekey } from './rekey.ts';

async function apply(options: FakeOptions, flags: readonly string[], ran: RanOptions = {}) {
  const services = new FakeServices({ step: 100_000, ...options });
  const house = new FakeHouse(services);
  const cwd = estateFolder();
  await rekey(house, cwd, ['plan', '--where', 'all', '--reason', 'leak']);
  const result = await rekey(house, cwd, ['apply', 'P-00000001', ...flags], ran);
  return { ...result, started: services.calls.filter((call) => call.startsWith('startRun')) };
}

describe('a plain plan', () => {
  it.each([
    ['y', 0, 1],
    ['yes', 0, 1],
    ['', 3, 0],
    ['n', 3, 0],
    ['acme-1120 29', 3, 0],
  ])('on a terminal the answer %j exits %i', async (answer, exit, started) => {
    const ran = await apply({}, [], { tty: true, input: `${answer}\n` });
    expect([ran.exit, ran.started.length]).toEqual([exit, started]);
    expect(ran.err).toContain('Reset 29 credentials? [y/N]');
  });

  it('without a terminal it never waits: 3, and the flag is named; `yes |` is not a terminal', async () => {
    for (const input of ['', 'y\n'.repeat(1000)]) {
      const ran = await apply({}, [], { input });
      expect([ran.exit, ran.started]).toEqual([3, []]);
      expect(ran.err).toContain('next: --yes');
    }
  });

  it.each([
    [['--no-input'], {}],
    [[], { REKEY_NO_INPUT: '1' }],
    [['--json'], {}],
  ] as const)('with %j %j it does not ask on a terminal either', async (flags, env) => {
    const ran = await apply({}, flags, { tty: true, input: 'y\n', env });
    expect([ran.exit, ran.started]).toEqual([3, []]);
  });

  it('--yes is enough', async () => {
    expect((await apply({}, ['--yes'])).exit).toBe(0);
  });
});

describe.each([
  ['tier 0', { tier0: 1 }, 'acme-1120 29'],
  ['more than 1,000 credentials', { accounts: 1002 }, 'acme-1120 1001'],
] as const)('a plan with %s', (_name, options, words) => {
  it('--yes never satisfies it, with or without a terminal, and neither does `yes |`', async () => {
    for (const ran of [
      await apply(options, ['--yes']),
      await apply(options, ['--yes'], { input: 'y\n'.repeat(1000) }),
      await apply(options, ['--yes', '--json']),
      await apply(options, ['--yes'], { tty: true, input: 'y\n' }),
      await apply(options, ['--yes'], { tty: true, input: 'yes\n' }),
    ]) {
      expect(ran.exit).toBe(3);
      expect(ran.started).toEqual([]);
      expect(ran.err + ran.out).toContain(words);
    }
  });

  it('the name and the number, typed or as --confirm, start it; anything else does not', async () => {
    expect((await apply(options, [], { tty: true, input: `${words}\n` })).exit).toBe(0);
    expect((await apply(options, ['--confirm', words])).exit).toBe(0);
    for (const wrong of ['acme-1120', words.replace(/\d+$/, '1'), `${words}0`, words.toUpperCase()]) {
      expect((await apply(options, ['--confirm', wrong])).exit).toBe(3);
      expect((await apply(options, [], { tty: true, input: `${wrong}\n` })).exit).toBe(3);
    }
  });

  it('the risks stand directly above the prompt', async () => {
    const { err, out } = await apply(options, [], { tty: true, input: '\n', env: { NO_COLOR: '1' } });
    expect(out).toContain('! BLOCKED 1');
    expect(out).toContain(`must be confirmed as: ${words}`);
    expect(err).toContain(`(${words}): `);
  });
});

it('1,000 credentials are the last number a plain yes covers', async () => {
  expect((await apply({ accounts: 1001 }, ['--yes'])).exit).toBe(0);
});

it('abort says what it leaves, asks, and does not without an answer', async () => {
  const services = new FakeServices({ step: 0 });
  const house = new FakeHouse(services);
  const cwd = estateFolder();
  await rekey(house, cwd, ['plan', '--where', 'all', '--reason', 'leak']);
  await rekey(house, cwd, ['apply', 'P-00000001', '--yes', '--detach']);
  const refused = await rekey(house, cwd, ['run', 'abort', 'R-00000001', '--reason', 'wrong selector']);
  expect([refused.exit, services.calls.some((c) => c.startsWith('abort'))]).toEqual([3, false]);
  expect(refused.err).toContain('29 items are open');
  expect((await rekey(house, cwd, ['run', 'abort', 'R-00000001', '--reason', 'wrong selector', '--yes'])).exit).toBe(0);
  expect(services.calls.at(-1)).toBe('abort R-00000001 wrong selector');
});
