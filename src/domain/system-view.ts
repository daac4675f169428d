// A system as people see it: what it is, what Rekey may do there, what it demands, and what troubles it. No secret, only the kind of place one lives in.
import type { Kind } from './account.ts';
import type { LaneState } from './run.ts';
import type { CellVerdict, Level } from './verdict.ts';

/** Why work at a system does not go on, in a run that is not over. `since`: when this state and reason began. */
export type SystemTrouble = {
  readonly run: string;
  readonly wave: number;
  readonly state: LaneState;
  readonly reason: string | null;
  readonly since: string | null;
};
export type SystemView = {
  readonly system: string;
  readonly connector: string;
  readonly title: string;
  /** `removed`: it left the estate file; its accounts stay in the inventory. */
  readonly role: 'system' | 'store' | 'path' | 'removed';
  readonly tier: number;
  readonly owner: string | null;
  readonly accounts: { readonly count: number; readonly withoutOwner: number; readonly exposed: number; readonly privileged: number };
  /** null: never discovered. Without `endedAt` it is under way or was interrupted. */
  readonly discovery: { readonly startedAt: string; readonly endedAt: string | null; readonly found: number } | null;
  readonly trouble: SystemTrouble | null;
};
export type PolicyRow = {
  readonly rule: 'length' | 'classes' | 'exclude' | 'history' | 'min-age';
  readonly target: string | null;
  readonly estate: string | null;
  /** `conflict`: no value satisfies both. `stricter`: the estate file asks for more. `target-only`: the target asks, the estate file is silent. */
  readonly verdict: 'agrees' | 'stricter' | 'looser' | 'target-only' | 'estate-only' | 'conflict';
};
export type PathView = {
  readonly id: string;
  readonly probe: string;
  readonly own: boolean;
  readonly replicas: readonly {
    readonly replica: string;
    readonly verdict: CellVerdict;
    readonly level: Level;
    readonly code: string;
    readonly at: string;
  }[];
  /** As discovery counted them; null = not counted yet. */
  readonly counted: number | null;
};
export type SystemDetail = SystemView & {
  readonly limits: {
    readonly concurrency: number;
    readonly perSecond: number | null;
    readonly timeoutMs: number | null;
    readonly fromEstate: readonly string[];
  } | null;
  readonly secrets: readonly { readonly key: string; readonly from: 'environment' | 'file' | 'command' | 'vault' }[];
  readonly canary: { readonly account: string; readonly secretKnown: boolean; readonly found: boolean } | null;
  readonly policy: {
    readonly readAt: string | null;
    readonly stated: boolean;
    readonly rows: readonly PolicyRow[];
    readonly conflict: string | null;
  };
  readonly paths: readonly PathView[];
  readonly capabilities: readonly {
    readonly capability: string;
    readonly can: boolean;
    readonly why: string | null;
    readonly rights: readonly string[];
  }[];
  readonly derivatives: readonly { readonly what: string; readonly killedBy: string; readonly residual: string }[];
  readonly kinds: readonly { readonly kind: Kind; readonly count: number }[];
  readonly lanes: readonly {
    readonly run: string;
    readonly wave: number;
    readonly state: LaneState;
    readonly reason: string | null;
    readonly since: string | null;
    readonly perSecond: number | null;
    readonly concurrency: number | null;
  }[];
};
