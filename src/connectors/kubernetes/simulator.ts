// The API server in miniature, after the API conventions: resourceVersion conflicts, merge patches, immutability, managedFields, RBAC, throttling.
import { randomUUID } from 'node:crypto';
import { type Loss, type Said, type Seen, simulate } from '../../protocols/http/simulate.ts';
import { type ClusterWorkload, patchWorkload, podList } from './simulator-workloads.ts';

export type ClusterSecret = {
  kind: 'Secret';
  metadata: Record<string, unknown> & { name: string; namespace: string; resourceVersion: string };
  type: string;
  data: Record<string, string>;
  immutable?: boolean;
};
export type ClusterOptions = {
  readonly loses?: (seen: Seen) => Loss | undefined;
  /** `verb resource`, as in `patch secrets`; left out: everything a store needs. */
  rights?: readonly string[];
  /** Answers 429 from now on. */
  throttled?: boolean;
  /** Runs before each patch of a Secret: a second writer, or an admission webhook. */
  before?(secret: ClusterSecret): void;
  admit?(secret: ClusterSecret): void;
};
export const token = 'simulated-service-account-token';
const allRights = [
  'get secrets',
  'patch secrets',
  'get deployments',
  'patch deployments',
  'get statefulsets',
  'patch statefulsets',
  'get daemonsets',
  'patch daemonsets',
  'list pods',
];

export async function simulateCluster(options: ClusterOptions = {}) {
  const secrets = new Map<string, ClusterSecret>();
  const workloads = new Map<string, ClusterWorkload>();
  const server = await simulate((seen) => answer({ secrets, workloads, options }, seen), options.loses);
  return {
    ...server,
    secrets,
    workloads,
    options,
    addSecret(
      name: string,
      data: Record<string, string>,
      more: Partial<Omit<ClusterSecret, 'metadata'>> & { metadata?: object } = {},
    ): ClusterSecret {
      const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
      const secret: ClusterSecret = {
        kind: 'Secret',
        type: 'Opaque',
        data: encoded,
        ...more,
        metadata: { name, namespace: 'prod', uid: randomUUID(), resourceVersion: '100', ...more.metadata },
      };
      recordManager(secret, 'kubectl-create', Object.keys(data), new Date(Date.now() - 86_400_000));
      secrets.set(`prod/${name}`, secret);
      return secret;
    },
    value: (name: string, key: string): string => Buffer.from(secrets.get(`prod/${name}`)?.data[key] ?? '', 'base64').toString(),
  };
}
export type Cluster = Awaited<ReturnType<typeof simulateCluster>>;
type State = Pick<Cluster, 'secrets' | 'workloads' | 'options'>;

let version = 1000;
export const nextVersion = (): string => String(++version);

export function status(code: number, reason: string, message: string, details: object = {}): Said {
  return { status: code, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code } };
}

function answer({ secrets, workloads, options }: State, seen: Seen): Said {
  if (seen.headers.authorization !== `Bearer ${token}`) return status(401, 'Unauthorized', 'Unauthorized');
  if (options.throttled === true)
    return {
      ...status(429, 'TooManyRequests', 'Too many requests, please try again later.', { retryAfterSeconds: 3 }),
      headers: { 'retry-after': '3' },
    };
  if (seen.path[0] === 'version') return { status: 200, body: { major: '1', minor: '31', gitVersion: 'v1.31.2' } };
  const rights = options.rights ?? allRights;
  const [, , , , namespace = '', resource = '', name = ''] = seen.path[0] === 'api' ? ['', ...seen.path] : seen.path;
  if (seen.path[1] === 'authorization.k8s.io') {
    const { verb, resource: what } = (seen.body as { spec: { resourceAttributes: { verb: string; resource: string } } }).spec
      .resourceAttributes;
    return { status: 201, body: { status: { allowed: rights.includes(`${verb} ${what}`) } } };
  }
  const verb = { GET: name === '' ? 'list' : 'get', PATCH: 'patch', PUT: 'update', POST: 'create', DELETE: 'delete' }[seen.method] ?? '';
  if (!rights.includes(`${verb} ${resource}`))
    return status(
      403,
      'Forbidden',
      `${resource} "${name}" is forbidden: User "system:serviceaccount:rekey:rekey" cannot ${verb} resource "${resource}" in the namespace "${namespace}"`,
    );
  if (resource === 'pods') return podList(workloads, seen.query);
  const found = resource === 'secrets' ? secrets.get(`${namespace}/${name}`) : workloads.get(`${resource}/${name}`);
  if (found === undefined) return status(404, 'NotFound', `${resource} "${name}" not found`, { name, kind: resource });
  if (seen.method === 'GET') return { status: 200, body: 'object' in found ? found.object : found };
  if (seen.headers['content-type'] !== 'application/merge-patch+json')
    return status(415, 'UnsupportedMediaType', 'the body of the request was in an unknown format');
  return 'object' in found ? patchWorkload(found, seen) : patchSecret(found, seen, options);
}

function patchSecret(secret: ClusterSecret, seen: Seen, options: ClusterOptions): Said {
  options.before?.(secret);
  const patch = seen.body as {
    metadata?: { resourceVersion?: string };
    data?: Record<string, string | null>;
    stringData?: Record<string, string>;
  };
  const { name } = secret.metadata;
  if (patch.metadata?.resourceVersion !== undefined && patch.metadata.resourceVersion !== secret.metadata.resourceVersion)
    return status(
      409,
      'Conflict',
      `Operation cannot be fulfilled on secrets "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    );
  const changed: Record<string, string | null> = { ...patch.data };
  for (const [key, value] of Object.entries(patch.stringData ?? {})) changed[key] = Buffer.from(value).toString('base64');
  for (const value of Object.values(changed))
    if (value !== null && Buffer.from(value, 'base64').toString('base64') !== value)
      return status(400, 'BadRequest', 'illegal base64 data at input byte 0');
  const different = Object.entries(changed).filter(([key, value]) => (secret.data[key] ?? null) !== value);
  if (secret.immutable === true && different.length > 0)
    return status(422, 'Invalid', `Secret "${name}" is invalid: data: Forbidden: field is immutable when \`immutable\` is set`);
  if (different.length === 0) return { status: 200, body: secret };
  for (const [key, value] of different) {
    if (value === null) delete secret.data[key];
    else secret.data[key] = value;
  }
  options.admit?.(secret);
  secret.metadata.resourceVersion = nextVersion();
  const manager = seen.query.get('fieldManager') ?? 'unknown';
  recordManager(
    secret,
    manager,
    different.map(([key]) => key),
    new Date(),
  );
  return { status: 200, body: secret };
}

type Managed = {
  manager: string;
  operation: 'Update';
  time: string;
  fieldsType: 'FieldsV1';
  fieldsV1: { 'f:data': Record<string, object> };
};

/** Who changes a field holds it from then on; the entry's time is that of its manager's last change. */
export function recordManager(secret: ClusterSecret, manager: string, keys: readonly string[], at: Date): void {
  const entries = (secret.metadata.managedFields ?? []) as Managed[];
  for (const entry of entries) for (const key of keys) delete entry.fieldsV1['f:data'][`f:${key}`];
  const time = at.toISOString().replace(/\.\d+Z$/, 'Z');
  const mine = entries.find((entry) => entry.manager === manager) ?? {
    manager,
    operation: 'Update',
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': {} },
  };
  mine.time = time;
  for (const key of keys) mine.fieldsV1['f:data'][`f:${key}`] = {};
  secret.metadata.managedFields = [...entries.filter((entry) => entry !== mine && Object.keys(entry.fieldsV1['f:data']).length > 0), mine];
}
