// What a login of nobody is the sign of, and which checks one path gets.
import { expect, test } from 'vitest';
import type { Estate, SystemSpec } from '../estate/estate.ts';
import type { AccountRef, Check, Probed, Secret } from '../kit/kit.ts';
import { type AnyConnector, Connections } from './connections.ts';
import { checkOf, checkPath } from './doctor-path.ts';

const open = (code: string): Probed => ({ verdict: 'indeterminate', code });

test.each([
  [{ verdict: 'rejected', code: '49' }, 'auth', 'ok'],
  [{ verdict: 'blocked', code: '49/775' }, 'auth', 'ok'],
  [{ verdict: 'accepted', code: '0' }, 'auth', 'fail'],
  [open('6'), 'auth', 'ok'],
  [open('ECONNREFUSED'), 'reach', 'fail'],
  [open('ENOTFOUND'), 'reach', 'fail'],
  [open('NT_STATUS_CONNECTION_REFUSED'), 'reach', 'fail'],
  [open('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'tls', 'fail'],
  [open('ERR_TLS_CERT_ALTNAME_INVALID'), 'tls', 'fail'],
  [open('smbclient-not-installed'), 'tool', 'fail'],
  [open('host-key'), 'host-key', 'fail'],
  [open('own-credential'), 'auth', 'fail'],
  [open('secret-form'), 'form', 'warn'],
  [{ ...open('busy'), retryAfterMs: 500 }, 'reach', 'warn'],
] as const)('%j is %s %s', (probed, id, verdict) => {
  const check = checkOf('dc1:88', probed);
  expect(check).toMatchObject({ id, verdict, message: expect.stringContaining(`(${probed.code})`) });
  expect(check.next === undefined).toBe(verdict === 'ok');
});

const asked: { account: AccountRef; secret: string; replica: string }[] = [];
const closed: string[] = [];
const connectors: Record<string, () => Promise<AnyConnector>> = {
  system: async () => fake({ secretForm: { nonsense: async () => Buffer.from('a value of its own form') } }),
  door: async () =>
    fake({
      probe: {
        paths: async () => [
          { path: 'login', replica: 'one' },
          { path: 'login', replica: 'two' },
        ],
        attempt: async (account: AccountRef, secret: Secret, { replica }: { replica: string }): Promise<Probed> => {
          asked.push({ account, secret: secret.text((text) => text), replica });
          return replica === 'one' ? { verdict: 'rejected', code: '49' } : open('ECONNREFUSED');
        },
      },
    }),
  own: async () =>
    fake({
      check: {
        run: async function* () {
          yield { id: 'own', verdict: 'ok', message: 'its own check' } satisfies Check;
        },
      },
    }),
};
function fake(capabilities: object): AnyConnector {
  const open = async () => ({ ...capabilities, [Symbol.asyncDispose]: async () => void closed.push('closed') });
  return { config: { parse: (input: unknown) => input }, pace: { concurrency: 1 }, open } as unknown as AnyConnector; // all that opening reads
}
const paths = [
  { id: 'front', probe: 'door', config: {} },
  { id: 'back', probe: 'own', config: {} },
];
const spec: SystemSpec = { id: 'dir', connector: 'system', tier: 3, config: {}, limits: {}, password: {}, paths, specHash: '' };
const estate = { folder: '/', systems: [spec] } as unknown as Estate; // all that opening a system reads

async function checksOf(n: number): Promise<Check[]> {
  const connections = new Connections(estate, connectors, {});
  const found: Check[] = [];
  for await (const check of checkPath(connections, spec, paths[n] as (typeof paths)[number])) found.push(check);
  return found;
}

test('every replica of a path is asked once, as nobody, with a secret of the form the system has, and the door is closed', async () => {
  expect((await checksOf(0)).map(({ id, verdict }) => [id, verdict])).toEqual([
    ['auth', 'ok'],
    ['reach', 'fail'],
  ]);
  expect(asked.map(({ replica, secret }) => [replica, secret])).toEqual([
    ['one', 'a value of its own form'],
    ['two', 'a value of its own form'],
  ]);
  expect(new Set(asked.map(({ account }) => account.name)).size).toBe(2);
  for (const { account } of asked) expect(account.name).toMatch(/^rekey-doctor-[0-9a-f]{8}$/);
  expect(closed).toEqual(['closed']);
});

test('a path that checks itself is asked no login', async () => {
  asked.length = 0;
  expect(await checksOf(1)).toEqual([{ id: 'own', verdict: 'ok', message: 'its own check' }]);
  expect(asked).toEqual([]);
});
