// What `doctor` shows of a domain. Each failure names its own cause (unreachable, wrong CA, wrong password, missing right, forgotten controller) and the next step.
import type { Check } from '../../kit/kit.ts';
import { normalDn } from '../../protocols/ldap/dn.ts';
import { connectChecks, loginCheck } from './check-reach.ts';
import { checkRights } from './check-rights.ts';
import type { Domain } from './domain.ts';
import type { Policies } from './policy.ts';
import { controllersOf } from './tier-zero.ts';

/** Kerberos refuses logons beyond 5 minutes; a clock this far off is on its way there. */
const skewMs = 60_000;

export async function* checks(domain: Domain, policies: Policies): AsyncGenerator<Check> {
  const [first] = domain.controllers;
  if (first === undefined) return;
  const connected = await connectChecks(first, domain.io.timeoutMs);
  yield* connected;
  if (connected.some(({ verdict }) => verdict === 'fail')) return;
  const login = await loginCheck(domain, first);
  yield login;
  if (login.verdict === 'fail') return;
  const pdc = await domain.pdc();
  if (pdc.kind === 'done') yield { id: 'pdc', verdict: 'ok', message: `${pdc.value.url} is PDC emulator and takes the writes.` };
  else {
    yield {
      id: 'pdc',
      verdict: 'fail',
      message: pdc.fault.message,
      next: 'List every writable domain controller in controllers, the PDC emulator among them.',
    };
    return;
  }
  yield* checkRights(domain);
  yield* checkPolicy(domain, policies);
  yield* checkReplicas(domain);
  yield await checkClocks(domain);
}

async function* checkPolicy(domain: Domain, policies: Policies): AsyncGenerator<Check> {
  const read = await policies.of(undefined);
  if (read.kind !== 'done') {
    yield {
      id: 'policy',
      verdict: 'fail',
      message: read.fault.message,
      next: 'Give the account Rekey works with read access to the head of the domain.',
    };
    return;
  }
  const { minLength, complex, threshold } = read.value;
  const lock = threshold === 0 ? 'no lock by failures' : `lock after ${threshold} failures`;
  yield {
    id: 'policy',
    verdict: 'ok',
    message: `The domain wants ${minLength} characters${complex ? ' of three classes' : ''}; ${lock}. Fine-grained policies are read per account.`,
  };
  if (domain.settings.previousPassword !== 'leave') return;
  const message =
    'previousPassword is leave: controllers go on taking the password before the last one over LDAP and NTLM for up to an hour.';
  yield { id: 'previous', verdict: 'warn', message, next: 'Leave previousPassword out, or set it to double-reset.' };
}

async function* checkReplicas(domain: Domain): AsyncGenerator<Check> {
  for (const controller of domain.controllers.slice(1)) {
    const failed = (await connectChecks(controller, domain.io.timeoutMs)).find(({ verdict }) => verdict === 'fail');
    const check = failed ?? (await loginCheck(domain, controller));
    yield {
      ...check,
      id: 'replicas',
      message: check.verdict === 'ok' ? `${controller.url} answers.` : `${controller.url}: ${check.message}`,
    };
  }
  const pdc = await domain.pdc();
  const listed = pdc.kind === 'done' ? await controllersOf(domain, pdc.value) : pdc;
  if (listed.kind !== 'done') return;
  const known = new Set<string>();
  for (const controller of domain.controllers) {
    const root = await domain.root(controller);
    if (root.kind === 'done') known.add(normalDn(root.value.service));
  }
  const answering = known.size === domain.controllers.length;
  for (const { name, service, readOnly } of listed.value) {
    if (known.has(normalDn(service))) continue;
    if (readOnly) {
      const next = 'Have it replicate after the run; msDS-RevealedUsers names the accounts whose secrets it keeps.';
      yield {
        id: 'replicas',
        verdict: 'warn',
        message: `${name} is a read-only controller: it takes cached old passwords until it has replicated.`,
        next,
      };
    } else if (answering) {
      const next = `Add ldaps://${name} to controllers, or take the controller out of the directory if it is gone.`;
      yield {
        id: 'replicas',
        verdict: 'warn',
        message: `${name} is a controller of this domain and is not listed: old passwords are not proved dead there.`,
        next,
      };
    }
  }
}

async function checkClocks(domain: Domain): Promise<Check> {
  let worst = 0;
  for (const controller of domain.controllers) {
    const now = await domain.now(controller);
    if (now !== undefined) worst = Math.max(worst, Math.abs(now.getTime() - domain.io.now().getTime()));
  }
  if (worst <= skewMs)
    return {
      id: 'clock',
      verdict: 'ok',
      message: `The controllers' clocks differ from ours by less than ${Math.ceil((worst + 1) / 1000)} s.`,
    };
  const message = `A controller's clock is ${Math.round(worst / 1000)} s off ours.`;
  return {
    id: 'clock',
    verdict: 'warn',
    message,
    next: 'Set the clocks by the domain hierarchy: Kerberos refuses logons beyond 5 minutes.',
  };
}
