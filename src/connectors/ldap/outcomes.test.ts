// The tables, row by row: what may count as "unchanged", what may count as "rejected", and that the unknown counts as neither.
import { describe, expect, test } from 'vitest';
import { encode, group, integer, sequence } from '../../protocols/ldap/ber.ts';
import { LinkError } from '../../protocols/ldap/link.ts';
import { type Answer, oids, policyError } from '../../protocols/ldap/message.ts';
import { lostOutcome } from '../../protocols/ldap/search.ts';
import { bindVerdict, policyErrors, readOutcome, writeCodes, writeOutcome } from './outcomes.ts';

const answer = (code: number, error?: number, message = ''): Answer => {
  const value = error === undefined ? undefined : encode(sequence(integer(error, 0x81)));
  return { code, message, entries: [], controls: value === undefined ? new Map() : new Map([[oids.passwordPolicy, value]]) };
};

describe('binds', () => {
  test('only the credential error rejects, and only without a word from the policy', () => {
    const rejected = [];
    for (let code = 0; code <= 255; code++)
      for (const error of [undefined, 0, 1, 2, 3, 8])
        if (bindVerdict(answer(code, error)).verdict === 'rejected') rejected.push([code, error]);
    expect(rejected).toEqual([
      [49, undefined],
      [49, 3],
      [49, 8],
    ]);
  });

  test.each([
    [0, undefined, 'accepted', '0'],
    [0, 2, 'blocked', '0/2'],
    [49, 1, 'blocked', '49/1'],
    [49, 0, 'blocked', '49/0'],
    [53, undefined, 'indeterminate', '53'],
    [19, undefined, 'indeterminate', '19'],
    [19, 1, 'blocked', '19/1'],
    [53, 1, 'blocked', '53/1'],
    [200, undefined, 'indeterminate', '200'],
  ] as const)('code %i with policy error %s is %s', (code, error, verdict, shown) => {
    expect(bindVerdict(answer(code, error))).toMatchObject({ verdict, code: shown });
  });

  test('a bind that succeeds and wants a change says that the password is right; a refused one never does', () => {
    const said = [0, 49].flatMap((code) =>
      [0, 1, 2, 3].filter((error) => bindVerdict(answer(code, error)).right).map((error) => [code, error]),
    );
    expect(said).toEqual([[0, 2]]);
  });

  test('a warning of the policy (grace logins, time left) is no error', () => {
    const warning = encode(sequence(group(0xa0, integer(3, 0x81))));
    expect(policyError({ controls: new Map([[oids.passwordPolicy, warning]]) })).toBeUndefined();
    expect(policyError({ controls: new Map([[oids.passwordPolicy, Buffer.alloc(0)]]) })).toBeUndefined();
  });
});

describe('writes', () => {
  test('codes of a server in trouble, and every code not in the table, leave the outcome open', () => {
    const open = [];
    for (let code = 1; code <= 255; code++) if (writeOutcome(answer(code)).kind === 'indeterminate') open.push(code);
    const listed = Object.keys(writeCodes).map(Number);
    expect(open.filter((code) => listed.includes(code))).toEqual([1, 3, 51, 52, 80]);
    expect(open).toEqual(expect.arrayContaining([81, 123, 255]));
  });

  test('each policy error is told in words', () => {
    for (const [error, words] of Object.entries(policyErrors)) {
      const outcome = writeOutcome(answer(19, Number(error)));
      expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'policy', target: '19' } });
      expect(outcome.kind === 'refused' && outcome.fault.message).toContain(words);
    }
  });

  test('what the server says is shown on one line, cut short', () => {
    const outcome = writeOutcome(answer(53, undefined, `a\nb\u001b[31m${'x'.repeat(500)}`));
    const message = outcome.kind === 'refused' ? outcome.fault.message : '';
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(message.length).toBeLessThan(300);
  });

  test('a read that failed is never open, and a cut-off answer names the limits', () => {
    expect(readOutcome(answer(80)).kind).toBe('refused');
    expect(readOutcome(answer(4))).toMatchObject({
      kind: 'refused',
      fault: { code: 'permission', message: expect.stringContaining('limits') },
    });
  });
});

describe('lost connections', () => {
  test.each([
    ['reach', 'ECONNREFUSED', false, 'refused', 'unreachable'],
    ['tls', 'CERT_HAS_EXPIRED', false, 'refused', 'unreachable'],
    ['bind', '49', false, 'refused', 'auth'],
    ['bind', 'ETIMEDOUT', false, 'refused', 'unreachable'],
    ['exchange', 'ETIMEDOUT', true, 'indeterminate', 'unreachable'],
    ['exchange', 'ECONNRESET', true, 'indeterminate', 'unreachable'],
    ['exchange', 'ECLOSED', false, 'refused', 'unreachable'],
  ] as const)('%s %s (sent: %s) is %s, %s', (stage, code, sent, kind, fault) => {
    expect(lostOutcome(new LinkError(stage, code, sent), 'ldaps://x')).toMatchObject({ kind, fault: { code: fault, target: code } });
  });

  test('an error that is no lost connection is a bug and stays one', () => {
    expect(() => lostOutcome(new TypeError('bug'), 'ldaps://x')).toThrow(TypeError);
  });
});
