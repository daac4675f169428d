// What the doors need of the store beyond the services: shared by all servers of an estate, so that asking another one changes nothing.

/** At most `limit` hits in each window of `windowMs`. `cost`: how many this one counts for. */
export type Limit = { readonly limit: number; readonly windowMs: number; readonly cost?: number };
export type Hit = { readonly ok: boolean; readonly retryAfterMs: number };

export interface RateLimits {
  /** Counts one more under this key, which is hashed before it is kept. A refused hit counts too: pressing on does not help. */
  hit(key: string, limit: Limit): Promise<Hit>;
}

/** `status` and `type` as they were sent. */
export type KeptReply = { readonly status: number; readonly type: string | null; readonly reply: string };
export type Begun =
  | { readonly kind: 'new' }
  /** Somebody is doing exactly this, or was when his process ended. */
  | { readonly kind: 'running'; readonly sinceMs: number }
  | { readonly kind: 'kept'; readonly body: string | null; readonly reply: KeptReply }
  /** Done; what was answered is not kept. */
  | { readonly kind: 'done'; readonly body: string | null };

/** Keys and bodies are sha256 in hex. */
export interface KeptReplies {
  /** Claims the key: of several at once, one gets `new`. */
  begin(key: string, keepMs: number): Promise<Begun>;
  keep(key: string, body: string | null, reply: KeptReply): Promise<void>;
  /** Done, and the reply is not to be kept. */
  done(key: string, body: string | null): Promise<void>;
  /** Nothing was done: the key is free again. */
  forget(key: string): Promise<void>;
}

export const changeKinds = ['run', 'plan', 'approval', 'system', 'notice'] as const;
export type Change = { readonly type: (typeof changeKinds)[number]; readonly id: string };

export interface Changes {
  /** Where the record stands: nothing that comes later is before it. */
  position(): Promise<string>;
  /** What changed from one position to a later one, each thing once; undefined where `from` is too long ago or was never a position of this store. */
  between(from: string, to: string): Promise<readonly Change[] | undefined>;
  /** Of these runs and systems, what is this identity's: runs that hold something of theirs, systems they own. Of no other kind is anything somebody's own. */
  ownOf(changes: readonly Change[], identity: string): Promise<readonly Change[]>;
}
