// Rules between the parts of an estate file that a structure alone cannot say: one place per identity, nothing that could never work.
import type { Connector, Parser } from '../kit/connector.ts';
import { keyFinding, keyIdentity } from './approver-key.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Loose, LooseSystem } from './loose.ts';
import { notifyFindings, playbookFindings } from './notify-rules.ts';
import { peopleFindings } from './people-rules.ts';
import { workloadFindings } from './workload-rules.ts';
import type { Path } from './yaml-places.ts';

/** What the estate needs to know of a connector; the registry's entries fit. */
export type KnownConnector = Pick<Connector, 'id' | 'role'> & {
  readonly config: Parser<unknown>;
  readonly supports?: Connector['supports'];
};
export type KnownConnectors = ReadonlyMap<string, KnownConnector>;

export type Finding = { readonly path: Path; readonly key?: boolean; readonly message: string; readonly hint: string };

export function ruleFindings(file: Loose, connectors: KnownConnectors): Finding[] {
  return [
    ...twice(file),
    ...approval(file),
    ...keyring(file),
    ...store(file),
    ...peopleFindings(file, connectors),
    ...workloadFindings(file),
    ...notifyFindings(file.notify),
    ...playbookFindings(
      file.playbooks,
      file.approvers.map((a) => a.name),
      file.passkeys,
    ),
    ...file.systems.flatMap((system, n) => systemFindings(system, ['systems', n], connectors)),
  ];
}

function* repeated(values: readonly (string | undefined)[]): Generator<{ n: number; first: number }> {
  for (const [n, value] of values.entries()) {
    const first = value === undefined ? n : values.indexOf(value);
    if (first < n) yield { n, first };
  }
}

function twice(file: Loose): Finding[] {
  const found: Finding[] = [];
  for (const { n, first } of repeated(file.systems.map((s) => s.id)))
    found.push({
      path: ['systems', n, 'id'],
      message: `systems.${n}.id: "${file.systems[n]?.id}" is also the id of systems.${first}`,
      hint: 'give each system an id of its own',
    });
  const approvers = file.approvers;
  for (const { n, first } of repeated(approvers.map((a) => a.name)))
    found.push({
      path: ['approvers', n, 'name'],
      message: `approvers.${n}.name: "${approvers[n]?.name}" is also the name of approvers.${first}`,
      hint: 'give each approver a name of their own',
    });
  for (const { n, first } of repeated(approvers.map((a) => a.key && keyIdentity(a.key))))
    found.push({
      path: ['approvers', n, 'key'],
      message: `approvers.${n}.key: is the same key as approvers.${first}`,
      hint: 'each approver signs with a key of their own: one key is one person',
    });
  return found;
}

function approval(file: Loose): Finding[] {
  const found: Finding[] = [];
  const approvers = file.approvers;
  for (const [n, approver] of approvers.entries()) {
    const finding = approver.key === undefined ? undefined : keyFinding(approver.key);
    if (finding) found.push({ path: ['approvers', n, 'key'], message: `approvers.${n}.key: ${finding.message}`, hint: finding.hint });
  }
  const { count } = file;
  // Where passkeys count, members sign too, and how many there are stands in the store.
  if (count !== undefined && !file.passkeys && count > approvers.length) {
    const there =
      approvers.length === 0 ? 'there are no approvers' : `there ${approvers.length === 1 ? 'is' : 'are'} only ${approvers.length}`;
    found.push({
      path: ['approvals', 'count'],
      message: `approvals.count: asks for ${count} approvals, but ${there}`,
      hint: 'add approvers with their SSH public keys, lower the count, or let passkeys count: no plan could ever be approved',
    });
  }
  return found;
}

