// Which probes prove an old secret dead.

/** A probe of a value that must not work any more; `candidate` and `previous` are asked while a write is in doubt, before any proof. */
export const isOld = (secret: unknown): boolean => secret === 'old';
