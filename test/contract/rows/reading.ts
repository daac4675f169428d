// Inventory, policy and checks: pages that end, findings people can act on.
import assert from 'node:assert/strict';
import type { Check, Found } from '../../../src/kit/kit.ts';
import { secretOf } from '../../../src/seal/secret.ts';
import { type Row, set, the } from '../row.ts';

async function checks(run: AsyncIterable<Check>): Promise<Check[]> {
  const found: Check[] = [];
  for await (const check of run) found.push(check);
  return found;
}

export const readingRows: readonly Row[] = [
  {
    name: 'paging ends, keeps to its limit, repeats nothing and finds the account',
    requires: ['inventory'],
    situation: 'plain',
    async run({ rig }) {
      const limit = 3;
      const all: Found[] = [];
      for (let cursor: string | undefined, pages = 0; ; pages++) {
        const page = await the(rig.connection, 'inventory').page(cursor === undefined ? { limit } : { cursor, limit });
        assert.equal(page.kind, 'done');
        if (page.kind !== 'done') return;
        assert.ok(page.value.items.length <= limit, 'a page is larger than asked for');
        all.push(...page.value.items);
        cursor = page.value.next;
        if (cursor === undefined) break;
        assert.ok(pages < 10_000, 'the last page never comes');
      }
      assert.equal(new Set(all.map((found) => found.id)).size, all.length, 'an account came twice');
      const mine = all.find((found) => found.id === rig.account.id);
      assert.equal(mine?.name, rig.account.name);
      for (const found of all) assert.deepEqual(JSON.parse(JSON.stringify(found.facts)), found.facts, 'facts must be plain JSON');
    },
  },
  {
    name: 'the policy that is read is the policy that is enforced',
    requires: ['passwordPolicy', 'setSecret'],
    situation: 'plain',
    async run({ rig }) {
      const policy = await the(rig.connection, 'passwordPolicy').read(rig.account);
      assert.equal(policy.kind, 'done');
      const minLength = policy.kind === 'done' ? (policy.value.minLength ?? 0) : 0;
      if (minLength < 2) return;
      const outcome = await set(rig, secretOf('short', 'aB3-'.repeat(minLength).slice(0, minLength - 1)));
      assert.ok(
        outcome.kind === 'refused' && outcome.fault.code === 'policy',
        `a value one shorter than minLength must be refused, was ${outcome.kind}`,
      );
    },
  },
  {
    name: 'checks of a working target pass and say something',
    requires: ['check'],
    situation: 'plain',
    async run({ rig }) {
      const found = await checks(the(rig.connection, 'check').run());
      assert.ok(found.length > 0, 'no check was made');
      for (const check of found) {
        assert.notEqual(check.verdict, 'fail', `${check.id}: ${check.message}`);
        assert.ok(check.message !== '');
      }
    },
  },
  {
    name: 'checks of a target that is down say so, with the next step, and end',
    requires: ['check'],
    situation: 'unreachable',
    async run({ rig }) {
      const failed = (await checks(the(rig.connection, 'check').run())).filter((check) => check.verdict === 'fail');
      assert.ok(failed.length > 0, 'a dead target passed');
      for (const check of failed) assert.ok((check.next ?? '') !== '', `${check.id} fails without a next step`);
    },
  },
];
