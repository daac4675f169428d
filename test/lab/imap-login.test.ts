// IMAP logins on a real Dovecot, over TLS, STARTTLS and in the clear, and on a scripted server that answers as others do.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LabDovecot, startDovecot } from '../../lab/dovecot.ts';
import { freePort } from '../../lab/process.ts';
import { imapLogin } from '../../src/connectors/imap-login/imap-login.ts';
import type { Io } from '../../src/kit/connector.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { openOn, unhurt, value } from './dovecot-passwd-ground.ts';
import { accountOf, pathIo, say } from './path-ground.ts';

const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-imap-'));
let lab: LabDovecot;

beforeAll(async () => {
  lab = await startDovecot({ dir, users: ['alice', 'bob', 'carol@lab.test'], settings: unhurt });
}, 30_000);
afterAll(async () => {
  await lab?.stop();
  rmSync(dir, { recursive: true, force: true });
});

type Written = Record<string, unknown>;
const open = (settings: Written, more: Partial<Io> = {}) => imapLogin.open(imapLogin.config.parse(settings), pathIo({}, more));
const plainly = (more: Written = {}): Written => ({ hosts: [{ host: lab.host, port: lab.port }], ...more });
const alice = accountOf('alice');

test('TLS, STARTTLS and a plain loopback connection log in, by PLAIN and by LOGIN', async () => {
  const right = lab.secrets.alice as string;
  const tls = { ca: lab.ca };
  for (const settings of [
    plainly(),
    plainly({ mechanism: 'login' }),
    plainly({ mechanism: 'plain' }),
    plainly({ starttls: true, tls }),
    plainly({ starttls: true, tls, mechanism: 'login' }),
    { hosts: [{ host: 'localhost', port: lab.tlsPort }], tls },
    { hosts: [{ host: lab.host, port: lab.tlsPort }], tls: { ...tls, servername: 'localhost' } },
  ]) {
    const on = await open(settings);
    expect(await say(on, alice, right), JSON.stringify(settings)).toBe('accepted OK');
    expect(await say(on, alice, `${right}x`), JSON.stringify(settings)).toBe('rejected AUTHENTICATIONFAILED');
  }
});

test('whatever can be typed is proved as it is: quotes, backslashes, braces, spaces, letters of other scripts', async () => {
  const holder = await openOn(lab);
  for (const secret of ['a"b\\c', '{5} * % ()', ' two  spaces ', 'Grüße-пароль-密碼', 'x'.repeat(400), '\\"', '"']) {
    expect((await holder.setSecret.set(accountOf('bob'), secretOf('v', secret))).kind, secret).toBe('done');
    for (const mechanism of ['plain', 'login']) {
      const on = await open(plainly({ mechanism }));
      expect(await say(on, accountOf('bob'), secret), `${mechanism} ${secret}`).toBe('accepted OK');
      expect(await say(on, accountOf('bob'), `${secret}!`), `${mechanism} ${secret}`).toBe('rejected AUTHENTICATIONFAILED');
    }
  }
});

test('the user template makes the name of the mailbox', async () => {
  const on = await open(plainly({ user: '{login}@lab.test' }));
  const carol = accountOf('uid=carol,ou=people', { login: 'carol' });
  expect(await say(on, carol, lab.secrets['carol@lab.test'] as string)).toBe('accepted OK');
});

test('a certificate of another CA or of another name, and a port without TLS, say nothing about a secret', async () => {
  const right = lab.secrets.alice as string;
  const hosts = [{ host: lab.host, port: lab.tlsPort }];
  expect(await say(await open({ hosts, tls: {} }), alice, right)).toMatch(/^indeterminate (DEPTH_ZERO|SELF_SIGNED|UNABLE)/);
  const other = { ca: lab.ca, servername: 'mail.example.test' };
  expect(await say(await open({ hosts, tls: other }), alice, right)).toBe('indeterminate ERR_TLS_CERT_ALTNAME_INVALID');
  expect(await say(await open(plainly({ starttls: true, tls: {} })), alice, right)).toMatch(
    /^indeterminate (DEPTH_ZERO|SELF_SIGNED|UNABLE)/,
  );
  expect(await say(await open(plainly({ tls: { ca: lab.ca } })), alice, right)).toMatch(/^indeterminate (ERR_SSL|EPROTO)/);
});

