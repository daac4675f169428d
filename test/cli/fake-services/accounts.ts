// The inventory of the small house: accounts on two systems, owners, and one account that nobody owns.
import { Problem } from '../../../src/domain/problem.ts';
import type { AccountView } from '../../../src/domain/view.ts';
import type { Caller, Page } from '../../../src/http/services.ts';
import { type AllOptions, at, type FakeOptions, FakeState, paged } from './state.ts';

export class FakeAccounts extends FakeState {
  protected readonly accountRows: AccountView[];

  constructor(options: FakeOptions = {}) {
    super(options);
    this.accountRows = Array.from({ length: this.options.accounts }, (_, i) => accountOf(i, this.options));
  }

  protected select(where: string): AccountView[] {
    if (where === 'all') return this.accountRows;
    const match = /^system = ([a-z-]+)$/.exec(where);
    if (match === null) {
      throw new Problem('invalid-selector', {
        place: 'where:1:1',
        message: `unknown field "${where.split(' ')[0]}"`,
        hint: 'fields: system, name, kind, owner, tier, tag, age',
      });
    }
    return this.accountRows.filter((account) => account.system === match[1]);
  }

  async accounts(_caller: Caller, query: Page & { where: string }) {
    return paged(this.select(query.where), query);
  }

  async account(_caller: Caller, system: string, account: string) {
    const found = this.accountRows.find((a) => a.system === system && a.account === account);
    if (found === undefined)
      throw new Problem('not-found', { message: `no account ${system}/${account}`, hint: 'rekey account ls --where "system = ..."' });
    return found;
  }

  async accountCount(_caller: Caller, where: string) {
    return this.select(where).length;
  }

  async *allAccounts(_caller: Caller, where: string) {
    yield* this.select(where);
  }

  async accountRuns() {
    return [];
  }
}

function accountOf(i: number, options: AllOptions): AccountView {
  const service = i % 10 === 0;
  const name = options.names[i] ?? `uid=${service ? 'svc' : 'p'}-${String(i).padStart(4, '0')},ou=people`;
  return {
    system: i % 3 === 0 ? 'corp-ldap' : 'orders-db',
    account: name,
    id: `id-${i}`,
    identity: service ? null : `person-${i}`,
    person: service ? null : `person-${i}`,
    personWhy: null,
    kind: service ? 'service' : 'human',
    owner: i === 7 ? null : 'alice@example.test',
    managed: 'enterprise',
    tier: i < options.tier0 ? 0 : 2,
    tags: [],
    privileged: false,
    shared: false,
    enabled: true,
    exposed: i % 2 === 0,
    lastChangedAt: at,
    version: 1,
    consumers: service
      ? [{ consumer: 'orders-api', store: 'file', ref: '/etc/orders.env', owner: 'bob@example.test', state: 'mapped' }]
      : [],
    blockers: i === 7 ? ['no-owner'] : [],
  };
}
