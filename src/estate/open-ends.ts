// What an estate file points at that is not there yet. Not errors: the file may be right and this machine not the one that runs it.
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { ProblemDetail } from '../domain/problem.ts';
import type { Estate } from './estate.ts';
import { wantsSecretRef } from './keys-at.ts';
import type { KnownConnectors } from './rules.ts';
import { estateShape } from './shape.ts';
import type { Path } from './yaml-places.ts';
import type { YamlSource } from './yaml-source.ts';

type Around = {
  readonly source: YamlSource;
  readonly connectors: KnownConnectors;
  readonly env: Readonly<Record<string, string | undefined>>;
};
type Reference = { readonly path: Path; readonly kind: string; readonly target: string };

export function openEnds(raw: object, estate: Estate, { source, connectors, env }: Around): ProblemDetail[] {
  const found: ProblemDetail[] = [];
  const warn = (path: Path, message: string, hint: string) =>
    found.push({ place: source.placeOf(path), message: path.length > 0 ? `${path.map(String).join('.')}: ${message}` : message, hint });

  const references = [...referencesIn(raw, estateShape, [])];
  for (const [n, system] of estate.systems.entries()) {
    const at = (path: Path) => [...referencesIn(read(raw, path), connectors.get(connectorAt(estate, path))?.config, path)];
    references.push(...at(['systems', n, 'config']));
    for (const m of system.paths.keys()) references.push(...at(['systems', n, 'paths', m, 'config']));
  }
  for (const { path, kind, target } of references) {
    if (kind === 'env' && !env[target]) warn(path, `the environment variable ${target} is not set`, `set ${target} before Rekey starts`);
    if (kind === 'file' && !existsSync(isAbsolute(target) ? target : resolve(estate.folder, target)))
      warn(path, `the file ${target} does not exist`, 'relative paths start in the folder of rekey.yaml: create the file or mend the path');
  }
  const { keyring, approvals, approvers } = estate;
  if (keyring.provider === 'env' && !env[keyring.variable])
    warn(
      ['keyring', 'variable'],
      `the environment variable ${keyring.variable} is not set`,
      'set it to the key of this estate: without it nothing sealed can be opened',
    );
  if (estate.systems.length === 0) warn(['systems'], 'there are no systems yet', 'add the first one; the comments in the file show how');
  const most = Math.max(approvals.count, approvals.tier0, approvals.handover);
  if (most > approvers.length)
    warn(
      approvers.length === 0 ? [] : ['approvers'],
      `up to ${most} approvals are asked for, but there ${approvers.length === 1 ? 'is 1 approver' : `are ${approvers.length} approvers`}`,
      'add approvers with their SSH public keys',
    );
  return found;
}

/** Only where the schema wants a secret's whereabouts: `{file: …}` elsewhere may be a file that Rekey writes. */
function* referencesIn(value: unknown, schema: unknown, base: Path, inner: Path = []): Generator<Reference> {
  if (typeof value !== 'object' || value === null) return;
  const entries = Object.entries(value);
  const [only] = entries;
  if (only && entries.length === 1 && typeof only[1] === 'string' && wantsSecretRef(schema, inner))
    yield { path: [...base, ...inner], kind: only[0], target: only[1] };
  else for (const [key, inside] of entries) yield* referencesIn(inside, schema, base, [...inner, Array.isArray(value) ? Number(key) : key]);
}

function connectorAt(estate: Estate, path: Path): string {
  const system = estate.systems[Number(path[1])];
  return (path[2] === 'paths' ? system?.paths[Number(path[3])]?.probe : system?.connector) ?? '';
}

function read(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inside, step) => (inside as Record<PropertyKey, unknown> | undefined)?.[step], value);
}
