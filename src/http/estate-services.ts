// What the doors may tell of the estate file and of the server: no secret, and no place where one lives.

import type { Caller } from '../access/caller.ts';
import type { ApprovalRules } from '../estate/estate.ts';

export type EstateFacts = {
  readonly name: string;
  /** The file to change; nothing of it is changed through the API. */
  readonly file: string;
  readonly store: { readonly kind: 'embedded' | 'postgresql'; readonly where: string };
  readonly keyring: 'file' | 'env';
  /** The verifier key line that readers of evidence pin. */
  readonly logKey: string;
  readonly approvals: ApprovalRules;
  readonly approvers: readonly { readonly name: string; readonly fingerprint: string }[];
  readonly systems: readonly {
    readonly id: string;
    readonly connector: string;
    readonly tier: number;
    readonly owner: string | null;
    readonly concurrency: number | null;
    readonly perSecond: number | null;
    readonly canary: string | null;
    readonly paths: readonly { readonly id: string; readonly probe: string }[];
  }[];
  readonly sync: readonly { readonly name: string; readonly systems: readonly string[] }[];
};

export interface EstateServices {
  estateFacts(caller: Caller): Promise<EstateFacts>;
}
