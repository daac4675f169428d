// The lines of the evidence log. Each is one canonical JSON text; its bytes are the leaf. A line never holds a secret or a hash of one.
import { canonical, type Json } from './json.ts';

/** What an entry is about; the verifier and the report switch on it. */
export type EntryKind =
  | 'plan'
  | 'approval'
  | 'refusal'
  | 'run'
  | 'wave'
  | 'item'
  | 'probe'
  | 'consumer'
  | 'sessions'
  | 'exception'
  | 'sign-off'
  | 'reveal'
  | 'handover'
  | 'import'
  | 'trigger'
  | 'keyring'
  | 'access';

/** `at` is UTC ISO 8601 with milliseconds. `item` is "system/account-id" so that a line can be read without the store. */
export function entryLine(kind: EntryKind, at: Date, data: { readonly [key: string]: Json | undefined }): string {
  return canonical({ ...data, kind, at: at.toISOString() });
}
