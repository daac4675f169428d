// Probes, state, lockout and sessions: what the proof of a reset rests on.
import assert from 'node:assert/strict';
import type { Rig } from '../../../src/kit/contract.ts';
import type { AccountState } from '../../../src/kit/kit.ts';
import { secretOf } from '../../../src/seal/secret.ts';
import { login, newSecret, nonsense, oldSecret, type Row, set, the } from '../row.ts';

async function stateOf(rig: Rig, replica?: string): Promise<AccountState> {
  const state = the(rig.connection, 'state');
  const read = await state.read(rig.account, replica ?? ((await state.replicas())[0] as string));
  assert.ok(read.kind === 'done', 'the state cannot be read');
  return read.value;
}

export const provingRows: readonly Row[] = [
  {
    name: 'after a reset the new secret is accepted, the old and any other are rejected by name of the error',
    requires: ['setSecret', 'probe'],
    situation: 'plain',
    async run({ rig }) {
      assert.equal((await login(rig, oldSecret(rig))).verdict, 'accepted');
      await set(rig);
      for (const [secret, verdict] of [
        [newSecret(rig), 'accepted'],
        [nonsense(rig), 'rejected'],
        [oldSecret(rig), 'rejected'],
      ] as const) {
        const probed = await login(rig, secret);
        assert.equal(probed.verdict, verdict, secret.label);
        assert.ok(probed.code !== '', 'a verdict carries the code of the target');
      }
    },
  },
  {
    name: 'an empty secret is never sent: many targets take it as an anonymous login',
    requires: ['probe'],
    situation: 'plain',
    run: async ({ rig }) => assert.equal((await login(rig, secretOf('empty', ''))).verdict, 'indeterminate'),
  },
  {
    name: 'a target that is down says nothing about a secret',
    requires: ['probe'],
    situation: 'unreachable',
    async run({ rig }) {
      for (const secret of [oldSecret(rig), nonsense(rig)]) assert.equal((await login(rig, secret)).verdict, 'indeterminate');
    },
  },
  {
    name: 'a locked account does not say "rejected" to its own secret',
    requires: ['probe'],
    situation: 'lockable',
    async run({ rig }) {
      for (let n = 0; n < 3; n++) await login(rig, nonsense(rig));
      const { verdict } = await login(rig, oldSecret(rig));
      assert.ok(verdict === 'blocked' || verdict === 'indeterminate', `was ${verdict}`);
    },
  },
  {
    name: 'failed logins are counted, and the threshold is told',
    requires: ['lockout', 'probe'],
    situation: 'lockable',
    async run({ rig }) {
      const where = (await the(rig.connection, 'probe').paths())[0];
      assert.ok(where !== undefined);
      const read = async () => {
        const outcome = await the(rig.connection, 'lockout').read(rig.account, where);
        assert.ok(outcome.kind === 'done');
        return outcome.value;
      };
      const before = await read();
      assert.equal(before.threshold, 3);
      await login(rig, nonsense(rig));
      const after = await read();
      assert.equal(after.failures, (before.failures ?? 0) + 1);
      await login(rig, oldSecret(rig));
      if (after.resetsOnSuccess) assert.equal((await read()).failures, 0);
    },
  },
  {
    name: 'an account that takes any value is seen: nonsense is accepted',
    requires: ['probe'],
    situation: 'accept-any',
    run: async ({ rig }) => assert.equal((await login(rig, nonsense(rig))).verdict, 'accepted'),
  },
  {
    name: 'every change moves the marker, and one value is live',
    requires: ['setSecret', 'state'],
    situation: 'plain',
    async run({ rig }) {
      const before = await stateOf(rig);
      await set(rig);
      const after = await stateOf(rig);
      assert.notEqual(after.marker, before.marker);
      assert.ok(after.usable);
      if (after.values !== undefined) assert.equal(after.values, 1);
      if (after.changedAt !== undefined && before.changedAt !== undefined) assert.ok(after.changedAt >= before.changedAt);
    },
  },
  {
    name: 'a second stored value is seen in the state and by the probe',
    requires: ['setSecret', 'state', 'probe'],
    situation: 'second-value',
    async run({ rig }) {
      await set(rig);
      await rig.happen?.();
      assert.ok(((await stateOf(rig)).values ?? 0) > 1, 'the state hides the second value');
      assert.equal((await login(rig, oldSecret(rig))).verdict, 'accepted');
    },
  },
  {
    name: 'a replica that is behind is seen in its state and by the probe of it',
    requires: ['setSecret', 'state', 'probe'],
    situation: 'lagging',
    async run({ rig }) {
      assert.ok(rig.lagging !== undefined, 'the fixture must name the replica that lags');
      await set(rig);
      assert.notEqual((await stateOf(rig, rig.lagging)).marker, (await stateOf(rig)).marker);
      assert.equal((await login(rig, oldSecret(rig), rig.lagging)).verdict, 'accepted');
      assert.equal((await login(rig, oldSecret(rig))).verdict, 'rejected');
    },
  },
  {
    name: 'a restart that brings the old value back is seen in the state',
    requires: ['setSecret', 'state'],
    situation: 'resurrecting',
    async run({ rig }) {
      await set(rig);
      const after = await stateOf(rig);
      await rig.happen?.();
      assert.equal(await rig.accepts(rig.old), true, 'the fixture must have brought the old value back');
      assert.notEqual((await stateOf(rig)).marker, after.marker);
    },
  },
  {
    name: 'a session opened before the reset is listed, and ended or honestly left',
    requires: ['sessions'],
    situation: 'sessions',
    async run({ rig }) {
      const sessions = the(rig.connection, 'sessions');
      const open = await sessions.list(rig.account);
      assert.ok(open.kind === 'done' && open.value.filter((session) => !session.own).length > 0, 'the open session is not listed');
      const latest = Math.max(...open.value.map((session) => session.startedAt.getTime()));
      const ended = await sessions.end(rig.account, new Date(latest + 1));
      assert.ok(ended.kind === 'done', `was ${JSON.stringify(ended)}`);
      const now = await sessions.list(rig.account);
      assert.ok(now.kind === 'done');
      const left = now.value.filter((session) => !session.own).length;
      // Some targets (slapd) cannot end a connection: then they must say so, and the report shows what is left.
      assert.equal(ended.value.left, left, 'what is said to be left is not what is left');
      assert.equal(
        ended.value.ended + left,
        open.value.filter((session) => !session.own).length,
        'what is said to be ended was not, or was not there',
      );
    },
  },
];
