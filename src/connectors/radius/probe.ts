// One login with one password at one RADIUS server, by PAP. A refusal counts only when it is confirmed; the password itself is never tried twice.
import type { Capabilities, Io, Probed, Secret } from '../../kit/kit.ts';
import { userOf } from '../../kit/settings.ts';
import { accessRequest, type Until } from '../../protocols/radius/client.ts';
import { codes, maxPassword, maxText, type Reply, textOf, types } from '../../protocols/radius/packet.ts';
import { Turns } from '../../protocols/radius/turn.ts';
import { type Config, serversOf } from './config.ts';
import { meaningOf } from './verdict.ts';

const radiusPath = 'radius';
/**
 * A server that refuses every second right login passes three in a row once in eight times. It cannot be ruled out this way,
 * which is why `replyMessage` is the stronger confirmation.
 */
const controlLogins = 3;
const busyRetryMs = 1000;

const open = (code: string): Probed => ({ verdict: 'indeterminate', code });

export function probe(settings: Config, io: Io): Capabilities['probe'] {
  const places = serversOf(settings).map((server) => ({ server, turns: new Turns(settings.parallel) }));
  const shared = ownSecret(() => io.resolve(settings.secret));
  const { confirm } = settings;
  const control = 'user' in confirm ? ownSecret(() => io.resolve(confirm.password)) : undefined;
  return {
    async paths() {
      return places.map(({ server }) => ({ path: radiusPath, replica: server.replica }));
    },
    async attempt(account, secret, where) {
      const place = where.path === radiusPath ? places.find(({ server }) => server.replica === where.replica) : undefined;
      if (place === undefined) return open('no-such-path');
      const user = userOf(settings.user, account);
      const unfit = unfitFor(user, secret);
      if (unfit !== undefined) return open(unfit);
      const until: Until = { deadline: performance.now() + io.timeoutMs, signal: io.signal };
      const key = await shared();
      if (key === undefined) return open('no-shared-secret');
      // A control that cannot be made would leave a refusal open, and the failure would be counted for nothing.
      const known = await control?.();
      if ('user' in confirm && (known === undefined || unfitFor(confirm.user, known) !== undefined)) return open('no-control-secret');
      const login = (name: string, tried: Secret) =>
        accessRequest(place.server, key, { user: name, secret: tried, nasIdentifier: settings.nasIdentifier }, until);
      const probed = await place.turns.take(async () => {
        const asked = await login(user, secret);
        if (asked.kind === 'silent') return open(asked.code);
        const { name, verdict } = meaningOf(asked.reply.code);
        if (verdict !== 'if-confirmed') return { verdict, code: name };
        const confirmed = await isConfirmed(confirm, asked.reply, known, login);
        return confirmed ? { verdict: 'rejected' as const, code: name } : open(`${name}, unconfirmed`);
      }, until);
      if (probed !== undefined) return probed;
      return io.signal.aborted ? open('ABORTED') : { verdict: 'indeterminate', code: 'busy', retryAfterMs: busyRetryMs };
    },
  };
}

async function isConfirmed(
  confirm: Config['confirm'],
  reject: Reply,
  control: Secret | undefined,
  login: (user: string, secret: Secret) => ReturnType<typeof accessRequest>,
): Promise<boolean> {
  if ('replyMessage' in confirm) return textOf(reject, types.replyMessage).includes(confirm.replyMessage);
  if (control === undefined) return false;
  for (let n = 0; n < controlLogins; n++) {
    const asked = await login(confirm.user, control);
    if (asked.kind !== 'reply' || asked.reply.code !== codes.accessAccept) return false;
  }
  return true;
}

/** Read once for a connection; one that could not be read is asked for again. An empty one is none. */
function ownSecret(read: () => Promise<Secret>): () => Promise<Secret | undefined> {
  let kept: Promise<Secret | undefined> | undefined;
  return () => {
    kept ??= read()
      .catch(() => undefined)
      .then((secret) => {
        if (secret?.use((bytes) => bytes.length > 0)) return secret;
        kept = undefined;
        return undefined;
      });
    return kept;
  };
}

/** Why this login cannot be put into a packet, or would be another login there. */
function unfitFor(user: string, secret: Secret): string | undefined {
  const length = Buffer.byteLength(user);
  if (length === 0 || length > maxText || user.includes('\0')) return 'user-form';
  return secret.use((bytes) => {
    if (bytes.length === 0) return 'empty-secret';
    // Padding is zero bytes: a password with one inside would arrive shorter than it is.
    return bytes.length > maxPassword || bytes.includes(0) ? 'secret-form' : undefined;
  });
}
