// People of a twin, whose state is kept in a file from one worker to the next.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { twinOracle } from '../../../src/connectors/twin/oracle.ts';
import { initialSecret } from '../../../src/connectors/twin/seeded.ts';
import { twin } from '../../../src/connectors/twin/twin.ts';
import type { Found } from '../../../src/kit/kit.ts';
import { io } from '../io.ts';
import type { CrashTarget, Reach } from '../target.ts';

export async function start(accounts: number): Promise<CrashTarget> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-crash-twin-'));
  const file = join(dir, 'twin.log');
  const config = {
    seed: 'crash',
    accounts: { people: accounts, services: 0, unowned: 0, shared: 0, disabled: 0, privileged: 0 },
    state: { file },
  };
  // A twin's accounts and first values follow from its name: here it is one twin, under whatever name a system has.
  const open = (reach: Reach) => twin.open(twin.config.parse(config), io({ ...reach, system: 'twin' }));
  const found = await peopleOf(await open({ system: 'twin', timeoutMs: 1000, signal: new AbortController().signal }));
  return {
    accounts: found.map(({ id, name, locator }) => ({
      ref: { id, name, ...(locator === undefined ? {} : { locator }) },
      old: initialSecret('crash', 'twin', id),
    })),
    open,
    accepts: ({ ref }, text) => {
      const oracle = twinOracle('twin', config, file);
      try {
        return oracle.accepts(ref.id, text);
      } finally {
        oracle.close();
      }
    },
    stop: async () => rmSync(dir, { recursive: true, force: true }),
  };
}

async function peopleOf(connection: Awaited<ReturnType<typeof twin.open>>): Promise<readonly Found[]> {
  await using on = connection;
  const page = await on.inventory.page({ limit: 1000 });
  if (page.kind !== 'done') throw new Error(page.fault.message);
  return page.value.items;
}
