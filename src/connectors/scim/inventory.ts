// The users of a SCIM service, page by page. SCIM pages by position: where the service can sort they are asked for in the order of ids, so
// that few moves are felt.
import type { Json } from '../../domain/json.ts';
import { type Capabilities, done, type Found, indeterminate, type Kind, refused } from '../../kit/kit.ts';
import { listAt, member, textAt } from '../../protocols/http/call.ts';
import type { Config } from './config.ts';
import type { Service } from './service.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
/** Never the password: its schema says "returned: never", and a service that returns it all the same is not asked to. */
const attributes = [
  'id',
  'userName',
  'externalId',
  'displayName',
  'emails',
  'userType',
  'active',
  'roles',
  'groups',
  'meta',
  enterprise,
].join(',');

export function inventory(service: Service, settings: Config): Capabilities['inventory'] {
  return {
    async page({ cursor, limit }) {
      const features = await service.features();
      if (features.kind !== 'done') return features;
      const startIndex = cursor === undefined ? 1 : Number(cursor);
      const query = {
        startIndex,
        count: limit,
        attributes,
        filter: settings.filter,
        sortBy: features.value.sort ? 'id' : undefined,
      };
      const read = await service.ask({ method: 'GET', path: ['Users'], query }, [200]);
      if (read.kind !== 'done') return read;
      const { body } = read.value;
      const total = member(body, 'totalResults');
      const listed = listAt(body, 'Resources');
      const items = listed.map((user) => found(user, settings));
      if (typeof total !== 'number' || items.includes(undefined))
        return indeterminate('protocol', 'the service listed something that is no user');
      const first = member(body, 'startIndex') ?? 1;
      // A service that ignores positions gives the same list to every question: harmless while it is the whole, never when it is a part.
      const whole = first === 1 && listed.length === total;
      if (!whole && (first !== startIndex || listed.length > limit))
        return refused('unsupported', 'the service ignores startIndex or count: most users would not be found');
      const known = items.filter((item) => item !== undefined);
      const users = whole ? known.slice(startIndex - 1, startIndex - 1 + limit) : known;
      const next = startIndex + users.length;
      return done(users.length === 0 || next > total ? { items: users } : { items: users, next: String(next) });
    },
  };
}

export function found(user: unknown, settings: Pick<Config, 'loginAttribute' | 'admins'>): Found | undefined {
  const id = textAt(user, 'id');
  const name = textAt(user, 'userName');
  if (id === undefined || name === undefined) return undefined;
  const email = mainEmail(user);
  const memberships = [...namesOf(user, 'roles'), ...namesOf(user, 'groups')];
  const login = { userName: name, externalId: textAt(user, 'externalId'), emails: email }[settings.loginAttribute];
  const manager = textAt(user, enterprise, 'manager', 'displayName') ?? textAt(user, enterprise, 'manager', 'value');
  const facts: Record<string, Json> = {};
  const shown = {
    email,
    externalId: textAt(user, 'externalId'),
    userType: textAt(user, 'userType'),
    department: textAt(user, enterprise, 'department'),
    // When anything of the user last changed: it says nothing about the password.
    lastModified: textAt(user, 'meta', 'lastModified'),
  };
  for (const [fact, text] of Object.entries(shown)) if (text !== undefined) facts[fact] = text;
  if (memberships.length > 0) facts.memberOf = [...new Set(memberships)];
  return {
    id,
    name,
    ...(login === undefined || login === name ? {} : { login }),
    kind: kindOf(textAt(user, 'userType'), name),
    // RFC 7643 leaves the meaning of a missing `active` open; services that leave it out mean an active user.
    enabled: member(user, 'active') !== false,
    privileged: memberships.some((each) => settings.admins.includes(each)),
    ...(manager === undefined ? {} : { owner: manager }),
    facts,
  };
}

function mainEmail(user: unknown): string | undefined {
  const all = listAt(user, 'emails');
  return textAt(all.find((each) => member(each, 'primary') === true) ?? all[0], 'value');
}

const namesOf = (user: unknown, list: string): string[] =>
  listAt(user, list).flatMap((each) => [textAt(each, 'display'), textAt(each, 'value')].filter((name) => name !== undefined));

function kindOf(userType: string | undefined, name: string): Kind {
  const type = userType?.toLowerCase() ?? '';
  if (/service|application|bot|machine|api/.test(type)) return 'service';
  if (/vendor|contractor|partner|external/.test(type)) return 'vendor';
  if (/employee|intern|temp|person|human/.test(type)) return 'human';
  return /^(svc|service|bot|api|app)[-_.]/i.test(name) ? 'service' : 'unknown';
}
