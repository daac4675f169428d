// Each count of the sweep can rise: one connector, or one store, broken in the way that it is there to notice.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, done, refused } from '../../src/kit/kit.ts';
import { openKeyring } from '../../src/seal/keyring.ts';
import { openSeal, type Seal } from '../../src/seal/seal.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { dataKeysIn } from '../../src/store/data-keys.ts';
import type { Store } from '../../src/store/sql.ts';
import { testStore } from '../harness/store.ts';
import type { Point } from './hands.ts';
import { type Swept, sweep } from './sweep.ts';
import type { CrashStore } from './target.ts';
import { start as startFile } from './targets/file.ts';
import { start as startInMemory } from './targets/in-memory.ts';

let store: Store;
let seal: Seal;
let files: CrashStore;
let close: () => Promise<void>;
beforeAll(async () => {
  process.env.REKEY_SWEEP_KEYS = `sweep:${randomBytes(32).toString('base64')}`;
  ({ store, close } = await testStore());
  seal = openSeal({ keyring: await openKeyring({ provider: 'env', variable: 'REKEY_SWEEP_KEYS' }), dataKeys: dataKeysIn(store) });
  files = await startFile();
});
afterAll(async () => {
  await files.stop();
  await close();
});

const plain: Point = { mode: 'continuity', deaths: [] };
type Broken = {
  readonly minting?: boolean;
  readonly points?: readonly Point[];
  readonly change?: (connection: Connection) => Connection;
  readonly places?: CrashStore;
  readonly on?: Store;
};

async function sweptWith({
  minting = false,
  points = [plain],
  change = (whole) => whole,
  places = files,
  on = store,
}: Broken): Promise<Swept> {
  const system = await startInMemory(points.length, minting);
  const broken = { ...system, open: async (...reach: Parameters<typeof system.open>) => change(await system.open(...reach)) };
  return sweep({ store: on, seal }, { system: broken, store: places }, system.accounts, points);
}

const dualOf = ({ dualSecret }: Connection) => {
  if (dualSecret === undefined) throw new Error('no slots');
  return dualSecret;
};

describe('a count of the sweep', () => {
  it.each([false, true])('is nought where nothing is broken (minting: %s)', async (minting) => {
    const points: Point[] = [plain, { ...plain, deaths: [3] }, { ...plain, deaths: [], lost: { write: 1 } }];
    const nothing = { lost: 0, orphans: 0, stale: 0, unresolved: 0, rewrites: 0, astray: 0 };
    expect(await sweptWith({ minting, points })).toMatchObject({ ...nothing, deaths: 1, swallowed: 1 });
  });

  it('rises where a mint is repeated: a slot that the escrow does not know', async () => {
    const broken = (whole: Connection): Connection => {
      const dual = dualOf(whole);
      const issue: typeof dual.issue = async (account, sealer, label) => {
        const thrownAway = { seal: async () => secretOf('nobody', 'nobody') };
        await dual.issue(account, thrownAway, label);
        return dual.issue(account, sealer, label);
      };
      return { ...whole, dualSecret: { ...dual, issue } };
    };
    expect(await sweptWith({ minting: true, change: broken })).toMatchObject({ lost: 0, orphans: 1 });
  });

  it('rises where a seal is lost: a live value that the escrow does not hold', async () => {
    const broken = (whole: Connection): Connection => {
      const dual = dualOf(whole);
      const issue: typeof dual.issue = (account, sealer, label) =>
        dual.issue(account, { seal: (slot) => sealer.seal(slot, Buffer.from('another value')) }, label);
      return { ...whole, dualSecret: { ...dual, issue } };
    };
    expect((await sweptWith({ minting: true, change: broken })).lost).toBe(1);
  });

  it('rises where an overlap is never closed: the value before still opens the account', async () => {
    const broken = (whole: Connection): Connection =>
      whole.overlap === undefined ? whole : { ...whole, overlap: { ...whole.overlap, close: async () => done(undefined) } };
    expect(await sweptWith({ change: broken })).toMatchObject({ lost: 0, stale: 1, unresolved: 1 });
  });

  it('rises where an account is not reset in the end', async () => {
    const broken = (whole: Connection): Connection =>
      whole.overlap === undefined
        ? whole
        : { ...whole, overlap: { ...whole.overlap, open: async () => refused('protocol', 'an answer nobody knows') } };
    expect(await sweptWith({ change: broken })).toMatchObject({ unresolved: 1 });
  });

  it('rises where a store forgets a step that it acknowledged: what was settled is written again', async () => {
    const forgetful: Store = {
      ...store,
      // The first statement of every worker.
      query: async <Row>(text: string, params?: readonly unknown[]) => {
        if (text.includes('set beat_at = null')) await store.query(`update item set state = 'sealed' where state = 'applied'`);
        return store.query<Row>(text, params);
      },
    };
    // Boundary 4: the record of the write.
    expect(await sweptWith({ points: [{ ...plain, deaths: [4] }], on: forgetful })).toMatchObject({ deaths: 1, rewrites: 1 });
    expect(await sweptWith({ points: [{ ...plain, deaths: [4] }] })).toMatchObject({ deaths: 1, rewrites: 0 });
  });

  it('rises where a consumer is left on a value that nobody meant', async () => {
    const half: CrashStore = {
      ...files,
      open: async (...reach) => {
        const whole = await files.open(...reach);
        if (whole.storeConsumer === undefined) return whole;
        const { put } = whole.storeConsumer;
        const short: typeof put = (consumer, account, secret) =>
          put(
            consumer,
            account,
            secretOf(
              'half',
              secret.text((text) => text.slice(0, 5)),
            ),
          );
        return { ...whole, storeConsumer: { ...whole.storeConsumer, put: short } };
      },
    };
    expect(await sweptWith({ places: half })).toMatchObject({ lost: 0, astray: 1 });
  });
});
