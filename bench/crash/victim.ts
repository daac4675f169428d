// One worker process that takes the open run on and is killed (kill -9, by itself, without unwinding) at the Nth durable boundary it reaches.
import { closeSync, openSync, writeSync } from 'node:fs';
import { runStore } from '../../src/store/runs.ts';
import type { Sql, Store } from '../../src/store/sql.ts';
import type { Connections, OpenSystem } from '../../src/wire/connections.ts';
import { workerOf } from '../../src/wire/worker.ts';
import { LocalEngine } from '../../test/harness/local-engine.ts';
import { openAll, readSetup } from './setup.ts';

const [file = '', killAt = '0'] = process.argv.slice(2);
const setup = readSetup(file);
const fatal = Number(killAt);
const ledger = openSync(setup.ledger, 'a');
let boundaries = 0;

/** Called on both sides of every statement and of every change to a target. */
function boundary(): void {
  boundaries++;
  if (boundaries === fatal) process.kill(process.pid, 'SIGKILL');
}

const { store, escrow, connections } = await openAll(setup);
const settled = new Set(
  (
    await store.query<{
      account: string;
    }>(`select a.system || '/' || a.id as account from item i join run r on r.key = i.run join account a on a.key = i.account
     where r.state = 'running' and i.state in ('applied', 'propagated', 'revoked', 'proved', 'complete')`)
  ).map((r) => r.account),
);
const watched = watchedStore(store);
const runs = runStore(watched);
const engine = new LocalEngine();
await engine.work(
  workerOf({
    store: watched,
    runs,
    engine,
    connections: watchedConnections(connections),
    escrow,
    settings: { adoptionMs: 5000, patienceMs: 60_000 },
    now: () => new Date(),
  }),
);
await runs.forgetHolders();
for (const run of await runs.running()) await engine.sendAdvance(run);
await engine.idle();
await engine.stop();
await connections.close();
await store.close();
closeSync(ledger);
process.stdout.write(`${JSON.stringify({ boundaries })}\n`);
process.exit(0);

function watchedStore(inner: Store): Store {
  const query: Sql['query'] = async (text, params) => {
    const writes = !/^\s*select/i.test(text);
    if (writes) boundary();
    const rows = await inner.query<never>(text, params);
    if (writes) boundary();
    return rows;
  };
  return {
    ...inner,
    query,
    transaction: (work) => inner.transaction((sql) => work(sql)),
    fresh: inner.fresh,
    executeSql: inner.executeSql.bind(inner),
    close: inner.close.bind(inner),
    kind: inner.kind,
    flushes: inner.flushes,
  };
}

function watchedConnections(inner: Connections): Pick<Connections, 'open'> {
  return {
    open: async (system): Promise<OpenSystem> => {
      const opened = await inner.open(system);
      const { setSecret, sessions } = opened.connection;
      if (setSecret === undefined) return opened;
      return {
        ...opened,
        connection: {
          ...opened.connection,
          setSecret: {
            set: async (account, secret) => {
              const name = `${account.system}/${account.id}`;
              boundary();
              writeSync(ledger, `${JSON.stringify({ account: name, rewrite: settled.has(name) })}\n`);
              const outcome = await setSecret.set(account, secret);
              if (outcome.kind === 'done') settled.add(name);
              boundary();
              return outcome;
            },
          },
          ...(sessions === undefined
            ? {}
            : {
                sessions: {
                  list: (account) => sessions.list(account),
                  end: async (account, before) => {
                    boundary();
                    const outcome = await sessions.end(account, before);
                    boundary();
                    return outcome;
                  },
                },
              }),
          [Symbol.asyncDispose]: () => opened.connection[Symbol.asyncDispose](),
        },
      };
    },
  };
}
