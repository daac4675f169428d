// A store of consumers' secrets: what is put is what consumers read, and the version tells nothing about it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { consumerOf, newSecret, newText, nonsense, type Row, the } from '../row.ts';

export const storingRows: readonly Row[] = [
  {
    name: 'a put is read by consumers, and holds proves it',
    requires: ['storeConsumer'],
    situation: 'plain',
    async run({ rig }) {
      const store = the(rig.connection, 'storeConsumer');
      assert.equal((await store.put(consumerOf(rig), rig.account, newSecret(rig))).kind, 'done');
      assert.equal(await rig.accepts(newText(rig)), true);
      assert.deepEqual(await store.holds(consumerOf(rig), rig.account, newSecret(rig)), { kind: 'done', value: true });
      assert.deepEqual(await store.holds(consumerOf(rig), rig.account, nonsense(rig)), { kind: 'done', value: false });
    },
  },
  {
    name: 'putting the same secret again is safe, and its version is no digest of it',
    requires: ['storeConsumer'],
    situation: 'plain',
    async run({ rig }) {
      const store = the(rig.connection, 'storeConsumer');
      await store.put(consumerOf(rig), rig.account, newSecret(rig));
      const again = await store.put(consumerOf(rig), rig.account, newSecret(rig));
      assert.ok(again.kind === 'done');
      assert.equal(await rig.accepts(newText(rig)), true);
      for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
        for (const encoding of ['hex', 'base64', 'base64url'] as const) {
          const digest = createHash(algorithm).update(newText(rig)).digest(encoding).slice(0, 16);
          assert.ok(!again.value.storeVersion.includes(digest), `the version is a ${algorithm} of the secret`);
        }
      }
    },
  },
  {
    name: 'a place that is not there is refused, and nothing is made up',
    requires: ['storeConsumer'],
    situation: 'missing',
    async run({ rig }) {
      const outcome = await the(rig.connection, 'storeConsumer').put(consumerOf(rig), rig.account, newSecret(rig));
      assert.ok(outcome.kind === 'refused' && outcome.fault.code === 'not-found', `was ${JSON.stringify(outcome)}`);
      assert.equal(await rig.accepts(newText(rig)), false);
    },
  },
  {
    name: 'a consumer without reload and health check has nothing to do and says nothing',
    requires: ['storeConsumer'],
    situation: 'plain',
    async run({ rig }) {
      const { consumer, ref } = consumerOf(rig);
      const store = the(rig.connection, 'storeConsumer');
      assert.equal((await store.reload({ consumer, ref })).kind, 'done');
      assert.deepEqual(await store.healthy({ consumer, ref }), { kind: 'done', value: undefined });
    },
  },
];
