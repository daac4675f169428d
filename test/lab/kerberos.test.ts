// Kerberos logins at a real MIT KDC: what each answer means, one KDC at a time, and what a listener or a false KDC gets out of it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MitKdc, startMitKdc } from '../../lab/mit-kdc.ts';
import { freePort } from '../../lab/process.ts';
import { startSwallow } from '../../lab/swallow.ts';
import { kerberos } from '../../src/connectors/kerberos/kerberos.ts';
import type { Io } from '../../src/kit/connector.ts';
import { accountOf, pathIo, say } from './path-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-lab-krb-'));
const wrong = 'cnry-Never-Set-9f3c';
let kdc: MitKdc;

beforeAll(async () => {
  kdc = await startMitKdc({
    dir: join(folder, 'main'),
    principals: [
      'alice',
      'bob',
      'carol',
      'imap/mail.lab.test',
      { name: 'dave', options: '+needchange' },
      { name: 'erin', options: '-expire "2000-01-01"' },
      { name: 'frank', options: '-allow_tix' },
      { name: 'grace', options: '-policy lock' },
      { name: 'heidi', options: '-requires_preauth' },
      { name: 'ivan', options: '-pwexpire "2000-01-01"' },
      { name: 'judy', options: '-e arcfour-hmac:normal' },
    ],
  });
});
afterAll(async () => {
  await kdc?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Place = { readonly host: string; readonly port: number };
const open = (kdcs: readonly Place[] = [kdc], more: Partial<Io> = {}, user = '{login}') =>
  kerberos.open(kerberos.config.parse({ realm: kdc.realm, user, kdcs: kdcs.map(({ host, port }) => ({ host, port })) }), pathIo({}, more));
const right = (name: string): string => kdc.secrets[name] as string;

test('a right password is accepted by opening a ticket, a wrong one is rejected with 24', async () => {
  const on = await open();
  expect(await say(on, accountOf('alice'), right('alice'))).toBe('accepted 0');
  expect(await say(on, accountOf('alice'), wrong)).toBe('rejected 24');
  expect(await say(on, accountOf('imap/mail.lab.test'), right('imap/mail.lab.test'))).toBe('accepted 0');
});

test('after a reset the old password is rejected at once and the new one accepted', async () => {
  const on = await open();
  kdc.setPassword('bob', 'New-Pass-4711-xyz');
  expect(await say(on, accountOf('bob'), 'New-Pass-4711-xyz')).toBe('accepted 0');
  expect(await say(on, accountOf('bob'), right('bob'))).toBe('rejected 24');
});

test('a KDC that the change has not reached is seen: each KDC answers for itself', async () => {
  const behind = await kdc.standstill();
  const on = await open([kdc, behind]);
  kdc.setPassword('carol', 'New-Pass-4711-xyz');
  const paths = await on.probe.paths();
  expect(paths.map(({ replica }) => replica)).toEqual([`${kdc.host}:${kdc.port}`, `${behind.host}:${behind.port}`]);
  expect(await say(on, accountOf('carol'), right('carol'), 0)).toBe('rejected 24');
  expect(await say(on, accountOf('carol'), right('carol'), 1)).toBe('accepted 0');
  expect(await say(on, accountOf('carol'), 'New-Pass-4711-xyz', 1)).toBe('rejected 24');
});

test('a KDC that is down says nothing, and no other is asked in its place', async () => {
  const on = await open([{ host: kdc.host, port: await freePort() }, kdc]);
  expect(await say(on, accountOf('alice'), right('alice'), 0)).toBe('indeterminate ECONNREFUSED');
  expect(await say(on, accountOf('alice'), wrong, 0)).toBe('indeterminate ECONNREFUSED');
  expect(await say(on, accountOf('alice'), right('alice'), 1)).toBe('accepted 0');
});

describe('an account that is not usable is blocked, whatever the password', () => {
  for (const [name, code] of [
    ['dave', '23'],
    ['ivan', '23'],
    ['erin', '1'],
    ['frank', '18'],
  ] as const)
    test(`${name}: ${code}`, async () => {
      const on = await open();
      expect(await say(on, accountOf(name), right(name))).toBe(`blocked ${code}`);
      expect(await say(on, accountOf(name), wrong)).toBe(`blocked ${code}`);
    });
});

test('a locked account does not reject its own password', async () => {
  const on = await open();
  for (let n = 0; n < 3; n++) expect(await say(on, accountOf('grace'), wrong)).toBe('rejected 24');
  expect(await say(on, accountOf('grace'), right('grace'))).toBe('blocked 18');
});

test('a clock that is off does not reject a right password', async () => {
  for (const hours of [-30, -1, 1]) {
    const on = await open([kdc], { now: () => new Date(Date.now() + hours * 3_600_000) });
    expect(await say(on, accountOf('alice'), right('alice'))).toBe('indeterminate 37');
  }
});

test('an unknown principal, another realm and an account without AES keys are no rejections', async () => {
  const on = await open();
  expect(await say(on, accountOf('nobody'), wrong)).toBe('indeterminate 6');
  expect(await say(on, accountOf('alice@OTHER.TEST'), right('alice'))).toBe('indeterminate not-a-principal');
  expect(await say(on, accountOf('judy'), right('judy'))).toBe('indeterminate no-encrypted-timestamp');
});

test('an account without preauthentication, to which the KDC gives tickets for any asking, is judged all the same', async () => {
  const on = await open();
  expect(await say(on, accountOf('heidi'), right('heidi'))).toBe('accepted 0');
  expect(await say(on, accountOf('heidi'), wrong)).toBe('rejected 24');
});

test('AES with SHA-2 (FIPS realms) works as well', async () => {
  for (const enctypes of ['aes256-cts-hmac-sha384-192:normal', 'aes128-cts-hmac-sha256-128:normal']) {
    const modern = await startMitKdc({ dir: join(folder, enctypes.slice(0, 6)), principals: ['alice'], enctypes });
    try {
      const on = await kerberos.open(
        kerberos.config.parse({ realm: modern.realm, kdcs: [{ host: modern.host, port: modern.port }] }),
        pathIo(),
      );
      expect(await say(on, accountOf('alice'), modern.secrets.alice as string)).toBe('accepted 0');
      expect(await say(on, accountOf('alice'), wrong)).toBe('rejected 24');
    } finally {
      await modern.stop();
    }
  }
});

test('the password never leaves the process: neither the wire nor the log of the KDC holds it', async () => {
  const proxy = await startSwallow({ target: kdc });
  const sent: Buffer[] = [];
  proxy.loseRequests((write) => {
    sent.push(write);
    return false;
  });
  try {
    const on = await open([{ host: '127.0.0.1', port: proxy.port }]);
    expect(await say(on, accountOf('alice'), right('alice'))).toBe('accepted 0');
    expect(sent.length).toBe(2);
    for (const form of [right('alice'), Buffer.from(right('alice'), 'utf16le')]) expect(Buffer.concat(sent).includes(form)).toBe(false);
    expect(readFileSync(kdc.log, 'utf8')).not.toContain(right('alice'));
  } finally {
    await proxy.stop();
  }
});

test('a ticket recorded earlier is not taken for an answer, nor one under another key', async () => {
  const replies: Buffer[] = [];
  const recorder = createServer((client) => {
    client.once('data', (request) => {
      void relay(request).then((reply) => {
        replies.push(reply);
        client.end(reply);
      });
    });
  });
  const port = await listening(recorder);
  expect(await say(await open([{ host: '127.0.0.1', port }]), accountOf('alice'), right('alice'))).toBe('accepted 0');
  recorder.close();
  let next = 0;
  const player = createServer((client) => {
    client.once('data', () => client.end(replies[next++ % 2] as Buffer));
  });
  const on = await open([{ host: '127.0.0.1', port: await listening(player) }]);
  expect(await say(on, accountOf('alice'), right('alice'))).toBe('indeterminate stale-ticket');
  expect(await say(on, accountOf('alice'), wrong)).toBe('indeterminate ticket-not-opened');
  player.close();
});

test('a KDC that never answers, and a stop, end the probe in time', async () => {
  const silent = createServer(() => {});
  const at = [{ host: '127.0.0.1', port: await listening(silent) }];
  const began = performance.now();
  expect(await say(await open(at, { timeoutMs: 300 }), accountOf('alice'), right('alice'))).toBe('indeterminate ETIMEDOUT');
  expect(performance.now() - began).toBeLessThan(1500);
  const controller = new AbortController();
  const stopped = say(await open(at, { signal: controller.signal }), accountOf('alice'), right('alice'));
  setTimeout(() => controller.abort(), 50);
  expect(await stopped).toBe('indeterminate ABORTED');
  silent.close();
});

test('bytes that are no Kerberos are no verdict', async () => {
  for (const answer of ['HTTP/1.1 400 Bad Request\r\n\r\n', '\0\0\0\u0004\u0001\u0001\u0001\u0001', '\0\0\0\0']) {
    const odd = createServer((client) => {
      client.on('error', () => {});
      client.once('data', () => client.end(answer));
    });
    const on = await open([{ host: '127.0.0.1', port: await listening(odd) }], { timeoutMs: 500 });
    expect(await say(on, accountOf('alice'), right('alice'))).toMatch(/^indeterminate E/);
    odd.close();
  }
});

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

/** One request to the real KDC and its answer. */
async function relay(request: Buffer): Promise<Buffer> {
  const { connect } = await import('node:net');
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect({ host: kdc.host, port: kdc.port }, () => socket.write(request));
    socket.on('data', (chunk: Buffer) => {
      parts.push(chunk);
      const all = Buffer.concat(parts);
      if (all.length >= 4 && all.length >= 4 + all.readUInt32BE(0)) {
        socket.destroy();
        resolve(all);
      }
    });
    socket.on('error', reject);
  });
}
