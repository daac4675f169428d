// One call of somebody's API as the estate file writes it. Where the secret may stand is decided here: in a JSON or form value, nowhere else by chance.
import { z } from 'zod';
import { refusals, rules } from './rules.ts';
import { namesIn, templateFault, textsIn } from './template.ts';

/** What stands for an account in every template. */
export const accountNames = ['id', 'name', 'login', 'locator'] as const;

const template = z.string();
export const callFields = {
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
  path: z
    .string()
    .regex(/^\//, 'a path that begins with /: it is added to config.url')
    .describe('With {id}, {name}, {login} … in it, each percent-encoded. May hold a query. Never a secret.'),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]+$/), template)
    .optional()
    .describe('Headers of this call.'),
  json: z.unknown().optional().describe('The body as JSON. Every text in it is a template; {secret} becomes a text value.'),
  form: z.record(z.string(), template).optional().describe('The body as a form (application/x-www-form-urlencoded) instead of JSON.'),
  secretIn: z.literal('header').optional().describe('Says that {secret} may stand in a header of this call.'),
};
export const answerFields = {
  done: rules.default([200, 201, 204]).describe('Answers that confirm the change.'),
  refused: refusals.optional().describe('Answers that say that nothing was changed, and why.'),
  throttled: rules.default([429]).describe('Answers that ask to wait.'),
};

const shape = z.object(callFields);
export type Call = z.output<typeof shape>;
const answers = z.object(answerFields);
export type Answers = z.output<typeof answers>;

export type Uses = {
  /** Placeholders beside the secret. */
  readonly names: readonly string[];
  /** `must`: the call is pointless without it. */
  readonly secret: 'must' | 'may' | 'never';
  /** It changes something: GET is for reading. */
  readonly writes?: boolean;
};

type Issue = { readonly path: (string | number)[]; readonly message: string };

/** Everything that is wrong with a call, with its place. */
export function callFaults(call: Call, { names, secret, writes = false }: Uses): Issue[] {
  const issues: Issue[] = [];
  const say = (path: readonly (string | number)[], message: string | undefined): void => {
    if (message !== undefined) issues.push({ path: [...path], message });
  };
  const body = secret === 'never' ? names : [...names, 'secret'];
  const inHeader = call.secretIn === 'header' && secret !== 'never' ? body : names;
  say(['path'], noSecret(call.path, 'a path') ?? templateFault(call.path, names));
  if (/(^|\/)\.{1,2}(\/|\?|$)|#/.test(call.path)) say(['path'], 'a dot segment or # cannot stand in a path');
  for (const [name, value] of Object.entries(call.headers ?? {}))
    say(
      ['headers', name],
      call.secretIn === 'header'
        ? templateFault(value, inHeader)
        : (noSecret(value, 'a header without "secretIn: header"') ?? templateFault(value, inHeader)),
    );
  const texts = [...textsIn(call.json, ['json']), ...textsIn(call.form, ['form'])];
  for (const { path, text } of texts)
    say(path, secret === 'never' ? (noSecret(text, 'this call') ?? templateFault(text, body)) : templateFault(text, body));
  if (call.json !== undefined && call.form !== undefined) say(['form'], 'a call has one body: json or form');
  const carried = [...texts.map(({ text }) => text), ...Object.values(call.headers ?? {})].some((text) => namesIn(text).includes('secret'));
  if (secret === 'must' && !carried) say(['path'], 'the call carries no {secret}: put it into json or form');
  if (writes && call.method === 'GET') say(['method'], 'a call that changes something is a POST, PUT, PATCH or DELETE');
  return issues;
}

const noSecret = (text: string, where: string): string | undefined =>
  namesIn(text).includes('secret') ? `{secret} must not stand in ${where}: it would be in logs` : undefined;
