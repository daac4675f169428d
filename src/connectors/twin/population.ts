// The accounts of a twin, each computed from its number: an estate of a million needs no memory. Fictitious people, .example addresses.
import type { Kind } from '../../domain/account.ts';
import type { Found } from '../../kit/kit.ts';
import type { TwinConfig } from './config.ts';
import { chance } from './seeded.ts';

const firstNames =
  'Ada Aino Amir Anouk Arjun Astrid Bela Birgit Carlos Chidi Clara Daan Dalia Dmitri Elif Emeka Enzo Esra Farah Felix Freya Gita Greta Hana Hugo Ines Ivan Jaan Jun Kaito Karin Kofi Lena Leon Lin Luca Maja Malik Mara Mateo Mei Milan Nadia Nils Noor Olga Omar Petra Priya Quinn Rafa Rosa Ruta Samir Sanna Sven Tara Teo Uma Vera Wanda Yara Yusuf Zoe'.split(
    ' ',
  );
const lastNames =
  'Abel Adeyemi Ahlgren Almeida Arslan Bakker Banerjee Baptiste Berg Castillo Celik Chen Costa Dahl Diaz Dubois Egede Eriksen Fischer Fofana Garcia Grau Haddad Hansen Horvat Ibarra Ito Jansen Jovanovic Kaya Keller Khan Koskela Kovacs Lehmann Lindqvist Lopez Marek Mensah Mori Moreau Nakata Novak Nwosu Okafor Olsen Ortiz Park Petrov Quist Rahman Reyes Rossi Saar Sato Silva Singh Tamm Torres Usman Varga Weber Yilmaz Zeman'.split(
    ' ',
  );
const tasks =
  'backup billing etl reports mailer ci-runner sync indexer metrics payroll ldap-bind scanner deploy archive search queue webhooks ledger inventory printing crm monitoring gateway scheduler'.split(
    ' ',
  );
const kindsOfService: readonly (readonly [prefix: string, kind: Kind])[] = [
  ['svc', 'service'],
  ['app', 'application'],
  ['svc', 'service'],
  ['app', 'application'],
  ['bot', 'agent'],
  ['svc', 'service'],
  ['vendor', 'vendor'],
];
const departments = ['Finance', 'Operations', 'Engineering', 'Sales', 'Legal', 'Support', 'Research', 'People'] as const;
const shared = ['reception', 'warehouse', 'lab', 'dispatch', 'shopfloor', 'kiosk', 'frontdesk', 'studio'] as const;

export type Population = {
  readonly size: number;
  at(index: number): Found;
  /** -1 when there is no such account. Ids are permanent, names are what people type. */
  indexOf(id: string): number;
  idAt(index: number): string;
};

/** Named accounts first (x-…), then people (p-…), then services (s-…). The same seed gives the same people in every system. */
export function population(config: TwinConfig): Population {
  const { people, services, named } = config.accounts;
  const size = named.length + people + services;
  const starts = { x: 0, p: named.length, s: named.length + people } as const;
  const ends = { x: named.length, p: named.length + people, s: size } as const;
  const idAt = (index: number): string => {
    const letter = index < starts.p ? 'x' : index < starts.s ? 'p' : 's';
    return `${letter}-${String(index - starts[letter] + 1).padStart(7, '0')}`;
  };
  return {
    size,
    idAt,
    indexOf(id) {
      const letter = id[0];
      if ((letter !== 'x' && letter !== 'p' && letter !== 's') || id.length < 9) return -1;
      const index = starts[letter] + Number(id.slice(2)) - 1;
      return index >= starts[letter] && index < ends[letter] && idAt(index) === id ? index : -1;
    },
    at(index) {
      const id = idAt(index);
      if (index < starts.p) return { id, ...namedAccount(config, index) };
      return { id, ...(index < starts.s ? person(config, index - starts.p) : service(config, index - starts.s)) };
    },
  };
}

type Body = Omit<Found, 'id'>;

function namedAccount(config: TwinConfig, n: number): Body {
  const { owner, ...rest } = config.accounts.named[n] as TwinConfig['accounts']['named'][number];
  return { ...rest, ...(owner === undefined ? {} : { owner }), facts: { description: 'named in the estate file' } };
}

/** 4096 pairs in an order that belongs to the seed; from the second round on a number makes them unique. */
function personName(config: TwinConfig, n: number): { first: string; last: string; login: string } {
  const pairs = firstNames.length * lastNames.length;
  const pair = (n * 2731 + Math.floor(chance(config.seed, 'names') * pairs)) % pairs;
  const first = firstNames[pair % firstNames.length] as string;
  const last = lastNames[Math.floor(pair / firstNames.length)] as string;
  const round = Math.floor(n / pairs);
  return { first, last, login: `${first}.${last}`.toLowerCase() + (round === 0 ? '' : String(round + 1)) };
}

function person(config: TwinConfig, n: number): Body {
  const { first, last, login } = personName(config, n);
  const { prefix, domain, disabled, privileged } = config.accounts;
  const mail = `${login}@${domain}`;
  return {
    name: prefix + login,
    login,
    locator: `people/${login}`,
    kind: 'human',
    enabled: chance(config.seed, 'p', n, 'disabled') >= disabled,
    privileged: chance(config.seed, 'p', n, 'privileged') < privileged,
    owner: mail,
    facts: { displayName: `${first} ${last}`, mail, department: pick(departments, chance(config.seed, 'p', n, 'department')) },
  };
}

function service(config: TwinConfig, n: number): Body {
  const of = (what: string): number => chance(config.seed, 's', n, what);
  const { prefix, domain, unowned, disabled, privileged } = config.accounts;
  const round = Math.floor(n / (tasks.length * kindsOfService.length));
  const isShared = of('shared') < config.accounts.shared;
  const [word, kind] = kindsOfService[n % kindsOfService.length] as (typeof kindsOfService)[number];
  // 24 tasks and 7 kinds share no factor: the pair repeats after 168 accounts only, then a number follows. svc stands three times in the list.
  const task = tasks[n % tasks.length] as string;
  const turn = n % kindsOfService.length;
  const variant = turn === 2 || turn === 3 ? '-eu' : turn === 5 ? '-batch' : '';
  const tail = round === 0 ? '' : `-${String(round + 1).padStart(2, '0')}`;
  const name = isShared ? `shared-${pick(shared, of('place'))}-${n + 1}` : `${word}-${task}${variant}${tail}`;
  const people = config.accounts.people;
  const keeper = people > 0 ? `${personName(config, Math.floor(of('owner') * people)).login}@${domain}` : `${task}-team@${domain}`;
  return {
    name: prefix + name,
    locator: `services/${name}`,
    kind: isShared ? 'shared' : kind,
    enabled: of('disabled') >= disabled,
    privileged: of('privileged') < privileged,
    ...(of('unowned') < unowned ? {} : { owner: keeper }),
    facts: { description: isShared ? `Used by the ${task} shift` : `${task} (${kind})` },
  };
}

function pick<T>(list: readonly T[], chanceOf: number): T {
  return list[Math.floor(chanceOf * list.length)] as T;
}
