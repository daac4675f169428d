// Who and what an account is, in the words every phase shares.

export const kinds = ['human', 'service', 'application', 'agent', 'vendor', 'shared', 'unknown'] as const;
export type Kind = (typeof kinds)[number];

export const managedBy = ['enterprise', 'user', 'hybrid'] as const;
export type Managed = (typeof managedBy)[number];

/** 0 control plane … 3 long tail. */
export type Tier = 0 | 1 | 2 | 3;
