// Windows time: 100-nanosecond steps since 1601, and negative ones for lengths of time.

const epochMs = 11_644_473_600_000;
const perMs = 10_000n;
/** Largest FILETIME: "never". */
const never = 0x7fffffffffffffffn;

/** `undefined` for absent, 0 (never happened) and "never". */
export function fromFiletime(value: string | undefined): Date | undefined {
  const steps = integer(value);
  return steps === undefined || steps <= 0n || steps >= never ? undefined : new Date(Number(steps / perMs) - epochMs);
}

/** Policies keep lengths of time as negative steps; 0 and "never" are 0 seconds. */
export function secondsOf(value: string | undefined): number {
  const steps = integer(value);
  return steps === undefined || steps >= 0n || steps <= -never ? 0 : Math.round(Number(-steps / perMs) / 1000);
}

function integer(value: string | undefined): bigint | undefined {
  return value !== undefined && /^-?\d+$/.test(value) ? BigInt(value) : undefined;
}
