// RADIUS logins at a real FreeRADIUS, by its own users and by a directory behind it, under load, behind a forger and with a wrong shared secret.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Freeradius, startFreeradius } from '../../lab/freeradius.ts';
import { freePort, sleep } from '../../lab/process.ts';
import { type Slapd, startSlapd } from '../../lab/slapd.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { radius } from '../../src/connectors/radius/radius.ts';
import type { Io } from '../../src/kit/connector.ts';
import { accountOf, pathIo, say } from './path-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-lab-radius-'));
const wrong = 'cnry-Never-Set-9f3c';
const users = { alice: 'radius-file-pw-1', control: 'control-pw-of-the-lab-77' };
let local: Freeradius;
let directory: Slapd;
let line: Swallow;
let overLdap: Freeradius;

beforeAll(async () => {
  local = await startFreeradius({ dir: join(folder, 'local'), users });
  directory = await startSlapd({ dir: join(folder, 'slapd'), people: 8, services: 0, ppolicy: { lockout: false } });
  line = await startSwallow({ target: { host: '127.0.0.1', port: Number(new URL(directory.url).port) } });
  overLdap = await startFreeradius({
    dir: join(folder, 'ldap'),
    mark: 'wrong password',
    ldap: {
      url: `ldap://127.0.0.1:${line.port}`,
      bindDn: directory.bindDn,
      bindPassword: directory.bindPassword,
      base: `ou=people,${directory.base}`,
      pool: 1,
    },
  });
});
afterAll(async () => {
  await overLdap?.stop();
  await line?.stop();
  await directory?.stop();
  await local?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type More = {
  readonly port?: number;
  readonly shared?: string;
  readonly io?: Partial<Io>;
  readonly control?: string;
  readonly settings?: object;
};
const byControl = { user: 'control', password: { env: 'CONTROL' } };

function open(server: Freeradius, confirm: object, more: More = {}) {
  const servers = [{ host: server.host, port: more.port ?? server.port }];
  const settings = radius.config.parse({ servers, secret: { env: 'SHARED' }, confirm, ...more.settings });
  return radius.open(settings, pathIo({ SHARED: more.shared ?? server.shared, CONTROL: more.control ?? users.control }, more.io));
}

describe('users of the server itself', () => {
  test('a right password is accepted; a wrong one is rejected once the control account was accepted after it', async () => {
    const on = await open(local, byControl);
    expect(await say(on, accountOf('alice'), users.alice)).toBe('accepted Access-Accept');
    expect(await say(on, accountOf('alice'), wrong)).toBe('rejected Access-Reject');
  });

  test('without an accepted control a reject is no rejection', async () => {
    const on = await open(local, byControl, { control: 'not-its-password' });
    expect(await say(on, accountOf('alice'), wrong)).toBe('indeterminate Access-Reject, unconfirmed');
    expect(await say(await open(local, { replyMessage: 'wrong password' }), accountOf('alice'), wrong)).toBe(
      'indeterminate Access-Reject, unconfirmed',
    );
  });

  test('a password that a packet cannot hold whole is not sent', async () => {
    const on = await open(local, byControl);
    for (const text of ['x'.repeat(129), 'a\0b']) expect(await say(on, accountOf('alice'), text)).toBe('indeterminate secret-form');
    expect(await say(on, accountOf('alice'), '')).toBe('indeterminate empty-secret');
  });

  test('no password stands in the log of the server', async () => {
    await say(await open(local, byControl), accountOf('alice'), wrong);
    const log = readFileSync(local.log, 'utf8');
    expect(log).toContain('Login incorrect');
    for (const text of [wrong, users.alice, users.control]) expect(log).not.toContain(text);
  });
});

describe('users of a directory behind the server', () => {
  const account = (n: number) => accountOf(directory.people.uid(n));
  const first = (n: number): string => directory.initialPassword(directory.people.uid(n));
  const marked = { replyMessage: 'wrong password' };

  test('after a reset in the directory the old password is rejected by the mark of the server', async () => {
    const on = await open(overLdap, marked);
    expect(await say(on, account(0), first(0))).toBe('accepted Access-Accept');
    directory.asRoot(`dn: ${directory.people.dn(0)}\nchangetype: modify\nreplace: userPassword\nuserPassword: New-Pass-4711-xyz\n`);
    expect(await say(on, account(0), 'New-Pass-4711-xyz')).toBe('accepted Access-Accept');
    expect(await say(on, account(0), first(0))).toBe('rejected Access-Reject');
  });

  test('an unknown user is not marked: no rejection', async () => {
    expect(await say(await open(overLdap, marked), accountOf('nobody'), wrong)).toBe('indeterminate Access-Reject, unconfirmed');
  });

  test('a right password refused under an exhausted pool to the directory is no rejection, whichever way it is confirmed', async () => {
    const control = { user: directory.people.uid(2), password: { env: 'CONTROL' } };
    for (const confirm of [marked, control]) {
      const on = await open(overLdap, confirm, { control: first(2) });
      const holder = await open(overLdap, marked);
      line.delay(700);
      try {
        const held = say(holder, account(3), first(3));
        await sleep(300);
        expect(await say(on, account(1), first(1))).toBe('indeterminate Access-Reject, unconfirmed');
        expect(await held).toBe('accepted Access-Accept');
      } finally {
        line.delay(0);
      }
      expect(await say(on, account(1), first(1))).toBe('accepted Access-Accept');
    }
    expect(readFileSync(overLdap.log, 'utf8')).toContain('at max');
  });

  test('a directory that is down makes the server refuse right passwords: no rejection', async () => {
    await line.refuse();
    line.cut();
    try {
      const on = await open(overLdap, marked, { io: { timeoutMs: 4000 } });
      expect(await say(on, account(4), first(4))).toMatch(/^indeterminate/);
    } finally {
      await line.accept();
    }
  });

  test('one login at a time: Rekey itself does not exhaust the pool', async () => {
    const on = await open(overLdap, marked);
    await expect.poll(() => say(on, account(5), first(5))).toBe('accepted Access-Accept');
    line.delay(60);
    try {
      const all = await Promise.all(Array.from({ length: 6 }, () => say(on, account(5), first(5))));
      expect(new Set(all)).toEqual(new Set(['accepted Access-Accept']));
    } finally {
      line.delay(0);
    }
  });
});

describe('answers that do not count', () => {
  const relays: Relay[] = [];
  afterEach(async () => {
    for (const each of relays.splice(0)) await each.stop();
  });
  const through = async (hooks: Hooks): Promise<Relay> => {
    const made = await relay(local, hooks);
    relays.push(made);
    return made;
  };

  test('with a wrong shared secret the server says nothing: no verdict', async () => {
    const on = await open(local, byControl, { shared: 'not-the-shared-secret', io: { timeoutMs: 600 } });
    for (const text of [users.alice, wrong]) expect(await say(on, accountOf('alice'), text)).toBe('indeterminate ETIMEDOUT');
  });

  test('a server that does not sign its replies is not believed, neither its accept nor its reject', async () => {
    const unsigned = await startFreeradius({ dir: join(folder, 'unsigned'), users, signs: false });
    try {
      const on = await open(unsigned, byControl, { io: { timeoutMs: 600 } });
      for (const text of [users.alice, wrong]) expect(await say(on, accountOf('alice'), text)).toBe('indeterminate unsigned');
    } finally {
      await unsigned.stop();
    }
  });

  test('a forged accept is passed over, and the true answer behind it is taken', async () => {
    const { port } = await through({ reply: (reply) => [forged(reply, 2), reply] });
    const on = await open(local, byControl, { port });
    expect(await say(on, accountOf('alice'), wrong)).toBe('rejected Access-Reject');
  });

  test('a forged reject alone is no verdict', async () => {
    const { port } = await through({ reply: (reply) => [forged(reply, 3)] });
    const on = await open(local, byControl, { port, io: { timeoutMs: 600 } });
    expect(await say(on, accountOf('alice'), users.alice)).toBe('indeterminate forged');
  });

  test('a server that is down is no verdict', async () => {
    const on = await open(local, byControl, { port: await freePort(), io: { timeoutMs: 600 } });
    for (const text of [users.alice, wrong]) expect(await say(on, accountOf('alice'), text)).toBe('indeterminate ECONNREFUSED');
  });

  test('an address that cannot be sent to is no verdict', async () => {
    const settings = { servers: [{ host: '255.255.255.255' }] };
    const on = await open(local, byControl, { settings, io: { timeoutMs: 600 } });
    // A broadcast is not allowed; on a machine without a route the kernel says that first.
    expect(await say(on, accountOf('alice'), users.alice)).toMatch(/^indeterminate (EACCES|ENETUNREACH)$/);
  });

  test('a lost answer is asked for again with the same bytes, and the server counts one login', async () => {
    const seen: Buffer[] = [];
    let lost = 0;
    const { port } = await through({
      request: (request) => {
        seen.push(request);
        return [request];
      },
      reply: (reply) => (lost++ === 0 ? [] : [reply]),
    });
    const before = logins();
    expect(await say(await open(local, byControl, { port }), accountOf('alice'), users.alice)).toBe('accepted Access-Accept');
    expect(seen.length).toBe(2);
    expect(seen[0]?.equals(seen[1] as Buffer)).toBe(true);
    expect(logins() - before).toBe(1);
  });

  test('a login that finds no turn in time was not made, and may be made again', async () => {
    const { port } = await through({ request: () => [] });
    const on = await open(local, byControl, { port, io: { timeoutMs: 400 } });
    const where = (await on.probe.paths())[0] as { path: string; replica: string };
    const { secretOf } = await import('../../src/seal/secret.ts');
    const attempt = () => on.probe.attempt(accountOf('alice'), secretOf('v', users.alice), where);
    const [first, second] = await Promise.all([attempt(), attempt()]);
    expect(first).toEqual({ verdict: 'indeterminate', code: 'ETIMEDOUT' });
    expect(second).toMatchObject({ verdict: 'indeterminate', code: 'busy', retryAfterMs: 1000 });
  });

  test('a stop ends the wait', async () => {
    const { port } = await through({ request: () => [] });
    const controller = new AbortController();
    const stopped = say(await open(local, byControl, { port, io: { signal: controller.signal } }), accountOf('alice'), wrong);
    setTimeout(() => controller.abort(), 50);
    expect(await stopped).toBe('indeterminate ABORTED');
  });
});

const logins = (): number => readFileSync(local.log, 'utf8').split('Login OK: [alice').length;

/** The reply with another code, its authenticators as they were: all an attacker without the shared secret can do cheaply. */
function forged(reply: Buffer, code: number): Buffer {
  const copy = Buffer.from(reply);
  copy[0] = code;
  copy[5] = (copy[5] as number) ^ 1;
  return copy;
}

type Hooks = { readonly request?: (datagram: Buffer) => readonly Buffer[]; readonly reply?: (datagram: Buffer) => readonly Buffer[] };
type Relay = { readonly port: number; stop(): Promise<void> };

/** Stands between client and server; what the hooks return goes on in place of what came. One server-side port per client. */
async function relay(server: Freeradius, hooks: Hooks): Promise<Relay> {
  const { request = (each) => [each], reply = (each) => [each] } = hooks;
  const front = createSocket('udp4');
  const backs = new Map<number, Socket>();
  const backOf = (client: RemoteInfo): Socket => {
    const known = backs.get(client.port);
    if (known !== undefined) return known;
    const back = createSocket('udp4');
    back.on('message', (datagram) => {
      for (const each of reply(datagram)) front.send(each, client.port, client.address);
    });
    backs.set(client.port, back);
    return back;
  };
  front.on('message', (datagram, client) => {
    for (const each of request(datagram)) backOf(client).send(each, server.port, server.host);
  });
  await new Promise<void>((done) => front.bind(0, '127.0.0.1', done));
  return {
    port: front.address().port,
    stop: async () => {
      for (const back of backs.values()) back.close();
      await new Promise<void>((done) => front.close(done));
    },
  };
}
