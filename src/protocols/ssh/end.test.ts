// How logins end, as data: only sshd's own credential error is rejected, and nothing that happened before the secret was sent says anything about it.
import { expect, test } from 'vitest';
import { type EndKind, endOfClose, endOfError, refusedBy, type Seen } from './end.ts';
import { loginVerdicts } from './login.ts';

const seen = (more: Partial<Seen> = {}): Seen => ({ replica: 'h:22', connected: true, sent: false, banner: false, ...more });
const error = (message: string, more: object = {}): Error => Object.assign(new Error(message), more);

test('a link that closes without an error means what had happened before', () => {
  expect(endOfClose(seen({ connected: false })).kind).toBe('unreachable');
  expect(endOfClose(seen()).kind).toBe('turned-away');
  expect(endOfClose(seen({ sent: true })).kind).toBe('dropped');
  expect(endOfClose(seen({ sent: true, banner: true })).kind).toBe('account');
  expect(endOfClose(seen({ otherKey: 'SHA256:x' })).kind).toBe('host-key');
});

test('each error of the driver has its meaning, and an unknown one after the secret was sent is dropped, never rejected', () => {
  for (const [given, at, kind, code] of [
    [error('x', { level: 'client-socket', code: 'ECONNREFUSED' }), seen({ connected: false }), 'unreachable', 'ECONNREFUSED'],
    [error('x', { level: 'client-dns' }), seen({ connected: false }), 'unreachable', 'socket'],
    [error('x', { level: 'client-socket', code: 'ECONNRESET' }), seen(), 'turned-away', 'ECONNRESET'],
    [error('x', { level: 'client-socket', code: 'ECONNRESET' }), seen({ sent: true, banner: true }), 'dropped', 'ECONNRESET'],
    [error('Host denied', { level: 'handshake' }), seen({ otherKey: 'SHA256:x' }), 'host-key', 'host-key'],
    [error('no matching cipher', { level: 'handshake' }), seen(), 'handshake', 'handshake'],
    [error('Connection lost before handshake', { level: 'protocol' }), seen(), 'turned-away', 'turned-away'],
    [error('Too many authentication failures', { code: 2 }), seen({ sent: true }), 'rejected', 'too-many-failures'],
    [error('Too many authentication failures', { code: 2 }), seen(), 'turned-away', 'disconnect-2'],
    [error('Too many authentication failures', { code: 11 }), seen({ sent: true }), 'dropped', 'disconnect-11'],
    [error('something else', { code: 2 }), seen({ sent: true }), 'dropped', 'disconnect-2'],
    [error('what?'), seen({ sent: true, banner: true }), 'dropped', 'protocol'],
  ] as const)
    expect(endOfError(given, at), `${given.message} ${kind}`).toMatchObject({ kind, code });
});

test('one ending is a rejection, one a proof of acceptance, two a block; the other ten say nothing', () => {
  const by = (verdict: string): string[] =>
    Object.entries(loginVerdicts).flatMap(([kind, each]) => (each.verdict === verdict ? [kind] : []));
  expect(by('rejected')).toEqual(['rejected']);
  expect(by('accepted')).toEqual(['partial']);
  expect(by('blocked').sort()).toEqual(['account', 'must-change']);
  expect(by('indeterminate')).toHaveLength(10);
});

test("when Rekey's own login does not open, nothing was changed: every ending is a refusal, and busy hosts say when to come again", () => {
  const kinds = Object.keys(loginVerdicts) as EndKind[];
  for (const kind of kinds) expect(refusedBy({ kind, code: 'c', message: 'm' }).kind, kind).toBe('refused');
  expect(refusedBy({ kind: 'turned-away', code: 'c', message: 'm' })).toMatchObject({ fault: { code: 'throttled', retryAfterMs: 2_000 } });
  expect(refusedBy({ kind: 'unreachable', code: 'c', message: 'm' })).toMatchObject({ fault: { code: 'unreachable' } });
  expect(refusedBy({ kind: 'rejected', code: 'c', message: 'm' })).toMatchObject({ fault: { code: 'auth' } });
});
