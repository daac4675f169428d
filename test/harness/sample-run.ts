// A small run in memory behind the ports of prove/: four accounts on two systems, one of them blocked, every kind of entry once.
import { createHash } from 'node:crypto';
import { entryLine } from '../../src/domain/entry.ts';
import { canonical, type Json } from '../../src/domain/json.ts';
import { verdictOf, worstOf } from '../../src/domain/person.ts';
import type { PersonView } from '../../src/domain/view.ts';
import type { BundleDeps } from '../../src/prove/bundle.ts';
import type { ApprovalRecord, Evidence, ExceptionRow, ItemRow, RunRecord, RunRecords, StoredCheckpoint } from '../../src/prove/port.ts';
import { newLogKey, signerOf } from '../../src/prove/sign-note.ts';

const began = Date.parse('2026-11-20T10:00:00.000Z');
export const at = (seconds: number): Date => new Date(began + seconds * 1000);

export function memoryEvidence(lines: string[]): Evidence & { readonly saved: StoredCheckpoint[] } {
  const saved: StoredCheckpoint[] = [];
  return {
    saved,
    async *pages() {
      for (let i = 0; i < lines.length; i += 3) yield lines.slice(i, i + 3);
    },
    unsettled: async () => 0,
    checkpoints: async () => saved,
    async saveCheckpoint(_log, { size, note }) {
      saved.push({ size, note, at: at(1000) });
    },
    async append(_log, more) {
      lines.push(...more);
    },
  };
}

/** The way of one item from planned to complete, with its three controls on one path. */
export function itemLines(item: string, account: string, from: number, path: { path: string; replica: string }): string[] {
  const steps = ['planned', 'sealed', 'sent', 'applied', 'propagated', 'revoked', 'proved', 'complete'];
  const step = (i: number): string => entryLine('item', at(from + i), { item, account, from: steps[i - 1], to: steps[i], version: 1 });
  const probe = (secret: string, verdict: string, code: string): string =>
    entryLine('probe', at(from + 5.5), { item, account, ...path, secret, verdict, code });
  return [
    ...[1, 2, 3, 4, 5].map(step),
    probe('new', 'accepted', '0'),
    probe('nonsense', 'rejected', '49'),
    probe('old', 'rejected', '49'),
    probe('new', 'accepted', '0'),
    ...[6, 7].map(step),
  ];
}

/** As the store groups them: one verdict for each person, the worst of their accounts. */
function peopleOf(items: readonly ItemRow[]): PersonView[] {
  const names = [...new Set(items.flatMap(({ person }) => (person === null ? [] : [person])))].sort();
  return names.map((person) => {
    const own = items.filter((item) => item.person === person);
    const cells = { proved: 0, inferred: 0, residual: 0, notProved: 0, excepted: 0 };
    const accounts = own
      .filter(({ state }) => state !== 'excluded')
      .map(({ system, account, id, state, wave, sync, error }) => {
        return { system, account, id, state, verdict: verdictOf(state, false), wave, sync, cells, residualUntil: null, error };
      });
    const leftOut = own
      .filter(({ state }) => state === 'excluded')
      .map(({ system, account, error }) => ({ system, account, why: error ?? '' }));
    const verdict = worstOf(accounts.map((each) => each.verdict));
    return { person, verdict, done: verdict === 'done', cells, residualUntil: null, sync: [], accounts, leftOut };
  });
}

export type Sample = {
  deps: BundleDeps;
  lines: string[];
  run: RunRecord;
  items: ItemRow[];
  approvals: ApprovalRecord[];
  exceptions: ExceptionRow[];
  records: RunRecords;
};

