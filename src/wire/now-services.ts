// The first screen, wired: the run under way and the estate around it, in sums of the store. Many consoles looking at once cost one reading.
import { type Caller, ownOnly } from '../access/caller.ts';
import { normalId } from '../domain/id.ts';
import { isUnrevoked } from '../domain/item.ts';
import type { NowRunView, NowView, TimelineView } from '../domain/now-view.ts';
import { Problem } from '../domain/problem.ts';
import { isEnded } from '../domain/run.ts';
import { tell } from '../domain/told.ts';
import type { NowServices } from '../http/now-services.ts';
import {
  deliveryOf,
  estateNow,
  exposureOf,
  itemTally,
  lanesNow,
  latestRuns,
  peopleOf,
  type RunHead,
  residualRows,
  runHead,
  waveRows,
} from '../store/now.ts';
import { consumerSums, failedConsumers, itemLog, tasksByHand, toldOf, unsignedPlans } from '../store/now-needs.ts';
import { itemPage } from '../store/run-views.ts';
import { ownerNeeds, planNeeds, runNeeds } from './now-needs.ts';
import type { Parts } from './parts.ts';
import { oldSecrets, sum, systemSums, waveSums } from './run-sums.ts';

/** Events reach consoles every other second; what is younger than this is the same picture. */
const sameFor = 900;
/** Longer histories are read in the bundle. */
const longestLog = 500;
const shownOnNow = 6;

export function nowServices(parts: Parts): NowServices {
  const { store } = parts;
  const pictures = new Map<string, { readonly at: number; readonly picture: Promise<Picture> }>();
  const pictureOf = (own: string | null): Promise<Picture> => {
    const key = own ?? '*';
    const known = pictures.get(key);
    if (known !== undefined && performance.now() - known.at < sameFor) return known.picture;
    for (const [old, { at }] of pictures) if (performance.now() - at >= sameFor) pictures.delete(old);
    const picture = takePicture(parts, own);
    pictures.set(key, { at: performance.now(), picture });
    picture.catch(() => pictures.delete(key));
    return picture;
  };
  const headOf = async (caller: Caller, typed: string): Promise<RunHead> => {
    const id = normalId(typed);
    const head = await runHead(store, id, ownOnly(caller, 'run.read'));
    if (head === undefined) throw new Problem('not-found', { message: `there is no run ${id}`, hint: 'rekey run ls' });
    return head;
  };
  const itemOf = async (caller: Caller, typed: string, system: string, account: string) => {
    const head = await headOf(caller, typed);
    const own = ownOnly(caller, 'run.read');
    const { items } = await itemPage(store, head.id, { limit: 1, system, account, ...(own === null ? {} : { own }) });
    const [item] = items;
    if (item === undefined)
      throw new Problem('not-found', {
        message: `run ${head.id} does not touch ${system}/${account}`.slice(0, 300),
        hint: `rekey run items ${head.id}`,
      });
    return { head, item };
  };
  return {
    now: async (caller) => {
      const { view, ...rows } = await pictureOf(ownOnly(caller, 'run.read'));
      const run = view.run?.id;
      const owners =
        run === undefined ? [] : [...ownerNeeds(caller, run, 'by-hand', rows.byHand), ...ownerNeeds(caller, run, 'consumer', rows.failed)];
      const plans = ownOnly(caller, 'run.read') === null ? planNeeds(caller, rows.plans, parts.estate.approvals) : [];
      return { ...view, needs: [...view.needs, ...plans, ...owners].sort((a, b) => Number(b.mine) - Number(a.mine)) };
    },
    runSystems: async (caller, run) => {
      const { key } = await headOf(caller, run);
      return systemSums(await itemTally(store, key, ownOnly(caller, 'run.read')), await lanesNow(store, key));
    },
    runTimeline: async (caller, run, limit) => {
      const { id } = await headOf(caller, run);
      return toldTo(ownOnly(caller, 'run.read'), await toldOf(store, id, limit));
    },
    item: async (caller, run, system, account) => (await itemOf(caller, run, system, account)).item,
    itemLog: async (caller, run, system, account) => {
      const { head, item } = await itemOf(caller, run, system, account);
      return (await itemLog(store, head.id, `${item.system}/${item.id}`, longestLog)).map(tell);
    },
  };
}

