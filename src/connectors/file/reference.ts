// Reads where a consumer's secret lives: [format:]path#key. The format is guessed from the file name only when the name is certain.
import { basename } from 'node:path';
import { done, type Outcome, refused } from '../../kit/kit.ts';
import { dotenv } from './dotenv.ts';
import type { Format } from './format.ts';
import { ini } from './ini.ts';
import { json } from './json.ts';
import { line } from './line.ts';
import { pgpass } from './pgpass.ts';
import { yaml } from './yaml.ts';

export const formats = { dotenv, json, yaml, ini, pgpass, line } as const satisfies Record<string, Format>;
export type FormatName = keyof typeof formats;

export type Reference = { readonly format: Format; readonly name: FormatName; readonly path: string; readonly key: string };

const known = `${Object.keys(formats).join(', ')}`;
const isFormat = (name: string): name is FormatName => Object.hasOwn(formats, name);

export function parseReference(ref: string): Outcome<Reference> {
  const prefix = /^([A-Za-z0-9]+):/.exec(ref)?.[1];
  if (prefix !== undefined && !isFormat(prefix)) return refused('unsupported', `"${ref}": ${prefix} is not a format; known are ${known}`);
  const rest = prefix === undefined ? ref : ref.slice(prefix.length + 1);
  const hash = rest.indexOf('#');
  const path = hash < 0 ? rest : rest.slice(0, hash);
  const key = hash < 0 ? '' : rest.slice(hash + 1);
  if (path === '' || path.includes('\0')) return refused('unsupported', `"${ref}" names no file; write [format:]path#key`);
  const name = prefix ?? guess(path, hash >= 0);
  if (name === undefined)
    return refused(
      'unsupported',
      `"${ref}": the format cannot be told from the name; put one of ${known} before the path, as in dotenv:${path}`,
    );
  const format = formats[name as FormatName];
  if (format.keySyntax === '' && hash >= 0) return refused('unsupported', `"${ref}": a ${name} file has no keys; leave out #${key}`);
  if (format.keySyntax !== '' && key === '') return refused('unsupported', `"${ref}": which key? Write ${name}:${path}${format.keySyntax}`);
  return done({ format, name: name as FormatName, path, key });
}

function guess(path: string, hasKey: boolean): FormatName | undefined {
  const file = basename(path).toLowerCase();
  if (/^\.env(\..+)?$|\.env$/.test(file)) return 'dotenv';
  if (/\.json$/.test(file)) return 'json';
  if (/\.ya?ml$/.test(file)) return 'yaml';
  if (/\.(ini|cnf|cfg)$/.test(file)) return 'ini';
  if (/^\.?pgpass(\.conf)?$/.test(file)) return 'pgpass';
  return !hasKey && /\.(secret|password|passwd)$/.test(file) ? 'line' : undefined;
}