/** `owner` ends up in every output that shows names. */
export async function sampleRun({ owner = 'alice@example.test', account = 'svc-mail', demo = false } = {}): Promise<Sample> {
  const ldap = { path: 'bind', replica: 'ldap-1' };
  const planLines = [
    { action: 'rotate', system: 'corp-ldap', id: 'a1', account },
    { action: 'rotate', system: 'corp-ldap', id: 'a2', account: 'svc-web' },
    { action: 'rotate', system: 'orders-db', id: 'b1', account: 'orders' },
    { action: 'blocked', system: 'orders-db', id: 'b2', account: 'legacy', reason: 'two-owners' },
  ].map((line) => canonical(line));
  const digest = createHash('sha256');
  for (const line of planLines) digest.update(`${line}\n`);
  const header = canonical({
    id: 'P-7K3QX2MA',
    where: 'tag = incident-7',
    reason: 'leaked export',
    incident: 'INC-7',
    items: { count: planLines.length, digest: digest.digest('hex') },
  } as Json);
  const planHash = createHash('sha256').update(header).digest('hex');
  const lines = [
    entryLine('plan', at(-60), { plan: 'P-7K3QX2MA', hash: planHash }),
    entryLine('run', at(0), { state: 'running', by: 'alice' }),
    ...itemLines('corp-ldap/a1', account, 1, ldap),
    ...itemLines('corp-ldap/a2', 'svc-web', 20, ldap),
    entryLine('consumer', at(30), { item: 'corp-ldap/a2', consumer: 'web', state: 'adopted' }),
    entryLine('item', at(31), { item: 'orders-db/b1', account: 'orders', from: 'planned', to: 'failed', error: 'permission denied' }),
    entryLine('run', at(40), { state: 'incomplete', by: 'rekey' }),
  ];
  const cell = { ...ldap, verdict: 'proved', level: 'probed', code: '49', at: at(7).toISOString() } as const;
  const item = (more: Partial<ItemRow>): ItemRow => ({
    system: 'corp-ldap',
    account: 'x',
    id: 'x',
    credential: 'password',
    state: 'complete',
    wave: 1,
    version: 1,
    owner,
    cells: [cell],
    consumers: [],
    residual: null,
    error: null,
    tier: 1,
    kind: 'service',
    canary: false,
    person: null,
    sync: null,
    ...more,
  });
  const items = [
    item({ account, id: 'a1', person: 'alice' }),
    item({ account: 'svc-web', id: 'a2', consumers: [{ id: 'web', state: 'adopted', detail: null }] }),
    item({
      system: 'orders-db',
      account: 'orders',
      id: 'b1',
      state: 'failed',
      cells: [],
      version: null,
      error: 'permission denied',
      tier: 2,
    }),
    item({ system: 'orders-db', account: 'legacy', id: 'b2', state: 'excluded', cells: [], version: null, error: 'two-owners', tier: 2 }),
  ];
  const run: RunRecord = {
    id: 'R-4T9WZ0AB',
    plan: 'P-7K3QX2MA',
    planHash,
    state: 'incomplete',
    mode: 'contain',
    startedAt: at(0),
    endedAt: at(40),
    startedBy: 'alice',
    halt: null,
  };
  const approvals: ApprovalRecord[] = [
    { approver: 'alice', method: 'ssh', publicKey: 'ssh-ed25519 AAAA', signature: 'signed by alice', at: at(-30) },
  ];
  const exceptions: ExceptionRow[] = [];
  const records: RunRecords = {
    run: async () => run,
    plan: async () => ({ id: run.plan, name: 'October export', header, createdAt: at(-60), createdBy: 'alice' }),
    async *planLines() {
      yield planLines;
    },
    approvals: async () => approvals,
    preApproval: async () => undefined,
    waves: async () => [{ n: 1, name: 'first', mode: 'contain', state: 'done', reason: null, startedAt: at(0), endedAt: at(40) }],
    async *items() {
      yield items;
    },
    async *people() {
      yield peopleOf(items);
    },
    async *exceptions() {
      yield exceptions;
    },
  };
  const { key, seed } = newLogKey('rekey/acme');
  const signer = await signerOf(key.name, (f) => f(seed));
  const deps: BundleDeps = {
    evidence: memoryEvidence(lines),
    records,
    signer,
    estate: 'acme',
    demo,
    tool: 'rekey 0.1.0',
    now: () => at(2000),
    approvalMessage: ({ id, hash, estate }) => `rekey approval v1\nestate ${estate}\nid ${id}\nhash sha256:${hash}\n`,
    derivatives: async () => [{ system: 'corp-ldap', what: 'open connections', killedBy: 'disconnect', residual: 'until closed' }],
  };
  return { deps, lines, run, items, approvals, exceptions, records };
}
