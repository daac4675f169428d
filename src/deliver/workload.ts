// A workload fetches the live value of an account it may have, with its own identity. On record before it leaves; asking again for the same version opens nothing.
import type { X509Certificate } from 'node:crypto';
import { entryLine } from '../domain/entry.ts';
import { Problem } from '../domain/problem.ts';
import type { WorkloadSpec } from '../estate/delivery.ts';
import type { ClaimRules } from './claim.ts';
import type { ClaimStore, FetchStore } from './claim-port.ts';
import { liveRow } from './live-row.ts';
import type { DeliveryAccount, DeliveryStore, OpenSecret } from './port.ts';
import { workloadsOfCertificate } from './workload-certificate.ts';
import { notProved, type Proved, type VerifyToken } from './workload-token.ts';

export type WorkloadProof = { readonly token?: string; readonly certificate?: X509Certificate };
/** `known`: the version the workload has already. */
export type WorkloadRequest = { readonly system: string; readonly account: string; readonly known?: number };
/** `secret` null: the version is the one that is known. */
export type WorkloadCredential = { readonly secret: string | null; readonly version: number; readonly setAt: string };

export type WorkloadDeps = {
  readonly workloads: readonly WorkloadSpec[];
  readonly verifyToken: VerifyToken;
  readonly store: DeliveryStore;
  readonly fetches: FetchStore;
  readonly claims: Pick<ClaimStore, 'spend'>;
  readonly rules: ClaimRules;
  readonly openSecret: OpenSecret;
  readonly now: () => Date;
};

export async function workloadCredential(deps: WorkloadDeps, proof: WorkloadProof, request: WorkloadRequest): Promise<WorkloadCredential> {
  const proved = await provedBy(deps, proof);
  const { spec, account } = await allowed(deps, proved, request);
  const row = liveRow(await deps.store.escrow(account.key), `${account.system}/${account.name}`);
  const answer = { version: row.version, setAt: row.setAt.toISOString() };
  if (request.known === row.version) return { ...answer, secret: null };
  await assertPace(deps, spec);
  const line = audit(deps, proved, account, { outcome: 'given', version: row.version, workload: spec.id });
  await deps.fetches.record({ account: account.key, version: row.version, workload: spec.id, at: deps.now() }, [line]);
  const secret = await deps.openSecret(account.key, row);
  return { ...answer, secret: secret.text((text) => text) };
}

async function provedBy({ verifyToken, workloads, now }: WorkloadDeps, { token, certificate }: WorkloadProof): Promise<Proved> {
  if (token !== undefined) return verifyToken(token);
  if (certificate !== undefined) return workloadsOfCertificate(workloads, certificate, now());
  throw notProved('it sent neither a token nor a certificate');
}

/** An account that is not there is refused like one that is not theirs: names are not to be guessed here. */
async function allowed(
  deps: WorkloadDeps,
  proved: Proved,
  { system, account }: WorkloadRequest,
): Promise<{ readonly spec: WorkloadSpec; readonly account: DeliveryAccount }> {
  const [found, second] = await deps.store.find(system, account);
  const names = found === undefined ? [] : [`${found.system}/${found.name}`, `${found.system}/${found.id}`];
  const spec = proved.workloads.find(({ may }) => may.some((each) => names.includes(each)));
  if (found !== undefined && spec !== undefined && second === undefined) return { spec, account: found };
  if (found !== undefined) await deps.store.audit([audit(deps, proved, found, { outcome: 'refused: not entitled' })]);
  throw new Problem('not-permitted', {
    message: `${whoIs(proved)} may not have the secret of ${system}/${account}`,
    hint: 'name the account under "may:" of the workload in rekey.yaml',
  });
}

async function assertPace({ claims, rules, now }: WorkloadDeps, { id }: WorkloadSpec): Promise<void> {
  if (await claims.spend(`workload ${id}`, now(), rules.perHour)) return;
  throw new Problem('too-many-requests', {
    message: `workload ${id} fetched more than ${rules.perHour} times within an hour`,
    hint: 'keep the value, and send its version as "known": that costs nothing',
  });
}

const whoIs = ({ workloads }: Proved): string => `workload ${workloads.map(({ id }) => id).join(', ')}`;

function audit(
  { now }: WorkloadDeps,
  proved: Proved,
  { system, id, name }: DeliveryAccount,
  data: { outcome: string; version?: number; workload?: string },
): string {
  return entryLine('reveal', now(), { item: `${system}/${id}`, account: name, by: whoIs(proved), subject: proved.subject, ...data });
}
