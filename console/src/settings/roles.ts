// What each role is for, in one line: what an administrator reads before giving it.
import type { Schemas } from '../api/client.ts';

export type Role = Schemas['Member']['roles'][number];

export const roleWords: Readonly<Record<Role, string>> = {
  viewer: 'sees estate, plans, runs and evidence',
  operator: 'makes plans, starts and steers runs, proves',
  approver: 'approves plans and hand-overs, may pause a run',
  owner: 'sees, signs for and fetches what the inventory says is theirs',
  'help-desk': 'sees who fetched what, opens it again for whoever came too late, never sees a secret',
  auditor: 'sees everything on record',
  administrator: 'gives and takes rights; holds none over credentials',
};
export const roleNames = Object.keys(roleWords) as Role[]; // Object.keys loses the key type
