// What the doors (HTTP, CLI) need of the house. app.ts gives each its implementation; every method may throw a Problem.

import type { Caller } from '../access/caller.ts';
import type { Mode } from '../domain/run.ts';
import type { AccountView, CheckView, ImportReport, ItemView, Paged, PersonView, PlanItemView, PlanView, RunView } from '../domain/view.ts';
import type { AccountServices, AccountSort } from './account-services.ts';
import type { ApprovalServices } from './approval-services.ts';
import type { DeliveryServices } from './delivery-services.ts';
import type { EstateServices } from './estate-services.ts';
import type { EventServices } from './event-services.ts';
import type { NoticeServices } from './notice-services.ts';
import type { NowServices } from './now-services.ts';
import type { GraphServices, SystemServices } from './system-services.ts';
import type { PlaybookServices, TriggerServices } from './trigger-services.ts';

export type { Caller } from '../access/caller.ts';

export type DiscoverStep = {
  readonly system: string;
  readonly found: number;
  readonly gone: number;
  readonly done: boolean;
  readonly problem?: string;
};

export type PlanRequest = {
  readonly where: string;
  readonly reason: string;
  readonly incident?: string;
  readonly mode?: Mode;
  readonly name?: string;
  readonly rollback?: boolean;
  readonly expiresInHours?: number;
};
export type Page = { readonly cursor?: string; readonly limit: number };
export type BundleFile = { readonly name: string; readonly content: AsyncIterable<Uint8Array> };

export interface Services
  extends ApprovalServices,
    EstateServices,
    EventServices,
    AccountServices,
    SystemServices,
    GraphServices,
    DeliveryServices,
    NoticeServices,
    NowServices,
    PlaybookServices,
    TriggerServices {
  readonly estateName: string;
  /** True for the demo's fictitious estate: every output says so. */
  readonly demo: boolean;
  doctor(caller: Caller, system?: string): AsyncIterable<CheckView>;
  discover(caller: Caller, system?: string): AsyncIterable<DiscoverStep>;
  import(
    caller: Caller,
    kind: 'owners' | 'consumers' | 'exposed' | 'people',
    csv: AsyncIterable<Uint8Array>,
    options: { partial: boolean; file: string },
  ): Promise<ImportReport>;
  accounts(caller: Caller, query: Page & { where: string; sort?: AccountSort }): Promise<Paged<AccountView>>;
  account(caller: Caller, system: string, account: string): Promise<AccountView>;
  createPlan(caller: Caller, request: PlanRequest): Promise<PlanView>;
  plans(caller: Caller, page: Page): Promise<Paged<PlanView>>;
  plan(caller: Caller, id: string): Promise<PlanView>;
  planItems(caller: Caller, id: string, page: Page & { wave?: number; action?: PlanItemView['action'] }): Promise<Paged<PlanItemView>>;
  startRun(caller: Caller, plan: string, confirm?: string): Promise<RunView>;
  runs(caller: Caller, page: Page): Promise<Paged<RunView>>;
  run(caller: Caller, id: string): Promise<RunView>;
  items(
    caller: Caller,
    run: string,
    query: Page & { state?: string; wave?: number; system?: string; text?: string; error?: string },
  ): Promise<Paged<ItemView>>;
  people(caller: Caller, run: string, query: Page & { person?: string }): Promise<Paged<PersonView>>;
  pause(caller: Caller, run: string, reason: string): Promise<RunView>;
  resume(caller: Caller, run: string): Promise<RunView>;
  abort(caller: Caller, run: string, reason: string): Promise<RunView>;
  retry(caller: Caller, run: string, states: readonly string[]): Promise<RunView>;
  except(
    caller: Caller,
    run: string,
    request: { account: string; path?: string; owner: string; reason: string; expiresAt: string },
  ): Promise<RunView>;
  /** An owner says that a task by hand is done. */
  signOff(caller: Caller, run: string, request: { account: string; by: string; reason: string }): Promise<RunView>;
  /** Re-proves what can be, signs a checkpoint. */
  prove(caller: Caller, run: string): Promise<{ readonly run: RunView; readonly size: number; readonly files: readonly string[] }>;
  bundle(caller: Caller, run: string, file: string): Promise<BundleFile>;
  /** All files of the bundle in one archive (ustar). */
  bundleArchive(caller: Caller, run: string): Promise<BundleFile>;
  /** Re-wraps every data key under the current (or a new) key of the keyring; then takes an old key away. */
  changeKeyring(
    caller: Caller,
    change: { readonly turn: boolean; readonly remove?: string },
  ): Promise<{ readonly current: string; readonly keys: readonly string[]; readonly rewrapped: number }>;
}
