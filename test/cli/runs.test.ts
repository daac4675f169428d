// Long runs: the exit code tells how a run stands, Ctrl-C never loses it, and the words at the end say what to do.

import { describe, expect, it } from 'vitest';
import { houseCaller } from '../../src/access/caller.ts';
import type { ItemState } from '../../src/domain/item.ts';
import type { FakeOptions } from './fake-services/state.ts';
import { FakeServices } from './fake-services.ts';
import { estateFolder, FakeHouse, type RanOptions, rekey } from './rekey.ts';

const esc = '\u001b';

function estate(options: FakeOptions = {}) {
  const services = new FakeServices(options);
  const house = new FakeHouse(services);
  const cwd = estateFolder();
  const run = (argv: readonly string[], how: RanOptions = {}) => rekey(house, cwd, argv, how);
  return { services, house, run, plan: () => run(['plan', '--where', 'all', '--reason', 'leak']) };
}

describe('how a run ends', () => {
  it.each<[string, readonly ItemState[], string[], number]>([
    ['complete', [], [], 0],
    ['residual', ['residual'], [], 7],
    ['residual, accepted', ['residual'], ['--accept-residual'], 0],
    ['failed items', ['failed'], [], 7],
    ['failed items, residual accepted', ['failed', 'residual'], ['--accept-residual'], 7],
    ['in doubt', ['in-doubt'], [], 7],
    ['rolled back', ['rolled-back'], [], 7],
  ])('%s', async (_name, ends, flags, exit) => {
    const { run, plan } = estate({ step: 1000, ends });
    await plan();
    expect((await run(['apply', 'P-00000001', '--yes', ...flags])).exit).toBe(exit);
  });

  it('stopped by a guardrail is 10, paused by a person is 8; both say why and what next', async () => {
    for (const [haltedBy, exit] of [
      ['guardrail', 10],
      ['bob', 8],
    ] as const) {
      const { run, plan } = estate({ haltedBy });
      await plan();
      const ran = await run(['apply', 'P-00000001', '--yes']);
      expect(ran.exit).toBe(exit);
      expect(ran.out).toContain(`halted by ${haltedBy}`);
      expect(ran.out).toContain('the failure budget of wave 2 is used up');
      expect(ran.out).toContain('next: rekey run resume R-00000001');
    }
  });

  it('the end says what changed, what did not, what is unknown, and the next command', async () => {
    const { run, plan } = estate({ step: 1000, ends: ['failed', 'in-doubt', 'residual'] });
    await plan();
    const { out } = await run(['apply', 'P-00000001', '--yes']);
    expect(out).toMatch(/^changed: +27 \(26 complete, 1 residual\)$/m);
    expect(out).toMatch(/^not changed: +1 \(1 failed\)$/m);
    expect(out).toMatch(/^unknown: +1 \(1 in-doubt\)$/m);
    expect(out).toMatch(/^next: rekey run retry R-00000001 --state in-doubt$/m);
    expect(out).toMatch(/^next: rekey run retry R-00000001 --state failed$/m);
  });
});

describe('Ctrl-C', () => {
  it('pauses a run that this process was doing, says so, and exits 130; resume takes it to its end', async () => {
    const { run, plan, services } = estate({ step: 1 });
    await plan();
    const ran = await run(['apply', 'P-00000001', '--yes'], { interruptAt: /run R-00000001 running/ });
    expect(ran.exit).toBe(130);
    expect(ran.err).toContain('run paused on disk — rekey run resume R-00000001');
    expect(services.calls.at(-1)).toBe('pause R-00000001 interrupted at the terminal');
    services.options.step = 1000;
    const resumed = await run(['run', 'resume', 'R-00000001']);
    expect(resumed.exit).toBe(0);
    expect(services.calls.at(-1)).toBe('resume R-00000001');
  });

  it('at a prompt means no', async () => {
    const { run, plan, services } = estate();
    await plan();
    const ran = await run(['apply', 'P-00000001'], { tty: true, interruptAt: /\[y\/N\]/ });
    expect([ran.exit, services.calls]).toEqual([3, []]);
  });
});

