// Reads where a consumer's secret lives: owner/repo:NAME, owner/repo@environment:NAME, or owner:NAME of an organisation.
import { done, type Outcome, refused } from '../../kit/kit.ts';

export type Place = {
  readonly ref: string;
  /** Where the API keeps the secrets of this scope. */
  readonly secrets: readonly string[];
  readonly name: string;
  /** Undefined for an organisation. */
  readonly repository: readonly string[] | undefined;
};

const syntax = 'write owner/repo:NAME, owner/repo@environment:NAME or organisation:NAME';

export function placeOf(ref: string, owners: readonly string[] | undefined): Outcome<Place> {
  const bad = (why: string): Outcome<never> => refused('unsupported', `"${ref}" ${why}`);
  // The name of an environment may hold a colon, that of a secret cannot.
  const colon = ref.lastIndexOf(':');
  if (colon < 1) return bad(`names no secret; ${syntax}`);
  const name = ref.slice(colon + 1);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return bad(`has no valid name of a secret: "${name}" (letters, digits, _; no digit first)`);
  if (/^GITHUB_/i.test(name)) return bad('names a secret that GitHub keeps for itself: names cannot start with GITHUB_');
  const scope = ref.slice(0, colon);
  const at = scope.indexOf('@');
  const environment = at < 0 ? undefined : scope.slice(at + 1);
  const [owner = '', repo, more] = (at < 0 ? scope : scope.slice(0, at)).split('/');
  if (!/^[A-Za-z0-9](-?[A-Za-z0-9])*$/.test(owner)) return bad(`has no valid owner: "${owner}"; ${syntax}`);
  if (owners !== undefined && !owners.some((each) => each.toLowerCase() === owner.toLowerCase()))
    return bad(`is of an owner that this store does not list; listed are ${owners.join(', ')}`);
  if (more !== undefined) return bad(`has a path that is too long; ${syntax}`);
  if (repo === undefined) {
    if (environment !== undefined) return bad(`names an environment of no repository; ${syntax}`);
    return done({ ref, secrets: ['orgs', owner, 'actions', 'secrets'], name, repository: undefined });
  }
  if (!/^[A-Za-z0-9._-]+$/.test(repo) || repo === '.' || repo === '..') return bad(`has no valid repository: "${repo}"; ${syntax}`);
  if (environment === '') return bad(`has an @ without an environment; ${syntax}`);
  const repository = ['repos', owner, repo];
  const secrets =
    environment === undefined ? [...repository, 'actions', 'secrets'] : [...repository, 'environments', environment, 'secrets'];
  return done({ ref, secrets, name, repository });
}

export type Workflow = { readonly file: string; readonly branch: string };

/** `verb` is dispatch (reload) or run (health). */
export function workflowOf(text: string, verb: 'dispatch' | 'run'): Outcome<Workflow> {
  const [, file, branch] = new RegExp(`^${verb}\\s+([A-Za-z0-9._-]+)@(\\S+)$`).exec(text.trim()) ?? [];
  if (file === undefined || branch === undefined)
    return refused('unsupported', `"${text}" is not understood; write ${verb} deploy.yml@main`);
  return done({ file, branch });
}
