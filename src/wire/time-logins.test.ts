// What is timed is a login of nobody, the second of two; what does not answer is not timed, and no account is named.
import { expect, it } from 'vitest';
import type { SystemSpec } from '../estate/estate.ts';
import type { AccountRef, Connection, Probed, Secret } from '../kit/kit.ts';
import type { ProbePath } from '../verify/verify-item.ts';
import { timeLogins } from './time-logins.ts';

let clock = 0;
const asked: { readonly account: AccountRef; readonly secret: string; readonly replica: string }[] = [];
const spec = { id: 'crm' } as SystemSpec; // timeLogins reads this one

const rejected: Probed = { verdict: 'rejected', code: '49' };
const open = (code: string): Probed => ({ verdict: 'indeterminate', code });

/** Answers after so long by our clock; the n-th login takes the n-th time. */
function door(answers: readonly Probed[], ms: readonly number[]): Connection {
  let nth = 0;
  return {
    probe: {
      paths: async () => [],
      attempt: async (account: AccountRef, secret: Secret, where) => {
        asked.push({ account, secret: secret.text((text) => text), replica: where.replica });
        clock += ms[Math.min(nth, ms.length - 1)] ?? 0;
        return answers[Math.min(nth++, answers.length - 1)] ?? rejected;
      },
    },
    async [Symbol.asyncDispose]() {},
  };
}
const at = (connection: Connection, path: string, replica = 'one'): ProbePath => ({
  where: { path, replica },
  connection,
  record: replica,
});
const timed = (connection: Connection, paths: readonly ProbePath[]) => timeLogins({ spec, connection }, paths, () => clock);

it('the second login counts: a target that holds back the next one after a refusal shows it', async () => {
  const own = door([rejected], [50, 2_000]);
  expect(await timed(own, [at(own, 'imap')])).toEqual({ '': { ms: 2_000, refused: true } });
});
it('the system’s own paths are one door, each extra path its own, and one replica stands for all', async () => {
  asked.length = 0;
  const [own, vpn] = [door([rejected], [10, 10, 30, 30]), door([rejected], [40])];
  const paths = [at(own, 'ldaps', 'dc1'), at(own, 'ldaps', 'dc2'), at(own, 'kerberos', 'dc1'), at(vpn, 'vpn', 'r1'), at(vpn, 'vpn', 'r2')];
  expect(await timed(own, paths)).toEqual({ '': { ms: 20, refused: true }, vpn: { ms: 40, refused: true } });
  expect(asked.map(({ replica }) => replica)).toEqual(['dc1', 'dc1', 'dc1', 'dc1', 'r1', 'r1']);
});
it('nobody’s account is touched: every login is of a name that no account has', async () => {
  asked.length = 0;
  const own = door([rejected], [1]);
  await timed(own, [at(own, 'bind')]);
  for (const { account, secret } of asked) {
    expect(account.name).toMatch(/^rekey-doctor-[0-9a-f]{8}$/);
    expect([account.id, account.login, account.locator]).toEqual([account.name, account.name, `cn=${account.name}`]);
    expect(secret.length).toBeGreaterThan(12);
  }
});
it('a door that lets anybody in, or that does not answer, is not timed, be it at the first login or the second', async () => {
  for (const probed of [{ verdict: 'accepted', code: '' }, open('ETIMEDOUT'), { ...open('busy'), retryAfterMs: 500 }] as const) {
    for (const answers of [[probed], [rejected, probed]]) {
      const own = door(answers, [5]);
      expect(await timed(own, [at(own, 'bind')])).toEqual({});
    }
  }
});
it('an answer that has no word on nobody is timed, and said not to be a refusal', async () => {
  const own = door([open('404')], [5]);
  expect(await timed(own, [at(own, 'bind')])).toEqual({ '': { ms: 5, refused: false } });
  const half = door([rejected, rejected, open('no-guid')], [5]);
  expect(await timed(half, [at(half, 'kerberos'), at(half, 'ldaps')])).toEqual({ '': { ms: 5, refused: false } });
});
it('of a door with two own paths, one of which does not answer, nothing is claimed', async () => {
  const own = door([rejected, rejected, open('ETIMEDOUT')], [5]);
  expect(await timed(own, [at(own, 'ldaps'), at(own, 'kerberos')])).toEqual({});
});
it('a door that throws, or that cannot be logged in at, is left out and keeps no other back', async () => {
  const broken: Connection = {
    probe: {
      paths: async () => [],
      attempt: async () => {
        throw new Error('a bug');
      },
    },
    async [Symbol.asyncDispose]() {},
  };
  const none: Connection = { async [Symbol.asyncDispose]() {} };
  const vpn = door([rejected], [7]);
  expect(await timed(broken, [at(broken, 'bind'), at(none, 'state'), at(vpn, 'vpn')])).toEqual({ vpn: { ms: 7, refused: true } });
});
it('doors that take minutes are left to what is declared: discovery does not wait for them', async () => {
  asked.length = 0;
  const [own, vpn] = [door([rejected], [15_000]), door([rejected], [5])];
  expect(await timed(own, [at(own, 'imap'), at(vpn, 'vpn')])).toEqual({ '': { ms: 15_000, refused: true } });
  expect(asked).toHaveLength(2);
});
