// What doctor shows of a CA: its certificate, its list, its programs, and whether its word in public is fresh enough to be believed.
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Capabilities, Check } from '../../kit/kit.ts';
import type { Authority } from './authority.ts';
import { isLive } from './issued.ts';
import { askOcsp, fetchCrl } from './published.ts';

/** A list that ends within a day makes every server that checks it refuse every certificate tomorrow. */
const soonMs = 86_400_000;

export function check(authority: Authority): Capabilities['check'] {
  const { settings, certificate, io } = authority;
  return {
    async *run() {
      const issued = await authority.issued();
      if (issued.kind !== 'done') {
        yield {
          id: 'reach',
          verdict: 'fail',
          message: issued.fault.message,
          next: 'Check config.list: the index must be readable, the command must print the list.',
        };
        return;
      }
      const live = issued.value.filter((each) => isLive(each, io.now())).length;
      yield { id: 'reach', verdict: 'ok', message: `the CA lists ${issued.value.length} certificates, ${live} of them live` };
      yield certificate.ca && new Date(certificate.validTo) > io.now()
        ? {
            id: 'policy',
            verdict: 'ok',
            message: `the CA's own certificate is valid until ${new Date(certificate.validTo).toISOString().slice(0, 10)}`,
          }
        : {
            id: 'policy',
            verdict: 'fail',
            message: 'config.ca is no CA certificate, or it has ended',
            next: 'Name the certificate of the CA that issues now.',
          };
      for (const [name, command] of [
        ['issue', settings.issue.command],
        ['revoke', settings.revoke.command],
        ['publish', settings.publish?.command],
      ] as const)
        if (command !== undefined) yield await programCheck(name, command[0] ?? '', io.path('.'));
      if (settings.crl !== undefined) yield crlCheck(await fetchCrl(settings.crl, certificate, io), io.now());
      if (settings.ocsp !== undefined) {
        const answer = await askOcsp(settings.ocsp.url, certificate, issued.value[0]?.serial ?? '01', io);
        yield answer.kind === 'done'
          ? { id: 'ocsp', verdict: 'ok', message: 'the OCSP responder answers, signed by the CA' }
          : { id: 'ocsp', verdict: 'fail', message: answer.fault.message, next: 'Check config.ocsp.url and the signer of the responder.' };
      }
    },
  };
}

type Crl = Awaited<ReturnType<typeof fetchCrl>>;
function crlCheck(crl: Crl, now: Date): Check {
  if (crl.kind !== 'done')
    return {
      id: 'crl',
      verdict: 'fail',
      message: crl.fault.message,
      next: 'Publish a list signed by config.ca: without a fresh one no revocation is seen.',
    };
  const { nextUpdate, revoked } = crl.value;
  if (nextUpdate !== undefined && nextUpdate.getTime() - now.getTime() < soonMs)
    return {
      id: 'crl',
      verdict: 'warn',
      message: `the revocation list ends ${nextUpdate.toISOString()}`,
      next: 'Publish it again: servers that check an expired list refuse everybody.',
    };
  return { id: 'crl', verdict: 'ok', message: `the revocation list is signed and current, ${revoked.size} certificates in it` };
}

async function programCheck(name: string, program: string, folder: string): Promise<Check> {
  const places = program.includes('/')
    ? [join(program.startsWith('/') ? '' : folder, program)]
    : (process.env.PATH ?? '').split(delimiter).map((each) => join(each, program));
  for (const place of places)
    if (await runs(place)) return { id: 'rights', verdict: 'ok', message: `the command of config.${name} can be started` };
  return {
    id: 'rights',
    verdict: 'fail',
    message: `the command of config.${name} (${program}) cannot be started`,
    next: 'Check its path, relative to the estate file, and its execute bit.',
  };
}

async function runs(place: string): Promise<boolean> {
  try {
    await access(place, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
