// Turns a schema's findings into what a person needs: where, what was expected, what stands there, what to do. Shows no value that may be a secret.
import type { ProblemDetail } from '../domain/problem.ts';
import { didYouMean } from './did-you-mean.ts';
import { inlineSecret } from './inline-secret.ts';
import { keysAt, wantsSecretRef } from './keys-at.ts';
import { shown, soundsSecret } from './shown.ts';
import type { Path } from './yaml-places.ts';
import type { YamlSource } from './yaml-source.ts';

/** What zod 4 reports; other parsers may give as little as `message` and `path`. */
export type Issue = {
  readonly code?: string;
  readonly message: string;
  readonly path?: readonly PropertyKey[];
  readonly expected?: string;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly options?: readonly unknown[];
  readonly errors?: readonly (readonly Issue[])[];
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly format?: string;
};

export type Context = {
  readonly source: YamlSource;
  readonly schema: unknown;
  /** Where the schema's value stands in the file. */
  readonly base: Path;
  readonly value: unknown;
  /** The schema's own messages read "a positive integer", to go after "expected". Else they are sentences of a connector. */
  readonly phrases: boolean;
};

export function explain(issue: Issue, context: Context): ProblemDetail[] {
  const inner = issue.path ?? [];
  const path = [...context.base, ...inner];
  const name = path.map(String).join('.') || 'the file';
  const value = valueAt(context.value, inner);
  const place = context.source.placeOf(path);

  if (issue.code === 'unrecognized_keys') return (issue.keys ?? []).map((key) => unknownKey(key, context, inner));
  if (wantsSecretRef(context.schema, inner) || (typeof value === 'string' && soundsSecret(inner.at(-1)) && issue.expected === 'object')) {
    if (typeof value === 'string' || typeof value === 'number') return [{ place, ...inlineSecret(path, value) }];
    const hint = 'name one place: {env: VARIABLE}, {file: ./path}, {exec: [command, argument]} or {vault: path}';
    const got =
      value === undefined ? 'is missing, expected where the secret lives' : `expected where the secret lives, got ${shown(value, false)}`;
    return [{ place, message: `${name}: ${got}`, hint }];
  }
  if (issue.code === 'invalid_union') {
    const chosen = bestAlternative(issue);
    if (chosen.length > 0) return chosen.flatMap((i) => explain({ ...i, path: [...inner, ...(i.path ?? [])] }, context));
  }
  const expected = expectation(issue, context.phrases);
  if (value === undefined && inner.length > 0) {
    const key = String(inner.at(-1));
    return [{ place, message: `${name}: is missing${expected ? `, expected ${expected}` : ''}`, hint: `add "${key}:" here` }];
  }
  const readable = context.phrases && !soundsSecret(inner.at(-1));
  const message = expected ? `${name}: expected ${expected}, got ${shown(value, readable)}` : `${name}: ${issue.message}`;
  return [{ place, message, hint: remedy(issue, value, expected) }];
}

function unknownKey(key: string, context: Context, inner: Path): ProblemDetail {
  const path = [...context.base, ...inner, key];
  const known = keysAt(context.schema, inner);
  return {
    place: context.source.placeOfKey(path),
    message: `${path.map(String).join('.')}: unknown key`,
    hint: didYouMean(key, known) ?? 'remove it: a key nobody reads would silently do nothing',
  };
}

/** The alternative that came nearest: the fewest findings, the deepest first. None when all of them fail at the value itself. */
function bestAlternative(issue: Issue): readonly Issue[] {
  const useful = (issue.errors ?? []).filter((alternative) =>
    alternative.some((i) => (i.path ?? []).length > 0 || i.code !== 'invalid_type'),
  );
  const depth = (alternative: readonly Issue[]) => Math.max(...alternative.map((i) => (i.path ?? []).length));
  return [...useful].sort((a, b) => a.length - b.length || depth(b) - depth(a))[0] ?? [];
}

const types: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a block of keys',
  record: 'a block of keys',
  undefined: 'nothing',
};

/** Default messages of the schema library start with one of these words; all others were written by someone. */
const standard = /^(?:Invalid|Too small|Too big|Unrecognized)/;

function expectation(issue: Issue, phrases: boolean): string | undefined {
  if (!standard.test(issue.message)) return phrases ? issue.message : undefined;
  const unit = /string/.test(issue.message) ? ' characters' : /array/.test(issue.message) ? ' entries' : '';
  switch (issue.code) {
    case 'invalid_type':
      return types[issue.expected ?? ''] ?? issue.expected;
    case 'invalid_value':
      return alternatives(issue.values);
    case 'too_small':
      return unit ? `at least ${String(issue.minimum)}${unit}` : `a number from ${String(issue.minimum)}`;
    case 'too_big':
      return unit ? `at most ${String(issue.maximum)}${unit}` : `a number up to ${String(issue.maximum)}`;
    case 'invalid_format':
      return issue.format === 'regex' ? 'a text of the right form' : `a valid ${issue.format ?? 'text'}`;
    case 'invalid_union':
      if (issue.options) return alternatives(issue.options);
      return [...new Set((issue.errors ?? []).flatMap((a) => a.map((i) => expectation(i, phrases) ?? 'another value')))].join(' or ');
    default:
      return undefined;
  }
}

const alternatives = (values: readonly unknown[] | undefined): string => {
  const all = (values ?? []).map(String);
  return all.length === 1 ? `${all[0]}` : `one of ${all.join(', ')}`;
};

function remedy(issue: Issue, value: unknown, expected: string | undefined): string {
  const options = issue.values ?? issue.options;
  if (options && typeof value === 'string') return didYouMean(value, options.map(String)) ?? `write ${alternatives(options)}`;
  if (typeof value === 'string' && value.trim() !== '' && /number|integer/.test(expected ?? '') && Number.isFinite(Number(value)))
    return 'write the number without quotes';
  if (value === null) return 'give it a value, or remove the key';
  return expected ? `write ${expected} here` : "see the connector's page in the documentation for this setting";
}

export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.hasOwn(value, step) ? (value as Record<PropertyKey, unknown>)[step] : undefined;
  }
  return value;
}
