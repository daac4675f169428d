// Turns the text of rekey.yaml into an Estate, or says everything that is wrong with it, each with its place and its remedy.
import { createHash } from 'node:crypto';
import { basename, dirname, isAbsolute, resolve } from 'node:path';
import { canonical, type Json } from '../domain/json.ts';
import { Problem, type ProblemDetail } from '../domain/problem.ts';
import { Configs } from './configs.ts';
import { deliveryOf, workloadsOf } from './delivery.ts';
import type { AccessPath, Estate, PeopleRules, SystemSpec } from './estate.ts';
import { explain, type Issue } from './explain.ts';
import { secretsInUrls } from './inline-secret.ts';
import { looseEstate } from './loose.ts';
import { notifySpec } from './notify-spec.ts';
import { openEnds } from './open-ends.ts';
import { playbookSpec } from './playbook-spec.ts';
import { type KnownConnectors, ruleFindings } from './rules.ts';
import { type EstateFile, estateShape } from './shape.ts';
import { signInSpec } from './sign-in.ts';
import type { Path } from './yaml-places.ts';
import { readYaml } from './yaml-source.ts';

export type ParseOptions = {
  /** Path of the file: relative paths in it start in its folder; places name it. */
  readonly file: string;
  readonly connectors: KnownConnectors;
  /** Left out: the process's own. REKEY_DATABASE_URL wins over `store`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
};
export type Inspected = {
  readonly estate: Estate;
  /** What is sound but will not work yet: unset variables, missing files, nobody to approve. */
  readonly warnings: readonly ProblemDetail[];
};

export function parseEstate(text: string, options: ParseOptions): Estate {
  return inspectEstate(text, options).estate;
}

export function inspectEstate(text: string, options: ParseOptions): Inspected {
  const label = basename(options.file);
  const source = readYaml(text, label);
  if (source.broken) throw invalid(label, source.findings);
  const raw = withoutEmpty(source.value);
  const findings: ProblemDetail[] = [...source.findings];
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw invalid(label, [
      ...findings,
      {
        place: `${label}:1:1`,
        message: 'expected keys such as "apiVersion:" and "systems:"',
        hint: 'start from the file that `rekey init` writes',
      },
    ]);

  for (const { path, detail } of secretsInUrls(raw, [])) findings.push({ place: source.placeOf(path), ...detail });
  const checked = estateShape.safeParse(raw);
  const context = { source, schema: estateShape, base: [] as Path, value: raw, phrases: true };
  if (!checked.success) findings.push(...checked.error.issues.flatMap((issue) => explain(issue as Issue, context)));
  const loose = looseEstate(raw);
  const configs = new Configs(source, options.connectors, findings);
  configs.readAll(loose);
  for (const { path, key, message, hint } of ruleFindings(loose, options.connectors))
    findings.push({ place: key ? source.placeOfKey(path) : source.placeOf(path), message, hint });
  if (!checked.success || findings.length > 0) throw invalid(label, findings);

  const estate = assemble(checked.data, raw as Raw, configs, options);
  return { estate, warnings: openEnds(raw, estate, { source, connectors: options.connectors, env: options.env ?? process.env }) };
}

/** One finding is the problem itself; several are counted and listed. */
function invalid(label: string, findings: readonly ProblemDetail[]): Problem {
  const unique = findings.filter((f, n) => findings.findIndex((g) => g.place === f.place && g.message === f.message) === n).sort(byPlace);
  const [only] = unique;
  if (unique.length === 1 && only) return new Problem('invalid-config', only, unique);
  return new Problem(
    'invalid-config',
    {
      message: `${label} has ${unique.length} errors`,
      hint: 'mend them, then run `rekey config validate`',
      ...(only?.place ? { place: only.place } : {}),
    },
    unique,
  );
}

const byPlace = (a: ProblemDetail, b: ProblemDetail): number => {
  const [lineA = 0, columnA = 0] = (a.place ?? '').split(':').slice(-2).map(Number);
  const [lineB = 0, columnB = 0] = (b.place ?? '').split(':').slice(-2).map(Number);
  return lineA - lineB || columnA - columnB;
};

type Raw = { readonly systems: readonly { readonly [key: string]: Json | undefined }[] };

/** A key with nothing behind it at the top ("approvers:" whose entries are commented out) counts as left out. */
function withoutEmpty(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value ?? undefined;
  return Object.fromEntries(Object.entries(value).filter(([key, inside]) => inside !== null || key === 'apiVersion' || key === 'estate'));
}

function assemble(file: EstateFile, raw: Raw, configs: Configs, options: ParseOptions): Estate {
  const path = resolve(options.file);
  const folder = dirname(path);
  const here = (relative: string) => (isAbsolute(relative) ? relative : resolve(folder, relative));
  const url = (options.env ?? process.env).REKEY_DATABASE_URL;
  const keyring = file.keyring ?? { provider: 'file' as const };
  return {
    name: file.estate,
    folder,
    file: path,
    store: url
      ? { url }
      : file.store && 'url' in file.store
        ? { url: file.store.url }
        : { dataDir: here(file.store?.dataDir ?? '.rekey/store') },
    keyring:
      keyring.provider === 'env'
        ? { provider: 'env', variable: keyring.variable ?? '' }
        : { provider: 'file', path: here(keyring.path ?? '.rekey/keyring') },
    approvals: {
      count: file.approvals?.count ?? 1,
      tier0: file.approvals?.tier0 ?? 2,
      handover: file.approvals?.handover ?? 2,
      self: file.approvals?.self ?? false,
      ...(file.approvals?.passkeys === undefined ? {} : { passkeys: file.approvals.passkeys }),
    },
    approvers: file.approvers ?? [],
    systems: file.systems.map((system, n) => specOf(system, raw.systems[n] ?? {}, ['systems', n], configs)),
    // Absent members are absent, never undefined, as below.
    ...(file.people === undefined ? {} : { people: file.people as PeopleRules }),
    ...(file.sync === undefined ? {} : { sync: file.sync }),
    delivery: deliveryOf(file.delivery),
    workloads: workloadsOf(file.workloads, here),
    ...(file.notify === undefined ? {} : { notify: notifySpec(file.notify, folder) }),
    ...(file.playbooks === undefined ? {} : { playbooks: file.playbooks.map(playbookSpec) }),
    ...(file.signIn === undefined ? {} : { signIn: signInSpec(file.signIn) }),
  };
}

type FileSystem = EstateFile['systems'][number];

function specOf(system: FileSystem, raw: { readonly [key: string]: Json | undefined }, at: Path, configs: Configs): SystemSpec {
  const paths: AccessPath[] = (system.paths ?? []).map((p, n) => ({
    id: p.id,
    probe: p.probe,
    config: configs.at([...at, 'paths', n, 'config']),
  }));
  // The shape's optional members are absent, never undefined: they come from a parsed file. Hence the casts to the exact types.
  return {
    id: system.id,
    connector: system.connector,
    tier: (system.tier ?? 3) as SystemSpec['tier'],
    ...(system.owner === undefined ? {} : { owner: system.owner }),
    config: configs.at([...at, 'config']),
    limits: (system.limits ?? {}) as SystemSpec['limits'],
    password: (system.password ?? {}) as SystemSpec['password'],
    ...(system.canary === undefined ? {} : { canary: system.canary as NonNullable<SystemSpec['canary']> }),
    paths,
    specHash: createHash('sha256').update(canonical(raw)).digest('hex'),
  };
}
