// Keeps a lane held while its system is opened and read: a target that is slow to answer loses it neither to a peer nor to its own lease.
export type Kept<T> = { readonly kind: 'held'; readonly value: T } | { readonly kind: 'lost' };

/** `beat` confirms the hold, or says that it is gone. The last word is a beat: whoever goes on holds the lane now, however long the work took. */
export async function keepLane<T>(work: () => Promise<T>, beat: () => Promise<boolean>, everyMs: number): Promise<Kept<T>> {
  let lost = false;
  const beating = setInterval(() => {
    beat().then(
      (held) => {
        lost ||= !held;
      },
      // The store did not answer: the last beat decides.
      () => undefined,
    );
  }, everyMs);
  let value: T;
  try {
    value = await work();
  } finally {
    clearInterval(beating);
  }
  return lost || !(await beat()) ? { kind: 'lost' } : { kind: 'held', value };
}
