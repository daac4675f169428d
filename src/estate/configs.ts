// Reads each block that belongs to a connector with the connector's own parser and finds the place of every complaint.
import type { ProblemDetail } from '../domain/problem.ts';
import { explain, type Issue } from './explain.ts';
import type { Loose } from './loose.ts';
import type { KnownConnectors } from './rules.ts';
import type { Path } from './yaml-places.ts';
import type { YamlSource } from './yaml-source.ts';

/** Works on raw values, so that one wrong key elsewhere hides nothing here. */
export class Configs {
  readonly #source: YamlSource;
  readonly #connectors: KnownConnectors;
  readonly #findings: ProblemDetail[];
  readonly #parsed = new Map<string, unknown>();

  constructor(source: YamlSource, connectors: KnownConnectors, findings: ProblemDetail[]) {
    this.#source = source;
    this.#connectors = connectors;
    this.#findings = findings;
  }

  readAll(file: Loose): void {
    for (const [n, system] of file.systems.entries()) {
      this.#read(system.connector, system.config, ['systems', n, 'config']);
      for (const [m, path] of system.paths.entries()) this.#read(path.probe, path.config, ['systems', n, 'paths', m, 'config']);
    }
  }

  at(path: Path): unknown {
    return this.#parsed.get(path.join('.'));
  }

  #read(connectorId: string | undefined, value: unknown, base: Path): void {
    const connector = this.#connectors.get(connectorId ?? '');
    if (!connector) return;
    const given = value ?? {};
    try {
      this.#parsed.set(base.join('.'), connector.config.parse(given));
    } catch (error) {
      const issues = (error as { issues?: readonly Issue[] } | null)?.issues;
      const context = { source: this.#source, schema: connector.config, base, value: given, phrases: false };
      if (Array.isArray(issues)) this.#findings.push(...issues.flatMap((issue: Issue) => explain(issue, context)));
      else
        this.#findings.push({
          place: this.#source.placeOf(base),
          message: `${base.join('.')}: the ${connector.id} connector does not take these settings`,
          hint: `see the ${connector.id} page of the documentation`,
        });
    }
  }
}
