// The list of traps as it stands in test/traps/: what bites, what Rekey does about it, and the tests that show it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { registry } from '../../src/connectors/registry.gen.ts';
import type { Connector } from '../../src/kit/kit.ts';
import { rows } from '../contract/connector.ts';
import { hasTest, readTests, type TestFile } from './test-titles.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'test', 'traps');

const claim = z.string().regex(/^(test|src)\/\S+\.ts > .+$/, 'wants "path/of/file.ts > the name of the test"');
const trap = z
  .strictObject({
    trap: z.string().min(10),
    bites: z.string().min(10),
    rekey: z.string().min(10),
    shown: z.array(claim).min(1).optional(),
    cannot: z.string().min(20).optional(),
  })
  .refine(
    (t) => (t.shown === undefined) !== (t.cannot === undefined),
    'wants either tests that show it (shown) or why none can run here (cannot)',
  );
const area = z.strictObject({ area: z.string(), traps: z.array(trap).min(1) });
const answer = z.union([claim, z.strictObject({ cannot: z.string().min(10) })]);
const role = z.enum(['system', 'path', 'store']);
const every = z.array(z.strictObject({ id: z.string(), asks: z.string(), roles: z.array(role).min(1), row: z.string() }));
/** In the folder of a connector. `fixture`: where the suite runs on it, if not in the file of its name. */
const own = z.strictObject({ fixture: z.string().optional(), answers: z.record(z.string(), answer) });

export type Area = z.output<typeof area>;
export type Answer = z.output<typeof answer>;
const matrixFile = 'every-connector.yaml';

function valid<T>(file: string, schema: z.ZodType<T>): T {
  const checked = schema.safeParse(parse(readFileSync(join(root, file), 'utf8')));
  if (!checked.success) throw new Error(`${file}: ${z.prettifyError(checked.error)}`);
  return checked.data;
}

export const areas = (): Area[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml') && file !== matrixFile)
    .sort()
    .map((file) => valid(`test/traps/${file}`, area));

/** One connector asked about one regression. `answer` undefined: nobody has answered. */
export type Cell = { readonly connector: string; readonly regression: string; readonly answer: Answer | undefined };

export async function cells(): Promise<Cell[]> {
  const regressions = valid(`test/traps/${matrixFile}`, every);
  const connectors = await Promise.all(Object.values(registry).map((load): Promise<Connector> => load() as Promise<Connector>));
  return connectors.flatMap((connector) => {
    const file = `src/connectors/${connector.id}/traps.yaml`;
    const { fixture, answers } = existsSync(join(root, file))
      ? valid(file, own)
      : { answers: {} as Record<string, Answer>, fixture: undefined };
    const asked = regressions.filter(({ roles }) => roles.includes(connector.role));
    const strangers = Object.keys(answers).filter((id) => !asked.some((each) => each.id === id));
    if (strangers.length > 0) throw new Error(`${file}: nobody asks about ${strangers.join(', ')}`);
    return asked.map(({ id, row }) => ({ connector: connector.id, regression: id, answer: answers[id] ?? byRow(connector, row, fixture) }));
  });
}

export const rowPrefix = 'contract: ';

/** The fixture runs the row; or the connector itself declares that it cannot have what the row asks about. */
function byRow(connector: Connector, name: string, fixture: string | undefined): Answer | undefined {
  const row = rows.find((each) => each.name === name);
  if (row === undefined) throw new Error(`the contract suite has no row "${name}"`);
  for (const capability of row.requires) {
    const support = connector.supports[capability];
    if (support !== true) return { cannot: 'cannot' in support ? support.cannot : `Planned: ${support.planned}` };
  }
  const files = [fixture, `src/connectors/${connector.id}/contract.ts`, `test/lab/contract-${connector.id}.test.ts`];
  const file = files.find((each) => each !== undefined && isShown(`${each} > ${rowPrefix}${name}`));
  return file === undefined ? undefined : `${file} > ${rowPrefix}${name}`;
}

const known = new Map<string, TestFile | undefined>();
function testsOf(file: string): TestFile | undefined {
  if (!known.has(file)) known.set(file, existsSync(join(root, file)) ? readTests(readFileSync(join(root, file), 'utf8'), file) : undefined);
  return known.get(file);
}

/** `file > name`: the file has a test of that name, or (`contract: …`) its fixture has the situation of that row of the suite. */
export function isShown(claimed: string): boolean {
  const at = claimed.indexOf(' > ');
  const tests = testsOf(claimed.slice(0, at));
  const name = claimed.slice(at + 3);
  if (tests === undefined) return false;
  if (!name.startsWith(rowPrefix)) return hasTest(tests, name);
  const row = rows.find((each) => each.name === name.slice(rowPrefix.length));
  return row !== undefined && tests.situations.has(row.situation);
}
