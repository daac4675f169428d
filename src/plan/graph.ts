// What a plan touches, small enough to look at: groups stand for many until somebody opens one, and no answer holds more than 300 nodes.
import { accountId, consumerId, groupId, storeId, systemId } from '../domain/graph-id.ts';
import type { GraphEdge, GraphNode, GraphView } from '../domain/graph-view.ts';
import type { Fold, GraphAccount, GraphConsumer, GraphGroup, GraphStore, GraphStoreCount } from './graph-port.ts';

/** More than this and a picture is a ball of wool; the same number bounds what a browser must lay out. */
export const mostNodes = 300;

export async function planGraph(store: GraphStore, plan: string, expand: readonly string[]): Promise<GraphView> {
  const groups = await store.groups(plan);
  const stores = await store.stores(plan);
  const systems = [...new Set(groups.map((g) => g.system))];
  const totals = { systems: systems.length, accounts: sum(groups), consumers: sum(stores) };
  const all = totals.systems + totals.accounts + totals.consumers <= mostNodes;
  const fold = foldOf(groups, stores);
  const folded = fold.perTier ? groups : perSystem(groups);
  const own = folded.filter((g) => fold.systems.includes(g.system));
  const opened = own.filter((g) => all || expand.includes(groupId(g, fold)));
  const openedStores = stores.filter((s) => fold.stores.includes(s.store) && (all || expand.includes(storeId(s.store))));
  const base = fold.systems.length + own.length + fold.stores.length + 2;
  const share = all ? mostNodes : Math.floor((mostNodes - base) / Math.max(1, opened.length + openedStores.length));
  const accounts: GraphAccount[] = [];
  for (const g of opened) accounts.push(...(await store.accounts(plan, g.system, fold.perTier ? g.tier : null, share)));
  const consumers: GraphConsumer[] = [];
  for (const s of openedStores) consumers.push(...(await store.consumers(plan, s.store, share)));
  const edges = await store.edges(plan, fold, accounts, consumers);
  const nodes = [
    ...systemNodes(folded, fold),
    ...groupNodes(folded, fold, accounts),
    ...accounts.map(accountNode),
    ...storeNodes(stores, fold, consumers),
    ...consumers.map(consumerNode),
  ];
  return { plan, collapsed: !all, totals, nodes, edges: [...belongs(folded, fold, accounts), ...edges] };
}

const sum = (counted: readonly { readonly count: number }[]): number => counted.reduce((n, c) => n + c.count, 0);

const furtherSystems = 'g:*';
const furtherStores = 'c:*';

function perSystem(groups: readonly GraphGroup[]): GraphGroup[] {
  const by = new Map<string, GraphGroup>();
  for (const g of groups) {
    const held = by.get(g.system);
    by.set(
      g.system,
      held === undefined
        ? g
        : { ...held, tier: Math.min(held.tier, g.tier), count: held.count + g.count, blocked: held.blocked + g.blocked },
    );
  }
  return [...by.values()];
}

/** A third of the room for what is closed, so that two thirds are left for what somebody opens. */
function foldOf(groups: readonly GraphGroup[], stores: readonly GraphStoreCount[]): Fold {
  const room = mostNodes / 3;
  const biggest = [...stores].sort((a, b) => b.count - a.count).slice(0, room / 4);
  const systems = [...perSystem(groups)].sort((a, b) => b.count - a.count);
  const perTier = systems.length + groups.length + biggest.length <= room;
  const most = perTier ? systems.length : Math.floor((room - biggest.length) / 2);
  return { perTier, systems: systems.slice(0, most).map((g) => g.system), stores: biggest.map((s) => s.store) };
}

function systemNodes(groups: readonly GraphGroup[], fold: Fold): GraphNode[] {
  return fold.systems.map((system) => {
    const of = groups.filter((g) => g.system === system);
    const open = of.reduce((n, g) => n + g.blocked, 0);
    return { id: systemId(system), kind: 'system', label: system, system, tier: null, count: sum(of), open, expandable: false };
  });
}

/** What is not shown one by one of each group; a group whose every account is shown has no node. */
function groupNodes(groups: readonly GraphGroup[], fold: Fold, shown: readonly GraphAccount[]): GraphNode[] {
  const nodes: GraphNode[] = [];
  let further = { count: 0, blocked: 0, systems: 0 };
  for (const g of groups) {
    if (!fold.systems.includes(g.system)) {
      further = { count: further.count + g.count, blocked: further.blocked + g.blocked, systems: further.systems + 1 };
      continue;
    }
    const here = shown.filter((a) => a.system === g.system && (!fold.perTier || a.tier === g.tier));
    const count = g.count - here.length;
    if (count <= 0) continue;
    const open = Math.max(0, g.blocked - here.filter((a) => a.blocked).length);
    const label = here.length > 0 ? `${count} more` : fold.perTier ? `tier ${g.tier}` : 'all tiers';
    nodes.push({
      id: groupId(g, fold),
      kind: 'accounts',
      label,
      system: g.system,
      tier: fold.perTier ? g.tier : null,
      count,
      open,
      expandable: here.length === 0,
    });
  }
  if (further.count > 0) {
    const label = `${further.systems} further systems`;
    nodes.push({
      id: furtherSystems,
      kind: 'more',
      label,
      system: null,
      tier: null,
      count: further.count,
      open: further.blocked,
      expandable: false,
    });
  }
  return nodes;
}

function storeNodes(stores: readonly GraphStoreCount[], fold: Fold, shown: readonly GraphConsumer[]): GraphNode[] {
  const nodes: GraphNode[] = [];
  const further = { count: 0, unknown: 0, stores: 0 };
  for (const s of stores) {
    if (!fold.stores.includes(s.store)) {
      further.count += s.count;
      further.unknown += s.unknown;
      further.stores += 1;
      continue;
    }
    const here = shown.filter((c) => c.store === s.store);
    const count = s.count - here.length;
    if (count <= 0) continue;
    const open = Math.max(0, s.unknown - here.filter((c) => c.unknown).length);
    const label = here.length > 0 ? `${count} more in ${s.store}` : s.store;
    nodes.push({ id: storeId(s.store), kind: 'consumers', label, system: null, tier: null, count, open, expandable: here.length === 0 });
  }
  if (further.count > 0) {
    const label = `${further.stores} further stores`;
    nodes.push({
      id: furtherStores,
      kind: 'more',
      label,
      system: null,
      tier: null,
      count: further.count,
      open: further.unknown,
      expandable: false,
    });
  }
  return nodes;
}

function accountNode(a: GraphAccount): GraphNode {
  return {
    id: accountId(a),
    kind: 'account',
    label: a.name,
    system: a.system,
    tier: a.tier,
    count: 1,
    open: a.blocked ? 1 : 0,
    expandable: false,
  };
}

function consumerNode(c: GraphConsumer): GraphNode {
  const open = c.unknown ? 1 : 0;
  return { id: consumerId(c), kind: 'consumer', label: c.consumer, system: null, tier: null, count: 1, open, expandable: false };
}

/** System → its groups and its shown accounts. */
function belongs(groups: readonly GraphGroup[], fold: Fold, shown: readonly GraphAccount[]): GraphEdge[] {
  const edges: GraphEdge[] = shown.map((a) => ({ from: systemId(a.system), to: accountId(a), count: 1 }));
  for (const node of groupNodes(groups, fold, shown))
    if (node.system !== null) edges.push({ from: systemId(node.system), to: node.id, count: node.count });
  return edges;
}
