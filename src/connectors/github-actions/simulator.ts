// GitHub's secrets API in miniature, after its documentation: real sealed boxes, key exchange, hidden repositories, both kinds of limits.
import sodium from 'libsodium-wrappers';
import { type Loss, type Said, type Seen, simulate } from '../../protocols/http/simulate.ts';

type Stored = { value: string; created_at: string; updated_at: string; visibility?: string; repositories?: number[] };
type Run = { created_at: string; status: string; conclusion: string | null; head_branch: string };
export type GithubOptions = {
  readonly loses?: (seen: Seen) => Loss | undefined;
  /** `used-up`: the hour's limit, with 403. `secondary`: too many changes, with Retry-After. */
  limit?: 'used-up' | 'secondary';
  /** The token may read, not write. */
  readOnly?: boolean;
  /** The repository has another name now. */
  moved?: boolean;
  /** Runs before each PUT: a new public key, or a second writer. */
  before?(state: State): void;
};
type State = { readonly secrets: Map<string, Stored>; rotateKey(): void };
export const token = 'github_pat_simulated';

export const stamp = (at = new Date()): string => at.toISOString().replace(/\.\d+Z$/, 'Z');

export async function simulateGithub(options: GithubOptions = {}) {
  await sodium.ready;
  const secrets = new Map<string, Stored>();
  const runs: Run[] = [];
  let keyId = 568_250_167_242_549_743n;
  let pair = sodium.crypto_box_keypair();
  const state: State = {
    secrets,
    rotateKey: () => {
      keyId += 1n;
      pair = sodium.crypto_box_keypair();
    },
  };
  const server = await simulate((seen) => answer(seen), options.loses);

  const failure = (status: number, message: string, headers: Record<string, string> = {}): Said => ({
    status,
    body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
    headers,
  });

  function answer(seen: Seen): Said {
    if (seen.headers['user-agent'] === undefined)
      return failure(403, 'Request forbidden by administrative rules. Please make sure your request has a User-Agent header');
    if (seen.headers.authorization !== `Bearer ${token}`) return failure(401, 'Bad credentials');
    if (seen.path[0] === 'rate_limit') return { status: 200, body: { resources: { core: { limit: 5000, remaining: 4999 } } } };
    const reset = String(Math.floor(Date.now() / 1000) + 120);
    if (options.limit === 'used-up')
      return failure(403, 'API rate limit exceeded for user ID 1.', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset });
    if (options.limit === 'secondary' && seen.method !== 'GET')
      return failure(429, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.', {
        'retry-after': '60',
      });
    if (options.moved === true)
      return { status: 301, body: { message: 'Moved Permanently', url: 'https://api.github.com/repositories/1' } };
    if (options.readOnly === true && seen.method !== 'GET') return failure(403, 'Resource not accessible by personal access token');
    const workflows = seen.path.indexOf('workflows');
    if (workflows >= 0) return workflow(seen, seen.path.slice(workflows + 1));
    const at = seen.path.lastIndexOf('secrets');
    const scope = seen.path.slice(0, at).join('/');
    const [name = '', more] = seen.path.slice(at + 1);
    if (![...secrets.keys()].some((each) => each.startsWith(`${scope}:`))) return failure(404, 'Not Found');
    if (name === 'public-key') return { status: 200, body: { key_id: String(keyId), key: Buffer.from(pair.publicKey).toString('base64') } };
    const key = `${scope}:${name.toUpperCase()}`;
    const found = secrets.get(key);
    if (seen.method === 'PUT') return put(seen, key, found);
    if (found === undefined) return failure(404, 'Not Found');
    if (more === 'repositories') return { status: 200, body: pageOf(found.repositories ?? [], seen) };
    const { value: _, repositories: __, ...shown } = found;
    return { status: 200, body: { name: name.toUpperCase(), ...shown } };
  }

  function put(seen: Seen, key: string, found: Stored | undefined): Said {
    options.before?.(state);
    const body = (seen.body ?? {}) as {
      encrypted_value?: string;
      key_id?: string;
      visibility?: string;
      selected_repository_ids?: number[];
    };
    if (body.key_id === undefined || body.encrypted_value === undefined)
      return failure(422, 'Invalid request.\n\n"key_id" wasn\'t supplied.');
    if (body.key_id !== String(keyId)) return failure(422, 'The key_id does not match the current public key.');
    if (seen.path[0] === 'orgs' && body.visibility === undefined) return failure(422, 'Invalid request.\n\n"visibility" wasn\'t supplied.');
    let value: string;
    try {
      value = sodium.to_string(sodium.crypto_box_seal_open(Buffer.from(body.encrypted_value, 'base64'), pair.publicKey, pair.privateKey));
    } catch {
      return failure(422, 'Validation Failed');
    }
    const now = stamp();
    secrets.set(key, {
      value,
      created_at: found?.created_at ?? now,
      updated_at: now,
      ...(body.visibility === undefined ? {} : { visibility: body.visibility }),
      ...(body.selected_repository_ids === undefined ? {} : { repositories: body.selected_repository_ids }),
    });
    return { status: found === undefined ? 201 : 204 };
  }

  function workflow(seen: Seen, [file, action]: readonly string[]): Said {
    if (file !== 'deploy.yml') return failure(404, 'Not Found');
    if (action === 'runs')
      return { status: 200, body: { workflow_runs: runs.filter((run) => run.head_branch === seen.query.get('branch')) } };
    const { ref } = (seen.body ?? {}) as { ref?: string };
    if (ref !== 'main') return failure(422, `No ref found for: ${ref}`);
    runs.unshift({ created_at: stamp(), status: 'queued', conclusion: null, head_branch: ref });
    return { status: 204 };
  }

  return {
    ...server,
    ...state,
    runs,
    options,
    add(scope: string, name: string, value: string, more: Partial<Stored> = {}): void {
      const past = stamp(new Date(Date.now() - 86_400_000));
      secrets.set(`${scope}:${name}`, { value, created_at: past, updated_at: past, ...more });
    },
  };
}

function pageOf(ids: readonly number[], { query }: Seen): object {
  const size = Number(query.get('per_page') ?? 30);
  const from = (Number(query.get('page') ?? 1) - 1) * size;
  return { total_count: ids.length, repositories: ids.slice(from, from + size).map((id) => ({ id })) };
}
