// One run of N items in a process of its own; says its peak memory. The store is a PostgreSQL beside it, so that only Rekey is counted.
import { drain, seed } from '../overhead/campaign.ts';
import { openBench } from '../overhead/stores.ts';

const [url = '', keys = '', items = '0'] = process.argv.slice(2);
const { store, seal } = await openBench({ where: { url }, keys });
// One small run first: code is compiled and statements are prepared at every size alike.
await drain(store, seal, await seed(store, seal, 1000));
await drain(store, seal, await seed(store, seal, Number(items)));
await store.close();
process.stdout.write(`${JSON.stringify({ items: Number(items), rssMiB: Math.round(process.resourceUsage().maxRSS / 1024) })}\n`);
process.exit(0);
