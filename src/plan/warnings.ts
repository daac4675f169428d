// What an approver should read twice, in whole sentences. Nothing here changes the plan.
import type { Mode } from '../domain/run.ts';
import type { PlanHeader } from './header.ts';
import { type JudgedSystem, supports } from './judge.ts';
import type { ServiceOrder } from './order-services.ts';
import type { Snapshot } from './port.ts';
import type { GroupInPlan } from './sync.ts';
import type { TurnedKey, Written } from './write-items.ts';

export type WarningFacts = {
  readonly mode: Mode;
  readonly systems: readonly JudgedSystem[];
  readonly touched: ReadonlySet<string>;
  readonly written: Written;
  readonly services: ServiceOrder;
  readonly joined: readonly string[];
};

const shown = 3;
const list = (all: readonly string[]): string =>
  all.length > shown ? `${all.slice(0, shown).join(', ')} and ${all.length - shown} more` : all.join(', ');
const number = (n: number, one: string, many: string): string => (n === 1 ? `1 ${one}` : `${n} ${many}`);

export async function planWarnings(snapshot: Snapshot, facts: WarningFacts): Promise<string[]> {
  const { written, services, joined, touched, mode } = facts;
  const { totals } = written;
  const warnings: string[] = [];
  if (totals.selected === 0) return ['Nothing matches: this plan changes nothing.'];
  if (totals.rotate === 0)
    warnings.push('Nothing will be rotated: every matching account is blocked, skipped, done by hand or only contained.');
  if (totals.byHand > 0)
    warnings.push(
      `${number(totals.byHand, 'task is', 'tasks are')} for people: Rekey changes nothing there, and the run does not read complete before each owner has signed.`,
    );
  if (totals.tier0 > 0) warnings.push(`Tier 0: ${number(totals.tier0, 'account', 'accounts')} of the control plane.`);
  if (written.operators.length > 0) warnings.push(`Resets accounts of people who plan or approve here: ${list(written.operators)}.`);
  for (const key of written.keys) warnings.push(keyWarning(key));
  for (const circle of services.circles.slice(0, shown)) {
    warnings.push(`A circle: ${await names(snapshot, circle)} work with each other's secrets; no order is right, so they share one wave.`);
  }
  if (services.circles.length > shown)
    warnings.push(`${services.circles.length - shown} more circles of accounts that work with each other's secrets.`);
  if (services.upward > 0) {
    const cases = number(services.upward, 'secret of a higher tier is', 'secrets of a higher tier are');
    warnings.push(`${cases} used by an account of a lower tier, which is rotated later: it receives the new value while its own is old.`);
  }
  if (joined.length > 0)
    warnings.push(
      `${number(joined.length, 'canary account joins', 'canary accounts join')} wave 0 although the selector does not name ${joined.length === 1 ? 'it' : 'them'}: ${list(joined)}.`,
    );
  const without = facts.systems.filter(({ spec }) => touched.has(spec.id) && spec.canary === undefined).map(({ spec }) => spec.id);
  if (without.length > 0 && totals.oldKnown < totals.rotate) {
    warnings.push(`No canary account on ${list(without)}: where the old secret is unknown, nothing shows that a reset closes the path.`);
  }
  const unblockable = facts.systems.filter((s) => touched.has(s.spec.id) && !supports(s, 'contain')).map(({ spec }) => spec.id);
  if (mode === 'contain' && unblockable.length > 0)
    warnings.push(`Accounts cannot be blocked during the reset on ${list(unblockable)}: the old secret works until the new one is set.`);
  return warnings;
}

/** What turning a key means for everybody who holds something that it sealed. */
function keyWarning({ label, resets, waitMs, mode }: TurnedKey): string {
  const until = `${label} is reset until a ticket from before is refused, at most ${resets} times`;
  if (mode === 'contain')
    return `${until}, each as soon as every writable replica holds the one before: every ticket of the domain dies with it, everybody and every service authenticates again, and services that cannot must be restarted.`;
  const minutes = Math.ceil(waitMs / 60_000);
  return `${until}, with ${minutes} minutes and the time replication took between two (up to ${minutes * (resets - 1)} minutes): until then tickets from before, also forged ones, work. Other waves do not wait, and a worker must be running when the time comes.`;
}

async function names(snapshot: Snapshot, keys: readonly number[]): Promise<string> {
  const rows = await snapshot.accounts(keys.slice(0, shown));
  const label = rows
    .map((row) => `${row.system}/${row.name}`)
    .sort()
    .join(', ');
  return keys.length > shown ? `${label} and ${keys.length - shown} more` : label;
}

/** What is said of people: who is not whole in this plan, and where the order of a group cannot be kept. */
export function peopleWarnings(people: PlanHeader['people'], groups: readonly GroupInPlan[], alone: number): string[] {
  const warnings: string[] = [];
  if (people.further > 0)
    warnings.push(
      `${number(people.further, 'person has', 'people have')} further accounts outside this plan: ${list(people.sample)}. Their old secrets go on working there.`,
    );
  for (const { name, systems, early } of groups)
    if (early.length > 0)
      warnings.push(
        `In sync group ${name}, ${list(early)} does not come after ${systems[0]?.system}: tiers decide, and the values differ until both are done.`,
      );
  if (alone > 0)
    warnings.push(
      `${number(alone, 'account', 'accounts')} of synchronised systems belong to no known person: each gets a value of its own.`,
    );
  return warnings;
}
