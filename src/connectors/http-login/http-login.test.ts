// The description of a web login: what could call a wrong password right, or send it in the clear, is an error of the estate file.
import { expect, test } from 'vitest';
import { pageMeans } from '../../protocols/http/page-rule.ts';
import { config } from './config.ts';
import { httpLogin } from './http-login.ts';

const places = (block: object): string[] => config.safeParse(block).error?.issues.map(({ path }) => path.join('.')) ?? [];
const form = {
  kind: 'form',
  url: 'https://web.example.test/login',
  accepted: [{ status: 302, location: '/home' }],
  rejected: [{ status: 200, text: 'wrong' }],
};

test('http:// to another machine needs a word, on every server', () => {
  expect(places({ kind: 'basic', url: 'http://web.example.test/' })).toEqual(['url']);
  expect(places({ kind: 'basic', url: 'https://a.example.test/', replicas: ['http://b.example.test/'] })).toEqual(['replicas.0']);
  expect(places({ kind: 'basic', url: 'http://web.example.test/', insecure: true })).toEqual([]);
  expect(places({ kind: 'basic', url: 'http://127.0.0.1/' })).toEqual([]);
});

test('a form says what success and failure look like, and a redirect says where to', () => {
  expect(places(form)).toEqual([]);
  expect(places({ ...form, accepted: undefined })).toEqual(['accepted']);
  expect(places({ ...form, rejected: undefined })).toEqual(['rejected']);
  expect(places({ ...form, accepted: [302] })).toEqual(['accepted.0']);
  expect(places({ ...form, accepted: [{ status: [200, 303] }] })).toEqual(['accepted.0']);
  for (const pattern of ['no group', '(', '(a)(b)'])
    expect(places({ ...form, csrf: { field: 'f', pattern } }), pattern).toEqual(['csrf.pattern']);
  expect(places({ ...form, url: 'https://user:pw@web.example.test/' })).toEqual(['url']);
});

test('a location is compared whole: the home page is not the beginning of every page', () => {
  const url = new URL('https://web.example.test/app/login');
  const to = (location: string, wanted: string) =>
    pageMeans([{ rules: [{ location: wanted }], means: 'yes' }], { status: 302, headers: { location }, text: '', url });
  expect([to('/', '/'), to('/login', '/'), to('home', '/app/home'), to('https://web.example.test/', '/')]).toEqual([
    'yes',
    undefined,
    'yes',
    'yes',
  ]);
  expect([to('/login?error=1', '/login'), to('/login', '/login?error=1'), to('/login?error=1', '/login?error=1')]).toEqual([
    'yes',
    undefined,
    'yes',
  ]);
  expect([to('https://sso.example.test/', '/'), to('https://sso.example.test/', 'https://sso.example.test/')]).toEqual([undefined, 'yes']);
});

test('every server is a place of its own, named by host and port', async () => {
  const io = {
    system: 's',
    timeoutMs: 1,
    signal: AbortSignal.abort(),
    now: () => new Date(),
    resolve: () => Promise.reject(new Error()),
    path: (p: string) => p,
  };
  const connection = await httpLogin.open(
    config.parse({ kind: 'basic', url: 'https://a.example.test/x', replicas: ['https://b.example.test:8443/x'] }),
    io,
  );
  expect((await connection.probe.paths()).map(({ path, replica }) => `${path} ${replica}`)).toEqual([
    'basic a.example.test',
    'basic b.example.test:8443',
  ]);
  const account = { system: 's', id: '1', name: 'a' };
  const empty = { label: 'e', use: <T>(f: (b: Uint8Array) => T) => f(Buffer.alloc(0)), text: <T>(f: (t: string) => T) => f('') };
  expect(await connection.probe.attempt(account, empty, { path: 'basic', replica: 'c.example.test' })).toMatchObject({
    code: 'no-such-path',
  });
});
