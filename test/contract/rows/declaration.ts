// What a connector says about itself must be complete and true without a connection.
import assert from 'node:assert/strict';
import { capabilities } from '../../../src/kit/kit.ts';
import type { OfflineRow, Row } from '../row.ts';

export const offlineRows: readonly OfflineRow[] = [
  {
    name: 'supports answers every capability offline, with a reason where it is not true',
    run({ connector }) {
      assert.deepEqual(Object.keys(connector.supports).sort(), [...capabilities].sort());
      for (const [name, support] of Object.entries(connector.supports)) {
        if (support === true) continue;
        const reason = 'cannot' in support ? support.cannot : support.planned;
        assert.ok(reason.trim().length >= 10, `${name}: say why in a sentence`);
      }
    },
  },
  {
    name: 'the declaration is fit to plan with: kebab id, a pace, rights only for what it can do',
    run({ connector }) {
      assert.match(connector.id, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      assert.ok(connector.title.trim() !== '');
      for (const value of Object.values(connector.pace)) assert.ok(value > 0 && Number.isFinite(value), 'pace needs positive numbers');
      for (const name of Object.keys(connector.permissions)) {
        assert.equal(connector.supports[name as keyof typeof connector.supports], true, `permissions for ${name}, which is not supported`);
      }
      const writes =
        connector.supports.setSecret === true || connector.supports.dualSecret === true || connector.supports.storeConsumer === true;
      if (writes) assert.ok(connector.derivatives.length > 0, 'a connector that changes secrets says what outlives the change');
    },
  },
  {
    name: 'a config error names the field',
    run({ connector, badConfig }) {
      assert.throws(
        () => connector.config.parse(badConfig.config),
        (error: Error) => error.message.includes(badConfig.field),
        `the message must hold "${badConfig.field}"`,
      );
    },
  },
];

export const declarationRows: readonly Row[] = [
  {
    name: 'an open connection has exactly the declared capabilities',
    requires: [],
    situation: 'plain',
    async run({ rig, connector }) {
      const present = capabilities.filter((name) => rig.connection[name] !== undefined);
      const declared = capabilities.filter((name) => connector.supports[name] === true);
      assert.deepEqual(present, declared);
    },
  },
];
