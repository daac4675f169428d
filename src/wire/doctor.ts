// What `doctor` shows: the estate file and its warnings, keyring, store, then every system's own checks and its access paths, each with the next step.
import { Problem } from '../domain/problem.ts';
import type { CheckView } from '../domain/view.ts';
import { loadInspected } from '../estate/load.ts';
import type { KnownConnectors } from '../estate/rules.ts';
import type { Check } from '../kit/kit.ts';
import { checkPath } from './doctor-path.ts';
import type { Parts } from './parts.ts';

/** A system that says nothing for this long is a finding, not a reason to wait. */
const patienceMs = 30_000;

export async function* doctor(parts: Parts, only?: string): AsyncGenerator<CheckView> {
  const { estate, connectors, store } = parts;
  if (only !== undefined && !estate.systems.some((s) => s.id === only))
    throw new Problem('not-found', {
      message: `the estate has no system ${only}`,
      hint: `one of: ${estate.systems.map((s) => s.id).join(', ')}`,
    });
  if (only === undefined) {
    yield {
      system: '',
      id: 'estate',
      verdict: 'ok',
      message: `${estate.file}: ${estate.systems.length} systems, ${estate.approvers.length} approvers`,
      next: null,
    };
    const { warnings } = loadInspected(estate.file, { connectors: connectors as KnownConnectors });
    for (const w of warnings)
      yield { system: '', id: 'estate', verdict: 'warn', message: `${w.place ?? ''} ${w.message}`.trim(), next: w.hint ?? null };
    yield { system: '', id: 'keyring', verdict: 'ok', message: 'opens', next: null };
    yield {
      system: '',
      id: 'store',
      verdict: 'ok',
      message: store.kind === 'pglite' ? 'embedded, durable, locked by this process' : 'PostgreSQL, reachable',
      next: null,
    };
  }
  for (const spec of estate.systems) {
    if (only !== undefined && spec.id !== only) continue;
    yield* shown(parts, spec.id, '', () => systemChecks(parts, spec.id));
    for (const path of spec.paths) yield* shown(parts, spec.id, `${path.id}/`, () => checkPath(parts.connections, spec, path));
  }
}

async function* systemChecks(parts: Parts, system: string): AsyncGenerator<Check> {
  const { connection, connector } = await parts.connections.open(system);
  if (connection.check === undefined) yield { id: 'reach', verdict: 'ok', message: `${connector.title} needs no check` };
  else yield* connection.check.run();
}

/** `prefix`: which path of the system the checks are about. Whatever goes wrong with one is a finding about it and keeps no other back. */
async function* shown(
  parts: Pick<Parts, 'report'>,
  system: string,
  prefix: string,
  run: () => AsyncGenerator<Check>,
): AsyncGenerator<CheckView> {
  try {
    const checks = run();
    for (;;) {
      const step = await within(checks.next(), patienceMs);
      if (step === undefined) {
        yield {
          system,
          id: `${prefix}reach`,
          verdict: 'fail',
          message: `no answer within ${patienceMs / 1000} s`,
          next: 'check the address and the firewall, then run doctor again',
        };
        return;
      }
      if (step.done === true) return;
      const { id, verdict, message, next } = step.value;
      yield { system, id: `${prefix}${id}`, verdict, message, next: next ?? null };
    }
  } catch (error) {
    const known = error instanceof Problem;
    if (!known) parts.report(error);
    yield {
      system,
      id: `${prefix}open`,
      verdict: 'fail',
      message: known ? error.message : 'its connector failed unexpectedly',
      next: (known ? error.hint : undefined) ?? 'check its block in rekey.yaml; the reason is on standard error',
    };
  }
}

async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
