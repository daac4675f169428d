// A write is done, certainly not done, or unknown; and the three are never mixed up.
import assert from 'node:assert/strict';
import { login, newSecret, newText, nonsense, oldSecret, type Row, set, the } from '../row.ts';

/** Longer than any honest answer, much shorter than the 20 s of a slow target. The suite's timeout is 1 s. */
const promptMs = 5000;

async function within(ms: number, work: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  await work();
  const took = performance.now() - started;
  assert.ok(took < ms, `returned after ${Math.round(took)} ms`);
}

export const writingRows: readonly Row[] = [
  {
    name: 'a set that is done is live at the target, and the old value is not',
    requires: ['setSecret'],
    situation: 'plain',
    async run({ rig }) {
      assert.equal((await set(rig)).kind, 'done');
      assert.equal(await rig.accepts(newText(rig)), true);
      assert.equal(await rig.accepts(rig.old), false);
    },
  },
  {
    name: 'setting the same secret again is safe',
    requires: ['setSecret'],
    situation: 'plain',
    async run({ rig }) {
      await set(rig);
      assert.equal((await set(rig)).kind, 'done');
      assert.equal(await rig.accepts(newText(rig)), true);
    },
  },
  {
    name: 'an account that is not there is refused, not created',
    requires: ['setSecret'],
    situation: 'plain',
    async run({ rig }) {
      const outcome = await the(rig.connection, 'setSecret').set(
        { system: rig.account.system, id: 'no-such-account', name: 'no-such-account' },
        newSecret(rig),
      );
      assert.ok(outcome.kind === 'refused' && outcome.fault.code === 'not-found', `was ${JSON.stringify(outcome)}`);
    },
  },
  {
    name: 'an answer lost after the change is indeterminate, and a probe then says applied',
    requires: ['setSecret', 'probe'],
    situation: 'reply-lost',
    async run({ rig }) {
      assert.equal((await set(rig)).kind, 'indeterminate');
      assert.equal(await rig.accepts(newText(rig)), true, 'the fixture must have applied the change');
      assert.equal((await login(rig, newSecret(rig))).verdict, 'accepted');
    },
  },
  {
    name: 'a request lost before the change is never done, and probes then say unchanged',
    requires: ['setSecret', 'probe'],
    situation: 'request-lost',
    async run({ rig }) {
      assert.notEqual((await set(rig)).kind, 'done');
      assert.equal((await login(rig, newSecret(rig))).verdict, 'rejected');
      assert.equal((await login(rig, oldSecret(rig))).verdict, 'accepted');
    },
  },
  {
    name: 'a value against the policy is refused as policy and nothing changes',
    requires: ['setSecret'],
    situation: 'policy',
    async run({ rig }) {
      const outcome = await set(rig);
      assert.ok(outcome.kind === 'refused' && outcome.fault.code === 'policy', `was ${JSON.stringify(outcome)}`);
      assert.equal(await rig.accepts(rig.old), true);
    },
  },
  {
    name: 'a throttled write is refused and says how long to wait',
    requires: ['setSecret'],
    situation: 'throttled',
    async run({ rig }) {
      const outcome = await set(rig);
      assert.ok(outcome.kind === 'refused' && outcome.fault.code === 'throttled', `was ${JSON.stringify(outcome)}`);
      assert.ok((outcome.fault.retryAfterMs ?? 0) > 0, 'retryAfterMs is missing');
      assert.equal(await rig.accepts(rig.old), true);
    },
  },
  {
    name: 'a target that is down refuses a write as unreachable',
    requires: ['setSecret'],
    situation: 'unreachable',
    async run({ rig }) {
      const outcome = await set(rig);
      assert.ok(outcome.kind === 'refused' && outcome.fault.code === 'unreachable', `was ${JSON.stringify(outcome)}`);
    },
  },
  {
    name: 'a slow target is given up within the timeout, as indeterminate',
    requires: ['setSecret'],
    situation: 'slow',
    run: ({ rig }) => within(promptMs, async () => assert.equal((await set(rig)).kind, 'indeterminate')),
  },
  {
    name: 'an abort in the middle of a call ends it at once',
    requires: ['setSecret'],
    situation: 'slow',
    async run({ rig, abort }) {
      // Well before the timeout of 1 s: what ends the call must be the abort.
      setTimeout(abort, 150);
      await within(700, async () => assert.notEqual((await set(rig)).kind, 'done'));
    },
  },
  {
    name: 'a blocked account turns its own secret away as blocked, and comes back',
    requires: ['contain', 'probe'],
    situation: 'plain',
    async run({ rig }) {
      const contain = the(rig.connection, 'contain');
      assert.equal((await contain.block(rig.account)).kind, 'done');
      assert.notEqual((await login(rig, oldSecret(rig))).verdict, 'accepted');
      assert.notEqual((await login(rig, oldSecret(rig))).verdict, 'rejected');
      assert.equal((await contain.unblock(rig.account)).kind, 'done');
      assert.equal((await login(rig, oldSecret(rig))).verdict, 'accepted');
    },
  },
  {
    name: 'two slots live side by side until one is retired; an absent slot retires as done',
    requires: ['dualSecret', 'probe'],
    situation: 'dual',
    async run({ rig }) {
      const dual = the(rig.connection, 'dualSecret');
      const before = await dual.list(rig.account);
      const minted: { text?: string } = {};
      const issued = await dual.issue(
        rig.account,
        {
          async seal(label, bytes) {
            minted.text = Buffer.from(bytes).toString('utf8');
            const { secretOf } = await import('../../../src/seal/secret.ts');
            return secretOf(label, bytes);
          },
        },
        'rekey-contract-1',
      );
      assert.ok(before.kind === 'done' && issued.kind === 'done', 'a slot could not be issued');
      assert.equal((await login(rig, issued.value.secret)).verdict, 'accepted');
      assert.equal((await login(rig, oldSecret(rig))).verdict, 'accepted');
      const after = await dual.list(rig.account);
      assert.ok(after.kind === 'done' && after.value.some(({ slot }) => slot === issued.value.slot), 'the new slot is not listed');
      assert.equal((await dual.retire(rig.account, 'no-such-slot')).kind, 'done');
      const first = before.value[0]?.slot as string;
      assert.equal((await dual.retire(rig.account, first)).kind, 'done');
      assert.equal((await dual.retire(rig.account, first)).kind, 'done', 'retiring twice is safe');
      assert.equal((await login(rig, oldSecret(rig))).verdict, 'rejected');
      assert.equal(await rig.accepts(minted.text ?? ''), true);
      assert.notEqual((await login(rig, nonsense(rig))).verdict, 'accepted');
    },
  },
  {
    name: 'while an overlap is open both values are accepted; closed, only the new one; opened or closed twice is safe',
    requires: ['overlap', 'probe'],
    situation: 'plain',
    async run({ rig }) {
      const overlap = the(rig.connection, 'overlap');
      for (const turn of ['first', 'again']) {
        assert.equal((await overlap.open(rig.account, newSecret(rig))).kind, 'done', `open, ${turn}`);
        assert.equal((await login(rig, newSecret(rig))).verdict, 'accepted', `the new value while open, ${turn}`);
        assert.equal((await login(rig, oldSecret(rig))).verdict, 'accepted', `the old value while open, ${turn}`);
      }
      for (const turn of ['first', 'again']) {
        assert.equal((await overlap.close(rig.account, newSecret(rig))).kind, 'done', `close, ${turn}`);
        assert.equal((await login(rig, newSecret(rig))).verdict, 'accepted', `the new value after the close, ${turn}`);
        assert.equal((await login(rig, oldSecret(rig))).verdict, 'rejected', `the old value after the close, ${turn}`);
      }
      assert.notEqual((await login(rig, nonsense(rig))).verdict, 'accepted');
    },
  },
];
