// What several password policies allow together: a length, the characters of each kind, and the kinds that must occur.

export const classes = ['lower', 'upper', 'digit', 'symbol'] as const;
export type Class = (typeof classes)[number];
export type United = { readonly length: number; readonly sets: { readonly [C in Class]: string }; readonly demanded: readonly Class[] };