type Picture = {
  readonly view: NowView;
  readonly plans: Awaited<ReturnType<typeof unsignedPlans>>;
  readonly byHand: Awaited<ReturnType<typeof tasksByHand>>;
  readonly failed: Awaited<ReturnType<typeof failedConsumers>>;
};

const noSums = { total: 0, old: {}, tier0: null, sessions: null, waves: [], systems: [], needs: [], timeline: [] } as const;

async function takePicture(parts: Parts, own: string | null): Promise<Picture> {
  const { store } = parts;
  const [[head, ...others], estate, plans] = await Promise.all([latestRuns(store, own), estateNow(store, own), unsignedPlans(store)]);
  const at = parts.now().toISOString();
  if (head === undefined) {
    const empty = {
      consumers: { total: 0, adopted: 0, failed: 0 },
      people: { total: 0, done: 0, open: 0 },
      delivery: { people: 0, fetched: 0 },
    };
    return {
      view: { at, estate, run: null, active: [], ...noSums, ...empty, exposure: { firstDenied: null, p50: null, p95: null } },
      plans,
      byHand: [],
      failed: [],
    };
  }
  const [tally, waves, lanes, residual, exposure, people, delivery, byHand, failed, consumers, told] = await Promise.all([
    itemTally(store, head.key, own),
    waveRows(store, head.key),
    lanesNow(store, head.key),
    residualRows(store, head.key, own),
    exposureOf(store, head, own),
    peopleOf(store, head.key, own),
    deliveryOf(store, head.key, own),
    tasksByHand(store, head.key, own),
    failedConsumers(store, head.key, own),
    consumerSums(store, head.key, own),
    toldOf(store, head.id, shownOnNow),
  ]);
  const systems = systemSums(tally, lanes);
  const waveViews = waveSums(waves, tally);
  const first = tally.filter((row) => row.tier === 0 && row.state !== 'excluded');
  const view: NowView = {
    at,
    estate,
    run: headView(head),
    active: [head, ...others].filter(({ state }) => !isEnded(state)).map(headView),
    total: sum(tally, (row) => row.state !== 'excluded'),
    old: oldSecrets(tally),
    tier0: { total: sum(first), open: sum(first, (row) => row.state !== 'complete' && row.state !== 'proved') },
    sessions: {
      notEnded: sum(tally, (row) => isUnrevoked(row.state)),
      residual: residual.count,
      until: residual.until?.toISOString() ?? null,
      why: residual.why,
      cannotEnd: systems.map(({ system }) => system).filter((system) => !endsSessions(parts, system)),
    },
    waves: waveViews,
    systems,
    needs: runNeeds(head, tally, waveViews, systems),
    consumers,
    people,
    delivery,
    exposure: { firstDenied: exposure.first, p50: exposure.p50, p95: exposure.p95 },
    timeline: toldTo(own, told),
  };
  return { view, plans, byHand, failed };
}

/** Exceptions, signatures and hand-overs name accounts that may be somebody else's: who sees only their own hears of run and waves. */
function toldTo(own: string | null, entries: readonly { readonly [field: string]: unknown }[]): TimelineView[] {
  return entries.map(tell).filter(({ kind }) => own === null || kind === 'run' || kind === 'wave');
}

function headView({ key: _key, startedAt, endedAt, ...rest }: RunHead): NowRunView {
  return { ...rest, startedAt: startedAt.toISOString(), endedAt: endedAt?.toISOString() ?? null };
}

function endsSessions({ estate, connectors }: Parts, system: string): boolean {
  const spec = estate.systems.find((each) => each.id === system);
  return spec !== undefined && connectors.get(spec.connector)?.supports.sessions === true;
}
