// Reads where a consumer's secret lives (namespace/name#key) and which workloads run on it (rollout kind/name, …).
import { done, type Outcome, refused } from '../../kit/kit.ts';

export type Place = { readonly ref: string; readonly namespace: string; readonly name: string; readonly key: string };

/** RFC 1123: what the API server takes for the name of an object. */
const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const objectName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export function placeOf(ref: string, namespaces: readonly string[] | undefined): Outcome<Place> {
  const bad = (why: string): Outcome<never> => refused('unsupported', `"${ref}" ${why}`);
  const hash = ref.indexOf('#');
  const [namespace = '', name = '', more] = (hash < 0 ? ref : ref.slice(0, hash)).split('/');
  const key = hash < 0 ? '' : ref.slice(hash + 1);
  if (name === '' || more !== undefined) return bad('does not name a Secret; write namespace/name#key');
  if (!label.test(namespace)) return bad(`has no valid namespace: "${namespace}"`);
  if (!objectName.test(name)) return bad(`has no valid name of a Secret: "${name}"`);
  if (key === '') return bad('names no key of the Secret; write namespace/name#key');
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) return bad(`has no valid key: "${key}" (letters, digits, - _ .)`);
  if (namespaces !== undefined && !namespaces.includes(namespace))
    return bad(`is in a namespace that this store does not list; listed are ${namespaces.join(', ')}`);
  return done({ ref, namespace, name, key });
}

export const kinds = { deployment: 'deployments', statefulset: 'statefulsets', daemonset: 'daemonsets' } as const;
export type Kind = keyof typeof kinds;
export type WorkloadName = { readonly kind: Kind; readonly name: string };

const short: Readonly<Record<string, Kind>> = {
  ...Object.fromEntries(
    (Object.keys(kinds) as Kind[]).flatMap((kind) => [
      [kind, kind],
      [kinds[kind], kind],
    ]),
  ),
  deploy: 'deployment',
  sts: 'statefulset',
  ds: 'daemonset',
};

/** The workloads are in the namespace of the Secret: no pod reads one from elsewhere. */
export function workloadsOf(text: string): Outcome<readonly WorkloadName[]> {
  const syntax = 'write rollout deployment/name (or statefulset/, daemonset/), several with commas';
  const listed = /^rollout\s+(\S.*)$/.exec(text.trim())?.[1];
  if (listed === undefined) return refused('unsupported', `"${text}" is not understood; ${syntax}`);
  const found: WorkloadName[] = [];
  for (const each of listed.split(',').map((part) => part.trim())) {
    const [kind = '', name = '', more] = each.split('/');
    const known = Object.hasOwn(short, kind.toLowerCase()) ? short[kind.toLowerCase()] : undefined;
    if (known === undefined) return refused('unsupported', `"${text}": "${each}" is no workload; ${syntax}`);
    if (more !== undefined || !objectName.test(name)) return refused('unsupported', `"${text}": "${each}" has no valid name; ${syntax}`);
    found.push({ kind: known, name });
  }
  return done(found);
}