test('each host answers for itself: one that is down is not made up for by another', async () => {
  const on = await open({ hosts: [{ host: '127.0.0.1', port: await freePort() }, ...(plainly().hosts as Written[])] });
  expect(await say(on, alice, lab.secrets.alice as string, 0)).toBe('indeterminate ECONNREFUSED');
  expect(await say(on, alice, lab.secrets.alice as string, 1)).toBe('accepted OK');
});

test('no secret stands in the log of the server', async () => {
  await say(await open(plainly()), alice, 'cnry-never-set-41');
  const log = readFileSync(lab.log, 'utf8');
  expect(log).toContain('alice');
  expect(log).not.toContain('cnry-never-set-41');
  expect(log).not.toContain(Buffer.from('\0alice\0cnry-never').toString('base64').slice(0, 18));
});

test('a Dovecot reset is proved by this path as well', async () => {
  const next = 'n3w-of-alice-77';
  const holder = await openOn(lab);
  expect((await holder.setSecret.set(alice, secretOf('v', next))).kind).toBe('done');
  const on = await open(plainly());
  expect(await say(on, alice, next)).toBe('accepted OK');
  expect(await say(on, alice, lab.secrets.alice as string)).toBe('rejected AUTHENTICATIONFAILED');
  expect(value(await holder.state.read(alice, `${lab.host}:${lab.port}`)).values).toBe(1);
});

