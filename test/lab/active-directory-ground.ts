// Opens the connector on lab controllers the way the engine does, names accounts, logs in past the connector, and loses answers under TLS.
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { Client } from 'ldapts';
import type { LabSamba } from '../../lab/samba.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { activeDirectory } from '../../src/connectors/active-directory/active-directory.ts';
import { Domain } from '../../src/connectors/active-directory/domain.ts';
import type { AccountRef, Found, Io, Outcome, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';

export type Opened = Awaited<ReturnType<typeof activeDirectory.open>>;
export type Reach = { readonly user?: string; readonly password?: string; readonly io?: Partial<Io> };

export function settingsFor(lab: LabSamba, more: Record<string, unknown> = {}, user = lab.rekey.user) {
  const controllers = lab.controllers.map(({ url }) => url);
  return activeDirectory.config.parse({ controllers, ca: lab.ca, bind: { user, password: { env: 'LAB' } }, ...more });
}

const ioFor = (password: string, io: Partial<Io> = {}): Io => ({
  system: 'lab',
  timeoutMs: 5_000,
  signal: new AbortController().signal,
  now: () => new Date(),
  path: (relative) => relative,
  ...io,
  resolve: async () => secretOf('bind', password),
});

export function openAd(lab: LabSamba, more: Record<string, unknown> = {}, reach: Reach = {}): Promise<Opened> {
  return activeDirectory.open(settingsFor(lab, more, reach.user), ioFor(reach.password ?? lab.rekey.password, reach.io));
}

/** The domain as an administrator sees it: for krbtgt, which is nobody's to delegate. */
export const adminDomain = (lab: LabSamba): Domain => new Domain(settingsFor(lab, {}, lab.admin.user), ioFor(lab.admin.password));

export async function accountsOf(opened: Opened, limit = 500): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>();
  let cursor: string | undefined;
  do {
    const page: Outcome<{ readonly items: readonly Found[]; readonly next?: string }> = await opened.inventory.page({
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const { items, next } = doneOf(page);
    for (const item of items) found.set(item.name, item);
    cursor = next;
  } while (cursor !== undefined);
  return found;
}

export function refOf(accounts: ReadonlyMap<string, Found>, name: string): AccountRef {
  const found = accounts.get(name);
  if (found === undefined) throw new Error(`${name} is not in the inventory`);
  return { system: 'lab', id: found.id, name, ...(found.locator === undefined ? {} : { locator: found.locator }) };
}

export function doneOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(`${outcome.kind}: ${outcome.fault.message}`);
  return outcome.value;
}

export const fresh = (n: number | string): Secret => secretOf('v1', `Fresh-Value-${n}-x9Q`);
export const old = (lab: LabSamba, name: string): Secret => secretOf('v0', lab.firstPassword(name));
export const nonsense = secretOf('nonsense', 'Nonsense-Never-Set-1aA');

/** A login past the connector. `code`: '' when it worked, else what the controller said. */
export async function bindsAs(lab: LabSamba, name: string, text: string, controller = 0): Promise<boolean> {
  const at = lab.controllers[controller] as LabSamba['controllers'][number];
  const client = new Client({ url: at.url, tlsOptions: { ca: [readFileSync(lab.ca)] }, timeout: 5_000, connectTimeout: 5_000 });
  try {
    await client.bind(`${name}@${lab.realm.toLowerCase()}`, text);
    return true;
  } catch {
    return false;
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

export type Tampered = Swallow & { readonly url: string };

/**
 * Controllers take passwords over TLS only, and a proxy sees nothing of that. So TLS ends before the proxy and begins again behind it, with the lab's own
 * certificate: the connector verifies it as usual, and the proxy can tell a reset from a search.
 */
export async function tampered(lab: LabSamba): Promise<Tampered> {
  const target = lab.controllers[0] as LabSamba['controllers'][number];
  const tls = join(dirname(target.logDir), 'private/tls');
  const ca = readFileSync(lab.ca);
  const back = await listening(createServer((plain) => joined(plain, connectTls({ host: target.ip, port: 636, ca: [ca] }))));
  const swallow = await startSwallow({ target: { host: '127.0.0.1', port: portOf(back) } });
  const certificate = { key: readFileSync(join(tls, 'key.pem')), cert: readFileSync(join(tls, 'cert.pem')) };
  const front = await listening(
    createTlsServer(certificate, (secure) => joined(secure, connect({ host: '127.0.0.1', port: swallow.port, noDelay: true }))),
  );
  const stop = async () => {
    await swallow.stop();
    for (const server of [front, back]) server.close();
  };
  return Object.assign(Object.create(swallow) as Swallow, { url: `ldaps://127.0.0.1:${portOf(front)}`, stop });
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const listening = (server: Server): Promise<Server> => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
function joined(one: Socket, other: Socket): void {
  one.pipe(other).pipe(one);
  for (const [socket, peer] of [
    [one, other],
    [other, one],
  ] as const)
    socket.on('error', () => peer.destroy()).on('close', () => peer.destroy());
}

/** Only a change of a password holds this name: searches of the connector never ask for the value. */
export const resetBytes = Buffer.from('unicodePwd');
