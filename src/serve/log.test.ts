// The log holds no secret in any form, no field that is not listed, and no character that a terminal or a parser would obey.
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeServices } from '../../test/cli/fake-services.ts';
import { ask, closeServers, served } from '../../test/harness/server.ts';
import type { Services } from '../http/services.ts';
import { scrub } from '../seal/live-secrets.ts';
import { secretOf } from '../seal/secret.ts';
import { openLog } from './log.ts';

afterEach(closeServers);

const planted = 'p4"nted/S€cret+\\=?';
const forms = (text: string): string[] => [
  text,
  JSON.stringify(text).slice(1, -1),
  encodeURIComponent(text),
  Buffer.from(text).toString('hex'),
  ...['', 'a', 'ab', 'abc'].flatMap((before) =>
    ['', 'z', 'zz'].map((after) =>
      Buffer.from(before + text + after)
        .toString('base64')
        .slice(before === '' ? 0 : 4, -6),
    ),
  ),
];

function lines(): { log: ReturnType<typeof openLog>; said: string[] } {
  const said: string[] = [];
  return { log: openLog((line) => said.push(line), scrub), said };
}

describe('a secret in use', () => {
  it('is in no line, plain, escaped or encoded, wherever it was put', () => {
    secretOf('planted', planted);
    const { log, said } = lines();
    for (const form of [
      planted,
      JSON.stringify(planted),
      encodeURIComponent(planted),
      Buffer.from(planted).toString('base64'),
      Buffer.from(planted).toString('hex'),
    ])
      for (const text of [form, `bind failed for cn=x password=${form} code 49`])
        log('error', 'error.unexpected', { detail: text, caller: text, code: text });
    const basic = Buffer.from(`svc-backup:${planted}`).toString('base64');
    log('error', 'error.unexpected', { detail: `authorization: Basic ${basic}` });
    const all = said.join('');
    for (const form of forms(planted)) expect(all, form).not.toContain(form);
    expect(all).toContain('[secret]');
    expect(all).toContain('code 49');
  });

  it('in what a broken service throws is in no line of a real request', async () => {
    secretOf('planted', planted);
    const services = new Proxy(new FakeServices() as Services, {
      get: (fake, key) =>
        key === 'plan'
          ? () => Promise.reject(new Error(`LDAP said: invalid credentials for ${planted}`))
          : (fake as unknown as Record<string | symbol, unknown>)[key],
    });
    const server = await served({}, services);
    const answer = await ask(server.port, { path: '/v1/plans/P-1' });
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain('LDAP');
    const line = server.lines.find((each) => each.includes('error.unexpected')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ level: 'error', event: 'error.unexpected', requestId: answer.headers['x-request-id'] });
    expect(line).toContain('LDAP said');
    expect(line).not.toContain(planted);
  });
});

describe('what strangers send', () => {
  it('never becomes a line of its own and never reaches a terminal', async () => {
    const server = await served();
    const attacks = ['%0d%0a{"event":"forged"}', '%1b[2J%1b]0;owned%07', '\u202egpj.exe', '\u009b31m', '%00', '"},{"event":"forged'];
    for (const attack of attacks) {
      await ask(server.port, { path: `/v1/runs/${encodeURI(attack)}` });
      await ask(server.port, {
        path: '/v1/about',
        headers: { 'user-agent': encodeURI(attack), 'x-forwarded-for': encodeURI(attack), 'x-request-id': 'forged' },
      });
    }
    const raw = connect(server.port, '127.0.0.1');
    raw.write(`GET /v1/about HTTP/1.1\r\nHost: localhost:${server.port}\r\nX-Evil: \u001b[31m\r\nConnection: close\r\n\r\n`);
    for await (const _ of raw);
    expect(server.lines.length).toBeGreaterThan(attacks.length);
    for (const line of server.lines) {
      expect(line.endsWith('\n') && line.indexOf('\n') === line.length - 1).toBe(true);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
      expect(line).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/);
      expect(line).not.toContain('forged');
      expect(Object.keys(JSON.parse(line)).every((key) => known.has(key))).toBe(true);
    }
  });

  it('is shortened, and a field that nobody listed is not there', () => {
    const { log, said } = lines();
    log('warn', 'request.refused', { detail: 'x'.repeat(100_000), ...{ password: 'hunter2', body: { secret: 1 } } });
    expect(said.join('').length).toBeLessThan(1000);
    expect(said.join('')).not.toMatch(/hunter2|password|body/);
  });
});

const known = new Set([
  'level',
  'time',
  'event',
  'requestId',
  'method',
  'route',
  'status',
  'ms',
  'caller',
  'from',
  'code',
  'detail',
  'url',
  'version',
  'estate',
]);
