// What doctor says of a real host: with the rules of the README all is well, and each thing that is missing is told apart.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ground, ground } from './ssh-ground.ts';

let on: Ground;
beforeAll(async () => {
  on = await ground(['alice', 'admin'], ['sshd-lock', 'sshd-busy'], ['linux-ssh']);
}, 60_000);
afterAll(() => on?.stop());

describe('doctor', () => {
  async function checks(more: object, timeoutMs = 8_000): Promise<string[]> {
    await using connection = await on.passwords(more, { timeoutMs });
    const found: string[] = [];
    for await (const { id, verdict, next } of connection.check.run())
      found.push(`${id} ${verdict}${verdict === 'fail' && next === undefined ? ' no next' : ''}`);
    return found;
  }

  test('passes on a host with the rules of the README, and says which hash the host would make', async () => {
    expect(await checks({})).toEqual(['reach ok', 'tls ok', 'auth ok', 'rights ok', 'policy ok', 'clock ok']);
    expect(await checks({ pamService: 'sshd-lock' })).toContain('lockout ok');
  });

  test('tells a wrong login, a login without sudo, and a host that takes no connection apart', async () => {
    expect(await checks({ user: 'alice' })).toEqual(['reach ok', 'auth fail']);
    await on.lab.sh(
      'mkdir -p /home/alice/.ssh && cp /home/rekey/.ssh/authorized_keys /home/alice/.ssh/ && chown alice /home/alice/.ssh/authorized_keys',
    );
    const without = await checks({ user: 'alice' });
    expect(without.filter((each) => each === 'rights fail')).toHaveLength(4);
    await using alice = await on.passwords({ user: 'alice' });
    expect(
      await alice.setSecret.set(
        { system: 'lab-ssh', id: `${(await on.lab.sh('id -u admin')).out.trim()}:admin`, name: 'admin' },
        on.secret(),
      ),
    ).toMatchObject({ kind: 'refused', fault: { code: 'permission' } });
    expect(await checks({ port: on.lab.daemon('sshd-busy').port })).toEqual(['reach ok', 'reach fail']);
    expect(await checks({ port: 9 })).toEqual(['reach fail']);
  });
});
