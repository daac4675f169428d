// What firing a playbook needs of the store.

export type Firing = {
  /** T-7K3QX2MA. */
  readonly id: string;
  readonly playbook: string;
  readonly playbookHash: string;
  /** The Idempotency-Key of the call: a repeated one is the same firing. */
  readonly callKey: string;
  /** Canonical JSON of what was sent. */
  readonly request: string;
  readonly by: string;
  readonly incident: string;
  readonly plan: string | null;
  readonly run: string | null;
  /** By how much the plan passes the cap. */
  readonly over: string | null;
  readonly createdAt: Date;
};
export type NewFiring = Omit<Firing, 'plan' | 'run' | 'over'>;

export interface FiringStore {
  /** Takes the firing in hand until then, a new one or the one of the same call. `mine` is false while somebody else has it. */
  begin(firing: NewFiring, now: Date, until: Date): Promise<{ readonly firing: Firing; readonly mine: boolean }>;
  /** The newest firing with the same parameters since then that got as far as a plan, but this one. */
  earlier(firing: Firing, since: Date): Promise<Firing | undefined>;
  /** Written with the event and the line that tell of it. */
  planned(firing: Firing, plan: string, over: string | null, line: string): Promise<void>;
  letGo(id: string): Promise<void>;
  find(playbook: string, id: string): Promise<Firing | undefined>;
}
