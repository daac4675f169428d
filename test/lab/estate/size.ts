// How large the acceptance estate is: REKEY_LAB_SCALE=0.1 for a quick look, 1 (left out) for the figures that count.
const scale = Number(process.env.REKEY_LAB_SCALE ?? '1');
if (!(scale > 0 && scale <= 10)) throw new Error('REKEY_LAB_SCALE: a number above 0 and up to 10');
const of = (full: number, least: number): number => Math.max(least, Math.round(full * scale));

const consumers = of(60, 12);
export const size = {
  people: of(2000, 60),
  services: of(200, 20),
  roles: of(50, 10),
  consumers,
  /** A third are running workloads with open connections; the others are asked through a health check. */
  live: Math.floor(consumers / 3),
  sample: of(60, 12),
} as const;
