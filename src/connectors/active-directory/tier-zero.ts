// Tier-0 secrets that are no accounts: KDS root keys, certificate authorities, and the DSRM password of each controller. Listed, so that a plan cannot forget them.
import { done, type Facts, type Found, type Outcome } from '../../kit/kit.ts';
import { normalDn } from '../../protocols/ldap/dn.ts';
import { equal, or } from '../../protocols/ldap/filter.ts';
import { type Entry, firstOf, valuesOf } from '../../protocols/ldap/message.ts';
import { fromGeneralizedTime } from '../../protocols/ldap/time.ts';
import type { Controller, Domain } from './domain.ts';
import { guidText } from './identity.ts';
import { kdsPlace, type Listed, listedId, rootKeysShown, valuesMark } from './listed.ts';
import { byHandOf } from './principal.ts';

type Place = { readonly principal: Listed; readonly below: string; readonly objectClass: string };
/** All in the configuration partition, so they hold for the whole forest. Their secret parts are never asked for. */
const places: readonly Place[] = [
  {
    principal: 'kds-root-key',
    below: kdsPlace,
    objectClass: 'msKds-ProvRootKey',
  },
  {
    principal: 'certificate-authority',
    below: 'CN=Enrollment Services,CN=Public Key Services,CN=Services',
    objectClass: 'pKIEnrollmentService',
  },
];
/** Writable controllers: read-only ones are nTDSDSARO on Windows, and on Samba of this class too, under the category of read-only ones. */
const controllerClass = 'nTDSDSA';
const readOnlyCategory = /^cn=ntds-dsa-ro,/i;
const attributes = ['objectGUID', 'objectClass', 'cn', 'whenCreated', 'dNSHostName', 'cACertificate'] as const;
/** Partitions a controller holds; a read-only one holds its domain as a full, not as a master copy. */
const holds = ['hasMasterNCs', 'msDS-hasMasterNCs', 'msDS-hasFullReplicaNCs'] as const;

export async function tierZeroSecrets(domain: Domain): Promise<Outcome<readonly Found[]>> {
  const pdc = await domain.pdc();
  if (pdc.kind !== 'done') return pdc;
  const root = await domain.root(pdc.value);
  if (root.kind !== 'done') return root;
  const { configuration } = root.value;
  const found: Found[] = [];
  for (const { principal, below, objectClass } of places) {
    const search = {
      base: `${below},${configuration}`,
      scope: 'sub',
      filter: or(equal('objectClass', objectClass), equal('objectClass', 'container')),
      attributes,
    } as const;
    const read = await domain.search(pdc.value, search);
    if (read.kind !== 'done') return read;
    const shown = read.value.filter((entry) => valuesOf(entry, 'objectClass').includes(objectClass));
    const mark = (entry: Entry) => (principal === 'kds-root-key' ? rootKeysShown(shown).marker : valuesMark(entry, 'cACertificate'));
    found.push(...shown.flatMap((entry) => secretOf(entry, principal, firstOf(entry, 'cn') ?? entry.dn, mark(entry))));
    // KDS root keys are shown to administrators only: where their place is there and no key is seen, that there may be some is all that can be told.
    const place = read.value.find(({ dn }) => normalDn(dn) === normalDn(`${below},${configuration}`));
    if (principal === 'kds-root-key' && shown.length === 0 && place !== undefined)
      found.push(...secretOf(place, principal, 'not shown to this account', rootKeysShown([]).marker));
  }
  const controllers = await controllersOf(domain, pdc.value);
  if (controllers.kind !== 'done') return controllers;
  return done([...found, ...controllers.value.flatMap(({ name, entry }) => secretOf(entry, 'dsrm', name))]);
}

export type ListedController = { readonly name: string; readonly service: string; readonly readOnly: boolean; readonly entry: Entry };

/** Every controller of this domain, from the sites of the forest: also one that the estate file forgets. */
export async function controllersOf(domain: Domain, pdc: Controller): Promise<Outcome<readonly ListedController[]>> {
  const root = await domain.root(pdc);
  if (root.kind !== 'done') return root;
  const filter = or(equal('objectClass', controllerClass), equal('objectClass', 'nTDSDSARO'));
  const search = {
    base: `CN=Sites,${root.value.configuration}`,
    scope: 'sub',
    filter,
    attributes: [...attributes, 'objectCategory', ...holds],
  } as const;
  const read = await domain.search(pdc, search);
  if (read.kind !== 'done') return read;
  const here = normalDn(root.value.domain);
  const ours = read.value.filter((entry) => holds.flatMap((type) => valuesOf(entry, type)).some((dn) => normalDn(dn) === here));
  const listed = ours.map(async (entry): Promise<ListedController> => {
    const server = entry.dn.slice(entry.dn.indexOf(',') + 1);
    const object = await domain.entry(pdc, server, ['dNSHostName', 'cn']);
    const shown = object.kind === 'done' ? object.value : undefined;
    const name = (shown === undefined ? undefined : (firstOf(shown, 'dNSHostName') ?? firstOf(shown, 'cn'))) ?? server;
    const readOnly =
      valuesOf(entry, 'objectClass').some((each) => each.toLowerCase() === 'ntdsdsaro') ||
      readOnlyCategory.test(firstOf(entry, 'objectCategory') ?? '');
    return { name, service: entry.dn, readOnly, entry };
  });
  return done(await Promise.all(listed));
}

function secretOf(entry: Entry, principal: Listed, name: string, mark?: string): Found[] {
  const guid = entry.values.get('objectguid')?.[0];
  if (guid === undefined) return [];
  const created = fromGeneralizedTime(firstOf(entry, 'whenCreated'));
  const facts: Facts = { principal, tierZero: true };
  const task = byHandOf(principal, name);
  return [
    {
      id: listedId(principal, guidText(guid)),
      name: `${principal}:${name}`,
      locator: entry.dn,
      kind: 'service',
      enabled: true,
      privileged: true,
      facts,
      ...(task === undefined ? {} : { byHand: { ...task, ...(mark === undefined ? {} : { mark }) } }),
      ...(created === undefined || principal === 'dsrm' ? {} : { changedAt: created }),
    },
  ];
}
