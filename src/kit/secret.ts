// The only form in which a connector meets a secret. It prints as [secret] everywhere; its bytes exist for the length of a callback.

export interface Secret {
  /** Names the value without revealing it: "v3", "leaked-1", "nonsense". Not derived from the bytes. */
  readonly label: string;
  /** The callback must not keep the bytes. `text` is for drivers that take strings only. */
  use<T>(f: (bytes: Uint8Array) => T): T;
  text<T>(f: (text: string) => T): T;
}

/** For values the target mints: seals at once, hands back the Secret. */
export interface Sealer {
  seal(label: string, bytes: Uint8Array): Promise<Secret>;
}

/** Where a connector's own credential lives. The estate file never holds the value. */
export type SecretRef =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly exec: readonly string[] }
  | { readonly vault: string };
