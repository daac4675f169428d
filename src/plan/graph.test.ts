import { expect, it } from 'vitest';
import { groupId } from '../domain/graph-id.ts';
import { mostNodes, planGraph } from './graph.ts';
import type { Fold, GraphAccount, GraphConsumer, GraphStore } from './graph-port.ts';

type Row = {
  system: string;
  tier: number;
  blocked?: boolean;
  consumers?: readonly { consumer: string; store: string; unknown?: boolean }[];
};

/** The same answers as the store gives, counted in memory. */
function counted(rows: readonly Row[]): GraphStore {
  const accounts: GraphAccount[] = rows.map((r, n) => ({
    key: String(n),
    name: `account-${n}`,
    system: r.system,
    tier: r.tier,
    blocked: r.blocked === true,
  }));
  const uses = rows.flatMap((r, n) => (r.consumers ?? []).map((c) => ({ account: accounts[n]!, ...c })));
  return {
    groups: async () => {
      const by = new Map<string, { system: string; tier: number; count: number; blocked: number }>();
      for (const a of accounts) {
        const held = by.get(`${a.system}/${a.tier}`) ?? { system: a.system, tier: a.tier, count: 0, blocked: 0 };
        by.set(`${a.system}/${a.tier}`, { ...held, count: held.count + 1, blocked: held.blocked + (a.blocked ? 1 : 0) });
      }
      return [...by.values()];
    },
    stores: async () => {
      const names = [...new Set(uses.map((u) => u.store))];
      return names.map((store) => {
        const of = uses.filter((u) => u.store === store);
        const distinct = (which: typeof of): number => new Set(which.map((u) => u.consumer)).size;
        return { store, count: distinct(of), unknown: distinct(of.filter((u) => u.unknown === true)) };
      });
    },
    accounts: async (_plan, system, tier, limit) =>
      accounts.filter((a) => a.system === system && (tier === null || a.tier === tier)).slice(0, limit),
    consumers: async (_plan, store, limit) => {
      const of = new Map<string, GraphConsumer>();
      for (const u of uses) if (u.store === store) of.set(u.consumer, { consumer: u.consumer, store, unknown: u.unknown === true });
      return [...of.values()].slice(0, limit);
    },
    edges: async (_plan, fold: Fold, shown, consumers) => {
      const by = new Map<string, { from: string; to: string; count: number }>();
      for (const { account, consumer, store } of uses) {
        const from = shown.some((a) => a.key === account.key)
          ? `a:${account.key}`
          : fold.systems.includes(account.system)
            ? groupId(account, fold)
            : 'g:*';
        const to = !fold.stores.includes(store)
          ? 'c:*'
          : consumers.some((c) => c.consumer === consumer && c.store === store)
            ? `u:${store}:${consumer}`
            : `c:${store}`;
        const held = by.get(`${from} ${to}`);
        by.set(`${from} ${to}`, { from, to, count: (held?.count ?? 0) + 1 });
      }
      return [...by.values()];
    },
  };
}

const many = (n: number, systems: number, tiers = 4): Row[] =>
  Array.from({ length: n }, (_, i) => ({
    system: `system-${i % systems}`,
    tier: i % tiers,
    blocked: i % 50 === 0,
    consumers: [{ consumer: `app-${i % 700}`, store: `vault-${i % 5}`, unknown: i % 30 === 0 }],
  }));

it('a small plan is shown whole, and every edge ends at nodes that are shown', async () => {
  const graph = await planGraph(counted(many(60, 3)), 'P-1', []);
  expect(graph.collapsed).toBe(false);
  expect(graph.nodes.filter((n) => n.kind === 'account')).toHaveLength(60);
  expect(graph.nodes.filter((n) => n.kind === 'accounts' || n.kind === 'consumers')).toEqual([]);
  joined(graph);
});

it.each([
  ['a hundred thousand accounts in ten systems', many(5000, 10), ['g:system-0:0', 'c:vault-1']],
  ['a thousand systems', many(4000, 1000), ['g:system-1:*']],
  [
    'one system with everything',
    many(3000, 1),
    ['g:system-0:0', 'g:system-0:1', 'g:system-0:2', 'g:system-0:3', 'c:vault-0', 'c:vault-1', 'c:vault-2', 'c:vault-3', 'c:vault-4'],
  ],
] as const)('%s are never more than 300 nodes, opened or closed, and nothing is left out of the sums', async (_what, rows, expand) => {
  for (const opened of [[], [...expand]]) {
    const graph = await planGraph(counted(rows), 'P-1', opened);
    expect(graph.collapsed).toBe(true);
    expect(graph.nodes.length).toBeLessThanOrEqual(mostNodes);
    const credentials = graph.nodes.filter((n) => ['accounts', 'account'].includes(n.kind) || n.id === 'g:*');
    expect(credentials.reduce((n, node) => n + node.count, 0)).toBe(rows.length);
    joined(graph);
  }
});

it('a group opens into its accounts, and says how many it could not show', async () => {
  const graph = await planGraph(counted(many(3000, 1)), 'P-1', ['g:system-0:0']);
  const shown = graph.nodes.filter((n) => n.kind === 'account');
  const rest = graph.nodes.find((n) => n.id === 'g:system-0:0');
  expect(shown.length).toBeGreaterThan(100);
  expect(rest).toMatchObject({ count: 750 - shown.length, expandable: false });
});

function joined(graph: Awaited<ReturnType<typeof planGraph>>): void {
  const ids = new Set(graph.nodes.map((n) => n.id));
  expect(ids.size).toBe(graph.nodes.length);
  for (const edge of graph.edges) expect([ids.has(edge.from), ids.has(edge.to)], `${edge.from} → ${edge.to}`).toEqual([true, true]);
}
