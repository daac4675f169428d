// Delivering, wired for the doors: to people, to workloads, as a hand-over file.
import { randomBytes } from 'node:crypto';
import { type Caller, ownOnly, reachFor } from '../access/caller.ts';
import { accountClaims, reopenClaim } from '../deliver/account-claims.ts';
import { myClaim, myClaims, runClaims } from '../deliver/my-claims.ts';
import { keep, reveal } from '../deliver/reveal.ts';
import { workloadCredential } from '../deliver/workload.ts';
import type { VerifyToken } from '../deliver/workload-token.ts';
import { normalId } from '../domain/id.ts';
import { Problem } from '../domain/problem.ts';
import type { DeliveryServices } from '../http/delivery-services.ts';
import { claimStore } from '../store/claims.ts';
import { deliveryStore } from '../store/delivery.ts';
import { fetchStore } from '../store/workload-fetches.ts';
import { approvalParts } from './approval-services.ts';
import type { Parts } from './parts.ts';

export function deliveryServices(parts: Parts): DeliveryServices {
  const { estate, store, escrow, now } = parts;
  const deliveries = deliveryStore(store);
  const claims = claimStore(store);
  const { assert } = approvalParts(parts);
  // Token and hand-over libraries are loaded by the first that needs one, not by every command.
  let verifier: Promise<VerifyToken> | undefined;
  const deps = {
    store: deliveries,
    claims,
    rules: estate.delivery,
    openSecret: (account: string, row: Parameters<typeof escrow.open>[1]) => escrow.open(account, row),
    now,
    find: deliveries.find,
    workloads: estate.workloads,
    verifyToken: async (token: string) => {
      verifier ??= import('../deliver/workload-token.ts').then(({ tokenVerifier }) => tokenVerifier(estate.workloads, now));
      return (await verifier)(token);
    },
    fetches: fetchStore(store),
  };
  return {
    delivery: estate.delivery,
    myClaims: (caller, page) => myClaims(deps, receiver(caller), page),
    myClaim: (caller, system, account) => myClaim(deps, receiver(caller), system, account),
    reveal: (caller, system, account, version) => reveal(deps, receiver(caller), system, account, version),
    keep: (caller, system, account) => keep(deps, receiver(caller), system, account),
    runClaims: async (caller, typed, page) => {
      const run = normalId(typed);
      if (!(await deliveries.hasRun(run))) throw new Problem('not-found', { message: `there is no run ${run}`, hint: 'run: rekey run ls' });
      return runClaims(deps, run, ownOnly(caller, 'run.read'), page);
    },
    accountClaims: (caller, system, account) => accountClaims(deps, { system, account, own: ownOnly(caller, 'run.read') }),
    reopenClaim: (caller, system, account, request) =>
      reopenClaim(deps, {
        ...request,
        system,
        account,
        own: ownOnly(caller, 'secret.reopen'),
        by: caller.name,
        byIdentity: caller.identity,
      }),
    workloadCredential: (proof, request) => workloadCredential(deps, proof, request),
    handover: async (caller, request) => {
      const { handover } = await import('../deliver/handover.ts');
      return handover(
        { ...deps, estate: estate.name, random: (n) => randomBytes(n), assertApproved: assert },
        { name: caller.name, custodian: caller.custodian || reachFor(caller, 'secret.handover') === 'all' },
        { ...request, run: normalId(request.run) },
      );
    },
  };
}

/** Where a value is shown is the session; a token has none and counts as one place. */
function receiver({ name, custodian, identity, via, member, session }: Caller) {
  return { name, custodian, identity, session: session?.id ?? `${via} ${member ?? name}` };
}
