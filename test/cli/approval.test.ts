// rekey approval: what waits is listed with who may, a refusal needs a reason, and taking it back needs none.
import { describe, expect, it } from 'vitest';
import type { FakeOptions } from './fake-services/state.ts';
import { FakeServices } from './fake-services.ts';
import { estateFolder, FakeHouse, type Ran, rekey } from './rekey.ts';

function estate(options: FakeOptions = {}) {
  const services = new FakeServices(options);
  const house = new FakeHouse(services);
  const cwd = estateFolder();
  return { services, house, cwd, run: (...argv: string[]): Promise<Ran> => rekey(house, cwd, argv) };
}
const data = (ran: Ran) => JSON.parse(ran.out).data;

describe('approval', () => {
  it('ls names state, count and who may, as a table and as JSON; a state that is none is a usage error', async () => {
    const { run } = estate({ approvals: 1 });
    await run('plan', '--where', 'all', '--reason', 'x');
    const listed = await run('approval', 'ls', '--state', 'waiting');
    expect(listed.exit).toBe(0);
    expect(listed.out).toMatch(/P-00000001 +waiting +0 of 1 .*may: bob/);
    expect(data(await run('approval', 'ls', '--json'))).toMatchObject({ items: [{ id: 'P-00000001', state: 'waiting' }] });
    expect((await run('approval', 'ls', '--state', 'lost')).exit).toBe(2);
    expect((await run('approval', 'ls', '--state', 'used')).err).toContain('nothing is used; rekey approval ls shows all');
  });
  it('refuse sends the reason, says what comes next, and is taken back without one', async () => {
    const { run, services } = estate({ approvals: 1 });
    await run('plan', '--where', 'all', '--reason', 'x');
    expect((await run('approval', 'refuse', 'P-00000001')).exit).toBe(2);
    expect((await run('approval', 'refuse', 'P-00000001', '--reason', 'x', '--withdraw')).exit).toBe(2);
    const no = await run('approval', 'refuse', 'p-ooooooo1', '--reason', 'too wide');
    expect([no.exit, no.err]).toEqual([0, expect.stringContaining('P-00000001: refused\nnext: ')]);
    expect((await run('approval', 'refuse', 'P-00000001', '--withdraw')).err).toContain('P-00000001: waiting');
    expect(services.calls).toEqual(['refuse P-00000001: too wide', 'withdrawRefusal P-00000001']);
  });
  it('give is approve', async () => {
    const { run } = estate({ approvals: 1 });
    await run('plan', '--where', 'all', '--reason', 'x');
    expect((await run('approval', 'give', 'P-00000001', '--message')).out).toContain('id P-00000001');
  });
});
