// Playbooks and triggers as the doors see them.
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { Caller } from '../access/caller.ts';
import type { ItemState } from '../domain/item.ts';
import type { Mode, RunState } from '../domain/run.ts';
import type { ParameterName, Parameters } from '../domain/selector/bind.ts';
import type { PasskeyRequest } from './approval-services.ts';

export type PlaybookView = {
  readonly id: string;
  readonly where: string;
  readonly mode: Mode;
  readonly reason: string;
  readonly parameters: readonly ParameterName[];
  readonly cap: { readonly credentials: number; readonly systems: number; readonly tier0: number };
  readonly cooldownSeconds: number;
  readonly hash: string;
  /** The exact text to sign. */
  readonly message: string;
  readonly preApproved: {
    readonly by: readonly string[];
    readonly until: string;
    readonly needed: number;
    readonly given: readonly { readonly name: string; readonly method: string; readonly at: string }[];
    readonly inForce: boolean;
    /** Who may still sign it. */
    readonly may: readonly string[];
    /** Whether the caller's own signature would count. */
    readonly canGive: boolean;
  } | null;
};
export type FiringView = {
  readonly id: string;
  readonly playbook: string;
  readonly incident: string;
  readonly firedBy: string;
  readonly at: string;
  readonly plan: string | null;
  readonly run: string | null;
  readonly state: RunState | 'evaluating' | 'over-cap' | 'waits-for-approval';
  /** Why no run was started. */
  readonly why: string | null;
  readonly proof: {
    readonly proved: number;
    readonly open: number;
    readonly residual: number;
    readonly excepted: number;
    readonly counts: Partial<Record<ItemState, number>>;
  } | null;
};

export interface PlaybookServices {
  playbooks(caller: Caller): Promise<readonly PlaybookView[]>;
  playbook(caller: Caller, id: string): Promise<PlaybookView>;
  approvePlaybook(caller: Caller, id: string, approval: { readonly approver: string; readonly signature: string }): Promise<PlaybookView>;
  /** Asks the caller's own passkeys; the challenge is bound to the playbook's hash. */
  askPlaybookPasskey(caller: Caller, id: string): Promise<PasskeyRequest>;
  approvePlaybookByPasskey(caller: Caller, id: string, response: AuthenticationResponseJSON): Promise<PlaybookView>;
}

export interface TriggerServices {
  /** Throws guardrail, naming the plan, when the playbook's cap is passed. */
  fire(
    caller: Caller,
    playbook: string,
    call: { parameters: Parameters; incident: string; reason: string; key: string },
  ): Promise<FiringView>;
  firing(caller: Caller, playbook: string, id: string): Promise<FiringView>;
}
