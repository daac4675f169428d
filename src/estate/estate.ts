// The estate file as the rest of the house sees it: parsed, defaulted, checked. It never holds a secret, only where one lives.

import type { Tier } from '../domain/account.ts';
import type { SecretRef } from '../kit/secret.ts';
import type { DeliveryRules, WorkloadSpec } from './delivery.ts';
import type { NotifySpec } from './notify-spec.ts';
import type { PlaybookSpec } from './playbook-spec.ts';
import type { SignInSpec } from './sign-in.ts';

export type Approver = { readonly name: string; readonly key: string };

/** `count` approvals for any plan, `tier0` when it touches tier 0, `handover` for a hand-over file; `self`: may the plan's author approve. */
export type ApprovalRules = {
  readonly count: number;
  readonly tier0: number;
  readonly handover: number;
  readonly self: boolean;
  /** False: SSH keys of the estate file only. Left out: members' passkeys count, too. */
  readonly passkeys?: boolean;
};

export type PasswordRules = {
  readonly length?: number;
  readonly classes?: readonly ('lower' | 'upper' | 'digit' | 'symbol')[];
  readonly exclude?: string;
};

export type AccessPath = { readonly id: string; readonly probe: string; readonly config: unknown };

export type SystemSpec = {
  readonly id: string;
  readonly connector: string;
  readonly tier: Tier;
  readonly owner?: string;
  /** Parsed by the connector's own `config`. */
  readonly config: unknown;
  readonly limits: { readonly concurrency?: number; readonly perSecond?: number; readonly timeoutMs?: number };
  readonly password: PasswordRules;
  /** `secret`: its present value, where known; otherwise the canary is reset twice. */
  readonly canary?: { readonly account: string; readonly secret?: SecretRef };
  readonly paths: readonly AccessPath[];
  /** sha256 over the canonical block: part of every plan's drift check. */
  readonly specHash: string;
};

/** What an account may say of whose it is, strongest first: facts of the target, its login, or the identity that owners.csv gives. */
export const personAttributes = ['employeeId', 'identity', 'mail', 'upn', 'login'] as const;
export type PersonAttribute = (typeof personAttributes)[number];

/** `systems` left out: every system. */
export type PeopleRules = { readonly match: readonly PersonAttribute[]; readonly systems?: readonly string[] };

/** Systems whose accounts of one person get the same value. The first is the one the others authenticate against. */
export type SyncGroup = { readonly name: string; readonly systems: readonly string[] };

export type KeyringSpec = { readonly provider: 'file'; readonly path: string } | { readonly provider: 'env'; readonly variable: string };

export type Estate = {
  readonly name: string;
  /** Folder of the estate file: relative paths start here. */
  readonly folder: string;
  readonly file: string;
  readonly store: { readonly url: string } | { readonly dataDir: string };
  readonly keyring: KeyringSpec;
  readonly approvals: ApprovalRules;
  readonly approvers: readonly Approver[];
  readonly systems: readonly SystemSpec[];
  /** How accounts of one person are told; left out: only what `import people` declares. */
  readonly people?: PeopleRules;
  readonly sync?: readonly SyncGroup[];
  readonly delivery: DeliveryRules;
  readonly workloads: readonly WorkloadSpec[];
  /** Left out: nobody is told anything. */
  readonly notify?: NotifySpec;
  readonly playbooks?: readonly PlaybookSpec[];
  readonly signIn?: SignInSpec;
};
