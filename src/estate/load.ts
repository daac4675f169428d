// Finds the estate file as git finds its folder: from here upwards. Reads it once; everything else is parsing.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Problem } from '../domain/problem.ts';
import type { Estate } from './estate.ts';
import { type Inspected, inspectEstate } from './parse.ts';
import type { KnownConnectors } from './rules.ts';

export const estateFileName = 'rekey.yaml';

export type LoadOptions = {
  readonly connectors: KnownConnectors;
  /** Left out: the process's own. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
};

/** Order: the argument, REKEY_ESTATE, then upwards from the current folder. The first two are not searched upwards: what was named must be there. */
export function findEstate(
  folderOrFile: string | undefined,
  { cwd = process.cwd(), env = process.env }: Omit<LoadOptions, 'connectors'> = {},
): string {
  const named = folderOrFile ?? env.REKEY_ESTATE;
  if (named) return namedEstate(resolve(cwd, named), folderOrFile === undefined ? 'REKEY_ESTATE' : 'the estate');
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const file = join(folder, estateFileName);
    if (existsSync(file)) return file;
    if (existsSync(join(folder, 'rekey.yml')))
      throw new Problem('not-found', { message: `${join(folder, 'rekey.yml')} is not read`, hint: `rename it to ${estateFileName}` });
    if (dirname(folder) === folder) break;
  }
  throw new Problem('not-found', {
    message: `there is no ${estateFileName} in ${resolve(cwd)} or any folder above it`,
    hint: 'run `rekey init` here, go to the folder of your estate, or set REKEY_ESTATE to it',
  });
}

export function loadEstate(folderOrFile: string | undefined, options: LoadOptions): Estate {
  return loadInspected(folderOrFile, options).estate;
}

/** The estate with its warnings, for `doctor` and `config validate`. */
export function loadInspected(folderOrFile: string | undefined, options: LoadOptions): Inspected {
  const file = findEstate(folderOrFile, options);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    throw new Problem('invalid-config', {
      message: `${file} cannot be read (${code})`,
      hint: 'check that it is a file and that you may read it',
    });
  }
  return inspectEstate(text, { file, connectors: options.connectors, env: options.env ?? process.env });
}

function namedEstate(path: string, by: string): string {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, estateFileName) : path;
  if (existsSync(file)) return file;
  throw new Problem('not-found', {
    message: `${file} does not exist (named by ${by})`,
    hint: 'run `rekey init` in that folder, or name another one',
  });
}
