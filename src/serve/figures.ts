// Prometheus figures of this process and of the estate's work. Labels are our own words (states, route templates): no name and no address ever.
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { itemStates } from '../domain/item.ts';

/** What the store counts; see store/server-numbers.ts. */
export type Numbers = {
  readonly items: Readonly<Record<string, number>>;
  readonly lanes: Readonly<Record<string, number>>;
  readonly runs: Readonly<Record<string, number>>;
  readonly queued: Readonly<Record<string, number>>;
  readonly oldestBeat: number;
};
export type Figures = {
  /** Counts what this listener answers. */
  watch(api: FastifyInstance): void;
  read(): Promise<{ readonly type: string; readonly text: string }>;
};

/** A scrape comes every 15 s or so; several scrapers share one count of a large estate. */
const countedForMs = 5000;

export function figures(numbers: () => Promise<Numbers>): Figures {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const duration = new Histogram({
    name: 'rekey_http_request_duration_seconds',
    help: 'Time to answer, by route template',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [register],
  });
  const refused = new Counter({
    name: 'rekey_http_refused_total',
    help: 'Answers 401, 403 and 429',
    labelNames: ['status'] as const,
    registers: [register],
  });
  const estate = estateGauges(register);
  let counted: { at: number; done: Promise<void> } | undefined;
  return {
    watch: (api) => {
      api.addHook('onResponse', async (request, reply) => {
        const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
        const status = String(reply.statusCode);
        // Methods beyond these are an attacker's words.
        const method = ['GET', 'HEAD', 'POST'].includes(request.method) ? request.method : 'other';
        duration.observe({ method, route, status }, reply.elapsedTime / 1000);
        if (['401', '403', '429'].includes(status)) refused.inc({ status });
      });
    },
    read: async () => {
      if (counted === undefined || performance.now() - counted.at > countedForMs)
        counted = { at: performance.now(), done: estate(numbers) };
      await counted.done;
      return { type: register.contentType, text: await register.metrics() };
    },
  };
}

function estateGauges(register: Registry): (numbers: () => Promise<Numbers>) => Promise<void> {
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]): Gauge<Label> =>
    new Gauge({ name: `rekey_${name}`, help, labelNames, registers: [register] });
  const items = gauge('items', 'Credentials in runs that go on, and those in doubt or residual in any run, by state', 'state');
  const lanes = gauge('lanes', 'Lanes of runs that go on, by state: halted is a system whose breaker gave up', 'state');
  const runs = gauge('runs', 'Runs by state', 'state');
  const queued = gauge('jobs_queued', 'Jobs that wait or are in hand, by queue', 'queue');
  const beat = gauge('oldest_lane_beat_seconds', 'Age of the oldest heartbeat of a lane in hand: above 60 a worker hangs');
  const asked = gauge('store_count_seconds', 'How long the store took for these counts');
  const up = gauge('store_up', '1 when the store answered');
  return async (numbers) => {
    const started = performance.now();
    try {
      const now = await numbers();
      for (const each of [lanes, runs, queued]) each.reset();
      // Zero is said: an alert on a state that was never seen would otherwise have nothing to look at.
      for (const state of itemStates) items.set({ state }, now.items[state] ?? 0);
      for (const [state, n] of Object.entries(now.lanes)) lanes.set({ state }, n);
      for (const [state, n] of Object.entries(now.runs)) runs.set({ state }, n);
      for (const [queue, n] of Object.entries(now.queued)) queued.set({ queue }, n);
      beat.set(now.oldestBeat);
      asked.set((performance.now() - started) / 1000);
      up.set(1);
    } catch {
      up.set(0);
    }
  };
}
