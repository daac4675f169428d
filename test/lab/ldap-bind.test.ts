// Simple binds at a real OpenLDAP with a replica and a password policy, and at a scripted server that answers as Active Directory does.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { type Slapd, startSlapd } from '../../lab/slapd.ts';
import { ldapBind } from '../../src/connectors/ldap-bind/ldap-bind.ts';
import type { Io } from '../../src/kit/connector.ts';
import {
  type Ber,
  bytes,
  elementSize,
  elements,
  encode,
  group,
  integer,
  sequence,
  tags,
  text,
  toInteger,
} from '../../src/protocols/ldap/ber.ts';
import { accountOf, pathIo, say } from './path-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-lab-bind-'));
const wrong = 'cnry-Never-Set-9f3c';
let lab: Slapd;

beforeAll(async () => {
  lab = await startSlapd({
    dir: folder,
    people: 12,
    services: 2,
    replicas: 1,
    ppolicy: { maxFailure: 3 },
    directives: ['allow bind_anon_cred'],
  });
});
afterAll(async () => {
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const open = (settings: Record<string, unknown> = {}, more: Partial<Io> = {}) =>
  ldapBind.open(ldapBind.config.parse({ servers: [lab.ldapsUrl], ca: lab.ca, ...settings }), pathIo({}, more));
const person = (n: number) => {
  const login = lab.people.uid(n);
  const dn = lab.people.dn(n);
  return { ref: accountOf(`uid=${login}`, { login, locator: dn }), dn, password: lab.initialPassword(login) };
};
const change = (dn: string, line: string): void => lab.asRoot(`dn: ${dn}\nchangetype: modify\nreplace: ${line.split(':')[0]}\n${line}\n`);

test('a DN and a login template both bind; a wrong password is rejected with 49', async () => {
  const { ref, password } = person(0);
  const on = await open();
  expect(await say(on, ref, password)).toBe('accepted 0');
  expect(await say(on, ref, wrong)).toBe('rejected 49');
  expect(await say(await open({ user: `uid={login},ou=people,${lab.base}` }), ref, password)).toBe('accepted 0');
});

test('a replica that the change has not reached is seen: each server answers for itself', async () => {
  const { ref, dn, password } = person(1);
  const replica = lab.replicas[0] as Slapd['replicas'][number];
  const on = await open({ servers: [lab.ldapsUrl, replica.ldapsUrl] });
  replica.pause();
  try {
    change(dn, 'userPassword: New-Pass-4711-xyz');
    expect(await say(on, ref, password, 0)).toBe('rejected 49');
    expect(await say(on, ref, 'New-Pass-4711-xyz', 0)).toBe('accepted 0');
    expect(await say(on, ref, password, 1)).toBe('accepted 0');
  } finally {
    replica.resume();
  }
});

test('a locked account does not reject its own password', async () => {
  const { ref, password } = person(2);
  const on = await open();
  for (let n = 0; n < 3; n++) await say(on, ref, wrong);
  expect(await say(on, ref, password)).toBe('blocked 49/1');
});

test('a password that must be changed first is blocked, although the bind says success', async () => {
  const { ref, dn, password } = person(3);
  change(lab.policyDn, 'pwdMustChange: TRUE');
  change(dn, 'pwdReset: TRUE');
  try {
    expect(await say(await open(), ref, password)).toBe('blocked 0/2');
    expect(await say(await open(), ref, wrong)).toBe('rejected 49');
  } finally {
    change(lab.policyDn, 'pwdMustChange: FALSE');
  }
});

test('an empty password is never sent, and neither is an empty name: this server would take both', async () => {
  const on = await open();
  expect(await say(on, person(4).ref, '')).toBe('indeterminate empty-secret');
  expect(await say(on, accountOf('x', { locator: ' ' }), wrong)).toBe('indeterminate empty-name');
});

test('a name cannot climb out of its place in a DN template', async () => {
  const service = lab.services.uid(0);
  const climber = accountOf('climber', { login: `${service},ou=services,${lab.base}` });
  const on = await open({ user: `uid={login},ou=people,${lab.base}` });
  expect(await say(on, climber, lab.initialPassword(service))).toBe('rejected 49');
  expect(await say(await open({ user: '{login}' }), accountOf('p', { login: lab.people.dn(5) }), person(5).password)).toBe('accepted 0');
});

test('a server that is down or shows a certificate of another CA says nothing, and no other is asked in its place', async () => {
  const { ref, password } = person(6);
  const down = `ldaps://127.0.0.1:${await freePort()}`;
  expect(await say(await open({ servers: [down, lab.ldapsUrl] }), ref, password, 0)).toBe('indeterminate ECONNREFUSED');
  const strange = ldapBind.config.parse({ servers: [lab.ldapsUrl] });
  expect(await say(await ldapBind.open(strange, pathIo()), ref, password)).toMatch(/^indeterminate (SELF_SIGNED|UNABLE)/);
});

test('StartTLS protects the bind as well', async () => {
  const { ref, password } = person(7);
  const on = await open({ servers: [lab.url], startTls: true });
  expect(await say(on, ref, password)).toBe('accepted 0');
});

test('no password stands in the log of the server', async () => {
  const { ref } = person(8);
  await say(await open(), ref, wrong);
  expect(readFileSync(lab.log, 'utf8')).toContain(ref.locator as string);
  expect(readFileSync(lab.log, 'utf8')).not.toContain(wrong);
});

describe('as Active Directory answers', () => {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server?.close();
  });

  /** Answers every bind with this code and text; silent when there is none. */
  async function scripted(code: number | undefined, message = '', controls: readonly Ber[] = []): Promise<string> {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        if (code === undefined || elementSize(chunk) === undefined) return;
        const [outer] = elements(chunk);
        const [id, op] = elements((outer as { body: Buffer }).body);
        if (op?.tag !== 0x60 || id === undefined) return;
        const answer = group(0x61, integer(code, tags.enumerated), text(''), text(message));
        socket.write(encode(sequence(integer(toInteger(id.body)), answer, ...controls)));
      });
    });
    await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
    return `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  for (const [data, verdict] of [
    ['52e', 'rejected'],
    ['525', 'indeterminate'],
    ['532', 'blocked'],
    ['533', 'blocked'],
    ['773', 'blocked'],
    ['775', 'blocked'],
    ['57', 'indeterminate'],
  ] as const)
    test(`data ${data} is ${verdict}`, async () => {
      const url = await scripted(49, `80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data ${data}, v4563`);
      const on = await ldapBind.open(ldapBind.config.parse({ servers: [url], user: '{login}@lab.test' }), pathIo());
      expect(await say(on, accountOf('alice'), wrong)).toBe(`${verdict} 49/${data}`);
    });

  test('a server that is busy, unwilling or gone says nothing about a password', async () => {
    for (const code of [1, 8, 51, 52, 53, 80]) {
      const on = await ldapBind.open(ldapBind.config.parse({ servers: [await scripted(code)] }), pathIo());
      expect(await say(on, accountOf('alice'), wrong)).toBe(`indeterminate ${code}`);
      server?.close();
    }
  });

  test('a control that is not what it says it is, is no verdict and stops nothing', async () => {
    for (const value of ['', '\x30', '\x30\x05\x81', 'rubbish', '\x30\x03\x81\x09\x01']) {
      const control = sequence(text('1.3.6.1.4.1.42.2.27.8.5.1'), bytes(Buffer.from(value, 'latin1')));
      const url = await scripted(49, '', [group(0xa0, control)]);
      const on = await ldapBind.open(ldapBind.config.parse({ servers: [url] }), pathIo());
      expect(await say(on, accountOf('alice'), wrong)).toBe(value === '' ? 'rejected 49' : 'indeterminate EPROTO');
      server?.close();
    }
  });

  test('a server that never answers, and a stop, end the probe in time', async () => {
    const servers = [await scripted(undefined)];
    const began = performance.now();
    expect(await say(await open({ servers }, { timeoutMs: 300 }), accountOf('alice'), wrong)).toBe('indeterminate ETIMEDOUT');
    expect(performance.now() - began).toBeLessThan(1500);
    const controller = new AbortController();
    const stopped = say(await open({ servers }, { signal: controller.signal }), accountOf('alice'), wrong);
    setTimeout(() => controller.abort(), 50);
    expect(await stopped).toBe('indeterminate ABORTED');
  });
});
