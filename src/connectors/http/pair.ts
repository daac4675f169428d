// A key whose identifier is needed wherever it is used: one value, {"id": …, "secret": …}.
export const pairText = (id: string, secret: string): string => JSON.stringify({ id, secret });

/** A value that is no pair (one Rekey invented to be refused) goes out as it is, under an identifier that no API gave out. */
export function pairOf(text: string): { readonly id: string; readonly secret: string } {
  try {
    const { id, secret } = JSON.parse(text) as { id?: unknown; secret?: unknown };
    if (typeof id === 'string' && typeof secret === 'string') return { id, secret };
  } catch {
    // No JSON, so no pair.
  }
  return { id: 'no-such-key', secret: text };
}
