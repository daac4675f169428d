// The one door for connector authors: everything a connector may import.
export type { Kind } from '../domain/account.ts';
export type { ByHand } from '../domain/by-hand.ts';
export type { ProbeVerdict, Where } from '../domain/verdict.ts';
export * from './capability.ts';
export * from './connector.ts';
export * from './generations.ts';
export * from './outcome.ts';
export * from './secret.ts';
