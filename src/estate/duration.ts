// A time in the estate file: a whole number and its unit.
import { z } from 'zod';

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Of a text that the shape below let through. */
export const durationMs = (text: string): number => Number(text.slice(0, -1)) * units[text.slice(-1) as keyof typeof units];

/** `least` and `most` in milliseconds; `what` says both in words. */
export const duration = (what: string, least: number, most: number) =>
  z
    .string(what)
    .regex(/^[1-9]\d{0,5}[smhd]$/, what)
    .refine((text) => !/^[1-9]\d{0,5}[smhd]$/.test(text) || (durationMs(text) >= least && durationMs(text) <= most), what);
