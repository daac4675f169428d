// The KV version 2 engine of Vault in miniature, after its API documentation: versions, check-and-set, deletion, policies, quotas.
import type { Loss, Said, Seen } from '../../protocols/http/simulate.ts';
import { simulate } from '../../protocols/http/simulate.ts';

type Stored = { data: Record<string, unknown>; created: string; deleted: string; destroyed: boolean };
type Entry = { readonly versions: Stored[]; casRequired: boolean; customMetadata: Record<string, string> | null };

export type VaultOptions = {
  readonly loses?: (seen: Seen) => Loss | undefined;
  /** Capabilities of the token on every path. */
  capabilities?: readonly string[];
  sealed?: boolean;
  /** Requests left before the quota of this path answers 429. */
  quota?: number;
  /** Runs before each write: a second writer. */
  before?(entry: Entry): void;
};
export const token = 'hvs.simulated-token';
const mount = 'secret';

export async function simulateVault(options: VaultOptions = {}) {
  const entries = new Map<string, Entry>();
  const server = await simulate((seen) => answer(entries, options, seen), options.loses);
  return {
    ...server,
    entries,
    options,
    put(path: string, data: Record<string, unknown>): Entry {
      const entry = entries.get(path) ?? { versions: [], casRequired: false, customMetadata: { owner: 'olga' } };
      entry.versions.push(stored(data));
      entries.set(path, entry);
      return entry;
    },
    value: (path: string, key: string): unknown => entries.get(path)?.versions.at(-1)?.data[key],
  };
}

const stored = (data: Record<string, unknown>): Stored => ({ data, created: new Date().toISOString(), deleted: '', destroyed: false });
const errors = (status: number, ...list: string[]): Said => ({ status, body: { errors: list } });

function answer(entries: Map<string, Entry>, options: VaultOptions, seen: Seen): Said {
  const [version, first, ...rest] = seen.path;
  if (version !== 'v1') return errors(404);
  if (first === 'sys' && rest[0] === 'health')
    return {
      status: options.sealed === true ? 503 : 200,
      body: { initialized: true, sealed: options.sealed === true, standby: false, version: '1.18.3' },
    };
  if (options.sealed === true) return errors(503, 'Vault is sealed');
  if (seen.headers['x-vault-token'] !== token) return errors(403, '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n');
  if (first === 'auth') return { status: 200, body: { data: { policies: ['default', 'rekey'], ttl: 7200, renewable: true } } };
  if (options.quota !== undefined && options.quota-- <= 0)
    return {
      ...errors(429, 'request path "secret/": rate limit quota exceeded'),
      headers: { 'retry-after': '2', 'x-ratelimit-limit': '1' },
    };
  if (first !== mount || rest[0] !== 'data')
    return errors(404, `no handler for route "${seen.path.slice(1).join('/')}". route entry not found.`);
  const capability = { GET: 'read', POST: 'update', PUT: 'update', PATCH: 'patch' }[seen.method];
  if (capability === undefined) return errors(405, '1 error occurred:\n\t* unsupported operation\n\n');
  if (!(options.capabilities ?? ['read', 'update', 'patch']).includes(capability))
    return errors(403, '1 error occurred:\n\t* permission denied\n\n');
  const path = rest.slice(1).join('/');
  if (seen.method === 'GET') return read(entries.get(path));
  const entry = entries.get(path);
  if (entry !== undefined) options.before?.(entry);
  return write(entries, path, seen);
}

function metadata(entry: Entry): object {
  const last = entry.versions.at(-1);
  return {
    created_time: last?.created ?? '',
    custom_metadata: entry.customMetadata,
    deletion_time: last?.deleted ?? '',
    destroyed: last?.destroyed ?? false,
    version: entry.versions.length,
  };
}

function read(entry: Entry | undefined): Said {
  const last = entry?.versions.at(-1);
  if (entry === undefined || last === undefined) return errors(404);
  if (last.deleted !== '' || last.destroyed) return { status: 404, body: { data: { data: null, metadata: metadata(entry) } } };
  return { status: 200, body: { data: { data: last.data, metadata: metadata(entry) } } };
}

function write(entries: Map<string, Entry>, path: string, seen: Seen): Said {
  const { data, options } = (seen.body ?? {}) as { data?: Record<string, unknown>; options?: { cas?: unknown } };
  if (data === undefined) return errors(400, 'no data provided');
  const entry = entries.get(path) ?? { versions: [], casRequired: false, customMetadata: null };
  const last = entry.versions.at(-1);
  if (options?.cas === undefined && entry.casRequired) return errors(400, 'check-and-set parameter required for this call');
  if (options?.cas !== undefined && options.cas !== entry.versions.length)
    return errors(400, 'check-and-set parameter did not match the current version');
  let next = data;
  if (seen.method === 'PATCH') {
    if (seen.headers['content-type'] !== 'application/merge-patch+json') return errors(415, 'unsupported media type');
    if (last === undefined || last.deleted !== '' || last.destroyed) return errors(404);
    next = { ...last.data, ...data };
    for (const [key, value] of Object.entries(data)) if (value === null) delete next[key];
  }
  entry.versions.push(stored(next));
  entries.set(path, entry);
  return { status: 200, body: { data: metadata(entry) } };
}
