// An owner says that a task by hand is done. Where the target shows such a change it must be there; what stays is "signed", never "proved".
import { entryLine } from '../domain/entry.ts';
import { Problem } from '../domain/problem.ts';
import { type Connection, can } from '../kit/connector.ts';
import { accountPath } from './account-path.ts';
import type { SignableItem, SignOffStore } from './run-port.ts';

export type SignRequest = { readonly account: string; readonly by: string; readonly reason: string };
/** `custodian`: holds the keyring, and records what others sign. Anybody else signs under their own name only. */
export type Signer = { readonly name: string; readonly custodian: boolean };

export type SignOff = {
  readonly signOffs: SignOffStore;
  readonly openSystem: (system: string) => Promise<{ readonly connection: Connection }>;
  /** Approvers of the estate file may sign where the owner is out of reach; `self`: also for a plan of their own. */
  readonly approvals: { readonly approvers: readonly string[]; readonly self: boolean };
  /** Reads the run's end again. */
  readonly advance: (run: string) => Promise<void>;
  readonly newId: () => string;
  readonly now: () => Date;
};

export async function signOff(deps: SignOff, caller: Signer, run: string, request: SignRequest): Promise<void> {
  const { system, account } = accountPath(request.account, 'rekey run sign-off RUN SYSTEM/ACCOUNT --by OWNER --reason TEXT');
  const item = await deps.signOffs.find(run, system, account);
  if (item === undefined)
    throw new Problem('not-found', { message: `${run} has no item ${request.account}`, hint: `rekey run items ${run}` });
  if (item.state !== 'by-hand')
    throw new Problem('conflict', {
      message: `${request.account} is ${item.state}: there is no task by hand to sign`,
      hint: `rekey run items ${run} --state by-hand`,
    });
  assertMaySign(deps, caller, item, request);
  const seen = await look(deps, item, request);
  const at = deps.now();
  const id = deps.newId();
  const name = { item: `${item.ref.system}/${item.ref.id}`, account: item.ref.name };
  const signed = await deps.signOffs.sign({
    id,
    item: item.key,
    run,
    owner: request.by,
    by: caller.name,
    reason: request.reason,
    cell: {
      path: 'by hand',
      replica: item.ref.system,
      verdict: 'signed',
      level: 'owner',
      code: `signed by ${request.by} (${request.reason}); ${seen}`,
      at,
    },
    lines: [
      entryLine('sign-off', at, { ...name, id, owner: request.by, by: caller.name, reason: request.reason, seen }),
      entryLine('item', at, { ...name, from: 'by-hand', to: 'signed', why: `sign-off ${id}` }),
    ],
  });
  if (!signed)
    throw new Problem('conflict', { message: `${request.account} was signed meanwhile`, hint: `rekey run items ${run} --state signed` });
  await deps.advance(run);
}

function assertMaySign({ approvals }: SignOff, caller: Signer, item: SignableItem, { account, by }: SignRequest): void {
  const denied = (message: string, hint: string): Problem => new Problem('not-permitted', { message, hint, place: '--by' });
  if (!caller.custodian && caller.name !== by) throw denied(`${caller.name} cannot sign as ${by}`, `--by ${caller.name}`);
  if (item.owners.includes(by)) return;
  const owner = item.owners[0] ?? 'nobody';
  if (!approvals.approvers.includes(by)) throw denied(`${by} does not own ${account}: its owner is ${owner}`, `--by ${owner}`);
  if (by === item.plannedBy && !approvals.self)
    throw denied(`${by} made this plan, and approvals.self is false`, `--by ${owner}, or another approver`);
}

/** What the target shows, in words. Throws where it shows that nothing was done, or could show it and does not answer. */
async function look(deps: SignOff, item: SignableItem, { account }: SignRequest): Promise<string> {
  const { connection } = await deps.openSystem(item.ref.system);
  if (!can(connection, 'state')) return `a change cannot be seen on ${item.ref.system}`;
  const replica = (await connection.state.replicas())[0];
  const asked = deps.now();
  const read = replica === undefined ? undefined : await connection.state.read(item.ref, replica);
  if (read === undefined || (read.kind !== 'done' && read.fault.code !== 'unsupported' && read.fault.code !== 'not-found'))
    throw new Problem('target-unreachable', {
      message: `whether ${account} has changed could not be read: ${read?.fault.message ?? 'no replica'}`,
      hint: `rekey doctor, then sign again`,
    });
  if (read.kind !== 'done')
    return read.fault.code === 'not-found' ? 'the target has it no longer' : `a change cannot be seen: ${read.fault.message}`;
  const { changedAt, marker, now } = read.value;
  // Both times on the target's clock; some targets date by the second.
  const planned = item.plannedAt.getTime() + (now === undefined ? 0 : now.getTime() - asked.getTime());
  const since = changedAt === undefined ? undefined : changedAt.getTime() + 1000 >= planned;
  if (item.mark === null && since === undefined) return `a change cannot be seen on ${item.ref.system}`;
  if (marker !== item.mark && since !== false)
    return `the target shows a change${changedAt === undefined ? '' : ` of ${changedAt.toISOString()}`}`;
  throw new Problem('conflict', {
    message: `${item.ref.system} shows no change of ${item.ref.name} since the plan was made${changedAt === undefined ? '' : `: its last one is of ${changedAt.toISOString()}`}`,
    hint: 'do what the plan says of it, wait until it has replicated, and sign then',
  });
}