function keyring(file: Loose): Finding[] {
  if (!file.keyring) return [];
  const { provider, path, variable } = file.keyring;
  if (provider === 'env' && variable === undefined)
    return [
      {
        path: ['keyring'],
        message: 'keyring.variable: is missing, expected the name of an environment variable',
        hint: 'add "variable: REKEY_KEY": the variable holds the key, the file only its name',
      },
    ];
  if (provider === 'env' && path !== undefined)
    return [
      {
        path: ['keyring', 'path'],
        key: true,
        message: 'keyring.path: belongs to provider file',
        hint: 'remove it, or set "provider: file"',
      },
    ];
  if (provider === 'file' && variable !== undefined)
    return [
      {
        path: ['keyring', 'variable'],
        key: true,
        message: 'keyring.variable: belongs to provider env',
        hint: 'remove it, or set "provider: env"',
      },
    ];
  return [];
}

function store(file: Loose): Finding[] {
  if (file.storeUrl === undefined || /^postgres(?:ql)?:\/\/./.test(file.storeUrl)) return [];
  return [
    {
      path: ['store', 'url'],
      message: 'store.url: expected postgres://user@host/database',
      hint: 'PostgreSQL 15 or newer is the only served store; leave "store" out for the embedded one',
    },
  ];
}

function systemFindings(system: LooseSystem, at: Path, connectors: KnownConnectors): Finding[] {
  const found: Finding[] = [];
  const name = at.join('.');
  const connector = connectors.get(system.connector ?? '');
  if (!connector && system.connector !== undefined) found.push(unknownConnector(system.connector, [...at, 'connector'], connectors));
  if (connector?.role === 'path')
    found.push({
      path: [...at, 'connector'],
      message: `${name}.connector: ${connector.id} is a way to log in, not a system with accounts`,
      hint: `name it under "paths" of the system whose accounts log in there: { id: …, probe: ${connector.id}, config: … }`,
    });
  if (system.canary && connector) {
    const { supports } = connector;
    const sets = supports === undefined || supports.setSecret === true || supports.dualSecret === true;
    const missing = !sets ? 'setSecret' : supports !== undefined && supports.probe !== true ? 'probe' : undefined;
    if (connector.role === 'store' || missing)
      found.push({
        path: [...at, 'canary'],
        key: true,
        message: `${name}.canary: a ${connector.id} system cannot have a canary: it cannot ${connector.role === 'store' ? 'hold accounts' : missing === 'probe' ? 'try a login' : 'set a secret'}`,
        hint: 'remove "canary" here; a canary needs a system that sets secrets and tries logins',
      });
  }
  for (const [n, path] of system.paths.entries()) {
    if (path.probe === undefined) continue;
    const probe = connectors.get(path.probe);
    if (!probe) found.push(unknownConnector(path.probe, [...at, 'paths', n, 'probe'], connectors));
    else if (probe.supports && probe.supports.probe !== true)
      found.push({
        path: [...at, 'paths', n, 'probe'],
        message: `${name}.paths.${n}.probe: ${probe.id} cannot try a login`,
        hint: 'choose a connector with the capability "probe"',
      });
  }
  for (const { n, first } of repeated(system.paths.map((p) => p.id)))
    found.push({
      path: [...at, 'paths', n, 'id'],
      message: `${name}.paths.${n}.id: "${system.paths[n]?.id}" is also the id of path ${first}`,
      hint: 'give each path of a system an id of its own',
    });
  return [...found, ...passwordFindings(system, [...at, 'password'])];
}

function unknownConnector(id: string, path: Path, connectors: KnownConnectors): Finding {
  const hint = didYouMean(id, [...connectors.keys()]) ?? 'see the list of connectors in the documentation';
  return { path, message: `${path.join('.')}: there is no connector "${id.slice(0, 60)}"`, hint };
}

const members: Readonly<Record<string, string>> = {
  lower: 'abcdefghijklmnopqrstuvwxyz',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digit: '0123456789',
};

function passwordFindings(rules: LooseSystem, path: Path): Finding[] {
  return rules.classes.flatMap((kind, n) => {
    const all = members[kind];
    if (!all || ![...all].every((c) => rules.exclude.includes(c))) return [];
    return [
      {
        path: [...path, 'classes', n],
        message: `${path.join('.')}.classes.${n}: every ${kind} character is excluded`,
        hint: 'shorten "exclude", or leave the class out',
      },
    ];
  });
}
