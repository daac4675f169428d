// Tier-0 secrets that are no accounts: their ids, and what the directory shows of each, so that a change can be seen. Their secret parts are never asked for.
import { createHash } from 'node:crypto';
import { type AccountState, done, type Outcome, refused } from '../../kit/kit.ts';
import { equal } from '../../protocols/ldap/filter.ts';
import { type Entry, firstOf } from '../../protocols/ldap/message.ts';
import { fromGeneralizedTime } from '../../protocols/ldap/time.ts';
import type { Controller, Domain } from './domain.ts';
import { guidDn, guidText } from './identity.ts';
import type { Principal } from './principal.ts';

const listed = ['kds-root-key', 'certificate-authority', 'dsrm', 'key-credentials'] as const satisfies readonly Principal[];
export type Listed = (typeof listed)[number];
export const kdsPlace = 'CN=Master Root Keys,CN=Group Key Distribution Service,CN=Services';

/** What an id of this list stands for: it names no account that could be read or reset. */
export function listedSecret(id: string): Listed | undefined {
  const kind = id.slice(0, Math.max(0, id.indexOf(':')));
  return listed.find((each) => each === kind);
}
/** Their names say what they are; an instruction wants the bare one. */
export const nameOf = (kind: Listed, name: string): string => (name.startsWith(`${kind}:`) ? name.slice(kind.length + 1) : name);
export const listedId = (kind: Listed, guid: string): string => `${kind}:${guid}`;

type Shown = { readonly marker: string; readonly changedAt?: Date };

export async function listedState(domain: Domain, kind: Listed, id: string, controller: Controller): Promise<Outcome<AccountState>> {
  const [shown, now] = await Promise.all([readListed(domain, kind, id, controller), domain.now(controller)]);
  return shown.kind === 'done' ? done({ ...shown.value, usable: true, ...(now === undefined ? {} : { now }) }) : shown;
}

/** `unsupported`: no directory shows it. */
async function readListed(domain: Domain, kind: Listed, id: string, controller: Controller): Promise<Outcome<Shown>> {
  switch (kind) {
    case 'dsrm':
      return refused('unsupported', 'a DSRM password lies in the local database of its controller, which no directory shows.');
    case 'kds-root-key':
      return readRootKeys(domain, controller);
    case 'certificate-authority':
    case 'key-credentials': {
      const attribute = kind === 'key-credentials' ? 'msDS-KeyCredentialLink' : 'cACertificate';
      const read = await domain.entry(controller, guidDn(id.slice(kind.length + 1)), [attribute]);
      if (read.kind !== 'done') return read;
      if (read.value === undefined) return refused('not-found', `${controller.url} does not show ${id}.`, { target: '32' });
      return done({ marker: valuesMark(read.value, attribute) });
    }
  }
}

/** A new root key is a new object: the old one stays as it was. */
async function readRootKeys(domain: Domain, controller: Controller): Promise<Outcome<Shown>> {
  const root = await domain.root(controller);
  if (root.kind !== 'done') return root;
  const search = {
    base: `${kdsPlace},${root.value.configuration}`,
    scope: 'sub',
    filter: equal('objectClass', 'msKds-ProvRootKey'),
    attributes: ['objectGUID', 'whenCreated'],
  } as const;
  const read = await domain.search(controller, search);
  return read.kind === 'done' ? done(rootKeysShown(read.value)) : read;
}

export function rootKeysShown(keys: readonly Entry[]): Shown {
  const guids = keys.flatMap((key) => key.values.get('objectguid')?.slice(0, 1) ?? []).map(guidText);
  const times = keys.flatMap((key) => fromGeneralizedTime(firstOf(key, 'whenCreated')) ?? []);
  const newest = times.sort((a, b) => b.getTime() - a.getTime())[0];
  return { marker: guids.sort().join(' ') || 'none shown', ...(newest === undefined ? {} : { changedAt: newest }) };
}

/** Tells one set of values from another, without saying them. */
export function valuesMark(entry: Entry, attribute: string): string {
  const values = [...(entry.values.get(attribute.toLowerCase()) ?? [])].sort(Buffer.compare);
  const digest = createHash('sha256');
  for (const value of values) digest.update(`${value.length}:`).update(value);
  return `${values.length} values ${digest.digest('hex').slice(0, 24)}`;
}
