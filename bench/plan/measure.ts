// The measured half, in a process of its own: makes one plan over everything and says how long it took and how large the process became.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { SystemSpec } from '../../src/estate/estate.ts';
import { createPlan } from '../../src/plan/create-plan.ts';
import type { ConnectorFacts } from '../../src/plan/judge.ts';
import { uniteSystems } from '../../src/seal/unite-systems.ts';
import { planStore } from '../../src/store/plans.ts';
import { poolStore } from '../../src/store/pool-store.ts';
import { systems } from './population.ts';

const pool = new pg.Pool({ connectionString: process.env.REKEY_BENCH_URL, max: 1 });
// The embedded backend outlives a connection and would keep the last child's prepared statements.
await pool.query('discard all');
const store = poolStore({ kind: 'postgres', flushes: 1, pool, close: () => pool.end() });
const yes = { setSecret: true, probe: true, sessions: true, contain: true } as unknown as ConnectorFacts['supports']; // planning asks for these
const connector: ConnectorFacts = {
  id: 'bench',
  role: 'system',
  supports: yes,
  derivatives: [],
  pace: { perSecond: 500, concurrency: 32, setMs: 10, probeMs: 5 },
};
const spec = (id: string): SystemSpec => ({
  id,
  connector: 'bench',
  tier: 2,
  config: {},
  limits: {},
  password: {},
  paths: [],
  specHash: 'spec',
});

const cpuBefore = process.cpuUsage();
const began = performance.now();
const plan = await createPlan(
  {
    estate: { name: 'bench', approvers: [], systems: systems.map(spec) },
    connector: () => connector,
    path: () => undefined,
    plans: planStore(store),
    unite: uniteSystems,
    approvals: async () => ({ needed: 1, given: [], refused: [] }),
    random: (n) => randomBytes(n),
    now: () => new Date(),
  },
  { where: 'all', reason: 'bench' },
  'bench',
);
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
const cpuSeconds = (user + system) / 1e6;
// maxRSS is in KiB on Linux and on macOS alike: libuv converts.
const rssMiB = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(
  `${JSON.stringify({ seconds: Math.round(seconds * 100) / 100, cpuSeconds, rssMiB, waves: plan.waves.length, totals: plan.totals })}\n`,
);
await store.close();
