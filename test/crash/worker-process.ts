// A worker as a process of its own, on the real job engine: works on whatever run is open until none is, and writes down each write it makes.
import { openSync, writeSync } from 'node:fs';
import { openAll, readSetup } from '../../bench/crash/setup.ts';
import { openBoss } from '../../src/engine/boss.ts';
import { runStore } from '../../src/store/runs.ts';
import { workerOf } from '../../src/wire/worker.ts';

const [file = ''] = process.argv.slice(2);
const setup = readSetup(file);
const ledger = openSync(setup.ledger, 'a');
const { store, escrow, connections } = await openAll(setup);
const runs = runStore(store);
const engine = await openBoss(store, (error) => process.stderr.write(`${error.message}\n`));
await engine.work(
  workerOf({
    store,
    runs,
    engine,
    connections: {
      open: async (system) => {
        const opened = await connections.open(system);
        const { setSecret } = opened.connection;
        if (setSecret === undefined) return opened;
        const set: typeof setSecret.set = async (account, secret) => {
          writeSync(ledger, `${JSON.stringify({ pid: process.pid, at: Date.now(), account: account.id })}\n`);
          return setSecret.set(account, secret);
        };
        return { ...opened, connection: { ...opened.connection, setSecret: { set } } };
      },
    },
    escrow,
    settings: { adoptionMs: 5000, patienceMs: 30_000 },
    now: () => new Date(),
  }),
);
for (const run of await runs.running()) await engine.sendAdvance(run);
process.stdout.write('ready\n');
while ((await runs.running()).length > 0) await new Promise((resolve) => setTimeout(resolve, 200));
// A worker that just came back from being frozen would act within this time, if it acted at all.
await new Promise((resolve) => setTimeout(resolve, 3000));
await engine.stop();
await connections.close();
await store.close();
process.exit(0);
