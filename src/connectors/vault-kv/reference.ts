// Reads where a consumer's secret lives: mount/data/path#key, as in the API path of KV version 2.
import { done, type Outcome, refused } from '../../kit/kit.ts';

export type Place = { readonly ref: string; readonly mount: readonly string[]; readonly path: readonly string[]; readonly key: string };

export function placeOf(ref: string): Outcome<Place> {
  const bad = (why: string): Outcome<never> => refused('unsupported', `"${ref}" ${why}`);
  const hash = ref.lastIndexOf('#');
  if (hash < 0 || hash === ref.length - 1) return bad('names no key; write secret/data/app#password');
  const segments = ref.slice(0, hash).split('/');
  if (segments[0] === '') return bad('starts with a slash; write secret/data/app#password');
  if (segments[0] === 'v1') return bad('starts with v1/; leave that out');
  const data = segments.indexOf('data', 1);
  if (data < 0)
    return bad(
      segments.indexOf('metadata', 1) > 0
        ? 'is the path of the metadata; write data in its place'
        : `has no data/ after its mount; for KV version 2 write ${segments[0]}/data/${segments.slice(1).join('/') || 'app'}#${ref.slice(hash + 1)}`,
    );
  const path = segments.slice(data + 1);
  if (path.length === 0 || segments.some((segment) => segment === '' || segment === '.' || segment === '..'))
    return bad('has an empty part in its path; write secret/data/app#password');
  return done({ ref, mount: segments.slice(0, data), path, key: ref.slice(hash + 1) });
}

export const dataPath = ({ mount, path }: Place): readonly string[] => ['v1', ...mount, 'data', ...path];
