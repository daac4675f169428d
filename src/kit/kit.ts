// The one door for connector authors: everything a connector may import.
export * from './capability.ts';
export * from './connector.ts';
export * from './outcome.ts';
export * from './secret.ts';
