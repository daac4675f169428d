// What telling people and systems needs of the store and of the phases around it. Nothing here can hold a secret.
import type { ItemState } from '../domain/item.ts';
import type { OutsideEvent } from '../domain/outside-event.ts';

export type Event = {
  readonly key: string;
  readonly at: Date;
  readonly kind: OutsideEvent;
  readonly plan: string;
  readonly run: string | null;
  readonly detail: {
    readonly by?: string;
    readonly reason?: string;
    readonly wave?: number;
    readonly name?: string;
    readonly system?: string;
    readonly cause?: 'canary' | 'system';
    readonly count?: number;
    readonly playbook?: string;
  };
};

/** What is known of the plan an event is about, now. */
export type PlanFacts = {
  readonly id: string;
  readonly name: string;
  readonly reason: string;
  readonly incident: string | null;
  readonly createdBy: string;
  readonly expiresAt: Date;
  readonly tier0: boolean;
  /** Credentials it changes or asks people to change. */
  readonly work: number;
  readonly run: { readonly id: string; readonly startedBy: string } | null;
  readonly counts: Partial<Record<ItemState, number>>;
  /** How the run's end before this event was told; null = this is its first end. */
  readonly endedBefore: OutsideEvent | null;
};
/** Names. `able` may still approve: neither the author nor anybody who has. */
export type ApprovalFacts = { readonly needed: number; readonly given: readonly string[]; readonly able: readonly string[] };

export type NoticeKind = 'decision' | 'trouble' | 'finished' | 'progress' | 'credential';
/** One line of a message: state, why, what you can do, until when. Instants are ISO; each recipient reads them in their own zone. */
export type NoticeBody = {
  readonly at: string;
  readonly headline: string;
  readonly why: string;
  readonly can: readonly string[];
  readonly until: string | null;
};
export type Told = {
  readonly person: string;
  readonly kind: NoticeKind;
  readonly urgent: boolean;
  readonly ask: boolean;
  readonly body: NoticeBody;
};

export type Recipient = { readonly channel: string; readonly person: string };
/** `event` null: found by looking. */
export type NewNotice = Recipient & Omit<Told, 'person'> & { readonly event: string | null; readonly thread: string; readonly dueAt: Date };
export type Waiting = NewNotice & { readonly key: string };

export type NewMessage = Recipient & {
  readonly id: string;
  readonly address: string | null;
  readonly thread: string;
  readonly template: string;
  readonly body: unknown;
  readonly createdAt: Date;
  readonly notices: readonly string[];
};
export type Outgoing = Omit<NewMessage, 'notices'> & { readonly key: string; readonly tries: number };

/** `again`: it may go through later. `dead`: it never will. A reason is a code and plain words, never what a server wrote. */
export type Delivered =
  | { readonly kind: 'sent'; readonly remote?: string }
  | { readonly kind: 'again'; readonly reason: string; readonly afterMs?: number }
  | { readonly kind: 'dead'; readonly reason: string };

export interface NoticeStore {
  /** One transaction at a time over all processes; false = another one is at it. */
  exclusively(work: () => Promise<void>): Promise<boolean>;
  /** Writes the events that only looking finds: plans that expired unapproved, runs with more than `unknownAbove` items in doubt. */
  look(now: Date, unknownAbove: number): Promise<void>;
  /** In their order, up to the first that an open transaction could still precede. */
  untold(limit: number): Promise<readonly Event[]>;
  facts(event: Event): Promise<PlanFacts | undefined>;
  markTold(events: readonly string[], now: Date): Promise<void>;
  /** A notice that is there already (same event, same recipient) stays as it is; one without an event is always new. */
  add(notices: readonly NewNotice[]): Promise<void>;
  /** Takes back asks that were not sent yet, but those of `still`; answers who was asked already. */
  withdrawAsks(thread: string, still: readonly string[]): Promise<readonly Recipient[]>;
  /** Everything that waits for recipients of whom something is due. */
  due(now: Date): Promise<readonly Waiting[]>;
  enqueue(messages: readonly NewMessage[], now: Date): Promise<void>;
  /** The head of each conversation whose time has come, held until then; nobody else gets it before. */
  claim(now: Date, until: Date, limit: number): Promise<readonly Outgoing[]>;
  /** Writes nothing when somebody else took the message over meanwhile. */
  settle(
    message: Pick<Outgoing, 'key' | 'tries'>,
    how: { readonly state: 'sent' | 'dead' | 'ready'; readonly reason: string | null; readonly at: Date },
  ): Promise<void>;
  posted(channel: string, thread: string): Promise<string | undefined>;
  rememberPost(channel: string, thread: string, remote: string): Promise<void>;
  /** Mail addresses of members, by name in lower case. */
  memberMail(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
}
