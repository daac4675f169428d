// A CI/CD variable as GitLab tells it: the value where it may be read, and everything else that a write must leave as it is.
import { z } from 'zod';
import { done, type Outcome, refused } from '../../kit/kit.ts';
import type { Ask } from '../../protocols/http/ask.ts';
import type { Place } from './reference.ts';

/** Versions before 17.4 know no `hidden`, before 15.7 no `raw`. */
const variable = z.object({
  value: z.string().nullable(),
  variable_type: z.enum(['env_var', 'file']).default('env_var'),
  protected: z.boolean().default(false),
  masked: z.boolean().default(false),
  hidden: z.boolean().default(false),
  raw: z.boolean().default(false),
  environment_scope: z.string().default('*'),
});
export type Variable = z.output<typeof variable>;

export const variablePath = ({ owner, path, name }: Place): readonly string[] => ['api', 'v4', owner, path, 'variables', name];
export const scopeQuery = (scope: string | undefined): Record<string, string | undefined> => ({ 'filter[environment_scope]': scope });

export async function readVariable(ask: Ask, place: Place, scope = place.environment): Promise<Outcome<Variable>> {
  const answer = await ask({ method: 'GET', path: variablePath(place), query: scopeQuery(scope) }, [200]);
  return answer.kind === 'done' ? variableIn(answer.value.body, place) : answer;
}

/** Never with the parser's own text: it may quote the value. */
export function variableIn(body: unknown, { ref }: Place): Outcome<Variable> {
  const parsed = variable.safeParse(body);
  return parsed.success ? done(parsed.data) : refused('protocol', `${ref}: the answer is no variable of GitLab`);
}

const kept = ['variable_type', 'protected', 'masked', 'hidden', 'raw', 'environment_scope'] as const;

/** The first attribute that a write changed though it should not have. */
export const changedAttribute = (before: Variable, after: Variable): string | undefined =>
  kept.find((name) => before[name] !== after[name]);
