// What doctor shows of one access path: opened as a proof opens it, then one login of nobody at each of its replicas, and what the answer is the sign of.
import type { AccessPath, SystemSpec } from '../estate/estate.ts';
import type { Check, Probed } from '../kit/kit.ts';
import type { Connections } from './connections.ts';
import { madeUp, nobodyOf } from './nobody.ts';

export async function* checkPath(connections: Connections, spec: SystemSpec, path: AccessPath): AsyncGenerator<Check> {
  const door = await connections.openDoor(spec, path);
  try {
    if (door.check !== undefined) {
      yield* door.check.run();
      return;
    }
    const places = (await door.probe?.paths()) ?? [];
    if (door.probe === undefined || places.length === 0) {
      yield {
        id: 'reach',
        verdict: 'fail',
        message: `${path.probe} names no place to log in at`,
        next: `Look at the block of path ${path.id}.`,
      };
      return;
    }
    const secret = await madeUp(
      await connections.open(spec.id).then(
        (opened) => opened.connection,
        () => undefined,
      ),
    );
    for (const where of places) {
      yield checkOf(where.replica, await door.probe.attempt(nobodyOf(spec.id), secret, where));
    }
  } finally {
    await door[Symbol.asyncDispose]();
  }
}

type Sign = {
  readonly says: RegExp;
  readonly id: Check['id'];
  readonly verdict: Check['verdict'];
  readonly message: string;
  readonly next: string;
};

/** Codes that say nothing about a secret, and what they are a sign of. The first that fits counts; a code that is not listed is an answer. */
const signs: readonly Sign[] = [
  {
    says: /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH/,
    id: 'tls',
    verdict: 'fail',
    message: 'TLS fails',
    next: 'Give the CA of the server (ca) and the name its certificate shows (servername), and look whether the port speaks TLS.',
  },
  {
    says: /^ECONN|^ETIMEDOUT|^E(HOST|NET)|^ENOTFOUND|^EAI_|^EPIPE|^ESOCKET|unreachable|no-kdc|timeout|CONNECTION_(REFUSED|RESET|DISCONNECTED)|HOST_UNREACHABLE|IO_TIMEOUT|NETWORK_UNREACHABLE|NOT_FOUND$/i,
    id: 'reach',
    verdict: 'fail',
    message: 'does not answer',
    next: 'Look at the address, the port and the firewall between this machine and it.',
  },
  {
    says: /not-installed$/,
    id: 'tool',
    verdict: 'fail',
    message: 'a program it needs is missing',
    next: 'Install it on every machine that runs Rekey.',
  },
  {
    says: /^host-key/,
    id: 'host-key',
    verdict: 'fail',
    message: 'shows another host key than the pinned one',
    next: 'Compare the key with its owner by another way, then pin it. Nothing was sent.',
  },
  {
    says: /^own-credential|^no-(shared|control)-secret/,
    id: 'auth',
    verdict: 'fail',
    message: "Rekey's own credential cannot be read, or is refused",
    next: 'Look at the secrets that the block of this path refers to.',
  },
  {
    says: /^(secret-form|user-form|not-a-principal|not-typeable|not-sendable|no-key-with-certificate|bad-secret|empty-name|empty-secret)/,
    id: 'form',
    verdict: 'warn',
    message: 'was not asked: a made-up login of this form is not sent',
    next: 'Nothing is known about this place yet: a canary account shows it before a wave.',
  },
];

/** Nobody is refused where all is well. Whoever lets nobody in proves nothing. */
export function checkOf(replica: string, { verdict, code, retryAfterMs }: Probed): Check {
  const said = (what: string): string => `${replica} ${what} (${code})`;
  if (verdict === 'accepted')
    return {
      id: 'auth',
      verdict: 'fail',
      message: said('lets in a user that does not exist'),
      next: 'Nothing can be proved here: find the rule that asks for no password, or take this path out.',
    };
  if (verdict === 'rejected') return { id: 'auth', verdict: 'ok', message: said('answers, and refuses a login of nobody') };
  if (retryAfterMs !== undefined)
    return { id: 'reach', verdict: 'warn', message: said('turns logins away for now'), next: 'Run doctor again in a while.' };
  const sign = verdict === 'indeterminate' ? signs.find(({ says }) => says.test(code)) : undefined;
  if (sign === undefined) return { id: 'auth', verdict: 'ok', message: said('answers, and has no word on a login of nobody') };
  return { id: sign.id, verdict: sign.verdict, message: said(sign.message), next: sign.next };
}