describe('verbs', () => {
  it('a run that is running with nobody at work is taken up by resume, without a second resume of what is not paused', async () => {
    const { run, plan, services, house } = estate({ step: 0 });
    await plan();
    expect((await run(['apply', 'P-00000001', '--yes', '--detach'])).out).toBe('R-00000001\n');
    expect(house.opened.at(-1)).toEqual({ worker: false });
    services.options.step = 15; // two looks: the first still finds it running
    expect((await run(['run', 'resume', 'R-00000001'])).exit).toBe(0);
    expect(house.opened.at(-1)).toEqual({ worker: true });
    expect(services.calls.some((call) => call.startsWith('resume'))).toBe(false);
  });

  it('retry sends exactly the states asked for; pause never asks; except needs a date', async () => {
    const { run, plan, services } = estate({ step: 1000, ends: ['failed', 'in-doubt'] });
    await plan();
    await run(['apply', 'P-00000001', '--yes']);
    expect((await run(['run', 'retry', 'R-00000001', '--state', 'failed, in-doubt'])).exit).toBe(0);
    expect(services.calls.at(-1)).toBe('retry R-00000001 failed,in-doubt');
    expect((await run(['run', 'retry', 'R-00000001', '--state', 'broken'])).exit).toBe(2);
    expect((await run(['run', 'pause', 'R-00000001'])).exit).toBe(6); // ended already
    const except = ['run', 'except', 'R-00000001', '--account', 'corp-ldap/x', '--owner', 'bob', '--reason', 'decommissioned', '--expires'];
    expect((await run([...except, 'tomorrow'])).exit).toBe(2);
    expect((await run([...except, '2026-12-31'])).exit).toBe(0);
    expect(services.calls.at(-1)).toBe('except R-00000001 corp-ldap/x bob 2026-12-31T00:00:00.000Z');
    expect((await run(['run', 'sign-off', 'R-00000001', 'corp-ldap/x', '--by', 'bob'])).exit).toBe(2);
    expect((await run(['run', 'sign-off', 'R-00000001', 'corp-ldap/x', '--by', 'bob', '--reason', 'CHG-1'])).exit).toBe(0);
    expect(services.calls.at(-1)).toBe('signOff R-00000001 corp-ldap/x bob');
  });

  it('worker --until-idle leaves when nothing is running', async () => {
    const { run, plan, services, house } = estate({ step: 0 });
    await plan();
    await run(['apply', 'P-00000001', '--yes', '--detach']);
    const working = run(['worker', '--until-idle']);
    services.options.step = 1000;
    await services.run(houseCaller('x'), 'R-00000001');
    expect((await working).exit).toBe(0);
    expect(house.closed).toBe(house.opened.length);
  });
});

describe('progress', () => {
  it('on a terminal redraws at most 12 lines and no escape stands in a pipe', async () => {
    for (const tty of [true, false]) {
      const { run, plan } = estate({ step: 5, ends: ['failed'] });
      await plan();
      const { err, out } = await run(['apply', 'P-00000001', '--yes'], { tty });
      expect(err.includes(`${esc}[`)).toBe(tty);
      if (tty) for (const [, up] of err.matchAll(new RegExp(`${esc}\\[(\\d+)A`, 'g'))) expect(Number(up)).toBeLessThanOrEqual(12);
      else expect(err + out).toMatch(/run R-00000001 running · wave 2 tier 2 running · \d+\/29/);
    }
  });

  it.each([{ CI: '1' }, { TERM: 'dumb' }])('with %j nothing is redrawn even on a terminal', async (env) => {
    const { run, plan } = estate({ step: 10 });
    await plan();
    const { err } = await run(['apply', 'P-00000001', '--yes'], { tty: true, env });
    expect(err).not.toMatch(new RegExp(`${esc}\\[\\d*[AJK]`));
  });

  it('NO_COLOR and --no-color take the colours away, TERM=dumb the glyphs too', async () => {
    const { run, plan } = estate();
    await plan();
    expect((await run(['plan', 'show', 'P-00000001'], { tty: true })).out).toContain(esc);
    expect((await run(['plan', 'show', 'P-00000001'], { tty: true, env: { NO_COLOR: '1' } })).out).not.toContain(esc);
    expect((await run(['plan', 'show', 'P-00000001', '--no-color'], { tty: true })).out).not.toContain(esc);
    const dumb = await run(['plan', 'show', 'P-00000001'], { tty: true, env: { TERM: 'dumb' } });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII
    expect(dumb.out + dumb.err).toMatch(/^[\u0000-\u007f]*$/);
  });
});
