// The services hand out readonly values, reply types are plain ones: the same value, without a copy.
import { z } from 'zod';

export type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Plain<T[Key]> }
    : T;

export function plain<T>(value: T): Plain<T> {
  return value as Plain<T>; // only `readonly` differs
}

/** A body that is a stream: Fastify pipes it, nothing is serialised. */
export const streamSchema = z.any().meta({ type: 'string', format: 'binary' });
