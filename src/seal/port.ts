// What sealing needs of the store: data keys in wrapped form. The store implements it in data-keys.ts.

export type WrappedKey = { readonly key: string; readonly purpose: string; readonly ring: string; readonly wrapped: Buffer };

export interface DataKeys {
  /** Joins the caller's transaction. Returns the key's number (int8 as text). */
  add(row: { readonly purpose: string; readonly ring: string; readonly wrapped: Uint8Array }): Promise<string>;
  find(key: string): Promise<WrappedKey | undefined>;
  /** Those not wrapped by `ring`, in order, after `after`. */
  notUnder(ring: string, after: string, limit: number): Promise<WrappedKey[]>;
  /** False when it is no longer under `from`: somebody else was faster. */
  rewrap(key: string, from: string, to: { readonly ring: string; readonly wrapped: Uint8Array }): Promise<boolean>;
  /** How many data keys still need this ring key, and the first of them. */
  under(ring: string): Promise<{ readonly count: number; readonly sample: readonly string[] }>;
}
