// GitLab's variables API in miniature, after its documentation and its own request handlers: scopes, masking, hidden values, limits.
import { type Loss, type Said, type Seen, simulate } from '../../protocols/http/simulate.ts';

export type Variable = {
  key: string;
  value: string;
  variable_type: 'env_var' | 'file';
  protected: boolean;
  masked: boolean;
  hidden: boolean;
  raw: boolean;
  environment_scope: string;
  description: string | null;
};
export type GitlabOptions = {
  readonly loses?: (seen: Seen) => Loss | undefined;
  limited?: boolean;
  /** No value is taken. */
  invalid?: boolean;
  readonly scopes?: readonly string[];
  /** Run before and after each PUT: a second writer. */
  before?(variable: Variable): void;
  after?(variable: Variable): void;
};
export const token = 'glpat-simulated';

/** What GitLab can recognise in a log: one line of at least 8 characters of its alphabet. */
const maskable = /^[a-zA-Z0-9_+=/@:.~-]{8,}$/;

export async function simulateGitlab(options: GitlabOptions = {}) {
  const owners = new Map<string, Variable[]>();
  const pipelines: string[] = [];
  const server = await simulate((seen) => answer(seen), options.loses);
  const failure = (status: number, message: unknown, headers: Record<string, string> = {}): Said => ({
    status,
    body: { message },
    headers,
  });

  function answer(seen: Seen): Said {
    if (seen.headers['private-token'] !== token) return failure(401, '401 Unauthorized');
    // Refused before any handler runs, in plain text.
    if (options.limited === true)
      return {
        status: 429,
        headers: { 'retry-after': '30', 'ratelimit-remaining': '0', 'ratelimit-reset': String(Math.floor(Date.now() / 1000) + 30) },
      };
    const scopes = options.scopes ?? ['api'];
    const [, , kind = '', path = '', what = '', key = ''] = seen.path;
    if (kind === 'personal_access_tokens')
      return { status: 200, body: { id: 1, name: 'rekey', scopes, active: true, expires_at: '2099-01-01' } };
    if (!scopes.includes('api') && !(scopes.includes('read_api') && seen.method === 'GET'))
      return {
        status: 403,
        body: {
          error: 'insufficient_scope',
          error_description: 'The request requires higher privileges than provided by the access token.',
        },
      };
    const owner = owners.get(`${kind}/${path}`);
    if (owner === undefined) return failure(404, kind === 'groups' ? '404 Group Not Found' : '404 Project Not Found');
    if (what === 'pipeline') {
      const { ref = '' } = (seen.body ?? {}) as { ref?: string };
      if (ref !== 'main') return failure(400, { base: ['Reference not found'] });
      pipelines.push(ref);
      return { status: 201, body: { id: pipelines.length, ref, status: 'created' } };
    }
    const scope = seen.query.get('filter[environment_scope]');
    const found = owner.filter((each) => each.key === key && (scope === null || each.environment_scope === scope));
    if (found.length > 1)
      return failure(409, "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'");
    const [variable] = found;
    if (variable === undefined) return failure(404, '404 Variable Not Found');
    if (seen.method === 'PUT') {
      options.before?.(variable);
      const refused = update(variable, (seen.body ?? {}) as Partial<Variable>);
      if (refused !== undefined) return refused;
    }
    const said = { status: 200, body: shown(variable) };
    if (seen.method === 'PUT') options.after?.(variable);
    return said;
  }

  /** Parameters that are left out stay as they are. */
  function update(variable: Variable, change: Partial<Variable>): Said | undefined {
    const next = { ...variable, ...change };
    if (options.invalid === true || (next.masked && !maskable.test(next.value))) return failure(400, { value: ['is invalid'] });
    if (next.value.length > 10_000) return failure(400, { value: ['is too long (maximum is 10000 characters)'] });
    Object.assign(variable, next);
    return undefined;
  }

  return {
    ...server,
    owners,
    pipelines,
    options,
    add(owner: string, key: string, value: string, more: Partial<Variable> = {}): Variable {
      const variable: Variable = {
        key,
        value,
        variable_type: 'env_var',
        protected: false,
        masked: false,
        hidden: false,
        raw: false,
        environment_scope: '*',
        description: null,
        ...more,
      };
      owners.set(owner, [...(owners.get(owner) ?? []), variable]);
      return variable;
    },
  };
}

const shown = (variable: Variable): object => ({ ...variable, value: variable.hidden ? null : variable.value });
