// Reads where a consumer's secret lives: group/project:VAR[@environment], or groups/path:VAR[@environment] of a group.
import { done, type Outcome, refused } from '../../kit/kit.ts';

export type Place = {
  readonly ref: string;
  readonly owner: 'projects' | 'groups';
  /** The full path; one segment of the address, slashes escaped. */
  readonly path: string;
  readonly name: string;
  /** Undefined: the only variable of this name, whatever its scope. */
  readonly environment: string | undefined;
};

const syntax = 'write group/project:VAR, groups/group:VAR, each with @environment where the variable has a scope';

export function placeOf(ref: string, within: readonly string[] | undefined): Outcome<Place> {
  const bad = (why: string): Outcome<never> => refused('unsupported', `"${ref}" ${why}`);
  // Paths hold no colon, names neither colon nor @; the scope of an environment may hold both.
  const colon = ref.indexOf(':');
  if (colon < 1) return bad(`names no variable; ${syntax}`);
  const rest = ref.slice(colon + 1);
  const at = rest.indexOf('@');
  const name = at < 0 ? rest : rest.slice(0, at);
  const environment = at < 0 ? undefined : rest.slice(at + 1);
  if (!/^[A-Za-z0-9_]{1,255}$/.test(name)) return bad(`has no valid name of a variable: "${name}" (letters, digits, _)`);
  if (environment === '') return bad(`has an @ without an environment; ${syntax}`);
  const segments = ref.slice(0, colon).split('/');
  // `groups` is reserved at the top of GitLab: no project is ever below it.
  const owner = segments[0] === 'groups' ? 'groups' : 'projects';
  const path = owner === 'groups' ? segments.slice(1) : segments;
  if (path.length < (owner === 'groups' ? 1 : 2)) return bad(`has no full path; ${syntax}`);
  if (!path.every((segment) => /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(segment)))
    return bad(`has no valid path: "${path.join('/')}"; ${syntax}`);
  const full = path.join('/');
  if (within !== undefined && !within.some((each) => `${full}/`.toLowerCase().startsWith(`${each}/`.toLowerCase())))
    return bad(`is outside what this store lists: ${within.join(', ')}`);
  return done({ ref, owner, path: full, name, environment });
}
