// What the doors need of delivery: people and workloads fetch what is theirs, and the record of it.
import type { Caller } from '../access/caller.ts';
import type { AccountClaimView } from '../deliver/account-claims.ts';
import type { ClaimView, RunClaims } from '../deliver/my-claims.ts';
import type { Revealed } from '../deliver/reveal.ts';
import type { WorkloadCredential, WorkloadProof, WorkloadRequest } from '../deliver/workload.ts';
import type { Paged } from '../domain/view.ts';

type Page = { readonly cursor?: string; readonly limit: number };
export type HandoverRequest = { readonly run: string; readonly where?: string; readonly recipients: readonly string[] };

export interface DeliveryServices {
  readonly delivery: { readonly reRevealMs: number; readonly help?: string };
  /** What waits for the caller. */
  myClaims(caller: Caller, page: Page): Promise<Paged<ClaimView>>;
  myClaim(caller: Caller, system: string, account: string): Promise<ClaimView | undefined>;
  /** `version`: only this one; a newer one is a conflict. */
  reveal(caller: Caller, system: string, account: string, version?: number): Promise<Revealed>;
  /** The caller says that it is saved. True when it was shown before. */
  keep(caller: Caller, system: string, account: string): Promise<boolean>;
  runClaims(caller: Caller, run: string, page: Page): Promise<RunClaims>;
  /** Who may fetch the present value of an account, and whether they did. */
  accountClaims(caller: Caller, system: string, account: string): Promise<readonly AccountClaimView[]>;
  /** A wait that ended with nothing shown begins anew. */
  reopenClaim(
    caller: Caller,
    system: string,
    account: string,
    request: { readonly person: string; readonly reason: string },
  ): Promise<AccountClaimView>;
  workloadCredential(proof: WorkloadProof, request: WorkloadRequest): Promise<WorkloadCredential>;
  /** Throws approval-missing, naming the hand-over's id, until it has its approvals. */
  handover(caller: Caller, request: HandoverRequest): Promise<{ readonly id: string; readonly age: AsyncIterable<Uint8Array> }>;
}
