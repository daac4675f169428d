// An opened estate on simulated systems that has been worked in: members, an ended and proved run, one that stands still, plans in every state.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { stringify } from 'yaml';
import { type Caller, houseCaller } from '../../src/access/caller.ts';
import { permissions, type Role, roles } from '../../src/access/rights.ts';
import { initEstate, type Opened, openEstate } from '../../src/app.ts';
import { signApproval } from '../../src/approve/sign.ts';
import { writeKeyPair } from '../../src/demo/key-pair.ts';
import { isEnded } from '../../src/domain/run.ts';

export const origin = 'https://rekey.example.test';
const house = houseCaller('carol');
const owner = 'cargo-erp@harbour-pine.example';

export type Lived = {
  readonly estate: Opened;
  /** One per role, one with all of them, an owner of a system, a token, the house. */
  readonly callers: Readonly<Record<string, Caller>>;
  readonly ids: { readonly ended: string; readonly standing: string; readonly waiting: string; readonly approved: string };
  close(): Promise<void>;
};

const twin = (id: string, tier: number, accounts: object, more: object = {}): object => ({
  id,
  connector: 'twin',
  tier,
  owner: `${id}@harbour-pine.example`,
  canary: { account: 'rekey-canary' },
  config: {
    seed: `lived/${id}`,
    accounts: {
      domain: 'harbour-pine.example',
      named: [{ name: 'rekey-canary', kind: 'service', owner: 'security@harbour-pine.example' }],
      ...accounts,
    },
    ...more,
  },
});

export async function livedEstate(): Promise<Lived> {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-lived-'));
  const key = writeKeyPair(join(folder, 'alice.key'), 'alice');
  mkdirSync(join(folder, '.rekey'), { recursive: true });
  writeFileSync(join(folder, '.rekey', 'demo'), 'fictitious\n');
  const file = {
    apiVersion: 'rekey/v1',
    estate: 'harbour-and-pine',
    approvals: { count: 1, tier0: 1, handover: 1 },
    approvers: [{ name: 'alice', key }],
    signIn: { passkeys: { origin } },
    systems: [
      twin('cargo-erp', 1, { services: 16 }, { sessions: 2, staleAccounts: 'svc-archive*' }),
      twin('crew-directory', 2, { people: 24, shared: 0.1 }, { lockout: { threshold: 5 } }),
      twin('gate-controllers', 2, { services: 6 }, { faults: [{ op: 'set', kind: 'unreachable' }] }),
    ],
    playbooks: [
      {
        id: 'contain-account',
        where: 'system = $system and account = $account',
        reason: 'a person asked for it',
        parameters: ['account', 'system'],
        cap: { credentials: 3, systems: 1 },
      },
    ],
  };
  writeFileSync(join(folder, 'rekey.yaml'), stringify(file));
  await initEstate({ folder, name: 'harbour-and-pine' });
  const estate = await openEstate({ folder, worker: true });
  const { services, estateName } = estate;
  const made = async (where: string, name: string): Promise<string> =>
    (await services.createPlan(house, { where, reason: 'leaked export', incident: 'INC-42', name })).id;
  const approved = async (plan: string): Promise<string> => {
    const { id, hash } = await services.approvable(house, plan);
    const signature = signApproval({ id, hash, estate: estateName }, readFileSync(join(folder, 'alice.key'), 'utf8'), 'alice.key');
    await services.approve(house, plan, { approver: 'alice', signature });
    return plan;
  };
  for await (const step of services.discover(house)) if (step.problem !== undefined) throw new Error(step.problem);
  const first = await services.startRun(house, await approved(await made('system in (cargo-erp, crew-directory)', 'eviction')));
  await vi.waitUntil(async () => isEnded((await services.run(house, first.id)).state), { timeout: 60_000, interval: 100 });
  await services.prove(house, first.id);
  const standing = await services.startRun(house, await approved(await made('system = gate-controllers', 'gates')));
  return {
    estate,
    callers: await members(estate),
    ids: {
      ended: first.id,
      standing: standing.id,
      waiting: await made('system = cargo-erp', 'erp-again'),
      approved: await approved(await made('system = crew-directory', 'crew-again')),
    },

    close: async () => {
      await estate.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function members({ access }: Opened): Promise<Record<string, Caller>> {
  const signedIn = async (name: string, held: readonly Role[], identity: string | null): Promise<Caller> => {
    const member = await access.addMember(house, { name, email: `${name}@harbour-pine.example`, identity, roles: held });
    const session = { id: `L-${name}`, csrf: 'c', passkeyAt: new Date() };
    return { name, custodian: false, identity, roles: held, via: 'session', member: member.id, session };
  };
  const each: [string, Caller][] = [];
  for (const role of roles) each.push([role, await signedIn(role, [role], role === 'owner' ? owner : null)]);
  const all = await signedIn('everything', roles, null);
  const { session: _, ...bare } = all;
  return { ...Object.fromEntries(each), all, token: { ...bare, via: 'token', scope: permissions }, house };
}