describe('as other servers answer', () => {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let heard: string[] = [];
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server?.close();
    heard = [];
  });

  type Script = { readonly greeting?: string; readonly capabilities?: string; readonly login?: string; readonly starttls?: string };
  /** Answers a login with this line, `{tag}` for its tag; silent where the script is. */
  async function scripted(script: Script, more: Written = {}): Promise<Written> {
    const { greeting = '* OK ready', capabilities = 'IMAP4rev1', login = '', starttls = '' } = script;
    const listening = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      if (greeting !== '') socket.write(`${greeting}\r\n`);
      socket.on('data', (chunk: Buffer) => {
        const text = chunk.toString();
        heard.push(text);
        const [tag = '', verb = ''] = text.split(/[ \r]/);
        const answer = verb === 'CAPABILITY' ? `* CAPABILITY ${capabilities}\r\n{tag} OK done` : verb === 'STARTTLS' ? starttls : login;
        if (/LOGIN|AUTHENTICATE|CAPABILITY|STARTTLS/.test(verb) && answer !== '') socket.write(`${answer.replaceAll('{tag}', tag)}\r\n`);
      });
    });
    server = listening;
    await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
    return { hosts: [{ host: '127.0.0.1', port: (listening.address() as AddressInfo).port }], ...more };
  }
  const answered = async (script: Script, more: Written = {}, io: Partial<Io> = {}): Promise<string> =>
    say(await open(await scripted(script, more), io), alice, 'a-secret');
  const sent = (): string => heard.join('');

  for (const [login, result] of [
    ['{tag} OK Logged in', 'accepted OK'],
    ['* OK not yours\r\n{tag} NO [AUTHENTICATIONFAILED] no', 'rejected AUTHENTICATIONFAILED'],
    ['{tag} NO [UNAVAILABLE] the directory is away', 'indeterminate UNAVAILABLE'],
    ['{tag} NO [EXPIRED] change it', 'blocked EXPIRED'],
    ['{tag} NO [AUTHORIZATIONFAILED] not you', 'blocked AUTHORIZATIONFAILED'],
    ['{tag} NO [PRIVACYREQUIRED] TLS first', 'indeterminate PRIVACYREQUIRED'],
    ['{tag} NO [LIMIT] too many', 'indeterminate LIMIT'],
    ['{tag} NO [CONTACTADMIN] ask', 'indeterminate CONTACTADMIN'],
    ['{tag} NO [NEWCODE] what', 'indeterminate NEWCODE'],
    ['{tag} NO Login failed', 'indeterminate NO'],
    ['{tag} BAD what', 'indeterminate BAD'],
    ['* BYE [UNAVAILABLE] later', 'indeterminate UNAVAILABLE'],
    ['* BYE too many failures', 'indeterminate BYE'],
    ['other OK Logged in\r\n{tag} NO [AUTHENTICATIONFAILED] no', 'rejected AUTHENTICATIONFAILED'],
    ['{tag} rubbish', 'indeterminate EPROTO'],
    [`${'x'.repeat(70_000)}`, 'indeterminate EPROTO'],
  ] as const)
    test(`${login.slice(0, 60)} is ${result}`, async () => {
      expect(await answered({ login }, {}, { timeoutMs: 1_500 })).toBe(result);
    });

  test('a server that lets everybody in before a login (PREAUTH) proves nothing, and is told no secret', async () => {
    expect(await answered({ greeting: '* PREAUTH you are alice', login: '{tag} OK Logged in' })).toBe('indeterminate PREAUTH');
    expect(sent()).not.toContain('a-secret');
  });

  test('LOGINDISABLED is obeyed; PLAIN beside it is used unless the estate says login', async () => {
    expect(await answered({ capabilities: 'IMAP4rev1 LOGINDISABLED', login: '{tag} OK in' })).toBe('indeterminate LOGINDISABLED');
    expect(sent()).not.toContain('a-secret');
    const both = { capabilities: 'IMAP4rev1 LOGINDISABLED AUTH=PLAIN SASL-IR', login: '{tag} OK in' };
    expect(await answered(both)).toBe('accepted OK');
    expect(await answered(both, { mechanism: 'login' })).toBe('indeterminate LOGINDISABLED');
    expect(await answered({ login: '{tag} OK in' }, { mechanism: 'plain' })).toBe('indeterminate NO-AUTH-PLAIN');
  });

  test('without SASL-IR the response waits to be asked for', async () => {
    expect(await answered({ capabilities: 'AUTH=PLAIN', login: '{tag} NO [UNAVAILABLE] not now' })).toBe('indeterminate UNAVAILABLE');
    expect(sent()).not.toContain(Buffer.from('\0alice\0a-secret').toString('base64'));
    const asked = answered({ capabilities: 'AUTH=PLAIN', login: '+ ' }, {}, { timeoutMs: 400 });
    expect(await asked).toBe('indeterminate ETIMEDOUT');
    expect(sent()).toContain(Buffer.from('\0alice\0a-secret').toString('base64'));
  });

  test('STARTTLS that is missing, refused, or followed by words in the clear ends before any secret', async () => {
    const more = { starttls: true };
    expect(await answered({ login: '{tag} OK in' }, more)).toBe('indeterminate NO-STARTTLS');
    const able = { capabilities: 'STARTTLS AUTH=PLAIN', login: '{tag} OK in' };
    expect(await answered({ ...able, starttls: '{tag} NO not today' }, more)).toBe('indeterminate NO');
    const injected = '{tag} OK begin\r\n* CAPABILITY AUTH=PLAIN SASL-IR\r\nc OK done\r\na OK in';
    expect(await answered({ ...able, starttls: injected }, more)).toBe('indeterminate INJECTED');
    expect(sent()).not.toMatch(/LOGIN|AUTHENTICATE/);
  });

  test('a server that gives no code may be known by its words, and by those alone', async () => {
    const more = { wrongPassword: ['LOGIN failed.'] };
    expect(await answered({ login: '{tag} NO LOGIN failed.' }, more)).toBe('rejected NO');
    expect(await answered({ login: '{tag} NO LOGIN failed. Server busy' }, more)).toBe('indeterminate NO');
    expect(await answered({ login: '{tag} NO [UNAVAILABLE] LOGIN failed.' }, more)).toBe('indeterminate UNAVAILABLE');
    expect(await answered({ login: '{tag} BAD LOGIN failed.' }, more)).toBe('indeterminate BAD');
  });

  test('a greeting of BYE or of another protocol, silence, and a stop end the probe in time', async () => {
    expect(await answered({ greeting: '* BYE [UNAVAILABLE] down' })).toBe('indeterminate UNAVAILABLE');
    expect(await answered({ greeting: '220 mail ESMTP' })).toBe('indeterminate EPROTO');
    expect(await answered({ greeting: '' }, {}, { timeoutMs: 300 })).toBe('indeterminate ETIMEDOUT');
    const controller = new AbortController();
    const stopped = answered({}, {}, { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    expect(await stopped).toBe('indeterminate ABORTED');
  });

  test('an empty secret, and one that would end the command, are never sent', async () => {
    const on = await open(await scripted({ login: '{tag} OK in' }));
    expect(await say(on, alice, '')).toBe('indeterminate empty-secret');
    for (const secret of ['a\r\nb LOGIN root x', 'a\0b', 'tab\t']) expect(await say(on, alice, secret)).toBe('indeterminate not-typeable');
    expect(await say(on, accountOf('a\r\nx'), 's')).toBe('indeterminate not-typeable');
    expect(sent()).toBe('');
  });
});
