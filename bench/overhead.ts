// What Rekey costs beside its SQL: items per second through every state, sealed, committed and logged, divided by a bare loop of the same batched writes.
import { bareLoop } from './overhead/bare-loop.ts';
import { drain, seed } from './overhead/campaign.ts';
import { openBench, pgliteFolder, postgresServer } from './overhead/stores.ts';

const items = Number(process.env.ITEMS ?? 10_000);
const rounds = 3;
const ratio: Record<string, number> = {};
const perSecond: Record<string, number> = {};

for (const make of [pgliteFolder, postgresServer]) {
  const bench = await make();
  const { store, seal } = await openBench(bench);
  // One unmeasured round each: statements are prepared, code is compiled, the buffers are warm.
  await drain(store, seal, await seed(store, seal, 2000));
  await bareLoop(store, await seed(store, seal, 2000));
  const own: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    own.push(await timed(await seed(store, seal, items), (seeded) => drain(store, seal, seeded)));
    bare.push(await timed(await seed(store, seal, items), (seeded) => bareLoop(store, seeded)));
    print({ bench: 'overhead', store: bench.kind, round, own: own.at(-1), bare: bare.at(-1) });
  }
  perSecond[bench.kind] = Math.round(median(own));
  ratio[bench.kind] = Math.round((median(own) / median(bare)) * 100) / 100;
  await store.close();
  await bench.close();
}
print({ bench: 'overhead', ratio, perSecond });
process.exit(0);

async function timed<T>(seeded: T & { items: number }, work: (seeded: T & { items: number }) => Promise<void>): Promise<number> {
  const began = performance.now();
  await work(seeded);
  return Math.round(seeded.items / ((performance.now() - began) / 1000));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
